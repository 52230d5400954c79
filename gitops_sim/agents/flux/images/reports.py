"""How a reconciliation of image automation ends: the conditions, the event and the line of the log.

Source: fluxcd/pkg ``runtime/reconcile/result.go``, and ``notify`` of the two controllers.
"""

from __future__ import annotations

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.conditions import READY, RECONCILING, STALLED
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.toolkit import Desk, requested
from gitops_sim.objects import Object, condition_of, get_path, key_of, with_path


class Reports:
    """Writes down ends, each next to the object as it was before (``old``)."""

    def __init__(self, desk: Desk, events: Recorder) -> None:
        self._desk, self._events = desk, events

    def suspended(self, obj: Object) -> None:
        self._desk.log.info(key_of(obj), "reconciliation is suspended for this object")

    def succeeded(self, old: Object, obj: Object, message: str, *, quiet: str = "", news: str = "") -> Object:
        """Ready, with a message. ``news`` is what to tell instead of it, when there is any; ``quiet`` what to write down when
        nothing has changed."""
        obj = conditions.drop(obj, RECONCILING, STALLED)
        obj = conditions.mark(obj, READY, "True", "Succeeded", message, self._desk.now)
        stored = self._desk.store(_handled(with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"])))
        before = (condition_of(old, READY) or {}).get("message")
        if news or not is_ready(old) or (before != message):
            self._desk.log.info(key_of(obj), news or message)
            self._events.normal(stored, "Succeeded", news or message)
        else:
            self._desk.log.info(key_of(obj), quiet or message)
            self._events.trace(stored, "Succeeded", quiet or message)
        return stored

    def stalled(self, obj: Object, reason: str, message: str) -> Object:
        """Not ready, and nothing more is tried before the spec changes."""
        now = self._desk.now
        obj = conditions.mark(conditions.stalled(obj, reason, message, now), READY, "False", reason, message, now)
        obj = with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"])
        return self._warn(obj, reason, message)

    def failed(self, obj: Object, reason: str, message: str, *, error: bool = True) -> Object:
        """Not ready, and tried again; ``error`` as what the controller calls one."""
        now = self._desk.now
        obj = conditions.reconciling(obj, "ProgressingWithRetry", self.progress(obj), now)
        stored = self._warn(conditions.mark(obj, READY, "False", reason, message, now), reason, message)
        if error:
            self._desk.log.error(key_of(obj), "Reconciler error", message)
        return stored

    def under_way(self, obj: Object) -> Object:
        """On its way, for all to see, while it waits."""
        message = self.progress(obj)
        obj = conditions.reconciling(obj, "Progressing", message, self._desk.now)
        if (condition_of(obj, READY) or {}).get("status") in (None, "Unknown"):
            obj = conditions.mark(obj, READY, "Unknown", "Progressing", message, self._desk.now)
        return self._desk.store(obj)

    @staticmethod
    def progress(obj: Object) -> str:
        generation, observed = obj["metadata"]["generation"], get_path(obj, ("status", "observedGeneration"), -1)
        if generation != observed:
            return f"processing object: new generation {observed} -> {generation}"
        return "reconciliation in progress"

    def _warn(self, obj: Object, reason: str, message: str) -> Object:
        stored = self._desk.store(_handled(obj))
        self._desk.log.error(key_of(obj), message, reason)
        self._events.warning(stored, reason, message)
        return stored


def is_ready(obj: Object) -> bool:
    return conditions.is_true(obj, READY) and not (conditions.is_true(obj, STALLED) or conditions.is_true(obj, RECONCILING))


def _handled(obj: Object) -> Object:
    asked = requested(obj)
    done: Object = with_path(obj, ("status", "lastHandledReconcileAt"), asked) if asked else obj
    return done
