"""``gitops-sim progress``: where the learner stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.terminal import color_option, json_option
from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.course.progress import Progress


@click.command("progress", epilog="Example: gitops-sim progress --export my-progress.json")
@click.option("--export", "to", type=click.Path(path_type=Path), metavar="FILE", help="Write everything into one file.")
@click.option("--import", "source", type=click.Path(path_type=Path), metavar="FILE", help="Take over such a file.")
@json_option
@color_option
def command(to: Path | None, source: Path | None, as_json: bool, color: bool) -> None:
    """Shows which concepts are done, shaky and next, and which exercises are passed, with the help that was used.

    It reads ./gitops-course, or the folder that GITOPS_SIM_HOME names. An import keeps what was there beside.
    """
    from gitops_sim.course.progress import progress
    from gitops_sim.course.workspace import Workspace

    workspace = Workspace()
    if to and source:
        raise BadInput("one of --export and --import is enough", mend="give one at a time")
    if source:
        workspace.import_(source)
        click.echo(f"Taken over: {source}", err=True)
    if to:
        click.echo(f"Written: {workspace.export(to)}", err=True)
        return
    found = progress(workspace)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_told(found, color)))
    for note in workspace.notes:
        click.echo(note, err=True)


def _told(found: Progress, color: bool) -> list[str]:
    from gitops_sim.course.progress import best_points

    def title(text: str) -> str:
        return click.style(text, bold=True) if color else text

    lines = [title("Exercises")]
    for exercise, record in found.exercises:
        sign = "✓" if record.passed_unaided else "~" if record.attempts else " "
        points = f"{best_points(record)}/{exercise.max_points}" if record.attempts else "not yet"
        helped = ", ".join(
            ([f"{record.hints} hint{'s' if record.hints > 1 else ''}"] if record.hints else [])
            + (["solution read"] if record.solution else [])
        )
        lines.append(f"  {sign} {exercise.id:<26} {points:<8} {helped}".rstrip())
    for standing, heading in (("done", "Done"), ("shaky", "Shaky"), ("begun", "Begun")):
        chosen = [concept for concept in found.concepts if concept.standing == standing]
        if chosen:
            lines += ["", title(heading)]
            lines += [f"  {concept.name:<40} {'; '.join(concept.reasons)}" for concept in chosen]
    made, right = found.predictions
    if made:
        lines += ["", f"Predictions: {right} of {made} came true."]
    lines += ["", title("Next")]
    for step in found.next:
        call = f"gitops-sim exercise start {step.id}" if step.kind == "exercise" else f"gitops-sim quiz {step.id}"
        lines.append(f"  {call:<48} {step.title}")
    return lines if found.next else [*lines, "  Nothing is left. Teach somebody."]
