"""Tokens: who holds one is its ServiceAccount, for as long as it holds."""

from __future__ import annotations

import base64

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.access import authenticate
from gitops_sim.cluster.access.accounts import account
from gitops_sim.cluster.access.tokens import request_token


def _cluster(name: str = "production") -> Cluster:
    cluster = Cluster(name, controllers=False)
    cluster.create(account("default", "robot"))
    return cluster


def _token(cluster: Cluster, **spec: object) -> str:
    token = request_token(cluster, "default", "robot", {"spec": spec})["status"]["token"]
    assert isinstance(token, str)
    return token


def test_a_token_stands_for_its_account_until_it_expires() -> None:
    cluster = _cluster()
    token = _token(cluster, expirationSeconds=600)
    who = authenticate(cluster, token)
    assert who is not None
    assert who.name == "system:serviceaccount:default:robot"
    assert who.groups == ("system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated")
    cluster.clock.run_until(599)
    assert authenticate(cluster, token)
    cluster.clock.run_until(600)
    assert authenticate(cluster, token) is None


def test_a_token_dies_with_its_account() -> None:
    cluster = _cluster()
    token = _token(cluster)
    cluster.delete("sa", "robot")
    cluster.create(account("default", "robot"))
    assert authenticate(cluster, token) is None


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "....", "\u00e9.\u00e9.\u00e9", "a" * 5000])
def test_no_other_text_is_a_token(forged: str) -> None:
    assert authenticate(_cluster(), forged) is None


def test_a_token_that_somebody_touched_or_that_another_cluster_gave_is_none() -> None:
    cluster, token = _cluster(), _token(_cluster())
    assert authenticate(cluster, token)
    assert authenticate(_cluster("staging"), token) is None
    for place in range(0, len(token), 37):
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert authenticate(cluster, other) is None


def test_a_token_for_others_is_none_for_the_api() -> None:
    cluster = _cluster()
    assert authenticate(cluster, _token(cluster, audiences=["vault"])) is None


def test_a_token_in_a_secret_dies_with_the_secret_and_the_secret_with_the_account() -> None:
    home = Cluster()
    home.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}})
    meta = {"name": "robot-token", "annotations": {"kubernetes.io/service-account.name": "robot"}}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "kubernetes.io/service-account-token"}
    home.create(secret)
    home.clock.settle()
    kept = base64.b64decode(home.get("secrets", "robot-token")["data"]["token"]).decode()
    known = authenticate(home, kept)
    assert known is not None
    assert known.name == "system:serviceaccount:default:robot"
    home.delete("secrets", "robot-token")
    assert authenticate(home, kept) is None
    home.create(secret)
    home.clock.settle()
    assert authenticate(home, kept) is not None, "the same claims, signed with the same key"
    home.delete("serviceaccounts", "robot")
    home.clock.settle()
    assert home.find("secrets", "robot-token") is None
    assert authenticate(home, kept) is None
