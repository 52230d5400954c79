"""Patches: strategic merge and JSON, inline and in files, with and without a target.

Source: kustomize ``PatchTransformer.go``, ``PatchStrategicMergeTransformer.go``, ``PatchJson6902Transformer.go``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gitops_sim.manifests.kustomize import json_patch
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.identity import Id
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.merge import merge
from gitops_sim.manifests.kustomize.merge_rules import Rules
from gitops_sim.manifests.kustomize.nodes import from_data, to_data
from gitops_sim.manifests.kustomize.output import quoted
from gitops_sim.manifests.kustomize.reading import resources_of
from gitops_sim.manifests.kustomize.resmap import ResMap
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.selecting import select
from gitops_sim.manifests.kustomize.settings import load_yaml


class Patch:
    """One entry of ``patches``."""

    def __init__(self, loader: Loader, entry: Mapping[str, Any]) -> None:
        text, path = (entry.get("patch") or "").strip(), entry.get("path") or ""
        self.target: Mapping[str, Any] | None = entry.get("target")
        if not text and not path:
            raise KustomizeError(
                f"must specify one of patch and path in\n{_config(entry)}", mend="give the patch a text or a file"
            )
        if text and path:
            raise KustomizeError(f"patch and path can't be set at the same time\n{_config(entry)}", mend="keep one of the two")
        if path:
            try:
                content = loader.load(path)
            except KustomizeError as error:
                raise error.within(f"failed to get the patch file from path({path})") from None
            self.source = f"[path: {quoted(path)}]"
            self.shown = path
        else:
            content = text.encode()
            self.source = f"[patch: {quoted(text)}]"
            self.shown = "an inline patch"
        self.merges, self.operations = self._parse(content)
        options = entry.get("options") or {}
        for patch in self.merges:
            patch.allow(name=bool(options.get("allowNameChange")), kind=bool(options.get("allowKindChange")))

    def _parse(self, content: bytes) -> tuple[list[Resource], list[Any]]:
        merges: list[Resource] | None = None
        operations: list[Any] | None = None
        with suppress(KustomizeError):
            merges = resources_of(content)
        with suppress(KustomizeError):
            operations = operations_of(content)
        if merges and operations:
            raise KustomizeError(f"illegally qualifies as both an SM and JSON patch: {self.source}")
        if merges is None and operations is None:
            what = f"unable to parse SM or JSON patch from {self.source}"
            raise KustomizeError(
                what, mend="a strategic merge patch has apiVersion, kind and metadata.name; a JSON patch is a list"
            )
        return merges or [], (operations or []) if merges is None else []

    def apply(self, objects: ResMap, rules: Rules) -> None:
        if self.merges:
            self._merge(objects, rules)
        elif self.operations:
            self._operate(objects)

    def _merge(self, objects: ResMap, rules: Rules) -> None:
        if self.target is not None:
            if len(self.merges) > 1:
                raise KustomizeError(
                    "Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: "
                    + self.source,
                    mend="make each patch an entry of its own",
                )
            merge_all(objects, {resource.id for resource in select(objects.all, self.target)}, self.merges[0], rules)
            return
        for patch in self.merges:
            first = patch.original
            try:
                targets = objects.targets(first)
            except KustomizeError as error:
                raise error.within(f"no resource matches strategic merge patch {quoted(str(first))}") from None
            for target in targets:
                merge_into(target, patch, rules)

    def _operate(self, objects: ResMap) -> None:
        if self.target is None:
            raise KustomizeError(f"must specify a target for JSON patch {self.source}", mend="add target: {kind: ..., name: ...}")
        for resource in select(objects.all, self.target):
            resource.remember()
            operate(resource, self.operations)


def _config(entry: Mapping[str, Any]) -> str:
    from gitops_sim.yaml_sorted import to_yaml

    return to_yaml(entry) if entry else "{}\n"


def operations_of(content: bytes) -> list[Any]:
    """The operations of a JSON patch, written in JSON or YAML. Raises KustomizeError for anything else."""
    if not content:
        raise KustomizeError("empty json patch operations")
    if content[:1] == b"[":
        try:
            data = json.loads(content)
        except ValueError as error:
            raise KustomizeError(str(error)) from None
    else:
        data = load_yaml(content)
    if data is not None and not (isinstance(data, list) and all(isinstance(item, dict) for item in data)):
        given = "object" if isinstance(data, dict) else "array" if isinstance(data, list) else "string"
        raise KustomizeError(f"json: cannot unmarshal {given} into Go value of type jsonpatch.Patch")
    return data or []


def operate(resource: Resource, operations: list[Any]) -> None:
    """Applies a JSON patch; the memory in the annotations survives it, and numbers pass through floats."""
    kept = resource.internal_annotations()
    node = from_data(_floats(json_patch.apply(to_data(resource.node), operations)))
    resource.node = node
    resource.set_annotations({**resource.annotations, **kept})


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_floats(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1_000_000 else value


def merge_into(target: Resource, patch: Resource, rules: Rules) -> None:
    """A strategic merge; name, namespace and kind stay, unless the patch may change them."""
    name, namespace, kind = target.name, target.namespace, target.kind
    if patch.may_rename or patch.may_change_kind:
        target.remember()
    may_rename, may_change_kind = patch.may_rename, patch.may_change_kind
    merged = merge(target.node, patch.node, rules)  # a patch that replaces the whole object changes nothing: it is not taken over
    if merged is None or target.node.empty:
        target.delete()
        return
    if not may_change_kind:
        target.set_kind(kind)
    if not may_rename:
        target.rename(name)
    target.move(namespace)


def merge_all(objects: ResMap, ids: set[Id], patch: Resource, rules: Rules) -> None:
    """The patch into every object that has one of the identities; each gets a copy of it."""
    for resource in objects.all:
        if resource.id in ids:
            copied = patch.copy()
            copied.take_metadata(patch)
            copied.set_gvk(resource.gvk)
            copied.set_kind(patch.kind)
            merge_into(resource, copied, rules)
    objects.rebuild()


def merges_of(text: str) -> list[Resource]:
    """The patches of a text."""
    return resources_of(text.encode())


def load_merges(loader: Loader, texts: Sequence[str]) -> list[Resource]:
    """The entries of ``patchesStrategicMerge``: each a patch itself, or a file of patches."""
    found: list[Resource] = []
    for text in texts:
        try:
            found += resources_of(text.encode())
        except KustomizeError:
            content = loader.load(text)
            try:
                found += resources_of(content)
            except KustomizeError as error:
                raise error.reworded(f"{error.what} in File: {text}" if error.malformed else error.what) from None
    if not found:
        raise KustomizeError(
            f"patch appears to be empty; files=[{' '.join(texts)}], Patch=", mend="write the patch into the file"
        )
    return found


class JsonPatch:
    """One entry of ``patchesJson6902``."""

    def __init__(self, loader: Loader, entry: Mapping[str, Any]) -> None:
        self.target: Mapping[str, Any] = entry.get("target") or {}
        path, text = entry.get("path") or "", entry.get("patch") or ""
        if not self.target.get("name"):
            raise KustomizeError("must specify the target name", mend="add target.name")
        if not path and not text:
            raise KustomizeError("empty file path and empty jsonOp", mend="give the patch a path or a patch")
        if path and text:
            raise KustomizeError("must specify a file path or jsonOp, not both", mend="keep one of the two")
        content = loader.load(path) if path else text.encode()
        if not content:
            raise KustomizeError(f"patch file '{path}' empty seems to be empty", mend="write the patch into the file")
        self.operations = operations_of(content)
        if not self.operations:
            raise KustomizeError(f"patch appears to be empty; file={path}, JsonOp={content.decode()}")
        self.shown = path or "an inline patch"

    def apply(self, objects: ResMap) -> None:
        for resource in select(objects.all, self.target):
            operate(resource, self.operations)
