"""Who wants to hear of an Application: its annotations, those of its project, and everybody's.

Source: github.com/argoproj/notifications-engine ``pkg/subscriptions`` and argo-cd ``notification_controller/controller``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gitops_sim.cluster import selectors
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.objects import Object, annotations_of, labels_of
from gitops_sim.yaml_in import load_document

PREFIX = "notifications.argoproj.io"


class Subscription(NamedTuple):
    """``recipient`` of ``service`` is told when ``trigger`` fires."""

    trigger: str
    service: str
    recipient: str


def subscriptions(app: Object, project: Object | None, config: Mapping[str, str]) -> list[Subscription]:
    """All that concern an Application, each once, in the order of their words."""
    found = [*_annotated(app, config), *(_annotated(project, config) if project else ()), *_global(app, config)]
    return sorted(set(found))


def document(text: str, where: str) -> Any:
    """YAML in a ConfigMap or an annotation; None for what cannot be read."""
    try:
        return load_document(text, where=where)
    except BadInput:
        return None


def _annotated(obj: Object, config: Mapping[str, str]) -> Iterator[Subscription]:
    for name, value in annotations_of(obj).items():
        place, _, rest = name.partition("/")
        if place != PREFIX or not isinstance(value, str):
            continue
        if rest == "subscriptions":
            for entry in _maps(document(value, name)):
                triggers = [str(trigger) for trigger in entry.get("trigger") or ()]
                for destination in _maps(entry.get("destinations")):
                    service = str(destination.get("service") or "")
                    for recipient in destination.get("recipients") or ("",):
                        yield from (Subscription(t, service, str(recipient)) for t in triggers or _standard(config, service))
            continue
        word, _, words = rest.partition(".")
        if word != "subscribe":
            continue
        trigger, _, service = words.partition(".")
        recipients = [one.strip() for one in value.split(";") if one.strip()] or [""]
        triggers = [trigger] if service else _standard(config, trigger)
        for recipient in recipients:
            yield from (Subscription(one, service or trigger, recipient) for one in triggers)


def _global(app: Object, config: Mapping[str, str]) -> Iterator[Subscription]:
    for entry in _maps(document(config.get("subscriptions", ""), "subscriptions")):
        selector = str(entry.get("selector") or "")
        try:
            if selector and not selectors.label_selector(selector).matches(labels_of(app)):
                continue
        except ApiError:
            continue
        for recipient in entry.get("recipients") or ():
            service, _, name = str(recipient).partition(":")
            for trigger in entry.get("triggers") or _standard(config, service):
                yield Subscription(str(trigger), service, name)


def _standard(config: Mapping[str, str], service: str) -> list[str]:
    """The triggers of those who name none."""
    text = config.get(f"defaultTriggers.{service}") or config.get("defaultTriggers") or ""
    found = document(text, "defaultTriggers")
    return [str(trigger) for trigger in found] if isinstance(found, list) else []


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
