"""CustomResourceDefinitions: their names, their versions and what a structural schema may say.

Source: apiextensions-apiserver ``pkg/apis/apiextensions/validation`` and ``pkg/apiserver/schema/validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.cluster.custom.defaulting import defaulted
from gitops_sim.cluster.custom.expressions import ExpressionError, available, expression
from gitops_sim.cluster.custom.nodes import DEEPEST, compiled
from gitops_sim.cluster.custom.patterns import PatternError, pattern
from gitops_sim.cluster.custom.pruning import pruned
from gitops_sim.cluster.custom.rules import RULES
from gitops_sim.cluster.custom.validating import causes as schema_causes
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError
from gitops_sim.cluster.names import dns_1035_problems, dns_subdomain_problems
from gitops_sim.cluster.shapes import condition, mapping, text
from gitops_sim.cluster.validation.causes import duplicate, forbidden, required, unsupported, wrong, wrong_for
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_APPROVED = "api-approved.kubernetes.io"
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_BELOW = ("allOf", "anyOf", "oneOf")


def definition(obj: Object) -> list[Cause]:
    spec, found = obj["spec"], list[Cause]()
    wanted = f"{spec['names']['plural']}.{spec['group']}"
    is_new = not obj["metadata"].get("resourceVersion")
    if is_new and obj["metadata"].get("name") != wanted:
        found.append(wrong("metadata.name", obj["metadata"].get("name"), 'must be spec.names.plural+"."+spec.group'))
    found += _group(obj, spec["group"])
    if not spec["scope"]:
        found.append(required("spec.scope"))
    elif spec["scope"] not in ("Cluster", "Namespaced"):
        found.append(unsupported("spec.scope", spec["scope"], ("Cluster", "Namespaced")))
    found += _names(spec["names"])
    return [*found, *_versions(spec["versions"] or ())]


def definition_update(new: Object, old: Object) -> list[Cause]:
    """A kind that is served keeps its name and its scope."""
    if condition(old, "Established").get("status") != "True":
        return []
    places = (("spec", "group"), ("spec", "scope"), ("spec", "names", "kind"), ("spec", "names", "plural"))
    found = []
    for place in places:
        one, other = new, old
        for step in place:
            one, other = one[step], other[step]
        if one != other:
            found.append(wrong(".".join(place), one, "field is immutable"))
    return found


def _group(obj: Object, group: str) -> Iterator[Cause]:
    if not group:
        yield required("spec.group")
        return
    yield from wrong_for("spec.group", group, dns_subdomain_problems(group))
    if "." not in group:
        yield wrong("spec.group", group, "should be a domain with at least one dot")
    protected = group in ("k8s.io", "kubernetes.io") or group.endswith((".k8s.io", ".kubernetes.io"))
    if protected and not mapping(obj, "metadata", "annotations").get(_APPROVED):
        why = f'protected groups must have approval annotation "{_APPROVED}", see https://github.com/kubernetes/enhancements/pull/1111'
        yield required(f"metadata.annotations[{_APPROVED}]", why)


def _names(names: _Map) -> Iterator[Cause]:
    for name in ("plural", "singular", "kind", "listKind"):
        given = names.get(name) or ""
        if given:
            shown = given.lower() if name in ("kind", "listKind") else given
            yield from wrong_for(f"spec.names.{name}", given, dns_1035_problems(shown))
        elif name in ("plural", "kind"):
            yield required(f"spec.names.{name}")
    for list_name in ("shortNames", "categories"):
        for index, word in enumerate(names.get(list_name) or ()):
            yield from wrong_for(f"spec.names.{list_name}[{index}]", word, dns_1035_problems(word))
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield wrong("spec.names.listKind", names["listKind"], "kind and listKind may not be the same")


def _versions(versions: Any) -> Iterator[Cause]:
    if len([version for version in versions if version["storage"]]) != 1:
        yield wrong("spec.versions", [], "must have exactly one version marked as storage version")
    seen: set[str] = set()
    for index, version in enumerate(versions):
        at, name = f"spec.versions[{index}]", version["name"]
        yield from wrong_for(f"{at}.name", name, dns_1035_problems(name))
        if name in seen:
            yield duplicate(f"{at}.name", name)
        seen.add(name)
        schema = mapping(version, "schema").get("openAPIV3Schema")
        if isinstance(schema, Mapping):
            yield from _root(schema, f"{at}.schema.openAPIV3Schema")
        else:
            yield required(f"{at}.schema.openAPIV3Schema", "schemas are required")
        yield from _columns(version.get("additionalPrinterColumns") or (), f"{at}.additionalPrinterColumns")
        yield from _scale(mapping(version, "subresources").get("scale"), f"{at}.subresources.scale")


def _columns(columns: Any, at: str) -> Iterator[Cause]:
    for index, column in enumerate(columns):
        where = f"{at}[{index}]"
        if not column["name"]:
            yield required(f"{where}.name")
        if not column["type"]:
            yield required(f"{where}.type", f"must be one of {','.join(_COLUMN_TYPES)}")
        elif column["type"] not in _COLUMN_TYPES:
            yield wrong(f"{where}.type", column["type"], f"must be one of {','.join(_COLUMN_TYPES)}")
        if not column["jsonPath"]:
            yield required(f"{where}.jsonPath")
            continue
        try:
            JSONPath("{" + column["jsonPath"] + "}")
        except JSONPathError as error:
            yield wrong(f"{where}.jsonPath", column["jsonPath"], f"is an invalid JSONPath: {error}")


def _scale(scale: Any, at: str) -> Iterator[Cause]:
    if not isinstance(scale, Mapping):
        return
    for name, root in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        path = text(scale, name)
        if not path:
            yield required(f"{at}.{name}")
        elif not path.startswith(root) or "[" in path:
            yield wrong(f"{at}.{name}", path, f"should be a json path under {root[:-1]}")


# ---------------------------------------------------------------------- structural schemas


def _root(schema: _Map, at: str) -> Iterator[Cause]:
    if not schema.get("type"):
        yield required(f"{at}.type", "must not be empty at the root")
    elif schema["type"] != "object":
        yield wrong(f"{at}.type", schema["type"], "must be object at the root")
    if schema.get("nullable") is True:
        yield forbidden(f"{at}.nullable", "nullable cannot be true at the root")
    yield from _schema(schema, at, "", 0)


def _schema(schema: _Map, at: str, missing: str, level: int) -> Iterator[Cause]:
    """``missing`` is what is said when there is no type; empty where that was looked at."""
    if level > DEEPEST:
        yield forbidden(at, f"a schema may be {DEEPEST} levels deep at most")
        return
    type_ = schema.get("type")
    loose = schema.get("x-kubernetes-int-or-string") is True or schema.get("x-kubernetes-preserve-unknown-fields") is True
    if missing and not type_ and not loose:
        yield required(f"{at}.type", missing)
    if type_ and type_ not in _TYPES:
        yield unsupported(f"{at}.type", type_, _TYPES)
    yield from _refused(schema, at)
    yield from _default(schema, at)
    properties, more = schema.get("properties"), schema.get("additionalProperties")
    if isinstance(properties, Mapping):
        for name, inner in properties.items():
            if isinstance(inner, Mapping):
                yield from _schema(inner, f"{at}.properties[{name}]", "must not be empty for specified object fields", level + 1)
    if isinstance(more, Mapping):
        yield from _schema(more, f"{at}.additionalProperties", "must not be empty for specified object fields", level + 1)
    item = schema.get("items")
    if isinstance(item, Mapping):
        yield from _schema(item, f"{at}.items", "must not be empty for specified array items", level + 1)
    elif isinstance(item, list):
        yield forbidden(f"{at}.items", "items must be a schema object and not an array")
    elif type_ == "array":
        yield required(f"{at}.items", "must be specified")
    for name in _BELOW:
        for index, inner in enumerate(schema.get(name) or () if isinstance(schema.get(name), list) else ()):
            if isinstance(inner, Mapping):
                yield from _junctor(inner, f"{at}.{name}[{index}]", level + 1)
    if isinstance(schema.get("not"), Mapping):
        yield from _junctor(schema["not"], f"{at}.not", level + 1)


def _junctor(schema: _Map, at: str, level: int) -> Iterator[Cause]:
    """What stands in an alternative only restricts: it describes nothing."""
    if level > DEEPEST:
        yield forbidden(at, f"a schema may be {DEEPEST} levels deep at most")
        return
    for name in ("additionalProperties", "default", "description", "nullable", "title", "x-kubernetes-preserve-unknown-fields"):
        if schema.get(name):
            yield forbidden(
                f"{at}.{name}",
                "must be undefined to be structural" if name == "additionalProperties" else "must not be set to be structural",
            )
    yield from _patterns(schema, at)
    for name, inner in mapping(schema, "properties").items():
        if isinstance(inner, Mapping):
            yield from _junctor(inner, f"{at}.properties[{name}]", level + 1)
    if isinstance(schema.get("items"), Mapping):
        yield from _junctor(schema["items"], f"{at}.items", level + 1)
    for name in _BELOW:
        for index, inner in enumerate(schema.get(name) or () if isinstance(schema.get(name), list) else ()):
            if isinstance(inner, Mapping):
                yield from _junctor(inner, f"{at}.{name}[{index}]", level + 1)
    if isinstance(schema.get("not"), Mapping):
        yield from _junctor(schema["not"], f"{at}.not", level + 1)


def _refused(schema: _Map, at: str) -> Iterator[Cause]:
    if schema.get("$ref"):
        yield forbidden(f"{at}.$ref", "$ref is not supported")
    if schema.get("uniqueItems") is True:
        yield forbidden(f"{at}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
    if schema.get("additionalProperties") is False:
        yield forbidden(f"{at}.additionalProperties", "additionalProperties cannot be set to false")
    if schema.get("properties") and schema.get("additionalProperties"):
        yield forbidden(f"{at}.additionalProperties", "additionalProperties and properties are mutual exclusive")
    for name in ("definitions", "dependencies", "id", "patternProperties"):
        if schema.get(name):
            yield forbidden(f"{at}.{name}", f"{name} is not supported")
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        yield wrong(f"{at}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined")
    kind = schema.get("x-kubernetes-list-type")
    if kind is not None and kind not in ("atomic", "set", "map"):
        yield unsupported(f"{at}.x-kubernetes-list-type", kind, ("atomic", "map", "set"))
    if kind is not None and schema.get("type") != "array":
        yield wrong(f"{at}.type", schema.get("type") or "", "must be array if x-kubernetes-list-type is specified")
    if kind == "map" and not schema.get("x-kubernetes-list-map-keys"):
        yield required(f"{at}.x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map")
    yield from _patterns(schema, at)
    yield from _rules(schema, at)


def _rules(schema: _Map, at: str) -> Iterator[Cause]:
    """Rules in CEL that can be read. Source: apiextensions ``validation.go`` (ValidateCustomResourceDefinitionOpenAPISchema)."""
    rules = schema.get(RULES)
    for index, rule in enumerate(rules if isinstance(rules, list) and available() else ()):
        place, stated = f"{at}.{RULES}[{index}]", mapping({"rule": rule}, "rule")
        for key in ("rule", "messageExpression"):
            said = stated.get(key)
            if not isinstance(said, str) or not said.strip():
                if key == "rule":
                    yield required(f"{place}.rule", "rule is not specified")
                continue
            try:
                expression(said)
            except ExpressionError as error:
                yield wrong(f"{place}.{key}", said, str(error))
        reason = stated.get("reason")
        if reason is not None and reason not in _REASONS:
            yield unsupported(f"{place}.reason", reason, _REASONS)
        if isinstance(stated.get("message"), str) and not stated["message"].strip():
            yield wrong(f"{place}.message", stated["message"], "message must be non-empty if specified")


def _patterns(schema: _Map, at: str) -> Iterator[Cause]:
    expression = schema.get("pattern")
    if isinstance(expression, str):
        try:
            pattern(expression)
        except PatternError as error:
            why = f"must be a valid regular expression, but isn't: error parsing regexp: {error}"
            yield wrong(f"{at}.pattern", expression, why)


def _default(schema: _Map, at: str) -> Iterator[Cause]:
    """A default is itself what the schema allows."""
    value = schema.get("default")
    if value is None:
        return
    node = compiled(schema)
    if pruned(node, value) != value:
        yield wrong(f"{at}.default", value, "must not have unknown fields")
    yield from schema_causes(schema, defaulted(node, value), field=f"{at}.default")
