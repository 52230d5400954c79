"""What an ImageUpdater asks for, of each image of an Application: the settings of the image over those of the Application over
those of the whole.

Source: argocd-image-updater ``pkg/argocd/argocd.go`` (mergeCommonUpdateSettings, mergeWBCSettings, parseImageList). A block that
is there has its defaults from the API server: ``commonUpdateSettings: {allowTags: any}`` of an image says ``semver``, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gitops_sim.agents.image_updater.image import ContainerImage, parse_image
from gitops_sim.agents.image_updater.tags import Wanted, allowing, read_strategy

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImageRule:
    """One image that is to be kept up to date. ``image.tag`` holds the range of versions. ``helm`` are the paths of the values
    that hold its name, its tag, or both (``spec``)."""

    image: ContainerImage
    wanted: Wanted
    force: bool = False
    pull_secret: str = ""
    helm: Mapping[str, str] | None = None
    kustomize: str = ""
    plugin: bool = False
    verified: bool = False

    @property
    def alias(self) -> str:
        return self.image.alias or self.image.name

    @property
    def helm_paths(self) -> tuple[str, str]:
        """Where Helm's values hold the name and the tag; of a whole spec, the second is empty."""
        said = self.helm or {}
        if said.get("spec"):
            return said["spec"].strip(), ""
        return said.get("name") or "image.name", said.get("tag") or "image.tag"


def merged(*blocks: Raw | None) -> dict[str, Any]:
    """Of several blocks of settings the last that says something."""
    return {name: value for block in blocks for name, value in (block or {}).items() if value is not None}


def merged_write_back(whole: Raw | None, app: Raw | None) -> dict[str, Any]:
    """The ``writeBackConfig`` for an Application: the parts of ``gitConfig`` count one by one."""
    both = merged(whole, app)
    git = merged((whole or {}).get("gitConfig"), (app or {}).get("gitConfig"))
    return {**both, **({"gitConfig": git} if git else {})}


def image_rules(images: Sequence[Raw], settings: Raw, verification: Raw | None) -> tuple[list[ImageRule], list[str]]:
    """The images of a rule for Applications, and what is wrong with them, in the words of the real one."""
    found, warnings = [], []
    for raw in images:
        own = merged(settings, raw.get("commonUpdateSettings"))
        strategy, old = read_strategy(str(own.get("updateStrategy") or "semver"))
        allow = str(own.get("allowTags") or "")
        warnings += [warning for warning in (old, allowing(allow)[1]) if warning]
        target = {name: value for name, value in (raw.get("manifestTargets") or {}).items() if value is not None}
        if len(target) > 1:
            what = "only one of the fields (Helm, Kustomize, Plugin) should be set, dictating the update method"
            warnings.append(f"Could not set manifest target config for image {raw['imageName']}, skipping: {what}")
            continue
        image = parse_image(f"{raw.get('alias') or ''}={raw['imageName']}")
        kustomize = str((target.get("kustomize") or {}).get("name") or "")
        wanted = Wanted(strategy, image.tag.name if image.tag else "", allow, tuple(map(str, own.get("ignoreTags") or ())))
        checked = merged(verification, raw.get("imagesVerification"))
        found.append(
            ImageRule(
                replace(image, kustomize=parse_image(kustomize) if kustomize else None),
                wanted,
                force=own.get("forceUpdate") is True,
                pull_secret=str(own.get("pullSecret") or ""),
                helm={str(name): str(path) for name, path in (target.get("helm") or {}).items() if path},
                kustomize=kustomize,
                plugin="plugin" in target,
                verified=bool(checked) and checked.get("enabled") is not False,
            )
        )
    return found, warnings
