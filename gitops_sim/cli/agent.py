"""``gitops-sim agent``: the agent that learners watched, on a real kind cluster."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.kind import KindSettings
    from gitops_sim.trace import Record

_FOREVER = 100 * 365 * 86400.0


@click.command("agent", epilog="Example: gitops-sim agent --context kind-dev --repo ~/shop --path manifests")
@click.option("--context", required=True, help="A context of your kubeconfig whose name begins with kind-.")
@click.option("--repo", default="", help="The Git repository to follow: a folder, or an address that git can clone.")
@click.option("--path", default="", help="The folder of the manifests in the repository; with all folders below it.")
@click.option("--revision", default="HEAD", show_default=True, help="The branch, tag or commit to keep the cluster at.")
@click.option("--namespace", default="gitops-sim", show_default=True, help="Where it works, and the only place where it writes.")
@click.option("--cluster-scoped", is_flag=True, help="Let it write what stands outside of namespaces, too.")
@click.option("--self-heal/--no-self-heal", default=True, show_default=True, help="Whether drift is undone.")
@click.option("--prune/--no-prune", default=False, show_default=True, help="Whether what Git no longer holds is deleted.")
@click.option("--minutes", type=click.FloatRange(min=0), help="How long it works; until it is interrupted when not given.")
@click.option("--once", is_flag=True, help="End when everything is synced and healthy, or after --minutes (5 if not given).")
@click.option("--dry-run", is_flag=True, help="Say what it would do, and write nothing.")
@click.option("--cleanup", is_flag=True, help="Remove what agents made in this cluster, and nothing else, instead of working.")
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="Where the context stands, if not where kubectl looks.")
@click.option(
    "--any-loopback-server", is_flag=True, hidden=True, help="For tests: a server on loopback need not be a kind cluster."
)
def command(
    context: str,
    repo: str,
    path: str,
    revision: str,
    namespace: str,
    cluster_scoped: bool,
    self_heal: bool,
    prune: bool,
    minutes: float | None,
    once: bool,
    dry_run: bool,
    cleanup: bool,
    kubeconfig: Path | None,
    any_loopback_server: bool,
) -> int:
    """Follows a repository and keeps a local kind cluster at what Git says: the agent of the course, on the time of the wall.

    It only touches clusters that kind made on this machine, and there only its own namespace. Your current context stays what it
    is. What it makes is labelled gitops-sim/made-by=agent; --cleanup removes exactly that.

    Exits with 1 when --once ends with something that is not synced and healthy.
    """
    from gitops_sim.kind import KindSettings

    settings = KindSettings(context, kubeconfig, namespace, cluster_scoped, dry_run, any_loopback_server, _wait_line)
    if cleanup:
        return _clean_up(settings)
    if not repo:
        raise BadInput("no repository to follow", where="--repo", mend="give its folder or address, or --cleanup")
    from gitops_sim.live_agent import LiveAgent, Work

    agent = LiveAgent(settings, Work(repo, path, revision, prune, self_heal))
    try:
        if dry_run:
            for line in agent.plan():
                click.echo(line)
            click.echo("nothing was written")
            return 0
        what = f"{path or 'all folders'} of {repo} at {revision}"
        click.echo(f"follows {what}, in namespace {namespace} of {context}; Ctrl-C ends it")
        if once:
            good = agent.settle(_tell, timeout=(5 if minutes is None else minutes) * 60)
            click.echo(f"{'done' if good else 'gave up'}: {' and '.join(agent.status)}")
            return 0 if good else 1
        agent.run(_FOREVER if minutes is None else minutes * 60, _tell)
        return 0
    except KeyboardInterrupt:
        click.echo("ended; what it made stays (--cleanup removes it)")
        return 0
    finally:
        agent.close()


def _tell(record: Record) -> None:
    from gitops_sim.clock import EPOCH

    clock = (EPOCH + timedelta(seconds=record.time)).astimezone().strftime("%H:%M:%S")
    reason = f"  because {record.reason}" if record.reason else ""
    click.echo(f"{clock}  {record.actor:<10} {record.message}{reason}")


def _wait_line(line: str) -> None:
    click.echo(line, err=True)


def _clean_up(settings: KindSettings) -> int:
    from gitops_sim.kind import KindCluster, cleanup, open_door
    from gitops_sim.wallclock import WallClock, real_now

    door = open_door(settings)
    try:
        cluster = KindCluster(
            door,
            WallClock(start=real_now()),
            namespaces=(settings.namespace,),
            any_loopback_server=settings.any_loopback_server,
        )
        kept = 0
        for removal in cleanup(door, list(cluster.kinds), dry_run=settings.dry_run):
            kept += bool(removal.why)
            done = "would be removed" if settings.dry_run else "removed"
            click.echo(f"{removal.name} {removal.why or done}")
        return 1 if kept else 0
    finally:
        door.close()
