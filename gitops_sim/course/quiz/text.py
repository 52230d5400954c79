"""Questions and results as plain text: for the terminal, and where a notebook has no widgets."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from gitops_sim.course.curriculum import SECTIONS
from gitops_sim.course.quiz.answers import LETTERS
from gitops_sim.course.quiz.item import Question
from gitops_sim.course.quiz.kinds import Choice, FindTheBug, Match, Order
from gitops_sim.course.quiz.result import Note, Result, first_paragraph
from gitops_sim.course.quiz.session import Summary

KIND_WORDS = {
    "single": "one is right",
    "multiple": "one or more are right",
    "numeric": "a number",
    "order": "put into order",
    "match": "match",
    "bug": "find the line",
    "free": "in your own words",
}
DIFFICULTY_WORDS = {1: "recall", 2: "apply", 3: "find out"}


def tell_question(question: Question, *, width: int = 96) -> str:
    """The question with its choices, lettered or numbered as they are answered."""
    item, body = question.item, question.body
    head = f"{SECTIONS[item.section]} · {KIND_WORDS[item.kind]} · {DIFFICULTY_WORDS[item.difficulty]}"
    if item.computed:
        head += " · the simulator knows"
    parts = [head, paragraphs(question.prompt, width)]
    if isinstance(body, Choice):
        parts.append(_lettered([body.options[name].text for name in question.dealt], width))
    elif isinstance(body, Order):
        parts.append(_lettered([body.steps[name].text for name in question.dealt], width))
    elif isinstance(body, Match):
        parts.append("\n".join(_hanging(f"  {n}) ", pair.left, width) for n, pair in enumerate(body.pairs.values(), 1)))
        parts.append(_lettered([body.rights[name] for name in question.dealt], width))
    elif isinstance(body, FindTheBug):
        parts.append("\n".join(f"  {number:>3} | {line}" for number, line in enumerate(body.lines, 1)))
    return "\n\n".join(parts)


def tell_result(result: Result, *, reveal: bool = True, width: int = 96) -> str:
    """The verdict, a line for each choice that deserves one, the explanation and the slice of the story.

    With ``reveal`` false, what gives the right answer away is kept back: the learner may try again.
    """
    parts = [verdict(result)]
    notes = [_note(note, width) for note in result.notes if reveal or not note.reveals]
    if notes:
        parts.append("\n".join(notes))
    if not reveal:
        return "\n\n".join(parts)
    if result.model:
        parts.append(
            _hanging("  Your answer:  ", result.actual, width) + "\n" + _hanging("  Model answer: ", result.model, width)
        )
        parts.append(
            textwrap.fill("The rubric looks for words and understands no sentences: compare, and judge for yourself.", width)
        )
    elif result.points < result.max_points and not any(note.reveals for note in result.notes):
        parts.append(_hanging("  Right: ", result.expected, width))
    parts.append(paragraphs(result.explanation, width))
    if result.story:
        parts.append("What happened in this world:\n" + result.story)
    return "\n\n".join(parts)


def tell_answer(question: Question, *, width: int = 96) -> str:
    """The right answer, with everything there is to say."""
    told = tell_result(question.grade(question.right_answer), width=width)
    return "The answer:" + told[told.index("\n") :]


def verdict(result: Result) -> str:
    """``✓ Right, 1 of 1 point`` in words as well as a sign."""
    sign, word = ("✓", "Right") if result.passed else ("✗", "Not yet")
    if 0 < result.points < result.max_points:
        sign, word = ("✓", "Good enough") if result.passed else ("~", "Partly right")
    return f"{sign} {word}, {points(result.points)} of {points(result.max_points)} point{'' if result.max_points == 1 else 's'}"


def tell_summary(summary: Summary, *, width: int = 96) -> str:
    """Points, and what to look at again."""
    answered = len(summary.results)
    total = f"{points(summary.points)} of {points(summary.max_points)} points, {answered} of {len(summary.questions)} answered"
    if summary.first_points != summary.points:
        total += f" ({points(summary.first_points)} at the first try)"
    lines = [total]
    if summary.missed:
        lines.append("Look at these again:")
        for question in summary.missed:
            item = question.item
            lines.append(_hanging("  - ", f"{item.id} ({SECTIONS[item.section]}): {first_paragraph(question.prompt)}", width))
    elif answered:
        lines.append("Nothing to look at again.")
    return "\n".join(lines)


def points(value: float) -> str:
    return f"{value:g}"


def paragraphs(text: str, width: int) -> str:
    """Filled to the width; lines that are indented stay as they are."""
    filled = (
        block if block.startswith("    ") else textwrap.fill(block, width, break_on_hyphens=False) for block in blocks(text)
    )
    return "\n\n".join(filled)


def blocks(text: str) -> list[str]:
    """Paragraphs, each as one line; and between them, what is indented by four spaces or more, as it stands."""
    found: list[list[str]] = []
    gap = True
    for line in text.strip("\n").split("\n"):
        indented = line.startswith("    ")
        if not line.strip():
            gap = True
            continue
        if gap or indented != found[-1][0].startswith("    "):
            found.append([])
        found[-1].append(line if indented else line.strip())
        gap = False
    return ["\n".join(lines) if lines[0].startswith("    ") else " ".join(lines) for lines in found]


def _lettered(texts: Sequence[str], width: int) -> str:
    return "\n".join(_hanging(f"  {LETTERS[index]}) ", text, width) for index, text in enumerate(texts))


def _hanging(head: str, text: str, width: int) -> str:
    return textwrap.fill(
        " ".join(text.split()), width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )


def _note(note: Note, width: int) -> str:
    first = _hanging(f"  {'+' if note.right else '-'} {note.label}: ", note.text, width)
    return first + ("\n" + textwrap.indent(textwrap.fill(note.why, width - 6), " " * 6) if note.why else "")
