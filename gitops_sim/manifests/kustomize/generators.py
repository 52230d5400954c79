"""ConfigMaps and Secrets from literals, files and env files, and the hash that their names end with.

Source: kustomize ``api/internal/generators``, ``api/kv/kv.go``, ``api/hasher/hasher.go``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.nodes import MAPPING, SCALAR, Node, lookup_create, set_field, string, to_data
from gitops_sim.manifests.kustomize.output import go_json
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.scalars import BOOL, STR

_LINE_LENGTH = 70
_DIGITS = str.maketrans("013ae", "ghkmt")


def generate(kind: str, entry: Mapping[str, Any], general: Mapping[str, Any] | None, loader: Loader) -> Resource:
    """One entry of ``configMapGenerator`` or ``secretGenerator``; ``general`` are the ``generatorOptions``."""
    options = merged_options(entry.get("options"), general)
    name = entry.get("name") or ""
    if not name:
        raise KustomizeError("a configmap must have a name", mend="add name")
    node = Node(MAPPING)
    set_field(node, "apiVersion", string("v1"))
    set_field(node, "kind", string(kind))
    meta = Node(MAPPING)
    set_field(node, "metadata", meta)
    set_field(meta, "name", string(name))
    if entry.get("namespace"):
        set_field(meta, "namespace", string(entry["namespace"]))
    secret = kind == "Secret"
    if secret:
        set_field(node, "type", string(entry.get("type") or "Opaque"))
    values = _values(name, entry, loader)
    if secret:
        lookup_create(node, ("data",))
    for key in sorted(values, key=lambda key: key.encode()):
        _put(node, key, values[key], secret)
    for field in ("labels", "annotations"):
        for key, value in sorted((options.get(field) or {}).items()):
            owner = lookup_create(meta, (field,))
            if owner is not None:
                set_field(owner, key, string(value, quoted=True))
    if options.get("immutable"):
        set_field(node, "immutable", Node(SCALAR, "true", BOOL))
    resource = Resource(node)
    if not options.get("disableNameSuffixHash"):
        resource.hash_name()
    resource.behave(entry.get("behavior") or "")
    return resource


def merged_options(local: Mapping[str, Any] | None, general: Mapping[str, Any] | None) -> dict[str, Any]:
    """The entry's own options first."""
    local, general = local or {}, general or {}
    merged: dict[str, Any] = {
        field: {**(general.get(field) or {}), **(local.get(field) or {})} for field in ("labels", "annotations")
    }
    for field in ("disableNameSuffixHash", "immutable"):
        merged[field] = bool(local.get(field)) or bool(general.get(field))
    return merged


def _put(node: Node, key: str, value: bytes, secret: bool) -> None:
    field, text = "data", ""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        field = "binaryData"
    if secret or field == "binaryData":
        text = _base64(value)
    owner = lookup_create(node, ("data" if secret else field,))
    if owner is not None:
        if text.startswith("\t") and "\n" in text:
            lines = sum(value.text.count("\n") + 1 for value in owner.fields.values())
            what = f"yaml: line {lines + 1 if lines else 2}: found a tab character where an indentation space is expected"
            owner.flaw = owner.flaw or what  # the real tool writes it as a block, which it then cannot read
        set_field(owner, key, string(text, quoted="\n" in text))


def _base64(value: bytes) -> str:
    text = base64.b64encode(value).decode()
    lines = [text[at : at + _LINE_LENGTH] for at in range(0, len(text), _LINE_LENGTH)]
    return "".join(f"{line}\n" for line in lines) if len(text) // _LINE_LENGTH + 1 > 1 else text


def _values(name: str, entry: Mapping[str, Any], loader: Loader) -> dict[str, bytes]:
    values: dict[str, bytes] = {}
    try:
        pairs = list(_pairs(entry, loader))
    except KustomizeError as error:
        raise error.within("loading KV pairs") from None
    for key, value in pairs:
        if key in values:
            raise KustomizeError(f"configmap {name} illegally repeats the key `{key}`", mend="keep one of the two")
        values[key] = value
    return values


def _pairs(entry: Mapping[str, Any], loader: Loader) -> Iterator[tuple[str, bytes]]:
    envs = [*(entry.get("envs") or ()), *([entry["env"]] if entry.get("env") else [])]
    literals, files = entry.get("literals") or [], entry.get("files") or []
    yield from _prefixed(f"env source files: {_list(envs)}", (pair for path in envs for pair in _env_file(loader.load(path))))
    yield from _prefixed(f"literal sources {_list(literals)}", map(_literal, literals))
    yield from _prefixed(f"file sources: {_list(files)}", ((key, loader.load(path)) for key, path in map(_file_source, files)))


def _prefixed(prefix: str, pairs: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    try:
        return list(pairs)
    except KustomizeError as error:
        raise error.within(prefix) from None


def _list(texts: Sequence[str]) -> str:
    return "[" + " ".join(texts) + "]"


def _literal(source: str) -> tuple[str, bytes]:
    key, equals, value = source.partition("=")
    if not equals or not key:
        raise KustomizeError(f"invalid literal source {source}, expected key=value", mend="write key=value")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return key, value.encode()


def _file_source(source: str) -> tuple[str, str]:
    count = source.count("=")
    if count == 0:
        return source.rstrip("/").rpartition("/")[2] or source, source
    if count > 1:
        raise KustomizeError(f"source \"{source}\" key name or file path contains '='", mend="write key=path")
    key, _, path = source.partition("=")
    if not key:
        raise KustomizeError(f'missing key name for file path "{path}" in source "{source}"', mend="write key=path")
    if not path:
        raise KustomizeError(f'missing file path for key name "{key}" in source "{source}"', mend="write key=path")
    return key, path


def _env_file(content: bytes) -> Iterator[tuple[str, bytes]]:
    lines = content.split(b"\n")
    for number, raw in enumerate(lines[:-1] if not lines[-1] else lines):
        line = raw.removesuffix(b"\r")
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise KustomizeError(f"line {list(line)} has invalid utf8 bytes : {line.decode('utf-8', 'replace')}") from None
        if number == 0:
            text = text.removeprefix("\ufeff")
        text = text.lstrip()
        if not text or text[0] == "#":
            continue
        key, _, value = text.partition("=")
        yield key, value.encode()


# ---------------------------------------------------------------------- the hash


def add_hashes(resources: Iterable[Resource]) -> None:
    """Ends the names of what was generated with a hash of its content."""
    for resource in resources:
        if resource.hashed:
            suffix = content_hash(resource.node)
            resource.remember()
            resource.rename(f"{resource.name}-{suffix}")


def content_hash(node: Node) -> str:
    """Ten letters and digits. The name is no part of it: it is looked for where it never is."""
    kind = node.text_at("kind")
    values: dict[str, Any] = {"kind": kind, "name": ""}
    if kind == "ConfigMap":
        values["data"] = _content(node, "data")
        optional = "binaryData"
    elif kind == "Secret":
        values |= {"type": _content(node, "type"), "data": _content(node, "data")}
        optional = "stringData"
    else:
        return _encoded(go_json(to_data(node)))
    extra = _content(node, optional)
    if isinstance(extra, dict):
        values[optional] = extra
    return _encoded(go_json(values))


def _content(node: Node, field: str) -> Any:
    found = node.get(field)
    if found is None:
        return ""
    if found.kind == MAPPING and not found.flaw and all(value.tag == STR for value in found.fields.values()):
        return {key: value.text for key, value in found.fields.items()}
    return to_data(found) if found.kind != SCALAR else found.text


def _encoded(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10].translate(_DIGITS)
