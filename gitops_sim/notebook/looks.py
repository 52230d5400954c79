"""What notebooks read off a world in one word, and the switches of its agent."""

from __future__ import annotations

import json
import shlex

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.credentials import Credential
from gitops_sim.agents.pipeline import PushPipeline
from gitops_sim.errors import BadInput
from gitops_sim.notebook.live import Card, esc
from gitops_sim.notebook.stage import Stage
from gitops_sim.notebook.worlds import REPOSITORY
from gitops_sim.objects import get_path
from gitops_sim.scenarios.switches import flip, read_flip
from gitops_sim.world import World

_SWITCHES = ("selfHeal", "prune")


def status(world: World) -> str:
    """Sync status and health of the world's Application: ``Synced, Healthy``. Raises BadInput where there is none."""
    apps = world.argocd_in().applications()
    if not apps:
        raise BadInput("no Application in this world", mend="use start('pull')")
    found = (get_path(apps[0], ("status", axis, "status"), "Unknown") for axis in ("sync", "health"))
    return ", ".join(str(value) for value in found)


def image(world: World, name: str = "web", namespace: str = "default") -> str:
    """The image that the cluster's Deployment asks for; empty when there is none of that name."""
    found = world.cluster().find("Deployment", name, namespace)
    return "" if found is None else str(get_path(found, ("spec", "template", "spec", "containers"))[0]["image"])


def ready(world: World, name: str = "web", namespace: str = "default") -> int:
    """How many Pods of a Deployment answer."""
    found = world.cluster().find("Deployment", name, namespace)
    return 0 if found is None else int(get_path(found, ("status", "readyReplicas"), 0))


def drifted(world: World, since: float) -> float:
    """For how many seconds after the time ``since`` the cluster was not what Git said."""
    spans = Stage(world).intervals()
    return sum(max(0.0, (world.now if span.end is None else span.end) - max(span.start, since)) for span in spans)


def switch(world: World, **switches: bool) -> World:
    """Flips switches of ``syncPolicy.automated`` in a copy of the world: ``switch(world, prune=True)``. Raises BadInput for one
    that there is not."""
    unknown = [name for name in switches if name not in _SWITCHES]
    if unknown:
        raise BadInput(f"no switch {unknown[0]!r}", mend="use " + " or ".join(_SWITCHES))
    changed = world.fork()
    patch = shlex.quote(json.dumps({"spec": {"syncPolicy": {"automated": switches}}}))
    for app in changed.argocd_in().applications():
        changed.kubectl(f"patch application {app['metadata']['name']} -n argocd --type merge -p {patch}")
    return changed


def polled(world: World, every: str) -> World:
    """A copy of the world whose Argo CD asks Git ``every`` so often (``10s``, ``1h``; ``0`` for never): argocd-cm says so."""
    changed = world.fork()
    flip(changed, read_flip(f"interval={every}"))
    return changed


def keys(**worlds: World) -> Card:
    """Who holds which key in each world, and where: ``keys(push=one, pull=other)``."""
    rows = [(name, key) for name, world in worlds.items() for key in _held(world)]
    told = [(name, key.holder, key.place, key.access, key.target, key.why) for name, key in rows]
    heads = ("world", "who", "where it is kept", "may", "what it opens", "what for")
    widths = [max(len(row[i]) for row in [heads, *told]) for i in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [heads, *told]]
    head = "".join(f'<th scope="col">{esc(cell)}</th>' for cell in heads)
    body = "".join(f"<tr>{''.join(f'<td>{esc(cell)}</td>' for cell in row)}</tr>" for row in told)
    table = f'<table class="gn-facts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return Card(f'<div class="gn-box"><div class="gn-kind">Keys</div>{table}</div>', "\n".join(lines))


def _held(world: World) -> list[Credential]:
    agents = [agent for agent in world.agents.values() if isinstance(agent, ArgoCD | PushPipeline)]
    return [key for agent in agents for key in agent.credentials()]


def protect(world: World, branch: str = "main", *, repo: str = REPOSITORY) -> World:
    """A copy of the world in which a branch takes changes by merge only."""
    changed = world.fork()
    (changed.git.repository(repo).path / "protected-branches").write_text(f"{branch}\n")  # what its update hook reads
    return changed


def merge(world: World, message: str, old: str, new: str, *, by: str = "you", reviewer: str = "ana") -> World:
    """A copy of the world in which ``edit``'s change came by way of a branch of its own that ``reviewer`` merged. Raises BadInput
    when ``old`` stands nowhere."""
    changed, path = world.fork(), "web/deployment.yaml"
    before = changed.git.repository(REPOSITORY).tree().read(path).decode()
    if old not in before:
        raise BadInput(f"{old!r} does not stand in {path}", mend=f'look at the file first: git(world, "show HEAD:{path}")')
    changed.do("branch", repo=REPOSITORY, name="change", by=by)
    changed.do("commit", repo=REPOSITORY, branch="change", message=message, files={path: before.replace(old, new)}, by=by)
    changed.do("merge", repo=REPOSITORY, branch="change", by=reviewer)
    return changed
