"""Who did what and when: a lane per actor, and the time in which the cluster was not what Git said."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.views.icons import icon
from gitops_sim.views.svg import at, box, clip, esc, label, line, num, tag, width_of
from gitops_sim.views.theme import actor_sign
from gitops_sim.views.view import View

WIDTH = 884
_LANES_LEFT, _LANE, _TOP = 108, 38, 44
_LEFT, _RIGHT = _LANES_LEFT + 24, WIDTH - 30
_BEAD = 22
_MOST = 24
_LEGEND_ROW = 25


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that someone did. ``time`` in simulated seconds; ``past_git``: a change of the cluster that Git does not know.

    ``role`` (``agent``, ``pipeline``) is for machinery whose name does not tell what it is.
    """

    time: float
    actor: str
    what: str
    why: str = ""
    past_git: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which the cluster was not what Git said; ``end`` is None while it lasts."""

    start: float
    end: float | None
    text: str = "differs from Git"


def timeline(
    happenings: Sequence[Happening],
    intervals: Sequence[Interval] = (),
    *,
    now: float,
    actors: Sequence[str] = (),
    title: str = "Who did what",
    legend: bool = True,
) -> View:
    """Numbered beads on lanes, the numbers told below. ``actors`` fixes the first lanes; the rest follow, people first and the
    cluster last.

    Long waits are drawn shorter than they were, with their length written on them: what matters often happens within a second.
    The last 24 happenings are drawn; the words tell all.
    """
    drawn = happenings[-_MOST:]
    first = drawn[0].time if len(drawn) < len(happenings) else min((i.start for i in intervals), default=math.inf)
    present = dict.fromkeys(h.actor for h in drawn)
    roles = {h.actor: h.role or h.actor for h in drawn}
    lanes = list(dict.fromkeys([*actors, *sorted(present, key=lambda actor: _rank(roles[actor]))]))
    shown = [i for i in intervals if (i.end is None or i.end >= first)] if drawn else []
    moments = sorted({h.time for h in drawn} | {max(t, first) for i in shown for t in (i.start, i.end) if t is not None} | {now})
    xs = _places(moments, drawn)
    bottom = _TOP + _LANE * max(1, len(lanes))
    parts = [_lane(actor, roles.get(actor, actor), index) for index, actor in enumerate(lanes)]
    parts += [_band(interval, xs, first, now, bottom) for interval in shown]
    parts.append(_axis(moments, xs))
    parts += _beads(drawn, lanes, xs, len(happenings) - len(drawn))
    if drawn:
        parts.append(_now(xs[now], bottom))
    height = bottom + (26 if shown else 8)
    if not drawn:
        parts.append(label(_LEFT, _TOP + 24, "nothing has happened yet", "soft"))
    if legend and drawn:
        parts.append(tag("g", *_legend(drawn, len(happenings) - len(drawn)), transform=f"translate(0 {num(height + 8)})"))
        height += 10 + _LEGEND_ROW * len(drawn)
    wrong = sum((now if i.end is None else i.end) - i.start for i in intervals)
    summary = f"{len(happenings)} events" + (f"; the cluster differed from Git for {format_duration(wrong)}" if intervals else "")
    return View(title, _words(happenings, intervals, now), "".join(parts), WIDTH, height, summary)


def _places(moments: Sequence[float], drawn: Sequence[Happening]) -> dict[float, float]:
    """The x of every moment: gaps grow with the logarithm of the wait, beads of one moment get room side by side."""
    crowd = {t: max([1, *_counts(t, drawn).values()]) for t in moments}
    wants = [18 + 30 * math.log10(1 + (b - a)) for a, b in pairwise(moments)]
    beads = sum(_BEAD * crowd[t] for t in moments)
    room = _RIGHT - _LEFT - beads
    scale = min(5.0, max(0.0, room / sum(wants))) if wants else 1.0
    xs, x = {}, float(_LEFT)
    for index, t in enumerate(moments):
        xs[t] = x
        x += _BEAD * crowd[t] + (wants[index] * scale if index < len(wants) else 0)
    return xs


def _rank(role: str) -> int:
    return ("person", "pipeline", "agent", "cluster").index(actor_sign(role).tone)


def _counts(time: float, drawn: Sequence[Happening]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for happening in drawn:
        if happening.time == time:
            counts[happening.actor] = counts.get(happening.actor, 0) + 1
    return counts


def _lane(actor: str, role: str, index: int) -> str:
    sign = actor_sign(role)
    y = _TOP + index * _LANE + _LANE / 2
    return (
        icon(sign.icon, 4, y - 8, sign.tone)
        + label(26, y + 4, clip(actor, _LANES_LEFT - 30, bold=True), "strong")
        + line(_LANES_LEFT, y, WIDTH - 4, y, "rule")
    )


def _axis(moments: Sequence[float], xs: Mapping[float, float]) -> str:
    parts, free = [], -math.inf
    for t in moments:
        if xs[t] - 24 >= free:
            parts.append(label(xs[t], 18, time_of_day(t), "mono tiny soft", anchor="middle"))
            free = xs[t] + 34
        parts.append(line(xs[t], 24, xs[t], 29, "rule"))
    for a, b in pairwise(moments):
        text = format_duration(b - a)
        if b - a >= 1 and xs[b] - xs[a] >= width_of(text, 10.5) + 18:
            parts.append(label((xs[a] + xs[b]) / 2, 36, text, "tiny soft", anchor="middle"))
    return "".join(parts)


def _band(interval: Interval, xs: Mapping[float, float], first: float, now: float, bottom: float) -> str:
    x1, x2 = xs[max(interval.start, first)], xs[now if interval.end is None else interval.end]
    x2 = max(x2, x1 + 6)
    top, height = _TOP - 2, bottom - _TOP + 4
    hatch = []
    x = x1 - height
    while x < x2:
        # Each stroke leans to the right and is cut off where it would leave the band.
        a, b = max(x, x1), min(x + height, x2)
        if b > a:
            hatch.append(f"M{num(a)} {num(top + height - (a - x))}L{num(b)} {num(top + height - (b - x))}")
        x += 9
    lasted = (now if interval.end is None else interval.end) - interval.start
    text = f"{interval.text} for {format_duration(lasted)}" + (", still" if interval.end is None else "")
    middle, half = (x1 + x2) / 2, width_of(text, 11.5, bold=True) / 2
    return at(
        0,
        0,
        box(x1, top, x2 - x1, height, "warn-tint", radius=3),
        tag("path", d="".join(hatch), class_="warn-line", style="stroke-width:1;stroke-opacity:.45"),
        label(min(max(middle, half + 4), WIDTH - half - 4), bottom + 19, text, "small strong", anchor="middle"),
        tip=text,
    )


def _beads(drawn: Sequence[Happening], lanes: Sequence[str], xs: Mapping[float, float], before: int) -> list[str]:
    seen: dict[tuple[float, str], int] = {}
    parts = []
    for index, happening in enumerate(drawn):
        place = seen.get((happening.time, happening.actor), 0)
        seen[happening.time, happening.actor] = place + 1
        x = xs[happening.time] + place * _BEAD
        y = _TOP + lanes.index(happening.actor) * _LANE + _LANE / 2
        parts.append(at(x, y, _bead(before + index + 1, happening), tip=_line(happening)))
    return parts


def _bead(number: int, happening: Happening) -> str:
    tone = "warn" if happening.past_git else actor_sign(happening.role or happening.actor).tone
    if happening.past_git:
        shape = tag("path", d="M0 -12L12 0L0 12L-12 0Z", class_=f"{tone}-card")
    else:
        shape = tag("circle", r=9.5, class_=f"{tone}-card")
    return shape + label(0, 4, number, "tiny strong", anchor="middle")


def _now(x: float, bottom: float) -> str:
    return tag("path", d=f"M{num(x)} {_TOP - 4}V{num(bottom)}", class_="calm-line dash hair", style="stroke-width:1")


def _legend(drawn: Sequence[Happening], before: int) -> list[str]:
    rows = []
    for index, happening in enumerate(drawn):
        y = index * _LEGEND_ROW + 12
        who = clip(happening.actor, 90, 12, bold=True)
        room = WIDTH - 220.0
        told = clip(happening.what, room, 12)
        left = room - width_of(told, 12)
        why = clip(f"because {happening.why}", left - 12, 11.5) if happening.why and left > 110 else ""
        spans = tag("tspan", esc(told)) + (
            tag("tspan", esc(why), dx=10, class_="small", style="fill:var(--gs-soft)") if why else ""
        )
        rows.append(
            tag("g", _bead(before + index + 1, happening), transform=f"translate(14 {num(y)})")
            + label(34, y + 4, time_of_day(happening.time), "mono small")
            + label(_LANES_LEFT, y + 4, who, "small strong")
            + tag("text", spans, x=200, y=y + 4, style="font-size:12px")
        )
    return rows


def _line(happening: Happening) -> str:
    return (
        f"{time_of_day(happening.time)}  {happening.actor}  {happening.what}"
        + ("  (past Git)" if happening.past_git else "")
        + (f"  because {happening.why}" if happening.why else "")
    )


def _words(happenings: Sequence[Happening], intervals: Sequence[Interval], now: float) -> str:
    rows = [f"{index:>2}  {_line(happening)}" for index, happening in enumerate(happenings, 1)] or ["nothing has happened yet"]
    for interval in intervals:
        end = now if interval.end is None else interval.end
        until = "and still is" if interval.end is None else f"until {time_of_day(end)}"
        rows.append(f"    {interval.text} from {time_of_day(interval.start)} {until}: {format_duration(end - interval.start)}")
    return "\n".join(rows)
