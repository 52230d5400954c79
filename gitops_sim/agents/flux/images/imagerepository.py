"""An ImageRepository's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.objects import Key, Object, get_path, key_of

GROUP, IMAGE_REPOSITORIES = "image.toolkit.fluxcd.io", "imagerepositories.image.toolkit.fluxcd.io"
_SIGNATURES = "^.*\\.sig$"
_NOT_SIMULATED = ("certSecretRef", "proxySecretRef", "serviceAccountName", "provider")


@dataclass(frozen=True, slots=True)
class ImageRepository:
    """``interval`` is in seconds; ``excluded`` are regular expressions in Go's syntax; ``lets_in`` are labels of namespaces, None
    when nobody else may refer to it; ``unsupported`` are the fields that are not honoured here."""

    key: Key
    image: str
    interval: float
    excluded: tuple[str, ...]
    secret: str
    suspended: bool
    lets_in: tuple[Mapping[str, str], ...] | None
    unsupported: tuple[str, ...]


def read_image_repository(obj: Object) -> ImageRepository:
    spec: Mapping[str, Any] = obj["spec"]
    access = spec.get("accessFrom")
    return ImageRepository(
        key=key_of(obj),
        image=spec["image"],
        interval=seconds_of(spec["interval"]),
        excluded=tuple(spec.get("exclusionList") or (_SIGNATURES,)),
        secret=get_path(spec, ("secretRef", "name"), ""),
        suspended=spec.get("suspend") is True,
        lets_in=None if access is None else tuple(one.get("matchLabels") or {} for one in access["namespaceSelectors"]),
        unsupported=tuple(f"spec.{name}" for name in _NOT_SIMULATED if spec.get(name) not in (None, "", "generic")),
    )
