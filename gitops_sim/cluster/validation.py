"""placeholder"""
from __future__ import annotations
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import Object
def validate(kind: Kind, new: Object, old: Object | None = None) -> None:
    return None
