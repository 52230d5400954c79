"""Roles and their bindings."""

from __future__ import annotations

from gitops_sim.cluster.validation.causes import one_of, required, shown, wrong
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_GROUP = "rbac.authorization.k8s.io"


def role(obj: Object) -> list[Cause]:
    return _rules(obj, namespaced=True)


def cluster_role(obj: Object) -> list[Cause]:
    return _rules(obj, namespaced=False)


def _rules(obj: Object, *, namespaced: bool) -> list[Cause]:
    causes: list[Cause] = []
    for index, rule in enumerate(obj["rules"] or ()):
        field = f"rules[{index}]"
        if not rule["verbs"]:
            causes.append(required(f"{field}.verbs", "verbs must contain at least one value"))
        urls = rule.get("nonResourceURLs")
        if urls:
            if namespaced:
                causes.append(wrong(f"{field}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs"))
            elif rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                why = "rules cannot apply to both regular resources and non-resource URLs"
                causes.append(wrong(f"{field}.nonResourceURLs", urls, why))
            continue
        if not rule.get("apiGroups"):
            causes.append(required(f"{field}.apiGroups", "resource rules must supply at least one api group"))
        if not rule.get("resources"):
            causes.append(required(f"{field}.resources", "resource rules must supply at least one resource"))
    return causes


def role_binding(obj: Object) -> list[Cause]:
    return _binding(obj, ("Role", "ClusterRole"))


def cluster_role_binding(obj: Object) -> list[Cause]:
    return _binding(obj, ("ClusterRole",))


def _binding(obj: Object, roles: tuple[str, ...]) -> list[Cause]:
    ref = obj["roleRef"]
    causes = one_of("roleRef.apiGroup", ref["apiGroup"], (_GROUP,)) + one_of("roleRef.kind", ref["kind"], roles)
    if not ref["name"]:
        causes.append(required("roleRef.name"))
    for index, subject in enumerate(obj.get("subjects") or ()):
        field = f"subjects[{index}]"
        if not subject["name"]:
            causes.append(required(f"{field}.name"))
        causes += one_of(f"{field}.kind", subject["kind"], ("ServiceAccount", "User", "Group"))
        if subject["kind"] in ("ServiceAccount", "User", "Group"):
            group = "" if subject["kind"] == "ServiceAccount" else _GROUP
            causes += one_of(f"{field}.apiGroup", subject.get("apiGroup") or "", (group,))
        if subject["kind"] == "ServiceAccount" and obj["kind"] == "ClusterRoleBinding" and not subject.get("namespace"):
            causes.append(required(f"{field}.namespace"))
    return causes


def binding_update(new: Object, old: Object) -> list[Cause]:
    if new["roleRef"] == old["roleRef"]:
        return []
    ref = new["roleRef"]
    quoted = f'{{"APIGroup":{shown(ref["apiGroup"])},"Kind":{shown(ref["kind"])},"Name":{shown(ref["name"])}}}'
    return [Cause("roleRef", f"Invalid value: {quoted}: cannot change roleRef")]
