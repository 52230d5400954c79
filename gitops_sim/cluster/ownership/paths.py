"""Sets of fields, and the two ways to write them down: FieldsV1 for machines, paths for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import json_text

Path = tuple[str, ...]
Fields = frozenset[Path]

NONE: Fields = frozenset()


def field(name: str) -> str:
    return f"f:{name}"


def item_key(keys: Mapping[str, Any]) -> str:
    return f"k:{json_text(dict(sorted(keys.items())))}"


def item_value(value: Any) -> str:
    return f"v:{json_text(value)}"


def in_order(fields: Fields) -> list[Path]:
    """What a level holds itself comes before what is deeper."""
    return sorted(fields, key=lambda path: [*((1, step) for step in path[:-1]), (0, path[-1])])


def shown(path: Path) -> str:
    """``.spec.containers[name="web"].image``"""
    text = ""
    for step in path:
        rest = step[2:]
        if step[0] == "f":
            text += f".{rest}"
        elif step[0] == "k":
            text += f"[{','.join(f'{name}={json_text(value)}' for name, value in json.loads(rest).items())}]"
        else:
            text += f"[={rest}]" if step[0] == "v" else f"[{rest}]"
    return text


def encoded(fields: Fields) -> dict[str, Any]:
    """The value of ``fieldsV1``."""
    tree: dict[str, Any] = {}
    for path in fields:
        level = tree
        for step in path:
            level = level.setdefault(step, {})
        level["."] = {}
    return _tidy(tree)


def _tidy(tree: dict[str, Any]) -> dict[str, Any]:
    if list(tree) == ["."]:
        return {}
    return {step: _tidy(tree[step]) if step != "." else {} for step in sorted(tree)}


def decoded(tree: Any) -> Fields:
    """The set behind a ``fieldsV1``. Raises ValueError for what is none."""
    found: set[Path] = set()
    _collect(tree, (), found)
    return frozenset(found)


def _collect(tree: Any, path: Path, found: set[Path]) -> None:
    if not isinstance(tree, Mapping):
        raise ValueError("fieldsV1 is a tree of mappings")
    for step, below in tree.items():
        if step == ".":
            found.add(path)
            continue
        if step[:2] not in ("f:", "k:", "v:", "i:"):
            raise ValueError(f"{step} is no step of a path")
        if step[0] == "k" and not isinstance(json.loads(step[2:]), dict):
            raise ValueError(f"{step} is no key of an item")
        if below:
            _collect(below, (*path, step), found)
        else:
            found.add((*path, step))
