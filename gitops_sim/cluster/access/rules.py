"""What one rule of a role allows, and whether rules cover other rules.

Source: k8s.io/kubernetes ``pkg/apis/rbac/v1/evaluation_helpers.go`` and k8s.io/component-helpers ``auth/rbac/validation``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as rules look at it. With a ``path`` it is about no resource."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def combined(self) -> str:
        """``deployments/scale``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def allows(rule: Rule, asked: Asked) -> bool:
    verbs = _texts(rule, "verbs")
    if "*" not in verbs and asked.verb not in verbs:
        return False
    if asked.path:
        return any(_url_matches(url, asked.path) for url in _texts(rule, "nonResourceURLs"))
    groups = _texts(rule, "apiGroups")
    if "*" not in groups and asked.group not in groups:
        return False
    names = _texts(rule, "resourceNames")
    if names and asked.name not in names:
        return False
    return any(_resource_matches(resource, asked) for resource in _texts(rule, "resources"))


def allows_everything(rule: Rule) -> bool:
    """Whether it allows any request about any resource."""
    return all("*" in _texts(rule, field) for field in ("verbs", "apiGroups", "resources")) and not _texts(rule, "resourceNames")


def _resource_matches(resource: str, asked: Asked) -> bool:
    if resource in ("*", asked.combined):
        return True
    return bool(asked.subresource) and resource == f"*/{asked.subresource}"


def _url_matches(url: str, path: str) -> bool:
    return url in ("*", path) or (url.endswith("*") and path.startswith(url.rstrip("*")))


def _texts(rule: Rule, field: str) -> list[str]:
    found = rule.get(field) if isinstance(rule, Mapping) else None
    return [text for text in found if isinstance(text, str)] if isinstance(found, (list, tuple)) else []


def breakdown(rule: Rule) -> list[Rule]:
    """The rule as rules of one verb on one resource, by one name at most."""
    verbs = _texts(rule, "verbs")
    parts: list[Rule] = [{"nonResourceURLs": [url], "verbs": [verb]} for url in _texts(rule, "nonResourceURLs") for verb in verbs]
    for group in _texts(rule, "apiGroups"):
        for resource in _texts(rule, "resources"):
            for verb in verbs:
                part: dict[str, Any] = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                names = _texts(rule, "resourceNames")
                parts += [{**part, "resourceNames": [name]} for name in names] if names else [part]
    return parts


def missing(owned: Iterable[Rule], wanted: Iterable[Rule]) -> list[Rule]:
    """The parts of ``wanted`` that no rule of ``owned`` covers."""
    have = list(owned)
    return [part for rule in wanted for part in breakdown(rule) if not any(_covers(one, part) for one in have)]


def _covers(owner: Rule, part: Rule) -> bool:
    """``part`` has one value in each field."""
    verbs = _texts(owner, "verbs")
    if "*" not in verbs and part["verbs"][0] not in verbs:
        return False
    if "nonResourceURLs" in part:
        return any(_url_matches(url, part["nonResourceURLs"][0]) for url in _texts(owner, "nonResourceURLs"))
    groups, resources, names = (_texts(owner, field) for field in ("apiGroups", "resources", "resourceNames"))
    if "*" not in groups and part["apiGroups"][0] not in groups:
        return False
    resource = part["resources"][0]
    sub = resource.partition("/")[2]
    if "*" not in resources and resource not in resources and not (sub and f"*/{sub}" in resources):
        return False
    return not names or ("resourceNames" in part and part["resourceNames"][0] in names)


def compact(rules: Iterable[Rule]) -> list[Rule]:
    """Rules of one resource joined, with all of their verbs; others as they are."""
    found: dict[Any, dict[str, Any]] = {}
    for number, rule in enumerate(rules):
        groups, resources, names = (_texts(rule, field) for field in ("apiGroups", "resources", "resourceNames"))
        single = len(groups) == len(resources) == 1 and len(names) <= 1 and not _texts(rule, "nonResourceURLs")
        key: Any = (groups[0], resources[0], *names) if single else number
        joined = found.setdefault(key, {**rule, "verbs": []})
        joined["verbs"] += [verb for verb in _texts(rule, "verbs") if verb not in joined["verbs"]]
    return list(found.values())


def in_short(rule: Rule) -> str:
    """``{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}``, as messages show a rule."""
    parts = []
    for field in ("apiGroups", "resources", "nonResourceURLs", "resourceNames", "verbs"):
        values = _texts(rule, field)
        if values:
            quoted = " ".join(f'"{value}"' for value in values)
            parts.append(f"{_GO[field]}:[{quoted}]")
    return "{" + ", ".join(parts) + "}"


_GO = {
    "apiGroups": "APIGroups",
    "resources": "Resources",
    "nonResourceURLs": "NonResourceURLs",
    "resourceNames": "ResourceNames",
    "verbs": "Verbs",
}
