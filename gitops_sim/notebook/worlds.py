"""The worlds that notebooks start from, and what people do in them, in words short enough for a cell."""

from __future__ import annotations

import shlex
from importlib.resources import as_file, files
from typing import Literal

from gitops_sim.errors import BadInput
from gitops_sim.forge.process import run_git
from gitops_sim.nearest import nearest
from gitops_sim.objects import get_path
from gitops_sim.output import Output
from gitops_sim.scenarios import build_world, read_world
from gitops_sim.scenarios.reading import merged, read_file
from gitops_sim.world import World

REPOSITORY = "shop"
SETTLED = 60.0
"""Seconds after which a started world is handed over: what was in Git is deployed by then."""


def start(by: Literal["pull", "push"] = "pull", *, seed: int = 0) -> World:
    """The shop, a minute after it began: one repository, one cluster, and between them an Argo CD that pulls (``pull``, with
    self-heal on) or a CI pipeline that pushes (``push``)."""
    if by not in ("pull", "push"):
        raise BadInput(f"no world {by!r}", mend=nearest(str(by), ("pull", "push")))
    with as_file(files(__package__) / "shop.yaml") as path:
        entries = read_file(path).entries()
    world = build_world(read_world(merged(entries["world"], entries[by])), seed=seed)
    return world.run(SETTLED)


def git(world: World, command: str) -> Output:
    """What the real ``git`` answers in the shop's repository: ``git(world, "log --oneline")``."""
    repository = world.git.repository(REPOSITORY)
    done = run_git("--no-pager", *shlex.split(command.removeprefix("git ")), cwd=repository.path)
    world.git.notice_pushes()
    return Output(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode)


def edit(world: World, message: str, old: str, new: str, *, by: str = "you", file: str = "web/deployment.yaml") -> Output:
    """Commits one change to a file: ``old`` becomes ``new`` wherever it stands. Raises BadInput when it stands nowhere."""
    before = git(world, f"show HEAD:{file}")
    if before.exit or old not in before.stdout:
        raise BadInput(f"{old!r} does not stand in {file}", mend=f'look at the file first: git(world, "show HEAD:{file}")')
    world.do("commit", repo=REPOSITORY, message=message, files={file: before.stdout.replace(old, new)}, by=by)
    return git(world, "log -1 --oneline")


def replicas(world: World, name: str = "web", namespace: str = "default") -> int | None:
    """How many replicas the cluster's Deployment asks for; None when there is none of that name."""
    found = world.cluster().find("Deployment", name, namespace)
    return None if found is None else int(get_path(found, ("spec", "replicas"), 1))


def self_heal(world: World, on: bool, *, by: str = "you") -> None:
    """Flips the switch ``syncPolicy.automated.selfHeal`` of every Application."""
    for app in world.argocd_in().applications():
        value = "true" if on else "false"
        patch = f'{{"spec": {{"syncPolicy": {{"automated": {{"selfHeal": {value}}}}}}}}}'
        name, namespace = app["metadata"]["name"], app["metadata"]["namespace"]
        world.kubectl(f"patch application {name} -n {namespace} --type merge -p {shlex.quote(patch)}", by=by)
