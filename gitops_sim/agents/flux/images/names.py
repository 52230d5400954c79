"""Names of images as a registry's client reads them.

Source: go-containerregistry ``pkg/name`` (weak validation), image-reflector-controller ``internal/registry/helper.go``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_REPOSITORY = re.compile(r"[a-z0-9_\-./]{2,255}\Z")
_TAG = re.compile(r"[A-Za-z0-9_\-.]{1,128}\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_DEFAULT = "index.docker.io"


class BadName(Exception):
    """Why a text is no name of images, in the words of the condition."""


@dataclass(frozen=True, slots=True)
class ImageName:
    """``registry`` as given, or the default; ``repository`` with ``library/`` where that is understood."""

    registry: str
    repository: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}"


def image_name(text: str) -> ImageName:
    """The repository that ``spec.image`` names. Raises BadName."""
    scheme, found, _ = text.partition("://")
    if found:
        raise BadName(f"image '{text}' should not include URL scheme; remove '{scheme}://'")
    name = _parsed(text)
    _, tagged, tag = text.removeprefix(name.registry).partition(":")
    if tagged:
        raise BadName(f"image '{text}' should not include a tag; remove ':{tag.partition(':')[0]}'")
    return name


def _parsed(text: str) -> ImageName:
    base, at, digest = text.partition("@")
    head, colon, tag = base.rpartition(":")
    tagged = bool(colon) and "/" not in tag
    base = head if tagged else base
    registry, slash, rest = base.partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, rest = _DEFAULT, base
    fits = _REPOSITORY.match(rest) and (not tagged or _TAG.match(tag)) and (not at or _DIGEST.match(digest))
    if not fits:
        raise BadName(f"could not parse reference: {text}")
    registry = _DEFAULT if registry == "docker.io" else registry
    return ImageName(registry, f"library/{rest}" if registry == _DEFAULT and "/" not in rest else rest)
