"""What all kustomizations of one build share: warnings, the schema in use, and, on demand, a record of every change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.identity import CLUSTER_SCOPED
from gitops_sim.manifests.kustomize.merge_rules import Rules, builtin_rules, rules_of
from gitops_sim.manifests.kustomize.nodes import to_data
from gitops_sim.manifests.kustomize.resource import BUILD, ORIGIN, TRANSFORMATIONS, Resource
from gitops_sim.manifests.kustomize.settings import load_yaml
from gitops_sim.objects import Path, changes

_BUILTIN_SCHEMA = "v1.21.2"


class Change(NamedTuple):
    """A field that got its value (None: that went away), and what gave it: a file, or a field of a kustomization."""

    path: Path
    value: Any
    by: str


class Session:
    """One build. ``record`` makes :meth:`note` compare every object after every step: slow, and only for ``--explain``."""

    def __init__(self, *, record: bool = False) -> None:
        self.warnings: list[str] = []
        self.scoped = CLUSTER_SCOPED
        self._custom: Rules | None = None
        self._schema_set = False
        self._root_set = False
        self.records = record
        self._seen: dict[int, tuple[Resource, Any]] = {}
        self._changes: dict[int, list[Change]] = {}

    @property
    def rules(self) -> Rules:
        """Which lists merge."""
        if self._custom is None:
            return builtin_rules()
        return self._custom if self._root_set else {**self._custom, **builtin_rules()}

    def set_schema(self, said: Mapping[str, str], content: bytes | None, *, reset: bool) -> None:
        """``openapi`` of a kustomization: the first one that says something counts."""
        if self._schema_set and not reset:
            return
        if content is not None:
            if "version" in said:
                raise KustomizeError("builtin version and custom schema provided, cannot use both", mend="keep version or path")
            self._custom, scoped = rules_of(load_yaml(content))
            self.scoped = CLUSTER_SCOPED | scoped
            self._schema_set, self._root_set = True, reset
            return
        version = said.get("version") or ""
        if version and version != _BUILTIN_SCHEMA:
            raise KustomizeError("the specified OpenAPI version is not built in", mend=f"there is {_BUILTIN_SCHEMA} alone")
        self._schema_set = bool(version)

    def note(self, by: str, resources: Iterable[Resource]) -> None:
        """Records what a step changed."""
        if not self.records:
            return
        for resource in resources:
            data = _visible(to_data(resource.node))
            _, before = self._seen.get(id(resource), (None, {}))
            self._seen[id(resource)] = (resource, data)
            found = self._changes.setdefault(id(resource), [])
            found += (Change(tuple(path), value, by) for path, _, value in changes(before, data))

    def changes_of(self, resource: Resource) -> tuple[Change, ...]:
        return tuple(self._changes.get(id(resource), ()))


def _visible(data: Any) -> Any:
    """An object without what the build notes at it."""
    meta = data.get("metadata")
    annotations = meta.get("annotations") if isinstance(meta, dict) else None
    if not isinstance(annotations, dict):
        return data
    hidden = BUILD | {ORIGIN, TRANSFORMATIONS}
    kept = {key: value for key, value in annotations.items() if key not in hidden}
    rest = {key: value for key, value in meta.items() if key != "annotations"}
    return {**data, "metadata": {**rest, **({"annotations": kept} if kept else {})}}
