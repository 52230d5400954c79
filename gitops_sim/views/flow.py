"""Who reaches whom: push (CI reaches into the cluster) and pull (an agent in it reaches for Git), with what moved last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gitops_sim.clock import time_of_day
from gitops_sim.views.icons import icon
from gitops_sim.views.svg import arrowhead, at, box, clip, esc, label, line, num, tag, width_of
from gitops_sim.views.view import View

Style = Literal["push", "pull"]
Arrow = Literal["commit", "trigger", "poll", "apply", "watch", "manual"]
Place = Literal["git", "worker", "cluster"]

WIDTH, HEIGHT = 884, 298
_TOP, _NODE_WIDTH, _NODE_HEIGHT = 70, 128, 84
_MIDDLE = _TOP + _NODE_HEIGHT / 2


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happened along an arrow, or inside a box: who did what, when (simulated seconds), by which rule."""

    arrow: Arrow | Place
    time: float
    actor: str
    what: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one diagram shows at one moment.

    ``moves``: what happened so far, oldest first; the last one is the arrow (or the box) that is lit, unless ``quiet`` says that
    nothing is going on. ``states``: what stands in a box under its name (``git``, ``worker``, ``cluster``, ``person``).
    ``wrong``: in what way the cluster is not what Git says, if it is not. ``next``: what comes next by itself, if anything.
    ``watches``: whether the agent is told of changes in the cluster; else it looks from time to time.
    """

    style: Style
    moves: Sequence[Move] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""
    next: str = ""
    quiet: bool = False
    person: str = "people"
    worker: str = ""
    watches: bool = True


@dataclass(frozen=True, slots=True)
class _Node:
    name: str
    title: str
    icon: str
    tone: str
    x: float
    key: str = ""
    danger: bool = False


_PUSH = {"person": 14.0, "git": 232.0, "worker": 450.0, "cluster": 718.0}
_PULL = {"person": 14.0, "git": 232.0, "worker": 488.0, "cluster": 718.0}
_GLOW = "stroke-width:11;stroke-opacity:.2"
_ROUTES: dict[Style, dict[Arrow, tuple[str, str]]] = {
    "push": {"commit": ("person", "git"), "trigger": ("git", "worker"), "apply": ("worker", "cluster")},
    "pull": {
        "commit": ("person", "git"),
        "poll": ("worker", "git"),
        "apply": ("worker", "cluster"),
        "watch": ("cluster", "worker"),
    },
}
_VERBS: dict[Arrow, str] = {
    "commit": "commits",
    "trigger": "starts",
    "poll": "polls",
    "apply": "applies",
    "watch": "watch",
    "manual": "by hand",
}


def flow(diagram: Flow) -> View:
    """Push: person -> Git -> CI -> cluster. Pull: person -> Git <- agent -> cluster, with the agent inside the cluster's fence.

    The arrow of the last move is lit and told under the picture; a change by hand passes Git by, on a road of its own. Keys
    show who holds which credentials, and where.
    """
    style = diagram.style
    nodes = _nodes(diagram)
    lit = diagram.moves[-1] if diagram.moves and not diagram.quiet else None
    latest = {move.arrow: move for move in diagram.moves}
    parts = [_heading(style), _fence(style)]
    manual = latest.get("manual")
    if manual:
        parts.append(_road(nodes, manual, lit is manual, "warn" if diagram.wrong or lit is manual else "calm"))
    verbs = _VERBS if diagram.watches else {**_VERBS, "watch": "compares"}
    parts += [_arrow(nodes, style, arrow, verbs[arrow], latest.get(arrow), lit) for arrow in _ROUTES[style]]
    parts += [_node(node, diagram, lit) for node in nodes.values()]
    parts.append(_caption(lit, diagram))
    title = "Pull: an agent in the cluster fetches from Git" if style == "pull" else "Push: the pipeline reaches into the cluster"
    return View(title, _words(diagram, nodes, latest, lit), "".join(parts), WIDTH, HEIGHT, _summary(lit, diagram))


def _nodes(diagram: Flow) -> dict[str, _Node]:
    spots = _PULL if diagram.style == "pull" else _PUSH
    if diagram.style == "pull":
        worker = _Node("worker", diagram.worker or "agent", "agent", "agent", spots["worker"], "reads Git, writes here")
    else:
        worker = _Node(
            "worker", diagram.worker or "CI pipeline", "pipeline", "pipeline", spots["worker"], "cluster credentials", danger=True
        )
    return {
        "person": _Node("person", diagram.person, "person", "person", spots["person"], "writes to Git"),
        "git": _Node("git", "Git", "git", "calm", spots["git"]),
        "worker": worker,
        "cluster": _Node("cluster", "workload", "cluster", "cluster", spots["cluster"]),
    }


def _heading(style: Style) -> str:
    name, rest = (
        ("PUSH", "the pipeline writes, once per change") if style == "push" else ("PULL", "the agent compares, again and again")
    )
    tone = "pipeline" if style == "push" else "agent"
    return (
        box(14, 8, 50, 20, f"{tone}-tint", radius=10)
        + label(39, 22, name, f"tiny strong {tone}-text", anchor="middle")
        + label(74, 22, rest, "small soft")
    )


def _fence(style: Style) -> str:
    left = 466 if style == "pull" else 696
    return box(left, 30, WIDTH - left - 14, 176, "fence", radius=12) + label(left + 14, 47, "cluster", "caps")


def _node(node: _Node, diagram: Flow, lit: Move | None) -> str:
    busy = lit is not None and node.name == _start(diagram.style, lit.arrow)
    wrong = diagram.wrong if node.name == "cluster" else ""
    frame = "warn-card" if wrong else f"{node.tone}-card" if busy else "card"
    state = diagram.states.get(node.name, "")
    middle = _NODE_WIDTH / 2
    parts = [
        box(0, 0, _NODE_WIDTH, _NODE_HEIGHT, frame, radius=10),
        icon(node.icon, middle - 11, 10, node.tone, size=22),
        label(middle, 50, clip(node.title, _NODE_WIDTH - 12, bold=True), "strong", anchor="middle"),
        label(middle, 69, clip(state, _NODE_WIDTH - 12, 12, mono=True), "mono soft", anchor="middle"),
    ]
    if wrong:
        parts.append(_badge(wrong))
    if node.key:
        parts.append(_key(node.key, node.danger))
    tip = ", ".join(part for part in (node.title, state, node.key and f"key: {node.key}") if part)
    return at(node.x, _TOP, *parts, tip=tip)


def _badge(text: str) -> str:
    width = width_of(text, 10.5, bold=True) + 34
    left = (_NODE_WIDTH - width) / 2
    return (
        box(left, -11, width, 20, "warn-card", radius=10)
        + icon("differs", left + 8, -7, "warn", size=12)
        + label(left + 8 + width / 2, 3, text, "tiny strong", anchor="middle")
    )


def _key(text: str, danger: bool) -> str:
    tone = "bad" if danger else "calm"
    width = width_of(text, 11.5) + 34
    left = max(0.0, (_NODE_WIDTH - width) / 2)
    return (
        box(left, _NODE_HEIGHT + 10, width, 22, f"{tone}-tint", radius=11)
        + icon("key", left + 8, _NODE_HEIGHT + 14, tone, size=14)
        + label(left + 9 + width / 2, _NODE_HEIGHT + 25, text, "small", anchor="middle")
    )


def _start(style: Style, arrow: Arrow | Place) -> str:
    """The box that is busy: where the arrow starts, or where something happens without one."""
    starts: dict[str, str] = {known: ends[0] for known, ends in _ROUTES[style].items()}
    return "person" if arrow == "manual" else starts.get(arrow, arrow)


def _tone(style: Style, arrow: Arrow) -> str:
    if arrow in ("commit", "manual"):
        return "person" if arrow == "commit" else "warn"
    if arrow == "trigger":
        return "calm"
    return "agent" if style == "pull" else "pipeline"


def _arrow(nodes: Mapping[str, _Node], style: Style, arrow: Arrow, verb: str, move: Move | None, lit: Move | None) -> str:
    """From whoever acts to what is acted upon, with the verb above and the time of the last time below."""
    start, end = (nodes[name].x for name in _ROUTES[style][arrow])
    right = end > start
    y = _MIDDLE + (0 if style == "push" else {"watch": 16, "apply": -20}.get(arrow, 0))
    x1, x2 = (start + _NODE_WIDTH + 4, end - 6) if right else (start - 4, end + _NODE_WIDTH + 6)
    active = lit is not None and lit.arrow == arrow
    tone = _tone(style, arrow)
    middle = (x1 + x2) / 2
    shaft = x2 - 7 if right else x2 + 7
    parts = []
    if active:
        parts.append(tag("path", d=f"M{num(x1)} {num(y)}H{num(x2)}", class_=f"{tone}-line", style=_GLOW))
    line_class = f"{tone}-line" + (" thick" if active else "") if move else "edge dash"
    parts.append(line(x1, y, shaft, y, line_class))
    parts.append(
        arrowhead(x2, y, "right" if right else "left", f"{tone}-fill" if move else "calm-fill", size=12 if active else 9)
    )
    below = arrow == "watch"
    parts.append(label(middle, y + 19 if below else y - 9, verb, "small strong" if active else "small soft", anchor="middle"))
    if move:
        parts.append(label(middle, y + (33 if below else 18), time_of_day(move.time), "mono tiny soft", anchor="middle"))
    tip = f"{time_of_day(move.time)} {move.actor} {move.what}" if move else f"{verb}: nothing yet"
    return at(0, 0, *parts, tip=tip)


def _road(nodes: Mapping[str, _Node], move: Move, active: bool, tone: str) -> str:
    """The way past Git: from the person under everything into the cluster; pale once it has been put right."""
    x1, x2 = nodes["person"].x + 4, nodes["cluster"].x + _NODE_WIDTH / 2
    top, bottom = _TOP + _NODE_HEIGHT, 228
    path = (
        f"M{num(x1)} {top + 4}V{bottom - 12}Q{num(x1)} {bottom} {num(x1 + 12)} {bottom}"
        f"H{num(x2 - 12)}Q{num(x2)} {bottom} {num(x2)} {bottom - 12}V{top + 12}"
    )
    parts = []
    if active:
        parts.append(tag("path", d=path, class_=f"{tone}-line", style=_GLOW))
    parts.append(tag("path", d=path, class_=f"{tone}-line dash" + (" thick" if active else "")))
    parts.append(arrowhead(x2, top + 4, "up", f"{tone}-fill", size=12 if active else 9))
    text = f"past Git: {move.what}"
    shown = clip(text, 460, 11.5, bold=True)
    width = width_of(shown, 11.5, bold=True) + 42
    left = max(40.0, (x1 + x2 - width) / 2 - 60)
    parts.append(box(left, bottom - 11, width, 22, f"{tone}-card", radius=11))
    parts.append(icon("hand", left + 9, bottom - 7, tone, size=14))
    parts.append(label(left + 12 + width / 2, bottom + 4, shown, "small strong", anchor="middle"))
    return at(0, 0, *parts, tip=f"{time_of_day(move.time)} {move.actor} {move.what}")


def _caption(lit: Move | None, diagram: Flow) -> str:
    """The strip under the picture: when, who, what and why; and what comes next by itself."""
    y = 250
    parts = [box(14, y, WIDTH - 28, 44, "ground", radius=8)]
    room = WIDTH - 60.0
    if diagram.next:
        shown = clip(diagram.next, 270, 11.5)
        width = width_of(shown, 11.5) + 22
        parts.append(icon("clock", WIDTH - 28 - width, y + 14, "calm", size=15))
        parts.append(label(WIDTH - 28, y + 26, shown, "small", anchor="end"))
        room -= width + 16
    if lit is None:
        parts.append(label(28, y + 26, "nothing moves" if diagram.moves or diagram.quiet else "nothing has happened yet", "soft"))
        return "".join(parts)
    first = y + (19 if lit.why else 27)
    who = clip(lit.actor, 120, bold=True)
    what = clip(lit.what, room - 76 - width_of(who, bold=True))
    told = tag("tspan", esc(who), class_="strong") + tag("tspan", esc(what), dx=7)
    parts.append(label(28, first, time_of_day(lit.time), "mono"))
    parts.append(tag("text", told, x=100, y=first))
    if lit.why:
        parts.append(label(100, y + 36, clip(f"because {lit.why}", room - 72, 11.5), "small soft"))
    return "".join(parts)


def _summary(lit: Move | None, diagram: Flow) -> str:
    told = f"{time_of_day(lit.time)} {lit.actor} {lit.what}" if lit else "Nothing moves"
    return told + (f". The cluster: {diagram.wrong}" if diagram.wrong else "")


def _words(diagram: Flow, nodes: Mapping[str, _Node], latest: Mapping[Arrow | Place, Move], lit: Move | None) -> str:
    if diagram.style == "push":
        rows = ["person -> Git -> CI pipeline -> [ cluster: workload ]"]
    else:
        rows = ["person -> Git <- [ cluster: agent -> workload ]"]
    for name, node in nodes.items():
        state = diagram.states.get(name, "")
        key = f"key: {node.key}" + (" (outside the cluster)" if node.danger else "") if node.key else ""
        facts = "; ".join(part for part in (state, key) if part)
        rows.append(f"  {node.title}" + (f": {facts}" if facts else ""))
    for move in sorted(latest.values(), key=diagram.moves.index):
        mark = ">" if move is lit else " "
        why = f"  because {move.why}" if move.why and move is lit else ""
        rows.append(f"{mark} {time_of_day(move.time)}  {move.actor} {move.what}{why}")
    if diagram.wrong:
        rows.append(f"  the cluster: {diagram.wrong}")
    if diagram.next:
        rows.append(f"  {diagram.next}")
    return "\n".join(rows)
