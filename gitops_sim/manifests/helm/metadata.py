"""``Chart.yaml``: its fields, their types and what helm refuses in them.

Source: helm ``pkg/chart/v2/metadata.go`` and ``dependency.go``; the words of errors are theirs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.go import float_text
from gitops_sim.manifests.versions import Version

_ALIAS = re.compile(r"[a-zA-Z0-9_-]+\Z")
_TEXTS = (
    "name",
    "home",
    "version",
    "description",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "kubeVersion",
    "type",
)
_GO_NAMES = {"apiVersion": "APIVersion", "appVersion": "AppVersion", "kubeVersion": "KubeVersion", "url": "URL"}


@dataclass(frozen=True, slots=True)
class Dependency:
    """One entry of ``dependencies``. ``name`` becomes the alias once dependencies were processed."""

    name: str
    version: str = ""
    repository: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    import_values: tuple[Any, ...] = ()
    alias: str = ""
    enabled: bool = False

    def seen_by_templates(self) -> dict[str, Any]:
        return {
            "Name": self.name,
            "Version": self.version,
            "Repository": self.repository,
            "Condition": self.condition,
            "Tags": list(self.tags),
            "Enabled": self.enabled,
            "ImportValues": list(self.import_values),
            "Alias": self.alias,
        }


class Texts(dict[str, str]):
    """A Go ``map[string]string``: a key that is not there reads as the empty text."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a chart says of itself. ``texts`` holds the plain fields by their YAML names."""

    texts: Mapping[str, str]
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    maintainers: tuple[Mapping[str, str], ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    deprecated: bool = False
    dependencies: tuple[Dependency, ...] = ()

    @property
    def name(self) -> str:
        return self.texts["name"]

    @property
    def version(self) -> str:
        return self.texts["version"]

    @property
    def is_library(self) -> bool:
        return self.texts.get("type", "").lower() == "library"

    def seen_by_templates(self) -> dict[str, Any]:
        """``.Chart``: a map with the names of Go's fields."""
        shown: dict[str, Any] = {_go_name(key): self.texts.get(key, "") for key in _TEXTS}
        return shown | {
            "Sources": list(self.sources),
            "Keywords": list(self.keywords),
            "Maintainers": [{_go_name(k): m.get(k, "") for k in ("name", "email", "url")} for m in self.maintainers],
            "Annotations": Texts(self.annotations),
            "Deprecated": self.deprecated,
            "Dependencies": [dependency.seen_by_templates() for dependency in self.dependencies],
        }

    def as_json(self) -> dict[str, Any]:
        """The metadata as Helm stores them in a release: the YAML names, empty fields left out."""
        stored: dict[str, Any] = {key: text for key, text in self.texts.items() if text}
        more = {
            "sources": list(self.sources),
            "keywords": list(self.keywords),
            "maintainers": [dict(m) for m in self.maintainers],
            "annotations": dict(self.annotations),
            "deprecated": self.deprecated,
            "dependencies": [_stored_dependency(dependency) for dependency in self.dependencies],
        }
        return stored | {key: value for key, value in more.items() if value}


def read_metadata(value: Any, *, where: str) -> Metadata:
    """The metadata in the content of a ``Chart.yaml`` (with the ``dependencies`` of a ``requirements.yaml`` already in it).

    Raises BadInput in helm's words.
    """
    if not isinstance(value, dict):
        raise _unmarshal("string" if isinstance(value, str) else _kind(value), "of type v2.Metadata", where)
    texts = {key: _text(value, key, where) for key in _TEXTS if value.get(key) is not None}
    texts.setdefault("apiVersion", "v1")
    texts["apiVersion"] = texts["apiVersion"] or "v1"
    metadata = Metadata(
        {key: _clean(text) for key, text in texts.items()},
        tuple(_texts(value, "sources", where)),
        tuple(_texts(value, "keywords", where)),
        tuple(_maintainers(value, where)),
        _annotations(value, where),
        _bool(value, "deprecated", where),
        tuple(_dependencies(value, where)),
    )
    _check(metadata, value.get("maintainers"), where)
    return metadata


def _check(metadata: Metadata, maintainers: Any, where: str) -> None:
    name, version = metadata.texts.get("name", ""), metadata.texts.get("version", "")
    problem = ""
    if metadata.texts["apiVersion"] not in ("v1", "v2"):
        begun = metadata.texts["apiVersion"] == "v3"  # helm has begun with it, and installs none yet
        what = "invalid chart apiVersion" if begun else "unsupported chart version"
        raise BadInput(what, where=where, mend="write apiVersion: v2")
    if not name:
        problem = "chart.metadata.name is required"
    elif name in (".", ".."):
        problem = f'chart.metadata.name "{name}" is not allowed'
    elif "/" in name:
        problem = f'chart.metadata.name "{name}" is invalid'
    elif not version:
        problem = "chart.metadata.version is required"
    elif Version.parse(version) is None:
        problem = f'chart.metadata.version "{version}" is invalid'
    elif metadata.texts.get("type", "") not in ("", "application", "library"):
        problem = "chart.metadata.type must be application or library"
    elif any(m is None for m in maintainers or ()):
        problem = "maintainers must not contain empty or null nodes"
    known: set[str] = set()
    for dependency in () if problem else metadata.dependencies:
        if dependency.alias and not _ALIAS.match(dependency.alias):
            problem = f'dependency "{dependency.name}" has disallowed characters in the alias'
        key = dependency.alias or dependency.name
        if not problem and key in known:
            problem = f'more than one dependency with name or alias "{key}"'
        known.add(key)
    if problem:
        raise BadInput(f"validation: {problem}", where=where, mend="see https://helm.sh/docs/topics/charts/#the-chartyaml-file")


def _dependencies(value: dict[str, Any], where: str) -> list[Dependency]:
    found = []
    for entry in _list(value, "dependencies", where):
        if entry is None:
            what = "validation: dependencies must not contain empty or null nodes"
            raise BadInput(what, where=where, mend="remove the empty entry")
        if not isinstance(entry, dict):
            raise _unmarshal(_kind(entry), "into Go struct field Metadata.dependencies of type v2.Dependency", where)
        name, version, repository, condition, alias = (
            _clean(_text(entry, key, where)) for key in ("name", "version", "repository", "condition", "alias")
        )
        tags, imports = tuple(_texts(entry, "tags", where)), tuple(_list(entry, "import-values", where))
        found.append(Dependency(name, version, repository, condition, tags, imports, alias))
    return found


def _maintainers(value: dict[str, Any], where: str) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = []
    for entry in _list(value, "maintainers", where):
        if isinstance(entry, dict):
            found.append({key: _clean(_text(entry, key, where)) for key in ("name", "email", "url") if entry.get(key)})
        elif entry is not None:
            raise _unmarshal(_kind(entry), "into Go struct field Metadata.maintainers of type v2.Maintainer", where)
    return found


def _annotations(value: dict[str, Any], where: str) -> dict[str, str]:
    found = value.get("annotations") or {}
    if not isinstance(found, dict):
        raise _unmarshal(_kind(found), "into Go struct field Metadata.annotations of type map[string]string", where)
    return {key: _text(found, key, where) for key in found}


def _text(value: dict[str, Any], key: str, where: str) -> str:
    content = value.get(key)
    if content is None:
        return ""
    if isinstance(content, bool | int | float):
        return spelled_scalar(content)
    if not isinstance(content, str):
        raise _unmarshal(_kind(content), f"into Go struct field Metadata.{key} of type string", where)
    return content


def spelled_scalar(content: bool | int | float) -> str:
    """A scalar where a text is wanted: sigs.k8s.io/yaml takes it for one."""
    return (
        ("true" if content else "false")
        if isinstance(content, bool)
        else float_text(content)
        if isinstance(content, float)
        else str(content)
    )


def _bool(value: dict[str, Any], key: str, where: str) -> bool:
    content = value.get(key)
    if content is not None and not isinstance(content, bool):
        raise _unmarshal(_kind(content), f"into Go struct field Metadata.{key} of type bool", where)
    return bool(content)


def _list(value: dict[str, Any], key: str, where: str) -> list[Any]:
    content = value.get(key)
    if content is not None and not isinstance(content, list):
        raise _unmarshal(_kind(content), f"into Go struct field Metadata.{key} of type []string", where)
    return content or []


def _texts(value: dict[str, Any], key: str, where: str) -> list[str]:
    found = _list(value, key, where)
    return [_clean(_text({key: content}, key, where)) for content in found]


def _unmarshal(kind: str, into: str, where: str) -> BadInput:
    what = f"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {kind} {into}"
    return BadInput(what, where=where, mend="quote what is to be a text, and give lists as lists")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "string"


def _clean(text: str) -> str:
    """Spaces of any kind become a space; what cannot be printed goes away."""
    return "".join(" " if char.isspace() else char for char in text if char.isspace() or char.isprintable())


def _go_name(key: str) -> str:
    return _GO_NAMES.get(key) or key[0].upper() + key[1:]


def _stored_dependency(dependency: Dependency) -> dict[str, Any]:
    stored = {
        "name": dependency.name,
        "version": dependency.version,
        "repository": dependency.repository,
        "condition": dependency.condition,
        "tags": list(dependency.tags),
        "enabled": dependency.enabled,
        "import-values": list(dependency.import_values),
        "alias": dependency.alias,
    }
    return {key: value for key, value in stored.items() if value or key == "repository"}
