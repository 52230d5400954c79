"""``replacements``: the value of one field, copied to others.

Source: kustomize ``api/filters/replacement/replacement.go`` (5.8), ``api/types/replacement.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.identity import Gvk, Id
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.lookups import lookup, match, split
from gitops_sim.manifests.kustomize.nodes import NONE, SCALAR, Node
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.selecting import Selection
from gitops_sim.manifests.kustomize.settings import as_struct, load_yaml

_DEFAULT_PATH = "metadata.name"


def load_replacements(loader: Loader, entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries, with those of files in the place of their ``path``."""
    found: list[Mapping[str, Any]] = []
    for entry in entries:
        path = entry.get("path")
        if path and (entry.get("source") is not None or entry.get("targets")):
            raise KustomizeError("cannot specify both path and inline replacement", mend="keep one of the two")
        if not path:
            found.append(entry)
            continue
        data = load_yaml(loader.load(path))
        if isinstance(data, list):
            found += (as_struct(item, "ReplacementField") for item in data if isinstance(item, dict))
        elif isinstance(data, dict):
            found.append(as_struct(data, "ReplacementField"))
        else:
            kind = "invalid" if data is None else "string" if isinstance(data, str) else "float64"
            raise KustomizeError(f"unsupported replacement type encountered within replacement path: {kind}")
    return found


def replace(resources: Sequence[Resource], entry: Mapping[str, Any]) -> None:
    """One replacement."""
    source, value = entry.get("source"), entry.get("sourceValue")
    if (source is None and value is None) or entry.get("targets") is None:
        raise KustomizeError("replacements must specify a source and at least one target", mend="add source and targets")
    if source is not None and value is not None:
        raise KustomizeError("value and resource selectors are mutually exclusive", mend="keep source or sourceValue")
    node = Node(SCALAR, str(value)) if source is None else _source(resources, source)
    for target in entry["targets"]:
        _into(resources, node, target)


def _selector_text(source: Mapping[str, Any]) -> str:
    parts = [str(_wanted(source))]
    if source.get("fieldPath"):
        parts.append(source["fieldPath"])
    options = source.get("options") or {}
    if options.get("delimiter") or options.get("create"):
        parts.append(
            f"{options.get('delimiter', '')}({options.get('index', 0)}), create={str(bool(options.get('create'))).lower()}"
        )
    return ":".join(parts)


def _wanted(source: Mapping[str, Any]) -> Id:
    group, version, kind, name, namespace = (source.get(key) or "" for key in ("group", "version", "kind", "name", "namespace"))
    return Id(group, version, kind, name, namespace)


def _source(resources: Sequence[Resource], source: Mapping[str, Any]) -> Node:
    wanted = _wanted(source)
    gvk = Gvk(*wanted[:3])
    found = [resource for resource in resources if any(_selected(one, wanted, gvk) for one in resource.ids)]
    if len(found) > 1:
        raise KustomizeError(
            f"multiple matches for selector {_selector_text(source)}", mend="name kind, name and namespace of one"
        )
    if not found:
        raise KustomizeError(f"nothing selected by {_selector_text(source)}", mend="the source must be an object of this build")
    path = source.get("fieldPath") or _DEFAULT_PATH
    try:
        node = lookup(found[0].node, split(path))
    except KustomizeError as error:
        raise error.within("error looking up replacement source") from None
    if node is None or node.empty:
        raise KustomizeError(
            f"fieldPath `{path}` is missing for replacement source {wanted}", mend="mend the path, or set the field"
        )
    options = source.get("options") or {}
    delimiter = options.get("delimiter")
    if not delimiter:
        return node
    if node.kind != SCALAR:
        raise KustomizeError("delimiter option can only be used with scalar nodes")
    parts = node.text.split(delimiter)
    index = options.get("index", 0)
    if not 0 <= index < len(parts):
        raise KustomizeError(f"options.index {index} is out of bounds for value {node.text}")
    part = node.copy()
    part.text = parts[index]
    return part


def _selected(one: Id, wanted: Id, gvk: Gvk) -> bool:
    return (
        wanted.name in ("", one.name)
        and (not wanted.namespace or wanted.effective_namespace == one.effective_namespace)
        and gvk.selects(*one[:3])
    )


def _into(resources: Sequence[Resource], value: Node, target: Mapping[str, Any]) -> None:
    if target.get("select") is None:
        raise KustomizeError("target must specify resources to select", mend="add select: {kind: ...}")
    try:
        selection = Selection(target["select"])
        rejections = [Selection(reject) for reject in target.get("reject") or ()]
    except KustomizeError as error:
        raise error.within("error creating target selector") from None
    paths = target.get("fieldPaths") or [_DEFAULT_PATH]
    for resource in resources:
        ids = [resource.id, *resource.previous]
        labels, annotations = resource.labels, resource.annotations
        if not (selection.labels(labels) and selection.annotations(annotations)):
            continue
        if any(r.by_labels and r.labels(labels) and r.annotations(annotations) for r in rejections):
            continue
        if any(r.by_identity and any(_matches(r, one) for one in ids) for r in rejections):
            continue
        if any(_matches(selection, one) for one in ids):
            _copy(resource.node, value, paths, target.get("options") or {})


def _matches(selection: Selection, one: Id) -> bool:
    return (
        selection.matches_gvk(one.gvk) and selection.matches("name", one.name) and selection.matches("namespace", one.namespace)
    )


def _copy(target: Node, value: Node, paths: Sequence[str], options: Mapping[str, Any]) -> None:
    for path in paths:
        create = value.kind if options.get("create") else NONE
        what = "unable to find or create field" if create else "unable to find field"
        missing = f'{what} "{path}" in replacement target'
        try:
            found = match(target, split(path), create)
        except KustomizeError as error:
            raise error.within(missing) from None
        if not found:
            raise KustomizeError(missing, mend="mend the path, or add options: {create: true}")
        for node in found:
            _set(node, value, options)


def _set(node: Node, value: Node, options: Mapping[str, Any]) -> None:
    new = value.copy()
    delimiter = options.get("delimiter")
    if delimiter:
        if node.kind != SCALAR:
            raise KustomizeError("delimiter option can only be used with scalar nodes")
        parts = node.text.split(delimiter)
        index = options.get("index", 0)
        text = "" if new.null else new.text
        if index < 0:
            parts.insert(0, text)
        elif index >= len(parts):
            parts.append(text)
        else:
            parts[index] = text
        new.text = delimiter.join(parts)
    if node.kind == SCALAR:
        node.text = new.text
    else:
        node.become(new)
