"""``crds``: OpenAPI definitions of custom kinds that say which of their fields hold names, labels or annotations.

Source: kustomize ``api/internal/accumulator/loadconfigfromcrds.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import EMPTY, Config, FieldSpec
from gitops_sim.manifests.kustomize.identity import Gvk
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.settings import load_yaml


def config_of_crds(loader: Loader, paths: Iterable[str]) -> Config:
    """The fields that the definitions of the files add."""
    paths = list(paths)
    try:
        return _config(loader, paths)
    except KustomizeError as error:
        raise error.within(f"loading CRDs [{' '.join(paths)}]") from None


def _config(loader: Loader, paths: Iterable[str]) -> Config:
    config = EMPTY
    for path in paths:
        content = loader.load(path)
        try:
            types = json.loads(content) if content[:1] == b"{" else load_yaml(content)
        except ValueError as error:
            raise KustomizeError(f"unable to parse open API definition from '{path}': {error}", mend="mend the JSON") from None
        for name in sorted(types if isinstance(types, dict) else ()):
            properties = _properties(types, name)
            if {"kind", "apiVersion", "metadata"} <= set(properties):
                config = config.merged(_of_type(Gvk(kind=name.rpartition(".")[2]), types, name, ()))
    return config


def _properties(types: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    entry = types.get(name)
    schema = entry.get("Schema") or entry.get("schema") or {} if isinstance(entry, dict) else {}
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _of_type(gvk: Gvk, types: Mapping[str, Any], name: str, path: tuple[str, ...]) -> Config:
    config = EMPTY
    if len(path) > 20:
        return config
    for field, schema in sorted(_properties(types, name).items()):
        here = (*path, field)
        spec = FieldSpec("/".join(here), gvk)
        for mark, key in _MARKS.items():
            if isinstance(schema.get(mark), str):
                config = config.merged(Config({key: (spec,)}))
        version, kind = schema.get("x-kubernetes-object-ref-api-version"), schema.get("x-kubernetes-object-ref-kind")
        if isinstance(version, str) and isinstance(kind, str):
            name_key = schema.get("x-kubernetes-object-ref-name-key") or "name"
            reference = FieldSpec("/".join((*here, name_key)), gvk)
            config = config.merged(Config({}, ((Gvk("", version, kind), (reference,)),)))
        if schema.get("$ref"):
            config = config.merged(_of_type(gvk, types, schema["$ref"], here))
    return config


_MARKS = {
    "x-kubernetes-annotation": "commonAnnotations",
    "x-kubernetes-label-selector": "commonLabels",
    "x-kubernetes-identity": "namePrefix",
}
