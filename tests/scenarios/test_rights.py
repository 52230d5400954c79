"""Worlds that say who may do what, and the words that check it."""

from __future__ import annotations

import re

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.scenarios.building import build_world
from gitops_sim.scenarios.checks import CHECKS, read_call
from gitops_sim.scenarios.evidence import Evidence
from gitops_sim.scenarios.reading import read_yaml
from gitops_sim.scenarios.worlds import read_world
from gitops_sim.world import World

_WORLD = """
people: {ana: Ana, ben: Ben}
access:
  groups: {developers: [ben, you]}
  objects:
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: developers, namespace: default}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
    subjects: [{kind: Group, name: developers}]
"""


def _built(text: str = _WORLD) -> World:
    return build_world(read_world(read_yaml(text, "world.yaml")))


def _verdict(world: World, text: str) -> tuple[bool, str]:
    verdict = read_call(read_yaml(text, "check.yaml").entries(), "check", CHECKS).check(Evidence(world, []))
    return verdict.passed, verdict.actual


def test_a_person_in_a_group_has_just_what_is_bound_to_it() -> None:
    world = _built()
    assert world.kubectl("create cm x", by="ben").exit == 0
    refused = world.kubectl("delete ns default", by="ben")
    assert 'User "ben" cannot delete resource "namespaces"' in refused.stderr
    assert 'User "you" cannot list resource "nodes"' in world.kubectl("get nodes").stderr
    assert world.kubectl("get nodes", by="ana").exit == 0  # whoever is in no group is an administrator
    assert world.kubectl("auth can-i --list", by="ben").stdout.count("deployments.apps") >= 1


def test_a_copy_of_the_world_keeps_its_rights() -> None:
    assert _built().fork().kubectl("get nodes", by="ben").exit == 1


@pytest.mark.parametrize(
    ("check", "passed", "found"),
    [
        ("{check: can, user: ben, verb: create, resource: deploy}", True, "yes"),
        ("{check: can, user: ben, verb: create, resource: deploy, namespace: kube-system}", False, "no"),
        ("{check: cannot, user: ben, verb: create, resource: rolebindings}", True, "no"),
        ("{check: cannot, user: ben, verb: get, resource: pods/log}", False, "yes, they can"),
        ("{check: reach, user: 'system:serviceaccount:default:default', equals: 0}", True, "may do nothing with any object"),
    ],
)
def test_words_about_rights(check: str, passed: bool, found: str) -> None:
    ok, said = _verdict(_built(), check)
    assert (ok, said.startswith(found)) == (passed, True), said


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[ben, you]", "[eve]", "nobody is called 'eve' in this world"),
        ("kind: RoleBinding", "kind: Pod", "Pod has nothing to do with rights"),
        ("name: edit}", "name: ''}", "roleRef.name: Required value"),
        ("namespace: default}", "namespace: none}", 'namespaces "none" not found'),
    ],
)
def test_what_cannot_be_built_is_told(before: str, after: str, message: str) -> None:
    with pytest.raises(BadInput, match=re.escape(message)):
        _built(_WORLD.replace(before, after, 1))
