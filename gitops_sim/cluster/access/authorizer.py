"""The authorizer: whether a user may, by the roles that are bound to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import is_
from typing import Any

from gitops_sim.cluster import selectors
from gitops_sim.cluster.access.rules import Asked, Rule, allows, allows_everything
from gitops_sim.cluster.access.users import User, service_account
from gitops_sim.cluster.store import Shelf, Snapshot
from gitops_sim.objects import Key, Object, labels_of

GROUP = "rbac.authorization.k8s.io"
KINDS = ("ClusterRoleBinding", "RoleBinding", "ClusterRole", "Role")
_IDENTITIES = tuple((GROUP, kind) for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is the server's: which binding allows it, or what was wrong with the user's bindings."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """Rules that one binding gives to a user: in ``namespace``, or everywhere when that is empty."""

    namespace: str
    rules: tuple[Rule, ...]
    reason: str
    problem: str = ""


class Authorizer:
    """Answers from roles and bindings, and remembers the answers until one of those objects changes."""

    def __init__(self) -> None:
        self._seen: list[Shelf | None] | None = None
        self._grants: dict[User, tuple[Grant, ...]] = {}
        self._verdicts: dict[tuple[User, Asked], Verdict] = {}
        self._unlimited: dict[User, bool] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Authorizer:
        return Authorizer()

    def unlimited(self, store: Snapshot, user: User) -> bool:
        """Whether the user may do everything to every resource, so that no single request need be looked at."""
        if user.all_powerful:
            return True
        self._look(store)
        known = self._unlimited.get(user)
        if known is None:
            grants = (grant for grant in self.grants(store, user) if not grant.namespace and not grant.problem)
            known = self._unlimited[user] = any(allows_everything(rule) for grant in grants for rule in grant.rules)
        return known

    def verdict(self, store: Snapshot, user: User, asked: Asked) -> Verdict:
        if user.all_powerful:
            return Verdict(True)
        self._look(store)
        known = self._verdicts.get((user, asked))
        if known is None:
            known = self._verdicts[user, asked] = self._decide(store, user, asked)
        return known

    def grants(self, store: Snapshot, user: User) -> tuple[Grant, ...]:
        """All that is bound to a user: what holds everywhere first, both in the order of the bindings' names."""
        self._look(store)
        known = self._grants.get(user)
        if known is None:
            known = self._grants[user] = tuple(_grants(store, user))
        return known

    def _look(self, store: Snapshot) -> None:
        now = [store.shelf(*identity) for identity in _IDENTITIES]
        if self._seen is None or not all(map(is_, now, self._seen)):
            self._seen = now
            self._grants.clear()
            self._verdicts.clear()
            self._unlimited.clear()

    def _decide(self, store: Snapshot, user: User, asked: Asked) -> Verdict:
        problems: list[str] = []
        for grant in self.grants(store, user):
            if grant.namespace and grant.namespace != asked.namespace:
                continue
            if grant.problem:
                problems.append(grant.problem)
            elif any(allows(rule, asked) for rule in grant.rules):
                return Verdict(True, grant.reason)
        different = list(dict.fromkeys(problems))
        if not different:
            return Verdict(False)
        return Verdict(False, f"RBAC: {different[0] if len(different) == 1 else '[' + ', '.join(different) + ']'}")


def _grants(store: Snapshot, user: User) -> Iterator[Grant]:
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        for binding in store.list(GROUP, kind):
            subject = _subject(binding, user)
            if subject:
                yield _grant(store, binding, subject)


def _subject(binding: Object, user: User) -> str:
    """The subject of the binding that is the user, in words; empty when none is."""
    own = binding["metadata"].get("namespace", "")
    account = service_account(user.name)
    for subject in binding.get("subjects") or ():
        if not isinstance(subject, Mapping):
            continue
        kind, name = subject.get("kind"), subject.get("name")
        if (kind == "User" and name == user.name) or (kind == "Group" and name in user.groups):
            return f'{kind} "{name}"'
        place = subject.get("namespace") or own
        if kind == "ServiceAccount" and account == (place, name):
            return f'ServiceAccount "{name}/{place}"'
    return ""


def _grant(store: Snapshot, binding: Object, subject: str) -> Grant:
    meta, ref = binding["metadata"], binding["roleRef"]
    namespace, role_kind = meta.get("namespace", ""), ref["kind"]
    title = f"{meta['name']}/{namespace}" if namespace else meta["name"]
    reason = f'RBAC: allowed by {binding["kind"]} "{title}" of {role_kind} "{ref["name"]}" to {subject}'
    role = store.get(role_key(ref, namespace))
    if role is None:
        problem = f'{role_kind.lower()}.{GROUP} "{ref["name"]}" not found'
        return Grant(namespace, (), reason, problem)
    return Grant(namespace, rules_of(store, role), reason)


def rules_of(store: Snapshot, role: Object) -> tuple[Rule, ...]:
    """The rules of a role: of an aggregated one also those of the ClusterRoles that its selectors find now."""
    own = tuple(role.get("rules") or ())
    selected = (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ()
    if not selected:
        return own
    title = role["metadata"]["name"]
    others = [
        other
        for other in store.list(GROUP, "ClusterRole")
        if other["metadata"]["name"] != title and any(selectors.matches(one, labels_of(other)) for one in selected)
    ]
    more = [rule for other in others for rule in other.get("rules") or ()]
    return (*own, *(rule for rule in more if rule not in own))


def role_key(ref: Mapping[str, Any], namespace: str) -> Key:
    """Where the role of a ``roleRef`` is."""
    return Key(GROUP, ref["kind"], namespace if ref["kind"] == "Role" else "", ref["name"])
