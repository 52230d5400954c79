"""Kubernetes manifests as they stand in files: objects, with the file and line that each came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, key_of
from gitops_sim.yaml_in import DEFAULT_LIMITS, Document, Limits, load_documents


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of a file. ``line`` is where its document starts (from 1); objects of one List share it."""

    object: Object
    file: str
    line: int

    @property
    def key(self) -> Key:
        """The identity as written: the namespace is empty when the manifest names none. Only for objects with a name."""
        return key_of(self.object)

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def title(self) -> str:
        """``Deployment/web``, or ``Job/hello-*`` for a generated name."""
        meta = self.object["metadata"]
        return f"{self.object['kind']}/{meta.get('name') or meta['generateName'] + '*'}"


def load_manifests(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> list[Manifest]:
    """The objects of a YAML or JSON text, in order. Empty documents are skipped; a List stands for its items.

    Raises BadInput with the file, line and field for what does not parse, and for a document that is no Kubernetes object:
    without ``apiVersion``, ``kind`` or ``metadata.name`` (or ``generateName``), or with fields of the wrong type there.
    """
    return manifests_of(load_documents(text, where=where, limits=limits), where=where)


def manifests_of(documents: Sequence[Document], *, where: str) -> list[Manifest]:
    """What :func:`load_manifests` makes of documents that are parsed already."""
    manifests: list[Manifest] = []
    for number, document in enumerate(documents, 1):
        at = f"{where}:{document.line}" + (f" (document {number})" if len(documents) > 1 else "")
        if document.value is not None:
            manifests += (Manifest(obj, where, document.line) for obj in _objects(document.value, at))
    return manifests


def _objects(value: Any, at: str) -> Iterator[Object]:
    if not isinstance(value, dict):
        mend = "a manifest is a mapping with apiVersion, kind and metadata"
        raise BadInput(f"is {_type(value)}, not a Kubernetes object", where=at, mend=mend)
    for field, example in (("apiVersion", "such as v1 or apps/v1"), ("kind", "such as Deployment")):
        content = value.get(field)
        if content is None or content == "":
            raise BadInput(f"a document without {field}", where=at, mend=f"add '{field}:', {example}; or move the file elsewhere")
        if not isinstance(content, str):
            raise BadInput(f"{field} must be a string, not {_type(content)}", where=at, mend=f"write it as text, {example}")
    kind: str = value["kind"]
    if kind == "List" or (kind.endswith("List") and "items" in value):
        items = value.get("items")
        if items is not None and not isinstance(items, list):
            raise BadInput(f"items must be a list, not {_type(items)}", where=at, mend="write the objects as items of a list")
        for index, item in enumerate(items or ()):
            yield from _objects(item, f"{at} items[{index}]")
        return
    _check_metadata(value, kind, at)
    yield value


def _check_metadata(value: Mapping[str, Any], kind: str, at: str) -> None:
    meta = value.get("metadata")
    if meta is not None and not isinstance(meta, dict):
        raise BadInput(f"metadata must be a mapping, not {_type(meta)}", where=at, mend="indent 'name:' below 'metadata:'")
    meta = meta or {}
    for field in ("name", "generateName", "namespace"):
        _check_string(meta.get(field), f"metadata.{field}", field, at)
    if not meta.get("name") and not meta.get("generateName"):
        mend = "add a 'name:' below 'metadata:'"
        if value["apiVersion"].startswith("kustomize.config.k8s.io/"):
            mend = "this file belongs to kustomize: name its folder as the path, or exclude the file"
        raise BadInput(f"{kind} has no metadata.name", where=at, mend=mend)
    for field in ("labels", "annotations"):
        pairs = meta.get(field)
        if pairs is not None and not isinstance(pairs, dict):
            mend = "write 'key: value' lines below it"
            raise BadInput(f"metadata.{field} must be a mapping, not {_type(pairs)}", where=at, mend=mend)
        for key, content in (pairs or {}).items():
            _check_string(content, f"metadata.{field}.{key}", key, at)


def _check_string(content: Any, path: str, key: str, at: str) -> None:
    if content is None or isinstance(content, str):
        return
    mend = f'quote it: {key}: "{_spell(content)}"' if isinstance(content, bool | int | float) else f"write {key} as text"
    raise BadInput(f"{path} must be a string, not {_type(content)}", where=at, mend=mend)


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {_spell(value)}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a mapping"


def _spell(value: bool | int | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
