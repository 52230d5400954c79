"""What an agent says of its application, and how long until it looks at Git again by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.views.icons import icon
from gitops_sim.views.svg import box, clip, label, num, tag, width_of
from gitops_sim.views.theme import Sign, health_sign, sync_sign
from gitops_sim.views.view import View

_WIDTH, _RING_HEIGHT, _RADIUS = 330, 96, 36


@dataclass(frozen=True, slots=True)
class Wait:
    """Time until the next look: ``due`` in simulated seconds, None when nothing is planned; ``interval`` is a full ring."""

    now: float
    due: float | None
    interval: float = 180.0
    agent: str = "agent"
    doing: str = "polls Git"

    @property
    def left(self) -> float | None:
        return None if self.due is None else max(0.0, self.due - self.now)

    @property
    def words(self) -> tuple[str, str, str]:
        """The number, what it is until, and the times."""
        if self.due is None or self.left is None:
            return "no look planned", f"{self.agent} does not look by itself", f"now {time_of_day(self.now)}"
        return (
            format_duration(self.left),
            f"until {self.agent} {self.doing}",
            f"at {time_of_day(self.due)}, now {time_of_day(self.now)}",
        )


@dataclass(frozen=True, slots=True)
class AgentState:
    """An application as its agent reports it: sync status and health in Argo CD's words, the revision it compares with, and
    which automatic moves are switched on."""

    name: str
    sync: str = ""
    health: str = ""
    revision: str = ""
    switches: Sequence[tuple[str, bool]] = ()
    note: str = ""


def countdown(wait: Wait) -> View:
    """A ring that empties until the next look."""
    text = "{} {} ({})".format(*wait.words)
    return View("Next look at Git", text, _ring(wait), _WIDTH, _RING_HEIGHT, text)


def agent(state: AgentState, wait: Wait) -> View:
    """What the agent says, which of its switches are on, and the countdown."""
    parts = []
    x = 0.0
    for sign in _signs(state):
        width = width_of(sign.word, 13, bold=True) + 38
        parts.append(box(x, 0, width, 28, f"{sign.tone}-tint", radius=14))
        parts.append(icon(sign.icon, x + 9, 6, sign.tone))
        parts.append(label(x + 10 + width / 2, 19, sign.word, "strong", anchor="middle"))
        x += width + 8
    if not parts:
        parts.append(label(0, 19, "no status yet", "soft"))
    if state.revision:
        parts.append(label(0, 48, f"compared with {state.revision[:7]}", "small soft"))
    x = 0.0
    for name, on in state.switches:
        parts.append(icon("check" if on else "pause", x, 57, "good" if on else "calm", size=14))
        text = f"{name} {'on' if on else 'off'}"
        parts.append(label(x + 18, 68, text, "small"))
        x += width_of(text, 11.5) + 34
    if state.note:
        parts.append(label(0, 88, clip(state.note, _WIDTH, 11.5), "small soft"))
    offset = 96 if state.note else 78
    parts.append(tag("g", _ring(wait), transform=f"translate(-10 {offset})"))
    words = [
        state.name + ": " + ", ".join(sign.word for sign in _signs(state)) if _signs(state) else f"{state.name}: no status yet"
    ]
    if state.revision:
        words.append(f"compared with {state.revision[:7]}")
    words += [f"{name}: {'on' if on else 'off'}" for name, on in state.switches]
    words += [state.note] if state.note else []
    words.append("{} {} ({})".format(*wait.words))
    return View(f"{wait.agent}: {state.name}", "\n".join(words), "".join(parts), _WIDTH, offset + _RING_HEIGHT, "; ".join(words))


def _signs(state: AgentState) -> list[Sign]:
    signs = [sync_sign(state.sync)] if state.sync else []
    return signs + ([health_sign(state.health)] if state.health else [])


def _ring(wait: Wait) -> str:
    left = wait.left
    share = 0.0 if left is None or wait.interval <= 0 else min(1.0, left / wait.interval)
    cx = cy = _RING_HEIGHT / 2
    parts = [tag("circle", cx=cx, cy=cy, r=_RADIUS, class_="edge", style="stroke-width:7")]
    if share > 0.999:
        parts.append(tag("circle", cx=cx, cy=cy, r=_RADIUS, class_="agent-line", style="stroke-width:7"))
    elif share > 0:
        angle = 2 * math.pi * share
        x, y = cx - _RADIUS * math.sin(angle), cy - _RADIUS * math.cos(angle)
        # From the top against the clock: what is left of the wait.
        arc = f"M{num(cx)} {num(cy - _RADIUS)}A{_RADIUS} {_RADIUS} 0 {1 if share > 0.5 else 0} 0 {num(x)} {num(y)}"
        parts.append(tag("path", d=arc, class_="agent-line", style="stroke-width:7", stroke_linecap="round"))
    tone = "calm" if left is None else "agent"
    parts.append(icon("pause" if left is None else "agent", cx - 13, cy - 13, tone, size=26))
    first, second, third = wait.words
    parts.append(label(102, 42, first, "huge"))
    parts.append(label(102, 61, second, "small"))
    parts.append(label(102, 78, third, "small soft"))
    return "".join(parts)
