"""An exercise in a notebook: its task, a line to type commands on, and buttons for time, checks and help."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gitops_sim.clock import time_of_day
from gitops_sim.course.commands import take_option, told
from gitops_sim.course.exercises import Exercise, Graded, load_exercise
from gitops_sim.course.exercises.text import tell_graded, tell_task
from gitops_sim.course.pr_commands import run_pr_command
from gitops_sim.course.quiz.text import tell_question, tell_result
from gitops_sim.course.session import Session
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.notebook.live import Card, Live, dressed, esc, folded
from gitops_sim.notebook.quiz_page import asked_html, choices_html, result_html
from gitops_sim.output import Output

_STRONG = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`(.+?)`")
_MOST_SHOWN = 12
"""Commands whose answers stay on the page."""


def exercise(id: str | Path) -> Task:
    """An exercise of the course by id, or one of your own by folder; it goes on where it was left. Raises BadInput for an unknown
    one, which names the nearest."""
    return Task(load_exercise(id))


class Task(Live):
    """``task("kubectl get pods")``, ``task("run 5m")``, ``task("check")``: what the terminal has as ``gitops-sim exercise ...``.

    Files are changed with :meth:`edit` and :meth:`commit`. Nothing raises for what a learner mistypes: the answer says it.
    """

    def __init__(self, exercise: Exercise, workspace: Workspace | None = None) -> None:
        self.exercise = exercise
        self._workspace = workspace or Workspace()
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The exercise as it goes on in the workspace."""
        if self._session is None:
            self._session = Session(self.exercise, self._workspace)
        return self._session

    # ------------------------------------------------------------------ what a cell calls

    def __call__(self, line: str) -> Output:
        """Does what a line says. An exit code other than 0 says that it could not be done."""
        return self._answered(lambda: self._typed(line))

    def edit(self, message: str, file: str, old: str, new: str, **where: str) -> Output:
        """Commits one change to a file: ``old`` becomes ``new``. ``repo`` and ``branch`` may be named."""
        return self._answered(lambda: self.session.edit(message, file, old, new, **where))

    def commit(self, message: str, files: Mapping[str, str | None], **where: str) -> Output:
        """Commits files; None deletes one."""
        return self._answered(lambda: self.session.commit(message, files, **where))

    def read(self, file: str, **where: str) -> Output:
        """A file as it stands in Git."""
        return self._answered(lambda: Output(self.session.read(file, **where)))

    def answer(self, question: str, value: object) -> Card | Output:
        """Answers a question of the exercise."""
        try:
            result = self.session.answer(question, value)
        except BadInput as error:
            return Output(stderr=f"{error}\n", exit=2)
        return Card(f'<div class="gn-box">{result_html(result, reveal=result.passed)}</div>', tell_result(result))

    def check(self) -> Card:
        """Judges what was done until now."""
        graded = self.session.check()
        return Card(graded_html(graded), tell_graded(graded))

    # ------------------------------------------------------------------ typed lines

    def _typed(self, line: str) -> Output:
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise BadInput(f"cannot read that line: {str(error).lower()}", mend="close the quotes") from None
        if not words:
            return Output()
        tool, rest = words[0], line.strip()[len(words[0]) :].strip()
        tools: dict[str, Callable[[str], Output]] = {
            "kubectl": self.session.kubectl,
            "argocd": self.session.argocd,
            "flux": self.session.flux,
            "dashboard": self.session.dashboard,
            "pipeline": lambda args: self.session.pipeline(args or "help"),
            "git": self._git,
            "pr": lambda args: run_pr_command(self.session, shlex.split(args)),
            "run": lambda args: Output(self.session.run(args) + "\n"),
            "log": lambda _: Output(self.session.story() + "\n"),
            "check": lambda _: self._judged(),
            "hint": lambda _: Output(self.session.hint() + "\n"),
            "solution": lambda _: Output(self.session.solution()),
            "answer": self._answers,
            "undo": lambda _: Output(f"Taken back: {told(self.session.undo())}. It is {time_of_day(self.session.now)}.\n"),
            "submit": lambda _: Output(f"Written: {self.session.submit()}\n"),
        }
        if tool not in tools:
            raise BadInput(f"there is no {tool!r} here", mend=nearest(tool, tools))
        return tools[tool](rest)

    def _git(self, args: str) -> Output:
        """The real git's words; ``--repo NAME`` where there are several repositories, ``--branch NAME`` for a revert elsewhere
        than on the default branch."""
        words = shlex.split(args)
        repo = take_option(words, ("--repo",))
        verb, *rest = words or [""]
        if verb == "revert":
            branch, mainline = take_option(rest, ("--branch",)), take_option(rest, ("-m", "--mainline"))
            rest = [word for word in rest if word != "--no-edit"]
            if len(rest) > 1 or (rest and rest[0].startswith("-")) or (mainline and not mainline.isdecimal()):
                raise BadInput("git revert takes one commit", mend="git revert [-m 1] COMMIT [--branch BRANCH]")
            return self.session.revert(*rest, repo=repo, branch=branch, mainline=int(mainline) if mainline else None)
        if verb == "branch" and rest:
            return self.session.branch(rest[0], repo=repo)
        if verb == "merge" and rest:
            return self.session.merge(rest[0], repo=repo)
        return self.session.git(shlex.join(words), repo=repo)

    def _answers(self, args: str) -> Output:
        """``answer`` shows the questions, ``answer QUESTION VALUE`` answers one."""
        question, _, value = args.partition(" ")
        if value:
            result = self.session.answer(question, value.strip())
            return Output(tell_result(result, reveal=result.passed) + "\n", exit=0 if result.passed else 1)
        asked = [tell_question(item.ask(self.exercise.seed)) for item in self.exercise.questions if question in ("", item.id)]
        if question and not asked:
            raise BadInput(f"no question {question!r} here", mend=nearest(question, (q.id for q in self.exercise.questions)))
        return Output("\n\n".join(asked) + "\n")

    def _judged(self) -> Output:
        graded = self.session.check()
        return Output(tell_graded(graded) + "\n", exit=0 if graded.passed else 1)

    def _answered(self, act: Callable[[], Output]) -> Output:
        try:
            found = act()
        except BadInput as error:
            found = Output(stderr=f"{error}\n", exit=2)
        notes = "".join(f"{note}\n" for note in self._workspace.notes)
        self._workspace.notes.clear()
        return replace(found, stderr=notes + found.stderr) if notes else found

    # ------------------------------------------------------------------ page and words

    @property
    def text(self) -> str:
        asked = [f"{item.id}: {tell_question(item.ask(self.exercise.seed))}" for item in self.exercise.questions]
        return "\n\n".join([f"EXERCISE  {tell_task(self.exercise)}", *asked])

    @property
    def html(self) -> str:
        return f'<div class="gn-box">{self._asked()}</div>'

    def _asked(self) -> str:
        about = f"Exercise · {self.exercise.minutes} minutes · {self.exercise.max_points} points"
        asked = [(item.id, item.ask(self.exercise.seed)) for item in self.exercise.questions]
        folds = "".join(folded(f"Question {id}", asked_html(question) + choices_html(question)) for id, question in asked)
        return f'<div class="gn-kind">{esc(about)}</div>{task_html(self.exercise.text)}{folds}'

    def _build(self) -> Any:
        return _Controls(self, self._asked()).root


class _Controls:
    """The widget: a line to type on, buttons, and the answers, newest last."""

    def __init__(self, task: Task, words: str) -> None:
        import ipywidgets as widgets

        self.task = task
        self.told: list[str] = []
        self.line = widgets.Text(
            placeholder="kubectl get pods   (Enter)",
            continuous_update=False,
            layout=widgets.Layout(width="100%", max_width="760px"),
            description="Command",
        )
        self.line.observe(self._entered, "value")
        buttons = [
            ("Run 1 min", "run 1m", "Let a minute pass"),
            ("Run 10 min", "run 10m", "Let ten minutes pass"),
            ("Check", "check", "Judge what was done until now"),
            ("Hint", "hint", "The next of three hints; it is kept that you read it"),
            ("Undo", "undo", "Take the last thing back, and the time since"),
            ("Hand in", "submit", "Write the file to hand in"),
        ]
        self.buttons = []
        for label, line, tip in buttons:
            button = widgets.Button(description=label, tooltip=tip, layout=widgets.Layout(width="auto"))
            button.on_click(partial(self._pressed, line))
            self.buttons.append(button)
        row = widgets.HBox(self.buttons, layout=widgets.Layout(flex_flow="row wrap", grid_gap="6px", margin="6px 0"))
        self.output = widgets.HTML()
        self.root = dressed([widgets.HTML(words), self.line, row, self.output])
        self._tell()

    def _entered(self, change: Any) -> None:
        line = str(change["new"]).strip()
        if line:
            self.line.value = ""
            self._do(line)

    def _pressed(self, line: str, _button: Any) -> None:
        self._do(line)

    def _do(self, line: str) -> None:
        answer = str(self.task(line))
        self.told = [*self.told, f"$ {line}\n{answer}".rstrip()][-_MOST_SHOWN:]
        self._tell()

    def _tell(self) -> None:
        try:
            session = self.task.session
            count = len(session.log.actions)
            where = f"It is {time_of_day(session.now)}; {count} thing{'' if count == 1 else 's'} done."
        except BadInput as error:
            where = str(error)
        told = "".join(f"<pre>{esc(text)}</pre>" for text in self.told)
        self.output.value = f'<div role="log" aria-live="polite">{told}<p>{esc(where)}</p></div>'


def graded_html(graded: Graded) -> str:
    """Every check; one that failed with what was expected, what was found, and what to try next."""
    signs = {True: ("✓", "same"), False: ("✗", "other"), None: ("·", "")}
    parts = []
    for check in graded.checks:
        sign, kind = signs[check.passed]
        cause = check.cause
        parts.append(f'<div class="gn-verdict {kind}">{sign} {esc(check.description)} {check.points}/{check.max_points}</div>')
        if check.passed is None:
            parts.append(f"<p>{esc(cause.actual)}</p>")
        elif not check.passed:
            parts.append(
                f'<div class="gn-pair"><div><span>Expected</span><b>{esc(cause.expected)}</b></div>'
                f"<div><span>Found</span><b>{esc(cause.actual)}</b></div></div><p>{esc(cause.rationale)}</p>"
                f"<p><b>Try:</b> {esc(cause.help)}</p>"
            )
    whole = f"{graded.points} of {graded.max_points} points at {time_of_day(graded.world.now)}"
    return f'<div class="gn-box">{"".join(parts)}<p><b>{esc(whole)}</b></p></div>'


def task_html(text: str) -> str:
    """The task's Markdown: a heading, paragraphs, lists, ``**strong**`` and `` `code` ``."""
    parts: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        prose: list[str] = []
        items: list[str] = []
        for line in paragraph.split("\n"):
            mark = re.match(r"(- |\d+\. )", line)
            if line.startswith("#"):
                parts.append(f'<div class="gn-ask">{_marked(line.lstrip("# "))}</div>')
            elif mark:
                items.append(line[2:] if line.startswith("- ") else line)
            elif items:
                items[-1] += " " + line.strip()
            else:
                prose.append(line)
        parts += [f"<p>{_marked(' '.join(prose))}</p>"] if prose else []
        parts += [f"<ul>{''.join(f'<li>{_marked(item)}</li>' for item in items)}</ul>"] if items else []
    return "".join(parts)


def _marked(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", _STRONG.sub(r"<b>\1</b>", esc(text)))
