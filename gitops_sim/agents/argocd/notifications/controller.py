"""The notifications controller: looks at an Application that changed, and tells who wants to know.

What was told is noted on the Application (``notified.notifications.argoproj.io``): a trigger without ``oncePer`` may fire again
when its condition held no more in between, one with it only for another value. Source: github.com/argoproj/notifications-engine
``pkg/controller/{controller,state}.go``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import KIND, NAMESPACE
from gitops_sim.agents.argocd.appsets.params import GenerationError
from gitops_sim.agents.argocd.appsets.rendering import Renderer
from gitops_sim.agents.argocd.notifications.catalog import CONFIG
from gitops_sim.agents.argocd.notifications.expressions import ExpressionError, evaluate
from gitops_sim.agents.argocd.notifications.subscriptions import Subscription, document, subscriptions
from gitops_sim.agents.argocd.project import DEFAULT, PROJECTS
from gitops_sim.clock import Clock, Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, annotations_of, get_path, key_of, with_path
from gitops_sim.randomness import Randomness
from gitops_sim.trace import Trace

NOTIFIED = "notified.notifications.argoproj.io"
_REMEMBERED = 100
"""How many deliveries are noted on an Application."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a trigger, and what is sent when it holds. ``once`` is the value for which it is sent once."""

    key: str
    holds: bool
    once: str
    templates: tuple[str, ...]


class NotificationError(Exception):
    """A message that cannot be sent, in the real words."""


class Notifications:
    """``actor`` is the name in the trace."""

    def __init__(self, cluster: ClusterAPI, clock: Clock, trace: Trace, randomness: Randomness, actor: str) -> None:
        self._cluster, self._clock, self._trace, self._actor = cluster, clock, trace, actor
        self._renderer = Renderer(True, (), clock, randomness)
        self._failed: set[tuple[Key, str]] = set()
        self._going: dict[Key, Object] = {}
        """Applications that are being deleted, as seen last: they may be gone before their turn comes."""
        self._queue = WorkQueue(clock, self._turn, priority=Priority.OBSERVER)

    def on_change(self, change: Change) -> None:
        """Of an Application: looked at when everybody else is done with this moment. Of what is configured: all are."""
        if change.key.kind == "Application":
            if not self._configured():
                return
            if change.object["metadata"].get("deletionTimestamp"):
                self._going[change.key] = change.object
            self._queue.add(change.key)
        else:
            for obj in self._cluster.list(KIND) if self._configured() else ():
                self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ inside

    def _configured(self) -> Mapping[str, str]:
        found = self._cluster.find("configmaps", CONFIG, NAMESPACE)
        data: Mapping[str, str] = (found.get("data") or {}) if found else {}
        return data

    def _turn(self, key: Key) -> None:
        config, going = self._configured(), self._going.pop(key, None)
        found = self._cluster.find(KIND, key.name, key.namespace)
        app = going if found is None else found
        if app is None or not config:
            return
        project = self._cluster.find(PROJECTS, str(get_path(app, ("spec", "project")) or DEFAULT), NAMESPACE)
        state = _noted(app)
        before = dict(state)
        for wanted in subscriptions(app, project, config):
            try:
                for condition in _conditions(wanted.trigger, app, config):
                    self._consider(app, wanted, condition, config, state)
            except NotificationError as error:
                self._complain(key, wanted, str(error))
        if state != before and found is not None:
            kept = dict(sorted(state.items(), key=lambda item: item[1])[-_REMEMBERED:])
            text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
            self._cluster.update(with_path(app, ("metadata", "annotations", NOTIFIED), text))

    def _consider(
        self, app: Object, wanted: Subscription, condition: Condition, config: Mapping[str, str], state: dict[str, int]
    ) -> None:
        name = f"{wanted.trigger}:{condition.key}:{wanted.service}:{wanted.recipient}"
        name = f"{condition.once}:{name}" if condition.once else name
        if not condition.holds:
            if not condition.once:
                state.pop(name, None)
            return
        if name in state:
            return
        if f"service.{wanted.service}" not in config:
            raise NotificationError(f"notification service '{wanted.service}' is not supported")
        for template in condition.templates:
            self._send(app, wanted, self._message(template, app, wanted, config))
        state[name] = self._clock.unix()

    def _message(self, template: str, app: Object, wanted: Subscription, config: Mapping[str, str]) -> str:
        raw = document(config.get(f"template.{template}", ""), template)
        if not isinstance(raw, Mapping):
            raise NotificationError(f"template '{template}' is not supported")
        context = document(config.get("context", ""), "context")
        params = {
            "app": app,
            "context": context if isinstance(context, Mapping) else {},
            "serviceType": wanted.service,
            "recipient": wanted.recipient,
        }
        try:
            return self._renderer.text(str(raw.get("message") or ""), params).strip()
        except GenerationError as error:
            raise NotificationError(str(error)) from None

    def _send(self, app: Object, wanted: Subscription, text: str) -> None:
        self._tell(
            "NotificationSent",
            key_of(app),
            wanted,
            f"tells {wanted.recipient or 'everybody'} on {wanted.service}: {text}",
            reason=f"the trigger {wanted.trigger} fired",
            said=text,
        )

    def _complain(self, key: Key, wanted: Subscription, message: str) -> None:
        """Once for each message: the real one says it in its log, at every change."""
        if (key, message) in self._failed:
            return
        self._failed.add((key, message))
        where = f"{key.namespace}/{key.name}"
        text = f"Failed to notify recipient {{{wanted.service} {wanted.recipient}}} defined in resource {where}: {message}"
        self._tell("NotificationFailed", key, wanted, text, error=message)

    def _tell(self, event: str, key: Key, wanted: Subscription, text: str, *, reason: str = "", **data: Any) -> None:
        about = {"app": key.name, "cluster": self._cluster.name, **wanted._asdict()}
        self._trace.add(self._actor, event, str(key), text, reason=reason, story=True, **about, **data)


def _conditions(trigger: str, app: Object, config: Mapping[str, str]) -> Iterator[Condition]:
    """Those of a trigger. Raises NotificationError for a trigger that is not there, or cannot be read."""
    raw = document(config.get(f"trigger.{trigger}", ""), trigger)
    if not isinstance(raw, list):
        raise NotificationError(f"trigger '{trigger}' is not configured")
    for number, entry in enumerate(raw):
        when, once = _text(entry.get("when")), _text(entry.get("oncePer"))
        digest = base64.b64encode(hashlib.sha1(when.encode()).digest()).decode().rstrip("=")
        try:
            holds, value = bool(evaluate(when, {"app": app})), evaluate(once, {"app": app}) if once else None
        except ExpressionError as error:
            if "from <nil>" in str(error):
                continue  # it speaks of what is not there yet
            raise NotificationError(f"trigger '{trigger}' cannot be evaluated: {error}") from None
        yield Condition(f"[{number}].{digest}", holds, _text(value), tuple(map(str, entry.get("send") or ())))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _noted(app: Object) -> dict[str, int]:
    try:
        found = json.loads(str(annotations_of(app).get(NOTIFIED, "{}")))
    except ValueError:
        return {}
    return {str(name): int(time) for name, time in found.items()} if isinstance(found, dict) else {}
