"""From an artifact to the objects of a Kustomization: the one place that knows how manifests are built.

What was built is kept by the content of the artifact and by what the spec says of the build. Source: kustomize-controller
``internal/controller/kustomization_controller.go`` (build) and fluxcd/pkg ``kustomize/kustomize_generator.go``.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.artifact import Artifact, ArtifactFiles, Storage
from gitops_sim.agents.flux.kustomization import Kustomization
from gitops_sim.agents.flux.normalize import normalized, owned, with_common
from gitops_sim.agents.flux.substitute import SubstitutionError, opts_out, substituted
from gitops_sim.agents.frozen import Frozen
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.manifests import Manifest, survey_directory
from gitops_sim.objects import Key, Object, group_of, key_of, with_path

_KEPT = 2


class BuildError(Exception):
    """``reason`` and ``message`` are those of the Ready condition, ``mend`` is the way out, ``where`` the file and line."""

    def __init__(self, message: str, *, reason: str = "BuildFailed", mend: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message, self.reason, self.mend, self.where = message, reason, mend, where


@dataclass(frozen=True, slots=True)
class Target(Frozen):
    """One object as it is to be applied. ``where`` is the file and line that it comes from."""

    key: Key
    object: Object
    where: str = ""


@dataclass(frozen=True, slots=True)
class Built(Frozen):
    """All objects of a Kustomization, in the order of the build; ``digest`` is the checksum of them all."""

    targets: tuple[Target, ...]
    digest: str


class Builder:
    """Builds for all Kustomizations. ``cluster`` is where the values of variables are read."""

    def __init__(self, storage: Storage, cluster: ClusterAPI) -> None:
        self._storage, self._cluster = storage, cluster
        self._kept: dict[Key, dict[tuple[Any, ...], Built]] = {}

    def check_path(self, app: Kustomization, artifact: Artifact) -> None:
        """Raises BuildError when the artifact has no such folder."""
        folder = folder_of(app.path)
        if not self._storage.open(artifact).is_folder(folder):
            message = f"kustomization path not found: stat {_scratch(app.key)}/{folder}: no such file or directory"
            raise BuildError(message, reason="ArtifactFailed", mend="name a folder of the repository that is not ignored")

    def build(self, app: Kustomization, artifact: Artifact) -> Built:
        """The objects of a Kustomization. Raises BuildError."""
        values = self._values(app)
        said = (app.path, json_text(dict(app.generated)), app.ignore_missing_components, app.always_substitute)
        known = (artifact.digest, said, _frozen(values), _frozen(app.labels), _frozen(app.annotations))
        kept = self._kept.setdefault(app.key, {})
        if known not in kept:
            if len(kept) >= _KEPT:
                del kept[next(iter(kept))]
            kept[known] = self._build(app, self._storage.open(artifact), values)
        return kept[known]

    def forget(self, app: Key) -> None:
        self._kept.pop(app, None)

    # ------------------------------------------------------------------ inside

    def _build(self, app: Kustomization, files: ArtifactFiles, values: Mapping[str, str] | BuildError | None) -> Built:
        made: list[tuple[Object, str]] = []
        for obj, where in _rendered(app, files):
            if isinstance(values, BuildError):
                raise BuildError(f"post build failed for '{_label(obj)}': {values.message}", mend=values.mend)
            if values is not None and (values or app.always_substitute) and not opts_out(obj):
                try:
                    obj = substituted(obj, values)
                except SubstitutionError as error:
                    message = f"post build failed for '{_label(obj)}': {error.message}"
                    mend = "set it in postBuild, or give it a default: ${name:=value}"
                    raise BuildError(message, mend=mend, where=where) from None
            made.append((obj, where))
        digest = hashlib.sha256("".join(json_text(obj) + "\n" for obj, _ in made).encode()).hexdigest()
        targets = []
        for obj, where in made:
            obj = owned(with_common(normalized(obj), app.labels, app.annotations), app.name, app.key.namespace)
            targets.append(Target(key_of(obj), obj, where))
        return Built(tuple(targets), f"sha256:{digest}")

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


def _rendered(app: Kustomization, files: ArtifactFiles) -> list[tuple[Object, str]]:
    """What kustomize makes of the folder: all YAML files below it, when it has no kustomization of its own."""
    folder = folder_of(app.path)
    try:
        found = survey_directory(files, folder, recurse=True, include="{*.yaml,*.yml}").manifests
    except BadInput as error:
        message = f"failed to decode Kubernetes YAML from {_scratch(app.key)}/{error.where}: {error.what}"
        raise BuildError(message, mend=error.mend, where=error.where) from None
    return [(_in_namespace(app, manifest), manifest.where) for manifest in found]


def _in_namespace(app: Kustomization, manifest: Manifest) -> Object:
    namespace = app.generated.get("targetNamespace")
    if not namespace or manifest.object["kind"] in ("Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"):
        return manifest.object
    placed: Object = with_path(manifest.object, ("metadata", "namespace"), namespace)
    return placed


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
