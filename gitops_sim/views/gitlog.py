"""The Git log as a lane: what was asked for, what the agent has taken from it, and where the cluster stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitops_sim.clock import time_of_day
from gitops_sim.views.icons import icon
from gitops_sim.views.svg import at, box, clip, label, line, tag, width_of
from gitops_sim.views.view import View

_ROW = 46


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. ``time`` in simulated seconds; ``note`` is added in words (``Revert of 4be1c07``)."""

    sha: str
    message: str
    author: str
    time: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Something that stands at a commit: ``main``, ``argocd saw``, ``cluster``; ``tone`` and ``icon`` are those of the theme."""

    sha: str
    text: str
    icon: str = "git"
    tone: str = "calm"


def git_log(
    commits: Sequence[Commit], pointers: Sequence[Pointer] = (), *, title: str = "Git log", most: int = 8, width: float = 620
) -> View:
    """Newest first, at most ``most`` commits, ``width`` pixels wide; the pointers stand to the right of their commit."""
    shown = commits[:most]
    hidden = len(commits) - len(shown)
    known = {commit.sha for commit in commits}
    elsewhere = [pointer for pointer in pointers if pointer.sha not in known]
    parts = []
    if len(shown) > 1:
        parts.append(line(15, 23, 15, 23 + _ROW * (len(shown) - 1), "edge"))
    if hidden:
        parts.append(tag("path", d=f"M15 {_ROW * len(shown) - 23}v22", class_="edge dash"))
    for index, commit in enumerate(shown):
        parts.append(_row(commit, [p for p in pointers if p.sha == commit.sha], index, width))
    height = _ROW * len(shown)
    notes = [f"{hidden} older"] if hidden else []
    notes += [f"{p.text} is at {p.sha[:7]}, which this branch does not hold" for p in elsewhere]
    if not commits:
        notes.append("no commits yet")
    for note in notes:
        parts.append(label(34, height + 16, note, "small soft"))
        height += 22
    words = [_words(commit, [p for p in pointers if p.sha == commit.sha]) for commit in shown] + [f"({note})" for note in notes]
    head = shown[0] if shown else None
    summary = f"{len(commits)} commits, the newest is {head.sha[:7]} {head.message}" if head else "no commits yet"
    return View(title, "\n".join(words), "".join(parts), width, height + 2, summary)


def _row(commit: Commit, pointers: Sequence[Pointer], index: int, width: float) -> str:
    parts: list[str] = []
    right = width - 2.0
    for pointer in reversed(pointers):
        wide = width_of(pointer.text, 11.5) + 32
        right -= wide
        parts.append(box(right, 11, wide, 22, f"{pointer.tone}-tint", radius=11))
        parts.append(icon(pointer.icon, right + 8, 15, pointer.tone, size=14))
        parts.append(label(right + 8 + wide / 2, 26, pointer.text, "small", anchor="middle"))
        right -= 6
    tone = pointers[0].tone if pointers else "calm"
    parts.append(tag("circle", cx=15, cy=23, r=6, class_=f"{tone}-card"))
    if pointers:
        parts.append(tag("circle", cx=15, cy=23, r=2.6, class_=f"{tone}-fill"))
    room = right - 100
    parts.append(label(34, 20, commit.sha[:7], "mono strong"))
    parts.append(label(98, 20, clip(commit.message, room), ""))
    under = f"{time_of_day(commit.time)}  {commit.author}" + (f"  {commit.note}" if commit.note else "")
    parts.append(label(98, 37, clip(under, room, 11.5), "small soft"))
    return at(0, index * _ROW, *parts, tip=f"{commit.sha}  {commit.message}")


def _words(commit: Commit, pointers: Sequence[Pointer]) -> str:
    marks = f"  <- {', '.join(p.text for p in pointers)}" if pointers else ""
    note = f" ({commit.note})" if commit.note else ""
    return f"* {commit.sha[:7]}  {time_of_day(commit.time)}  {commit.author}: {commit.message}{note}{marks}"
