"""What one learner is told: what was expected, what was found, when, and the next thing to try; as a page and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.course.curriculum import BELIEFS
from gitops_sim.course.grading.attempts import GRADED, Attempt, Check
from gitops_sim.course.grading.classroom import MISSING, RULE, Classroom, Row, Work
from gitops_sim.course.grading.names import shown, shown_lines
from gitops_sim.course.grading.page import page, plain, text
from gitops_sim.course.grading.tables import help_used, number

_SIGNS = {True: ("✓", "passed", "good"), False: ("✗", "not yet", "bad"), None: ("–", "not judged", "open")}
_HOW = (
    "Your actions were played again in a fresh world, the same one that you worked in, and judged by what came of them. "
    "The same file gets the same points, always."
)
_WIDTH = 88


def title(row: Row) -> str:
    return shown(row.name) or shown(row.id)


def _total(row: Row, room: Classroom) -> str:
    return f"{number(row.points)} of {number(room.max_points)} points"


def _played(attempt: Attempt) -> str:
    actions = f"{attempt.actions} action{'s' if attempt.actions != 1 else ''}"
    return f"{actions}, {format_duration(attempt.simulated_seconds)} of simulated time, seed {attempt.seed}"


def _help(attempt: Attempt) -> str:
    used = help_used(attempt)
    return "Help used: none." if used == "none" else f"Help used: {used}. It is told here, and costs no points."


def _facts(check: Check) -> Iterator[tuple[str, str]]:
    """What there is to say of a check, most important first; of one that passed, less."""
    if not check.passed:
        yield "expected", check.expected
    yield "found", check.actual
    if check.at is not None:
        yield "when", time_of_day(check.at)
    if check.rationale:
        yield "why", check.rationale
    if not check.passed and check.help:
        yield "try next", check.help
    for belief in check.beliefs:
        if belief in BELIEFS:
            yield "worth knowing", BELIEFS[belief].truth


# ---------------------------------------------------------------------- page


def learner_page(row: Row, room: Classroom) -> str:
    """One standalone HTML document."""
    parts = [f"<h1>Feedback for {text(title(row))}</h1>"]
    if row.name:
        parts.append(f'<p class="soft">{text(shown(row.id))}</p>')
    parts.append(f'<p class="big">{plain(_total(row, room))}</p>')
    if row.status == MISSING:
        parts.append('<p class="card open">Nothing was handed in.</p>')
    for work in row.works:
        parts += _work(work)
    missing = [task.title for task in room.tasks if row.work(task.id) is None]
    if missing and row.works:
        parts.append(f"<h2>Not handed in</h2><p>{', '.join(map(text, missing))}</p>")
    if row.status == GRADED:
        parts.append(f'<footer class="soft"><p>{plain(_HOW)}</p></footer>')
    return page(f"Feedback for {title(row)}", "\n".join(parts))


def _work(work: Work) -> Iterator[str]:
    attempt = work.counts
    yield f"<h2>{text(shown(work.told.title) or 'A file without an exercise')}</h2>"
    if attempt is None:
        for refused in work.attempts:
            yield (
                f'<section class="card bad"><h3>{text(shown(refused.label))} <span class="word">✗ not graded</span></h3>'
                f"<p>{text(refused.reason)}</p></section>"
            )
        return
    yield f"<p><strong>{number(attempt.points)} of {number(attempt.max_points)} points</strong> · {plain(_played(attempt))}</p>"
    yield f"<p>{plain(_help(attempt))}</p>"
    yield from (_card(check) for check in attempt.checks)
    if attempt.questions:
        points, most = attempt.answered
        asked = f"{len(attempt.answers)} of {len(attempt.questions)} answered"
        told = f"; {number(points)} of {number(most)} points, which stand beside those above" if attempt.answers else ""
        yield f"<h3>Questions</h3><p>{asked}{told}</p>"
        yield from (_card(answer) for answer in attempt.answers)
    yield "<h3>What happened</h3>"
    yield f'<pre tabindex="0" aria-label="The story of the run">{plain(attempt.story)}</pre>'
    if attempt.story_cut:
        yield "<p>... the story goes on; it is cut here because of its length.</p>"
    if len(work.attempts) > 1:
        yield f"<h3>Files handed in</h3><p>{plain(RULE[:1].upper() + RULE[1:])}.</p><ul>"
        for each in work.attempts:
            yield f"<li>{text(shown(each.label))}: {text(_fate(each, work))}</li>"
        yield "</ul>"


def _fate(attempt: Attempt, work: Work) -> str:
    if attempt is work.counts:
        return "counts"
    return attempt.reason or f"{number(attempt.points)} points, does not count"


def _card(check: Check) -> str:
    sign, word, tone = _SIGNS[check.passed]
    facts = "".join(f"<dt>{plain(name)}</dt><dd>{text(value)}</dd>" for name, value in _facts(check))
    return (
        f'<section class="card {tone}"><div class="head"><h3>{text(check.description)}</h3>'
        f'<span class="word">{sign} {word}, {number(check.points)} of {number(check.max_points)}</span></div>'
        f"<dl>{facts}</dl></section>"
    )


# ---------------------------------------------------------------------- text


def learner_text(row: Row, room: Classroom) -> str:
    """The same as plain text."""
    lines = [f"Feedback for {title(row)}" + (f" ({shown(row.id)})" if row.name else ""), _total(row, room)]
    if row.status == MISSING:
        lines += ["", "Nothing was handed in."]
    for work in row.works:
        lines += ["", *_work_text(work)]
    missing = [task.title for task in room.tasks if row.work(task.id) is None]
    if missing and row.works:
        lines += ["", "Not handed in: " + ", ".join(missing)]
    if row.status == GRADED:
        lines += ["", *textwrap.wrap(_HOW, _WIDTH)]
    return shown_lines("\n".join(lines)) + "\n"


def _work_text(work: Work) -> Iterator[str]:
    attempt = work.counts
    heading = shown(work.told.title) or "A file without an exercise"
    yield heading
    yield "=" * len(heading)
    if attempt is None:
        for refused in work.attempts:
            yield from _wrapped(f"✗ not graded: {shown(refused.label)}: {refused.reason}", "", "  ")
        return
    yield f"{number(attempt.points)} of {number(attempt.max_points)} points; {_played(attempt)}"
    yield _help(attempt)
    for check in attempt.checks:
        yield from _check_text(check)
    if attempt.questions:
        points, most = attempt.answered
        told = f": {number(points)} of {number(most)} points, beside those above" if attempt.answers else ""
        yield ""
        yield f"Questions: {len(attempt.answers)} of {len(attempt.questions)} answered{told}"
        for answer in attempt.answers:
            yield from _check_text(answer)
    yield ""
    yield "What happened"
    yield from attempt.story.split("\n")
    if attempt.story_cut:
        yield "... the story goes on; it is cut here because of its length."
    if len(work.attempts) > 1:
        yield ""
        yield from _wrapped(f"Files handed in ({RULE}):", "", "  ")
        for each in work.attempts:
            yield from _wrapped(f"{shown(each.label)}: {_fate(each, work)}", "  ", "    ")


def _check_text(check: Check) -> Iterator[str]:
    sign, word, _ = _SIGNS[check.passed]
    yield ""
    yield from _wrapped(f"{sign} {check.description}: {word}, {number(check.points)} of {number(check.max_points)}", "", "  ")
    for name, value in _facts(check):
        yield from _wrapped(f"{name}: {value}", "    ", "      ")


def _wrapped(line: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
