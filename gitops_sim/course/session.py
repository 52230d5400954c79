"""An exercise that a learner is in: what they do, check, and hand in, from a notebook or from the terminal.

Everything that was done is an action log in the workspace. The world is that log, replayed; so a restarted kernel, a second
window or a cell that broke half-way loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from gitops_sim.actions import LIMITS, Action, ActionLog, check_action, dump_actions
from gitops_sim.clock import format_duration, parse_duration, time_of_day
from gitops_sim.course.commands import files_of, look_with_git, named_files, named_folder, named_set
from gitops_sim.course.exercises import Exercise, Graded, load_exercise, play
from gitops_sim.course.exercises.engine import act, advance, begin
from gitops_sim.course.exercises.rules import Refused
from gitops_sim.course.noting import note_attempt, note_help, note_submitted
from gitops_sim.course.quiz import Attempt
from gitops_sim.course.quiz import Result as Answered
from gitops_sim.course.records import ExerciseRecord
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.output import Output
from gitops_sim.trace import Record
from gitops_sim.views.story import Finding, Style, tell_run
from gitops_sim.world import World

_PLAIN = Style()


class Session:
    """One exercise in one workspace: ``Session("drift-and-reconcile")`` begins it, or goes on where it was left.

    Commands answer with an :class:`Output`, as in a terminal. Whatever cannot be done raises BadInput (Refused where the exercise
    does not allow it), and then nothing has happened. ``notes`` of the workspace say what else the learner should know.
    """

    def __init__(self, exercise: Exercise | str | Path, workspace: Workspace | str | Path | None = None) -> None:
        self.exercise = exercise if isinstance(exercise, Exercise) else load_exercise(exercise)
        self.workspace = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
        self._log = ActionLog(seed=self.exercise.seed, exercise={"id": self.exercise.id, "version": self.exercise.version})
        self._text: str | None = None
        self._world: World | None = None
        self._begins = 0
        self.catch_up()

    def __repr__(self) -> str:
        return f"Session({self.exercise.id!r}, at {time_of_day(self.now)}, {len(self._log.actions)} actions)"

    # ------------------------------------------------------------------ what there is

    @property
    def log(self) -> ActionLog:
        """Everything that was done so far; it ends now."""
        return self._log

    @property
    def now(self) -> float:
        """Simulated seconds since the exercise began."""
        return self._log.ends

    @property
    def world(self) -> World:
        """The world as it is, to look at. What is to count is done through this session, not through the world."""
        if self._world is None:
            self._world = self._replayed(self._log)
        return self._world

    @property
    def hints_used(self) -> int:
        return self._record().hints

    @property
    def solution_seen(self) -> bool:
        return self._record().solution

    def _record(self) -> ExerciseRecord:
        return self.workspace.records().exercise(self.exercise.id)

    def story(self, since: float = 0.0, style: Style = _PLAIN) -> str:
        """What happened, by whom and why, from ``since`` (simulated seconds) until now."""
        records = list(self.world.trace)
        later = next((record.seq for record in records if record.time >= since and record.seq >= self._begins), len(records))
        heading = f"{self.exercise.title} · {time_of_day(since)} to {time_of_day(self.now)}"
        return tell_run(_Told(records, later, heading), style)

    # ------------------------------------------------------------------ what the learner does

    def do(self, do: str, **fields: Any) -> Output:
        """Does one action of the action log, now: ``session.do("revert", repo="shop", commit="HEAD")``."""
        check_action(do, fields)
        with self.workspace.lock():
            self.catch_up()
            world = self.world
            action = Action(world.now, do, fields)
            self.allow(action)
            try:
                output = act(world, action).output
            except BadInput:
                self._world = None
                raise
            self.keep(action)
        return output

    def kubectl(self, args: str, *, files: Mapping[str, str] | None = None, stdin: str = "", cluster: str = "") -> Output:
        """One kubectl command. What ``-f`` and ``-k`` name is looked for in ``files``, else in the repositories."""
        given: dict[str, Any] = {"files": dict(files or self._manifests(args)), "stdin": stdin, "cluster": cluster}
        return self.do("kubectl", args=args, **{name: value for name, value in given.items() if value})

    def argocd(self, args: str, *, files: Mapping[str, str] | None = None, cluster: str = "") -> Output:
        """One command of the ``argocd`` CLI. The file that ``appset`` names is looked for in ``files``, else in the
        repositories."""
        return self._with_files("argocd", args, named_set(args), files, cluster)

    def flux(self, args: str, *, files: Mapping[str, str] | None = None, cluster: str = "") -> Output:
        """One command of the ``flux`` CLI. What ``--path`` names is looked for in ``files``, else in the repositories."""
        return self._with_files("flux", args, named_folder(args), files, cluster)

    def _with_files(self, tool: str, args: str, named: str, files: Mapping[str, str] | None, cluster: str) -> Output:
        if named and not files:
            files = {path: text for repo in self.world.git.repositories for path, text in files_of(repo, named).items()}
        given: dict[str, Any] = {"files": dict(files or {}), "cluster": cluster}
        return self.do(tool, args=args, **{name: value for name, value in given.items() if value})

    def dashboard(self, args: str, *, cluster: str = "") -> Output:
        """One click in Argo CD's page, in words: ``rollback web 0``."""
        return self.do("dashboard", args=args, **({"cluster": cluster} if cluster else {}))

    def pipeline(self, args: str) -> Output:
        """One command to the CI system: ``help`` names them."""
        return self.do("pipeline", args=args)

    def commit(self, message: str, files: Mapping[str, str | None], *, repo: str = "", branch: str = "") -> Output:
        """Commits files (None deletes one). The repository may be left out where there is only one."""
        home = repo or self.only_repo()
        self.do("commit", repo=home, message=message, files=dict(files), **({"branch": branch} if branch else {}))
        return self.git(f"log -1 --oneline {branch}", repo=home)

    def edit(self, message: str, file: str, old: str, new: str, *, repo: str = "", branch: str = "") -> Output:
        """Commits one change to a file: ``old`` becomes ``new`` wherever it stands. Raises BadInput when it stands nowhere."""
        text = self.read(file, repo=repo, branch=branch)
        if old not in text:
            raise BadInput(f"{old!r} does not stand in {file}", mend="look at the file first")
        return self.commit(message, {file: text.replace(old, new)}, repo=repo, branch=branch)

    def revert(self, commit: str = "HEAD", *, repo: str = "", branch: str = "", mainline: int | None = None) -> Output:
        """Commits the opposite of a commit."""
        given: dict[str, Any] = {"branch": branch, "mainline": mainline}
        home = repo or self.only_repo()
        self.do("revert", repo=home, commit=commit, **{name: value for name, value in given.items() if value})
        return self.git(f"log -1 --oneline {branch}", repo=home)

    def branch(self, name: str, start: str = "", *, repo: str = "") -> Output:
        """Makes a branch, at ``start`` or else at the tip of the default branch."""
        return self.do("branch", repo=repo or self.only_repo(), name=name, **({"from": start} if start else {}))

    def merge(self, branch: str, into: str = "", *, repo: str = "", message: str = "") -> Output:
        """Merges a branch, into the default branch unless another is named."""
        home, given = repo or self.only_repo(), {"into": into, "message": message}
        self.do("merge", repo=home, branch=branch, **{name: value for name, value in given.items() if value})
        return self.git(f"log -1 --oneline {into}", repo=home)

    def git(self, args: str, *, repo: str = "") -> Output:
        """What the real ``git`` answers to a question: ``log --oneline``, ``show HEAD``."""
        return look_with_git(self.world.git.repository(repo or self.only_repo()), args)

    def read(self, file: str, *, repo: str = "", branch: str = "") -> str:
        """A file as it stands on a branch. Raises BadInput when there is none."""
        return self.world.git.repository(repo or self.only_repo()).tree(branch or "HEAD").read(file).decode(errors="replace")

    def run(self, duration: float | str, style: Style = _PLAIN) -> str:
        """Lets time pass, ``session.run("5m")``, and tells what happened. It stops at the end of the exercise."""
        seconds = parse_duration(duration)
        with self.workspace.lock():
            self.catch_up()
            since = self.world.now
            if since >= self.exercise.ends and seconds:
                what = f"the exercise ends after {format_duration(self.exercise.ends)}"
                raise Refused(what, mend="check and submit, undo, or start again")
            advance(self.world, min(since + seconds, self.exercise.ends))
            self._keep(replace(self._log, ends=self.world.now))
        return self.story(since, style)

    def answer(self, question: str, value: Any) -> Answered:
        """Answers a question of the exercise; it may be answered again. Raises NotAnAnswer for what cannot be an answer."""
        known = {item.id: item for item in self.exercise.questions}
        if question not in known:
            raise BadInput(f"no question {question!r} in this exercise", mend=nearest(str(question), known))
        found = known[question].grade(value, seed=self.exercise.seed)
        self.do("answer", question=question, value=found.value)
        tries = sum(a.do == "answer" and a.get("question") == question for a in self._log.actions)
        self.workspace.answers.add(
            Attempt(
                question, found.version, self.exercise.seed, found.value, found.points, found.max_points, found.passed, tries,
                "practice",
            )
        )  # fmt: skip
        return found

    def undo(self) -> Action:
        """Takes the last thing done back, and the time that passed since; answers stay. Gives what was taken back. Of a command
        of the real kubectl that is all its requests; and what it only looked at later, it has not seen."""
        with self.workspace.lock():
            self.catch_up()
            answers = [action for action in self._log.actions if action.do == "answer"]
            done = [action for action in self._log.actions if action.do != "answer"]
            while done and done[-1].get("method") == "GET":
                done.pop()
            if not done:
                raise BadInput("there is nothing to take back", mend="do something first")
            last = done.pop()
            while last.get("continues") and done:
                last = done.pop()
            rest = sorted([*done, *(replace(answer, at=min(answer.at, last.at)) for answer in answers)], key=_time_of)
            self._world = None
            self._keep(replace(self._log, actions=tuple(rest), ends=last.at))
        return last

    def restart(self) -> None:
        """Begins anew. What was done until now is kept beside."""
        with self.workspace.lock():
            self.workspace.set_log_aside(self.exercise.id, "is of the last time")
            self._world = None
            self._keep(replace(self._log, actions=(), ends=0.0))

    # ------------------------------------------------------------------ judgement, help, handing in

    def check(self) -> Graded:
        """Judges what was done until now, exactly as a grader will. The attempt is kept, with the help used until then."""
        with self.workspace.lock():
            self.catch_up()
            graded = play(self.exercise, self._log)
            self.workspace.update(partial(note_attempt, graded=graded))
        return graded

    def hint(self) -> str:
        """The next of three rungs; the last one again when all were read. Kept as help used."""
        rung = min(self.hints_used + 1, len(self.exercise.hints))
        self.workspace.update(partial(note_help, id=self.exercise.id, hints=rung))
        return self.exercise.hints[rung - 1]

    def solution(self) -> str:
        """The action log of one solution, to read. Kept as help used."""
        self.workspace.update(partial(note_help, id=self.exercise.id, solution=True))
        return dump_actions(self.exercise.solution)

    def submission(self) -> ActionLog:
        """What :meth:`submit` writes: the log, its answers, the help used, and who it is from where that is known."""
        records = self.workspace.records()
        record = records.exercise(self.exercise.id)
        help = {"hints": record.hints, "solution": record.solution}
        learner = {key: value for key, value in records.learner.items() if value}
        return replace(self._log, help=help, learner=learner if learner.get("id") else {})

    def submit(self, *, learner: str = "", name: str = "") -> Path:
        """Writes one file to hand in, and gives its path. ``learner`` (an id) and ``name`` are remembered for the next time."""
        with self.workspace.lock():
            self.catch_up()
            graded = play(self.exercise, self._log)
            self.workspace.update(partial(note_submitted, graded=graded, learner=learner, name=name))
            return self.workspace.write_submission(self.submission())

    # ------------------------------------------------------------------ other doors

    def serve(
        self, *, cluster: str = "", port: int = 0, speed: float = 1.0, kubeconfig: str | Path | None = None, ui_port: int = 0
    ) -> Any:
        """Serves the exercise's cluster and repositories to the real kubectl and the real git, as :meth:`World.serve` does. What
        they do is done in this exercise, as if it had been done here; and what is done here, or in another window, they see."""
        from gitops_sim.course.serving import ServedSession

        more: dict[str, Any] = {"speed": speed, "kubeconfig": kubeconfig, "ui_port": ui_port}
        return self.world.serve(cluster=cluster, port=port, host=ServedSession(self), **more)

    # ------------------------------------------------------------------ keeping

    def allow(self, action: Action) -> None:
        """Raises Refused for what the exercise does not let the learner do, and for what no log could hold."""
        self.exercise.rules.check(action, len(self._log.actions))
        if len(self._text or "") + len(dump_actions(ActionLog((action,), action.at))) > LIMITS.bytes:
            what = f"with this, what you did would be larger than {LIMITS.bytes} bytes"
            raise Refused(what, mend="leave out what the exercise does not need")

    def keep(self, *done: Action) -> None:
        """Writes down what was done in :attr:`world`, and that it is now as late as it is there."""
        self._keep(replace(self._log, actions=(*self._log.actions, *done), ends=self.world.now))

    def catch_up(self) -> None:
        """Takes up what another window did in this exercise meanwhile. A log that does not fit any more is put beside."""
        text = self.workspace.log_text(self.exercise.id)
        if text is None and self._text is not None and self._log.ends:
            self._text = self.workspace.write_log(self.exercise.id, self._log)  # the file is gone; the work is not
        if text is None or text == self._text:
            return
        kept = self.workspace.log(self.exercise.id)
        if kept is None:
            self._text = self.workspace.write_log(self.exercise.id, self._log) if self._text is not None else None
            return
        if dict(kept.exercise) != dict(self._log.exercise):
            version = kept.exercise.get("version")
            self.workspace.set_log_aside(
                self.exercise.id, f"is of version {version} of this exercise, not {self.exercise.version}"
            )
            return
        try:
            kept = self._taken_up(kept)
        except BadInput as error:
            self.workspace.set_log_aside(self.exercise.id, f"cannot be replayed ({error.what})")
            return
        if self._text is not None:
            self.workspace.notes.append("Another window went on with this exercise: what was done there is taken up here.")
        self._text, self._log = text, replace(kept, seed=self.exercise.seed, learner={}, help={})

    def _taken_up(self, kept: ActionLog) -> ActionLog:
        """Brings the world to where a log ends. Where it only goes on from what was done here, so does the world; and where this
        one has gone on meanwhile without having written that down, what the other window did is done that much later."""
        mine, world, last = tuple(self._log.actions), self._world, self.exercise.ends
        if world is not None and tuple(kept.actions[: len(mine)]) == mine and kept.ends >= self._log.ends:
            late = world.now - self._log.ends
            more = [replace(action, at=min(action.at + late, last)) for action in kept.actions[len(mine) :]]
            try:
                for index, action in enumerate(more, len(mine)):
                    self.exercise.rules.check(action, index)
                    act(world, action)
            except BadInput:
                pass  # too late for that: it is done when it was done
            else:
                advance(world, min(kept.ends + late, last))
                return replace(kept, actions=(*mine, *more), ends=world.now)
        self._world = self._replayed(kept)
        return kept

    def _keep(self, log: ActionLog) -> None:
        self._text = self.workspace.write_log(self.exercise.id, log)
        self._log = log

    def _replayed(self, log: ActionLog) -> World:
        world, self._begins = begin(self.exercise, seed=self.exercise.seed)
        for index, action in enumerate(log.actions):
            self.exercise.rules.check(action, index)
            act(world, action)
        advance(world, min(log.ends, self.exercise.ends))
        return world

    # ------------------------------------------------------------------ finding things

    def only_repo(self) -> str:
        """The one repository of the exercise. Raises BadInput where there are several."""
        names = list(self.exercise.world.repos)
        if len(names) != 1:
            raise BadInput("which repository?", mend="name one of " + ", ".join(names) if names else "there is none here")
        return names[0]

    def _manifests(self, args: str) -> dict[str, str]:
        """The files of the repositories that a command names, by the path it names them with."""
        found: dict[str, str] = {}
        for path in named_files(args):
            for repository in self.world.git.repositories:
                found = {**files_of(repository, path), **found}
        return found


def _time_of(action: Action) -> float:
    return action.at


@dataclass(frozen=True, slots=True)
class _Told:
    """A run as the one who tells stories wants it."""

    records: Sequence[Record]
    begins: int
    heading: str
    title: str = ""
    expectations: Sequence[Finding] = field(default=())
