"""The objects in manifest files, read as kubectl reads them: document by document, each error with the file it is in.

Source: k8s.io/cli-runtime ``pkg/resource`` (StreamVisitor, mapper) and k8s.io/apimachinery ``pkg/util/yaml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from gitops_sim.cluster.go_text import json_problem, json_text, yaml_problem
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object
from gitops_sim.yaml_in import check_size, decode, load_documents

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STOP_VALIDATING = "if you choose to ignore these errors, turn validation off with --validate=false"


def read_documents(content: str | bytes, source: str, *, validate: bool) -> Iterator[Object | GitOpsSimError]:
    """The objects of one file, in order, a List taken apart.

    A document that is no object yields its error; one that does not parse, or (with ``validate``) has no ``apiVersion`` and
    ``kind``, yields it and ends the file.
    """
    try:
        check_size(len(content), where=source)
        text = decode(content, where=source)
    except BadInput as error:
        yield error
        return
    for part in _parts(text):
        if isinstance(part, KubectlError):
            yield KubectlError(f"error parsing {source}: {part}")
            return
        try:
            value = _load(part, source)
        except BadInput as error:
            yield KubectlError(f"error parsing {source}: error converting YAML to JSON: {yaml_problem(part, error)}")
            return
        if value is None:
            continue
        why = _invalid(value) if validate else ""
        if why:
            yield KubectlError(f'error validating "{source}": error validating data: {why}; {_STOP_VALIDATING}')
            return
        yield from _objects(value, source)


def _parts(text: str) -> Iterator[str | KubectlError]:
    """The documents of a file, each as a text of its own, so that its lines are counted from its own start."""
    return _json_parts(text) if text.lstrip().startswith("{") else _yaml_parts(text)


def _json_parts(text: str) -> Iterator[str | KubectlError]:
    """What starts like JSON may turn out to be YAML, at once or after a ``---``."""
    place = _next(text, 0)
    first = True
    while place < len(text):
        if not first and text.startswith("---", place):
            yield from _yaml_parts(text[place:])
            return
        try:
            end = _DECODER.raw_decode(text, place)[1]
        except json.JSONDecodeError as error:
            if first and _loads(text):
                yield from _yaml_parts(text)
            else:
                why = f"json: offset {error.pos + 1}: {json_problem(text, error)}"
                yield KubectlError(why if text[error.pos :].strip() else "unexpected EOF")
            return
        except (RecursionError, ValueError):  # too deep or too large, as will be said below
            end = len(text)
        yield text[place:end]
        place, first = _next(text, end), False


_DECODER = json.JSONDecoder()


def _next(text: str, place: int) -> int:
    """The place of the next character that is not blank."""
    return len(text) - len(text[place:].lstrip())


def _loads(text: str) -> bool:
    try:
        _load(next(filter(None, (part for part in _yaml_parts(text) if isinstance(part, str))), ""), "")
    except BadInput:
        return False
    return True


def _yaml_parts(text: str) -> Iterator[str | KubectlError]:
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                yield KubectlError(f"invalid Yaml document separator: {rest}")
                return
            if lines:
                yield "".join(lines)
                lines = []
                continue
        lines.append(line)
    if lines:
        yield "".join(lines).removesuffix("\n") + "\n"


def _load(text: str, source: str) -> Any:
    """The value of the first document; Go's parser looks at nothing behind it. Raises BadInput."""
    try:
        documents = load_documents(text, where=source)
    except BadInput:
        first = _first_document(text)
        if first == text:
            raise
        documents = load_documents(first, where=source)
    return documents[0].value if documents else None


def _first_document(text: str) -> str:
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.DocumentEndEvent):
                mark: Any = event.start_mark
                return text[: mark.index]
    except yaml.YAMLError:
        pass
    return text


def _objects(value: Any, source: str) -> Iterator[Object | GitOpsSimError]:
    why = _undecodable(value)
    if why:
        yield KubectlError(f'unable to decode "{source}": {why}')
    elif isinstance(value.get("items"), list):
        for item in value["items"]:
            why = _undecodable(item)
            if why:
                yield KubectlError(why)
            elif isinstance(item.get("items"), list):
                yield from _objects(item, source)
            else:
                yield item
    else:
        yield value


def _invalid(value: Any) -> str:
    """What kubectl's own look at a document finds; empty when it finds nothing."""
    if not isinstance(value, Mapping):
        return "invalid object to validate"
    version, kind = value.get("apiVersion"), value.get("kind")
    unset = [f"{field} not set" for field in ("apiVersion", "kind") if value.get(field) is None]
    unset = unset or [f"{field} isn't string type" for field in ("apiVersion", "kind") if not isinstance(value[field], str)]
    if unset:
        return unset[0] if len(unset) == 1 else f"[{', '.join(unset)}]"
    if not _is_version(version):
        return f"unexpected GroupVersion string: {version}"
    if (version, kind) != ("v1", "List"):
        return ""
    items = value.get("items")
    return next(filter(None, map(_invalid, items)), "") if isinstance(items, list) else "invalid object to validate"


def _undecodable(value: Any) -> str:
    """Why a document is no Kubernetes object, in the words of Go's decoder; empty when it is one."""
    if not isinstance(value, Mapping):
        return f"json: cannot unmarshal {_json_type(value)} into Go value of type unstructured.detector"
    kind, version = value.get("kind"), value.get("apiVersion")
    if not isinstance(kind, str) or not kind or (version is not None and not _is_version(version)):
        return f"Object 'Kind' is missing in '{json_text(value)}'"
    meta = value.get("metadata")
    if meta is None:
        return ""
    if not isinstance(meta, Mapping):
        return _mismatch(meta, "metadataOnlyObject.metadata", "v1.ObjectMeta")
    for field in ("name", "generateName", "namespace", "resourceVersion", "uid"):
        if meta.get(field) is not None and not isinstance(meta[field], str):
            return _mismatch(meta[field], f"ObjectMeta.metadata.{field}", "string")
    for field in ("labels", "annotations"):
        pairs = meta.get(field)
        if pairs is None:
            continue
        if not isinstance(pairs, Mapping):
            return _mismatch(pairs, f"ObjectMeta.metadata.{field}", "map[string]string")
        for item in pairs.values():
            if item is not None and not isinstance(item, str):
                return _mismatch(item, f"ObjectMeta.metadata.{field}", "string")
    return ""


def _is_version(value: Any) -> bool:
    return isinstance(value, str) and value.count("/") < 2


def _mismatch(value: Any, field: str, wanted: str) -> str:
    return f"json: cannot unmarshal {_json_type(value)} into Go struct field {field} of type {wanted}"


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"
