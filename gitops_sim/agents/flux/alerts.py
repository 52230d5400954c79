"""notification-controller's Alerts and Providers: which of the controllers' events go where.

What would be posted leaves a record in the trace; nothing leaves this world. Source: notification-controller
``internal/server/event_handlers.go``, ``event_server.go`` and ``internal/notifier``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.events import Recorder, Told
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.receivers import GROUP
from gitops_sim.agents.flux.toolkit import Desk
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, get_path, key_of, labels_of

ALERTS, PROVIDERS = f"alerts.{GROUP}", f"providers.{GROUP}"
_EVENT_GROUP = "event.toolkit.fluxcd.io"
_ONCE_IN = 300.0
"""Seconds within which the same words about the same object are sent once; the flag ``--rate-limit-interval``."""
_GENERIC = ("generic", "generic-hmac")
_GIT_HOSTS = ("github", "gitlab", "gitea", "bitbucketserver", "bitbucket", "azuredevops")
_COMMENTS = ("githubpullrequestcomment", "gitlabmergerequestcomment", "giteapullrequestcomment")
_URLS = {
    **dict.fromkeys(_GENERIC, "invalid hook URL {0}: {1}"),
    "alertmanager": "invalid Alertmanager URL {0}: '{1}'",
    "discord": "invalid Discord hook URL {0}: '{1}'",
    "googlechat": "invalid Google Chat hook URL {0}",
    "grafana": "invalid Grafana URL {0}",
    "lark": "invalid Slack hook URL {0}",
    "matrix": "invalid Matrix homeserver URL {0}: '{1}'",
    "msteams": "invalid MS Teams webhook URL {0}: '{1}'",
    "opsgenie": "invalid Opsgenie hook URL {0}: '{1}'",
    "rocket": "invalid Rocket hook URL {0}: '{1}'",
    "slack": "invalid Slack hook URL {0}: '{1}'",
    "webex": "invalid Webex hook URL {0}: '{1}'",
    "zoom": "invalid Zoom incoming webhook URL {0}: '{1}'",
}
"""What is said of an address that is none, by type."""


@dataclass(slots=True)
class _Bucket:
    """From when on the words are counted, and in which interval since then they were sent last."""

    start: float
    tick: int


class Notifier:
    """Hears all events of Flux in a cluster. ``desk`` is for Providers, ``events`` for what is to be said of Alerts."""

    def __init__(self, desk: Desk, events: Recorder, journal: Journal) -> None:
        self._desk, self._events, self._journal = desk, events, journal
        self._sent: dict[tuple[str, ...], _Bucket] = {}
        self._queue = WorkQueue(desk.clock, self._reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(PROVIDERS):
            self._queue.add(key_of(obj))

    def hear(self, told: Told) -> None:
        """Sends an event to the Providers of all Alerts that it is meant for."""
        alerts = self._desk.cluster.list(ALERTS)
        if not alerts or not self._is_news(told):
            return
        for alert in alerts:
            if self._is_meant(alert, told):
                self._dispatch(alert, told)

    # ------------------------------------------------------------------ Providers

    def _on_change(self, change: Change) -> None:
        if (change.key.group, change.key.kind) == (GROUP, "Provider"):
            self._queue.add(change.key)

    def _reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(PROVIDERS, key.name, key.namespace)
        if obj is not None and obj["metadata"].get("deletionTimestamp"):
            self._desk.release(obj)
        elif obj is not None:
            self._desk.adopt(obj)

    # ------------------------------------------------------------------ which events

    def _is_news(self, told: Told) -> bool:
        about, revision = told.about, told.metadata.get(f"{told.about.group}/revision", "")
        words = (about.kind, about.namespace, about.name, told.message, revision)
        now, bucket = self._desk.clock.now, self._sent.get(words)
        if bucket is None:
            self._sent[words] = _Bucket(now, 0)
            return True
        tick = int((now - bucket.start) // _ONCE_IN)
        fresh, bucket.tick = tick > bucket.tick, max(tick, bucket.tick)
        return fresh

    def _is_meant(self, alert: Object, told: Told) -> bool:
        spec = alert["spec"]
        if spec.get("suspend") is True or not any(self._matches(alert, source, told) for source in spec["eventSources"]):
            return False
        included, excluded = spec.get("inclusionList") or (), spec.get("exclusionList") or ()
        return (not included or self._says(alert, "inclusion", included, told)) and not self._says(
            alert, "exclusion", excluded, told
        )

    def _matches(self, alert: Object, source: Mapping[str, Any], told: Told) -> bool:
        about, severity = told.about, alert["spec"].get("eventSeverity", "info")
        if (source.get("namespace") or alert["metadata"]["namespace"], source["kind"]) != (about.namespace, about.kind):
            return False
        if severity not in ("info", told.severity) or source["name"] not in ("*", about.name):
            return False
        wanted = source.get("matchLabels")
        if wanted is None:
            return True
        obj = self._desk.cluster.find(f"{about.kind}.{about.group}", about.name, about.namespace)
        if obj is None:
            self._events.warning(alert, "SourceFetchFailed", f"error getting source object {_named(about)}")
            return False
        return bool(wanted.items() <= dict(labels_of(obj)).items())

    def _says(self, alert: Object, list_: str, patterns: Any, told: Told) -> bool:
        for pattern in patterns:
            try:
                if re.search(pattern, told.message):
                    return True
            except re.error:
                self._events.warning(alert, "InvalidConfig", f"failed to compile {list_} regex: {pattern}")
        return False

    # ------------------------------------------------------------------ sending

    def _dispatch(self, alert: Object, told: Told) -> None:
        key = key_of(alert)
        try:
            provider = self._provider(alert)
            if not _takes(provider, told):
                return
            address = self._address(provider)
        except _Undeliverable as error:
            text = f"failed to dispatch notification for {_named(told.about)}: {error}"
            self._events.warning(alert, "NotificationDispatchFailed", text)
            self._desk.log.error(key, "failed to dispatch notification", str(error))
            if self._journal.once(key, str(error)):
                self._journal.add(key, "NotificationFailed", f"cannot tell of {_short(told.about)}: {error}", error=str(error))
            return
        spec, about = provider["spec"], told.about
        channel = spec.get("channel", "")
        text = f"tells {spec['type']}{f' {channel}' if channel else ''} of {_short(about)}: {told.message.partition(chr(10))[0]}"
        why = f"{told.severity} of {about.kind} is what Alert {key.name} is about"
        said = {"type": spec["type"], "channel": channel, "address": address, "username": spec.get("username") or told.component}
        metadata = _combined(alert, told)
        data = {**said, "severity": told.severity, "said": told.message, "metadata": metadata, "why": told.reason}
        self._journal.add(key, "NotificationSent", text, reason=why, provider=provider["metadata"]["name"], **data)

    def _provider(self, alert: Object) -> Object:
        name = alert["spec"]["providerRef"]["name"]
        found = self._desk.cluster.find(PROVIDERS, name, alert["metadata"]["namespace"])
        if found is None:
            raise _Undeliverable(f'failed to read provider: Provider.{GROUP} "{name}" not found')
        return found

    def _address(self, provider: Object) -> str:
        """Where it goes: what the Secret says comes first."""
        spec, meta = provider["spec"], provider["metadata"]
        address, name = str(spec.get("address") or ""), get_path(spec, ("secretRef", "name"))
        failed = f"failed to initialize notifier for provider '{meta['name']}': "
        if name:
            try:
                data = self._desk.cluster.get("secrets", name, meta["namespace"]).get("data") or {}
            except ApiError as error:
                what = f"failed to get secret '{meta['namespace']}/{name}': {error.message}"
                raise _Undeliverable(failed + what) from None
            if "address" in data:
                address = base64.b64decode(data["address"]).decode("utf-8", "replace").strip()
        if spec["type"] in _URLS and "://" not in address and not address.startswith("/"):
            wrong = 'parse "": empty url' if not address else f'parse "{address}": invalid URI for request'
            raise _Undeliverable(f"{failed}failed to initialize notifier: {_URLS[spec['type']].format(address, wrong)}")
        return address if not name else ""


class _Undeliverable(Exception):
    """Why an event does not get where its Alert sends it."""


def _takes(provider: Object, told: Told) -> bool:
    """Whether a Provider of this type posts such an event at all."""
    type_ = provider["spec"]["type"]
    update = told.metadata.get(f"{told.about.group}/commit_status") == "update"
    if provider["spec"].get("suspend") is True:
        return False
    if type_ in _GIT_HOSTS:
        return update or told.severity == "error" or bool(told.metadata.get(f"{_EVENT_GROUP}/commit"))
    if type_ in _COMMENTS:
        return bool(told.metadata.get(f"{_EVENT_GROUP}/change_request"))
    return type_ in _GENERIC or not update


def _combined(alert: Object, told: Told) -> dict[str, str]:
    """What goes with the message: from the object, then from the Alert, then from the controller, the last one counting."""
    spec = alert["spec"]
    found: dict[str, str] = {}
    for prefix, more in ((_EVENT_GROUP, dict[str, str]()), (told.about.group, spec.get("eventMetadata") or {})):
        found |= more
        if prefix == told.about.group and spec.get("summary"):
            found["summary"] = spec["summary"]
        found |= {k.removeprefix(f"{prefix}/"): v for k, v in told.metadata.items() if k.startswith(f"{prefix}/")}
    return found or dict(told.metadata)


def _named(key: Key) -> str:
    return f"{key.kind}/{key.namespace}/{key.name}"


def _short(key: Key) -> str:
    return f"{key.kind.lower()}/{key.name}.{key.namespace}"
