"""Files next to the manifests that lay settings of their own over a source: ``.argocd-source.yaml`` for every Application of the
folder, ``.argocd-source-<application>.yaml`` for one.

Source: argo-cd ``reposerver/repository/repository.go`` (``mergeSourceParameters``): a JSON merge patch each, of which only what
is about tools counts. It is read as Go reads JSON: a field may be spelt in any case, what is no field is dropped, and a value
of another type is an error.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.argocd.application import Source, read_source
from gitops_sim.cluster.merge import merge_patch
from gitops_sim.errors import BadInput
from gitops_sim.forge import Tree
from gitops_sim.manifests.helm.go_yaml import yaml_words
from gitops_sim.yaml_in import load_document

PREFIX = ".argocd-source"
_CACHED = "<path to cached source>"
_FIXED = ("repoURL", "path", "chart", "targetRevision", "ref", "name")
"""What no file can change."""
_STRUCTS: Mapping[str, Mapping[str, str]] = {
    "ApplicationSource": {
        "helm": "v1alpha1.ApplicationSourceHelm",
        "kustomize": "v1alpha1.ApplicationSourceKustomize",
        "directory": "v1alpha1.ApplicationSourceDirectory",
        "plugin": "any",
    },
    "ApplicationSourceHelm": {
        **dict.fromkeys(("releaseName", "values", "version", "namespace", "kubeVersion"), "string"),
        **dict.fromkeys(("valueFiles", "apiVersions"), "[]string"),
        **dict.fromkeys(("passCredentials", "ignoreMissingValueFiles", "skipCrds", "skipTests", "skipSchemaValidation"), "bool"),
        "parameters": "[]v1alpha1.HelmParameter",
        "fileParameters": "[]v1alpha1.HelmFileParameter",
        "valuesObject": "any",
    },
    "HelmParameter": {"name": "string", "value": "string", "forceString": "bool"},
    "HelmFileParameter": {"name": "string", "path": "string"},
    "ApplicationSourceKustomize": {
        **dict.fromkeys(("namePrefix", "nameSuffix", "version", "namespace", "kubeVersion"), "string"),
        **dict.fromkeys(("components", "apiVersions"), "[]string"),
        **dict.fromkeys(("commonLabels", "commonAnnotations"), "map[string]string"),
        **dict.fromkeys(("forceCommonLabels", "forceCommonAnnotations", "commonAnnotationsEnvsubst"), "bool"),
        **dict.fromkeys(("labelWithoutSelector", "labelIncludeTemplates", "ignoreMissingComponents"), "bool"),
        "images": "[]v1alpha1.KustomizeImage",
        "replicas": "[]v1alpha1.KustomizeReplica",
        "patches": "[]v1alpha1.KustomizePatch",
    },
    "KustomizeReplica": {"name": "string", "count": "any"},
    "KustomizePatch": {"path": "string", "patch": "string", "target": "any", "options": "any"},
    "ApplicationSourceDirectory": {"recurse": "bool", "include": "string", "exclude": "string", "jsonnet": "any"},
}
_NAMED = {"images": "v1alpha1.KustomizeImages", "replicas": "v1alpha1.KustomizeReplicas", "patches": "v1alpha1.KustomizePatches"}
"""Lists of kustomize have names of their own."""


def has_overrides(folder: Tree) -> bool:
    """Whether there is such a file, for whichever Application."""
    return any(name.startswith(PREFIX) for name in folder.files())


def overridden(source: Source, instance: str, folder: Tree) -> Source:
    """The source as the files of its folder want it for an Application. Raises BadInput in Argo CD's words."""
    raw: Mapping[str, Any] = source.raw
    for name in (f"{PREFIX}.yaml", f"{PREFIX}-{instance}.yaml"):
        if folder.look(name) in ("file", "link"):
            raw = _merged(raw, folder.read(name), posixpath.join(folder.path, name))
    return source if raw is source.raw else read_source(raw)


def _merged(raw: Mapping[str, Any], content: bytes, file: str) -> Mapping[str, Any]:
    doing = f"error getting app source type: error while parsing source parameters: {_CACHED}/{file}: "
    try:
        patch = load_document(content, where=file)
    except BadInput as error:
        words = yaml_words(error).removeprefix("error converting YAML to JSON: ")
        raise BadInput(doing + words, where=error.where, mend=error.mend) from None
    try:
        if not isinstance(patch, Mapping | list):
            raise ValueError("Invalid JSON Patch")
        merged = merge_patch(raw, _spelt(patch) if isinstance(patch, Mapping) else patch)
        tools = _read(merged, "v1alpha1.ApplicationSource", "", "")
    except ValueError as error:
        mend = "write the fields of 'kustomize:' or 'helm:' as in an Application's source"
        raise BadInput(f"{doing}{error}", where=file, mend=mend) from None
    return {**{field: raw[field] for field in _FIXED if field in raw}, **tools}


def _spelt(patch: Mapping[str, Any]) -> dict[str, Any]:
    """The patch with the tools and their fields as the real fields are spelt, so that it meets what is there."""
    found: dict[str, Any] = {}
    for name, value in patch.items():
        field = _field("ApplicationSource", name)
        struct = _STRUCTS["ApplicationSource"].get(field, "").removeprefix("v1alpha1.")
        if isinstance(value, Mapping) and struct in _STRUCTS:
            value = {_field(struct, inner): there for inner, there in value.items()}
        found[field] = value
    return found


def _field(struct: str, name: str) -> str:
    return next((field for field in _STRUCTS[struct] if field.lower() == name.lower()), name)


def _read(value: Any, type_: str, struct: str, path: str) -> Any:
    """A value as Go puts it into a type. Raises ValueError in Go's words."""
    if value is None or type_ == "any":
        return value
    into, field = (f"Go struct field {struct}.{path}", path.rpartition(".")[2]) if path else ("Go value", "")
    plain = type_.removeprefix("v1alpha1.")
    if plain in _STRUCTS:
        if not isinstance(value, Mapping):
            raise ValueError(_wrong(value, into, type_))
        known = {_field(plain, name): inner for name, inner in value.items()}
        fields = {name: inner for name, inner in known.items() if name in _STRUCTS[plain]}
        prefix = f"{path}." if path else ""
        return {name: _read(inner, _STRUCTS[plain][name], plain, prefix + name) for name, inner in fields.items()}
    if type_.startswith("[]"):
        if not isinstance(value, list):
            raise ValueError(_wrong(value, into, _NAMED.get(field, type_)))
        return [_read(inner, type_[2:], struct, path) for inner in value]
    if type_.startswith("map["):
        if not isinstance(value, Mapping):
            raise ValueError(_wrong(value, into, type_))
        return {name: _read(inner, "string", struct, path) for name, inner in value.items()}
    if not isinstance(value, bool if type_ == "bool" else str):
        raise ValueError(_wrong(value, into, type_))
    return value


def _wrong(value: Any, into: str, type_: str) -> str:
    kinds = ((bool, "bool"), (str, "string"), ((int, float), "number"), (list, "array"))
    kind = next((name for types, name in kinds if isinstance(value, types)), "object")
    return f"json: cannot unmarshal {kind} into {into} of type {type_}"
