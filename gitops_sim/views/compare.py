"""Desired beside actual: the fields that Git states, and what the cluster holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.views.icons import icon
from gitops_sim.views.svg import at, box, clip, label, line
from gitops_sim.views.view import View

_WIDTH, _ROW = 860, 30
_COLUMNS = (14.0, 440.0, 580.0, 730.0)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``path`` such as ``.spec.replicas``; None means that the side does not have it.

    What Git does not state cannot differ from it: Argo CD's default comparison lets such a field be.
    """

    path: str
    desired: Any
    actual: Any

    @property
    def differs(self) -> bool:
        return self.desired is not None and bool(self.desired != self.actual)

    @property
    def verdict(self) -> str:
        return "differs" if self.differs else "Git is silent" if self.desired is None else "same"


def compare(fields: Sequence[Field], *, subject: str = "", title: str = "Desired and actual") -> View:
    """A table with a verdict per line; lines that differ stand out by frame, icon and word."""
    heading = title + (f": {subject}" if subject else "")
    parts = []
    for x, text, sign in zip(
        _COLUMNS, ("field", "desired (Git)", "actual (cluster)", ""), ("", "git", "cluster", ""), strict=True
    ):
        if sign:
            parts.append(icon(sign, x, 6, "calm", size=14))
        parts.append(label(x + (20 if sign else 0), 18, text, "caps"))
    parts.append(line(0, 28, _WIDTH, 28, "rule"))
    for index, field in enumerate(fields):
        parts.append(_row(field, 32 + index * _ROW))
    if not fields:
        parts.append(label(14, 52, "nothing to compare", "soft"))
    differing = [field for field in fields if field.differs]
    names = ", ".join(f.path for f in differing)
    summary = f"{len(differing)} of {len(fields)} fields differ" + (f": {names}" if names else "")
    height = 36 + max(1, len(fields)) * _ROW
    return View(heading, _words(fields), "".join(parts), _WIDTH, height, summary)


def _show(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _row(field: Field, y: float) -> str:
    path, desired, actual, verdict = _COLUMNS
    sign, tone = {"differs": ("differs", "warn"), "same": ("check", "good")}.get(field.verdict, ("absent", "calm"))
    parts = [box(1, 2, _WIDTH - 2, _ROW - 4, "warn-tint" if field.differs else "ground", radius=6)]
    weight = "mono strong" if field.differs else "mono"
    parts.append(label(path, 20, clip(field.path, desired - path - 10, 12, mono=True), "mono"))
    parts.append(label(desired, 20, clip(_show(field.desired), actual - desired - 10, 12, mono=True), weight))
    parts.append(label(actual, 20, clip(_show(field.actual), verdict - actual - 10, 12, mono=True), weight))
    parts.append(icon(sign, verdict, 7, tone))
    parts.append(label(verdict + 22, 20, field.verdict, "small strong" if field.differs else "small soft"))
    return at(0, y, *parts, tip=f"{field.path}: Git {_show(field.desired)}, cluster {_show(field.actual)}")


def _words(fields: Sequence[Field]) -> str:
    rows = [("FIELD", "GIT", "CLUSTER", "")]
    rows += [(f.path, _show(f.desired), _show(f.actual), f.verdict) for f in fields]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
