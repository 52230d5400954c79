"""``gitops-sim reconcile``: an agent on your own repository."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.terminal import color_option, width

if TYPE_CHECKING:
    from gitops_sim.reconcile import Reconciled
    from gitops_sim.trace import Record
    from gitops_sim.views.story import Finding, Style


@click.command("reconcile", epilog="Example: gitops-sim reconcile ~/shop --path manifests --revision main")
@click.argument("repo", type=click.Path(path_type=Path))
@click.option("--path", "path", default="", help="The folder of the manifests in the repository; with all folders below it.")
@click.option("--revision", default="HEAD", show_default=True, help="A branch, a tag or a commit.")
@click.option("--agent", type=click.Choice(["argocd", "push"]), default="argocd", show_default=True, help="Who deploys.")
@click.option(
    "--minutes", type=click.FloatRange(min=0, max=24 * 60), default=10, show_default=True, help="How long it may work, simulated."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Fixes all chance.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--verbose", "-v", is_flag=True, help="Every record of the trace.")
@color_option
def command(
    repo: Path, path: str, revision: str, agent: str, minutes: float, seed: int, as_json: bool, verbose: bool, color: bool
) -> None:
    """Lets an agent bring your repository into an empty in-memory cluster, and shows what came of it.

    REPO is a Git repository on this machine, a work tree or a bare one; it is only read. Plain manifests of any kind, or a
    kustomization: unknown kinds and custom resources are stored, shown and compared. Prints the resource tree with health, the
    timeline, and what needs your attention.

    Exits with 0 whatever came of it: a script reads "sync" and "health" from --json.
    """
    from gitops_sim.reconcile import reconcile
    from gitops_sim.views.story import Style

    done = reconcile(
        repo, path=path, revision=revision, agent="push" if agent == "push" else "argocd", minutes=minutes, seed=seed
    )
    if as_json:
        click.echo(json.dumps(done.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_report(done, Style(width(), color=color, verbose=verbose))))


@dataclass(frozen=True, slots=True)
class _Timeline:
    heading: str
    records: Sequence[Record]
    title: str = ""
    begins: int = 0
    expectations: Sequence[Finding] = ()


def _report(done: Reconciled, style: Style) -> Iterator[str]:
    from gitops_sim.views.story import tell_run
    from gitops_sim.views.tree import tree

    agent = "Argo CD, auto-sync with prune and selfHeal" if done.agent == "argocd" else "a push pipeline"
    yield style.paint(f"{done.name} at {done.commit[:7]}, {done.path or 'all folders'} · {agent}", "\033[1m")
    yield ""
    yield textwrap.indent(tree(done.tree).text, "  ")
    yield ""
    yield tell_run(_Timeline("timeline", list(done.world.trace)), style)
    yield ""
    if not done.attention:
        yield "needs your attention: nothing"
        return
    yield style.paint(f"needs your attention: {len(done.attention)}", "\033[1m")
    for item in done.attention:
        text = f"{item.subject}: {item.what}" + (f" ({item.why})" if item.why else "")
        yield textwrap.fill(text, style.width, initial_indent="  ! ", subsequent_indent="    ", break_on_hyphens=False)
