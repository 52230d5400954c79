"""Questions and results as a page."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.course.curriculum import SECTIONS
from gitops_sim.course.quiz import Question, Result
from gitops_sim.course.quiz.answers import LETTERS
from gitops_sim.course.quiz.kinds import Choice, FindTheBug, Match, Order
from gitops_sim.course.quiz.text import KIND_WORDS, blocks, points, verdict
from gitops_sim.notebook.live import esc, rich

LONG = 200
"""Characters from which a question is not set in bold."""


def result_html(result: Result, *, reveal: bool = True, verdict_too: bool = True) -> str:
    """What grading found. With ``reveal`` false, what gives the answer away is kept back."""
    kind = "same" if result.passed else "other"
    parts = [f'<div class="gn-verdict {kind}">{esc(verdict(result))}</div>'] if verdict_too else []
    notes = [note for note in result.notes if reveal or not note.reveals]
    if notes:
        told = "".join(
            f"<li><b>{esc(note.label)}:</b> {esc(note.text)}" + (f"<br>{esc(note.why)}" if note.why else "") + "</li>"
            for note in notes
        )
        parts.append(f"<ul>{told}</ul>")
    if reveal:
        if result.model:
            parts.append(
                '<div class="gn-pair"><div><span>Your answer</span><br>' + esc(result.actual) + "</div>"
                "<div><span>Model answer</span><br>" + esc(result.model) + "</div></div>"
                "<p>The rubric looks for words and understands no sentences: compare, and judge for yourself.</p>"
            )
        elif result.points < result.max_points and not any(note.reveals for note in result.notes):
            parts.append(f"<p>Right: <b>{esc(result.expected)}</b></p>")
        parts.append(_prose(result.explanation))
        if result.story:
            parts.append(f"<p>What happened in this world:</p><pre>{esc(result.story)}</pre>")
    return "".join(parts)


def asked_html(question: Question) -> str:
    item = question.item
    about = f"{SECTIONS[item.section]} · {KIND_WORDS[item.kind]} · {points(item.points)} point{'' if item.points == 1 else 's'}"
    about += " · the simulator knows" if item.computed else ""
    short = len(question.prompt) < LONG
    return (
        f'<div class="gn-kind">{esc(about)}</div><div class="{"gn-ask" if short else "gn-long"}">{_prose(question.prompt)}</div>'
    )


def choices_html(question: Question) -> str:
    """The choices, for a page without controls."""
    body = question.body
    if isinstance(body, FindTheBug):
        return _yaml(body)
    lists = []
    if isinstance(body, Choice):
        lists = [[f"{LETTERS[i]}) {body.options[name].text}" for i, name in enumerate(question.dealt)]]
    elif isinstance(body, Order):
        lists = [[f"{LETTERS[i]}) {body.steps[name].text}" for i, name in enumerate(question.dealt)]]
    elif isinstance(body, Match):
        lists = [_lefts(body)]
        lists.append([f"{LETTERS[i]}) {body.rights[name]}" for i, name in enumerate(question.dealt)])
    return "".join(_plain_list(texts) for texts in lists)


def _plain_list(texts: Sequence[str]) -> str:
    items = "".join(f"<li>{esc(text)}</li>" for text in texts)
    return f'<ul class="gn-options" style="list-style:none;padding-left:6px">{items}</ul>'


def given_html(question: Question) -> str:
    """What stands beside the question when there are controls for the choices."""
    body = question.body
    if isinstance(body, FindTheBug):
        return _yaml(body)
    return _plain_list(_lefts(body)) if isinstance(body, Match) else ""


def _lefts(body: Match) -> list[str]:
    return [f"{number}) {pair.left}" for number, pair in enumerate(body.pairs.values(), 1)]


def _yaml(body: FindTheBug) -> str:
    return "<pre>" + "\n".join(f"{number:>3} | {esc(line)}" for number, line in enumerate(body.lines, 1)) + "</pre>"


def _prose(text: str) -> str:
    return "".join(f"<pre>{esc(block)}</pre>" if block.startswith("    ") else rich(block) for block in blocks(text))


def counted(count: int) -> str:
    return f"{count} question{'' if count == 1 else 's'}"
