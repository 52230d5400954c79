"""``buildMetadata``: annotations that say where an object came from and what changed it.

Source: kustomize ``api/resource/origin.go``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from gitops_sim.manifests.kustomize.resource import ORIGIN, TRANSFORMATIONS, Resource


@dataclass(frozen=True, slots=True)
class Origin:
    """A file, or a field of a kustomization that makes or changes objects; ``path`` is relative to where the build began."""

    path: str = ""
    configured_in: str = ""
    configured_by: str = ""
    api_version: str = "builtin"
    name: str = ""
    namespace: str = ""

    def append(self, path: str) -> Origin:
        return replace(self, path=posixpath.normpath(posixpath.join(self.path, path)))

    def configured(self, file: str, plugin: str) -> Origin:
        return Origin("", posixpath.normpath(posixpath.join(self.path, file)), plugin)

    def lines(self) -> list[str]:
        if self.path:
            return [f"path: {self.path}"]
        who = {"apiVersion": self.api_version, "kind": self.configured_by, "name": self.name, "namespace": self.namespace}
        said = [f"  {key}: {value}" for key, value in who.items() if value]
        return [f"configuredIn: {self.configured_in}", "configuredBy:", *said]

    @classmethod
    def read(cls, annotations: Mapping[str, str]) -> Origin | None:
        """What an annotation says of a file."""
        text = annotations.get(ORIGIN, "")
        return cls(text.removeprefix("path: ").strip()) if text.startswith("path: ") else None

    def as_annotation(self) -> dict[str, str]:
        return {ORIGIN: "\n".join(self.lines()) + "\n"}

    def note(self, resources: Iterable[Resource]) -> None:
        """Says at every object that this may have changed it."""
        for resource in resources:
            if resource.deleted:
                continue
            present = resource.annotations
            if ORIGIN not in present:
                resource.set_annotations({**present, **self.as_annotation()})
                continue
            first, *rest = self.lines()
            text = f"- {first}\n" + "".join(f"  {line}\n" for line in rest)
            resource.set_annotations({**present, TRANSFORMATIONS: present.get(TRANSFORMATIONS, "") + text})
