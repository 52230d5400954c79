"""Who may ask Argo CD for what: ``argocd-rbac-cm``, the built-in roles, and the roles of projects.

``p, <who>, <resource>, <action>, <object>, allow|deny`` and ``g, <who>, <role>``; patterns are globs, and a deny that fits beats
every allow of the same subject, but not what ``policy.default`` grants. Source: ``util/rbac/rbac.go``,
``server/rbacpolicy/rbacpolicy.go``, ``assets/{model.conf,builtin-policy.csv}``.

A world without a policy has everybody signed in as ``admin``, who may do everything: roles are for those who write some.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.agents.argocd.glob import matches
from gitops_sim.agents.argocd.project import PROJECTS
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, get_path

CONFIG = "argocd-rbac-cm"
ACTIONS = ("get", "create", "update", "delete", "sync", "rollback", "override", "action", "invoke")
RESOURCES = (
    "clusters",
    "projects",
    "applications",
    "applicationsets",
    "repositories",
    "write-repositories",
    "certificates",
    "accounts",
    "gpgkeys",
    "logs",
    "exec",
    "extensions",
)
_OF_PROJECTS = ("applicationsets", "applications", "repositories", "clusters", "logs", "exec")
_READ = {
    "*/*": ("applications", "applicationsets", "logs"),
    "*": ("certificates", "clusters", "repositories", "write-repositories", "projects", "accounts", "gpgkeys"),
}
_WRITE = {
    ("applications", "*/*"): "create update update/* delete delete/* sync rollback override action/*",
    ("applicationsets", "*/*"): "get create update delete",
    ("certificates", "*"): "create update delete",
    ("clusters", "*"): "create update delete",
    ("repositories", "*"): "create update delete",
    ("write-repositories", "*"): "create update delete",
    ("projects", "*"): "create update delete",
    ("accounts", "*"): "update",
    ("gpgkeys", "*"): "create delete",
    ("exec", "*/*"): "create",
}


class PolicyError(ValueError):
    """A line that is no policy, in the real words."""


@dataclass(frozen=True, slots=True)
class Rule:
    subject: str
    resource: str
    action: str
    object: str
    allow: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """``roles``: the roles that a user, a group or another role has."""

    rules: tuple[Rule, ...]
    roles: Mapping[str, tuple[str, ...]]
    default: str = ""
    regex: bool = False

    def allows(self, subject: str, resource: str, action: str, object: str) -> bool:
        """Whether a subject may, by itself or by the default role."""
        asked = (resource, action, object)
        return bool(self.default and self._allows(self.default, *asked)) or self._allows(subject, *asked)

    def _allows(self, subject: str, resource: str, action: str, object: str) -> bool:
        acts_as = self._reachable(subject)
        found = [
            rule.allow
            for rule in self.rules
            if rule.subject in acts_as
            and self._fits(rule.resource, resource)
            and self._fits(rule.action, action)
            and self._fits(rule.object, object)
        ]
        return bool(found) and all(found)

    def _reachable(self, subject: str) -> dict[str, None]:
        found, waiting = {subject: None}, [subject]
        while waiting:
            for role in self.roles.get(waiting.pop(), ()):
                if role not in found:
                    found[role] = None
                    waiting.append(role)
        return found

    def _fits(self, pattern: str, text: str) -> bool:
        if not self.regex:
            return matches(pattern, text)
        try:
            return re.search(pattern, text) is not None
        except re.error:
            return False


def read_policy(text: str, *, default: str = "", regex: bool = False) -> Policy:
    """A policy in CSV, on top of the built-in one. Raises PolicyError."""
    rules, roles = list(_builtin()), {"role:admin": ("role:readonly",), "admin": ("role:admin",)}
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        words = next(csv.reader([line], skipinitialspace=True))
        words = [word.strip() for word in words]
        if words[0] == "p" and len(words) == 6:
            _, subject, resource, action, object, effect = words
            rules.append(Rule(subject, resource, action, object, effect != "deny"))
        elif words[0] == "g" and len(words) == 3:
            roles[words[1]] = (*roles.get(words[1], ()), words[2])
        else:
            raise PolicyError(f"invalid RBAC policy: {line}")
    return Policy(tuple(rules), roles, default, regex)


class Guard:
    """Answers for every request whether its user may. ``groups_of`` tells the groups of a person."""

    def __init__(self, cluster: ClusterAPI, groups_of: Callable[[str], Iterable[str]]) -> None:
        self._cluster, self._groups_of = cluster, groups_of
        self._kept: dict[str, tuple[Object | None, Object | None, Policy]] = {}

    def allows(self, user: str, resource: str, action: str, object: str) -> bool:
        """``object`` is ``<project>/<name>``, with the namespace between when it is not Argo CD's, or just a name."""
        config = self._cluster.find("configmaps", CONFIG, NAMESPACE)
        if config is None or not any(name.startswith("policy.") for name in get_path(config, ("data",), {})):
            return True
        project = self._project(resource, object)
        policy = self._policy(config, project)
        if user.startswith("proj:") and project is not None and user.split(":")[1:2] != [project["metadata"]["name"]]:
            return False
        if policy.allows(user, resource, action, object):
            return True
        return any(policy.allows(group, resource, action, object) for group in self._groups_of(user) if group in policy.roles)

    # ------------------------------------------------------------------ inside

    def _project(self, resource: str, object: str) -> Object | None:
        name = object.partition("/")[0] if resource in _OF_PROJECTS and "/" in object else ""
        name = object if resource == "projects" else name
        return self._cluster.find(PROJECTS, name, NAMESPACE) if name else None

    def _policy(self, config: Object, project: Object | None) -> Policy:
        name = project["metadata"]["name"] if project else ""
        kept = self._kept.get(name)
        if kept is None or kept[0] is not config or kept[1] is not project:
            kept = self._kept[name] = (config, project, _policy_of(config, project))
        return kept[2]


def _policy_of(config: Object, project: Object | None) -> Policy:
    """That of the ConfigMap and of a project's roles. One that cannot be read grants no more than the built-in roles do."""
    data: Mapping[str, Any] = config.get("data") or {}
    more = sorted(name for name in data if name.startswith("policy.") and name.endswith(".csv") and name != "policy.csv")
    text = "\n".join(str(data.get(name, "")) for name in ("policy.csv", *more))
    settings: dict[str, Any] = {"default": str(data.get("policy.default", "")), "regex": data.get("policy.matchMode") == "regex"}
    try:
        own = read_policy(text, **settings)
    except PolicyError:
        return read_policy("", **settings)
    try:
        return own if project is None else read_policy("\n".join([text, *_project_lines(project)]), **settings)
    except PolicyError:
        return own


def _project_lines(project: Object) -> Iterable[str]:
    name = project["metadata"]["name"]
    for role in get_path(project, ("spec", "roles")) or ():
        subject = f"proj:{name}:{role.get('name', '')}"
        yield f"p, {subject}, projects, get, {name}, allow"
        yield from map(str, role.get("policies") or ())
        yield from (f"g, {group}, {subject}" for group in role.get("groups") or ())


def _builtin() -> Iterable[Rule]:
    for objects, resources in _READ.items():
        yield from (Rule("role:readonly", resource, "get", objects, True) for resource in resources)
    for (resource, objects), actions in _WRITE.items():
        yield from (Rule("role:admin", resource, action, objects, True) for action in actions.split())


def named(project: str, namespace: str, name: str) -> str:
    """How a policy calls an Application or an ApplicationSet."""
    return f"{project}/{name}" if namespace in ("", NAMESPACE) else f"{project}/{namespace}/{name}"


def listed(words: Sequence[str]) -> str:
    """As Go prints a list of words."""
    return f"[{' '.join(words)}]"
