"""The kustomization file: its fields, read as Go's JSON decoder reads them into kustomize's types.

Names match without regard to case, unknown ones are errors, and so are values of another type, each with Go's text.
Source: kustomize ``api/types`` (5.8), sigs.k8s.io/yaml, ``encoding/json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.parsing import yaml_error
from gitops_sim.nearest import nearest
from gitops_sim.yaml_in import resolve

_TYPES = """
Kustomization: kind string, apiVersion string, metadata ObjectMeta, openapi {}string, namePrefix string, nameSuffix string,
  namespace string, commonLabels {}string, labels []Label, commonAnnotations {}string,
  patchesStrategicMerge []PatchStrategicMerge, patchesJson6902 []Patch, patches []Patch, images []Image, imageTags []Image,
  replacements []ReplacementField,
  replicas []Replica, vars []Var, sortOptions SortOptions, resources []string, components []string, crds []string, bases []string,
  configMapGenerator []ConfigMapArgs, secretGenerator []SecretArgs, helmGlobals HelmGlobals, helmCharts []HelmChart,
  helmChartInflationGenerator []HelmChartArgs, generatorOptions GeneratorOptions, configurations []string, generators []string,
  transformers []string, validators []string, buildMetadata []string
ObjectMeta: name string, namespace string, labels {}string, annotations {}string
Label: pairs {}string, includeSelectors bool, includeTemplates bool, fields []FieldSpec
FieldSpec: group string, version string, kind string, path string, create bool
Patch: path string, patch string, target Selector, options PatchArgs
PatchArgs: allowNameChange bool, allowKindChange bool
Selector: group string, version string, kind string, name string, namespace string, annotationSelector string,
  labelSelector string
Image: name string, newName string, tagSuffix string, newTag string, digest string
ReplacementField: source SourceSelector, targets []TargetSelector, sourceValue string, path string
SourceSelector: group string, version string, kind string, name string, namespace string, fieldPath string, options FieldOptions
TargetSelector: select Selector, reject []Selector, fieldPaths []string, options FieldOptions
FieldOptions: delimiter string, index int, encoding string, create bool
Replica: name string, count int64
Var: name string, objref Target, fieldref FieldSelector
Target: apiVersion string, group string, version string, kind string, name string, namespace string
FieldSelector: fieldPath string
SortOptions: order SortOrder, legacySortOptions LegacySortOptions
LegacySortOptions: orderFirst []string, orderLast []string
ConfigMapArgs: namespace string, name string, behavior string, literals []string, files []string, envs []string, env string,
  options GeneratorOptions
SecretArgs: namespace string, name string, behavior string, literals []string, files []string, envs []string, env string,
  options GeneratorOptions, type string
GeneratorOptions: labels {}string, annotations {}string, disableNameSuffixHash bool, immutable bool
HelmGlobals: chartHome string, configHome string
HelmChart: name string, version string, repo string, releaseName string, namespace string, additionalValuesFiles []string,
  valuesFile string, valuesInline {}any, valuesMerge string, includeCRDs bool, skipHooks bool, apiVersions []string,
  kubeVersion string, nameTemplate string, skipTests bool, debug bool, devel bool
HelmChartArgs: chartName string, chartVersion string, chartRepoUrl string, chartHome string, chartRepoName string,
  releaseName string, releaseNamespace string, values string, valuesLocal {}any, valuesMerge string, helmBin string,
  helmHome string, extraArgs []string
"""
_KINDS_OF_STRING = ("PatchStrategicMerge", "SortOrder")


@cache
def _types() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for line in _TYPES.replace("\n  ", " ").strip().splitlines():
        name, _, fields = line.partition(": ")
        found[name] = dict(field.split(" ") for field in fields.split(", "))
    return found


def load_settings(content: bytes) -> dict[str, Any]:
    """The fields of a kustomization file that are set, by their right names. Raises KustomizeError."""
    try:
        data = load_yaml(content)
        if data is None:
            return {}
        if not isinstance(data, dict):
            raise _mismatch(data, "types.Kustomization", "")
        return _struct(data, "Kustomization", "")
    except KustomizeError as error:
        raise error.within("invalid Kustomization") from None


_IDENTITY = {"group": "ResId.Gvk.", "version": "ResId.Gvk.", "kind": "ResId.Gvk.", "name": "ResId.", "namespace": "ResId."}
_ARGUMENTS = dict.fromkeys(("namespace", "name", "behavior", "options"), "GeneratorArgs.")
_ARGUMENTS |= dict.fromkeys(("literals", "files", "envs", "env"), "GeneratorArgs.KvPairSources.")
_KIND = dict.fromkeys(("group", "version", "kind"), "Gvk.")
_EMBEDDED = {
    (struct, field): prefix
    for struct, prefixes in (
        ("Kustomization", {"apiVersion": "TypeMeta.", "kind": "TypeMeta."}),
        ("ReplacementField", dict.fromkeys(("source", "targets", "sourceValue"), "Replacement.")),
        ("SourceSelector", _IDENTITY),
        ("Selector", _IDENTITY),
        ("ConfigMapArgs", _ARGUMENTS),
        ("SecretArgs", _ARGUMENTS),
        ("FieldSpec", _KIND),
        ("Target", _KIND),
    )
    for field, prefix in prefixes.items()
}
"""The Go structs in between that a message names, though the file knows nothing of them."""


def as_struct(data: Any, name: str) -> dict[str, Any]:
    """Data as one of the types above; for files that hold replacements."""
    return _struct(data, name, "", strict=False)


def helm_entries(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The charts that the file names, each as kustomize configures its plugin."""
    shared = settings.get("helmGlobals") or {}
    charts = [*(settings.get("helmCharts") or ())]
    for old in settings.get("helmChartInflationGenerator") or ():
        charts.append({new: old[name] for name, new in _OLD_CHART.items() if name in old})
    own = {"namespace": settings["namespace"]} if settings.get("namespace") else {}
    return [{key: value for key, value in {**shared, **own, **chart}.items() if value} for chart in charts]


_OLD_CHART = {
    "chartName": "name",
    "chartVersion": "version",
    "chartRepoUrl": "repo",
    "releaseName": "releaseName",
    "releaseNamespace": "namespace",
    "values": "valuesFile",
    "valuesLocal": "valuesInline",
    "valuesMerge": "valuesMerge",
}


def _struct(data: Any, name: str, path: str, *, strict: bool = True) -> dict[str, Any]:
    fields = _types()[name]
    lowered = {field.lower(): field for field in fields}
    found: dict[str, Any] = {}
    for key in sorted(data):
        field = key if key in fields else lowered.get(key.lower())
        if field is None:
            if not strict:
                continue
            raise KustomizeError(f'json: unknown field "{key}"', mend=nearest(key, fields))
        value = data[key]
        if value is None:
            continue
        step = f"{_EMBEDDED.get((name, field), '')}{field}"
        found[field] = _value(value, fields[field], f"{path}.{step}".lstrip("."), name, strict)
    return found


def _value(value: Any, kind: str, path: str, owner: str, strict: bool) -> Any:
    if kind.startswith("[]"):
        if not isinstance(value, list):
            element = kind[2:]
            raise _mismatch(value, f"[]{_go_type(element)}", f"{owner}.{path}")
        return [_value(item, kind[2:], path, owner, strict) for item in value if item is not None or kind[2:] != "string"]
    if kind.startswith("{}"):
        if not isinstance(value, dict):
            raise _mismatch(value, "map[string]" + ("interface {}" if kind == "{}any" else "string"), f"{owner}.{path}")
        if kind == "{}any":
            return value
        return {key: _value(inner, "string", path, owner, strict) if inner is not None else "" for key, inner in value.items()}
    if kind in ("string", *_KINDS_OF_STRING):
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _mismatch(value, _go_type(kind), f"{owner}.{path}")
        return value
    if kind == "bool":
        if not isinstance(value, bool):
            raise _mismatch(value, "bool", f"{owner}.{path}")
        return value
    if kind in ("int", "int64"):
        if isinstance(value, bool) or not isinstance(value, int):
            raise _mismatch(value, kind, f"{owner}.{path}")
        return value
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _mismatch(value, _go_type(kind), f"{owner}.{path}")
    return _struct(value, kind, path, strict=strict)


def _go_type(kind: str) -> str:
    return kind if kind in ("string", "bool", "int", "int64") else f"types.{kind}"


def _mismatch(value: Any, wanted: str, where: str) -> KustomizeError:
    given = (
        "bool"
        if isinstance(value, bool)
        else "string"
        if isinstance(value, str)
        else "array"
        if isinstance(value, list)
        else "object"
        if isinstance(value, dict)
        else "number"
        if isinstance(value, int)
        else f"number {value}"
        if wanted in ("int", "int64")
        else "number"
    )
    place = f"Go struct field {where} of type {wanted}" if where else f"Go value of type {wanted}"
    mend = "quote the value" if wanted == "string" and given in ("number", "bool") else "give the field the type that it has"
    return KustomizeError(f"json: cannot unmarshal {given} into {place}", mend=mend)


# ---------------------------------------------------------------------- YAML as sigs.k8s.io/yaml reads it


def load_yaml(content: bytes | str) -> Any:
    """The first document, as JSON-like data with YAML 1.1's ideas of a boolean. Of a key given twice the last counts."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        node = _first(text)
        return _plain(node, {}) if node is not None else None
    except UnicodeDecodeError:
        raise KustomizeError("yaml: invalid leading UTF-8 octet", mend="save the file as UTF-8") from None
    except yaml.YAMLError as error:
        if isinstance(error, yaml.composer.ComposerError) and "undefined alias" in str(error.problem):
            name = str(error.problem).split()[-1].strip("'").lstrip("*")
            raise KustomizeError(f"yaml: unknown anchor '{name}' referenced", mend=f"define it above with &{name}") from None
        raise yaml_error(error, newest=False) from None


_Composer: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _first(text: str) -> Any:
    loader = _Composer(text)
    try:
        return loader.get_node() if loader.check_node() else None
    finally:
        loader.dispose()


def _plain(node: Any, seen: dict[int, Any]) -> Any:
    if isinstance(node, yaml.ScalarNode):
        if node.style or node.tag not in _IMPLICIT:
            return node.value
        value = resolve(node.value)
        if isinstance(value, float) and value - value != 0:
            raise KustomizeError("json: unsupported value: " + ("NaN" if value != value else "+Inf" if value > 0 else "-Inf"))
        return value
    if id(node) in seen:
        if seen[id(node)] is None:
            raise KustomizeError("yaml: anchor value contains itself", mend="an alias may only name what ends above it")
        return seen[id(node)][0]
    seen[id(node)] = None
    value = [_plain(item, seen) for item in node.value] if isinstance(node, yaml.SequenceNode) else _plain_mapping(node, seen)
    seen[id(node)] = (value,)
    return value


_IMPLICIT = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)


def _plain_mapping(node: Any, seen: dict[int, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    merged: list[Any] = []
    for key, inner in node.value:
        value = _plain(inner, seen)
        if key.tag == "tag:yaml.org,2002:merge":
            merged += value if isinstance(value, list) else [value]
            continue
        values[_key(_plain(key, seen))] = value
    for source in merged:
        if not isinstance(source, dict):
            raise KustomizeError("yaml: map merge requires map or sequence of maps as the value")
        values = {**source, **values}
    return values


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, str):
        return key
    if isinstance(key, int | float):
        return repr(key)
    raise KustomizeError(
        f"unsupported map key of type: {'<nil>' if key is None else type(key).__name__}, key: {key!r}",
        mend="write a string as key",
    )
