"""Sources of Flux that no controller here fetches: OCIRepositories and Buckets, which stand-ins take the place of, and the
artifacts that an ArtifactGenerator composes of Git repositories, which are made as it says.

Source of how files are copied: fluxcd/source-watcher, API reference of ArtifactGenerator (``copy``): a pattern with ``**`` keeps
the paths below what stands before it.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.glob import matches_path
from gitops_sim.agents.flux import Flux, artifact, source_status
from gitops_sim.agents.flux.helm.shelf import FiledChart, FiledIndex
from gitops_sim.clock import Priority
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Forge, Repository, Tree
from gitops_sim.manifests.helm import load_archive, read_index
from gitops_sim.objects import Key, Object, get_path, with_path
from gitops_sim.world import World

GROUP = "source.toolkit.fluxcd.io"
FETCHED = {"OCIRepository": "ocirepositories", "Bucket": "buckets"}
COMPOSED = "ExternalArtifact"


def address_of(obj: Object) -> str:
    """Where an OCIRepository or a Bucket has its content from."""
    spec: Mapping[str, Any] = obj.get("spec") or {}
    if obj["kind"] == "Bucket":
        return f"s3://{spec.get('endpoint', '')}/{spec.get('bucketName', '')}"
    return str(spec.get("url") or "")


def reference_of(obj: Object) -> str:
    """The tag, the range of versions or the digest that an OCIRepository asks for."""
    ref = get_path(obj, ("spec", "ref")) or {}
    return str(ref.get("tag") or ref.get("semver") or ref.get("digest") or "latest")


class Shop:
    """Puts artifacts where Flux's controllers look for them, and says so in the status of their objects."""

    def __init__(self, world: World, flux: Flux) -> None:
        self._world, self._flux = world, flux

    def file(self, key: Key, repository: Repository, tag: str) -> None:
        """The tip of ``repository`` is the artifact of the source ``key`` in a moment."""
        self._world.clock.after(0, self._file, key, repository.name, tag, priority=Priority.AGENT)

    def shelve(self, key: Key, package: bytes) -> None:
        """A chart is the artifact of the source ``key``, too."""
        chart = load_archive(package, where=str(key))
        digest = f"sha256:{hashlib.sha256(package).hexdigest()}"
        version = str(chart.metadata.version)
        filed = FiledChart(version, digest, len(package), f"{chart.name}-{version}.tgz", chart, packaged=False)
        self._flux.shelf.put_chart(key, filed)

    def list(self, key: Key, url: str, index: bytes) -> None:
        """What charts there are in the registry of the HelmRepository ``key``."""
        digest = f"sha256:{hashlib.sha256(index).hexdigest()}"
        self._flux.shelf.put_index(key, FiledIndex(digest, digest, len(index), "index.yaml", read_index(index, url)))

    def _file(self, key: Key, name: str, tag: str) -> None:
        plural = f"{FETCHED.get(key.kind, 'externalartifacts')}.{GROUP}"
        cluster, repository = self._world.cluster(), self._world.git.repository(name)
        obj = cluster.find(plural, key.name, key.namespace)
        if obj is None:
            return
        commit = repository.tip()
        revision = f"{tag}@sha256:{hashlib.sha256(commit.encode()).hexdigest()}"
        made = artifact.pack(repository.tree(), key, name, commit, revision, None)
        self._flux.storage.put(key, made)
        now = self._world.clock.timestamp()
        told = source_status.succeeded(obj, "Succeeded", f"stored artifact for digest '{revision}'", now)
        stored = with_path(told, ("status", "artifact"), made.status(now))
        if stored.get("status") != obj.get("status"):
            cluster.update(stored, subresource="status")


class Composer:
    """Makes the artifacts of ArtifactGenerators, each as a repository of the forge and an ExternalArtifact."""

    def __init__(self, world: World, shop: Shop) -> None:
        self._world, self._shop = world, shop

    def compose(self, generator: Object, urls: Mapping[str, str]) -> None:
        """``urls`` are the addresses of its sources by their aliases."""
        meta = generator["metadata"]
        for wanted in get_path(generator, ("spec", "artifacts")) or ():
            files = dict(_copied(self._world.git, wanted, urls))
            name = f"artifacts/{meta['namespace']}/{wanted['name']}"
            repository = self._repository(name, files)
            self._announce(generator, wanted["name"])
            if repository is not None:
                self._shop.file(Key(GROUP, COMPOSED, meta["namespace"], wanted["name"]), repository, "latest")

    def _repository(self, name: str, files: Mapping[str, bytes]) -> Repository | None:
        if not files:
            return None
        try:
            repository = self._world.git.repository(name)
        except BadInput:
            return self._world.git.create(name, files, author="platform")
        return repository

    def _announce(self, generator: Object, name: str) -> None:
        meta = generator["metadata"]
        ref = {"apiVersion": generator["apiVersion"], "kind": generator["kind"], "name": meta["name"]}
        made = {
            "apiVersion": f"{GROUP}/v1",
            "kind": COMPOSED,
            "metadata": {"name": name, "namespace": meta["namespace"]},
            "spec": {"sourceRef": {**ref, "namespace": meta["namespace"]}},
        }
        try:
            self._world.cluster().create(made)
        except ApiError:
            return  # it is there


def _copied(forge: Forge, wanted: Mapping[str, Any], urls: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for rule in wanted.get("copy") or ():
        alias, _, pattern = str(rule.get("from") or "").removeprefix("@").partition("/")
        if alias not in urls:
            continue
        try:
            tree = forge.repository(urls[alias]).tree()
        except BadInput:
            continue
        target = str(rule.get("to") or "").removeprefix("@artifact").lstrip("/")
        yield from _matching(tree, pattern, target, [str(p) for p in rule.get("exclude") or ()])


def _matching(tree: Tree, pattern: str, target: str, exclude: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    base = re.split(r"[^/]*[*?\[{]", pattern, maxsplit=1)[0]
    single = base == pattern
    for file in tree.files():
        if any(matches_path(glob, file) for glob in exclude) or tree.look(file) != "file":
            continue
        if single and file == pattern:
            yield (
                (posixpath.join(target, posixpath.basename(file)) if not target or target.endswith("/") else target),
                tree.read(file),
            )
        elif single and file.startswith(f"{pattern.rstrip('/')}/"):
            above = posixpath.dirname(pattern.rstrip("/"))
            yield posixpath.join(target, file.removeprefix(f"{above}/") if above else file), tree.read(file)
        elif not single and file.startswith(base) and _fits(pattern, file):
            yield posixpath.join(target, file.removeprefix(base)), tree.read(file)


def _fits(pattern: str, file: str) -> bool:
    return matches_path(pattern, file) or (pattern.endswith("**") and file.startswith(pattern.removesuffix("**")))
