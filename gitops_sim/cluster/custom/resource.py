"""What a definition says of the objects of one version: how they are read, filled in and checked, scaled and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster.custom import lists, pruning
from gitops_sim.cluster.custom.defaulting import defaulted
from gitops_sim.cluster.custom.embedded import unnamed
from gitops_sim.cluster.custom.nodes import NOTHING, Node, compiled
from gitops_sim.cluster.custom.plain import plain_check
from gitops_sim.cluster.custom.rules import broken
from gitops_sim.cluster.custom.validating import causes
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.shapes import mapping, text
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where an object keeps what its Scale shows; ``selector`` is empty when nowhere."""

    spec: Path
    status: Path
    selector: Path


class Resource:
    """One version of one definition."""

    def __init__(self, version: Mapping[str, Any]) -> None:
        schema = mapping(version, "schema", "openAPIV3Schema")
        self.node: Node = compiled(schema, root=True)
        self._fits = plain_check(schema, root=True)
        self._known = plain_check(schema, strict=True, root=True)
        scale = mapping(version, "subresources").get("scale")
        self.scale = _scale_paths(scale) if isinstance(scale, Mapping) else None

    def __deepcopy__(self, memo: object) -> Resource:
        return self

    def pruned(self, obj: Object, stored: Object | None = None) -> Object:
        """Without the fields that nobody knows. ``stored`` is what an update replaces."""
        if self._known(obj, stored):
            return obj
        kept: Object = pruning.pruned(self.node, obj, stored)
        return kept

    def unknown(self, obj: Object) -> list[str]:
        return pruning.unknown(self.node, obj)

    def defaulted(self, obj: Object) -> Object:
        filled: Object = defaulted(self.node, obj)
        return filled

    def causes(self, new: Object, old: Object | None) -> list[Cause]:
        found = [] if self._fits(new, old) else causes(self.node.schema, new, {} if old is None else old)
        if old is None or new != old:
            if self.node.embeds:
                found += unnamed(self.node, new)
            found += lists.duplicates(self.node, new, old)
            found += broken(self.node, new, old, found=found)
        return found

    def status_causes(self, new: Object, old: Object) -> list[Cause]:
        node = self.node.properties.get("status", NOTHING)
        if node is NOTHING:
            return []
        found = causes(node.schema, new.get("status"), old.get("status"), field="status")
        found += broken(node, new.get("status"), old.get("status"), field="status", found=found)
        return found


def resource_of(kind: Kind) -> Resource | None:
    """None for a kind that no definition declares."""
    declared = kind.declared
    if declared is None:
        return None
    if declared.compiled is None:
        declared.compiled = Resource(declared.version)
    made: Resource = declared.compiled
    return made


def _scale_paths(scale: Mapping[str, Any]) -> ScalePaths:
    spec, status, selector = (text(scale, name) for name in ("specReplicasPath", "statusReplicasPath", "labelSelectorPath"))
    return ScalePaths(_steps(spec), _steps(status), _steps(selector))


def _steps(path: str) -> Path:
    return tuple(step for step in path.split(".") if step)
