"""The quiz in a notebook: one question at a time, by mouse or keyboard; without widgets, a page with folded answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gitops_sim.course.quiz import AnswerFile, NotAnAnswer, Question, Quiz, Result, Session, latest_sitting, load_quiz
from gitops_sim.course.quiz.text import tell_answer, tell_question, tell_summary, verdict
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput
from gitops_sim.notebook.live import Live, dressed, esc, folded
from gitops_sim.notebook.quiz_controls import TextControl, control_for
from gitops_sim.notebook.quiz_page import asked_html, choices_html, counted, given_html, result_html


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
        head = f"{self.quiz.title}: {counted(len(self.session.questions))}"
        parts = []
        for number, question in enumerate(self.session.questions, 1):
            told = tell_question(question) + ("" if self.session.exam else "\n\n" + tell_answer(question))
            parts.append(f"{number}. {told}")
        return "\n\n\n".join([head, *parts])

    @property
    def html(self) -> str:
        parts = [f'<div class="gn-kind">{esc(self.quiz.title)} · {counted(len(self.session.questions))}</div>']
        for question in self.session.questions:
            body = asked_html(question) + choices_html(question)
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
        self.control = TextControl(self.question)
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
        question = self.question
        self.prompt.value = asked_html(question) + given_html(question)
        self.control = control_for(question)
        self.holder.children = [self.control.root]
        self._say("")
        self._refresh()

    def _refresh(self) -> None:
        session = self.session
        done = len(session.questions) - len(session.open)
        self.head.value = (
            f'<div class="gn-kind">Question {self.place + 1} of {len(session.questions)} · {done} answered'
            f"{' · exam' if session.exam else ''}</div>"
        )
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
                    asked_html(q) + _graded(q, r),
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
