"""The format of an exercise: a folder of data.

::

    exercises/02-drift-and-reconcile/
      exercise.yaml       what this file describes
      text.md             the task: what, why, done when
      repo/<name>/...     files of the repository <name> at the start, added to its first commit (may be left out)
      solution.yaml       an action log that passes every check, at every seed tried
      wrong/<belief>.yaml an action log of somebody who holds this belief (an id of the curriculum), and what it fails with

``exercise.yaml``::

    id: drift-and-reconcile           # the folder's name without its number
    version: 1                        # one more whenever an old solution might be judged otherwise
    title: Somebody scaled by hand
    minutes: 10
    principle: continuously-reconciled
    concepts: [drift, self-heal]      # of the curriculum
    sections: [four-principles]       # of the module
    seed: 7
    world: {...}                      # as in a scenario
    happens:                          # what others do meanwhile, as in a scenario; each needs 'by'
    - {at: 10m, do: kubectl, by: ben, args: scale deployment web --replicas=10}
    allowed: {kubectl: [get, describe], commit: any}     # or a list: [kubectl, commit]
    refusal: why everything else is not allowed          # may be left out
    ends: 1h                          # the world goes no further
    checks:                           # judged in this order
    - id: three-again
      description: Three pods run
      points: 2
      check: replicas_ready           # a word of the checks' vocabulary, and its parameters
      object: Deployment/web
      count: 3
      needs: [other-check]            # not judged unless these passed; they stand above it
      rationale: why this matters
      help: what to look at when it fails
      belief: autosync-heals          # what somebody who fails here often thinks (may be left out)
    hints: [first, second, third]     # three rungs; none holds the answer
    questions: [drift/when-seen, {id: ..., kind: single, ...}]   # of the quiz, or written here in its format

An action log in ``wrong/`` has one field more: ``fails: {check: three-again, message: part of what the learner is told}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gitops_sim.actions import Action, ActionLog
from gitops_sim.course.curriculum import BELIEFS, CONCEPTS, SECTIONS
from gitops_sim.course.exercises.rules import Rules, read_allowed
from gitops_sim.course.quiz import Item, load_quiz
from gitops_sim.course.quiz.reading import read_item
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.checks import CHECKS, Call, read_call
from gitops_sim.scenarios.format import read_actions
from gitops_sim.scenarios.reading import Reader, read_file
from gitops_sim.scenarios.worlds import StartCommit, WorldSpec, read_world

PRINCIPLES = ("declarative", "versioned-and-immutable", "pulled-automatically", "continuously-reconciled")
"""The four principles of OpenGitOps, in their order."""
HINTS = 3
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
MOST_REPO_FILES, MOST_REPO_BYTES = 200, 1_000_000

_REQUIRED = (
    "id", "version", "title", "minutes", "principle", "concepts", "sections",
    "seed", "world", "allowed", "ends", "checks", "hints",
)  # fmt: skip
_OPTIONAL = ("happens", "refusal", "questions")
_CHECK = ("id", "description", "points", "check", "rationale", "help")
_CHECK_OPTIONAL = ("needs", "belief")


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One thing that is judged. ``needs`` are ids of checks above it that must have passed."""

    id: str
    description: str
    points: int
    call: Call
    needs: tuple[str, ...]
    rationale: str
    help: str
    belief: str = ""


@dataclass(frozen=True, slots=True)
class WrongWay:
    """What somebody does who holds the ``belief``; ``check`` fails, and what the learner is told holds ``message``."""

    belief: str
    log: ActionLog
    check: str
    message: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """Everything that its folder holds. ``load_exercise("drift-and-reconcile")`` reads one.

    ``seed`` fixes all chance unless another is given; ``ends`` is the last simulated second; ``happens`` is what others do.
    """

    id: str
    version: int
    title: str
    minutes: int
    principle: str
    concepts: tuple[str, ...]
    sections: tuple[str, ...]
    seed: int
    world: WorldSpec
    happens: Sequence[Action]
    rules: Rules
    ends: float
    checks: Sequence[CheckSpec]
    hints: tuple[str, ...]
    questions: Sequence[Item]
    text: str
    solution: ActionLog = field(repr=False)
    wrong: Sequence[WrongWay] = field(repr=False)
    folder: Path = field(compare=False)

    @property
    def max_points(self) -> int:
        return sum(check.points for check in self.checks)

    def check(self, id: str) -> CheckSpec:
        """Raises BadInput for an unknown id, which names the nearest."""
        for check in self.checks:
            if check.id == id:
                return check
        raise BadInput(f"no check {id!r} in exercise {self.id!r}", mend=nearest(id, (check.id for check in self.checks)))


def read_exercise(folder: Path) -> Exercise:
    """Raises BadInput, with file, line and field, for whatever is unknown, missing or of the wrong type."""
    entries = read_file(folder / "exercise.yaml").mapping(_REQUIRED, _OPTIONAL)
    world = _with_files(read_world(entries["world"]), folder / "repo")
    seed, ends = entries["seed"].whole(), entries["ends"].duration()
    allowed = read_allowed(entries["allowed"])
    questions = [_question(item, entries, folder) for item in entries["questions"].items()] if "questions" in entries else []
    if questions:
        allowed["answer"] = ()
    hints = entries["hints"].texts()
    if len(hints) != HINTS:
        entries["hints"].fail(
            f"must be {HINTS} hints, not {len(hints)}", "a nudge, where to look, how it is done; never the answer"
        )
    checks = _checks(entries["checks"])
    solution, _ = _log(folder / "solution.yaml", world, seed, ())
    id = entries["id"].text()
    if not _ID.match(id):
        entries["id"].fail(f"not an id: {id!r}", "use small letters, digits and single hyphens")
    return Exercise(
        id=id,
        version=entries["version"].whole(least=1),
        title=entries["title"].text(),
        minutes=entries["minutes"].whole(least=1),
        principle=entries["principle"].choice(PRINCIPLES),
        concepts=_chosen(entries["concepts"], CONCEPTS),
        sections=_chosen(entries["sections"], SECTIONS),
        seed=seed,
        world=world,
        happens=_happens(entries["happens"], world) if "happens" in entries else (),
        rules=Rules(allowed, _line(entries["refusal"]) if "refusal" in entries else "", ends),
        ends=ends,
        checks=checks,
        hints=tuple(hint.strip() for hint in hints),
        questions=questions,
        text=_text(folder / "text.md"),
        solution=solution,
        wrong=[_wrong(path, world, seed, checks) for path in sorted((folder / "wrong").glob("*.yaml"))],
        folder=folder,
    )


def _chosen(value: Reader, known: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(item.choice(known) for item in value.items()) or value.fail("must name one or more")


def _line(value: Reader) -> str:
    return " ".join(value.text().split())


def _checks(value: Reader) -> Sequence[CheckSpec]:
    found: dict[str, CheckSpec] = {}
    for item in value.items():
        entries = item.entries()
        for key in _CHECK:
            if key not in entries:
                item.fail(f"{key!r} is missing", "write {" + ", ".join(f"{known}: ..." for known in _CHECK) + "}")
        id = entries["id"].text()
        if id in found:
            entries["id"].fail(f"two checks are called {id!r}", "give each its own id")
        needs = entries["needs"].items() if "needs" in entries else []
        for need in needs:
            if need.text() not in found:
                need.fail(f"no check {need.text()!r} stands above this one", nearest(need.text(), found))
        call = {key: inner for key, inner in entries.items() if key == "check" or key not in (*_CHECK, *_CHECK_OPTIONAL)}
        found[id] = CheckSpec(
            id=id,
            description=_line(entries["description"]),
            points=entries["points"].whole(),
            call=read_call(call, "check", CHECKS),
            needs=tuple(need.text() for need in needs),
            rationale=_line(entries["rationale"]),
            help=_line(entries["help"]),
            belief=entries["belief"].choice(BELIEFS) if "belief" in entries else "",
        )
    if not sum(check.points for check in found.values()):
        value.fail("no points can be had", "add a check with points")
    return tuple(found.values())


def _happens(value: Reader, world: WorldSpec) -> Sequence[Action]:
    for item in value.items():
        if "by" not in item.entries():
            item.fail("nobody is said to do this", "add 'by: ...', somebody of this world")
    return read_actions(value, world)


def _question(value: Reader, entries: Mapping[str, Reader], folder: Path) -> Item:
    """An item of the quiz as ``topic/id``, or one written here; its section is the exercise's first unless it names one."""
    if value.is_mapping:
        return read_item(value, entries["id"].text(), entries["sections"].items()[0], folder / "worlds")
    topic, slash, id = value.text().partition("/")
    if not slash:
        value.fail(f"not a question: {value.text()!r}", "write topic/item, as in rollback/what-a-revert-does")
    try:
        return load_quiz(topic).item(id)
    except BadInput as error:
        value.fail(error.what, error.mend)


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"cannot be read: {error}", where=str(path), mend="say here what is to be done, why, and when it is"
        ) from None
    if not text.strip():
        raise BadInput("the file is empty", where=str(path), mend="say here what is to be done, why, and when it is")
    return text


def _log(path: Path, world: WorldSpec, seed: int, more: tuple[str, ...]) -> tuple[ActionLog, Mapping[str, Reader]]:
    """An action log of this world; ``seed`` and ``ends`` may be left out: the exercise's, and its last action."""
    value = read_file(path)
    entries = value.mapping(("version", "actions", *more), ("exercise", "seed", "ends"))
    if entries["version"].whole() != 1:
        entries["version"].fail("must be 1", "write 'version: 1'")
    actions = read_actions(entries["actions"], world)
    last = actions[-1].at if actions else 0.0
    ends = entries["ends"].duration() if "ends" in entries else last
    if ends < last:
        entries["ends"].fail(f"ends at {ends:g} s, before its last action at {last:g} s", f"end at {last:g} or later")
    return ActionLog(tuple(actions), ends, entries["seed"].whole() if "seed" in entries else seed), entries


def _wrong(path: Path, world: WorldSpec, seed: int, checks: Sequence[CheckSpec]) -> WrongWay:
    if path.stem not in BELIEFS:
        raise BadInput(f"no belief {path.stem!r}", where=str(path), mend=nearest(path.stem, BELIEFS))
    log, entries = _log(path, world, seed, ("fails",))
    fails = entries["fails"].mapping(("check", "message"))
    return WrongWay(path.stem, log, fails["check"].choice(check.id for check in checks), fails["message"].text())


def _with_files(world: WorldSpec, folder: Path) -> WorldSpec:
    """The world with the files of ``folder/<repository>/`` in the first commit of each repository."""
    if not folder.is_dir():
        return world
    repos = dict(world.repos)
    for home in sorted(path for path in folder.iterdir() if path.is_dir()):
        if home.name not in repos:
            raise BadInput(
                f"no repository {home.name!r} in this world", where=str(home), mend=f"add '{home.name}: {{}}' to its repos"
            )
        first, *rest = repos[home.name] or (StartCommit("platform", "Initial commit", {}),)
        repos[home.name] = (replace(first, files={**_files(home), **first.files}), *rest)
    return replace(world, repos=repos)


def _files(home: Path) -> dict[str, str]:
    paths = sorted(path for path in home.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(path.stat().st_size for path in paths)
    if len(paths) > MOST_REPO_FILES or size > MOST_REPO_BYTES:
        what = f"holds {len(paths)} files and {size} bytes; {MOST_REPO_FILES} and {MOST_REPO_BYTES} are the most"
        raise BadInput(what, where=str(home), mend="leave out what the exercise does not need")
    try:
        return {path.relative_to(home).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    except UnicodeDecodeError as error:
        raise BadInput(f"holds a file that is not text: {error}", where=str(home), mend="keep text files only") from None
