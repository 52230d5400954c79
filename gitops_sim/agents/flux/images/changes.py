"""What a run of an automation has changed, as the template of a commit's message sees it.

Source: image-automation-controller ``internal/update/result.go`` and ``internal/source/source.go`` (TemplateData).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.manifests.go_template import Record
from gitops_sim.manifests.helm.calls import Function
from gitops_sim.manifests.helm.go import Struct


@dataclass(frozen=True, order=True)
class ObjectIdentifier(Struct):
    """Of the object in a document of YAML; what it lacks is empty."""

    go_type = "update.ObjectIdentifier"
    api_version: str
    kind: str
    name: str
    namespace: str

    @property
    def go_fields(self) -> Mapping[str, Any]:  # type: ignore[override]
        fields = {"APIVersion": self.api_version, "Kind": self.kind, "Name": self.name, "Namespace": self.namespace}
        return fields | {"GetKind": self.kind}

    def __str__(self) -> str:
        return f"{{{{{{{self.api_version} {self.kind}}} {{{self.name} {self.namespace}}}}}}}"


@dataclass(frozen=True)
class Change(Struct):
    """One value of one file. ``file`` is its path below the folder that is updated, ``full`` that in the repository."""

    go_type = "update.Change"
    old: str
    new: str
    setter: str
    file: str
    full: str
    line: int
    owner: ObjectIdentifier

    @property
    def go_fields(self) -> Mapping[str, Any]:  # type: ignore[override]
        return {"OldValue": self.old, "NewValue": self.new, "Setter": self.setter}

    def __str__(self) -> str:
        return f"{{{self.old} {self.new} {self.setter}}}"


class _Name(Record):
    def __str__(self) -> str:
        return f"{self.go_fields['Namespace']}/{self.go_fields['Name']}"


def template_data(namespace: str, name: str, changes: Sequence[Change], values: Mapping[str, str]) -> Struct:
    """``AutomationObject``, ``Changed`` and ``Values``."""
    files: dict[str, dict[ObjectIdentifier, list[Change]]] = {}
    objects: dict[ObjectIdentifier, list[Change]] = {}
    for change in changes:
        files.setdefault(change.file, {}).setdefault(change.owner, []).append(change)
        objects.setdefault(change.owner, []).append(change)
    unlike = list({(change.old, change.new, change.setter): change for change in reversed(changes)}.values())[::-1]
    changed = Record("update.Result", FileChanges=files)
    changed.go_methods = {"Changes": Function(lambda: unlike), "Objects": Function(lambda: objects)}
    automation = _Name("types.NamespacedName", Namespace=namespace, Name=name)
    return Record("source.TemplateData", AutomationObject=automation, Changed=changed, Values=dict(values))
