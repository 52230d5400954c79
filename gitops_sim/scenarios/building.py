"""Building a world from its description."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitops_sim.agents.flux import in_flux_system
from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError, BadInput, GitFailed
from gitops_sim.forge import Person
from gitops_sim.kind import KindSettings
from gitops_sim.objects import get_path, group_of, with_path
from gitops_sim.scenarios.worlds import Access, Review, StartCommit, WorldSpec
from gitops_sim.world import World

_DESTINATION = ("spec", "destination", "namespace")


def build_world(
    spec: WorldSpec,
    *,
    seed: int | None = None,
    shuffle: int | None = None,
    starts: str = "",
    folder: Path | None = None,
    cluster: KindSettings | None = None,
) -> World:
    """A world at its first instant: repositories, agents and Applications are there, and nothing has been reconciled yet.
    A pipeline starts its job for the commit that is there, as if that had just been pushed.

    ``seed`` overrides the description's; ``folder`` is where the repositories go, a temporary one when left out; ``starts`` is
    as in :class:`World`. ``cluster`` is a real one in the place of the description's: what goes to the namespace ``default`` goes
    to its own there. Raises BadInput for what Git or the API server refuses.
    """
    chosen = spec.seed if seed is None else seed
    if cluster is None:
        world = World(
            chosen,
            clusters=spec.clusters,
            images=spec.images,
            nodes=spec.nodes,
            without=spec.without,
            folder=folder,
            shuffle=shuffle,
            starts=starts,
        )
    else:
        world = World(chosen, cluster=cluster, folder=folder)
    for id, name in spec.people.items():
        world.git.people.add(Person(id, name, f"{id}@example.com"))
    for name, commits in spec.repos.items():
        try:
            _build_repository(world, name, commits)
            if name in spec.reviews:
                _set_up_review(world, name, spec.reviews[name])
            for url in spec.webhooks.get(name, ()):
                world.git.webhooks.set(name, url)
        except GitFailed as error:
            raise BadInput(error.what, where=f"world.repos.{name}", mend=error.mend) from None
    for built in world.clusters.values():
        _set_up_access(built, spec.access)
    for name, placed in spec.pipelines.items():
        pipeline = world.add_pipeline(name.rpartition(":")[2], cluster=placed.cluster, **placed.content)
        if spec.repos[placed.content["repo"]]:
            pipeline.run(by=spec.repos[placed.content["repo"]][-1].author)
    for name, placed in spec.applications.items():
        home = world.cluster(placed.cluster if cluster is None else "")
        world.argocd_in(home.name)
        manifest = placed.content
        if get_path(manifest, _DESTINATION) == "default":
            manifest = with_path(manifest, _DESTINATION, home.home)
        try:
            home.create(manifest, namespace="argocd")
        except ApiError as error:
            raise BadInput(error.message, where=f"world.applications.{name}", mend="mend the manifest") from None
    for name, placed in spec.image_updaters.items():
        home = world.cluster(placed.cluster if cluster is None else "")
        world.image_updater_in(home.name)
        try:
            home.create(placed.content, namespace="argocd")
        except ApiError as error:
            raise BadInput(error.message, where=f"world.imageUpdaters.{name}", mend="mend the manifest") from None
    if spec.has_flux and not spec.flux:
        world.flux_in()
    for name, placed in spec.flux.items():
        home = world.cluster(placed.cluster if cluster is None else "")
        world.flux_in(home.name)
        try:
            home.create(in_flux_system(placed.content))
        except ApiError as error:
            what, mend = _version_problem(home, placed.content) or (error.message, "mend the manifest")
            raise BadInput(what, where=f"world.flux.{name}", mend=mend) from None
    return world


def _version_problem(cluster: Cluster, manifest: Mapping[str, Any]) -> tuple[str, str] | None:
    """What kubectl says of a version that its kind does not have, and the one that it has."""
    version, kind = manifest["apiVersion"], manifest["kind"]
    known = cluster.kinds.of(group_of(version), kind)
    if known is None or version in (known.api_version, *(k.api_version for k in cluster.kinds if k.kind == kind)):
        return None
    return f'no matches for kind "{kind}" in version "{version}"', f"today it is {known.api_version}"


def _set_up_access(cluster: Cluster, access: Access) -> None:
    cluster.people = access.groups
    for number, manifest in enumerate(access.objects):
        try:
            made = cluster.create(manifest, dry_run=True)
        except ApiError as error:
            raise BadInput(error.message, where=f"world.access.objects[{number}]", mend="mend the manifest") from None
        cluster.furnish([made])


def _build_repository(world: World, name: str, commits: tuple[StartCommit, ...]) -> None:
    if not commits:
        world.git.create(name, {})
        return
    first, *rest = commits
    files = {path: content for path, content in first.files.items() if content is not None}
    repository = world.git.create(name, files, author=first.author, message=first.message)
    for commit in rest:
        repository.commit(commit.files, commit.message, author=commit.author)


def _set_up_review(world: World, name: str, review: Review) -> None:
    for branch, rules in review.rules.items():
        world.git.repository(name).protect(branch, rules)
    world.git.pull_requests.reviewers[name] = review.reviewers
