"""What the definition of ApplicationSets takes, and the controller that reads it does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from gitops_sim.cluster.custom.nodes import Node, compiled
from gitops_sim.cluster.custom.pruning import pruned
from gitops_sim.cluster.custom.validating import causes
from gitops_sim.cluster.openapi.custom import custom_schema
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, annotations_of, get_path

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def selector_problem(selector: Mapping[str, Any]) -> str:
    """Why a selector cannot be used; empty when it can. Source: ``applicationset/utils/selector.go``, which asks nothing of
    values."""
    for term in selector.get("matchExpressions") or ():
        operator, values = term.get("operator"), term.get("values") or []
        if operator not in _OPERATORS:
            return f'"{operator}" is not a valid pod selector operator'
        if operator in ("In", "NotIn") and not values:
            return "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"
        if operator in ("Exists", "DoesNotExist") and values:
            return f"values: Invalid value: {json.dumps(values)}: values set must be empty for exists and does not exist"
    return ""


def nested_problem(kind: str, value: Any) -> str:
    """What is of another type than it has to be in a matrix or merge that is inside another, of which the definition says
    nothing; empty when all is well."""
    return _mistyped(_nested_schema(), value, kind)


def spec_problem(spec: Any) -> str:
    """The same, of the spec of an Application after ``templatePatch``."""
    return _mistyped(custom_schema("application")["properties"]["spec"], spec, "spec")


def known_fields(spec: Any) -> Any:
    """The spec of an Application without fields that there are not."""
    return pruned(_spec_node(), spec)


def read_set(value: Any, namespace: str) -> dict[str, Any]:
    """An ApplicationSet as a client of Argo CD reads it from a file: without fields that there are not, and with everything that
    has to be there. Raises BadInput."""
    whole = {"properties": {"metadata": {"type": "object"}, "spec": custom_schema("applicationset")["properties"]["spec"]}}
    problem = _mistyped({**whole, "type": "object"}, value, "ApplicationSet")
    if problem:
        raise BadInput(problem.removeprefix("ApplicationSet."))
    meta = {"name": "", "namespace": namespace, **(value.get("metadata") or {})}
    spec = {"generators": [], "template": {"metadata": {}, "spec": {}}, **pruned(_set_node(), value.get("spec") or {})}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": meta, "spec": spec}


def unrecognized(appset: Object) -> str:
    """Which generators nobody knows, as ``kubectl apply`` sent them before they were dropped; empty when there are none. Source:
    ``applicationset/utils/utils.go`` (CheckInvalidGenerators)."""
    unknown = [number for number, raw in enumerate(appset["spec"].get("generators") or ()) if not raw]
    if not unknown:
        return ""
    try:
        sent = get_path(json.loads(annotations_of(appset).get(_LAST_APPLIED) or "{}"), ("spec", "generators")) or []
    except ValueError:
        sent = []
    names = sorted(next(iter(sent[number])) for number in unknown if number < len(sent) and sent[number])
    text = f"ApplicationSet {appset['metadata']['name']} contains unrecognized generators"
    return f"{text}: {', '.join(names)}" if names else text


def _mistyped(schema: Mapping[str, Any], value: Any, field: str) -> str:
    found = (cause for cause in causes(schema, value, field=field) if cause.reason == "FieldValueTypeInvalid")
    return next((f"{cause.field} {cause.message.partition(' in body ')[2]}" for cause in found), "")


@cache
def _nested_schema() -> dict[str, Any]:
    generators = {"items": custom_schema("applicationset_generators"), "type": "array"}
    keys = {"items": {"type": "string"}, "type": "array"}
    return {"properties": {"generators": generators, "mergeKeys": keys}, "type": "object"}


@cache
def _spec_node() -> Node:
    return compiled(custom_schema("application")["properties"]["spec"])


@cache
def _set_node() -> Node:
    return compiled(custom_schema("applicationset")["properties"]["spec"])
