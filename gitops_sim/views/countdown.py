"""How long until the agent looks at Git again by itself."""

from __future__ import annotations

import math

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.views.icons import icon
from gitops_sim.views.svg import label, num, tag
from gitops_sim.views.view import View

_WIDTH, _HEIGHT, _RADIUS = 330, 96, 36


def countdown(
    now: float, due: float | None, interval: float, *, agent: str = "agent", doing: str = "polls Git", note: str = ""
) -> View:
    """A ring that empties until ``due`` (simulated seconds; None: nothing is planned).

    ``interval`` is what a full ring stands for.
    """
    left = None if due is None else max(0.0, due - now)
    share = 0.0 if left is None or interval <= 0 else min(1.0, left / interval)
    cx, cy = 48.0, 48.0
    parts = [tag("circle", cx=cx, cy=cy, r=_RADIUS, class_="edge", style="stroke-width:7")]
    if share > 0.999:
        parts.append(tag("circle", cx=cx, cy=cy, r=_RADIUS, class_="agent-line", style="stroke-width:7"))
    elif share > 0:
        angle = 2 * math.pi * share
        x, y = cx - _RADIUS * math.sin(angle), cy - _RADIUS * math.cos(angle)
        # From the top against the clock: what is left of the wait.
        parts.append(
            tag(
                "path",
                d=f"M{num(cx)} {num(cy - _RADIUS)}A{_RADIUS} {_RADIUS} 0 {1 if share > 0.5 else 0} 0 {num(x)} {num(y)}",
                class_="agent-line",
                style="stroke-width:7",
                stroke_linecap="round",
            )
        )
    parts.append(icon("agent" if due is not None else "pause", cx - 13, cy - 13, "agent" if due is not None else "calm", size=26))
    if left is None:
        first, second = "nothing planned", f"{agent} does not look by itself"
    else:
        first, second = format_duration(left), f"until {agent} {doing}"
    under = note or ("" if due is None else f"at {time_of_day(due)}, now {time_of_day(now)}")
    parts.append(label(102, 42, first, "huge"))
    parts.append(label(102, 61, second, "small"))
    if under:
        parts.append(label(102, 78, under, "small soft"))
    text = f"{first} {second}" + (f" ({under})" if under else "")
    return View("Next look at Git", text, "".join(parts), _WIDTH, _HEIGHT, text)
