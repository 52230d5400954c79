"""Nobody grants more than they have: the checks of writes to roles and bindings.

Source: k8s.io/kubernetes ``pkg/registry/rbac/*/policybased/storage.go`` and ``pkg/registry/rbac/validation/rule.go``.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitops_sim.cluster.access.authorizer import GROUP, KINDS, Authorizer, role_key, rules_of
from gitops_sim.cluster.access.rules import Asked, Rule, compact, in_short, missing
from gitops_sim.cluster.access.users import User
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import forbidden, not_found
from gitops_sim.objects import Object


def check(authorizer: Authorizer, store: Snapshot, user: User, kind: Kind, obj: Object, old: Object | None = None) -> None:
    """Raises Forbidden with the rules that the user lacks. ``escalate`` on the role, or ``bind`` on it, makes free."""
    if user.all_powerful or kind.group != GROUP or kind.kind not in KINDS:
        return
    meta = obj["metadata"]
    namespace = meta.get("namespace", "")
    if kind.kind in ("Role", "ClusterRole"):
        if old is not None and old.get("rules") == obj.get("rules") and old.get("aggregationRule") == obj.get("aggregationRule"):
            return
        asked = Asked("escalate", GROUP, kind.plural, "", namespace, meta["name"])
        wanted: Iterable[Rule] = obj.get("rules") or ()
        if obj.get("aggregationRule"):
            wanted = [
                *wanted,
                {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
                {"nonResourceURLs": ["*"], "verbs": ["*"]},
            ]
    else:
        if old is not None and old.get("subjects") == obj.get("subjects") and old["roleRef"] == obj["roleRef"]:
            return
        ref = obj["roleRef"]
        plural = "roles" if ref["kind"] == "Role" else "clusterroles"
        asked = Asked("bind", GROUP, plural, "", namespace, ref["name"])
        if authorizer.verdict(store, user, asked).allowed:
            return
        role = store.get(role_key(ref, namespace))
        if role is None:
            raise not_found(plural, ref["name"], GROUP)
        wanted = rules_of(store, role)
    if authorizer.verdict(store, user, asked).allowed:
        return
    grants = authorizer.grants(store, user)
    owned = [rule for grant in grants if grant.namespace in ("", namespace) for rule in grant.rules]
    lacking = missing(owned, wanted)
    if not lacking:
        return
    lines = sorted({in_short(rule) for rule in compact(lacking)})
    groups = " ".join(f'"{group}"' for group in user.groups)
    why = f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n'
    problems = [grant.problem for grant in grants if grant.problem and grant.namespace in ("", namespace)]
    after = f"; resolution errors: [{', '.join(problems)}]" if problems else ""
    raise forbidden(kind.plural, meta["name"], GROUP, why=why + "\n".join(lines) + after)
