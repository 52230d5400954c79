"""``gitops-sim parity``: a learner's actions on the simulated cluster and on a real kind cluster."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from gitops_sim.cli.terminal import json_option


@click.command("parity", epilog="Example: gitops-sim parity hands-on --context kind-dev")
@click.argument("exercise")
@click.option("--context", required=True, help="A context of your kubeconfig whose name begins with kind-.")
@click.option(
    "--actions", type=click.Path(path_type=Path), help="What was handed in, or another action log; the solution when not given."
)
@click.option("--namespace", default="gitops-sim", show_default=True, help="Where it works, and the only place where it writes.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds that the real one has for an action.",
)
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="Where the context stands, if not where kubectl looks.")
@json_option
@click.option(
    "--any-loopback-server", is_flag=True, hidden=True, help="For tests: a server on loopback need not be a kind cluster."
)
def command(
    exercise: str,
    context: str,
    actions: Path | None,
    namespace: str,
    patience: float,
    kubeconfig: Path | None,
    as_json: bool,
    any_loopback_server: bool,
) -> int:
    """Plays the actions of an exercise on both, and prints every field that differs after each of them.

    What no two clusters have in common (ids, times, addresses, chance in names) is not compared. Exits with 1 when something
    differs. What it made in the cluster stays: gitops-sim agent --cleanup removes it.
    """
    from gitops_sim.actions import load_actions
    from gitops_sim.course.exercises import load_exercise
    from gitops_sim.course.parity import parity
    from gitops_sim.kind import KindSettings

    settings = KindSettings(context, kubeconfig, namespace, any_loopback_server=any_loopback_server)
    log = load_actions(actions.read_bytes(), str(actions)) if actions else None
    found = parity(load_exercise(exercise), settings, log=log, patience=patience, tell=lambda line: click.echo(line, err=True))
    if as_json:
        click.echo(json.dumps([asdict(difference) for difference in found], indent=2, ensure_ascii=False, default=str))
    else:
        for difference in found:
            click.echo(str(difference))
        click.echo(f"{len(found)} fields differ" if found else "no field differs")
    return 1 if found else 0
