"""Reading YAML and JSON that we did not write: bounded, strict, and with the meaning that Kubernetes gives it.

That meaning is YAML 1.1 as ``sigs.k8s.io/yaml`` turns it into JSON: ``y`` and ``on`` are booleans, ``0644`` is octal, ``1:30``
and dates are strings, keys become strings, ``1.0`` is the integer 1. Anchors and merge keys work. Unlike there, a key given
twice is an error. Limits are checked before memory is spent on what they forbid.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from gitops_sim.errors import BadInput

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml the same, eight times slower


@dataclass(frozen=True, slots=True)
class Limits:
    """``bytes`` of text; ``documents`` in it; ``depth`` of nesting; ``values`` that it holds once every alias is expanded (a long
    string counts as one value for every 64 characters)."""

    bytes: int = 10_000_000
    documents: int = 10_000
    depth: int = 100
    values: int = 2_000_000


DEFAULT_LIMITS = Limits()
"""10 MB is what Argo CD takes for all manifests of a folder together; etcd takes objects of 1.5 MiB."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its content as JSON-like data, and the line on which that starts (from 1)."""

    value: Any
    line: int


def load_documents(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> list[Document]:
    """Every document of a YAML or JSON text; an empty document has the value None.

    Values are dicts with string keys, lists, strings, numbers, booleans and None; aliases share their value. Raises BadInput with
    file, line and column, and the way to mend it.
    """
    content = decode(text, where=where, limits=limits)
    try:
        return list(_Reader(content, where, limits).documents())
    except BadInput:
        if content.lstrip()[:1] in ("{", "["):  # JSON allows a little that YAML does not: escaped surrogate pairs, tabs
            parsed = _load_json(content, limits)
            if parsed is not None:
                return parsed
        raise


def load_document(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> Any:
    """The content of a text that holds one document; None when it is empty. Raises BadInput when there are more."""
    documents = [d for d in load_documents(text, where=where, limits=limits) if d.value is not None]
    if len(documents) > 1:
        at = f"{where}:{documents[1].line}"
        raise BadInput("holds more than one document", where=at, mend="make it two files, or drop what follows '---'")
    return documents[0].value if documents else None


def check_size(size: int, *, where: str, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raises BadInput when a file of ``size`` bytes is not even to be read."""
    if size > limits.bytes:
        raise BadInput(
            f"is {_megabytes(size)} large; the limit is {_megabytes(limits.bytes)}",
            where=where,
            mend="split it, or move what is not a manifest out of the folder",
        )


def decode(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """The text without a byte order mark. Raises BadInput when it is too large, not UTF-8, or holds control characters."""
    check_size(len(text), where=where, limits=limits)
    if isinstance(text, bytes):
        if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise BadInput("is UTF-16 text", where=where, mend="save it as UTF-8")
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line, column = _position(error.object[: error.start].decode("latin-1"), error.start)
            what = f"is not UTF-8 text: byte 0x{error.object[error.start]:02x}"
            raise BadInput(what, where=f"{where}:{line}:{column}", mend="save it as UTF-8") from None
    text = text.removeprefix("\ufeff")
    bad = _UNPRINTABLE.search(text)
    if bad:
        line, column = _position(text, bad.start())
        raise BadInput(
            f"holds the control character U+{ord(bad.group()):04X}",
            where=f"{where}:{line}:{column}",
            mend="remove it, or write it as an escape in double quotes",
        )
    return text


_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.1 does not allow in a text, and a byte order mark in its middle."""


# ---------------------------------------------------------------------- scalars

_WORDS: dict[str, Any] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
    **{sign + word: float("inf") for word in (".inf", ".Inf", ".INF") for sign in ("", "+")},
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
}
_INTEGER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_FIRST_OF_NUMBER = frozenset("0123456789+-.")
_MOST_DIGITS = 400


def resolve(text: str) -> Any:
    """What an unquoted scalar means: the resolver of go-yaml v2, which Kubernetes, Argo CD and Flux read YAML with."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBER:
        return text
    plain = text if text[0] == "." else text.replace("_", "")
    if len(plain) <= _MOST_DIGITS and _INTEGER.match(plain):
        number = _integer(plain)
        if -(2**63) <= number < 2**63:
            return number
        return float(number) if number < 2**64 or _FLOAT.match(plain) else text
    if len(plain) <= _MOST_DIGITS and _FLOAT.match(plain):
        return _as_json(float(plain))
    return text


def _integer(plain: str) -> int:
    sign = -1 if plain[0] == "-" else 1
    digits = plain.lstrip("+-").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2]) or (8 if digits[0] == "0" else 10)
    return sign * int(digits.removeprefix("0x").removeprefix("0b").removeprefix("0o"), base)


def _as_json(number: float) -> int | float:
    """Go writes a whole float without a fraction, so that it comes back as an integer."""
    return int(number) if number.is_integer() and abs(number) < 2**63 else number


# ---------------------------------------------------------------------- structure


@dataclass(frozen=True, slots=True)
class _Node:
    """A value, how many values it holds when expanded, and whether it came from ``<<``, unquoted."""

    value: Any
    weight: int = 1
    merge: bool = False


class _Reader:
    """Builds values from the parser's events in one pass, so that every limit holds while the text is still being read."""

    def __init__(self, text: str, where: str, limits: Limits) -> None:
        self._text, self._where, self._limits = text, where, limits
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
            if name in lines:
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


def _load_json(text: str, limits: Limits) -> list[Document] | None:
    """JSON as such; None when it is not JSON either, or breaks a limit."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, parse_int=resolve)
        _check_depth(value, limits.depth)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError):
        return None
    return [Document(value, 1)]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is given twice")
    return values


def _refuse(text: str) -> None:
    raise ValueError(text)


def _finite(text: str) -> int | float:
    number = float(text)
    if number - number != 0:
        raise ValueError(text)
    return _as_json(number)


def _check_depth(value: Any, depth: int) -> None:
    if depth < 0:
        raise ValueError("too deep")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, depth - 1)


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB".replace(".0 ", " ") if size >= 500_000 else f"{size} bytes"
