"""What the pieces find in data. Source: client-go ``util/jsonpath/jsonpath.go``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.go_text import plain, type_name
from gitops_sim.cluster.jsonpath.pieces import Field, Filter, JSONPathError, Recursive, Slice, Step, Union, Value, Wildcard, Word


def run(actions: list[list[Step]], start: int, data: Any, depth: int) -> tuple[list[list[Any]], int]:
    """The results of the actions from ``start`` up to the end of the enclosing range, and where that end is."""
    results: list[list[Any]] = []
    index = start
    while index < len(actions):
        steps = actions[index]
        words = [step.name for step in steps if isinstance(step, Word)]
        if "end" in words and depth == 0:
            raise JSONPathError("not in range, nothing to end")
        found = _walk([data], steps)
        if "end" in words:
            return results, index
        if "range" in words:
            end = index
            for value in found or [None]:
                inner, end = run(actions, index + 1, value, depth + 1)
                if found:
                    results.extend(inner)
            index = end if end < len(actions) else index  # without an end, what follows is done once more for the whole
        else:
            results.append(found)
        index += 1
    return results, index


def _walk(values: list[Any], steps: list[Step]) -> list[Any]:
    for step in steps:
        values = _take(values, step)
    return values


def _take(values: list[Any], step: Step) -> list[Any]:
    if isinstance(step, Value):
        return [step.value] if isinstance(step.value, str) else [step.value for _ in values]
    if isinstance(step, Field):
        return [value[step.name] for value in values if isinstance(value, Mapping) and step.name in value]
    if isinstance(step, Slice):
        return _all_sliced(values, step)
    if isinstance(step, Filter):
        return [item for value in values for item in _filtered(value, step)]
    if isinstance(step, Union):
        return [item for part in step.parts for item in _walk(values, part)]
    if isinstance(step, Wildcard):
        return [item for value in values for item in _children(value)]
    if isinstance(step, Recursive):
        return [item for value in values for item in _descendants(value)]
    if step.name == "range":
        return values
    if step.name == "end":
        return []
    raise JSONPathError(f"unrecognized identifier {step.name}")


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return [value[key] for key in sorted(value)]
    if isinstance(value, str):
        return list(value.encode())
    return value if isinstance(value, list | tuple) else []


def _descendants(value: Any) -> list[Any]:
    children = _children(value)
    if not children:
        return []
    return [value, *([] if isinstance(value, str) else (item for child in children for item in _descendants(child)))]


def _all_sliced(values: list[Any], wanted: Slice) -> list[Any]:
    """A slice of no elements ends the search: what follows in ``values`` is lost, as in kubectl."""
    found: list[Any] = []
    for value in values:
        if value is not None:
            part = _sliced(value, wanted)
            if not part:
                break
            found.extend(part)
    return found


def _sliced(value: Any, wanted: Slice) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise JSONPathError(f"{type_name(value)} is not array or slice")
    length = len(value)
    start = wanted.start or 0
    start += length if start < 0 else 0
    stop = length if wanted.stop is None else wanted.stop
    stop += length if stop < 0 or (stop == 0 and wanted.single) else 0
    if start == stop:
        return []
    if not 0 <= start < length:
        raise JSONPathError(f"array index out of bounds: index {start}, length {length}")
    if not 0 <= stop <= length:
        raise JSONPathError(f"array index out of bounds: index {stop - 1}, length {length}")
    if start > stop:
        raise JSONPathError(f"starting index {start} is greater than ending index {stop}")
    if wanted.step is not None and wanted.step <= 0:
        raise JSONPathError("step must be > 0")
    return value[start : stop : wanted.step or 1]


def _filtered(value: Any, wanted: Filter) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise JSONPathError(f"{plain(value)} is not array or slice and cannot be filtered")
    return [item for item in value if _passes(item, wanted)]


def _passes(item: Any, wanted: Filter) -> bool:
    lefts = _walk([item], wanted.left)
    if wanted.operator == "exists":
        return bool(lefts)
    rights = _walk([item], wanted.right) if lefts else []
    if not lefts or not rights:
        return False
    if len(lefts) > 1 or len(rights) > 1:
        raise JSONPathError("can only compare one element at a time")
    left, right = lefts[0], rights[0]
    if wanted.operator not in ("<", ">", "==", "!=", "<=", ">="):
        raise JSONPathError(f"unrecognized filter operator {wanted.operator}")
    for side in (left, right):
        if not isinstance(side, bool | int | float | str):
            raise JSONPathError("invalid type for comparison")
    if type(left) is not type(right):
        raise JSONPathError("incompatible types for comparison")
    if wanted.operator in ("==", "!="):
        return bool((left == right) is (wanted.operator == "=="))
    if isinstance(left, bool):
        raise JSONPathError("invalid type for comparison")
    less, equal = left < right, left == right
    return bool({"<": less, "<=": less or equal, ">": not (less or equal), ">=": not less}[wanted.operator])
