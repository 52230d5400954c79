"""The source of an Application that images are set in: which one it is, what kind of one, and what it says of an image.

Source: argocd-image-updater ``pkg/argocd/argocd.go`` (getApplicationType, getApplicationSource, Set-, GetKustomizeImage,
Set-, GetHelmImage). Nothing is written here: each function returns a new Application.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from gitops_sim.agents.image_updater.image import ContainerImage, parse_image
from gitops_sim.agents.image_updater.settings import ImageRule
from gitops_sim.objects import Object, Path, get_path, with_path

SourceType = Literal["Kustomize", "Helm", "Plugin", "Directory", ""]
UPDATABLE: tuple[SourceType, ...] = ("Kustomize", "Helm")


class SourceError(Exception):
    """Why an image cannot be set, in the words of the real one."""


def type_of(app: Object) -> SourceType:
    """What Argo CD made of the source; of several sources the first that images can be set in."""
    if not get_path(app, ("spec", "sources")):
        found: SourceType = get_path(app, ("status", "sourceType"), "")
        return found
    types: Sequence[SourceType] = get_path(app, ("status", "sourceTypes"), [])
    return next((type for type in types if type in (*UPDATABLE, "Plugin")), "Directory")


def place_of(app: Object, type_: SourceType) -> Path:
    """Where in an Application its source is; of several the one of this type."""
    sources: Sequence[Mapping[str, Any]] = get_path(app, ("spec", "sources")) or ()
    if not sources:
        return ("spec", "source")
    types: Sequence[str] = get_path(app, ("status", "sourceTypes"), [])
    said = [number for number, source in enumerate(sources) if source.get(type_.lower()) is not None]
    made = [number for number, made_of in enumerate(types) if made_of == type_] if len(types) == len(sources) else []
    tools = [number for number, source in enumerate(sources) if source.keys() & {"helm", "kustomize", "plugin"}]
    return ("spec", "sources", (*said, *made, *tools, 0)[0])


def source_of(app: Object, type_: SourceType) -> Mapping[str, Any]:
    found: Mapping[str, Any] = get_path(app, place_of(app, type_)) or {}
    return found


def image_in(app: Object, type_: SourceType, rule: ImageRule) -> str:
    """The image that the source sets already; empty when it sets none. Raises SourceError."""
    if type_ == "Kustomize":
        return next((text for text in kustomize_images(app) if _is_of(rule, rule.image, parse_image(text))), "")
    if type_ == "Helm":
        name_path, tag_path = rule.helm_paths
        values = {entry.get("name"): str(entry.get("value") or "") for entry in helm_parameters(app)}
        if not tag_path:
            return values.get(name_path, "")
        return f"{values[name_path]}:{values[tag_path]}" if name_path in values and tag_path in values else ""
    raise _unsupported(app)


def with_image(app: Object, type_: SourceType, rule: ImageRule, image: ContainerImage) -> Object:
    """The Application with an image set in its source. Raises SourceError."""
    if type_ == "Kustomize":
        return _with_kustomize_image(app, rule, image)
    if type_ == "Helm":
        return _with_helm_image(app, rule, image)
    raise _unsupported(app)


def kustomize_images(app: Object) -> list[str]:
    return [str(text) for text in _listed(app, "Kustomize", "images")]


def helm_parameters(app: Object) -> list[Mapping[str, Any]]:
    return [entry for entry in _listed(app, "Helm", "parameters") if isinstance(entry, Mapping)]


def _listed(app: Object, type_: SourceType, field: str) -> list[Any]:
    found = get_path(source_of(app, type_), (type_.lower(), field))
    return found if isinstance(found, list) else []


def _with_kustomize_image(app: Object, rule: ImageRule, image: ContainerImage) -> Object:
    text = f"{rule.kustomize}={image}" if rule.kustomize else str(image)
    images = [text if _is_of(rule, image, parse_image(known)) else known for known in kustomize_images(app)]
    name = _name(text, text)
    where = next((number for number, known in enumerate(images) if _name(known, text) == name), None)
    images = [*images, text] if where is None else [*images[:where], text, *images[where + 1 :]]
    made: Object = with_path(app, (*place_of(app, "Kustomize"), "kustomize", "images"), images)
    return made


def _is_of(rule: ImageRule, image: ContainerImage, known: ContainerImage) -> bool:
    """Whether an entry is the one of a rule: the registry does not count, the name that the manifests use does."""
    return known.name == image.name and not (rule.kustomize and known.alias and known.alias != rule.kustomize)


def _name(text: str, like: str) -> str:
    """What stands in front of the first separator, ``=`` before ``:`` before ``@``, that is in ``like``."""
    return text.partition(next((mark for mark in "=:@" if mark in like), ":"))[0]


def _with_helm_image(app: Object, rule: ImageRule, image: ContainerImage) -> Object:
    name_path, tag_path = rule.helm_paths
    wanted = {name_path: image.repository if tag_path else str(image)}
    if tag_path and image.version:
        wanted[tag_path] = image.version
    made = {name: {"name": name, "value": value, "forceString": True} for name, value in wanted.items()}
    known = [made.pop(str(entry.get("name")), entry) for entry in helm_parameters(app)]
    done: Object = with_path(app, (*place_of(app, "Helm"), "helm", "parameters"), [*known, *made.values()])
    return done


def _unsupported(app: Object) -> SourceError:
    return SourceError(f"could not update application {app['metadata']['name']} - unsupported application type")
