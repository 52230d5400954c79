"""The file that Argo CD lays over the source of an Application: ``.argocd-source-<app>.yaml``, with the images in it.

Only the images, or the parameters of Helm that hold them, are kept of what is there: other settings and comments in the file are
lost. Source: argocd-image-updater ``pkg/argocd/update.go`` (marshalParamsOverride, mergeKustomizeOverride, mergeHelmOverride).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.image_updater.image import ContainerImage, parse_image
from gitops_sim.agents.image_updater.settings import ImageRule
from gitops_sim.agents.image_updater.sources import SourceType, helm_parameters, kustomize_images
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, get_path
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml


def overrides_text(app: Object, type_: SourceType, rules: Sequence[ImageRule], original: str) -> str:
    """The new text of the file; ``original`` is empty when there is none."""
    try:
        before = load_document(original, where="overrides")
    except BadInput:
        before = None
    made = _kustomize(app, before) if type_ == "Kustomize" else _helm(app, rules, before)
    return _leading_marker(original) + dump_yaml(made)


def _kustomize(app: Object, before: Any) -> dict[str, Any]:
    known = get_path(before, ("kustomize", "images"))
    images = [str(text) for text in known] if isinstance(known, list) else []
    for text in kustomize_images(app):
        new = parse_image(text)
        where = next((number for number, old in enumerate(images) if _same(new, parse_image(old))), None)
        if where is None:
            images.append(text)
            continue
        old_tag = parse_image(images[where]).tag
        if old_tag is None or (new.tag is not None and not old_tag.same(new.tag)):
            images[where] = text
    return {"kustomize": {"images": images}}


def _same(new: ContainerImage, old: ContainerImage) -> bool:
    """Docker Hub may be named or not."""
    return new.name == old.name and (new.registry or "docker.io") == (old.registry or "docker.io")


def _helm(app: Object, rules: Sequence[ImageRule], before: Any) -> dict[str, Any]:
    managed = {path for rule in rules for path in rule.helm_paths if path}
    known = get_path(before, ("helm", "parameters"))
    found = {str(entry.get("name")): entry for entry in known if isinstance(entry, Mapping)} if isinstance(known, list) else {}
    parameters = {name: (entry.get("value"), entry.get("forcestring")) for name, entry in found.items()}
    for entry in helm_parameters(app):
        if entry.get("name") in managed:
            parameters[str(entry["name"])] = (entry.get("value"), entry.get("forceString"))
    return {
        "helm": {
            "parameters": [
                {"name": name, "value": str("" if value is None else value), "forcestring": forced is True}
                for name, (value, forced) in sorted(parameters.items())
            ]
        }
    }


def _leading_marker(original: str) -> str:
    """What stands before the document when a ``---`` begins it."""
    lines = original.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip() and not line.strip().startswith(("#", "%"))), len(lines))
    if first < len(lines) and (lines[first] == "---" or lines[first].startswith(("--- ", "---\t"))):
        return "\n".join(lines[: first + 1]) + "\n"
    return ""
