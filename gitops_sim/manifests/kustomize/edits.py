"""What ``kustomize edit`` does to a kustomization before it is built: how Argo CD and others lay their own wishes over it.

Source: argo-cd ``util/kustomize/kustomize.go`` (Build), kustomize ``kustomize/commands/edit``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError

Settings = Mapping[str, Any]
_IMAGE = re.compile(r"(?P<name>.*?)(?:@(?P<digest>[^@]*)|:(?P<tag>[^:/@]*))?\Z")


def edited(settings: Settings, wishes: Settings) -> dict[str, Any]:
    """The settings of a kustomization with the section ``kustomize`` of an Argo CD source laid over them."""
    made = dict(settings)
    for field in ("namePrefix", "nameSuffix", "namespace"):
        if wishes.get(field):
            made[field] = wishes[field]
    if wishes.get("images"):
        made["images"] = _with_images(made.get("images") or (), wishes["images"])
    if wishes.get("replicas"):
        own = {str(entry.get("name")): int(str(entry.get("count") or 0)) for entry in wishes["replicas"]}
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
    """``kustomize edit set image``: ``name=new:tag``, ``name:tag`` or ``name@digest``; what is not said stays."""
    images: dict[str, dict[str, Any]] = {str(image.get("name")): dict(image) for image in present}
    for text in wanted:
        name, equals, said = str(text).partition("=")
        found = _IMAGE.match(said if equals else name)
        assert found is not None
        new_name, tag, digest = found["name"], found["tag"] or "", found["digest"] or ""
        image: dict[str, Any] = {"name": name if equals else new_name}
        if equals and new_name and new_name != "*":
            image["newName"] = new_name
        old = images.get(image["name"], {})
        if old.get("newName") and "newName" not in image:
            image["newName"] = old["newName"]
        image |= {"newTag": tag} if tag else {}
        image |= {"digest": digest} if digest else {}
        if not tag and not digest:
            image |= {key: old[key] for key in ("newTag", "digest") if key in old}
        images[image["name"]] = image
    return [images[name] for name in sorted(images)]
