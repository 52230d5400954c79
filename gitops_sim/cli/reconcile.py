"""``gitops-sim reconcile``: an agent on your own repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.terminal import color_option, json_option, width

if TYPE_CHECKING:
    from gitops_sim.reconcile import AgentName


@click.command("reconcile", epilog="Example: gitops-sim reconcile ~/shop --path manifests --revision main")
@click.argument("repo", type=click.Path(path_type=Path))
@click.option("--path", "path", default="", help="The folder to begin with in the repository; with all folders below it.")
@click.option("--revision", default="HEAD", show_default=True, help="A branch, a tag or a commit.")
@click.option(
    "--agent", type=click.Choice(["argocd", "flux", "push"]), help="Who deploys; what the repository is made for, if not given."
)
@click.option(
    "--minutes", type=click.FloatRange(min=0, max=24 * 60), default=10, show_default=True, help="How long it may work, simulated."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Fixes all chance.")
@json_option
@click.option("--verbose", "-v", is_flag=True, help="Every object and every record of the trace.")
@color_option
def command(
    repo: Path,
    path: str,
    revision: str,
    agent: AgentName | None,
    minutes: float,
    seed: int,
    as_json: bool,
    verbose: bool,
    color: bool,
) -> None:
    """Lets an agent bring your repository into an empty in-memory cluster, and shows what came of it.

    REPO is a Git repository on this machine, a work tree or a bare one; it is only read. A GitOps repository is run as it is
    meant: the Applications of Argo CD in it, or the Kustomizations of Flux (--path is then what flux bootstrap would be given).
    Of any other, one Application takes the manifests, the kustomization or the chart. Other repositories and charts cannot be
    fetched from here, and nobody else is there to bring Secrets or to work on custom resources: stand-ins take their place, and
    are named. Prints what is not well and why, what was stood in for, what came of each object with its resources, and the
    timeline.

    Exits with 0 whatever came of it: a script reads "sync", "health" and "agent_objects" from --json.
    """
    from gitops_sim.reconcile import reconcile
    from gitops_sim.reconcile.report import report
    from gitops_sim.views.story import Style

    done = reconcile(repo, path=path, revision=revision, agent=agent, minutes=minutes, seed=seed)
    if as_json:
        click.echo(json.dumps(done.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(report(done, Style(width(), color=color, verbose=verbose))))
