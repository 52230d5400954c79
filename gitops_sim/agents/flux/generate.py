"""The kustomization file that Flux writes before it builds: the one of the folder, or one over all that is in it, with what the
Kustomization's spec adds.

Source: fluxcd/pkg ``kustomize/kustomize_generator.go`` (GenerateManifest, scanManifests). It reads a kustomization file without
complaining of fields that it does not know.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any, Protocol

from gitops_sim.agents.flux.kustomization import Kustomization
from gitops_sim.manifests import KUSTOMIZATION_NAMES, Files
from gitops_sim.manifests.kustomize import KustomizeError
from gitops_sim.manifests.kustomize.reading import resources_of
from gitops_sim.manifests.kustomize.settings import as_struct, load_yaml
from gitops_sim.yaml_out import dump_yaml


class FolderFiles(Files, Protocol):
    """Files that can be asked about."""

    def __contains__(self, path: str) -> bool: ...

    def blob_id(self, path: str) -> str: ...

    def is_folder(self, path: str) -> bool:
        """Whether there is a file below it."""
        ...


class Overlaid:
    """Files, one of them written anew."""

    def __init__(self, files: FolderFiles, path: str, text: str) -> None:
        self._files, self._path, self._content = files, path, text.encode()

    def files(self) -> list[str]:
        return sorted({*self._files.files(), self._path})

    def read(self, path: str) -> bytes:
        return self._content if posixpath.normpath(path) == self._path else self._files.read(path)

    def size(self, path: str) -> int:
        return len(self._content) if posixpath.normpath(path) == self._path else self._files.size(path)


def generated(app: Kustomization, files: FolderFiles, folder: str, shown: str) -> Overlaid:
    """The files with the kustomization file of ``folder`` as Flux writes it. ``shown`` is how the top is called in messages.
    Raises KustomizeError for manifests that are none, and for a component outside of the repository."""
    path, settings = _found(files, folder)
    if path is None:
        path = posixpath.join(folder, KUSTOMIZATION_NAMES[0])
        settings = _over_all(files, folder, shown)
    elif not settings.get("resources"):
        settings["buildMetadata"] = ["originAnnotations"]  # so that it is not empty
    settings |= {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    _add(settings, app, files, folder)
    return Overlaid(files, path, dump_yaml(settings, width=2**30))


def _found(files: FolderFiles, folder: str) -> tuple[str | None, dict[str, Any]]:
    """The kustomization file of a folder and what it says; nothing when there is none."""
    here = {name: posixpath.join(folder, name) for name in KUSTOMIZATION_NAMES}
    path = next((path for path in here.values() if path in files), None)
    if path is None:
        return None, {}
    data = load_yaml(files.read(path))
    return path, as_struct(data, "Kustomization") if isinstance(data, dict) else {}


def _over_all(files: FolderFiles, folder: str, shown: str) -> dict[str, Any]:
    """One over all YAML files in and below a folder; a folder below that is a kustomization counts as one."""
    prefix = f"{folder}/" if folder else ""
    resources: list[str] = []
    for file in sorted((f for f in files.files() if f.startswith(prefix)), key=lambda f: f.split("/")):
        relative = file.removeprefix(prefix)
        inner = _inner_kustomization(files, folder, relative)
        if inner:
            if f"./{inner}" not in resources:
                resources.append(f"./{inner}")
        elif relative.endswith((".yaml", ".yml")):
            try:
                resources_of(files.read(file), files.blob_id(file))
            except KustomizeError as error:
                raise error.within(f"failed to decode Kubernetes YAML from {shown}/{file}") from None
            resources.append(f"./{relative}")
    return {"resources": resources} if resources else {"namespace": "_placeholder"}


def _inner_kustomization(files: FolderFiles, folder: str, relative: str) -> str:
    """The outermost folder on the way to a file that has a kustomization file; empty when there is none."""
    parts = relative.split("/")[:-1]
    for end in range(1, len(parts) + 1):
        inner = "/".join(parts[:end])
        if any(posixpath.join(folder, inner, name) in files for name in KUSTOMIZATION_NAMES):
            return inner
    return ""


def _add(settings: dict[str, Any], app: Kustomization, files: FolderFiles, folder: str) -> None:
    """What the spec says of the build."""
    said = app.generated
    for field, ours in (("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")):
        if field in said:
            settings[ours] = said[field]
    if "patches" in said:
        settings["patches"] = [*settings.get("patches", ()), *(dict(patch) for patch in said["patches"])]
    for component in said.get("components", ()):
        if component.startswith("/") or "://" in component:
            raise KustomizeError(
                f"component path '{component}' must be local and relative", mend="name a folder of the repository"
            )
        if app.ignore_missing_components and not files.is_folder(posixpath.normpath(posixpath.join(folder, component))):
            continue
        settings["components"] = [*settings.get("components", ()), component]
    if "images" in said:
        settings["images"] = _with_images(settings.get("images", []), said["images"])
    if "buildMetadata" in said:
        settings["buildMetadata"] = list(said["buildMetadata"])


def _with_images(given: list[Mapping[str, Any]], more: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Entries of the spec go before those of the file, field by field; tag and digest count as one."""
    images = list(given)
    for image in more:
        index = next((i for i, known in enumerate(images) if known.get("name") == image["name"]), None)
        if index is None:
            images.append(dict(image))
            continue
        merged = {**images[index], **({"newName": image["newName"]} if image.get("newName") else {})}
        if image.get("newTag") or image.get("digest"):
            merged = {key: value for key, value in merged.items() if key not in ("newTag", "digest")}
            merged |= {key: image[key] for key in ("newTag", "digest") if image.get(key)}
        images[index] = merged
    return images
