"""``flux diff``: what applying a folder would change, printed as dyff prints it.

Source: flux2 ``internal/build/diff.go``; homeport/dyff ``pkg/dyff/core.go`` and ``output_human.go``: what a mapping lost and got
first, then what changed in it; entries of a list are told apart by their name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_sim.yaml_out import dump_yaml

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MASKED = ("*** (before)", "*** (after)")


def body(live: Any, merged: Any) -> str:
    """The differences of two versions of an object, each with an empty line before it, and one behind the last."""
    return "".join(f"\n{path}\n{text}" for path, text in _differences("", live, merged)) + "\n"


def masked(live: Any, merged: Any) -> tuple[Any, Any]:
    """Two versions of a Secret without its values: what differs says so."""
    before, after = dict(live.get("data") or {}), dict(merged.get("data") or {})
    for name in {*before, *after}:
        old, new = before.get(name), after.get(name)
        if name in before:
            before[name] = "***" if old == new else _MASKED[0]
        if name in after:
            after[name] = "***" if old == new else _MASKED[1]
    return {**live, "data": before}, {**merged, "data": after}


def _differences(path: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        lost = {key: value for key, value in old.items() if key not in new}
        got = {key: value for key, value in new.items() if key not in old}
        if lost or got:
            entry = ("map entry", "map entries")
            yield path or "(root level)", _block("-", "removed", lost, entry) + _block("+", "added", got, entry)
        for key, value in old.items():
            if key in new:
                yield from _differences(f"{path}.{key}".lstrip("."), value, new[key])
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(path, old, new)
    else:
        yield path, _changed(old, new)


def _lists(path: str, old: list[Any], new: list[Any]) -> Iterator[tuple[str, str]]:
    before, after = _named(old), _named(new)
    if before is not None and after is not None:
        for name, item in before.items():
            if name in after:
                yield from _differences(f"{path}.{name}", item, after[name])
        lost = [item for name, item in before.items() if name not in after]
        got = [item for name, item in after.items() if name not in before]
    elif len(old) == len(new) == 1:
        yield from _differences(f"{path}.0", old[0], new[0])
        return
    else:
        lost, got = [item for item in old if item not in new], [item for item in new if item not in old]
    if lost or got:
        entry = ("list entry", "list entries")
        yield path, _block("-", "removed", lost, entry) + _block("+", "added", got, entry)
    elif before is None or after is None:
        yield path, f"⇆ order changed\n- {', '.join(map(_shown, old))}\n+ {', '.join(map(_shown, new))}\n"


def _named(items: list[Any]) -> dict[str, Any] | None:
    """Items by their name; None unless all have one of their own."""
    if not items or not all(isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in items):
        return None
    found = {item["name"]: item for item in items}
    return found if len(found) == len(items) else None


def _block(sign: str, verb: str, entries: Mapping[str, Any] | Sequence[Any], names: tuple[str, str]) -> str:
    if not entries:
        return ""
    count = len(entries)
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    text = dump_yaml(entries, width=2**30).rstrip("\n")
    return f"{sign} {number} {names[count > 1]} {verb}:\n" + "".join(f"  {line}\n" for line in text.split("\n"))


def _changed(old: Any, new: Any) -> str:
    kinds = _type(old), _type(new)
    what = "value change" if kinds[0] == kinds[1] else f"type change from {kinds[0]} to {kinds[1]}"
    return f"± {what}\n- {_shown(old)}\n+ {_shown(new)}\n"


def _type(value: Any) -> str:
    if value is None:
        return "<nil>"
    if isinstance(value, Mapping | list):
        return "map" if isinstance(value, Mapping) else "list"
    return {bool: "bool", int: "int", float: "float", str: "string"}[type(value)]


def _shown(value: Any) -> str:
    if value is None:
        return "<nil>"
    return value if isinstance(value, str) else dump_yaml(value, width=2**30).rstrip("\n")
