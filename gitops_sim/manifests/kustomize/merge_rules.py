"""Which lists a strategic merge patch merges: the facts of the OpenAPI document that kustomize carries, or one's own document.

kustomize follows Kubernetes 1.21 here, whatever the cluster is; kinds that it does not know have all their lists replaced.
Source: kyaml ``openapi/openapi.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FACTS = Path(__file__).with_name("merge_keys.txt")


class Rule:
    """One field. ``merge``: its items merge, by the fields ``keys`` of each, or as plain values when there is none. ``fields``
    are the rules inside: of a mapping, or of the items of a list. ``each`` is the rule of all values of a map."""

    __slots__ = ("each", "fields", "keys", "merge")

    def __init__(self, *, merge: bool = False, keys: tuple[str, ...] = ()) -> None:
        self.merge, self.keys = merge, keys
        self.fields: dict[str, Rule] = {}
        self.each: Rule | None = None

    def field(self, name: str) -> Rule | None:
        return self.fields.get(name) or self.each


Rules = Mapping[tuple[str, str], Rule]
"""By apiVersion and kind."""


@cache
def builtin_rules() -> Rules:
    types: dict[str, dict[str, Rule]] = {}
    rules: dict[tuple[str, str], Rule] = {}
    for line in _FACTS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        head, _, fields = line.partition(": ")
        name, _, kinds = head.partition(" [")
        inside = types.setdefault(name, {})
        for entry in fields.split(", "):
            field, *marks = entry.split(" ")
            merge = marks[0].startswith("merge=")
            keys = marks[0].removeprefix("merge=") if merge else "-"
            rule = Rule(merge=merge, keys=() if keys == "-" else tuple(keys.split("/")))
            if marks[-1] != marks[0] or not merge:
                rule.fields = types.setdefault(marks[-1], {})
            inside[field] = rule
        for kind in kinds.rstrip("]").split():
            version, _, short = kind.rpartition("/")
            rules[version, short] = _holding(inside)
    return rules


def _holding(fields: dict[str, Rule]) -> Rule:
    rule = Rule()
    rule.fields = fields
    return rule


def rules_of(document: Any) -> tuple[Rules, frozenset[tuple[str, str]]]:
    """The rules of an OpenAPI document (version 2), and the kinds that it says are cluster-scoped."""
    document = document if isinstance(document, dict) else {}
    definitions = document.get("definitions") or {}
    known: dict[str, Rule] = {}
    rules: dict[tuple[str, str], Rule] = {}
    for name, schema in definitions.items():
        for gvk in schema.get("x-kubernetes-group-version-kind") or ():
            rules[_type_meta(gvk)] = _definition(name, definitions, known)
    return rules, _cluster_scoped(document.get("paths") or {})


def _type_meta(gvk: Mapping[str, Any]) -> tuple[str, str]:
    group, version = gvk.get("group") or "", str(gvk.get("version") or "")
    return (f"{group}/{version}" if group else version), str(gvk.get("kind") or "")


def _cluster_scoped(paths: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    scopes: dict[tuple[str, str], bool] = {}
    for path, operations in paths.items():
        gvk = (operations.get("get") or {}).get("x-kubernetes-group-version-kind")
        if isinstance(gvk, dict):
            kind = _type_meta(gvk)
            scopes[kind] = scopes.get(kind, False) or "namespaces/{namespace}" in path
    return frozenset(kind for kind, namespaced in scopes.items() if not namespaced)


def _definition(name: str, definitions: Mapping[str, Any], known: dict[str, Rule]) -> Rule:
    rule = known.get(name)
    if rule is None:
        rule = known[name] = Rule()
        _fill(rule, definitions.get(name) or {}, definitions, known)
    return rule


def _fill(rule: Rule, schema: Mapping[str, Any], definitions: Mapping[str, Any], known: dict[str, Rule]) -> None:
    for field, inner in (schema.get("properties") or {}).items():
        rule.fields[field] = _schema(inner, definitions, known)
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        rule.each = _schema(more, definitions, known)


def _schema(schema: Mapping[str, Any], definitions: Mapping[str, Any], known: dict[str, Rule]) -> Rule:
    if "$ref" in schema:
        return _definition(str(schema["$ref"]).rpartition("/")[2], definitions, known)
    strategy = str(schema.get("x-kubernetes-patch-strategy") or "")
    several = schema.get("x-kubernetes-list-map-keys")
    single = schema.get("x-kubernetes-patch-merge-key")
    keys = tuple(map(str, several)) if several else (str(single),) if single else ()
    rule = Rule(merge="merge" in strategy.split(","), keys=keys if strategy else ())
    if schema.get("type") == "array":
        items = _schema(schema.get("items") or {}, definitions, known)
        rule.fields, rule.each = items.fields, items.each
    else:
        _fill(rule, schema, definitions, known)
    return rule
