"""Strict reading of YAML that people wrote: every complaint names the file, the line, the field and the way to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from gitops_sim.clock import parse_duration
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.yaml_in import Limits, check_size, decode, load_document, resolve

LIMITS = Limits(bytes=1_000_000, documents=1, depth=40, values=100_000)
"""What one file may hold: a story or an exercise is a few hundred lines."""

_TEXT = "tag:yaml.org,2002:str"
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Reader:
    """One value in a YAML document, and the way to it. Each method says what the value must be, or else raises BadInput."""

    __slots__ = ("field", "node", "source")

    def __init__(self, node: yaml.Node, source: str, field: str = "") -> None:
        self.node, self.source, self.field = node, source, field

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def where(self) -> str:
        """``drift.yaml:12: runs[0].name``."""
        return f"{self.source}:{self.line}" + (f": {self.field}" if self.field else "")

    def fail(self, what: str, mend: str = "") -> NoReturn:
        raise BadInput(what, where=self.where, mend=mend)

    # ------------------------------------------------------------------ structure

    def entries(self) -> dict[str, Reader]:
        """A mapping with any keys, in the order of the file."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail(f"must be a mapping, not {self._shown()}", "write indented 'key: value' lines")
        found: dict[str, Reader] = {}
        for key_node, value_node in self.node.value:
            if key_node.value == "<<" and _is_plain(key_node):
                Reader(key_node, self.source, self.field).fail("merge keys (<<) are not read here", "write the fields out")
            found[key_node.value] = Reader(value_node, self.source, _inside(self.field, key_node.value))
        return found

    def mapping(self, required: Sequence[str] = (), optional: Sequence[str] = ()) -> dict[str, Reader]:
        """A mapping with these keys and no others; a null value counts as absent."""
        entries = self.entries()
        allowed = (*required, *optional)
        for key, value in entries.items():
            if key not in allowed:
                value.fail(f"unknown key {key!r}", nearest(key, allowed))
        present = {key: value for key, value in entries.items() if not value.is_null}
        for key in required:
            if key not in present:
                self.fail(f"{key!r} is missing", f"add '{key}: ...'")
        return present

    def items(self) -> list[Reader]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail(f"must be a list, not {self._shown()}", "write lines that start with '- '")
        return [Reader(node, self.source, f"{self.field}[{index}]") for index, node in enumerate(self.node.value)]

    @property
    def is_null(self) -> bool:
        return self.plain() is None if isinstance(self.node, yaml.ScalarNode) else False

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    # ------------------------------------------------------------------ values

    def text(self, *, empty: bool = False) -> str:
        value = self.plain()
        if not isinstance(value, str):
            self.fail(f"must be text, not {self._shown()}", "put it in quotes")
        if not value.strip() and not empty:
            self.fail("must not be empty")
        return value

    def choice(self, options: Iterable[str]) -> str:
        value, known = self.text(), tuple(options)
        if value not in known:
            self.fail(f"unknown value {value!r}", nearest(value, known))
        return value

    def flag(self) -> bool:
        value = self.plain()
        if not isinstance(value, bool):
            self.fail(f"must be true or false, not {self._shown()}")
        return value

    def whole(self, *, least: int = 0) -> int:
        value = self.plain()
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fail(f"must be a whole number, {least} or more, not {self._shown()}")
        return value

    def number(self) -> float:
        value = self.plain()
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.fail(f"must be a number, not {self._shown()}")
        return float(value)

    def duration(self) -> float:
        """Simulated seconds of ``90``, ``90s``, ``3m`` or ``1h30m``."""
        return parse_duration(self.plain(), where=self.where)

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def plain(self) -> Any:
        """The value as JSON-like data."""
        return _plain(self.node, self.source, self.field)

    def _shown(self) -> str:
        if isinstance(self.node, yaml.MappingNode):
            return "a mapping"
        if isinstance(self.node, yaml.SequenceNode):
            return "a list"
        value = self.plain()
        if isinstance(value, bool) and self.node.value not in ("true", "false"):
            return f"{self.node.value!r}, which YAML reads as {str(value).lower()}"
        return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def read_yaml(text: str | bytes, source: str) -> Reader:
    """The one document in ``text``; size, depth and aliases are checked before anything is expanded."""
    if load_document(text, where=source, limits=LIMITS) is None:
        raise BadInput("the file is empty", where=source, mend="write something into it")
    node = yaml.compose(decode(text, where=source), Loader=_LOADER)
    assert node is not None
    return Reader(node, source)


def read_file(path: Path) -> Reader:
    """The one YAML document in a file. Raises BadInput for a file that cannot be read as one."""
    try:
        check_size(path.stat().st_size, where=str(path), limits=LIMITS)
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", where=str(path), mend="name a YAML file") from None
    return read_yaml(content, path.name)


def merged(base: Reader, patch: Reader) -> Reader:
    """``base`` with ``patch`` over it, as RFC 7386 merges JSON: mappings are merged, null removes a key, anything else replaces.

    Each value keeps the line on which it was written.
    """
    return Reader(_merge(base.node, patch.node), base.source, base.field)


def _merge(base: yaml.Node | None, patch: yaml.Node) -> yaml.Node:
    if not isinstance(patch, yaml.MappingNode):
        return patch
    entries: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    if isinstance(base, yaml.MappingNode):
        entries = {key.value: (key, value) for key, value in base.value}
    for key, value in patch.value:
        if Reader(value, "").is_null:
            entries.pop(key.value, None)
        else:
            inner = entries[key.value][1] if key.value in entries else None
            entries[key.value] = (key, _merge(inner, value))
    return yaml.MappingNode(patch.tag, list(entries.values()), patch.start_mark, patch.end_mark)


def _inside(field: str, key: str) -> str:
    plain = key.replace("_", "").replace("-", "").isalnum()
    return f"{field}.{key}" if field and plain else f"{field}[{key!r}]" if field else key


def _plain(node: yaml.Node, source: str, field: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key: value.plain() for key, value in Reader(node, source, field).entries().items()}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, source, f"{field}[{index}]") for index, item in enumerate(node.value)]
    if node.tag != _TEXT:
        Reader(node, source, field).fail(f"unknown YAML tag {node.tag!r}", "leave tags (!...) out")
    return resolve(node.value) if _is_plain(node) else node.value


def _is_plain(node: yaml.Node) -> bool:
    """Neither quoted nor a block: what it means depends on what it looks like."""
    return isinstance(node, yaml.ScalarNode) and not node.style
