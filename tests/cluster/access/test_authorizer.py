"""The authorizer: against a naive evaluation, and against what people expect of rights."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.access import User
from gitops_sim.cluster.access.rules import Asked
from gitops_sim.errors import ApiError

_GROUP = "rbac.authorization.k8s.io"
_VERBS, _GROUPS = ("get", "list", "delete"), ("", "apps")
_RESOURCES = ("pods", "pods/log", "deployments", "deployments/scale")
_NAMES, _PLACES = ("a", "b"), ("default", "kube-system")
_USERS = (
    User("ana", ("team",)),
    User("system:serviceaccount:default:bot", ("system:serviceaccounts",)),
    User("ben"),
)


def _some(values: tuple[str, ...], *more: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from((*values, *more)), min_size=1, max_size=2, unique=True)


_RULES = st.fixed_dictionaries(
    {"verbs": _some(_VERBS, "*"), "apiGroups": _some(_GROUPS, "*"), "resources": _some(_RESOURCES, "*", "*/scale")},
    optional={"resourceNames": _some(_NAMES)},
)
_SUBJECTS = st.sampled_from(
    (
        {"kind": "User", "name": "ana"},
        {"kind": "Group", "name": "team"},
        {"kind": "ServiceAccount", "name": "bot", "namespace": "default"},
        {"kind": "ServiceAccount", "name": "bot", "namespace": "kube-system"},
    )
)
# where the role is, its rules, where it is bound (empty: everywhere), to whom
_GRANTS = st.lists(
    st.tuples(
        st.booleans(), st.lists(_RULES, max_size=2), st.sampled_from(("", *_PLACES)), st.lists(_SUBJECTS, min_size=1, max_size=2)
    ),
    max_size=4,
)
_ASKED = st.builds(
    lambda verb, group, resource, place, name: Asked(
        verb, group, resource.partition("/")[0], resource.partition("/")[2], place, name
    ),
    st.sampled_from(_VERBS),
    st.sampled_from(_GROUPS),
    st.sampled_from(_RESOURCES),
    st.sampled_from(("", *_PLACES)),
    st.sampled_from(("", *_NAMES)),
)
_EMPTY = Cluster(controllers=False)


def _fill(cluster: Cluster, grants: list[Any], first: int = 0) -> None:
    for number, (local, rules, place, subjects) in enumerate(grants, first):
        local = local and place != ""
        kind = "Role" if local else "ClusterRole"
        name = f"r{number}"
        role = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": name}, "rules": rules}
        cluster.create(role, namespace=place if local else "")
        cluster.create(
            {
                "apiVersion": f"{_GROUP}/v1",
                "kind": "RoleBinding" if place else "ClusterRoleBinding",
                "metadata": {"name": name},
                "roleRef": {"apiGroup": _GROUP, "kind": kind, "name": name},
                "subjects": subjects,
            },
            namespace=place,
        )


def _naive(grants: list[Any], user: User, asked: Asked) -> bool:
    """Every value of every rule, one by one."""
    full = asked.resource + ("/" + asked.subresource if asked.subresource else "")
    for _, rules, place, subjects in grants:
        if place and place != asked.namespace:
            continue
        mine = False
        for subject in subjects:
            title = subject["name"]
            if subject["kind"] == "ServiceAccount":
                mine |= user.name == "system:serviceaccount:" + subject["namespace"] + ":" + title
            else:
                mine |= title == user.name if subject["kind"] == "User" else title in user.groups
        for rule in rules if mine else ():
            for verb in rule["verbs"]:
                for group in rule["apiGroups"]:
                    for resource in rule["resources"]:
                        for name in rule.get("resourceNames", [asked.name]):
                            fits = resource in ("*", full) or (full.count("/") and resource == "*/" + full.split("/")[1])
                            if verb in ("*", asked.verb) and group in ("*", asked.group) and fits and name == asked.name:
                                return True
    return False


@settings(max_examples=150, deadline=None)
@given(_GRANTS, st.sampled_from(_USERS), st.lists(_ASKED, min_size=1, max_size=8))
def test_it_agrees_with_a_naive_evaluation(grants: list[Any], user: User, questions: list[Asked]) -> None:
    cluster = copy.deepcopy(_EMPTY)
    _fill(cluster, grants)
    for asked in questions:
        assert cluster.verdict(asked, user).allowed == _naive(grants, user, asked), asked


@settings(max_examples=60, deadline=None)
@given(_GRANTS, _GRANTS, st.sampled_from(_USERS), st.lists(_ASKED, min_size=1, max_size=8))
def test_one_more_role_takes_no_right_away(before: list[Any], more: list[Any], user: User, questions: list[Asked]) -> None:
    cluster = copy.deepcopy(_EMPTY)
    _fill(cluster, before)
    allowed = [asked for asked in questions if cluster.verdict(asked, user).allowed]
    _fill(cluster, more, len(before))
    assert all(cluster.verdict(asked, user).allowed for asked in allowed)


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.sampled_from(("*", "pods", "get")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("verbs", "kind", "name", "x")), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")),
    st.dictionaries(st.sampled_from(("rules", "aggregationRule", "roleRef", "subjects")), _JUNK, max_size=4),
)
def test_hostile_roles_end_in_errors_of_the_api(kind: str, fields: dict[str, Any]) -> None:
    cluster = copy.deepcopy(_EMPTY)
    limited = cluster.as_user("ana", ("team",))
    manifest = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": "x"}, **fields}
    for who in (cluster, limited):
        with suppress(ApiError):
            who.create(manifest)
    assert not cluster.verdict(Asked("get", "", "secrets", "", "default"), User("nobody")).allowed


def _bind(cluster: Cluster, role: str, user: str, namespace: str = "") -> None:
    cluster.create(
        {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
            "metadata": {"name": f"{user}-{role}"},
            "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "User", "name": user}],
        },
        namespace=namespace,
    )


def _config(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "default"}}


def test_every_verb_asks_and_names_what_was_asked() -> None:
    cluster = Cluster(controllers=False)
    cluster.create(_config("conf"))
    eve = cluster.as_user("eve", ())
    who = 'User "eve" cannot'
    tail = 'resource "configmaps" in API group "" in the namespace "default"'
    said = {
        f'configmaps "conf" is forbidden: {who} get {tail}': lambda: eve.get("cm", "conf"),
        f'configmaps "other" is forbidden: {who} get {tail}': lambda: eve.find("cm", "other"),
        f"configmaps is forbidden: {who} list {tail}": lambda: eve.list("cm", "default"),
        f'configmaps is forbidden: {who} list resource "configmaps" in API group "" at the cluster scope': lambda: eve.list("cm"),
        f"configmaps is forbidden: {who} create {tail}": lambda: eve.create(_config("mine")),
        f'configmaps "conf" is forbidden: {who} update {tail}': lambda: eve.update(_config("conf")),
        f'configmaps "conf" is forbidden: {who} patch {tail}': lambda: eve.patch("cm", "conf", "default", {}),
        f'configmaps "conf" is forbidden: {who} delete {tail}': lambda: eve.delete("cm", "conf"),
    }
    for message, call in said.items():
        with pytest.raises(ApiError) as caught:
            call()
        assert (caught.value.code, caught.value.message) == (403, message)


def test_a_right_to_patch_needs_none_to_read() -> None:
    cluster = Cluster(controllers=False)
    cluster.create(_config("conf"))
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["patch"]}
    cluster.create({"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": "patcher"}, "rules": [rule]})
    _bind(cluster, "patcher", "eve", "default")
    eve = cluster.as_user("eve", ())
    assert eve.patch("cm", "conf", "default", {"data": {"a": "1"}})["data"] == {"a": "1"}
    with pytest.raises(ApiError, match="cannot get"):
        eve.get("cm", "conf")


def test_a_binding_to_a_role_that_is_not_there_is_told() -> None:
    cluster = Cluster(controllers=False)
    _bind(cluster, "gone", "eve", "default")
    with pytest.raises(ApiError) as caught:
        cluster.as_user("eve", ()).get("pods", "p")
    assert caught.value.message.endswith(
        'in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found'
    )


def test_rights_end_with_the_binding_and_begin_with_the_next_request() -> None:
    cluster = Cluster(controllers=False)
    eve = cluster.as_user("eve", ())
    _bind(cluster, "view", "eve")
    assert eve.list("pods") == []
    cluster.delete("clusterrolebinding", "eve-view")
    with pytest.raises(ApiError, match="cannot list"):
        eve.list("pods")


@pytest.mark.parametrize(
    ("limits", "namespace"),
    [({"resourceNames": ["a"]}, ""), ({"apiGroups": ["apps"]}, ""), ({"resources": ["pods"]}, ""), ({}, "kube-system")],
)
def test_only_who_may_do_everything_everywhere_is_not_asked_what_they_do(limits: dict[str, Any], namespace: str) -> None:
    cluster = Cluster(controllers=False)
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    for name, rule in (("all", everything), ("some", {**everything, **limits})):
        cluster.create({"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule]})
    _bind(cluster, "some", "eve", namespace)
    eve = cluster.as_user("eve", ())
    with pytest.raises(ApiError, match="cannot create"):
        eve.create(_config("b"))
    _bind(cluster, "all", "eve")
    assert eve.create(_config("b"))["metadata"]["name"] == "b"
    cluster.delete("clusterrolebinding", "eve-all")
    with pytest.raises(ApiError, match="cannot delete"):
        eve.delete("cm", "b")


def test_nobody_grants_more_than_they_have() -> None:
    cluster = Cluster(controllers=False)
    _bind(cluster, "admin", "eve", "default")
    eve = cluster.as_user("eve", ("team",))
    rule = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list"]}
    role = {"apiVersion": f"{_GROUP}/v1", "kind": "Role", "metadata": {"name": "wide"}, "rules": [rule]}
    with pytest.raises(ApiError) as caught:
        eve.create(role, namespace="default")
    assert caught.value.message == (
        'roles.rbac.authorization.k8s.io "wide" is forbidden: user "eve" (groups=["team" "system:authenticated"]) is attempting '
        'to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}'
    )
    with pytest.raises(ApiError, match="not currently held"):
        _bind(eve, "cluster-admin", "eve", "default")
    _bind(eve, "edit", "ben", "default")  # all of that she has
    narrow = {**role, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}
    eve.create(narrow, namespace="default")


def test_who_may_bind_grants_what_they_do_not_have() -> None:
    cluster = Cluster(controllers=False)
    rules = [
        {"apiGroups": [_GROUP], "resources": ["clusterrolebindings"], "verbs": ["create"]},
        {"apiGroups": [_GROUP], "resources": ["clusterroles"], "resourceNames": ["view"], "verbs": ["bind"]},
    ]
    cluster.create({"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": "binder"}, "rules": rules})
    _bind(cluster, "binder", "eve")
    eve = cluster.as_user("eve", ())
    _bind(eve, "view", "ben")
    with pytest.raises(ApiError, match="not currently held"):
        _bind(eve, "edit", "ben")


def test_a_copied_world_has_rights_of_its_own() -> None:
    cluster = Cluster(controllers=False)
    twin = copy.deepcopy(cluster)
    _bind(twin, "view", "eve")
    assert twin.as_user("eve", ()).list("pods") == []
    with pytest.raises(ApiError, match="cannot list"):
        cluster.as_user("eve", ()).list("pods")


def test_an_aggregated_role_grows_with_the_roles_that_it_finds() -> None:
    cluster = Cluster(controllers=False)
    _bind(cluster, "view", "eve")
    eve = cluster.as_user("eve", ())
    with pytest.raises(ApiError, match="cannot list"):
        eve.list("applications")
    labels = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    rule = {"apiGroups": ["argoproj.io"], "resources": ["applications"], "verbs": ["list"]}
    role = {"apiVersion": f"{_GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": "more", "labels": labels}, "rules": [rule]}
    cluster.create(role)
    assert eve.list("applications") == []


def test_server_side_apply_is_no_way_around() -> None:
    cluster = Cluster(controllers=False)
    _bind(cluster, "admin", "eve", "default")
    eve = cluster.as_user("eve", ())
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    role = {"apiVersion": f"{_GROUP}/v1", "kind": "Role", "metadata": {"name": "wide", "namespace": "default"}, "rules": [rule]}
    with pytest.raises(ApiError, match="not currently held"):
        eve.apply("role", "wide", "default", role, manager="eve")
    cluster.create({**role, "rules": []})
    with pytest.raises(ApiError, match="not currently held"):
        eve.apply("role", "wide", "default", role, manager="eve", force=True)
    with pytest.raises(ApiError, match="not currently held"):
        eve.patch("role", "wide", "default", {"rules": [rule]})
