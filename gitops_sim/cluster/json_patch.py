"""JSON patch (RFC 6902) with the habits of the real API server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.errors import ApiError, bad_request
from gitops_sim.objects import Object, get_path, with_path, without_path

_INDEX = re.compile(r"-?(0|[1-9]\d*)")
_MISSING = object()


def json_patch(current: Object, operations: Any) -> Any:
    """``current`` after ``operations``. Like on the real server, ``replace`` of a key that a mapping lacks adds it, ``add``
    without a value stores null, and anything that cannot be done is a 422 without a word on why."""
    if not isinstance(operations, list):
        kind = "object" if isinstance(operations, Mapping) else type(operations).__name__.replace("str", "string")
        raise bad_request(f"error decoding patch: json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp")
    result: Any = current
    for operation in operations:
        if not isinstance(operation, Mapping):
            raise bad_request("error decoding patch: json: cannot unmarshal into Go value of type handlers.jsonPatchOp")
        result = _apply(result, operation)
    return result


def _apply(obj: Any, operation: Mapping[str, Any]) -> Any:
    verb, path = operation.get("op"), _path(obj, operation.get("path"))
    value = operation.get("value")
    if verb == "test":
        if get_path(obj, path) != value:
            raise _rejected()
        return obj
    if verb == "remove":
        if get_path(obj, path, _MISSING) is _MISSING or not path:
            raise _rejected()
        return without_path(obj, path)
    if verb in ("move", "copy"):
        source = _path(obj, operation.get("from"))
        value = get_path(obj, source, _MISSING)
        if value is _MISSING:
            raise _rejected()
        if verb == "move":
            obj = without_path(obj, source)
        return _add(obj, _path(obj, operation.get("path")), value)
    if verb == "add":
        return _add(obj, path, value)
    if verb == "replace":
        return _replace(obj, path, value)
    raise _rejected()


def _add(obj: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    parent = get_path(obj, path[:-1], _MISSING)
    last = path[-1]
    if isinstance(parent, list):
        if not isinstance(last, int) or not 0 <= last <= len(parent):
            raise _rejected()
        return with_path(obj, path[:-1], [*parent[:last], value, *parent[last:]])
    if not isinstance(parent, Mapping):
        raise _rejected()
    return with_path(obj, path, value)


def _replace(obj: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    parent = get_path(obj, path[:-1], _MISSING)
    last = path[-1]
    if not isinstance(parent, Mapping) and not (isinstance(parent, list) and isinstance(last, int) and last < len(parent)):
        raise _rejected()
    return with_path(obj, path, value)


def _path(obj: Any, pointer: Any) -> tuple[str | int, ...]:
    """A JSON pointer as the steps to take in ``obj``: numbers (and ``-``, the end) for lists."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise _rejected()
    steps: list[str | int] = []
    for raw in pointer.split("/")[1:]:
        text = raw.replace("~1", "/").replace("~0", "~")
        step: str | int = text
        if isinstance(obj, list):
            if text == "-":
                step = len(obj)
            elif _INDEX.fullmatch(text):
                step = int(text) if int(text) >= 0 else len(obj) + int(text)
            else:
                raise _rejected()
        steps.append(step)
        obj = get_path(obj, (step,))
    return tuple(steps)


def _rejected() -> ApiError:
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", details={})
