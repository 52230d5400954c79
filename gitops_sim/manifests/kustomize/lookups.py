"""Paths within an object: ``spec.containers.[name=web].image``, one place or, with ``*``, many.

Source: kyaml ``PathGetter`` in ``yaml/fns.go``, ``PathMatcher`` in ``yaml/match.go``, ``utils/pathsplitter.go``.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import split_path
from gitops_sim.manifests.kustomize.nodes import MAPPING, NONE, SCALAR, SEQUENCE, Node, require, set_field
from gitops_sim.manifests.kustomize.printing import as_text
from gitops_sim.manifests.kustomize.scalars import NULL
from gitops_sim.manifests.kustomize.selecting import go_pattern


def split(path: str) -> list[str]:
    """The steps of a dotted path. Dots in ``[name=a.b]`` and ``[a.b/c]`` stand for themselves."""
    parts = split_path(path, ".")
    found: list[str] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        if part.startswith("[") and not part.endswith("]"):
            bracketed = [part]
            while at < len(parts) - 1:
                at += 1
                bracketed.append(parts[at])
                if parts[at].endswith("]"):
                    break
            joined = ".".join(bracketed)
            part = joined if "=" in joined else joined.strip("[]")
        found.append(part)
        at += 1
    return found


def _cleaned(path: Sequence[str]) -> list[str]:
    return [part.strip() for part in path if part.strip()]


def _number(part: str) -> int | None:
    return int(part) if part.lstrip("+-").isdigit() and len(part) - len(part.lstrip("+-")) < 2 else None


def _listed(part: str) -> bool:
    return part.startswith("[") and part.endswith("]")


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.removesuffix("]").removeprefix("[").partition("=")
    if not equals:
        raise KustomizeError(
            "list path element must contain fieldName=fieldValue for element to match", mend="write [name=value]"
        )
    return name, value


def lookup(node: Node, path: Sequence[str]) -> Node | None:
    """The one node at a path; None when it is not there."""
    at: Node | None = node
    for part in _cleaned(path):
        at = _step(at, part)
        if at is None:
            return None
    return at


def _step(node: Node | None, part: str) -> Node | None:
    number = _number(part)
    if number is not None and number < 0:
        raise KustomizeError(f"array index {number} cannot be negative")
    if number is not None or part == "-":
        require(node, SEQUENCE)
        items = node.items if node is not None else []
        index = len(items) - 1 if number is None else number
        return items[index] if 0 <= index < len(items) else None
    if part == "*":
        raise KustomizeError("wildcard is not supported in PathGetter", mend="name one place")
    if _listed(part):
        name, value = _pair(part)
        require(node, SEQUENCE)
        for item in node.items if node is not None else ():
            if not name:
                if item.text == value:
                    return item
            elif item.kind == MAPPING and name in item.fields and item.fields[name].text == value:
                return item
        return None
    if node is None or node.tag == NULL:
        return None
    require(node, MAPPING)
    return node.fields.get(part)


def match(node: Node, path: Sequence[str], create: int = NONE) -> list[Node] | None:
    """Every node at a path; None when there is none. With ``create`` what is missing is made, the last step as that kind."""
    if not path:
        return [node]
    part, rest = path[0], path[1:]
    number = _number(part)
    if number is not None and number >= 0:
        return _match_index(node, number, rest, create)
    if _listed(part):
        return _match_items(node, part, rest, create)
    if part == "*":
        require(node, SEQUENCE)
        found = [match(item, rest, create) for item in node.items]
        return _united(found)
    return _match_field(node, part, rest, create)


def _united(found: Sequence[list[Node] | None]) -> list[Node] | None:
    real = [nodes for nodes in found if nodes is not None]
    return [node for nodes in real for node in nodes] if real else None


def _next_kind(rest: Sequence[str], create: int) -> int:
    if not rest:
        return create
    number = _number(rest[0])
    return SEQUENCE if _listed(rest[0]) or (number is not None and number >= 0) else MAPPING


def _match_field(node: Node, part: str, rest: Sequence[str], create: int) -> list[Node] | None:
    if node.tag == NULL:
        field = None
    else:
        require(node, MAPPING)
        field = node.fields.get(part)
    if field is None:
        if not create:
            return None
        field = Node(_next_kind(rest, create))
        set_field(node, part, field)
    return match(field, rest, create)


def _match_index(node: Node, index: int, rest: Sequence[str], create: int) -> list[Node] | None:
    require(node, SEQUENCE)
    if len(node.items) == index and create:
        node.items.append(Node(_next_kind(rest, create)))
    if len(node.items) < index + 1:
        raise KustomizeError(f"index {index} specified but only {len(node.items)} elements found")
    return match(node.items[index], rest, create)


def _match_items(node: Node, part: str, rest: Sequence[str], create: int) -> list[Node] | None:
    name, value = _pair(part)
    expression = go_pattern(value, value)
    require(node, SEQUENCE)
    found: list[list[Node] | None] = []
    for item in node.items:
        if not name:
            if expression.search(as_text(item).strip()):
                found.append([item])
            continue
        field = item.get(name)
        if field is not None and expression.search(as_text(field).strip()):
            found.append(match(item, rest, create))
    united = _united(found) or None
    if united is not None or not create:
        return united
    fresh = Node(SCALAR, value)
    if name:
        holder = Node(MAPPING)
        holder.fields[name] = fresh
        fresh = holder
    node.items.append(fresh)
    return _match_items(node, part, rest, create)
