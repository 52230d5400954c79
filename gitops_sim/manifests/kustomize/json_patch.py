"""JSON patches (RFC 6902) on plain data, with the texts and the leniencies of evanphx/json-patch.

Source: gopkg.in/evanphx/json-patch.v4 (4.12) ``patch.go``; the API server's own patching is in ``cluster/json_patch.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError

_MISSING = "missing value"
_ABSENT = object()
Operation = Mapping[str, Any]


def apply(document: Any, operations: list[Operation]) -> Any:
    """The document after all operations; the one given is changed. Raises KustomizeError for one that does not apply."""
    holder = {"": document}
    for operation in operations:
        kind = operation.get("op")
        run = _KINDS.get(kind) if isinstance(kind, str) else None
        if run is None:
            raise KustomizeError(
                f"Unexpected kind: {kind if isinstance(kind, str) else 'unknown'}",
                mend="op is add, remove, replace, move, copy or test",
            )
        run(holder, operation)
    return holder[""]


def _path(operation: Operation, field: str = "path") -> str | None:
    value = operation.get(field)
    return value if isinstance(value, str) else None


def _find(holder: dict[str, Any], path: str) -> tuple[Any, str] | None:
    """The container that holds what the path names, and the last step; None when there is none."""
    parts = path.split("/")
    if len(parts) < 2:
        return None
    at = holder[""]
    for part in parts[1:-1]:
        at = _get(at, _decoded(part))
        if not isinstance(at, dict | list):
            return None
    return at, _decoded(parts[-1])


def _decoded(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _index(key: str, size: int) -> int:
    if not key.lstrip("+-").isdigit() or len(key) - len(key.lstrip("+-")) > 1:
        raise KustomizeError(f'strconv.Atoi: parsing "{key}": invalid syntax', mend="name an item of a list by its number")
    index = int(key)
    if index >= size or index < -size:
        raise KustomizeError(f"Unable to access invalid index: {index}: invalid index referenced")
    return index + size if index < 0 else index


def _get(at: Any, key: str) -> Any:
    if isinstance(at, dict):
        return at.get(key, _ABSENT)
    try:
        return at[_index(key, len(at))]
    except KustomizeError:
        return _ABSENT


def _fetch(at: Any, key: str) -> Any:
    """Like _get, but an error where a list has no such item."""
    return at.get(key, _ABSENT) if isinstance(at, dict) else at[_index(key, len(at))]


def _put(at: Any, key: str, value: Any) -> None:
    if isinstance(at, dict):
        at[key] = value
    elif key == "-":
        at.append(value)
    else:
        try:
            index = _index(key, len(at) + 1)
        except KustomizeError as error:
            if error.what.startswith("strconv"):
                raise error.within(f"value was not a proper array index: '{key}'") from None
            raise
        at.insert(index, value)


def _take(at: Any, key: str) -> None:
    if isinstance(at, dict):
        if key not in at:
            raise KustomizeError(f"Unable to remove nonexistent key: {key}: {_MISSING}", mend="remove only what is there")
        del at[key]
    else:
        del at[_index(key, len(at))]


def _value(operation: Operation) -> Any:
    return deepcopy(operation.get("value"))


def _add(holder: dict[str, Any], operation: Operation) -> None:
    path = _path(operation)
    if path is None:
        raise KustomizeError(f"add operation failed to decode path: {_MISSING}")
    found = _find(holder, path)
    if found is None:
        raise KustomizeError(
            f'add operation does not apply: doc is missing path: "{path}": {_MISSING}', mend="add the parent first"
        )
    with _Wrapped(f"error in add for path: '{path}'"):
        _put(*found, _value(operation))


def _remove(holder: dict[str, Any], operation: Operation) -> None:
    path = _path(operation)
    if path is None:
        raise KustomizeError(f"remove operation failed to decode path: {_MISSING}")
    found = _find(holder, path)
    if found is None:
        raise KustomizeError(f'remove operation does not apply: doc is missing path: "{path}": {_MISSING}')
    with _Wrapped(f"error in remove for path: '{path}'"):
        _take(*found)


def _replace(holder: dict[str, Any], operation: Operation) -> None:
    path = _path(operation)
    if path is None:
        raise KustomizeError(f"replace operation failed to decode path: operation missing path field: {_MISSING}")
    if path == "":
        holder[""] = _value(operation)
        return
    found = _find(holder, path)
    if found is None:
        raise KustomizeError(f"replace operation does not apply: doc is missing path: {path}: {_MISSING}")
    at, key = found
    if isinstance(at, list) and _get(at, key) is _ABSENT:
        raise KustomizeError(f"replace operation does not apply: doc is missing key: {path}: {_MISSING}")
    if isinstance(at, dict):
        at[key] = _value(operation)
    else:
        at[_index(key, len(at))] = _value(operation)


def _move(holder: dict[str, Any], operation: Operation) -> None:
    at, key, _ = _source(holder, operation, "move")
    with _Wrapped(f"error in move for path: '{key}'"):
        value = _fetch(at, key)
        _take(at, key)
    at, key, path = _destination(holder, operation, "move")
    with _Wrapped(f"error in move for path: '{path}'"):
        _put(at, key, value)


def _copy(holder: dict[str, Any], operation: Operation) -> None:
    at, key, path = _source(holder, operation, "copy")
    with _Wrapped(f"error in copy for from: '{path}'"):
        value = _fetch(at, key)
        value = None if value is _ABSENT else value
    at, key, _ = _destination(holder, operation, "copy")
    with _Wrapped("error while adding value during copy"):
        _put(at, key, deepcopy(value))


def _source(holder: dict[str, Any], operation: Operation, verb: str) -> tuple[Any, str, str]:
    """What holds the value that is moved or copied, under which key, and the path that was given for it."""
    path = _path(operation, "from")
    if path is None:
        raise KustomizeError(f"{verb} operation failed to decode from: operation, missing from field: {_MISSING}")
    found = _find(holder, path)
    if found is None:
        raise KustomizeError(f"{verb} operation does not apply: doc is missing from path: {path}: {_MISSING}")
    return *found, path


def _destination(holder: dict[str, Any], operation: Operation, verb: str) -> tuple[Any, str, str]:
    """What is to hold the value, under which key, and the path that was given for it."""
    path = _path(operation) or ""
    found = _find(holder, path)
    if found is None:
        raise KustomizeError(f"{verb} operation does not apply: doc is missing destination path: {path}: {_MISSING}")
    return *found, path


def _test(holder: dict[str, Any], operation: Operation) -> None:
    path = _path(operation)
    if path is None:
        raise KustomizeError(f"test operation failed to decode path: operation missing path field: {_MISSING}")
    if path == "":
        actual = holder[""]
    else:
        found = _find(holder, path)
        if found is None:
            raise KustomizeError(f"test operation does not apply: is missing path: {path}: {_MISSING}")
        with _Wrapped(f"error in test for path: '{path}'"):
            actual = _fetch(*found)
            if actual is _ABSENT:
                actual = None
    if json.dumps(actual, sort_keys=True) != json.dumps(operation.get("value"), sort_keys=True):
        raise KustomizeError(f"testing value {path} failed: test failed", mend="the object is not what the patch expects")


class _Wrapped:
    """Puts a prefix before whatever goes wrong inside."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if isinstance(error, KustomizeError):
            raise error.within(self._prefix) from None


_KINDS = {"add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test}
