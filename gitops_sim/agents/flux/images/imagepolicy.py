"""An ImagePolicy's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.agents.flux.images.imagerepository import GROUP
from gitops_sim.objects import Key, Object, get_path, key_of

IMAGE_POLICIES = f"imagepolicies.{GROUP}"
_EVERY = 600.0
"""Seconds between two looks at a digest, when nothing is said."""


@dataclass(frozen=True, slots=True)
class ImagePolicy:
    """``order`` says which of ``semver``, ``alphabetical`` and ``numerical`` it goes by (none of them: it is empty), ``argument``
    the range or the direction; ``pattern`` and ``extract`` are those of ``filterTags``, None without it; ``refresh`` is how often
    the digest is looked up (seconds), 0 for when there is something new only."""

    key: Key
    repository: Key
    order: str
    argument: str
    pattern: str | None
    extract: str
    digests: str
    has_interval: bool
    refresh: float
    suspended: bool


def read_image_policy(obj: Object) -> ImagePolicy:
    spec: Mapping[str, Any] = obj["spec"]
    ref, filter_, digests = spec["imageRepositoryRef"], spec.get("filterTags"), spec.get("digestReflectionPolicy") or "Never"
    order = next((name for name in ("semver", "alphabetical", "numerical") if spec["policy"].get(name) is not None), "")
    argument = get_path(spec, ("policy", order, "range" if order == "semver" else "order"), "asc") if order else ""
    return ImagePolicy(
        key=key_of(obj),
        repository=Key(GROUP, "ImageRepository", ref.get("namespace") or obj["metadata"]["namespace"], ref["name"]),
        order=order,
        argument=argument,
        pattern=None if filter_ is None else filter_.get("pattern") or "",
        extract=(filter_ or {}).get("extract") or "",
        digests=digests,
        has_interval=spec.get("interval") is not None,
        refresh=(seconds_of(spec.get("interval")) or _EVERY) if digests == "Always" else 0.0,
        suspended=spec.get("suspend") is True,
    )


def image_text(ref: Mapping[str, str]) -> str:
    """A ``latestRef`` as one text: ``shop/web:1.5.1@sha256:...``."""
    digest = ref.get("digest")
    return f"{ref['name']}:{ref['tag']}" + (f"@{digest}" if digest else "")
