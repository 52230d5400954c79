"""What ``kustomize edit`` does to a kustomization before it is built: how Argo CD and others lay their own wishes over it.

Source: argo-cd ``util/kustomize/kustomize.go`` (Build), kustomize ``kustomize/commands/edit``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.transformers import split_image

Settings = Mapping[str, Any]


def edited(settings: Settings, wishes: Settings) -> dict[str, Any]:
    """The settings of a kustomization with the section ``kustomize`` of an Argo CD source laid over them."""
    made = dict(settings)
    for field in ("namePrefix", "nameSuffix", "namespace"):
        if wishes.get(field):
            made[field] = wishes[field]
    if wishes.get("images"):
        made["images"] = _with_images(made.get("images") or (), wishes["images"])
    if wishes.get("replicas"):
        own = {str(entry.get("name")): _count(entry.get("count") or 0) for entry in wishes["replicas"]}
        kept = [entry for entry in made.get("replicas") or () if entry.get("name") not in own]
        made["replicas"] = [*kept, *({"name": name, "count": count} for name, count in own.items())]
    if wishes.get("commonLabels"):
        _add_labels(made, wishes)
    if wishes.get("commonAnnotations"):
        present = made.get("commonAnnotations") or {}
        _refuse_twice(present, wishes["commonAnnotations"], "annotation", forced=bool(wishes.get("forceCommonAnnotations")))
        made["commonAnnotations"] = {**present, **_texts(wishes["commonAnnotations"])}
    if wishes.get("patches"):
        made["patches"] = [*(made.get("patches") or ()), *wishes["patches"]]
    if wishes.get("components"):
        made["components"] = [*(made.get("components") or ()), *wishes["components"]]
    return made


def _count(given: Any) -> int:
    """A number, or a text that is one. Source: argo-cd ``pkg/apis/application/v1alpha1/types.go`` (GetIntCount)."""
    try:
        return int(str(given))
    except ValueError:
        what = f"expected integer value for count. Received: {given}"
        raise KustomizeError(what, mend="write a whole number") from None


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}


def _add_labels(made: dict[str, Any], wishes: Settings) -> None:
    pairs, forced = _texts(wishes["commonLabels"]), bool(wishes.get("forceCommonLabels"))
    if not wishes.get("labelWithoutSelector"):
        present = made.get("commonLabels") or {}
        _refuse_twice(present, pairs, "label", forced=forced)
        made["commonLabels"] = {**present, **pairs}
        return
    templates = bool(wishes.get("labelIncludeTemplates"))
    labels = list(made.get("labels") or ())
    for label in labels:
        if not label.get("includeSelectors") and bool(label.get("includeTemplates")) == templates:
            _refuse_twice(label.get("pairs") or {}, pairs, "label", forced=forced)
    made["labels"] = [*labels, {"pairs": pairs, "includeTemplates": templates}]


def _refuse_twice(present: Mapping[str, Any], added: Mapping[str, Any], what: str, *, forced: bool) -> None:
    twice = next((key for key in added if key in present), None)
    if twice is not None and not forced:
        text = f"{what} {twice} already in kustomization file"
        raise KustomizeError(text, mend=f"drop it, or set force{'CommonLabels' if what == 'label' else 'CommonAnnotations'}")


def _with_images(present: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    """``kustomize edit set image``: an entry is replaced as a whole, but for what is a ``*``; entries are sorted by name."""
    images: dict[str, Mapping[str, Any]] = {str(image.get("name")): image for image in present}
    for text in wanted:
        image = image_setting(str(text))
        old = images.get(image["name"], {})
        kept = {key: old.get(key, "") if value == "*" else value for key, value in image.items()}
        images[image["name"]] = {key: value for key, value in kept.items() if value}
    return [images[name] for name in sorted(images)]


def image_setting(text: str) -> dict[str, str]:
    """``name=new:tag@digest`` as an entry of ``images:``; of the new name, the tag and the digest each may be missing."""
    name, equals, said = text.partition("=")
    new, tag, digest = split_image(said if equals else name)
    parts = {"name": name if equals else new, "newName": new if equals else "", "newTag": tag, "digest": digest}
    return {key: value for key, value in parts.items() if value or key == "name"}
