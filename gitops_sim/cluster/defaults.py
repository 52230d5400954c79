"""placeholder"""
from __future__ import annotations
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import Object
def default(kind: Kind, obj: Object) -> Object:
    return obj
