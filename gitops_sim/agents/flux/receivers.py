"""notification-controller's Receivers: addresses that a Git host calls, so that Flux looks at once.

A call carries nothing that is applied: what a Receiver lists is asked to reconcile, and asks Git itself. Source:
notification-controller ``internal/controller/receiver_controller.go`` and ``internal/server/receiver_handlers.go``. The forge is
taken at its word: its deliveries carry no signature that could be wrong.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.conditions import READY, RECONCILING, STALLED
from gitops_sim.agents.flux.durations import go_duration, seconds_of
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.toolkit import REQUESTED, Desk, backoff, requested, wants_look
from gitops_sim.clock import EPOCH, Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.forge.webhooks import Delivery
from gitops_sim.objects import Key, Object, get_path, key_of, labels_of, with_path

GROUP, KIND = "notification.toolkit.fluxcd.io", "receivers.notification.toolkit.fluxcd.io"
_WATCHED = "reconcile.fluxcd.io/watch"
_PUSH = {"github": ("GitHub", "push"), "gitlab": ("GitLab", "Push Hook"), "bitbucket": ("Bitbucket server", "repo:refs_changed")}
"""How the hosts call a push."""
_ANY = ("generic", "generic-hmac")
_GROUPS = {
    **dict.fromkeys(("Bucket", "HelmChart", "HelmRepository", "GitRepository", "OCIRepository"), "source.toolkit.fluxcd.io"),
    "ImageRepository": "image.toolkit.fluxcd.io",
    "ArtifactGenerator": "source.extensions.fluxcd.io",
}
"""Where a kind is looked for that is listed without its apiVersion."""


class ReceiverController:
    """Works on all Receivers of a cluster; ``host`` is where they are called."""

    def __init__(self, desk: Desk, events: Recorder, journal: Journal, host: str) -> None:
        self._desk, self._events, self._journal, self._host = desk, events, journal, host
        self._failures: dict[Key, int] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(KIND):
            self._queue.add(key_of(obj))

    def address(self, obj: Object) -> str:
        """What a webhook has to call; empty before the Receiver is ready."""
        path = get_path(obj, ("status", "webhookPath"), "")
        return self._host + path if path else ""

    # ------------------------------------------------------------------ the objects

    def _on_change(self, change: Change) -> None:
        key = change.key
        if (key.group, key.kind) == (GROUP, "Receiver"):
            if wants_look(change):
                self._queue.add(key)
        elif key.kind == "Secret" and str(labels_of(change.object).get(_WATCHED, "")).lower() == "enabled":
            for obj in self._desk.cluster.list(KIND, key.namespace):
                if get_path(obj, ("spec", "secretRef", "name")) == key.name:
                    self._queue.add(key_of(obj))

    def reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(KIND, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._failures.pop(key, None)
            self._queue.forget(key)
            if obj is not None:
                self._desk.release(obj)
            return
        obj = self._desk.adopt(obj)
        if obj["spec"].get("suspend") is True:
            self._desk.log.info(key, "Reconciliation is suspended for this object")
            return
        filters = ("resourceFilter", *(f"resources[{n}].filter" for n, one in enumerate(_listed(obj)) if one.get("filter")))
        self._journal.unsupported(key, [f"spec.{name}" for name in filters if "[" in name or obj["spec"].get(name)])
        wrong = _contradiction(obj["spec"])
        if wrong:
            self._stall(obj, key, wrong)
            return
        try:
            token = self._token(obj)
        except _Unreadable as error:
            self._fail(obj, key, str(error))
            return
        self._failures.pop(key, None)
        path = f"/hook/{hashlib.sha256(f'{token}{key.name}{key.namespace}'.encode()).hexdigest()}"
        text = f"Receiver initialized for path: {path}"
        fresh = get_path(obj, ("status", "webhookPath")) != path
        done = conditions.drop(obj, RECONCILING, STALLED)
        done = conditions.mark(done, READY, "True", "Succeeded", text, self._desk.now)
        done = with_path(done, ("status", "webhookPath"), path)
        done = with_path(done, ("status", "observedGeneration"), obj["metadata"]["generation"])
        stored = self._desk.store(_handled(done))
        if fresh:
            self._desk.log.info(key, text)
            self._journal.calm(key)
            self._journal.add(key, "ReceiverReady", f"takes calls at {self.address(stored)}", story=False)
        interval = seconds_of(obj["spec"].get("interval") or "10m")
        message = f"Reconciliation finished, next run in {go_duration(interval)}"
        self._desk.log.info(key, message)
        if get_path(obj, ("status",)) != get_path(stored, ("status",)):
            self._events.normal(stored, "Succeeded", message)
        self._queue.requeue(key, interval)

    def _token(self, obj: Object) -> str:
        name, namespace = get_path(obj, ("spec", "secretRef", "name")), obj["metadata"]["namespace"]
        if not name:
            return ""
        try:
            secret = self._desk.cluster.get("secrets", name, namespace)
        except ApiError as error:
            raise _Unreadable(f"unable to read token from secret '{namespace}/{name}' error: {error.message}") from None
        data = secret.get("data") or {}
        if "token" not in data:
            raise _Unreadable(f"invalid '{namespace}/{name}' secret data: required fields 'token'")
        return base64.b64decode(data["token"]).decode("utf-8", "replace")

    def _stall(self, obj: Object, key: Key, wrong: str) -> None:
        prefix = "Reconciliation failed terminally due to configuration error"
        text = f"{prefix}: {wrong}"
        obj = conditions.mark(obj, READY, "False", "ValidationFailed", text, self._desk.now)
        obj = conditions.stalled(obj, "ValidationFailed", text, self._desk.now)
        obj = with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"])
        self._events.warning(self._desk.store(_handled(obj)), "ValidationFailed", text)
        self._desk.log.error(key, prefix, wrong)
        self._journal.add(key, "ReceiverFailed", f"takes no calls, and does not try again: {wrong}", error=text)

    def _fail(self, obj: Object, key: Key, error: str) -> None:
        failures = self._failures.get(key, 0)
        self._failures[key], wait = failures + 1, backoff(failures)
        obj = conditions.reconciling(obj, "ProgressingWithRetry", "Reconciliation in progress", self._desk.now)
        obj = conditions.mark(obj, READY, "False", "TokenNotFound", error, self._desk.now)
        status = {name: value for name, value in obj["status"].items() if name != "webhookPath"}
        stored = self._desk.store(_handled({**obj, "status": status}))
        self._events.warning(stored, "Failed", error)
        self._desk.log.error(key, "Reconciler error", error)
        if self._journal.once(key, error):
            self._journal.add(key, "ReceiverFailed", f"takes no calls: {error}", error=error)
        self._queue.add(key, wait)

    # ------------------------------------------------------------------ the calls

    def delivered(self, url: str, delivery: Delivery) -> bool:
        """What a Git host posts: everything that the Receiver lists is asked to reconcile. False when the address is none."""
        if not url.startswith(f"{self._host}/hook/"):
            return False
        obj = next((obj for obj in self._desk.cluster.list(KIND) if self.address(obj) == url), None)
        if obj is None:
            return False
        refusal = _refusal(obj)
        if refusal:
            self._refuse(key_of(obj), refusal, delivery)
            return True
        for listed in _listed(obj):
            self._ask(obj, listed, delivery)
        return True

    def _ask(self, receiver: Object, listed: Mapping[str, Any], delivery: Delivery) -> None:
        key = key_of(receiver)
        try:
            found = list(self._meant(listed, receiver["metadata"]["namespace"]))
        except _Unreadable as error:
            self._refuse(key, f"unable to request reconciliation: {error}", delivery)
            return
        for obj in found:
            about = key_of(obj)
            self._desk.cluster.update(
                with_path(obj, ("metadata", "annotations", REQUESTED), self._moment()), manager=self._desk.manager
            )
            self._desk.log.info(key, f"resource '{about.kind}/{about.name}.{about.namespace}' annotated")
            text = f"asks for a look at {about.kind}/{about.name}: {delivery.repo} told {key.name} of a push to {delivery.branch}"
            why = "a Receiver only asks; what is there now, source-controller finds out"
            self._journal.add(key, "ReconcileRequested", text, subject=str(about), reason=why, story=False, repo=delivery.repo)

    def _meant(self, listed: Mapping[str, Any], own: str) -> Iterator[Object]:
        kind, name, namespace = listed["kind"], listed["name"], listed.get("namespace") or own
        group = str(listed.get("apiVersion") or "").rpartition("/")[0] or _GROUPS.get(kind, "")
        if not group:
            raise _Unreadable(f'apiVersion must be specified for kind "{kind}"')
        full = f"{kind}.{group}"
        if self._desk.cluster.kinds.find(full) is None:
            raise _Unreadable(f'no matches for kind "{kind}" in version "{listed.get("apiVersion") or group}"')
        if name != "*":
            obj = self._desk.cluster.find(full, name, namespace)
            if obj is None:
                what = f'{kind}.{group} "{name}" not found'
                raise _Unreadable(f'unable to read {kind} "{namespace}/{name}" error: {what}')
            yield obj
            return
        wanted = listed.get("matchLabels")
        if wanted is None:
            raise _Unreadable("matchLabels field not set when using wildcard '*' as name")
        for obj in self._desk.cluster.list(full, namespace):
            if wanted.items() <= dict(labels_of(obj)).items():
                yield obj

    def _refuse(self, key: Key, refusal: str, delivery: Delivery) -> None:
        self._desk.log.error(key, "unable to process request", refusal)
        text = f"does nothing about a push to {delivery.branch} of {delivery.repo}: {refusal}"
        self._journal.add(key, "WebhookRefused", text, error=refusal, repo=delivery.repo)

    def _moment(self) -> str:
        """As Go prints a time, so that two calls within a second are two."""
        text = (EPOCH + timedelta(seconds=self._desk.clock.now)).strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
        return f"{text} +0000 UTC"


class _Unreadable(Exception):
    """Why a Secret, or something that is listed, cannot be used."""


def _listed(obj: Object) -> list[Mapping[str, Any]]:
    return get_path(obj, ("spec", "resources")) or []


def _contradiction(spec: Mapping[str, Any]) -> str:
    """What must not be said together, or must be."""
    oidc = spec["type"] == "generic-oidc"
    if oidc and not spec.get("oidcProviders"):
        return "generic-oidc receiver requires at least one oidcProvider"
    if not oidc and spec.get("oidcProviders"):
        return "oidcProviders can only be set when type is generic-oidc"
    if oidc and spec.get("secretRef"):
        return "secretRef cannot be set when type is generic-oidc"
    if not oidc and not spec.get("secretRef"):
        return "secretRef is required when type is not generic-oidc"
    return ""


def _refusal(obj: Object) -> str:
    """Why a push that is told to a Receiver comes to nothing; empty when it does not."""
    spec = obj["spec"]
    if spec.get("suspend") is True:
        return "receiver is suspended"
    if not conditions.is_true(obj, READY):
        return "receiver is not ready"
    if spec["type"] in _ANY:
        return ""
    if spec["type"] not in _PUSH:
        return f"unable to validate payload: a Git host does not speak as {spec['type']}"
    host, event = _PUSH[spec["type"]]
    events = [str(name).lower() for name in spec.get("events") or ()]
    return (
        f'unable to validate payload: the {host} event "{event}" is not authorised'
        if events and event.lower() not in events
        else ""
    )


def _handled(obj: Object) -> Object:
    asked = requested(obj)
    done: Object = with_path(obj, ("status", "lastHandledReconcileAt"), asked) if asked else obj
    return done
