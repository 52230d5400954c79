"""``gitops-sim exercise``: the exercises in the terminal."""

from __future__ import annotations

import click

from gitops_sim.cli.exercise import acting, choosing, judging


@click.group("exercise", epilog="Example: gitops-sim exercise start drift-and-reconcile")
def command() -> None:
    """Exercises in the terminal: start one, act in its world, check, hand in.

    Your work is kept in ./gitops-course, or in the folder that GITOPS_SIM_HOME names. Nothing is lost when you stop.
    """


for _part in (*choosing.COMMANDS, *acting.COMMANDS, *judging.COMMANDS):
    command.add_command(_part)
