"""YAML, read from the events of its parser."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from gitops_sim.errors import BadInput
from gitops_sim.yaml_in.scalars import resolve
from gitops_sim.yaml_in.text import Document, Limits

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml the same, eight times slower


@dataclass(frozen=True, slots=True)
class _Node:
    """A value, how many values it holds when expanded, and whether it came from ``<<``, unquoted."""

    value: Any
    weight: int = 1
    merge: bool = False


class Reader:
    """Builds values from the parser's events in one pass, so that every limit holds while the text is still being read."""

    def __init__(self, text: str, where: str, limits: Limits, last_wins: bool) -> None:
        self._text, self._where, self._limits, self._last_wins = text, where, limits, last_wins
        self._parser = _Loader(text)
        self._anchors: dict[str, _Node | None] = {}
        self._spent = 0

    def documents(self) -> Iterator[Document]:
        count = 0
        self._next()
        while True:
            event = self._next()
            if isinstance(event, yaml.StreamEndEvent):
                return
            count += 1
            if count > self._limits.documents:
                raise self._error(event, f"holds more than {self._limits.documents} documents", "split the file")
            self._anchors = {}
            first = self._next()
            yield Document(self._node(first, 1).value, first.start_mark.line + 1)
            self._next()

    def _next(self) -> Any:
        try:
            return self._parser.get_event()
        except yaml.YAMLError as error:
            raise self._parse_error(error) from None

    def _node(self, event: Any, depth: int) -> _Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > self._limits.depth:
            raise self._error(event, f"is nested more than {self._limits.depth} levels deep", "flatten it")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(depth)
        else:
            node = self._mapping(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _spend(self, weight: int, event: Any) -> None:
        self._spent += weight
        if self._spent > self._limits.values:
            raise self._error(
                event, f"expands to more than {self._limits.values} values", "use fewer aliases (*name), or split the file"
            )

    def _alias(self, event: Any) -> _Node:
        if event.anchor not in self._anchors:
            raise self._error(event, f"unknown alias *{event.anchor}", f"define it above with &{event.anchor}")
        node = self._anchors[event.anchor]
        if node is None:
            raise self._error(event, f"anchor &{event.anchor} contains itself", "an alias may only name what ends above it")
        self._spend(node.weight, event)
        return node

    def _scalar(self, event: Any) -> _Node:
        text: str = event.value
        weight = 1 + len(text) // 64
        self._spend(weight, event)
        tag = event.tag
        if tag is None or tag == "!":
            value = resolve(text) if event.implicit[0] and tag is None else text
        elif tag.startswith("tag:yaml.org,2002:"):
            value = self._tagged(event, tag.removeprefix("tag:yaml.org,2002:"))
        else:
            value = text
        if isinstance(value, float) and value - value != 0:
            raise self._error(event, f"{text} is not a number that JSON can hold", "write a finite number, or quote it")
        return _Node(value, weight, merge=text == "<<" and event.implicit[0])

    def _tagged(self, event: Any, tag: str) -> Any:
        text: str = event.value
        if tag == "binary":
            try:
                return base64.b64decode(text, validate=False).decode()
            except ValueError:
                raise self._error(event, "!!binary does not hold the base64 form of a text", "mend the base64 form") from None
        if tag not in ("int", "float", "bool", "null"):
            return text
        value = resolve(text) if text else None
        fits = {
            "int": isinstance(value, int) and not isinstance(value, bool),
            "float": isinstance(value, int | float) and not isinstance(value, bool),
            "bool": isinstance(value, bool),
            "null": value is None,
        }
        if not fits[tag]:
            raise self._error(event, f"cannot read {text!r} as !!{tag}", "drop the tag, or mend the value")
        return value

    def _sequence(self, depth: int) -> _Node:
        items: list[Any] = []
        weight = 1
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            node = self._node(event, depth + 1)
            items.append(node.value)
            weight += node.weight
        return _Node(items, weight)

    def _mapping(self, depth: int) -> _Node:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[Any] = []
        weight = 1
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            inner = self._next()
            node = self._node(inner, depth + 1)
            weight += node.weight + key.weight
            if key.merge:
                merged += self._merge_sources(inner, node.value)
                continue
            name = self._key(event, key.value)
            if name in lines and not self._last_wins:
                named = self._named(event, name)
                raise self._error(event, f"key {named} is given twice, first on line {lines[name]}", "keep one of them")
            lines[name] = event.start_mark.line + 1
            values[name] = node.value
        for source in merged:
            values = {**source, **values}
        return _Node(values, weight)

    def _named(self, event: Any, name: str) -> str:
        """A key as written, and what it means where that differs: ``'on' (read as true)``."""
        written = getattr(event, "value", name)
        return _short(written) + (f" (read as {name})" if written != name else "")

    def _merge_sources(self, event: Any, value: Any) -> list[Mapping[str, Any]]:
        """The mappings that ``<<`` takes over, the most important first."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise self._error(event, "<< needs a mapping, or a list of mappings", "give it an alias (*name) of a mapping")
        return sources

    def _key(self, event: Any, key: Any) -> str:
        if isinstance(key, str):
            return key
        if isinstance(key, bool):
            return "true" if key else "false"
        if isinstance(key, int | float):
            return repr(key)
        what = {type(None): "null", dict: "a mapping", list: "a list"}[type(key)]
        template = "{{" in self._line(event.start_mark)
        mend = "this looks like a template (Helm, Jinja): render it first" if template else "write a string as key"
        raise self._error(event, f"{what} cannot be a key", mend)

    # ------------------------------------------------------------------ errors

    def _error(self, event: Any, what: str, mend: str) -> BadInput:
        mark = event.start_mark
        return BadInput(what, where=f"{self._where}:{mark.line + 1}:{mark.column + 1}", mend=mend)

    def _line(self, mark: Any) -> str:
        lines = self._text.splitlines()
        return lines[mark.line] if mark.line < len(lines) else ""

    def _parse_error(self, error: yaml.YAMLError) -> BadInput:
        problem = str(getattr(error, "problem", None) or error)
        context, begun = getattr(error, "context", None), getattr(error, "context_mark", None)
        mark = getattr(error, "problem_mark", None) or begun
        lines = [self._line(m) for m in (begun, mark) if m is not None]
        if any("{{" in line or "{%" in line for line in lines):
            mend = "this looks like a template (Helm, Jinja): render it first"
        elif any("\t" in line[: len(line) - len(line.lstrip())] for line in lines):
            mend = "YAML is indented by spaces: replace the tab"
        else:
            mend = next(text for part, text in _MENDS.items() if part in problem)
        where = self._where + (f":{mark.line + 1}:{mark.column + 1}" if mark is not None else "")
        return BadInput(f"not valid YAML: {problem}" + (f" {context}" if context else ""), where=where, mend=mend)


_MENDS = {
    "mapping values are not allowed": "check the indentation; quote a value that holds ': '",
    "could not find expected ':'": "write 'key: value', with a space behind the colon",
    "did not find expected key": "keys of one mapping begin in the same column: check the indentation",
    "did not find expected '-' indicator": "items of one list begin in the same column: check the indentation",
    "did not find expected ',' or": "close the bracket, or put a comma between the values",
    "cannot start any token": "quote a value that begins with '@', '`' or '%'",
    "unexpected end of stream": "close the quotation mark",
    "unexpected document indicator": "close the quotation mark",
    "unknown escape character": "use single quotes where a backslash is meant as it stands",
    "block sequence entries are not allowed": "begin the list on a line of its own",
    "": "check this line and the one above it",
}


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
