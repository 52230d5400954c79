"""From an artifact to the objects of a Kustomization: the one place that knows how manifests are built.

What was built is kept by the content of the artifact and by what the spec says of the build. Source: kustomize-controller
``internal/controller/kustomization_controller.go`` (build) and fluxcd/pkg ``kustomize/kustomize_generator.go``.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.artifact import Artifact, Storage
from gitops_sim.agents.flux.decryption import DecryptionError, Decryptor, hides_all
from gitops_sim.agents.flux.generate import FolderFiles, generated
from gitops_sim.agents.flux.kustomization import Kustomization
from gitops_sim.agents.flux.normalize import normalized, owned, with_common
from gitops_sim.agents.flux.substitute import SubstitutionError, opts_out, substituted
from gitops_sim.agents.frozen import Frozen
from gitops_sim.agents.remotes import ForgeRemotes
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.forge import Forge
from gitops_sim.manifests import kustomize
from gitops_sim.manifests.kustomize import KustomizeError
from gitops_sim.objects import Key, Object, group_of, key_of

_KEPT = 2


class BuildError(Exception):
    """``reason`` and ``message`` are those of the Ready condition, ``mend`` is the way out, ``where`` the file and line."""

    def __init__(self, message: str, *, reason: str = "BuildFailed", mend: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message, self.reason, self.mend, self.where = message, reason, mend, where


@dataclass(frozen=True, slots=True)
class Target(Frozen):
    """One object as it is to be applied."""

    key: Key
    object: Object


@dataclass(frozen=True, slots=True)
class Built(Frozen):
    """All objects of a Kustomization, in the order of the build; ``digest`` is the checksum of them all. ``remotes`` are the
    other repositories that took part: ``((url, ref), commit)``. ``passed_over`` are those that Flux takes for no objects, because
    their name is no text. Source: fluxcd/pkg ``ssa/utils/is.go`` (IsKubernetesObject)."""

    targets: tuple[Target, ...]
    digest: str
    remotes: tuple[tuple[tuple[str, str], str], ...] = ()
    passed_over: tuple[str, ...] = ()


class Builder:
    """Builds for all Kustomizations. ``cluster`` is where the values of variables are read."""

    def __init__(self, forge: Forge, storage: Storage, cluster: ClusterAPI) -> None:
        self._forge, self._storage, self._cluster = forge, storage, cluster
        self._kept: dict[Key, dict[tuple[Any, ...], Built]] = {}

    def check_path(self, app: Kustomization, artifact: Artifact) -> None:
        """Raises BuildError when the artifact has no such folder."""
        folder = folder_of(app.path)
        if not self._storage.open(artifact).is_folder(folder):
            message = f"kustomization path not found: stat {_scratch(app.key)}/{folder}: no such file or directory"
            raise BuildError(message, reason="ArtifactFailed", mend="name a folder of the repository that is not ignored")

    def build(self, app: Kustomization, artifact: Artifact) -> Built:
        """The objects of a Kustomization. Raises BuildError."""
        values, decryptor = self._values(app), self._decryptor(app)
        said = (app.path, json_text(dict(app.generated)), app.ignore_missing_components, app.always_substitute, decryptor.does)
        known = (artifact.digest, said, _frozen(values), _frozen(app.labels), _frozen(app.annotations))
        kept = self._kept.setdefault(app.key, {})
        built = kept.get(known)
        if built is None or not self._is_current(built):
            kept.pop(known, None)
            if len(kept) >= _KEPT:
                del kept[next(iter(kept))]
            built = kept[known] = self._build(app, self._storage.open(artifact), folder_of(app.path), values, decryptor)
        return built

    def preview(self, app: Kustomization, files: FolderFiles, folder: str) -> Built:
        """What would come of a folder of other files. Raises BuildError."""
        return self._build(app, files, folder, self._values(app), self._decryptor(app))

    def forget(self, app: Key) -> None:
        self._kept.pop(app, None)

    # ------------------------------------------------------------------ inside

    def _is_current(self, built: Built) -> bool:
        """Whether the other repositories are where they were when it was built."""
        remotes = ForgeRemotes(self._forge)
        return all(remotes.commit(url, ref) == commit for (url, ref), commit in built.remotes)

    def _decryptor(self, app: Kustomization) -> Decryptor:
        try:
            return Decryptor(self._cluster, app)
        except ApiError as error:
            raise BuildError(error.message, mend="create the Secret with the keys") from None

    def _build(
        self,
        app: Kustomization,
        files: FolderFiles,
        folder: str,
        values: Mapping[str, str] | BuildError | None,
        decryptor: Decryptor,
    ) -> Built:
        made: list[Object] = []
        remotes = ForgeRemotes(self._forge)
        for obj in _rendered(app, files, folder, remotes):
            try:
                if hides_all(obj):
                    continue
                obj = decryptor.decrypted(obj)
            except DecryptionError as error:
                raise BuildError(f"decryption failed for '{_label(obj)}': {error}", mend=error.mend) from None
            if isinstance(values, BuildError):
                raise BuildError(f"post build failed for '{_label(obj)}': {values.message}", mend=values.mend)
            if values is not None and (values or app.always_substitute) and not opts_out(obj):
                try:
                    obj = substituted(obj, values)
                except SubstitutionError as error:
                    message = f"post build failed for '{_label(obj)}': {error.message}"
                    mend = "set it in postBuild, or give it a default: ${name:=value}"
                    raise BuildError(message, mend=mend) from None
            made.append(obj)
        digest = hashlib.sha256("".join(json_text(obj) + "\n" for obj in made).encode()).hexdigest()
        named = [obj for obj in made if isinstance(obj["metadata"].get("name"), str)]
        targets = []
        for obj in named:
            obj = owned(with_common(normalized(obj), app.labels, app.annotations), app.name, app.key.namespace)
            targets.append(Target(key_of(obj), obj))
        odd = tuple(f"{obj['kind']} {obj['metadata'].get('name')}" for obj in made if obj not in named)
        return Built(tuple(targets), f"sha256:{digest}", tuple(remotes.opened.items()), odd)

    def _values(self, app: Kustomization) -> Mapping[str, str] | BuildError | None:
        """The values of variables, those of the spec before all others; None without ``postBuild``. A source of values that
        is missing is an error of the first object that is built."""
        if app.values is None:
            return None
        found: dict[str, str] = {}
        for source in app.values_from:
            plural = "configmaps" if source.kind == "ConfigMap" else "secrets"
            try:
                obj = self._cluster.get(plural, source.name, app.key.namespace)
            except ApiError as error:
                if source.optional and error.code == 404:
                    continue
                message = f"substitute from '{source.kind}/{source.name}' error: {error.message}"
                return BuildError(message, mend=f"create the {source.kind}, or say optional: true")
            found |= {name: text.replace("\n", "") for name, text in _data(obj).items()}
        return found | {name: text.replace("\n", "") for name, text in app.values.items()}


def folder_of(path: str) -> str:
    """A ``spec.path`` as the folder in the artifact that it means; nothing leads out of it."""
    return posixpath.normpath(f"/{path}").lstrip("/")


def _rendered(app: Kustomization, files: FolderFiles, folder: str, remotes: ForgeRemotes) -> Sequence[Object]:
    """What kustomize makes of the folder."""
    shown = _scratch(app.key)
    try:
        overlaid = generated(app, files, folder, shown)
    except KustomizeError as error:
        raise BuildError(error.what, mend=error.mend, where=error.where) from None
    try:
        return kustomize.build(overlaid, folder, remotes=remotes, shown=shown, anywhere=True).objects
    except KustomizeError as error:
        raise BuildError(f"kustomize build failed: {error.what}", mend=error.mend, where=error.where) from None


def _scratch(key: Key) -> str:
    """The temporary folder of the real one, whose name is dealt anew each time; here it goes with the Kustomization."""
    number = int(hashlib.sha256(str(key).encode()).hexdigest()[:8], 16)
    return f"/tmp/kustomization-{number}"


def _label(obj: Object) -> str:
    """``Deployment.v1.apps/web``, as kustomize names an object."""
    version = str(obj["apiVersion"]).rpartition("/")[2]
    return f"{obj['kind']}.{version}.{group_of(obj['apiVersion']) or '[noGrp]'}/{obj['metadata'].get('name', '')}"


def _data(obj: Object) -> dict[str, str]:
    """What a ConfigMap or a Secret holds, decoded."""
    data = obj.get("data") or {}
    if obj["kind"] == "ConfigMap":
        return {name: str(text) for name, text in data.items()}
    return {name: _decoded(text) for name, text in data.items()}


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "replace")


def _frozen(values: Mapping[str, str] | BuildError | None) -> Any:
    if isinstance(values, Mapping):
        return tuple(sorted(values.items()))
    return values.message if isinstance(values, BuildError) else values
