"""``gitops-sim serve``: the in-memory cluster behind the real Kubernetes API."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.course.session import Session
    from gitops_sim.world import World


@click.command("serve", epilog="Example: gitops-sim serve --exercise drift-and-reconcile")
@click.option("--scenario", metavar="NAME", help="Begin with the world of a story: 'gitops-sim scenarios' lists them.")
@click.option("--exercise", metavar="ID", help="Do an exercise: what you do counts; 'gitops-sim exercise list' lists them.")
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    help="Begin with a Git repository of yours, which is only read, an Argo CD and a Flux; for those it is https://git.example/NAME.git.",
)
@click.option("--starts", metavar="now|TIME", default="", help="When its time begins.  [default: 2026-01-05T09:00:00Z]")
@click.option("--seed", type=click.IntRange(min=0), help="Fixes all chance.")
@click.option("--cluster", default="", metavar="NAME", help="Which cluster, where there are several.  [default: the first]")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="On loopback.  [default: any that is free]")
@click.option(
    "--ui-port", type=click.IntRange(0, 65535), default=0, help="Of the dashboard's pages.  [default: any that is free]"
)
@click.option("--speed", type=click.FloatRange(0, 1e6), default=1.0, show_default=True, help="Simulated seconds a second.")
@click.option("--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.  [default: a new file]")
def command(
    scenario: str | None,
    exercise: str | None,
    repo: Path | None,
    starts: str,
    seed: int | None,
    cluster: str,
    port: int,
    ui_port: int,
    speed: float,
    kubeconfig: Path | None,
) -> None:
    """Serves a cluster to kubectl, helm and any other client, until it is interrupted.

    Prints one line of JSON when it is ready, {"ready": true, "server": ..., "kubeconfig": ..., "git": ..., "ui": ...}, then the
    line that tells kubectl where it is. "git" is where the repositories are: git clone GIT/shop.git, and git push, with the real
    git. "ui" is Argo CD's dashboard for your browser, plain HTTP on loopback; the link opens once, and a cookie remembers you.
    For another browser, sign in with the token of the kubeconfig. Its buttons are actions, as commands are.

    Time passes as fast as --speed says; 0 stops it. In an exercise, 'gitops-sim exercise run 15m' in another terminal lets
    more of it pass at once, and check, hint, undo, submit, argocd and pr work there, too. Ages in "kubectl
    describe" and "kubectl events" are reckoned by kubectl, from your own clock: they are right with --starts now and --speed 1.
    With a TIME instead, the same seed and the same requests give the same run.
    """
    session = None
    if exercise is not None:
        from gitops_sim.cli.exercise.going_on import begin

        if scenario is not None or repo is not None or seed is not None or starts:
            mend = "leave --scenario, --repo, --seed and --starts away"
            raise BadInput("--exercise has its own world, seed and time", mend=mend)
        session = begin(exercise)
    world = session or _world(scenario, repo, seed, starts)
    served = world.serve(cluster=cluster, port=port, speed=speed, kubeconfig=kubeconfig, ui_port=ui_port)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        ready = {
            "ready": True,
            "server": served.server,
            "kubeconfig": str(served.kubeconfig.absolute()),
            "git": Path(served.git).absolute().as_uri(),
            "ui": served.ui,
        }
        click.echo(json.dumps(ready))
        click.echo(f"export KUBECONFIG={ready['kubeconfig']}")
        while not done.wait(0.5) and served.running:
            _tell(session)
    finally:
        served.stop()
        _tell(session)


def _tell(session: Session | None) -> None:
    """What the learner should know of it besides."""
    if session is not None and session.workspace.notes:
        from gitops_sim.cli.exercise.going_on import tell_notes

        tell_notes(session.workspace)


def _world(scenario: str | None, repo: Path | None, seed: int | None, starts: str) -> World:
    from gitops_sim.reconcile import safe_name
    from gitops_sim.world import World

    if scenario is not None and repo is not None:
        raise BadInput("--scenario and --repo cannot both be given", mend="choose one of them")
    if scenario is not None:
        from gitops_sim.scenarios import load_scenario
        from gitops_sim.scenarios.building import build_world

        spec = load_scenario(scenario).spec
        return build_world(spec.runs[0].world, seed=spec.runs[0].world.seed if seed is None else seed, starts=starts)
    world = World(seed or 0, starts=starts)
    if repo is not None:
        world.git.adopt(safe_name(repo), repo, "HEAD")
        world.argocd_in()
        world.flux_in()
    return world
