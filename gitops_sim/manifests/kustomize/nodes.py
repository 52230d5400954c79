"""Objects while they are customised: trees of nodes that are changed in place.

The rest of the house shares frozen dicts. kustomize shares *nodes*, and its output shows it: a label that ``commonLabels`` made
in three places of an object is one node, and setting it in one place later sets all three. So the tree here is that of kyaml:
mappings keep their order, scalars their text, tag and quotes, and a node may hang in more than one place.

Source: kyaml ``yaml/fns.go`` and ``yaml/rnode.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.scalars import BOOL, INT, NULL, STR, decode, go_number, resolve
from gitops_sim.yaml_in import resolve as resolve_old

NONE, SCALAR, MAPPING, SEQUENCE = 0, 1, 2, 3
PLAIN, QUOTED, TAGGED, FLOW = 0, 1, 2, 4
_NAMES = {SCALAR: "ScalarNode", MAPPING: "MappingNode", SEQUENCE: "SequenceNode", NONE: ""}
_NOTHING: dict[str, Any] = {}
_FORBIDDEN = re.compile("[\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")
_FOLDED = re.compile("[ \t]*\x85[ \t\x85]*")


class Node:
    """One node. ``text``, ``tag`` and ``style`` are a scalar's; ``fields`` a mapping's, by the text of their keys; ``items`` a
    sequence's. ``odd`` are tags of keys that are no strings; ``keep`` marks a null that was written on purpose; ``flaw`` is what
    will be said of a mapping when it is turned into data (of a key that it has twice, the first counts until then)."""

    __slots__ = ("fields", "flaw", "items", "keep", "kind", "odd", "style", "tag", "text")

    def __init__(self, kind: int, text: str = "", tag: str = "", style: int = PLAIN) -> None:
        self.kind, self.text, self.tag, self.style = kind, text, tag, style
        self.fields: dict[str, Node] = {} if kind == MAPPING else _NOTHING
        self.items: list[Node] = []
        self.odd: dict[str, str] | None = None
        self.keep = False
        self.flaw = ""

    @property
    def null(self) -> bool:
        return self.tag == NULL

    @property
    def empty(self) -> bool:
        """Null, or a collection without content."""
        return (
            self.tag == NULL
            or (self.kind == MAPPING and not self.fields)
            or (self.kind == SEQUENCE and not self.items)
            or (self.kind == NONE and not self.text)
        )

    def become(self, other: Node) -> None:
        """Takes over what the other is; wherever this node hangs, that is seen. Children stay shared."""
        if other is self:
            return
        self.kind, self.text, self.tag, self.style = other.kind, other.text, other.tag, other.style
        self.fields = dict(other.fields) if other.kind == MAPPING else _NOTHING
        self.items = list(other.items)
        self.odd, self.keep, self.flaw = other.odd, other.keep, other.flaw

    def copy(self) -> Node:
        new = Node(NONE, self.text, self.tag, self.style)
        new.kind = self.kind
        if self.kind == MAPPING:
            new.fields = {key: value.copy() for key, value in self.fields.items()}
        elif self.kind == SEQUENCE:
            new.items = [item.copy() for item in self.items]
        new.odd, new.keep, new.flaw = self.odd, self.keep, self.flaw
        return new

    def get(self, name: str) -> Node | None:
        return self.fields.get(name) if self.kind == MAPPING else None

    def at(self, *path: str) -> Node | None:
        """The node at a path of plain names; None when a step is missing or null."""
        node: Node | None = self
        for step in path:
            node = node.get(step) if node is not None else None
            if node is None or node.tag == NULL:
                return None
        return node

    def text_at(self, *path: str) -> str:
        node = self.at(*path)
        return node.text if node is not None else ""

    def clear(self, name: str) -> None:
        if self.kind == MAPPING:
            self.fields.pop(name, None)
            if self.odd and name in self.odd:
                self.odd = {key: tag for key, tag in self.odd.items() if key != name}


def string(text: str, quoted: bool = False) -> Node:
    return Node(SCALAR, text, STR, QUOTED if quoted else PLAIN)


def mapping() -> Node:
    return Node(MAPPING)


def missing(node: Node | None) -> bool:
    """Not there, or null."""
    return node is None or node.tag == NULL


def require(node: Node | None, kind: int) -> None:
    """Raises KustomizeError unless the node is of a kind; one that is missing or null may become anything."""
    if node is None or node.tag == NULL or node.kind == kind:
        return
    from gitops_sim.manifests.kustomize.printing import as_text

    text = f"wrong node kind: expected {_NAMES[kind]} but got {_NAMES[node.kind]}: node contents:\n{as_text(node)}"
    raise WrongKindError(text, kind=node.kind)


class WrongKindError(KustomizeError):
    """A node of another kind than the one that is needed; ``kind`` is what it is."""

    def __init__(self, what: str, *, kind: int) -> None:
        super().__init__(what, mend="give the field the type that its kind asks for")
        self.kind = kind


def looks_typed(text: str) -> bool:
    """Whether YAML 1.1 takes a text for something other than a string."""
    return bool(text) and "\n" not in text and not isinstance(resolve_old(text), str)


def set_value(target: Node, value: Node) -> None:
    """Puts a scalar in the place of another, with the quotes that were there."""
    if value.tag in ("", STR) and value.style == PLAIN and looks_typed(value.text):
        value.style = QUOTED
    require(target, SCALAR)
    if value.tag == NULL:
        return
    value.style = target.style
    target.become(value)


def set_field(owner: Node, name: str, value: Node | None, *, quoted: bool = False) -> None:
    """Sets a field in place where it is there, and hangs the node itself below the name where it is not. None and null clear.

    A new name is written without quotes, so that ``"1"`` becomes a number, unless it is ``quoted``.
    """
    if value is not None and value.kind == SCALAR and value.style == PLAIN and value.tag in ("", STR) and looks_typed(value.text):
        value.style = QUOTED
    if value is None or (value.tag == NULL and not value.keep):
        require(owner, MAPPING)
        owner.clear(name)
        return
    if owner.tag == NULL:
        return
    require(owner, MAPPING)
    present = owner.fields.get(name)
    if present is None:
        owner.fields[name] = value
        if not quoted and (tag := resolve(name)[0]) != STR:
            owner.odd = {**(owner.odd or {}), name: tag}
    else:
        value.style = present.style
        present.become(value)


def lookup_create(node: Node, path: Iterable[str], kind: int = MAPPING) -> Node | None:
    """The node at a path of plain names, made where it is missing: mappings on the way, ``kind`` at its end. None below null."""
    steps = list(path)
    for at, step in enumerate(steps):
        if node.tag == NULL:
            return None
        require(node, MAPPING)
        inner = node.fields.get(step)
        if inner is None:
            inner = Node(kind if at == len(steps) - 1 else MAPPING)
            set_field(node, step, inner)
        node = inner
    return node


def annotations_of(node: Node) -> dict[str, str]:
    return _texts(node, "annotations")


def labels_of(node: Node) -> dict[str, str]:
    return _texts(node, "labels")


def _texts(node: Node, name: str) -> dict[str, str]:
    meta = node.get("metadata")
    found = meta.get(name) if meta is not None else None
    return {key: value.text for key, value in found.fields.items()} if found is not None and found.kind == MAPPING else {}


def set_texts(node: Node, name: str, values: dict[str, str]) -> None:
    """Writes ``metadata.labels`` or ``metadata.annotations`` anew, as strings; none clears the field."""
    meta = lookup_create(node, ("metadata",))
    if meta is None:
        return
    meta.clear(name)
    owner = lookup_create(meta, (name,)) if values else None
    if owner is not None:
        for key in sorted(values):
            set_field(owner, key, string(values[key], quoted=True))


def to_data(node: Node | None) -> Any:
    """The JSON-like data that a tree stands for, after Go has written it as JSON and read it again."""
    if node is None:
        return None
    kind = node.kind
    if kind == SCALAR:
        tag, style = node.tag, node.style
        if tag == STR or (tag == "" and (style == QUOTED or "\n" in node.text)):
            text = node.text
            return text if text.isascii() and "\x7f" not in text else through_json(text)
        return _typed_data(node)
    if kind == MAPPING:
        if node.flaw:
            raise KustomizeError(node.flaw, mend="give the mapping keys that are texts, each once")
        if node.odd:
            return _odd_mapping(node)
        return {key: to_data(value) for key, value in node.fields.items()}
    if kind == SEQUENCE:
        return [to_data(item) for item in node.items]
    return None


def through_json(text: str) -> str:
    """A text after Go has written it as JSON and read that as YAML, to which a few characters mean something."""
    if _FORBIDDEN.search(text):
        raise KustomizeError("yaml: control characters are not allowed", mend="remove them from the text")
    return _FOLDED.sub(lambda found: "\n" * (found.group().count("\x85") - 1) or " ", text)


def value_of(node: Node) -> Any:
    """What a scalar is, before it is written as JSON."""
    tag, text = node.tag, node.text
    if node.style & TAGGED:
        return decode(tag, text)
    found, value = resolve(text)
    if node.style & QUOTED or "\n" in text:
        return text if tag in ("", found) else decode(tag, text)
    return value if tag in ("", found) else decode(tag, text)


def _typed_data(node: Node) -> Any:
    value = value_of(node)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            name = "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
            raise KustomizeError(f"json: unsupported value: {name}", mend="write a finite number, or quote it")
        return go_number(value)
    return value


def _odd_mapping(node: Node) -> Any:
    raise KustomizeError("json: unsupported type: map[interface {}]interface {}", mend="quote the keys that are not strings")


def from_data(value: Any) -> Node:
    """The tree that plain data makes when Go writes it as YAML and reads it again."""
    if isinstance(value, dict):
        node = Node(MAPPING, tag="!!map")
        node.fields = {key: from_data(value[key]) for key in sorted(value)}
        return node
    if isinstance(value, list):
        node = Node(SEQUENCE, tag="!!seq")
        node.items = [from_data(item) for item in value]
        return node
    if value is None:
        return Node(SCALAR, "null", NULL)
    if isinstance(value, bool):
        return Node(SCALAR, "true" if value else "false", BOOL)
    if isinstance(value, int):
        return Node(SCALAR, str(value), INT)
    if isinstance(value, float):
        text = float_text(value)
        return Node(SCALAR, text, resolve(text)[0])
    found, _ = resolve(value)
    return Node(SCALAR, value, STR, PLAIN if found == STR and not looks_typed(value) else QUOTED)


def float_text(value: float) -> str:
    """As Go's ``%g``: an exponent from a 21st digit on."""
    text = repr(value)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return f"{mantissa.removesuffix('.0')}e{exponent[0]}{exponent[1:].rjust(2, '0')}"
    if abs(value) >= 1e21:
        return f"{value:e}"
    return text.removesuffix(".0")


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes below it."""
    yield node
    for inner in node.fields.values() if node.kind == MAPPING else node.items:
        yield from walk(inner)
