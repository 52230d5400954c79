"""Worlds as data: what a scenario or an exercise starts from, and how it is read from YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gitops_sim.cluster.cluster import PARTS
from gitops_sim.cluster.machines import machine
from gitops_sim.errors import BadInput
from gitops_sim.forge import CHECKS, BranchRules
from gitops_sim.nearest import nearest
from gitops_sim.registry import Registry
from gitops_sim.scenarios.kit import kit_files, kit_names
from gitops_sim.scenarios.reading import Reader

T = TypeVar("T")

_SECTIONS = (
    *("seed", "people", "images", "clusters", "nodes", "without", "repos"),
    *("applications", "imageUpdaters", "flux", "pipelines", "access"),
)
_ACCESS_KINDS = ("Namespace", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
_ARGOCD_KINDS, _ARGOCD_SETTINGS = ("Application", "ApplicationSet", "AppProject"), ("Secret", "ConfigMap")
_REVIEW = {"rules", "reviewers"}
_SETTINGS = (*sorted(_REVIEW), "webhooks")
"""What a repository may have beside its commits."""
_PIPELINE = ("repo", "path", "branch", "namespace", "build_time", "user", "role")


@dataclass(frozen=True, slots=True)
class StartCommit:
    """A commit that is there before anything happens. A file that is None is deleted."""

    author: str
    message: str
    files: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Review:
    """How a repository takes changes: what its branches ask of a pull request, and who looks at one how long after its checks
    are done (simulated seconds)."""

    rules: Mapping[str, BranchRules] = field(default_factory=dict)
    reviewers: Mapping[str, float] = field(default_factory=dict)


_FLUX_KINDS = ("Namespace", "Secret", "ConfigMap", "ServiceAccount", "RoleBinding")
"""What may stand beside Flux's own objects."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Something that lives in a cluster: the manifest of an Application or of an object of Flux, or a pipeline's settings."""

    cluster: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Access:
    """``groups``: those of the people who are no administrators, by person; ``objects``: the roles, bindings and ServiceAccounts
    that every cluster has from the start."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    objects: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """What is there when a story begins.

    ``people``: full names by id; ``images``: the registry; ``nodes``: the machines by name; ``without``: what its clusters lack;
    ``repos``: commits by repository, oldest first; ``reviews``: how they take changes; ``webhooks``: the addresses that they tell
    of pushes; ``applications``: manifests of Argo CD: Applications, ApplicationSets, projects, cluster Secrets, its ConfigMaps;
    ``image_updaters``: those of the image updater; ``flux``: those of Flux's objects, and ``has_flux`` whether Flux is there at
    all; ``pipelines``: settings of push pipelines;
    ``access``: who may do what.
    """

    seed: int = 0
    people: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, Any] = field(default_factory=dict)
    clusters: tuple[str, ...] = ("production",)
    nodes: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    repos: Mapping[str, tuple[StartCommit, ...]] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    webhooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    applications: Mapping[str, Placed] = field(default_factory=dict)
    image_updaters: Mapping[str, Placed] = field(default_factory=dict)
    flux: Mapping[str, Placed] = field(default_factory=dict)
    has_flux: bool = False
    pipelines: Mapping[str, Placed] = field(default_factory=dict)
    access: Access = field(default_factory=Access)


def read_world(value: Reader) -> WorldSpec:
    """The ``world:`` section. Raises BadInput, with the line, for whatever cannot be built.

    The name of an application or a pipeline may start with its cluster: ``staging:web``. A repository may have, beside its
    commits, ``rules: {main: {approvals: 1, checks: [yaml, manifests]}}``, ``reviewers: {ana: 5m}`` and ``webhooks: [URL, ...]``.
    ``flux`` holds manifests by kind and name, ``Kustomization/web`` or ``staging:Kustomization/web``; ``flux: {}`` installs Flux.
    """
    entries = value.mapping((), _SECTIONS)
    clusters = entries["clusters"].texts() if "clusters" in entries else ("production",)
    if not clusters or len(set(clusters)) != len(clusters):
        entries["clusters"].fail("must name one cluster or more, each once")
    people = _people(entries["people"]) if "people" in entries else {}
    images = entries["images"].plain() if "images" in entries else {}
    repos = {name: _commits(inner, people) for name, inner in _inner(entries, "repos")}
    if "images" in entries:
        _check_images(entries["images"])
    return WorldSpec(
        seed=entries["seed"].whole() if "seed" in entries else 0,
        people=people,
        images=images,
        clusters=clusters,
        without=tuple(item.choice(PARTS) for item in entries["without"].items()) if "without" in entries else (),
        nodes={name: _node(name, inner, clusters) for name, inner in _inner(entries, "nodes")},
        repos=repos,
        reviews={name: _review(inner, people) for name, inner in _inner(entries, "repos") if _REVIEW & inner.entries().keys()},
        webhooks={
            name: tuple(_address(item) for item in inner.entries()["webhooks"].items())
            for name, inner in _inner(entries, "repos")
            if "webhooks" in inner.entries()
        },
        applications={
            name: Placed(_cluster(name, inner, clusters), _application(name, inner))
            for name, inner in _inner(entries, "applications")
        },
        image_updaters={
            name: Placed(_cluster(name, inner, clusters), _image_updater(name, inner))
            for name, inner in _inner(entries, "imageUpdaters")
        },
        flux={name: Placed(_cluster(name, inner, clusters), _flux(name, inner)) for name, inner in _inner(entries, "flux")},
        has_flux="flux" in entries,
        pipelines={
            name: Placed(_cluster(name, inner, clusters), _pipeline(inner, repos)) for name, inner in _inner(entries, "pipelines")
        },
        access=_access(entries["access"], people) if "access" in entries else Access(),
    )


def _inner(entries: Mapping[str, Reader], section: str) -> Sequence[tuple[str, Reader]]:
    return [*entries[section].entries().items()] if section in entries else []


def _node(name: str, value: Reader, clusters: Sequence[str]) -> Any:
    _cluster(name, value, clusters)
    machine(name.rpartition(":")[2], value.plain(), value.where)
    return value.plain()


def _people(value: Reader) -> dict[str, str]:
    if value.is_list:
        return {name: name.capitalize() for name in value.texts()}
    return {name: inner.text() for name, inner in value.entries().items()}


def _access(value: Reader, people: Mapping[str, str]) -> Access:
    """``{groups: {developers: [ben]}, objects: [MANIFEST, ...]}``: who is in a group has just what is bound to it."""
    entries = value.mapping((), ("groups", "objects"))
    groups: dict[str, tuple[str, ...]] = {}
    for group, members in _inner(entries, "groups"):
        for member in members.items():
            person = read_person(member, people) if member.plain() != "you" else "you"
            groups[person] = (*groups.get(person, ()), group)
    objects = [_access_object(item) for item in entries["objects"].items()] if "objects" in entries else []
    return Access(groups, tuple(objects))


def _access_object(value: Reader) -> Mapping[str, Any]:
    entries = value.entries()
    for key in ("apiVersion", "kind", "metadata"):
        if key not in entries:
            value.fail(f"{key!r} is missing", "write a whole manifest")
    if entries["kind"].text() not in _ACCESS_KINDS:
        entries["kind"].fail(f"{entries['kind'].text()} has nothing to do with rights", "use one of " + ", ".join(_ACCESS_KINDS))
    manifest: Mapping[str, Any] = value.plain()
    return manifest


def _check_images(value: Reader) -> None:
    for reference, inner in value.entries().items():
        try:
            Registry({reference: inner.plain()})
        except BadInput as error:
            raise BadInput(error.what, where=inner.where, mend=error.mend) from None


def _commits(value: Reader, people: Mapping[str, str]) -> tuple[StartCommit, ...]:
    """``{files: {...}}``, ``{kit: monorepo}`` or both, or ``{commits: [{by, message, files}, ...]}``, or ``{}`` for an empty
    repository."""
    entries = {key: inner for key, inner in value.entries().items() if key not in _SETTINGS}
    if not entries:
        return ()
    if "commits" not in entries:
        return (_commit(value, people, *_SETTINGS),)
    commits = tuple(_commit(item, people) for item in value.mapping(("commits",), _SETTINGS)["commits"].items())
    if not commits:
        entries["commits"].fail("must hold one commit or more")
    return commits


def _commit(value: Reader, people: Mapping[str, str], *more: str) -> StartCommit:
    given = value.entries()
    entries = value.mapping(() if "kit" in given else ("files",), ("files", "kit", "by", "message", *more))
    author = read_person(entries["by"], people) if "by" in entries else "platform"
    message = entries["message"].text() if "message" in entries else "Initial commit"
    kit = kit_files(entries["kit"].choice(kit_names())) if "kit" in entries else {}
    return StartCommit(author, message, {**kit, **(read_files(entries["files"]) if "files" in entries else {})})


def _address(value: Reader) -> str:
    url = value.text()
    if not url.startswith(("http://", "https://")):
        value.fail(f"{url!r} is no address of a webhook", "write https://argocd.production.example/api/webhook")
    return url


def _review(value: Reader, people: Mapping[str, str]) -> Review:
    entries = value.entries()
    rules = {}
    for branch, inner in entries["rules"].entries().items() if "rules" in entries else ():
        given = inner.mapping((), ("approvals", "checks"))
        checks = tuple(item.choice(CHECKS) for item in given["checks"].items()) if "checks" in given else ()
        rules[branch] = BranchRules(given["approvals"].whole() if "approvals" in given else 0, checks)
    reviewers = {}
    for person, inner in entries["reviewers"].entries().items() if "reviewers" in entries else ():
        if people and person not in people:
            inner.fail(f"nobody is called {person!r} in this world", nearest(person, people))
        reviewers[person] = inner.duration()
    return Review(rules, reviewers)


def read_files(value: Reader) -> dict[str, str | None]:
    """Contents by path; null deletes a file."""
    files = {path: None if inner.is_null else inner.text(empty=True) for path, inner in value.entries().items()}
    return files or value.fail("must hold one file or more", "write 'path: content'")


def read_person(value: Reader, people: Mapping[str, str]) -> str:
    """Somebody of the world; anybody when the world introduces nobody."""
    name = value.text()
    if people and name not in people:
        value.fail(f"nobody is called {name!r} in this world", nearest(name, people))
    return name


def _cluster(name: str, value: Reader, clusters: Sequence[str]) -> str:
    home, colon, _ = name.partition(":")
    if colon and home not in clusters:
        value.fail(f"no cluster {home!r} in this world", nearest(home, clusters))
    return home if colon else clusters[0]


def _application(name: str, value: Reader) -> Mapping[str, Any]:
    """An Application, or what Argo CD reads beside them: a cluster Secret and a ConfigMap have no spec."""
    entries = value.entries()
    for key in ("apiVersion", "kind", "metadata"):
        if key not in entries:
            value.fail(f"{key!r} is missing", "write a whole Argo CD Application, as in its documentation")
    kind = entries["kind"].text()
    if kind not in (*_ARGOCD_KINDS, *_ARGOCD_SETTINGS):
        mend = "use one of " + ", ".join((*_ARGOCD_KINDS, *_ARGOCD_SETTINGS))
        entries["kind"].fail(f"must be Application, or what belongs to Argo CD, not {kind!r}", mend)
    if kind in _ARGOCD_KINDS and "spec" not in entries:
        value.fail("'spec' is missing", "write a whole Argo CD Application, as in its documentation")
    _check_name(name, entries["metadata"])
    spec = entries["spec"].entries() if kind == "Application" else {}
    for part in ("source", "destination", "syncPolicy"):
        if part in spec and spec[part].plain() is not None:
            spec[part].entries()
    manifest: Mapping[str, Any] = value.plain()
    return manifest


def _image_updater(name: str, value: Reader) -> Mapping[str, Any]:
    entries = value.mapping(("apiVersion", "kind", "metadata", "spec"), ())
    if entries["kind"].text() != "ImageUpdater":
        entries["kind"].fail(f"must be ImageUpdater, not {entries['kind'].text()!r}")
    _check_name(name, entries["metadata"])
    manifest: Mapping[str, Any] = value.plain()
    return manifest


def _check_name(name: str, metadata: Reader) -> None:
    entries = metadata.entries()
    own = entries["name"].text() if "name" in entries else metadata.fail("'name' is missing")
    if own != name.rpartition(":")[2]:
        entries["name"].fail(f"is {own!r}, but stands under {name!r}", "give both the same name")


def _flux(name: str, value: Reader) -> Mapping[str, Any]:
    entries = value.entries()
    for key in ("apiVersion", "kind", "metadata"):
        if key not in entries:
            value.fail(f"{key!r} is missing", "write a whole manifest, as in Flux's documentation")
    kind = entries["kind"].text()
    if ".toolkit.fluxcd.io/" not in entries["apiVersion"].text() and kind not in _FLUX_KINDS:
        mend = "use GitRepository, Kustomization, HelmRelease, ImagePolicy, Receiver, Alert, Provider, " + ", ".join(_FLUX_KINDS)
        entries["kind"].fail(f"{kind} is no object of Flux", mend)
    metadata = entries["metadata"].entries()
    own = metadata["name"].text() if "name" in metadata else entries["metadata"].fail("'name' is missing")
    if f"{kind}/{own}" != name.rpartition(":")[2]:
        value.fail(f"is {kind}/{own}, but stands under {name!r}", "give both the same name")
    manifest: Mapping[str, Any] = value.plain()
    return manifest


def _empty_text(value: Reader) -> str:
    return value.text(empty=True)


def _pipeline(value: Reader, repos: Mapping[str, Any]) -> Mapping[str, Any]:
    entries = value.mapping(("repo",), _PIPELINE[1:])
    if entries["repo"].text() not in repos:
        entries["repo"].fail(f"no repository {entries['repo'].text()!r} in this world", nearest(entries["repo"].text(), repos))
    readers: dict[str, Callable[[Reader], Any]] = {"build_time": Reader.duration, "role": _empty_text}
    return {key: readers.get(key, Reader.text)(inner) for key, inner in entries.items()}
