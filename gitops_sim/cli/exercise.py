"""``gitops-sim exercise``: the exercises in the terminal."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitops_sim.cli.terminal import color_option, width
from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.course.exercises import Exercise
    from gitops_sim.course.session import Session
    from gitops_sim.course.workspace import Workspace
    from gitops_sim.output import Output

_PASS_ON: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": [], "allow_interspersed_args": False}
_words = click.argument("words", nargs=-1, type=click.UNPROCESSED)
_json = click.option("--json", "as_json", is_flag=True, help="For scripts.")
_started = click.argument("id", default="")


@click.group("exercise", epilog="Example: gitops-sim exercise start drift-and-reconcile")
def command() -> None:
    """Exercises in the terminal: start one, act in its world, check, hand in.

    Your work is kept in ./gitops-course, or in the folder that GITOPS_SIM_HOME names. Nothing is lost when you stop.
    """


# ---------------------------------------------------------------------- which exercise


@command.command("list", epilog="Example: gitops-sim exercise list")
@_json
def list_(as_json: bool) -> None:
    """Lists the exercises and where you stand in each."""
    from gitops_sim.course.exercises import exercise_ids, load_exercise
    from gitops_sim.course.workspace import Workspace

    workspace = Workspace()
    records = workspace.records()
    rows = []
    for id in exercise_ids():
        exercise, record = load_exercise(id), records.exercises.get(id)
        best = max((attempt.points for attempt in record.attempts), default=0) if record else 0
        state = "new" if record is None else "passed" if record.passed else "tried" if record.attempts else "begun"
        rows.append((exercise, state, best, record))
    if as_json:
        found = [
            {
                "id": exercise.id,
                "title": exercise.title,
                "minutes": exercise.minutes,
                "state": state,
                "best_points": best,
                "max_points": exercise.max_points,
                "hints_used": record.hints if record else 0,
                "solution_seen": record.solution if record else False,
            }
            for exercise, state, best, record in rows
        ]
        return click.echo(json.dumps({"exercises": found}, indent=2, ensure_ascii=False))
    for number, (exercise, state, best, record) in enumerate(rows, 1):
        sign = {"passed": "✓", "tried": "~", "begun": "~"}.get(state, " ")
        told = f"{best}/{exercise.max_points}" if state in ("passed", "tried") else state
        helped = ", solution read" if record and record.solution else ""
        click.echo(f"{sign} {number:>2}  {exercise.id:<26} {exercise.minutes:>3} min  {told + helped:<8} {exercise.title}")
    tell_notes(workspace)
    return None


@command.command("start", epilog="Example: gitops-sim exercise start drift-and-reconcile")
@click.argument("id", metavar="ID|NUMBER|FOLDER")
@click.option("--again", is_flag=True, help="Begin anew; what you did is kept beside.")
@color_option
def start(id: str, again: bool, color: bool) -> None:
    """Starts exercise ID (or one of your own, in FOLDER), or goes on with it, and shows its task."""
    from gitops_sim.course.exercises.text import tell_task

    session = begin(id)
    if again:
        session.restart()
    click.echo(tell_task(session.exercise, color=color) + "\n")
    _pull(session)
    _tell_where(session)
    click.echo(
        "\nNext: gitops-sim exercise run 5m, kubectl ..., argocd ..., flux ..., git ..., pr ..., check, hint. "
        "All: gitops-sim exercise --help"
    )
    tell_notes(session.workspace)


@command.command("text", epilog="Example: gitops-sim exercise text")
@click.argument("id", default="")
@color_option
def text(id: str, color: bool) -> None:
    """Shows the task again, of this exercise or of exercise ID."""
    from gitops_sim.course.exercises import load_exercise
    from gitops_sim.course.exercises.text import tell_task

    exercise: Exercise = load_exercise(id) if id else _session().exercise
    click.echo(tell_task(exercise, color=color))


# ---------------------------------------------------------------------- acting


@command.command("kubectl", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise kubectl get pods")
@_words
def kubectl(words: tuple[str, ...]) -> None:
    """Runs kubectl in the exercise's cluster."""
    from gitops_sim.course.commands import named_files

    session, args = _session(), shlex.join(words)
    files = {name: text for path in named_files(args) for name, text in _local(session, path).items()}
    stdin = sys.stdin.read() if "-" in words and not sys.stdin.isatty() else ""
    _answer(session, session.kubectl(args, files=files, stdin=stdin))


@command.command("argocd", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise argocd app get web")
@_words
def argocd(words: tuple[str, ...]) -> None:
    """Runs the argocd CLI."""
    session = _session()
    _answer(session, session.argocd(shlex.join(words)))


@command.command("flux", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise flux get kustomizations")
@_words
def flux(words: tuple[str, ...]) -> None:
    """Runs the flux CLI. A folder on your disk that --path names goes before one in the repositories."""
    from gitops_sim.course.commands import named_folder

    session, args = _session(), shlex.join(words)
    folder = named_folder(args)
    _answer(session, session.flux(args, files=_local(session, folder) if folder else {}))


@command.command("dashboard", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise dashboard show web Deployment/web")
@_words
def dashboard(words: tuple[str, ...]) -> None:
    """Argo CD's pages in words, and its buttons.

    \b
    dashboard                        all Applications
    dashboard show APP               health, sync, last sync, resource tree, decisions
    dashboard show APP KIND/NAME     every field with its rule, diff, decisions, events
    dashboard sync APP [--prune] [--dry-run] [--apply-only] [--force] [--resource ...] [--options ...]
    dashboard refresh APP [--hard], rollback APP [ID] [--prune], delete APP [--cascade none]
    dashboard delete-resource APP GROUP:KIND:NAMESPACE/NAME [--orphan | --force]
    dashboard enable-auto-sync APP, disable-auto-sync APP, terminate APP, confirm APP
    """
    from gitops_sim.cli.exercise_dashboard import run_dashboard

    if words in (("--help",), ("-h",)):
        return click.echo(click.get_current_context().get_help())
    session = _session()
    _answer(session, run_dashboard(session, list(words)))
    return None


@command.command("pipeline", context_settings=_PASS_ON, epilog="Example: gitops-sim exercise pipeline help")
@_words
def pipeline(words: tuple[str, ...]) -> None:
    """Gives the CI system a command; help names them."""
    session = _session()
    _answer(session, session.pipeline(shlex.join(words or ("help",))))


@command.command("git", context_settings=_PASS_ON, epilog='Example: gitops-sim exercise git commit -m "Scale web to 5"')
@_words
def git(words: tuple[str, ...]) -> None:
    """Commits what you changed in the exercise's files, reverts, merges, or looks (log, show, diff).

    \b
    git commit -m MESSAGE [--repo R]     what you changed in the files of repository R
    git revert [COMMIT]
    git branch, switch [-c] NAME, merge NAME, reset --hard COMMIT
    git status, git pull                 what you changed; what others did
    git log --oneline, git show HEAD     as in the real git
    """
    from gitops_sim.cli.exercise_git import run_git_command

    if words in ((), ("--help",), ("-h",)):
        return click.echo(click.get_current_context().get_help())
    session = _session()
    _answer(session, run_git_command(session, list(words)))
    return None


@command.command("pr", context_settings=_PASS_ON, epilog='Example: gitops-sim exercise pr open --title "Deploy web 1.5.0"')
@_words
def pr(words: tuple[str, ...]) -> None:
    """Opens, reviews and merges pull requests.

    \b
    pr open --title TITLE [--body TEXT] [BRANCH] [--into main]    of the branch you are on
    pr list, pr view N, pr diff N
    pr merge N, pr comment N --body TEXT, pr close N
    pr review N --approve | --request-changes                     of somebody else's
    """
    from gitops_sim.cli.exercise_git import work_copies
    from gitops_sim.course.pr_commands import run_pr_command
    from gitops_sim.output import Output

    if words in (("--help",), ("-h",)):
        return click.echo(click.get_current_context().get_help())
    session = _session()
    copies = work_copies(session)
    output = run_pr_command(session, list(words), lambda repo: copies[repo].branch if repo in copies else "")
    for name in (name for name in copies if words[:1] == ("merge",)):
        kept = copies[name].pull()
        output = Output(output.stdout + "".join(f"kept beside: {path}\n" for path in kept), output.stderr, output.exit)
    _answer(session, output)
    return None


@command.command("run", epilog="Example: gitops-sim exercise run 5m")
@click.argument("duration")
@color_option
def run(duration: str, color: bool) -> None:
    """Lets time pass (90s, 5m, 1h) and tells what happened."""
    from gitops_sim.views.story import Style

    session = _session()
    click.echo(session.run(duration, Style(width(), color=color)))
    tell_notes(session.workspace)


@command.command("log", epilog="Example: gitops-sim exercise log")
@click.option("--actions", is_flag=True, help="The action log instead: what you did, as it will be handed in.")
@click.option("--verbose", "-v", is_flag=True, help="Every record, not only the story.")
@color_option
def log(actions: bool, verbose: bool, color: bool) -> None:
    """Tells all that happened since the exercise began."""
    from gitops_sim.actions import dump_actions
    from gitops_sim.views.story import Style

    session = _session()
    if actions:
        click.echo(dump_actions(session.submission()), nl=False)
    else:
        click.echo(session.story(style=Style(width(), color=color, verbose=verbose)))
    tell_notes(session.workspace)


@command.command("answer", epilog="Example: gitops-sim exercise answer predict-drift a")
@click.argument("question", default="")
@click.argument("values", metavar="VALUE", nargs=-1)
def answer(question: str, values: tuple[str, ...]) -> None:
    """Shows the exercise's questions, asks QUESTION, or answers it with VALUE: a letter, several letters, a number, or text."""
    from gitops_sim.course.quiz.text import tell_question, tell_result

    session, value = _session(), ("" if all(len(word) == 1 for word in values) else " ").join(values)
    asked = [item for item in session.exercise.questions if question in ("", item.id)]
    if not value:
        if not asked and question:
            session.answer(question, value)  # says which questions there are
        for item in asked:
            click.echo(f"{item.id}: {tell_question(item.ask(session.exercise.seed), width=min(100, width()))}\n")
        return click.echo("" if asked else "This exercise has no questions.", nl=not asked)
    result = session.answer(question, value)
    click.echo(tell_result(result, reveal=result.passed, width=min(100, width())))
    tell_notes(session.workspace)
    sys.exit(0 if result.passed else 1)


@command.command("undo", epilog="Example: gitops-sim exercise undo")
def undo() -> None:
    """Takes the last thing you did back, and the time that passed since."""
    from gitops_sim.cli.exercise_git import work_copies
    from gitops_sim.course.commands import told

    session = _session()
    clean = {name for name, copy in work_copies(session).items() if not copy.changes()}
    click.echo(f"Taken back: {told(session.undo())}")
    _pull(session, clean)
    _tell_where(session)


# ---------------------------------------------------------------------- judgement


@command.command("check", epilog="Example: gitops-sim exercise check")
@_started
@_json
@color_option
def check(id: str, as_json: bool, color: bool) -> None:
    """Judges what you did until now. Exits with 1 when a check is not passed."""
    from gitops_sim.course.exercises.text import tell_graded

    session = _session(id)
    graded = session.check()
    if as_json:
        click.echo(json.dumps(graded.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(tell_graded(graded, width=min(100, width()), color=color))
        _tell_unanswered(session)
    tell_notes(session.workspace)
    sys.exit(0 if graded.passed else 1)


@command.command("hint", epilog="Example: gitops-sim exercise hint")
@_started
def hint(id: str) -> None:
    """Shows the next of three hints. It is kept that you read it."""
    session = _session(id)
    told = session.hint()
    click.echo(f"Hint {session.hints_used} of {len(session.exercise.hints)}: {told}")
    tell_notes(session.workspace)


@command.command("solution", epilog="Example: gitops-sim exercise solution")
@_started
def solution(id: str) -> None:
    """Shows one solution as an action log. It is kept that you read it."""
    session = _session(id)
    click.echo(session.solution(), nl=False)
    tell_notes(session.workspace)


@command.command("submit", epilog="Example: gitops-sim exercise submit --id 4711 --name 'Ana Silva'")
@_started
@click.option("--id", "learner", default="", help="Your id in the class; remembered.")
@click.option("--name", default="", help="Your name; remembered.")
def submit(id: str, learner: str, name: str) -> None:
    """Writes one readable file to hand in: what you did, your answers, the help that you used."""
    session = _session(id)
    path = session.submit(learner=learner, name=name)
    click.echo(f"Written: {path}")
    _tell_unanswered(session)
    if not session.submission().learner:
        click.echo("It does not say who you are. To say so: gitops-sim exercise submit --id ID --name NAME", err=True)
    tell_notes(session.workspace)


# ---------------------------------------------------------------------- helpers


def begin(id: str) -> Session:
    """Begins an exercise or goes on with it; the other commands mean this one from now on."""
    from gitops_sim.course.session import Session
    from gitops_sim.course.workspace import Workspace

    session = Session(id, Workspace())
    current = id if id == session.exercise.id else session.exercise.id if id.isdecimal() else str(Path(id).resolve())
    session.workspace.update(lambda records: setattr(records, "current", current))
    return session


def _session(id: str = "") -> Session:
    """The exercise that was started last. Raises BadInput when there is none, when it has gone, or when it is not ``id``."""
    from gitops_sim.course.session import Session
    from gitops_sim.course.workspace import Workspace

    workspace = Workspace()
    current = workspace.records().current
    if not current:
        tell_notes(workspace)
        raise BadInput("no exercise is going on here", mend="gitops-sim exercise start ID; 'exercise list' names them")
    if id not in ("", current, Path(current).name):
        raise BadInput(f"the exercise that you started last is {current}, not {id}", mend=f"gitops-sim exercise start {id}")
    try:
        return Session(current, workspace)
    except BadInput as error:
        kept = workspace.folder / "exercises" / f"{Path(current).name}.yaml"
        where = f"exercise {current!r}; what you did is kept in {kept}"
        raise BadInput(str(error.what), where=where, mend=error.mend) from None


def _tell_unanswered(session: Session) -> None:
    answered = {action.get("question") for action in session.log.actions if action.do == "answer"}
    for item in session.exercise.questions:
        if item.id not in answered:
            click.echo(f"Not answered yet: {item.id} (gitops-sim exercise answer {item.id})", err=True)


def _answer(session: Session, output: Output) -> None:
    """Prints what a command printed, and ends as it ended."""
    click.echo(output.stdout, nl=False)
    click.echo(output.stderr, nl=False, err=True)
    tell_notes(session.workspace)
    sys.exit(output.exit)


def _local(session: Session, path: str) -> dict[str, str]:
    """Files that a command names, from the disk: where one stands, or in the exercise's own files."""
    from gitops_sim.cli.exercise_git import work_copies

    homes: Sequence[Path] = [Path(), *(copy.folder for copy in work_copies(session).values())]
    for home in homes:
        found = home / path
        if found.is_file():
            return {path: _text(found)}
        if found.is_dir():
            files = sorted(file for file in found.rglob("*") if file.suffix in (".yaml", ".yml", ".json"))
            return {f"{path.rstrip('/')}/{file.relative_to(found).as_posix()}": _text(file) for file in files}
    return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(path), mend="name a text file") from None


def _pull(session: Session, unchanged: Collection[str] = ()) -> None:
    from gitops_sim.cli.exercise_git import work_copies

    for name, copy in work_copies(session).items():
        kept = copy.pull(unchanged=name in unchanged)
        click.echo(f"Files of repository {name}: {copy.folder}" + (f" (yours are kept as {', '.join(kept)})" if kept else ""))


def _tell_where(session: Session) -> None:
    from gitops_sim.clock import time_of_day

    count = len(session.log.actions)
    click.echo(f"It is {time_of_day(session.now)}; you have done {count} thing{'' if count == 1 else 's'}.")


def tell_notes(workspace: Workspace) -> None:
    for note in workspace.notes:
        click.echo(note, err=True)
    workspace.notes.clear()
