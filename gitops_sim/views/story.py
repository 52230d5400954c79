"""The told story: what happened, when, who did it and why, one fact a line. One renderer for all who tell it.

It reads trace records and findings, nothing else. What is not in a record is not in the story.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gitops_sim.clock import time_of_day
from gitops_sim.trace import Record

_SAYS_NOTHING = ("", "yes", "always", "never", "none")
_TIME, _GAP, _INDENT = 8, 2, 2
_ACTOR_MOST = 13
_NARROWEST = 60
PAST_GIT = "not through Git"

_DIM, _BOLD, _RED, _GREEN, _YELLOW, _RESET = "\033[2m", "\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[0m"


class Finding(Protocol):
    """One expectation and what was found."""

    @property
    def name(self) -> str: ...
    @property
    def passed(self) -> bool: ...
    @property
    def expected(self) -> str: ...
    @property
    def actual(self) -> str: ...


class Chapter(Protocol):
    """One run of a story; the first ``begins`` records tell how the world was set up, before the story."""

    @property
    def heading(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def records(self) -> Sequence[Record]: ...
    @property
    def begins(self) -> int: ...
    @property
    def expectations(self) -> Sequence[Finding]: ...


class Tale(Protocol):
    """A story with all its runs, and how they compare: ``(measure, what each run had)``."""

    @property
    def runs(self) -> Sequence[Chapter]: ...
    @property
    def comparison(self) -> Sequence[tuple[str, Sequence[str]]]: ...
    @property
    def shows_output(self) -> bool: ...
    @property
    def summary(self) -> str: ...
    @property
    def lesson(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Style:
    """``width`` of the terminal; ``color`` adds ANSI colours, which never say anything alone; ``verbose`` shows every record."""

    width: int = 110
    color: bool = False
    verbose: bool = False

    def paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self.color and text else text


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the story before it is laid out; ``note`` stands at the right, ``below`` are lines under it as they are."""

    time: float
    actor: str
    text: str
    note: str = ""
    below: Sequence[str] = ()


def tell(tale: Tale, style: Style = Style()) -> str:
    """The whole story as text: each run with its findings, and how the runs compare. Ends without a newline.

    What a run has in common with the one before, up to the moment in which they part, is told once.
    """
    parts = [_indented(tale.summary, style)] if tale.summary else []
    before: Sequence[_Line] = ()
    for run in tale.runs:
        lines = _lines(run, style, tale.shows_output)
        parts.append(_run(run, style, _without_common(lines, before)))
        before = lines
    if tale.comparison:
        parts.append(_comparison(tale, style))
    if tale.lesson:
        parts.append(_indented(tale.lesson, style))
    return "\n\n".join(parts)


def tell_run(run: Chapter, style: Style = Style(), *, shows_output: bool = False) -> str:
    """One run: its heading, its facts, and what was expected of it."""
    return _run(run, style, _lines(run, style, shows_output))


def _run(run: Chapter, style: Style, lines: Sequence[_Line]) -> str:
    told = "\n".join(_laid_out(lines, style)) or " " * _INDENT + "nothing happened"
    findings = "\n".join(_finding(finding, style) for finding in run.expectations)
    return "\n\n".join(part for part in (style.paint(run.heading, _BOLD), told, findings) if part)


# ---------------------------------------------------------------------- which facts


def _lines(run: Chapter, style: Style, shows_output: bool) -> Sequence[_Line]:
    records = list(run.records)
    return list(_every(records[run.begins :]) if style.verbose else _folded([*_story(records, run.begins, shows_output)]))


def _without_common(lines: Sequence[_Line], before: Sequence[_Line]) -> Sequence[_Line]:
    """The lines from the instant on in which they part from those told before; all of them when little would be saved."""
    common = next((i for i, pair in enumerate(zip(lines, before, strict=False)) if pair[0] != pair[1]), 0)
    if common:
        common = next(i for i, line in enumerate(lines) if line.time == lines[common].time)
    if common < _WORTH_FOLDING:
        return lines
    last = lines[common - 1]
    return [_Line(last.time, "", f"... as above until {time_of_day(last.time)}"), *lines[common:]]


def _story(records: Sequence[Record], begins: int, shows_output: bool) -> Iterator[_Line]:
    by_hand = past_git(records)
    for record in records[begins:]:
        is_command = record.event == "CommandRun"
        if not record.story and not (is_command and shows_output):
            continue
        below = _answer(records, record, only_errors=not shows_output) if is_command else ()
        note = PAST_GIT if record.seq in by_hand else ""
        yield _Line(record.time, record.actor, record.message or record.event, note, below)


def _every(records: Iterable[Record]) -> Iterator[_Line]:
    for record in records:
        text = record.message or f"{record.event} {record.subject}"
        reason = f"  ({record.reason})" if record.reason else ""
        yield _Line(record.time, record.actor.rpartition(":")[2], text + reason)


def past_git(records: Sequence[Record]) -> set[int]:
    """What people did to things that an agent or a pipeline keeps, by command or by a rollback: the numbers of the records."""
    marked: set[int] = set()
    managed: set[str] = set()
    running: dict[str, int] = {}
    for record in records:
        if record.event in ("CommandRun", "RequestMade"):
            running[record.actor] = record.seq
        elif record.event == "RollbackRequested":
            marked.add(record.seq)
        elif record.event in ("ObjectCreated", "ObjectUpdated", "ObjectDeletionRequested", "ObjectDeleted"):
            if record.actor in running:
                if record.subject in managed:
                    marked.add(running[record.actor])
            elif _keeps(record):
                managed.add(record.subject)
    return marked


def _keeps(record: Record) -> bool:
    """Whether a write shows that an agent or a pipeline looks after the object. What an agent notes on its own Application or
    Kustomization is bookkeeping; one that it made came from Git."""
    machinery = record.actor.startswith(("system:serviceaccount:kube-system:", "kubernetes-admin"))
    own = str(record.data.get("group")).endswith(("argoproj.io", ".toolkit.fluxcd.io"))
    return not machinery and (record.event == "ObjectCreated" or not own)


def _answer(records: Sequence[Record], command: Record, *, only_errors: bool) -> Sequence[str]:
    """What a command printed; its first line is enough where only errors matter."""
    for record in records[command.seq + 1 :]:
        if record.event == "CommandAnswered" and record.actor == command.actor:
            lines = str(record.data.get("output", "")).splitlines()
            return lines if not only_errors else lines[:1] if record.data.get("exit") else ()
    return ()


# ---------------------------------------------------------------------- folding

_NUMBER = re.compile(r"\b[0-9a-f]*\d[0-9a-f]*\b")
_LONGEST_CYCLE = 5
_WORTH_FOLDING = 4


def _folded(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Tells what repeats once: a line, or a few lines in turn, that come three times or more with nothing but other numbers."""
    shapes = [(line.actor, _NUMBER.sub("#", line.text)) for line in lines]
    at = 0
    while at < len(lines):
        length, times = _repeats(shapes, at)
        yield from lines[at : at + length]
        if times > 2:
            last = lines[at + length * times - 1]
            what = "the same" if length == 1 else f"the same {length} steps"
            yield _Line(last.time, "", f"... {what} {times - 1} times more, the last at {time_of_day(last.time)}")
            at += length * times
        else:
            at += length


def _repeats(shapes: Sequence[object], at: int) -> tuple[int, int]:
    """The length of the cycle that begins here and how often it comes; ``(1, 1)`` when nothing repeats often enough."""
    for length in range(1, _LONGEST_CYCLE + 1):
        cycle, times = shapes[at : at + length], 1
        while shapes[at + times * length : at + (times + 1) * length] == cycle and len(cycle) == length:
            times += 1
        if times > 2:
            return length, times
    return 1, 1


# ---------------------------------------------------------------------- layout


def _laid_out(lines: Sequence[_Line], style: Style) -> Iterator[str]:
    width = max(style.width, _NARROWEST)
    stamps = max((len(time_of_day(line.time)) for line in lines), default=_TIME)
    actors = min(_ACTOR_MOST * (3 if style.verbose else 1), max((len(line.actor) for line in lines), default=0))
    offset = _INDENT + stamps + _GAP + actors + _GAP
    for line in lines:
        stamp = time_of_day(line.time) if line.actor else ""
        head = " " * _INDENT + style.paint(stamp.ljust(stamps), _DIM) + " " * _GAP
        head += style.paint(line.actor[:actors].ljust(actors), _BOLD) + " " * _GAP
        room = width - offset
        wrapped = _wrapped(line.text, room)
        if line.note:
            free = room - len(wrapped[-1]) - len(line.note)
            painted = style.paint(line.note, _YELLOW)
            if free >= 2:
                wrapped[-1] += " " * free + painted
            else:
                wrapped.append(" " * max(0, room - len(line.note)) + painted)
        yield head + wrapped[0]
        for text in wrapped[1:]:
            yield " " * offset + text
        for text in line.below:
            yield " " * offset + style.paint("| " + text, _DIM)


def _wrapped(text: str, room: int) -> list[str]:
    """Lines of at most ``room``; what stands apart by two spaces (a field and its two values) goes to the next line as one."""
    if len(text) <= room:
        return [text]
    head, apart, rest = text.partition("  ")
    if apart and len(head) <= room:
        return [head, *textwrap.wrap(rest, room, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)]
    return textwrap.wrap(text, room, subsequent_indent="  ", break_on_hyphens=False) or [""]


def _finding(finding: Finding, style: Style) -> str:
    sign, word, code = ("✓", "yes", _GREEN) if finding.passed else ("✗", "no", _RED)
    verdict = word if finding.actual in _SAYS_NOTHING else f"{word} ({_short(finding.actual)})"
    text = f"expected: {finding.name} ... {verdict}"
    if not finding.passed:
        text += f"; it should be: {_short(finding.expected)}"
    wrapped = textwrap.wrap(text, max(style.width, _NARROWEST) - _INDENT - 2, break_on_hyphens=False)
    first, *rest = wrapped
    return "\n".join([" " * _INDENT + style.paint(sign, code) + " " + first, *(" " * (_INDENT + 4) + text for text in rest)])


def _short(text: str) -> str:
    """On one line; of a table that a command printed, the last one."""
    flat = " ".join(text.strip().rpartition("\n")[2].split())
    return flat if len(flat) <= 90 else flat[:87] + "..."


def _comparison(tale: Tale, style: Style) -> str:
    """Measures down, runs across; a cell that is too long goes on below."""
    titles = [run.title for run in tale.runs]
    width = max(style.width, _NARROWEST) - _INDENT
    first = min(width * 2 // 5, max(len(name) for name, _ in tale.comparison))
    room = width - first
    each = max(8, room // len(titles) - _GAP)
    natural = [max(len(titles[i]), *(len(cells[i]) for _, cells in tale.comparison)) for i in range(len(titles))]
    widths = natural if sum(natural) + _GAP * len(natural) <= room else [each] * len(natural)
    rows = [_row("", titles, first, widths), "-" * (first + sum(widths) + _GAP * len(widths))]
    rows += [_row(name, cells, first, widths) for name, cells in tale.comparison]
    text = "\n".join(rows)
    return textwrap.indent(text, " " * _INDENT)


def _row(name: str, cells: Sequence[str], first: int, widths: Sequence[int]) -> str:
    columns = [textwrap.wrap(name, first) or [""]]
    columns += [textwrap.wrap(cell, width, break_on_hyphens=False) or [""] for cell, width in zip(cells, widths, strict=True)]
    sizes = [first, *widths]
    lines = []
    for index in range(max(map(len, columns))):
        parts = [(column[index] if index < len(column) else "").ljust(size) for column, size in zip(columns, sizes, strict=True)]
        lines.append((" " * _GAP).join(parts).rstrip())
    return "\n".join(lines)


def _indented(text: str, style: Style) -> str:
    width = min(max(style.width, _NARROWEST), 100)
    return textwrap.fill(text, width, initial_indent=" " * _INDENT, subsequent_indent=" " * _INDENT, break_on_hyphens=False)
