"""How the image updater reads the name of an image: ``alias=registry/name:tag@digest``.

Source: argocd-image-updater ``registry-scanner/pkg/image/image.go`` and ``pkg/tag/tag.go``. Behind the colon may be a range of
versions (``~1.2``), which is no tag that a registry would take: such a name is cut at its first colon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_DEFAULT_REGISTRY, _DEFAULT_FOLDER = "docker.io", "library/"
_NAMED = re.compile(r"([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)"
                    r"(?::(\w[\w.-]{0,127}))?(?:@([A-Za-z][\w+.-]*:[0-9a-fA-F]{32,}))?")  # fmt: skip
_DOMAIN = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?")


@dataclass(frozen=True, slots=True)
class ImageTag:
    """A tag, a digest, or both; as a text, the digest when there is one."""

    name: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return self.digest or self.name

    def same(self, other: ImageTag) -> bool:
        """Where either has a digest, digests count."""
        if self.digest or other.digest:
            return self.digest == other.digest
        return self.name == other.name


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """``registry`` is empty for Docker Hub. Of the image of a rule, ``tag`` holds the range of versions, and ``kustomize`` the
    name by which the manifests call it."""

    registry: str
    name: str
    tag: ImageTag | None = None
    alias: str = ""
    kustomize: ContainerImage | None = None

    @property
    def repository(self) -> str:
        """The name with its registry, without a tag."""
        return f"{self.registry}/{self.name}" if self.registry and not self.name.startswith(f"{self.registry}/") else self.name

    @property
    def version(self) -> str:
        """What stands behind the name in a field that holds just that; a digest alone is one of ``latest``."""
        if self.tag is None:
            return ""
        name = self.tag.name or ("latest" if self.tag.digest else "")
        return name + (f"@{self.tag.digest}" if self.tag.digest else "")

    def __str__(self) -> str:
        """Without its alias."""
        tag = self.tag or ImageTag()
        return self.repository + (f":{tag.name}" if tag.name else "") + (f"@{tag.digest}" if tag.digest else "")

    def at(self, tag: ImageTag | None) -> ContainerImage:
        return replace(self, tag=tag, kustomize=None)

    def same_place(self, other: ContainerImage) -> bool:
        return (self.registry, self.name) == (other.registry, other.name)


def parse_image(text: str) -> ContainerImage:
    """Never fails: what is no name of an image is cut into something like one, as there."""
    alias, equals, reference = text.partition("=")
    if not equals:
        alias, reference = "", text
    head, slash, rest = reference.partition("/")
    hosted = bool(slash) and ("." in head or ":" in head or head == "localhost" or head != head.lower())
    domain, remainder = (head, rest) if hosted else (_DEFAULT_REGISTRY, reference)
    found = _NAMED.fullmatch(remainder)
    if found is None or _DOMAIN.fullmatch(domain) is None:
        return _cut(reference, alias)
    tag = ImageTag(found[2] or "", found[3] or "") if found[2] or found[3] else None
    return ContainerImage(domain if hosted else "", _without_library(found[1], reference), tag, alias)


def _without_library(name: str, reference: str) -> str:
    return name if reference.startswith(_DEFAULT_FOLDER) else name.removeprefix(_DEFAULT_FOLDER)


def _cut(reference: str, alias: str) -> ContainerImage:
    head, slash, rest = reference.partition("/")
    registry, text = (head, rest) if slash and "." in head else ("", reference)
    before, at, digest = text.partition("@")
    if at:
        name, colon, tag = before.rpartition(":")
        tagged = bool(colon) and before.rfind(":") > before.rfind("/")
        return ContainerImage(registry, name if tagged else before, ImageTag(tag if tagged else "", digest), alias)
    name, colon, tag = text.partition(":")
    return ContainerImage(registry, name, ImageTag(tag) if colon else None, alias)


def find_image(images: list[ContainerImage], wanted: ContainerImage) -> ContainerImage | None:
    """The one of the same name and registry; first by the name that the manifests use."""
    if wanted.kustomize is not None:
        found = find_image(images, wanted.kustomize)
        if found is not None:
            return found
    return next((image for image in images if image.same_place(wanted)), None)


def has_registry(name: str) -> bool:
    """Whether a name begins with the host of a registry."""
    return "." in name.partition("/")[0] and "/" in name


def short_name(name: str) -> str:
    """A name without the host of its registry."""
    return name.partition("/")[2] if has_registry(name) else name
