"""placeholder"""
from __future__ import annotations
from typing import Any
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import Object
def strategic_merge(kind: Kind, current: Object, patch: Any) -> Object: raise NotImplementedError
def merge_patch(current: Any, patch: Any) -> Any: raise NotImplementedError
def json_patch(current: Object, operations: Any) -> Object: raise NotImplementedError
def three_way(kind: Kind, original: Object | None, modified: Object, current: Object) -> Any: raise NotImplementedError
