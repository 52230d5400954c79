"""``gitops-sim quiz``: questions in the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.terminal import color_option, width
from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.course.quiz import AnswerFile, Question, Quiz, Session

WHOLE_MODULE = 12
"""Questions of one sitting when no topic is named."""

_HELP = """\
Answer: {hint}.
Points: {rule}.
  show   give up on this question and see the answer; it goes on the list of what to look at again
  skip   leave it open and go on
  quit   stop here; ctrl-d and ctrl-c do the same. Your answers are kept."""


@click.command("quiz", epilog="Example: gitops-sim quiz rollback --seed 7")
@click.argument("topic", default="")
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**63 - 1),
    help="The same seed asks the same. Default: go on where you stopped, else new ones.",
)
@click.option("--exam", is_flag=True, help="One answer to each question, no feedback until the end, no clock.")
@click.option(
    "--count",
    type=click.IntRange(min=1),
    help=f"How many questions. Default: all of the topic; {WHOLE_MODULE} when none is named.",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    help="The file that keeps your answers. [default: answers.jsonl in your course folder, ./gitops-course]",
)
@click.option("--topics", is_flag=True, help="List the topics.")
@color_option
def command(topic: str, seed: int | None, exam: bool, count: int | None, answers: Path | None, topics: bool, color: bool) -> None:
    """Asks questions about TOPIC, or a mixture of the whole module.

    Some are answered by the simulator: with another seed, they have another answer. Answers are kept in a file, and a
    sitting that was interrupted goes on where it stopped. Exits with 1 when an answer was wrong in the end.
    """
    from gitops_sim.course.quiz import AnswerFile, load_quiz, quiz_topics
    from gitops_sim.course.workspace import Workspace

    if topics:
        for name, title in quiz_topics().items():
            click.echo(f"  {name:<22} {title}")
        return
    quiz = load_quiz(topic)
    most = count or (None if topic else WHOLE_MODULE)
    file = AnswerFile(answers) if answers else Workspace().answers
    session = _session(quiz, file, seed, exam, most)
    if file.skipped:
        click.echo(f"Lines of {file.path}: {file.skipped} cannot be read; what they hold is left as it is.", err=True)
    sys.exit(_Terminal(session, file, color).sit(quiz.title))


def _session(quiz: Quiz, file: AnswerFile, seed: int | None, exam: bool, most: int | None) -> Session:
    """The sitting that was interrupted, or the next one."""
    from gitops_sim.course.quiz import latest_sitting

    kept = file.attempts()
    ids = {item.id for item in quiz.items}
    mode = "exam" if exam else "practice"
    if seed is None:
        used = [attempt.seed for attempt in kept if attempt.mode == mode and attempt.question in ids]
        chosen = used[-1] if used else 0
    else:
        chosen = seed
    asked = [question.item.id for question in quiz.ask(chosen, exam=exam, most=most).questions]
    earlier = [attempt.as_json() for attempt in latest_sitting(kept, asked, seed=chosen, exam=exam)]
    session = quiz.ask(chosen, exam=exam, most=most, attempts=earlier)
    if session.open:
        return session
    if seed is None:
        return quiz.ask(max(used) + 1, exam=exam, most=most)
    return session if exam else quiz.ask(chosen, most=most)


class _Terminal:
    """One sitting: asks what is open, tells what came of it."""

    def __init__(self, session: Session, file: AnswerFile, color: bool) -> None:
        self.session, self.file, self.color = session, file, color
        self.keeps, self.left = True, False
        self.kept = len(session.attempts)

    def sit(self, title: str) -> int:
        session = self.session
        count = len(session.questions)
        mode = "exam: no feedback until the end" if session.exam else "practice"
        click.echo(f"{title} · {count} question{'' if count == 1 else 's'} · {mode} · seed {session.seed} · ? for help\n")
        begun = count - len(session.open)
        if begun:
            click.echo(f"{begun} of {count} are answered already.\n")
        try:
            for number, question in enumerate(session.questions, 1):
                if question in session.open:
                    self._ask(question, f"{number}/{count}")
        except (click.Abort, KeyboardInterrupt, EOFError):
            self.left = True
            click.echo("\n\nUntil next time." + self._kept())
        return self._end()

    def _ask(self, question: Question, number: str) -> None:
        from gitops_sim.course.quiz import NotAnAnswer
        from gitops_sim.course.quiz.text import tell_answer, tell_question, tell_result

        click.echo(self._styled(number, bold=True) + " " + tell_question(question, width=self._width) + "\n")
        id, last = question.item.id, None
        while True:
            given = click.prompt("Your answer", default="", show_default=False, prompt_suffix="> ").strip()
            word = given.casefold()
            if word in ("", "skip"):
                return click.echo()
            if word == "quit":
                raise click.Abort
            if word in ("?", "help"):
                click.echo(_HELP.format(hint=question.body.hint, rule=question.body.rule) + "\n")
                continue
            if word == "show":
                if self.session.exam:
                    click.echo("  In an exam the answers come at the end.\n")
                    continue
                self.session.show(id)
                self._keep()
                told = tell_result(last, width=self._width) if last else tell_answer(question, width=self._width)
                click.echo("\n" + self._colored(told) + "\n")
                return None
            try:
                last = self.session.answer(id, given)
            except NotAnAnswer as error:
                click.echo(f"  {error.what}. {error.mend[:1].upper()}{error.mend[1:]}.\n")
                continue
            self._keep()
            if last is None:
                return click.echo("  kept\n")
            click.echo("\n" + self._colored(tell_result(last, reveal=last.passed, width=self._width)) + "\n")
            if last.passed:
                return None
            click.echo("Try again; or show, skip, quit.")

    def _end(self) -> int:
        from gitops_sim.course.quiz.result import first_paragraph
        from gitops_sim.course.quiz.text import tell_answer, tell_result, tell_summary

        session = self.session
        if session.exam and session.open and not self._hands_in():
            click.echo("\nThe same command goes on with this exam, and tells in the end how it went.")
            return 0
        summary = session.finish()
        self._keep()
        if session.exam:
            for question in session.questions:
                result = summary.results.get(question.item.id)
                told = tell_result(result, width=self._width) if result else tell_answer(question, width=self._width)
                click.echo("\n" + self._styled(f"{question.item.id}: {first_paragraph(question.prompt)}", bold=True))
                click.echo(self._colored(told))
        if summary.attempts:
            click.echo("\n" + tell_summary(summary, width=self._width))
        wrong = any(not result.passed for result in summary.results.values())
        return int(wrong or (session.exam and bool(summary.unanswered)))

    def _hands_in(self) -> bool:
        """Whether the exam ends here, with questions open; not when nobody is there to say so."""
        count = len(self.session.open)
        try:
            return not self.left and click.confirm(f"\n{count} open. Hand in all the same? Open questions get no points")
        except (click.Abort, KeyboardInterrupt):
            return False

    def _keep(self) -> None:
        if not self.keeps:
            return
        try:
            for attempt in self.session.attempts[self.kept :]:
                self.file.add(attempt)
                self.kept += 1
        except BadInput as error:
            self.keeps = False
            click.echo(f"  Your answers are not kept: {error}", err=True)

    def _kept(self) -> str:
        return f" Your answers are kept in {self.file.path}." if self.keeps and self.session.attempts else ""

    @property
    def _width(self) -> int:
        return min(100, width())

    def _colored(self, told: str) -> str:
        """The signs at the beginning of lines in colour; the words say the same."""
        colors = {"✓": "green", "✗": "red", "~": "yellow", "  +": "green", "  -": "red"}
        lines = []
        for line in told.split("\n"):
            sign = next((sign for sign in colors if line.startswith(sign + " ")), "")
            lines.append(self._styled(sign, fg=colors[sign]) + line[len(sign) :] if sign else line)
        return "\n".join(lines)

    def _styled(self, text: str, *, fg: str | None = None, bold: bool = False) -> str:
        return click.style(text, fg=fg, bold=bold) if self.color else text
