"""The exercise that is going on in the terminal: the one that was started last."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.course.session import Session
    from gitops_sim.course.workspace import Workspace
    from gitops_sim.output import Output


def begin(id: str) -> Session:
    """Begins an exercise or goes on with it; the other commands mean this one from now on."""
    from gitops_sim.course.session import Session
    from gitops_sim.course.workspace import Workspace

    session = Session(id, Workspace())
    current = id if id == session.exercise.id else session.exercise.id if id.isdecimal() else str(Path(id).resolve())
    session.workspace.update(lambda records: setattr(records, "current", current))
    return session


def current_session(id: str = "") -> Session:
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


def tell_unanswered(session: Session) -> None:
    answered = {action.get("question") for action in session.log.actions if action.do == "answer"}
    for item in session.exercise.questions:
        if item.id not in answered:
            click.echo(f"Not answered yet: {item.id} (gitops-sim exercise answer {item.id})", err=True)


def end_as(session: Session, output: Output) -> None:
    """Prints what a command printed, and ends as it ended."""
    click.echo(output.stdout, nl=False)
    click.echo(output.stderr, nl=False, err=True)
    if output.mend:
        click.echo(f"  to mend it: {output.mend}", err=True)
    tell_notes(session.workspace)
    sys.exit(output.exit)


def local_files(session: Session, path: str) -> dict[str, str]:
    """Files that a command names, from the disk: where one stands, or in the exercise's own files."""
    from gitops_sim.cli.exercise.git import work_copies

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


def pull(session: Session, unchanged: Collection[str] = ()) -> None:
    from gitops_sim.cli.exercise.git import work_copies

    for name, copy in work_copies(session).items():
        kept = copy.pull(unchanged=name in unchanged)
        click.echo(f"Files of repository {name}: {copy.folder}" + (f" (yours are kept as {', '.join(kept)})" if kept else ""))


def tell_where(session: Session) -> None:
    from gitops_sim.clock import time_of_day

    count = len(session.log.actions)
    click.echo(f"It is {time_of_day(session.now)}; you have done {count} thing{'' if count == 1 else 's'}.")


def tell_notes(workspace: Workspace) -> None:
    for note in workspace.notes:
        click.echo(note, err=True)
    workspace.notes.clear()
