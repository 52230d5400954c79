"""Stand-ins: what a repository names and this machine cannot fetch, other repositories and charts, is there all the same.

A stand-in answers for every revision and for every folder that somebody asks for. What it deploys is one ConfigMap, which says
what it stands for, and has the label ``gitops-sim/stand-in``. Nothing of it claims to be the real thing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitops_sim.agents.flux import Flux
from gitops_sim.agents.flux.toolkit import REQUESTED
from gitops_sim.clock import Priority
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Repository
from gitops_sim.forge.addresses import normal
from gitops_sim.manifests.helm import load_chart
from gitops_sim.manifests.kustomize import is_remote, parted
from gitops_sim.manifests.versions import Version, example
from gitops_sim.objects import Key, Object, annotations_of, get_path, with_path
from gitops_sim.reconcile.attention import Attention
from gitops_sim.reconcile.downloads import Downloads, place_of
from gitops_sim.reconcile.images import CAUSE as IMAGES_CAUSE
from gitops_sim.reconcile.images import ImageStandIns
from gitops_sim.reconcile.kinds import define_missing
from gitops_sim.reconcile.kustomizations import Kustomizations, Remote
from gitops_sim.reconcile.needs import Need, of_argo, of_helm_release, of_kustomization
from gitops_sim.reconcile.operators import Operators
from gitops_sim.reconcile.sources import FETCHED, Composer, Shop, address_of, reference_of
from gitops_sim.reconcile.substitutes import LABEL, config_map, folder_files, packed, slug
from gitops_sim.world import World

_AUTHOR, _DEFAULT = "platform", "default"
_MANIFEST = (".yaml", ".yml", ".json")
_CAUSE = "cannot be fetched from here, so a stand-in took its place: one ConfigMap that says so"
_PROVIDED_CAUSE = "was missed and nothing here brings it, so a stand-in was made"
_PROVIDED_WHY = "on your cluster it must be there first"
_KIND_CAUSE = "is a kind that nothing in the repository defines: a stand-in does, a real cluster needs its definition first"
_OPERATOR_CAUSE = "has no operator at work here: a stand-in says that it is ready, and makes nothing of it"
_IN_CLUSTER = ("https://kubernetes.default.svc", "in-cluster")
_REPOSITORIES = "helmrepositories.source.toolkit.fluxcd.io"
_SOURCES = ("GitRepository", "HelmRepository")


@dataclass(frozen=True, slots=True)
class StandIn:
    """``what`` stands in for what (``chart podinfo 6.5.0``), ``url`` where the real one is; of a namespace
    it is empty; ``cause`` says what took its place."""

    what: str
    url: str
    cause: str = _CAUSE


class StandIns:
    """Watches the cluster of a world: as soon as an object names an address, something is there. ``this`` is the repository that
    is tried out, ``ours`` are its own addresses."""

    def __init__(self, world: World, this: Repository, ours: Iterable[str]) -> None:
        self._world, self._this = world, this
        self._ours = {normal(url) for url in (this.url, *ours)}
        self._downloads = Downloads(world, self._make)
        self._registries: dict[Key, str] = {}
        self._repositories: dict[str, Repository] = {}
        self._sources: dict[Key, str] = {}
        self._waiting: dict[Key, list[Object]] = {}
        self.made: list[StandIn] = []
        self.kinds: list[str] = []
        self._tags: dict[Key, str] = {}
        self._images = ImageStandIns(world, this)
        self._shop: Shop | None = None
        self._composer: Composer | None = None
        self.operators = Operators(world)
        this.any_revision = True
        for url in self._ours:
            world.git.know(this, url)
        world.cluster().watch(self._on_change)

    def serve(self, flux: Flux) -> None:
        """Stands in for what Flux fetches otherwise than from Git, too."""
        self._shop = Shop(self._world, flux)
        self._composer = Composer(self._world, self._shop)

    def meet_kustomizations(self, kustomizations: Kustomizations) -> None:
        """Stands in for the files, the folders of other repositories and the charts that kustomizations use."""
        for used in kustomizations.remote():
            if is_remote(used.name):
                self._remote(used)
        for need in kustomizations.charts():
            self._meet([need])

    def provided(self, what: str) -> None:
        """Somebody else would have brought it: it was made here."""
        self.made.append(StandIn(what, ""))

    def define_kinds(self) -> None:
        """Defines the kinds of custom resources whose definitions nothing in the repository brings."""
        self.kinds = define_missing(self._this.tree(), self._world.cluster().as_user(_AUTHOR))

    def attention(self) -> list[Attention]:
        return [
            *(
                Attention(made.what, f"is not here: {made.url}", cause=made.cause, sort="stand-in")
                if made.url
                else Attention(made.what, _PROVIDED_CAUSE, _PROVIDED_WHY, _PROVIDED_CAUSE, "stand-in")
                for made in self.made
            ),
            *(Attention(kind, _KIND_CAUSE, cause=_KIND_CAUSE, sort="stand-in") for kind in self.kinds),
            *(
                Attention(f"{count} {kind}", _OPERATOR_CAUSE, cause=_OPERATOR_CAUSE, sort="stand-in")
                for kind, count in self.operators.counts.items()
            ),
        ]

    # ------------------------------------------------------------------ what is asked for

    def _on_change(self, change: Change) -> None:
        if change.type == "DELETED" or (change.old is not None and change.old.get("spec") is change.object.get("spec")):
            return
        group, kind = change.key.group, change.key.kind
        image = self._images.meet(change) if self._shop is not None else ""
        if image:
            self.made.append(StandIn(f"images {_last(image)}", image, IMAGES_CAUSE))
        if group == "argoproj.io":
            self._meet(of_argo(change.object))
            if kind == "Application":
                self._namespace(change.object)
        elif group == "source.toolkit.fluxcd.io" and kind in _SOURCES:
            self._source(change.key, str(get_path(change.object, ("spec", "url")) or ""))
        elif group == "source.toolkit.fluxcd.io" and kind in FETCHED:
            self._fetched(change.key, change.object)
        elif (group, kind) == ("source.extensions.fluxcd.io", "ArtifactGenerator"):
            self._compose(change.object)
        elif (group, kind) in (("kustomize.toolkit.fluxcd.io", "Kustomization"), ("helm.toolkit.fluxcd.io", "HelmRelease")):
            self._user(change.object)

    def _source(self, key: Key, url: str) -> None:
        self._sources[key] = url
        if key.kind == "GitRepository":
            self._meet([Need(url, tool="files")])
        elif key.kind == "HelmRepository" and url.startswith("oci://"):
            self._registries[key] = url
        elif key.kind == "HelmRepository" and url:
            self._downloads.index(url)
        for obj in self._waiting.pop(key, ()):
            self._user(obj)

    def _fetched(self, key: Key, obj: Object) -> None:
        """An OCIRepository or a Bucket: a folder of manifests, or a chart, whichever is asked of it."""
        url, wanted = address_of(obj), reference_of(obj)
        if self._shop is None or not url:
            return
        version = example(wanted)
        version = version if Version.parse(version) is not None else "0.0.0"
        self._tags[key] = wanted
        repository = self._known(Need(url, tool="files"), f"{key.kind} {_last(url)} {wanted}")
        self._source(key, url)
        chart = slug(_last(normal(url)))
        self._shop.shelve(key, packed(chart or "stand-in", version, url))
        self._shop.file(key, repository, wanted)

    def _compose(self, generator: Object) -> None:
        """As soon as all of its sources are there; those of them that are in Git."""
        if self._composer is None:
            return
        namespace, urls = generator["metadata"]["namespace"], {}
        for source in get_path(generator, ("spec", "sources")) or ():
            key = Key("source.toolkit.fluxcd.io", source["kind"], source.get("namespace") or namespace, source["name"])
            if key not in self._sources:
                self._waiting.setdefault(key, []).append(generator)
                return
            urls[source["alias"]] = self._sources[key]
        self._composer.compose(generator, urls)

    def _namespace(self, app: Object) -> None:
        """The namespace that an Application deploys to in this cluster, where it neither is nor will be made."""
        destination = get_path(app, ("spec", "destination")) or {}
        options = get_path(app, ("spec", "syncPolicy", "syncOptions")) or ()
        name, place = str(destination.get("namespace") or ""), destination.get("server") or destination.get("name")
        cluster = self._world.cluster().as_user(_AUTHOR)
        if not name or place not in _IN_CLUSTER or "CreateNamespace=true" in options or cluster.find("namespaces", name):
            return
        with contextlib.suppress(ApiError):  # a name that cannot be: the agent will say so
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {LABEL: "true"}}})
            self.provided(f"Namespace {name}")

    def _user(self, obj: Object) -> None:
        """A Kustomization or a HelmRelease: what it needs of its source, or as soon as that is there."""
        if obj["kind"] == "ArtifactGenerator":
            self._compose(obj)
            return
        asked = of_kustomization(obj) if obj["kind"] == "Kustomization" else of_helm_release(obj)
        if asked is None:
            return
        source, need = asked
        if source in self._sources:
            self._meet([need.at(self._sources[source])])
            if source in self._registries and self._shop is not None:
                self._shop.list(source, self._registries[source], self._downloads.index(self._registries[source]))
            if source in self._tags and self._shop is not None:
                self._shop.file(source, self._known(need.at(self._sources[source])), self._tags[source])
        else:
            self._waiting.setdefault(source, []).append(obj)

    def _meet(self, needs: Iterable[Need]) -> None:
        for need in needs:
            if "{{" in need.url or not need.url:
                continue
            if normal(need.url) in self._ours:
                self._meet_dependencies(need.path)
                continue
            if need.chart:
                if self._downloads.chart(need):
                    self._fetch_again(need.url)
            else:
                self._folder(need)

    def _fetch_again(self, url: str) -> None:
        """HelmRepositories whose index has changed are fetched now, as with ``flux reconcile source helm``."""
        for key, known in self._sources.items():
            if key.kind == "HelmRepository" and known == url and key not in self._registries:
                self._world.clock.after(0, self._ask, key, priority=Priority.AGENT)

    def _ask(self, key: Key) -> None:
        cluster = self._world.cluster().as_user(_AUTHOR)
        obj = cluster.find(_REPOSITORIES, key.name, key.namespace)
        if obj is not None:
            asked = {**annotations_of(obj), REQUESTED: self._world.clock.timestamp()}
            cluster.update(with_path(obj, ("metadata", "annotations"), asked))

    def _meet_dependencies(self, path: str) -> None:
        """The charts that a chart of this repository depends on, which Argo CD has fetched."""
        tree, folder = self._this.tree(), path.strip("/").removeprefix("./")
        file = f"{folder}/Chart.yaml" if folder not in ("", ".") else "Chart.yaml"
        if "{{" in path or ".." in path or not tree.look(file):
            return
        try:
            dependencies = load_chart(tree, folder).metadata.dependencies
        except BadInput:  # Argo CD will say so
            return
        for wanted in dependencies:
            if wanted.repository.startswith(("https://", "http://", "oci://")):
                self._downloads.chart(Need(wanted.repository, chart=wanted.name, version=wanted.version))

    # ------------------------------------------------------------------ repositories

    def _remote(self, used: Remote) -> None:
        if used.name.startswith(("http://", "https://")) and used.name.partition("?")[0].endswith(_MANIFEST):
            self._downloads.file(used.name)
            return
        url, path, _ = parted(used.name)
        if normal(url) not in self._ours:
            self._folder(Need(url, path, "component" if used.component else "kustomize", namespace=_DEFAULT))

    def _make(self, what: str, url: str) -> None:
        made = StandIn(what, url)
        if made not in self.made:
            self.made.append(made)

    def _folder(self, need: Need) -> None:
        """A repository with the folder that is needed."""
        address = normal(need.url)
        repository = self._known(need)
        folder = need.path.strip("/").removeprefix("./").rstrip(".").rstrip("/")
        where = f"{folder}/" if folder else ""
        tree = repository.tree()
        wanted: dict[str, str] = {}
        if need.tool != "files":
            name = "-".join(part for part in ("stand-in", slug(_last(address)), slug(folder)) if part)
            stand_in = config_map(name, f"{folder or 'the top folder'} of {need.url}", need.namespace)
            wanted = folder_files(need.tool, where, stand_in)
        wanted |= {file: "{}\n" for file in need.files if not file.startswith("../")}
        new = {file: text for file, text in wanted.items() if not tree.look(file)}
        if new:
            self._commit(repository, new, f"Stand in for {folder or 'all of it'}")

    def _known(self, need: Need, what: str = "") -> Repository:
        """The repository at an address; made when it is named first."""
        address = normal(need.url)
        repository = self._repositories.get(address)
        if repository is None:
            repository = self._repositories[address] = self._create(f"stand-ins/{place_of(address)}", need.url)
            repository.any_revision = True
            self.made.append(StandIn(what or f"repository {_last(address)}", need.url))
        return repository

    def _create(self, name: str, url: str) -> Repository:
        readme = {"README.md": f"Stands in for {url}, which cannot be fetched from here.\n"}
        repository = self._world.git.create(name, readme, author=_AUTHOR)
        self._world.git.know(repository, url)
        return repository

    def _commit(self, repository: Repository, files: Mapping[str, str | bytes], message: str) -> None:
        with contextlib.suppress(BadInput):  # a path that cannot be: the agent will say so
            repository.commit(files, message, author=_AUTHOR, story=False)


def _last(address: str) -> str:
    return address.rpartition("/")[2]
