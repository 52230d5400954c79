"""The body of a request: JSON, YAML or protobuf, read within limits, with the error texts of the API server.

Source: k8s.io/apiserver ``pkg/endpoints/handlers/rest.go`` and ``create.go``, encoding/json of Go.
"""

from __future__ import annotations

import json
from typing import Any

from gitops_sim.api import protobuf
from gitops_sim.api.accept import MEDIA_TYPES, PROTOBUF
from gitops_sim.api.request import Request
from gitops_sim.api.response import JSON, YAML
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.go_text import json_text, yaml_problem
from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import ApiError, BadInput, Cause, bad_request, invalid
from gitops_sim.yaml_in import Limits, load_document

LARGEST = 3 * 1024 * 1024
"""Bytes: what the API server reads of one body."""
DEEPEST = 200
"""Levels of nesting. Go stops at 10000, but nothing that an object may hold is nested as deep as this."""
_YAML_LIMITS = Limits(bytes=LARGEST, documents=1, depth=DEEPEST)
_EXPECTED = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}


class Unreadable(Exception):
    """What is wrong with a body, in Go's words."""


def check_size(body: bytes) -> None:
    """Raises ApiError 413."""
    if len(body) > LARGEST:
        raise too_large()


def too_large() -> ApiError:
    return ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST}", details={})


def read_object(request: Request, kind: str, type_: Kind | None = None) -> tuple[Any, list[str]]:
    """The object in a body, and what the server warns of in it (``duplicate field "data.a"``). ``kind`` is what was expected,
    ``type_`` its type if it has one.

    Raises ApiError: 400 for what cannot be read, 415 for another content type.
    """
    doubled: list[str] = []
    try:
        if request.content_type in (JSON, YAML):
            value = read_json(request.body, doubled) if request.content_type == JSON else read_yaml(request.body)
            _check_type(value)
            if type_ is not None and type_.custom:
                _check_named(value, request.body)
            if value and str(value.get("apiVersion")).count("/") > 1:
                text = f"unexpected GroupVersion string: {value['apiVersion']} ({_summary(request.body)})"
                raise bad_request(f"the object provided is unrecognized (must be of type {kind}): {text}")
            return value, doubled
        if request.content_type == PROTOBUF:
            return protobuf.decode(request.body), doubled
    except _Unnamed as error:
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): {error} ({_summary(request.body)})"
        ) from None
    except Unreadable as error:
        summary = _summary(request.body)
        what = "json parse error" if request.content_type != YAML else "yaml parse error"
        why = f"couldn't get version/kind; {what}: {error} ({summary})"
        raise bad_request(f"the object provided is unrecognized (must be of type {kind}): {why}") from None
    except protobuf.Malformed as error:
        raise bad_request(f"the object provided cannot be read as protobuf (must be of type {kind}): {error}") from None
    raise unsupported(MEDIA_TYPES)


def readable_body(request: Request) -> tuple[str, Any]:
    """The content type and the body of a request that was understood, as data: JSON wherever it is one object."""
    kind = request.content_type
    if kind == PROTOBUF:
        return JSON, protobuf.decode(request.body)
    if kind == YAML:
        return JSON, read_yaml(request.body)
    if kind.endswith("yaml"):
        return kind, read_yaml(request.body)
    return kind, read_json(request.body)


def unsupported(types: str) -> ApiError:
    text = f"the body of the request was in an unknown format - accepted media types include: {types}"
    return ApiError(415, "UnsupportedMediaType", text)


def identified(cluster: Cluster, body: Any, kind: Kind) -> dict[str, Any]:
    """The object with the type that the path names, where it says none. Raises ApiError 400 for another type."""
    obj = dict(body or {})
    if kind.custom and obj.get("kind") not in (None, "", kind.kind) and obj.get("apiVersion") == kind.api_version:
        meta = obj.get("metadata")
        name = meta.get("name") if isinstance(meta, dict) else ""
        cause = Cause("kind", f"Invalid value: {json_text(obj['kind'])}: must be {kind.kind}")
        raise invalid(str(obj["kind"]), name if isinstance(name, str) else "", [cause], kind.group)
    for field, wanted in (("apiVersion", kind.api_version), ("kind", kind.kind)):
        if obj.get(field) in (None, ""):
            obj[field] = wanted
    if (obj["apiVersion"], obj["kind"]) != (kind.api_version, kind.kind):
        raise _another_type(obj["apiVersion"], obj["kind"], kind, cluster)
    return obj


def _another_type(sent: str, name: str, kind: Kind, cluster: Cluster) -> ApiError:
    group, _, version = sent.rpartition("/")
    known = cluster.kinds.of(group, name)
    if name == kind.kind and kind.group and group:
        return bad_request(f"the API version in the data ({sent}) does not match the expected API version ({kind.api_version})")
    if known is None or known.version != version:
        why = f'no kind "{name}" is registered for version "{sent}" in scheme "pkg/api/legacyscheme/scheme.go:30"'
    else:
        why = f"converting ({version}.{name}) to ({kind.group.partition('.')[0] or 'core'}.{kind.kind}): unknown conversion"
    return bad_request(f'{name} in version "{version}" cannot be handled as a {kind.kind}: {why}')


_TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'


def _check_named(value: Any, body: bytes) -> None:
    """A custom resource says what it is. Raises ApiError 400."""
    for field, word in (("kind", "Kind"), ("apiVersion", "apiVersion")):
        if not (value or {}).get(field):
            raise _Unnamed(f"Object '{word}' is missing in '{body.decode('utf-8', 'replace')}'")


class _Unnamed(Unreadable):
    pass


def _check_type(value: Any) -> None:
    """Raises Unreadable for what says nothing of its type because it is no object, and for a type that is no text."""
    words = {list: "array", str: "string", bool: "bool", int: "number", float: "number", dict: "object"}
    if value is not None and not isinstance(value, dict):
        raise Unreadable(f"json: cannot unmarshal {words[type(value)]} into Go value of type {_TYPE_META}")
    for field in ("apiVersion", "kind"):
        given = (value or {}).get(field)
        if given is not None and not isinstance(given, str):
            raise Unreadable(f"json: cannot unmarshal {words[type(given)]} into Go struct field .{field} of type string")


# ---------------------------------------------------------------------- JSON and YAML


def read_json(body: bytes, doubled: list[str] | None = None) -> Any:
    """Raises Unreadable. Paths of keys that stand twice in one object are added to ``doubled``; the last value counts."""
    text = body.decode("utf-8", "replace")
    seen: list[bool] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            seen.append(True)
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_constant, parse_float=_finite)
    except RecursionError:
        raise Unreadable("json: exceeded max depth") from None
    except json.JSONDecodeError as error:
        raise Unreadable(_in_go(text, error)) from None
    except ValueError:
        raise Unreadable("json: cannot unmarshal number into Go value of type float64") from None
    if text.count("{") + text.count("[") > DEEPEST and _depth(value) > DEEPEST:
        raise Unreadable("json: exceeded max depth")
    if seen and doubled is not None:
        doubled.extend(f'duplicate field "{path}"' for path in _doubled(text))
    return _whole(value) if "\\u" in text else value


def read_yaml(body: bytes) -> Any:
    """Raises Unreadable."""
    try:
        return _whole(load_document(body, where="body", limits=_YAML_LIMITS))
    except BadInput as error:
        text = body.decode("utf-8", "replace")
        raise Unreadable(f"error converting YAML to JSON: {yaml_problem(text, error)}") from None


def _in_go(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith(("Unterminated", "Invalid \\u")):
        return "unexpected end of JSON input"
    return f"invalid character {_character(text[error.pos])} {_EXPECTED.get(error.msg, 'looking for beginning of value')}"


def _character(letter: str) -> str:
    quoted = {"'": "'\\''", '"': "'\"'"}.get(letter)
    return quoted or (f"'{letter}'" if letter.isprintable() else f"'\\u{ord(letter):04x}'")


def _constant(name: str) -> Any:
    raise json.JSONDecodeError("Expecting value", name, 0)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _depth(value: Any) -> int:
    level, deepest = [value], 0
    while level:
        deepest += 1
        level = (
            [
                inner
                for item in level
                for inner in (item.values() if isinstance(item, dict) else item)
                if isinstance(inner, dict | list)
            ]
            if isinstance(level[0], dict | list)
            else []
        )
    return deepest


def _whole(value: Any) -> Any:
    """Half of a surrogate pair becomes U+FFFD, as in Go: no other letter is without a place in UTF-8."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _doubled(text: str) -> list[str]:
    """The paths of keys that stand twice, found by reading the text once more with every pair kept."""
    root = json.loads(text, object_pairs_hook=_Pairs)
    found: list[str] = []

    def walk(value: Any, path: str) -> None:
        if isinstance(value, _Pairs):
            keys = set()
            for key, item in value.items:
                where = f"{path}.{key}" if path else key
                if key in keys and where not in found:
                    found.append(where)
                keys.add(key)
                walk(item, where)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                walk(item, f"{path}[{index}]")

    walk(root, "")
    return found


class _Pairs:
    def __init__(self, items: list[tuple[str, Any]]) -> None:
        self.items = items


def _summary(body: bytes) -> str:
    """The beginning of a body, as a JSON object in letters and in hexadecimal digits otherwise."""
    if not body:
        return "<empty>"
    shown, more = body[:30], " ..." if len(body) > 30 else ""
    return (shown.decode("utf-8", "replace") if body[:1] == b"{" else shown.hex()) + more
