"""From text to nodes: documents, anchors and merge keys, as kyaml reads them.

Source: kyaml ``kio/byteio_reader.go`` (how a file is split), ``yaml/rnode.go`` and ``yaml/alias.go`` (anchors),
go-yaml v3 ``decode.go``. Text is cut into events by PyYAML's C parser, which descends from the same scanner as Go's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.go_syntax import go_syntax
from gitops_sim.manifests.kustomize.nodes import FLOW, MAPPING, PLAIN, QUOTED, SCALAR, SEQUENCE, TAGGED, Node
from gitops_sim.manifests.kustomize.scalars import MAP, MERGE, NULL, SEQ, STR, TIME, resolve

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"\n---.*\n")
_MOST_NODES = 2_000_000
_DEEPEST = 200


def parse_resources(content: bytes) -> list[Node]:
    """The objects of a file: every document but the empty ones; a ``List`` alone in its file stands for its items.

    Raises KustomizeError with ``MalformedYAMLError: ...``.
    """
    text = _decoded(content).replace("\r\n", "\n")
    documents = list(_split(text))
    found: list[Node] = []
    for document in documents:
        try:
            node = parse_document(document)
        except KustomizeError as error:
            raise KustomizeError(
                f"MalformedYAMLError: {error.what}", where=error.where, mend=error.mend, malformed=True
            ) from None
        if node is None or node.null:
            continue
        items = node.get("items")
        alone = len(documents) == 1 and node.text_at("kind") in ("List", "ResourceList")
        if alone and (items is not None or node.get("functionConfig") is not None):
            found += items.items if items is not None else ()
        else:
            found.append(node)
    return found


def parse_document(text: str) -> Node | None:
    """The first document of a text; None when there is none. Raises KustomizeError, worded as go-yaml v3 words it."""
    return _Builder(text).first()


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        kind = "invalid leading" if error.reason == "invalid start byte" else "invalid trailing"
        what = f"MalformedYAMLError: yaml: {kind} UTF-8 octet"
        raise KustomizeError(what, mend="save the file as UTF-8", malformed=True) from None


def _split(text: str) -> Iterator[str]:
    at = 0
    for found in _SEPARATOR.finditer(text):
        behind = found.group()[4:].strip()
        if behind and behind[0] != "#":
            what = f"invalid document separator: {found.group().strip()}"
            raise KustomizeError(what, mend="put what stands behind '---' on a line of its own")
        yield text[at : found.start()] + "\n"
        at = found.end()
    if text:
        yield text[at:]


def yaml_error(error: yaml.YAMLError, *, newest: bool) -> KustomizeError:
    """The error of go-yaml (v3 when ``newest``, else v2): it names the line where v3 thinks the trouble began, counting from 0
    but for the scanner's."""
    problem = str(getattr(error, "problem", None) or "unknown problem parsing YAML content")
    if isinstance(error, yaml.reader.ReaderError):
        return KustomizeError("yaml: control characters are not allowed", mend="remove them, or write them as an escape")
    begun, mark = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    scanned = isinstance(error, yaml.scanner.ScannerError)
    first, second = (begun, mark) if newest else (mark, begun)
    line = 0
    if first is not None and first.line:
        line = first.line + scanned
    elif second is not None and second.line:
        line = second.line + (scanned if newest else 0)
    tab = problem == "found character that cannot start any token"
    mend = "indent with spaces, not tabs, and quote what begins with @, ` or %" if tab else "mend the YAML of this file"
    return KustomizeError(f"yaml: {f'line {line}: ' if line else ''}{problem}", mend=mend)


class _Builder:
    """One document, in one pass over its events."""

    def __init__(self, text: str) -> None:
        self._parser = _Loader(text)
        self._text = text
        self._flows = 0
        self._anchors: dict[str, Node | None] = {}
        self._left = _MOST_NODES

    def first(self) -> Node | None:
        try:
            self._next()
            if isinstance(self._next(), yaml.StreamEndEvent):
                return None
            node = self._node(self._next(), _DEEPEST)
            self._next()
            return node
        except yaml.YAMLError as error:
            raise yaml_error(error, newest=True) from None

    def _next(self) -> Any:
        return self._parser.get_event()

    def _node(self, event: Any, deeper: int) -> Node:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            node = self._scalar(event)
            if event.anchor is not None:
                self._anchors[event.anchor] = node
            return node
        if kind is yaml.AliasEvent:
            return self._alias(event)
        if not deeper:
            raise KustomizeError("yaml: exceeded max depth of 10000", mend="flatten the document")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._flows += event.flow_style
        node = self._mapping(event, deeper) if kind is yaml.MappingStartEvent else self._sequence(event, deeper)
        self._flows -= event.flow_style
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any) -> Node:
        name = event.anchor
        if name not in self._anchors:
            raise KustomizeError(f"yaml: unknown anchor '{name}' referenced", mend=f"define it above with &{name}")
        node = self._anchors[name]
        if node is None:
            raise KustomizeError(f"yaml: anchor '{name}' value contains itself", mend="an alias may only name what ends above it")
        self._spend(_weight(node))
        return node.copy()

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise KustomizeError("yaml: document contains excessive aliasing", mend="use fewer aliases, or split the file")

    def _scalar(self, event: Any) -> Node:
        text = event.value
        tag = event.tag
        style = QUOTED if event.style else PLAIN
        if event.style == ">":
            text = folded_again(text)
        if tag is not None and tag != "!":
            return Node(SCALAR, text, tag.replace("tag:yaml.org,2002:", "!!", 1), style | TAGGED)
        if style:
            return Node(SCALAR, text, STR, QUOTED)
        tag = MERGE if text == "<<" else resolve(text)[0]
        if tag == TIME and self._flows and ":" in text:
            tag = STR  # between braces a colon needs quotes when it is written anew, and makes a text of the time
        return Node(SCALAR, text, tag)

    def _sequence(self, event: Any, deeper: int) -> Node:
        node = Node(SEQUENCE, tag=SEQ, style=FLOW if event.flow_style else PLAIN)
        items = node.items
        while type(inner := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._node(inner, deeper - 1))
        self._spend(len(items))
        return node

    def _mapping(self, event: Any, deeper: int) -> Node:
        node = Node(MAPPING, tag=MAP, style=FLOW if event.flow_style else PLAIN)
        fields = node.fields
        merged: list[Node] | None = None
        lines: list[int] = []
        while type(inner := self._next()) is not yaml.MappingEndEvent:
            line = inner.start_mark.line
            key = self._node(inner, deeper - 1)
            name, tag = key.text, key.tag
            value = self._node(self._next(), deeper - 1)
            if tag == MERGE:
                if merged is not None:
                    raise KustomizeError("duplicate merge key", mend="write << once, with a list: <<: [*a, *b]")
                merged = _merge_sources(value)
                continue
            if tag != STR:
                if key.kind != SCALAR:
                    node.flaw = f"yaml: invalid map key: {go_syntax(key)}"
                    continue
                node.odd = {**(node.odd or {}), name: tag}
            if name in fields:
                node.flaw = node.flaw or self._twice(name, lines[list(fields).index(name)], line)
            elif tag == NULL:
                node.flaw = node.flaw or self._twice(name, line, line, 0 if event.flow_style else 1)
            else:
                lines.append(line)
                fields[name] = value
        self._spend(len(fields))
        for source in merged or ():
            for name, value in source.fields.items():
                fields.setdefault(name, value)
        return node

    def _twice(self, name: str, first: int, second: int, later: int = 0) -> str:
        """Lines are counted as they will be when the object is written anew: without those that are blank or comments. A null as
        a key is written twice by the real tool, so that it always falls over it."""
        rows = [bool(row.strip()) and not row.lstrip().startswith("#") for row in self._text.split("\n")]
        first, second = (sum(rows[: at + 1]) for at in (first, second))
        return f'yaml: unmarshal errors:\n  line {second + later}: mapping key "{name}" already defined at line {first}'


def folded_again(text: str) -> str:
    """A folded text after go-yaml v3 has written and read it: its writer looks at the start of the text where it means the next
    line, and so adds a line before one that is indented (``yaml_emitter_write_folded_scalar`` in ``emitterc.go``)."""
    if not text or not (text[0] in " \t\n" or text.endswith("\n\n") or "\n " in text or "\n\t" in text):
        return text
    starts_blank = text.lstrip("\n")[:1] in ("", " ", "\t")
    written, breaks, leading = [], True, True
    for char in text:
        if char == "\n":
            written.append("\n\n" if not breaks and not leading and not starts_blank else "\n")
            breaks = True
        else:
            if breaks:
                written.append("  ")
                leading = char in " \t"
            written.append(char)
            breaks = False
    hint = ("2" if text[0] in " \n" else "") + ("-" if text[-1] != "\n" else "+" if text[-2:] in ("\n", "\n\n") else "")
    return str(yaml.load(f">{hint}\n{''.join(written)}", Loader=_Loader))


def _weight(node: Node) -> int:
    return 1 + sum(map(_weight, node.fields.values() if node.kind == MAPPING else node.items))


def _merge_sources(value: Node) -> list[Node]:
    """The mappings that ``<<`` takes over, the most important first."""
    if value.kind == MAPPING:
        return [value]
    if value.kind != SEQUENCE:
        raise KustomizeError("map merge requires map or sequence of maps as the value", mend="give << an alias of a mapping")
    if any(item.kind == SEQUENCE for item in value.items):
        raise KustomizeError("invalid map merge: received a nested sequence", mend="list the mappings side by side")
    if any(item.kind != MAPPING for item in value.items):
        raise KustomizeError("invalid map merge: received alias for a non-map value", mend="give << aliases of mappings")
    return list(value.items)
