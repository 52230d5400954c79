"""Objects from the text of a file: parsed, checked for what makes an object, and lists taken apart.

Source: kustomize ``api/resource/factory.go``, ``GetValidatedMetadata`` in kyaml ``yaml/rnode.go``.
"""

from __future__ import annotations

from collections import OrderedDict

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.nodes import MAPPING, SEQUENCE, Node, from_data, to_data
from gitops_sim.manifests.kustomize.parsing import parse_resources
from gitops_sim.manifests.kustomize.resource import Resource

_MOST_KEPT = 4096
_PARSED: OrderedDict[str, list[Node]] = OrderedDict()
"""Files parsed last, by the id of their content."""


def resources_of(content: bytes, blob_id: str = "") -> list[Resource]:
    """The objects of a text, in order. Raises KustomizeError for what is no YAML and for what is no object.

    With a ``blob_id`` the text is parsed once.
    """
    if not blob_id:
        return [Resource(node) for node in _read(content)]
    known = _PARSED.get(blob_id)
    if known is None:
        known = _PARSED[blob_id] = _read(content)
        if len(_PARSED) > _MOST_KEPT:
            _PARSED.popitem(last=False)
    return [Resource(node.copy()) for node in known]


def _read(content: bytes) -> list[Node]:
    waiting = [node for node in parse_resources(content) if not node.empty]
    for node in waiting:
        _check(node)
    found: list[Node] = []
    while waiting:
        node, waiting = waiting[0], waiting[1:]
        kind = node.text_at("kind")
        items = node.get("items") if kind.endswith("List") else None
        if items is None:
            found.append(node)
            continue
        if items.null:
            continue
        if items.kind != SEQUENCE:
            given = "map[string]interface {}" if items.kind == MAPPING else "string"
            raise KustomizeError(f"expected array in {kind}/items, but found {given}", mend="write a list of objects")
        inner = [from_data(to_data(item)) for item in items.items]
        for item in inner:
            _check(item)
        waiting += inner
    return found


def _check(node: Node) -> None:
    version, kind, meta = node.get("apiVersion"), node.get("kind"), node.get("metadata")
    stated = [field for field in (version, kind) if field is not None and not field.empty]
    named = meta is not None and not meta.empty
    if not stated and not (named and _says_something(meta)):
        raise KustomizeError("missing Resource metadata", mend="an object has apiVersion, kind and metadata.name")
    if not node.text_at("kind"):
        raise KustomizeError(f"missing kind in object {_go_meta(node)}", mend="add kind")
    if not node.text_at("kind").endswith("List") and not node.text_at("metadata", "name"):
        raise KustomizeError(f"missing metadata.name in object {_go_meta(node)}", mend="add metadata.name")


def _says_something(meta: Node | None) -> bool:
    fields = meta.fields if meta is not None and meta.kind == MAPPING else {}
    return any(name in fields and not fields[name].empty for name in ("name", "namespace", "labels", "annotations"))


def _go_meta(node: Node) -> str:
    """Go's ``%v`` of what an object says of itself."""
    meta = node.get("metadata")
    texts = []
    for name in ("labels", "annotations"):
        found = meta.get(name) if meta is not None else None
        pairs = (
            sorted((key, value.text) for key, value in found.fields.items())
            if found is not None and found.kind == MAPPING
            else []
        )
        texts.append("map[" + " ".join(f"{key}:{value}" for key, value in pairs) + "]")
    name = node.text_at("metadata", "name")
    namespace = node.text_at("metadata", "namespace")
    return f"{{{{{node.text_at('apiVersion')} {node.text_at('kind')}}} {{{{{name} {namespace}}} {texts[0]} {texts[1]}}}}}"
