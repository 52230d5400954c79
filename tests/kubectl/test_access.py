"""Roles, bindings and questions about rights at the command line."""

from __future__ import annotations

import pytest

from gitops_sim.cluster.access import authenticate
from tests.kubectl.stage import Stage

BOT = "--as=system:serviceaccount:default:bot"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.ok("create sa bot")
    return stage


def test_roles_made_of_flags_are_what_describe_shows(stage: Stage) -> None:
    stage.ok("create role r --verb=get,list --resource=pods,deployments.apps/scale --resource-name=a")
    assert stage.ok("get role r -o jsonpath={.rules}") == (
        '[{"apiGroups":[""],"resourceNames":["a"],"resources":["pods"],"verbs":["get","list"]},'
        '{"apiGroups":["apps"],"resourceNames":["a"],"resources":["deployments/scale"],"verbs":["get","list"]}]'
    )
    shown = stage.ok("describe role r")
    assert "deployments.apps/scale  []                 [a]             [get list]" in shown
    assert 'the server doesn\'t have a resource type "frobs"' in stage.error("create role s --verb=get --resource=frobs")


def test_a_binding_gives_rights_to_a_service_account(stage: Stage) -> None:
    assert stage.run(f"auth can-i create deployments {BOT}").exit == 1
    stage.ok("create rolebinding b --clusterrole=edit --serviceaccount=default:bot")
    assert stage.ok(f"auth can-i create deployments {BOT}") == "yes\n"
    assert stage.run(f"auth can-i create deployments -n kube-system {BOT}").stdout == "no\n"
    assert stage.run(f"auth can-i create rolebindings {BOT}").stdout == "no\n"
    assert stage.ok(f"auth can-i get pods --subresource=log {BOT}") == "yes\n"
    assert stage.ok(f"auth can-i get /version {BOT}") == "yes\n"
    assert stage.ok(f"create cm x {BOT}") == "configmap/x created\n"


def test_a_bot_may_not_make_itself_an_administrator(stage: Stage) -> None:
    stage.ok("create rolebinding b --clusterrole=admin --serviceaccount=default:bot")
    said = stage.error(f"create rolebinding more --clusterrole=cluster-admin --serviceaccount=default:bot {BOT}")
    assert 'rolebindings.rbac.authorization.k8s.io "more" is forbidden' in said
    assert '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}' in said
    assert stage.run(f"auth can-i delete nodes {BOT}").exit == 1


def test_a_token_is_its_account(stage: Stage) -> None:
    token = stage.ok("create token bot --duration=10m").strip()
    who = authenticate(stage.cluster, token)
    assert who is not None
    assert who.name == "system:serviceaccount:default:bot"
    assert 'serviceaccounts "none" not found' in stage.error("create token none")
    assert "may not specify a duration less than 10 minutes" in stage.error("create token bot --duration=5s")
    assert 'cannot create resource "serviceaccounts/token"' in stage.error(f"create token bot {BOT}")


def test_reconcile_adds_what_is_missing(stage: Stage) -> None:
    stage.ok("create role r --verb=get --resource=pods")
    made = stage.ok("create role r --verb=list --resource=pods --dry-run=client -o json")
    assert stage.ok("auth reconcile -f -", stdin=made) == "role.rbac.authorization.k8s.io/r reconciled\n"
    assert stage.ok("get role r -o jsonpath={.rules[*].verbs[*]}") == "get list"
    stage.ok("auth reconcile --remove-extra-permissions -f -", stdin=made)
    assert stage.ok("get role r -o jsonpath={.rules[*].verbs[*]}") == "list"
