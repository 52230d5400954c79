"""Custom resources that no controller here works on: a stand-in for their operators says that they are ready.

It makes nothing of them. What it says has the reason ``StandIn``; what others wait for before they go on, agents that check
health, is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from gitops_sim.clock import Priority
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key
from gitops_sim.world import World

_AUTHOR = "platform"
_AFTER = 5.0
_WORKED_ON = ("argoproj.io/Application", "argoproj.io/ApplicationSet", "argoproj.io/AppProject")
_MESSAGE = "no operator is at work here: a stand-in says so"
_CONDITIONS = {"bitnami.com/SealedSecret": ("Synced",)}
_PHASES = {"ceph.rook.io/CephCluster": {"phase": "Ready", "ceph": {"health": "HEALTH_OK"}}}
"""What is looked at besides the conditions of all."""


class Operators:
    """Watches the cluster of a world. ``counts`` says of how many objects of each kind it told that they are ready."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cluster = world.cluster().as_user(_AUTHOR)
        self._told: dict[Key, None] = {}
        world.cluster().watch(self._on_change)

    @property
    def counts(self) -> Mapping[str, int]:
        """By the kind with its group, sorted."""
        return dict(sorted(Counter(f"{key.kind}.{key.group}" for key in self._told).items()))

    def _on_change(self, change: Change) -> None:
        key = change.key
        if change.type == "DELETED" or "." not in key.group or f"{key.group}/{key.kind}" in _WORKED_ON:
            return
        changed = change.old is None or change.old.get("spec") is not change.object.get("spec")
        if changed and not key.group.endswith("fluxcd.io") and self._is_custom(key):
            self._world.clock.after(_AFTER, self._tell, key, priority=Priority.AGENT)

    def _is_custom(self, key: Key) -> bool:
        kind = self._cluster.kinds.of(key.group, key.kind)
        return kind is not None and self._cluster.find("customresourcedefinitions", f"{kind.plural}.{key.group}") is not None

    def _tell(self, key: Key) -> None:
        kind = self._cluster.kinds.of(key.group, key.kind)
        obj = self._cluster.find(kind, key.name, key.namespace) if kind is not None else None
        if obj is None or "deletionTimestamp" in obj["metadata"]:
            return
        name = f"{key.group}/{key.kind}"
        status: dict[str, Any] = dict(obj.get("status") or {}) | _PHASES.get(name, {})
        status["observedGeneration"] = obj["metadata"].get("generation", 1)
        status["conditions"] = [self._condition(type_) for type_ in _CONDITIONS.get(name, ("Ready",))]
        try:
            self._cluster.update({**obj, "status": status}, subresource="status")
        except ApiError:  # a definition that allows no such status
            return
        self._told[key] = None

    def _condition(self, type_: str) -> dict[str, Any]:
        now = self._world.clock.timestamp()
        return {"type": type_, "status": "True", "reason": "StandIn", "message": _MESSAGE, "lastTransitionTime": now}
