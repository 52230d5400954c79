"""The annotations by which Applications said everything before 1.0; they count where a rule says ``useAnnotations: true``.

Source: argocd-image-updater ``pkg/argocd/annotations.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.objects import Object, annotations_of

PREFIX = "argocd-image-updater.argoproj.io"
_SETTINGS = {
    "update-strategy": "updateStrategy",
    "allow-tags": "allowTags",
    "pull-secret": "pullSecret",
}
_HELM = {"helm.image-name": "name", "helm.image-tag": "tag", "helm.image-spec": "spec"}
_GIT = {"write-back-target": "writeBackTarget", "git-branch": "branch", "git-repository": "repository"}
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


class AnnotationError(Exception):
    """What an annotation says cannot be, in the words of the real one."""


def annotated_images(app: Object) -> list[dict[str, Any]]:
    """The images of the annotation ``image-list``, as ``images:`` of an ImageUpdater would say them. Raises AnnotationError."""
    name = f"{app['metadata']['namespace']}/{app['metadata']['name']}"
    said = annotations_of(app).get(f"{PREFIX}/image-list")
    if said is None:
        raise AnnotationError(f"{PREFIX}/image-list annotation not found on app {name}")
    found = []
    for part in filter(None, (text.strip() for text in said.split(","))):
        alias, equals, image = part.partition("=")
        if not equals:
            found.append({"alias": "", "imageName": part})
            continue
        alias, image = alias.strip(), image.strip()
        if not image:
            raise AnnotationError(f"empty image name in {PREFIX}/image-list annotation on app {name}")
        found.append({"alias": alias, "imageName": image, **(_of_alias(app, alias) if alias else {})})
    if not found:
        raise AnnotationError(f"{PREFIX}/image-list annotation is empty on app {name}")
    return found


def _of_alias(app: Object, alias: str) -> dict[str, Any]:
    try:
        settings = annotated_settings(app, alias)
    except AnnotationError as error:
        raise AnnotationError(f'parse common update settings for alias "{alias}": {error}') from None
    helm = {key: value for name, key in _HELM.items() if (value := _said(app, f"{alias}.{name}"))}
    kustomize = _said(app, f"{alias}.kustomize.image-name")
    if helm and kustomize:
        what = f'both helm and kustomize manifest targets configured for alias "{alias}"'
        raise AnnotationError(f'parse manifest targets for alias "{alias}": {what}')
    target: dict[str, Any] = {"helm": helm} if helm else {"kustomize": {"name": kustomize}} if kustomize else {}
    return {**({"commonUpdateSettings": settings} if settings else {}), **({"manifestTargets": target} if target else {})}


def annotated_settings(app: Object, alias: str = "") -> dict[str, Any]:
    """The settings for one image, or without an alias those for all. Raises AnnotationError."""
    prefix = f"{alias}." if alias else ""
    found: dict[str, Any] = {key: value for name, key in _SETTINGS.items() if (value := _said(app, prefix + name))}
    notes = annotations_of(app)
    force = notes.get(f"{PREFIX}/{prefix}force-update")
    if force is not None:
        if force.strip() not in (*_TRUE, *_FALSE):
            syntax = f'strconv.ParseBool: parsing "{force.strip()}": invalid syntax'
            raise AnnotationError(f"error parsing force update settings: {syntax}")
        found["forceUpdate"] = force.strip() in _TRUE
    ignored = notes.get(f"{PREFIX}/{prefix}ignore-tags")
    if ignored is not None:
        found["ignoreTags"] = [text.strip() for text in ignored.split(",")]
    return found


def annotated_write_back(app: Object) -> Mapping[str, Any]:
    """What ``writeBackConfig`` would say."""
    method = _said(app, "write-back-method")
    git = {key: value for name, key in _GIT.items() if (value := _said(app, name))}
    return {**({"method": method} if method else {}), **({"gitConfig": git} if git else {})}


def _said(app: Object, name: str) -> str:
    return str(annotations_of(app).get(f"{PREFIX}/{name}", "")).strip()
