"""The resource tree: an application, what it manages, and what those made in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitops_sim.objects import Key
from gitops_sim.views.icons import icon
from gitops_sim.views.svg import at, box, clip, clip_middle, label, num, tag, width_of
from gitops_sim.views.theme import Sign, health_sign, sync_sign
from gitops_sim.views.view import View

_ROOMY_WIDTH, _TIGHT_WIDTH, _GAP = 190, 214, 40
_ROOMY, _TIGHT = (62, 10), (26, 5)
_MANY = 14


@dataclass(frozen=True, slots=True)
class Node:
    """One object. ``sync`` and ``health`` are Argo CD's words, empty where there is none: a Pod has no sync status, a ConfigMap
    no health. ``note`` is a short fact beside the kind (``3/3 ready``, ``nginx:1.25``). ``key`` and ``created`` (RFC 3339) are
    those of the object, where it is one.
    """

    kind: str
    name: str
    sync: str = ""
    health: str = ""
    note: str = ""
    children: Sequence[Node] = ()
    key: Key | None = None
    created: str = ""

    def __len__(self) -> int:
        """How many objects this one and those under it are."""
        return 1 + sum(len(child) for child in self.children)


def tree(root: Node, *, title: str = "Resource tree") -> View:
    """Left to right, a column per generation: a parent stands level with the middle of its children.

    Many objects (more than 14 lines) are drawn on low cards, where only a state that wants attention keeps its word beside
    its icon.
    """
    spots: list[_Spot] = []
    rows = _lay(root, 0, 0, spots)[1]
    tight = rows > _MANY
    height, gap = _TIGHT if tight else _ROOMY
    depth = max(spot.depth for spot in spots)
    card = _TIGHT_WIDTH if tight else _ROOMY_WIDTH
    pitch = height + gap
    edges = "".join(_edge(spot, card, pitch, height) for spot in spots if spot.parent is not None)
    cards = "".join(_card(spot, card, pitch, height, tight) for spot in spots)
    width = (depth + 1) * card + depth * _GAP + 2
    return View(title, _words(root), tag("g", edges) + cards, width, rows * pitch - gap + 2, _summary(root))


class _Spot:
    """A node with its column, its line (counted in cards, fractions between them) and its parent's line."""

    __slots__ = ("depth", "line", "node", "parent")

    def __init__(self, node: Node, depth: int) -> None:
        self.node, self.depth, self.line = node, depth, 0.0
        self.parent: _Spot | None = None


def _lay(node: Node, depth: int, line: int, spots: list[_Spot]) -> tuple[_Spot, int]:
    """Places ``node`` and all under it from ``line`` on; gives its spot and the first free line."""
    spot = _Spot(node, depth)
    spots.append(spot)
    if not node.children:
        spot.line = line
        return spot, line + 1
    placed = []
    for child in node.children:
        child_spot, line = _lay(child, depth + 1, line, spots)
        child_spot.parent = spot
        placed.append(child_spot)
    spot.line = (placed[0].line + placed[-1].line) / 2
    return spot, line


def _left(spot: _Spot, card: float) -> float:
    return 1 + spot.depth * (card + _GAP)


def _edge(spot: _Spot, card: float, pitch: float, height: float) -> str:
    assert spot.parent is not None
    x1, y1 = _left(spot.parent, card) + card, 1 + spot.parent.line * pitch + height / 2
    x2, y2 = _left(spot, card), 1 + spot.line * pitch + height / 2
    middle = (x1 + x2) / 2
    if abs(y1 - y2) < 0.01:
        return tag("path", d=f"M{num(x1)} {num(y1)}H{num(x2)}", class_="edge")
    bend = min(10.0, abs(y2 - y1) / 2)
    down = bend if y2 > y1 else -bend
    path = (
        f"M{num(x1)} {num(y1)}H{num(middle - bend)}Q{num(middle)} {num(y1)} {num(middle)} {num(y1 + down)}"
        f"V{num(y2 - down)}Q{num(middle)} {num(y2)} {num(middle + bend)} {num(y2)}H{num(x2)}"
    )
    return tag("path", d=path, class_="edge")


def _signs(node: Node) -> list[Sign]:
    return [sign for sign in (node.sync and sync_sign(node.sync), node.health and health_sign(node.health)) if sign]


def _worst(node: Node) -> str:
    """The colour of the card's edge: only a card that wants attention has one."""
    tones = [sign.tone for sign in _signs(node)]
    return next((tone for tone in ("bad", "warn", "odd", "change") if tone in tones), "")


def _card(spot: _Spot, width: float, pitch: float, height: float, tight: bool) -> str:
    node = spot.node
    signs = _signs(node)
    worst = _worst(node)
    parts = [box(0, 0, width, height, "card", radius=7)]
    if worst:
        parts.append(tag("path", d=f"M7 0A7 7 0 0 0 0 7V{num(height - 7)}A7 7 0 0 0 7 {num(height)}Z", class_=f"{worst}-fill"))
    if tight:
        used = 8.0
        for sign in reversed(signs):
            if sign.tone != "good":
                parts.append(label(width - used, 17, sign.word, "tiny", anchor="end"))
                used += width_of(sign.word, 10.5) + 2
            used += 18
            parts.append(icon(sign.icon, width - used, 6, sign.tone, size=14))
        kind = clip(_short(node.kind), 60, 10.5)
        parts.append(label(13, 17, kind, "tiny soft"))
        start = 13 + width_of(kind, 10.5) + 6
        parts.append(label(start, 17, clip_middle(node.name, width - start - used - 2, 11.5), "small"))
    else:
        parts.append(label(14, 17, clip(node.kind + (f" · {node.note}" if node.note else ""), width - 22, 10.5), "tiny soft"))
        parts.append(label(14, 34, clip_middle(node.name, width - 22, bold=True), "strong"))
        x = 13.0
        for sign in signs:
            parts.append(icon(sign.icon, x, 41, sign.tone, size=14))
            parts.append(label(x + 18, 52, sign.word, "tiny"))
            x += width_of(sign.word, 10.5) + 28
    return at(_left(spot, width), 1 + spot.line * pitch, *parts, tip=_line(node))


_SHORT = {"Deployment": "deploy", "ReplicaSet": "rs", "Service": "svc", "ConfigMap": "cm", "Application": "app", "Pod": "pod"}


def _short(kind: str) -> str:
    return _SHORT.get(kind, kind)


def _line(node: Node) -> str:
    states = ", ".join(sign.word for sign in _signs(node))
    return f"{node.kind}/{node.name}" + (f"  {node.note}" if node.note else "") + (f"  {states}" if states else "")


def _words(root: Node) -> str:
    return "\n".join(_rows(root, "", ""))


def _rows(node: Node, first: str, rest: str) -> Iterator[str]:
    yield first + _line(node)
    for index, child in enumerate(node.children):
        last = index == len(node.children) - 1
        yield from _rows(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _summary(root: Node) -> str:
    return f"{_line(root)}, {len(root) - 1} objects under it"
