"""Being judged: checks, hints, a solution to read, and what is handed in."""

from __future__ import annotations

import json
import sys

import click

from gitops_sim.cli.exercise.going_on import current_session, tell_notes, tell_unanswered
from gitops_sim.cli.terminal import color_option, json_option, width

_started = click.argument("id", default="")


@click.command("check", epilog="Example: gitops-sim exercise check")
@_started
@json_option
@color_option
def check(id: str, as_json: bool, color: bool) -> None:
    """Judges what you did until now. Exits with 1 when a check is not passed."""
    from gitops_sim.course.exercises.text import tell_graded

    session = current_session(id)
    graded = session.check()
    if as_json:
        click.echo(json.dumps(graded.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(tell_graded(graded, width=min(100, width()), color=color))
        tell_unanswered(session)
    tell_notes(session.workspace)
    sys.exit(0 if graded.passed else 1)


@click.command("hint", epilog="Example: gitops-sim exercise hint")
@_started
def hint(id: str) -> None:
    """Shows the next of three hints. It is kept that you read it."""
    session = current_session(id)
    told = session.hint()
    click.echo(f"Hint {session.hints_used} of {len(session.exercise.hints)}: {told}")
    tell_notes(session.workspace)


@click.command("solution", epilog="Example: gitops-sim exercise solution")
@_started
def solution(id: str) -> None:
    """Shows one solution as an action log. It is kept that you read it."""
    session = current_session(id)
    click.echo(session.solution(), nl=False)
    tell_notes(session.workspace)


@click.command("submit", epilog="Example: gitops-sim exercise submit --id 4711 --name 'Ana Silva'")
@_started
@click.option("--id", "learner", default="", help="Your id in the class; remembered.")
@click.option("--name", default="", help="Your name; remembered.")
def submit(id: str, learner: str, name: str) -> None:
    """Writes one readable file to hand in: what you did, your answers, the help that you used."""
    session = current_session(id)
    path = session.submit(learner=learner, name=name)
    click.echo(f"Written: {path}")
    tell_unanswered(session)
    if not session.submission().learner:
        click.echo("It does not say who you are. To say so: gitops-sim exercise submit --id ID --name NAME", err=True)
    tell_notes(session.workspace)


COMMANDS = (check, hint, solution, submit)
