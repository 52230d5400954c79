"""Kubernetes Event objects (core/v1): what controllers tell people, counted when they repeat themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from gitops_sim.clock import EPOCH
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster
    from gitops_sim.cluster.view import ClusterView

EventType = Literal["Normal", "Warning"]
LIFETIME = 3600.0
"""Simulated seconds for which an Event is there after it was last written: kube-apiserver ``--event-ttl``, 1h by default."""


def forgotten(cluster: ClusterView, event: Object) -> bool:
    """Whether an Event is there no more. Nothing happens when its time is over: it is just not seen from then on."""
    return cluster.clock.now - cluster.store.written(event) >= LIFETIME


class EventRecorder:
    """Records events as one component, in the namespace of the object they are about.

    The same words about the same object become one Event with a higher ``count`` and a later ``lastTimestamp``. Like in the real
    recorder, an event that cannot be written (its namespace is going) is lost without an error; and what happens again after its
    event was :func:`forgotten` becomes a new one. Source: client-go ``tools/record``.
    """

    def __init__(self, cluster: Cluster, component: str, *, host: str = "") -> None:
        self._cluster, self._component, self._host = cluster, component, host
        self._kind = cluster.kind("Event")
        self._known: dict[tuple[str, str, str, str, str], Key] = {}

    def normal(self, about: Object, reason: str, message: str, *, field: str = "") -> None:
        self.record(about, "Normal", reason, message, field=field)

    def warning(self, about: Object, reason: str, message: str, *, field: str = "", times: int = 1) -> None:
        self.record(about, "Warning", reason, message, field=field, times=times)

    def record(self, about: Object, kind: EventType, reason: str, message: str, *, field: str = "", times: int = 1) -> None:
        """``field`` is the part of the object that is meant (``spec.containers{web}``); ``times`` how often it happened since the
        last call with the same words."""
        meta = about["metadata"]
        words = (meta["uid"], kind, reason, message, field)
        now = self._cluster.clock.timestamp()
        known = self._known.get(words)
        current = self._cluster.store.get(known) if known is not None else None
        if current is not None and forgotten(self._cluster, current):
            current = None
        try:
            if current is None:
                self._known[words] = self._create(about, kind, reason, message, field, times, now)
            else:
                counted = with_path(current, ("count",), current["count"] + times)
                self._cluster.update(with_path(counted, ("lastTimestamp",), now))
        except ApiError:
            self._known.pop(words, None)

    def bound(self, pod: Object, node: str) -> None:
        """The scheduler's event, which is of the newer form: a moment instead of a count."""
        meta = pod["metadata"]
        message = f"Successfully assigned {meta['namespace']}/{meta['name']} to {node}"
        self.scheduling(pod, "Normal", "Scheduled", message, action="Binding")

    def scheduling(self, pod: Object, kind: EventType, reason: str, message: str, *, action: str) -> None:
        """An event as the scheduler writes it (events.k8s.io), which ``core/v1`` shows without count and source."""
        moment = self._cluster.clock.timestamp().removesuffix("Z") + ".000000Z"
        event = self._skeleton(pod, kind, reason, message, "") | {
            "action": action,
            "eventTime": moment,
            "firstTimestamp": None,
            "lastTimestamp": None,
            "source": {},
            "reportingInstance": f"{self._component}-control-plane",
        }
        try:
            self._cluster.create(event)
        except ApiError:
            return

    def _create(self, about: Object, kind: EventType, reason: str, message: str, field: str, times: int, now: str) -> Key:
        source = {"component": self._component, **({"host": self._host} if self._host else {})}
        event = self._skeleton(about, kind, reason, message, field) | {
            "count": times,
            "eventTime": None,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "source": source,
            "reportingInstance": self._host,
        }
        self._cluster.create(event)
        return Key("", "Event", event["metadata"]["namespace"], event["metadata"]["name"])

    def _skeleton(self, about: Object, kind: EventType, reason: str, message: str, field: str) -> dict[str, Any]:
        meta = about["metadata"]
        namespace = meta.get("namespace") or "default"
        involved = {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": meta["name"],
            "namespace": meta.get("namespace"),
            "uid": meta["uid"],
            "resourceVersion": meta["resourceVersion"],
            "fieldPath": field,
        }
        # The real suffix is the time in nanoseconds; the store's revision keeps those of one instant apart.
        moment = int((EPOCH.timestamp() + self._cluster.clock.now) * 1e6) * 1000 + self._cluster.store.revision
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": f"{meta['name']}.{moment:016x}", "namespace": namespace},
            "involvedObject": {field: value for field, value in involved.items() if value},
            "type": kind,
            "reason": reason,
            "message": message,
            "reportingComponent": self._component,
        }
