"""The objects in manifest files, read as kubectl reads them: document by document, each error with the file it is in.

Source: k8s.io/cli-runtime ``pkg/resource`` (StreamVisitor, mapper) and k8s.io/apimachinery ``pkg/util/yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from gitops_sim.cluster.go_text import json_text
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object
from gitops_sim.yaml_in import check_size, decode, load_documents

_STOP_VALIDATING = "if you choose to ignore these errors, turn validation off with --validate=false"


def read_documents(content: str | bytes, source: str, *, validate: bool) -> Iterator[Object | GitOpsSimError]:
    """The objects of one file, in order, a List taken apart.

    A document that is no object yields its error; one that does not parse yields it and ends the file. ``validate`` also asks for
    ``apiVersion`` and ``kind`` before anything else.
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
            values = [document.value for document in load_documents(part, where=source)]
        except BadInput as error:
            yield KubectlError(f"error parsing {source}: {_why(part, error)}")
            return
        for value in values:
            if value is not None:
                yield from _objects(value, source, validate=validate)


def _parts(text: str) -> Iterator[str | KubectlError]:
    """The documents of a YAML stream, each as a text whose lines are counted from its own start; JSON as a whole."""
    if text.lstrip().startswith("{"):
        yield text
        return
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("---"):
            rest = line[3:].strip()
            if rest and not rest.startswith("#"):
                yield KubectlError(f"error converting YAML to JSON: invalid Yaml document separator: {rest}")
                return
            if lines:
                yield "".join(lines)
                lines = []
                continue
        lines.append(line)
    if lines:
        yield "".join(lines)


def _why(text: str, error: BadInput) -> str:
    """The error in the words of Go's parser: the line of its own document counts."""
    if text.lstrip().startswith("{"):
        return "unexpected EOF" if text.count("{") > text.count("}") else f"invalid JSON: {error.what}"
    try:
        for _ in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            pass
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line if problem.problem_mark else 0
        if line and isinstance(problem, yaml.scanner.ScannerError):
            line += 1
        elif not line and problem.context_mark:
            line = problem.context_mark.line
        place = f"line {line}: " if line else ""
        return f"error converting YAML to JSON: yaml: {place}{problem.problem or 'unknown problem parsing YAML content'}"
    except yaml.YAMLError:
        pass
    return f"error converting YAML to JSON: yaml: {error.where.partition(':')[2]}: {error.what} ({error.mend})"


def _objects(value: Any, source: str, *, validate: bool) -> Iterator[Object | GitOpsSimError]:
    if validate and isinstance(value, Mapping):
        unset = [f"{field} not set" for field in ("apiVersion", "kind") if value.get(field) is None]
        unset = unset or [f"{f} isn't string type" for f in ("apiVersion", "kind") if not isinstance(value[f], str)]
        if unset:
            why = unset[0] if len(unset) == 1 else f"[{', '.join(unset)}]"
            yield KubectlError(f'error validating "{source}": error validating data: {why}; {_STOP_VALIDATING}')
            return
    why = _undecodable(value)
    if why:
        yield KubectlError(f'unable to decode "{source}": {why}')
    elif isinstance(value.get("items"), list):
        for item in value["items"]:
            why = _undecodable(item)
            if why:
                yield KubectlError(why)
            elif isinstance(item.get("items"), list):
                yield from _objects(item, source, validate=False)
            else:
                yield item
    else:
        yield value


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
