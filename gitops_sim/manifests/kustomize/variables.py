"""``vars``: ``$(NAME)`` in the fields that may hold it becomes the value of a field of an object.

Source: kustomize ``api/filters/refvar``, ``api/internal/accumulator/resaccumulator.go``, ``api/types/var.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import Specs, Visit, visit
from gitops_sim.manifests.kustomize.identity import Gvk, Id, split_version
from gitops_sim.manifests.kustomize.lookups import lookup, split
from gitops_sim.manifests.kustomize.nodes import MAPPING, SCALAR, Node, float_text, to_data
from gitops_sim.manifests.kustomize.resmap import ResMap
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.scalars import BOOL, FLOAT, INT, NULL, STR

Variables = dict[str, Mapping[str, Any]]
"""By name."""


def add_variables(variables: Variables, entries: Iterable[Mapping[str, Any]], objects: ResMap) -> None:
    """Adds those of one kustomization, and notes at the objects that they read."""
    entries = list(entries)
    try:
        _add(variables, entries, objects)
    except KustomizeError as error:
        raise error.within(f"merging vars [{' '.join(map(_as_written, entries))}]") from None


def _add(variables: Variables, entries: list[Mapping[str, Any]], objects: ResMap) -> None:
    for entry in entries:
        wanted = _object(entry)
        test = wanted.same if wanted.namespace or wanted.cluster else wanted.same_but_namespace
        found = objects.matching(test)
        if len(found) > 1:
            what = f"found {len(found)} resId matches for var {_go(entry)} (unable to disambiguate)"
            raise KustomizeError(what, mend="add objref.namespace")
        if found:
            found[0].vars.append(entry.get("name", ""))
    merge_variables(variables, {}, entries)


def merge_variables(variables: Variables, others: Variables, entries: Iterable[Mapping[str, Any]] = ()) -> None:
    for entry in (*others.values(), *entries):
        name = entry.get("name", "")
        if name in variables:
            raise KustomizeError(f"var '{name}' already encountered", mend="name a variable once")
        variables[name] = entry


def _object(entry: Mapping[str, Any]) -> Id:
    said = entry.get("objref") or {}
    group, version = said.get("group") or "", said.get("version") or ""
    if said.get("apiVersion"):
        own_group, version = split_version(said["apiVersion"])
        group = own_group or group
    kind = said.get("kind") or ""
    return Id(group, version, kind, said.get("name") or "", said.get("namespace") or "")


def _go(entry: Mapping[str, Any]) -> str:
    """Go's ``%v``."""
    said = _object(entry)
    path = (entry.get("fieldref") or {}).get("fieldPath") or "metadata.name"
    return f"{{{entry.get('name', '')} {said.gvk} {{{path}}}}}"


def _as_written(entry: Mapping[str, Any]) -> str:
    said, path = entry.get("objref") or {}, (entry.get("fieldref") or {}).get("fieldPath") or ""
    gvk = Gvk(said.get("group") or "", said.get("version") or "", said.get("kind") or "")
    return f"{{{entry.get('name', '')} {gvk} {{{path}}}}}"


def resolve_variables(resources: Sequence[Resource], variables: Variables, specs: Specs) -> list[str]:
    """Puts the values in; returns the names of those that nothing uses."""
    values = {name: _value(resources, variables[name]) for name in sorted(variables)}
    if not values:
        return []
    used: set[str] = set()

    def replaced(text: str) -> Any:
        return _expanded(text, values, used)

    for resource in resources:
        for spec in specs:
            visit(resource.node, spec, Visit(lambda node: _change(node, replaced)))
    return [name for name in values if name not in used]


def _value(resources: Sequence[Resource], entry: Mapping[str, Any]) -> Any:
    path = (entry.get("fieldref") or {}).get("fieldPath") or "metadata.name"
    for resource in resources:
        if entry.get("name", "") in resource.vars:
            node = _field(resource.node, path)
            if node is None:
                raise KustomizeError(
                    f"field specified in var '{_go(entry)}' not found in corresponding resource", mend="mend fieldref.fieldPath"
                )
            return _typed(node)
    raise KustomizeError(
        f"var '{_go(entry)}' cannot be mapped to a field in the set of known resources",
        mend="objref names an object of this build",
    )


_INDEXED = re.compile(r"(.*)\[(\d+)\]\Z", re.DOTALL)


def _field(node: Node, path: str) -> Node | None:
    steps: list[str] = []
    for step in split(path):
        found = _INDEXED.match(step)
        steps += [part for part in found.groups() if part] if found else [step]
    try:
        return lookup(node, steps)
    except KustomizeError:
        return None


def _typed(node: Node) -> Any:
    if node.kind != SCALAR:
        return to_data(node)
    if node.tag == INT:
        try:
            return int(node.text)
        except ValueError:
            return node.text
    if node.tag == FLOAT:
        return float(node.text)
    if node.tag == BOOL:
        return node.text in ("1", "t", "T", "TRUE", "true", "True")
    return node.text


def _change(node: Node, replaced: Any) -> None:
    if node.tag == NULL:
        return
    if node.kind == SCALAR:
        _update(node, replaced)
    elif node.kind == MAPPING:
        for key, value in node.fields.items():
            if node.odd and key in node.odd:
                raise KustomizeError(f"invalid map key: value='{key}', tag='{node.odd[key]}'")
            _update(value, replaced)
    else:
        for item in node.items:
            if item.kind != SCALAR or item.tag not in (STR, ""):
                raise KustomizeError("invalid value type expect a string", mend="quote the items of the list")
            _update(item, replaced)


def _update(node: Node, replaced: Any) -> None:
    if node.kind != SCALAR or node.tag not in (STR, ""):
        return
    value = replaced(node.text)
    if isinstance(value, bool):
        node.text, node.tag = ("true" if value else "false"), BOOL
    elif isinstance(value, int):
        node.text, node.tag = str(value), INT
    elif isinstance(value, float):
        node.text, node.tag = float_text(value), FLOAT
    else:
        node.text, node.tag = value, STR
    node.style = 0


def _expanded(text: str, values: Mapping[str, Any], used: set[str]) -> Any:
    out: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char != "$" or at + 1 == len(text):
            out.append(char)
            at += 1
            continue
        behind = text[at + 1]
        end = text.find(")", at + 2) if behind == "(" else -1
        if behind == "$":
            out.append("$")
            at += 2
        elif end > 0:
            name = text[at + 2 : end]
            value = _mapped(name, values, used)
            if text == f"$({name})":
                return value
            out.append(_go_text(value))
            at = end + 1
        else:
            out.append(text[at : at + 2])
            at += 2
    return "".join(out)


def _mapped(name: str, values: Mapping[str, Any], used: set[str]) -> Any:
    value = values.get(name)
    if name not in values or isinstance(value, dict | list) or value is None:
        return f"$({name})"
    used.add(name)
    return value


def _go_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value) if isinstance(value, float) else str(value)
