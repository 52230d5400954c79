"""Which exercise: to list them, to start one, to read its task."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.exercise.going_on import begin, current_session, pull, tell_notes, tell_where
from gitops_sim.cli.terminal import color_option, json_option

if TYPE_CHECKING:
    from gitops_sim.course.exercises import Exercise


@click.command("list", epilog="Example: gitops-sim exercise list")
@json_option
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


@click.command("start", epilog="Example: gitops-sim exercise start drift-and-reconcile")
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
    pull(session)
    tell_where(session)
    click.echo(
        "\nNext: gitops-sim exercise run 5m, kubectl ..., argocd ..., flux ..., git ..., pr ..., check, hint. "
        "All: gitops-sim exercise --help"
    )
    tell_notes(session.workspace)


@click.command("text", epilog="Example: gitops-sim exercise text")
@click.argument("id", default="")
@color_option
def text(id: str, color: bool) -> None:
    """Shows the task again, of this exercise or of exercise ID."""
    from gitops_sim.course.exercises import load_exercise
    from gitops_sim.course.exercises.text import tell_task

    exercise: Exercise = load_exercise(id) if id else current_session().exercise
    click.echo(tell_task(exercise, color=color))


COMMANDS = (list_, start, text)
