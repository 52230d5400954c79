"""What a GitRepository takes from others: ``spec.include``.

Source: source-controller ``internal/controller/gitrepository_controller.go`` (fetchIncludes, reconcileInclude) and fluxcd/pkg
``artifact/storage/filesystem.go`` (CopyToPath). What is put there must not be there yet; only a file may take a file's place.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from gitops_sim.agents.flux.artifact import Artifact, Included, Storage
from gitops_sim.agents.flux.fetch import FetchError, inside, number, scratch
from gitops_sim.agents.flux.gitrepository import GROUP, KIND, GitRepository, Include
from gitops_sim.agents.flux.source_status import INCLUDE_UNAVAILABLE, STORAGE_FAILED
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key, Object, get_path


def sources(cluster: ClusterAPI, storage: Storage, source: GitRepository) -> list[tuple[Object, Artifact]]:
    """The GitRepositories that are included, with their artifacts. Raises FetchError."""
    return [_source(cluster, storage, source.key.namespace, wanted.name) for wanted in source.includes]


def placed(storage: Storage, source: GitRepository, commit: str, artifacts: Sequence[Artifact]) -> tuple[Included, ...]:
    """What others put among the files of a commit, one after the other. Raises FetchError."""
    included: tuple[Included, ...] = ()
    for wanted, artifact in zip(source.includes, artifacts, strict=True):
        files = storage.composed(source.url, commit, included, source.folders).files()
        included += (_placed(source.key, wanted, artifact, files),)
    return included


def _source(cluster: ClusterAPI, storage: Storage, namespace: str, name: str) -> tuple[Object, Artifact]:
    obj = cluster.find(KIND, name, namespace)
    if obj is None:
        what = f"could not get resource for include '{name}': GitRepository.{GROUP} \"{name}\" not found"
        raise FetchError(what, reason="NotFound", condition=INCLUDE_UNAVAILABLE, waits=True, mend="create it, or name another")
    artifact = storage.get(Key(GROUP, "GitRepository", namespace, name))
    if artifact is None or not get_path(obj, ("status", "artifact")):
        what = f"no artifact available for include '{name}'"
        raise FetchError(what, reason="NoArtifact", condition=INCLUDE_UNAVAILABLE, waits=True, mend=f"see why {name} has none")
    return obj, artifact


def _placed(key: Key, wanted: Include, artifact: Artifact, files: Sequence[str]) -> Included:
    made = Included(artifact, inside(wanted.source), inside(wanted.place))
    unpacked = posixpath.join(f"/tmp/flux-include-{number(key, wanted.name)}/unpack", made.source).rstrip("/")
    target = posixpath.join(scratch(key), made.place).rstrip("/")
    moved = f"rename {unpacked} {target}"
    if not made.paths() and made.source:
        raise _failed(wanted, f"cannot stat {unpacked}: stat {unpacked}: no such file or directory")
    for parent in _parents(made.place):
        if parent in files:
            raise _failed(wanted, f"mkdir {target.removesuffix(made.place)}{parent}: not a directory")
    if not made.place or any(file.startswith(f"{made.place}/") for file in files):
        raise _failed(wanted, f"{moved}: file exists")
    if made.place in files and made.source not in artifact.files:
        raise _failed(wanted, f"{moved}: not a directory")
    return made


def _failed(wanted: Include, why: str) -> FetchError:
    what = f"failed to copy '{wanted.name}' include from {wanted.source} to {wanted.place}: {why}"
    mend = "take a folder that is there, and put it where nothing is yet"
    return FetchError(what, reason="CopyFailure", condition=STORAGE_FAILED, mend=mend)


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: at + 1]) for at in range(len(parts))]
