"""A task and a judged run as text, for terminals and notebooks."""

from __future__ import annotations

import re
import textwrap

from gitops_sim.clock import time_of_day
from gitops_sim.course.exercises.engine import CheckResult, Graded
from gitops_sim.course.exercises.format import Exercise

_SIGNS = {True: "✓", False: "✗", None: "·"}
_COLORS = {True: "\033[32m", False: "\033[31m", None: "\033[2m"}
_BOLD, _RESET = "\033[1m", "\033[0m"
_STRONG = re.compile(r"\*\*(.+?)\*\*|^#+ (.+)$", re.MULTILINE)


def tell_task(exercise: Exercise, *, color: bool = False) -> str:
    """The task without the marks of Markdown; what they marked is bold where there is ``color``."""
    before, after = (_BOLD, _RESET) if color else ("", "")
    return _STRONG.sub(lambda found: f"{before}{found[1] or found[2]}{after}", exercise.text.rstrip())


def tell_graded(graded: Graded, *, width: int = 100, color: bool = False) -> str:
    """Every check with its points; one that failed with what was expected, what was found, and what to try next."""
    told = [_check(check, width, color) for check in graded.checks]
    whole = f"{graded.points} of {graded.max_points} points at {time_of_day(graded.world.now)}"
    return "\n".join(told) + f"\n\n{whole}" + (": passed." if graded.passed else ".")


def _check(check: CheckResult, width: int, color: bool) -> str:
    sign = _SIGNS[check.passed]
    painted = f"{_COLORS[check.passed]}{sign}{_RESET}" if color else sign
    lines = [f"{painted} {check.description}  {check.points}/{check.max_points}"]
    cause = check.cause
    if check.passed is None:
        lines += _wrapped(cause.actual, width)
    elif not check.passed:
        at = f" (at {time_of_day(cause.at)})" if cause.at is not None else ""
        lines += _wrapped(f"expected: {cause.expected}", width) + _wrapped(f"found:    {cause.actual}{at}", width)
        lines += _wrapped(cause.rationale, width) + _wrapped(f"Try: {cause.help}", width)
    return "\n".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="    ")
