"""An Event of Kubernetes, as agents write it about their own objects."""

from __future__ import annotations

from typing import Any, Literal

from gitops_sim.clock import EPOCH, Clock
from gitops_sim.objects import Object

EventType = Literal["Normal", "Warning"]


def event(
    about: Object, clock: Clock, number: int, *, type: EventType, reason: str, message: str, component: str
) -> dict[str, Any]:
    """An Event that ``component`` writes about an object now; ``number`` tells those of one instant apart. Source:
    client-go ``tools/record/event.go``, which names events by the time in nanoseconds."""
    meta, now = about["metadata"], clock.timestamp()
    moment = int((EPOCH.timestamp() + clock.now) * 1e6) * 1000 + number
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{meta['name']}.{moment:x}", "namespace": meta["namespace"]},
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": meta["name"],
            "namespace": meta["namespace"],
            "resourceVersion": meta["resourceVersion"],
            "uid": meta["uid"],
        },
        "count": 1,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "message": message,
        "reason": reason,
        "source": {"component": component},
        "type": type,
    }
