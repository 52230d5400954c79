"""The quiz in a notebook: one question at a time, by mouse or keyboard; without widgets, a page with folded answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gitops_sim.course.curriculum import SECTIONS
from gitops_sim.course.quiz import AnswerFile, NotAnAnswer, Question, Quiz, Result, Session, latest_sitting, load_quiz
from gitops_sim.course.quiz.answers import LETTERS
from gitops_sim.course.quiz.kinds import Choice, FindTheBug, Match, Order
from gitops_sim.course.quiz.text import KIND_WORDS, blocks, points, tell_answer, tell_question, tell_summary, verdict
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput
from gitops_sim.notebook.live import Live, dressed, esc, folded, rich

LONG = 200
"""Characters from which a question is not set in bold."""


def quiz(
    topic: str | Path = "",
    *,
    items: Sequence[str] = (),
    seed: int = 0,
    exam: bool = False,
    count: int | None = None,
    answers: Path | None = None,
) -> QuizSheet:
    """Questions about a topic (see ``gitops-sim quiz --topics``), or only those that ``items`` names; ``count`` says how many.

    Answers are kept in a file (the one that the terminal uses), and a sitting goes on where it stopped. Raises BadInput for an
    unknown topic or item, which names the nearest.
    """
    asked = load_quiz(topic)
    if items:
        asked = asked.only([asked.item(id).id for id in items])
    return QuizSheet(asked, seed=seed, exam=exam, count=count, file=AnswerFile(answers) if answers else Workspace().answers)


class QuizSheet(Live):
    """A quiz to look at: a static page that folds the answers away, and a widget that asks and keeps what is answered."""

    def __init__(self, quiz: Quiz, *, seed: int, exam: bool, count: int | None, file: AnswerFile) -> None:
        self.quiz, self.file = quiz, file
        self.seed, self.exam, self.count = seed, exam, count
        self.session: Session = quiz.ask(seed, exam=exam, most=count)

    @property
    def text(self) -> str:
        head = f"{self.quiz.title}: {_counted(len(self.session.questions))}"
        parts = []
        for number, question in enumerate(self.session.questions, 1):
            told = tell_question(question) + ("" if self.session.exam else "\n\n" + tell_answer(question))
            parts.append(f"{number}. {told}")
        return "\n\n\n".join([head, *parts])

    @property
    def html(self) -> str:
        parts = [f'<div class="gn-kind">{esc(self.quiz.title)} · {_counted(len(self.session.questions))}</div>']
        for question in self.session.questions:
            body = _asked(question) + _listed(question)
            if not self.session.exam:
                shown = result_html(question.grade(question.right_answer), verdict_too=False)
                body += folded("I have decided: show the answer", shown)
            parts.append(f'<div class="gn-box">{body}</div>')
        return "".join(parts)

    def resume(self) -> None:
        """Takes up what the file holds of this sitting; a file that cannot be read is no reason to stop."""
        try:
            kept = self.file.attempts()
        except BadInput:
            return
        ids = [question.item.id for question in self.session.questions]
        sitting = latest_sitting(kept, ids, seed=self.seed, exam=self.exam)
        records = [attempt.as_json() for attempt in sitting]
        self.session = self.quiz.ask(self.seed, exam=self.exam, most=self.count, attempts=records)

    def _build(self) -> Any:
        self.resume()
        return _Sheet(self).root


class _Sheet:
    """The widget: the question, the control that its kind needs, what came of the answer, and a way on."""

    def __init__(self, sheet: QuizSheet) -> None:
        import ipywidgets as widgets

        self.sheet, self.session = sheet, sheet.session
        self.kept = len(self.session.attempts)
        self.place = next((i for i, q in enumerate(self.session.questions) if q in self.session.open), 0)
        self.head, self.prompt, self.said = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.control = _TextControl(self.question)
        self.holder = widgets.VBox([])
        self.answer = self._button("Answer", "Grade this answer", self._answer, style="primary")
        self.show = self._button("Show the answer", "Give up on this question and see its answer", self._show)
        self.back = self._button("Back", "The question before this one", self._back)
        self.next = self._button("Next", "The next question", self._next)
        self.hand_in = self._button("Hand in", "End the exam: open questions get no points", self._finish)
        row = widgets.Layout(grid_gap="8px", margin="8px 0", flex_flow="row wrap")
        self.buttons = widgets.HBox([self.answer, self.show, self.back, self.next, self.hand_in], layout=row)
        self.root = dressed([self.head, self.prompt, self.holder, self.buttons, self.said])
        self._ask()

    @property
    def question(self) -> Question:
        return self.session.questions[self.place]

    def _button(self, words: str, help: str, act: Callable[[], None], *, style: str = "") -> Any:
        import ipywidgets as widgets

        button = widgets.Button(description=words, tooltip=help, button_style=style)
        button.on_click(lambda _button: act())
        return button

    def _ask(self) -> None:
        question, session = self.question, self.session
        done = len(session.questions) - len(session.open)
        self.head.value = (
            f'<div class="gn-kind">Question {self.place + 1} of {len(session.questions)} · {done} answered'
            f"{' · exam' if session.exam else ''}</div>"
        )
        self.prompt.value = _asked(question) + _given(question)
        self.control = _control(question)
        self.holder.children = [self.control.root]
        self._say("")
        self._refresh()

    def _refresh(self) -> None:
        session = self.session
        closed = session.exam and self.question not in session.open
        self.answer.disabled = closed or (session.exam and session.finished)
        self.control.disable(self.answer.disabled)
        self.show.layout.display = "none" if session.exam and not session.finished else ""
        self.back.disabled = self.place == 0
        self.next.description = "Next" if self.place + 1 < len(session.questions) else "How did it go?"
        self.hand_in.layout.display = "" if session.exam and not session.finished else "none"

    def _say(self, html: str) -> None:
        self.said.value = f'<div role="status" aria-live="polite">{html}</div>' if html else ""

    def _answer(self) -> None:
        try:
            result = self.session.answer(self.question.item.id, self.control.value)
        except NotAnAnswer as error:
            self._say(f"<p><b>Not counted:</b> {esc(error.what)}. {esc(error.mend[:1].upper() + error.mend[1:])}.</p>")
            return
        unkept = self._keep()
        if result is None:
            self._say("<p>Kept. The feedback comes when you hand in.</p>" + unkept)
        else:
            again = "" if result.passed else "<p>Try again, or let the answer be shown.</p>"
            self._say(result_html(result, reveal=result.passed) + again + unkept)
        self._refresh()

    def _show(self) -> None:
        answer = self.session.show(self.question.item.id)
        self._say(result_html(answer, verdict_too=False) + self._keep())
        self._refresh()

    def _back(self) -> None:
        self.place -= 1
        self._ask()

    def _next(self) -> None:
        if self.place + 1 < len(self.session.questions):
            self.place += 1
            self._ask()
        elif self.session.exam and not self.session.finished:
            self._say(f"<p>{len(self.session.open)} open. Hand in when you are ready.</p>")
        else:
            self._finish()

    def _finish(self) -> None:
        summary = self.session.finish()
        unkept = self._keep()
        told = f"<p>{esc(tell_summary(summary))}</p>".replace("\n", "<br>")
        if self.session.exam:
            told += "".join(
                folded(
                    f"{q.item.id}: {verdict(r) if (r := summary.results.get(q.item.id)) else 'left open'}",
                    _asked(q) + _graded(q, r),
                )
                for q in self.session.questions
            )
        self._say(told + unkept)
        self._refresh()

    def _keep(self) -> str:
        """Writes what is new to the file; the words for it when that fails."""
        try:
            for attempt in self.session.attempts[self.kept :]:
                self.sheet.file.add(attempt)
                self.kept += 1
        except BadInput as error:
            return f"<p>Your answers are not kept: {esc(error.what)} ({esc(error.where)})</p>"
        return ""


def _graded(question: Question, result: Result | None) -> str:
    return result_html(result) if result else result_html(question.grade(question.right_answer), verdict_too=False)


# ---------------------------------------------------------------------- controls


class _TextControl:
    """A line, or for a free answer a few lines, to type into. Base of the controls: a root widget and the value it stands for."""

    def __init__(self, question: Question) -> None:
        import ipywidgets as widgets

        free = question.item.kind == "free"
        self.root = (widgets.Textarea if free else widgets.Text)(
            placeholder=question.body.hint,
            description="Your answer",
            layout=widgets.Layout(width="min(97%, 640px)", height="110px" if free else "auto"),
            style={"description_width": "initial"},
        )

    @property
    def value(self) -> object:
        return self.root.value

    def disable(self, disabled: bool) -> None:
        self.root.disabled = disabled


class _RadioControl(_TextControl):
    def __init__(self, question: Question) -> None:
        import ipywidgets as widgets

        body = question.body
        assert isinstance(body, Choice)
        options = [(f"{LETTERS[i]}) {body.options[name].text}", name) for i, name in enumerate(question.dealt)]
        self.root = widgets.RadioButtons(
            description="Your answer",
            options=options,
            value=None,
            layout=widgets.Layout(width="auto"),
            style={"description_width": "initial"},
        )


class _BoxesControl(_TextControl):
    """A box to tick for each option."""

    def __init__(self, question: Question) -> None:
        import ipywidgets as widgets

        body = question.body
        assert isinstance(body, Choice)
        self.boxes = {
            name: widgets.Checkbox(
                description=f"{LETTERS[i]}) {body.options[name].text}", indent=False, layout=widgets.Layout(width="auto")
            )
            for i, name in enumerate(question.dealt)
        }
        self.root = widgets.VBox([*self.boxes.values()])

    @property
    def value(self) -> object:
        return [name for name, box in self.boxes.items() if box.value]

    def disable(self, disabled: bool) -> None:
        for box in self.boxes.values():
            box.disabled = disabled


class _ListsControl(_TextControl):
    """A list to choose from for each place of an order, or for each left side of a match."""

    def __init__(self, rows: Sequence[tuple[str, str]], choices: Sequence[tuple[str, str]], *, pairs: bool) -> None:
        import ipywidgets as widgets

        self.pairs = pairs
        self.lists = {
            key: widgets.Dropdown(
                description=label,
                options=[("choose ...", ""), *choices],
                value="",
                layout=widgets.Layout(width="min(97%, 640px)"),
                style={"description_width": "initial"},
            )
            for key, label in rows
        }
        self.root = widgets.VBox([*self.lists.values()])

    @property
    def value(self) -> object:
        chosen = {key: one.value for key, one in self.lists.items() if one.value}
        return chosen if self.pairs else [*chosen.values()]

    def disable(self, disabled: bool) -> None:
        for one in self.lists.values():
            one.disabled = disabled


def _control(question: Question) -> _TextControl:
    body = question.body
    if isinstance(body, Choice):
        return _BoxesControl(question) if body.several else _RadioControl(question)
    if isinstance(body, Order):
        rows = [(name, f"{number}.") for number, name in enumerate(question.dealt, 1)]
        return _ListsControl(rows, [(body.steps[name].text, name) for name in question.dealt], pairs=False)
    if isinstance(body, Match):
        rows = [(name, f"{number})") for number, name in enumerate(body.pairs, 1)]
        return _ListsControl(rows, [(body.rights[name], name) for name in question.dealt], pairs=True)
    return _TextControl(question)


# ---------------------------------------------------------------------- page


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


def _asked(question: Question) -> str:
    item = question.item
    about = f"{SECTIONS[item.section]} · {KIND_WORDS[item.kind]} · {points(item.points)} point{'' if item.points == 1 else 's'}"
    about += " · the simulator knows" if item.computed else ""
    short = len(question.prompt) < LONG
    return (
        f'<div class="gn-kind">{esc(about)}</div><div class="{"gn-ask" if short else "gn-long"}">{_prose(question.prompt)}</div>'
    )


def _listed(question: Question) -> str:
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


def _given(question: Question) -> str:
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


def _counted(count: int) -> str:
    return f"{count} question{'' if count == 1 else 's'}"
