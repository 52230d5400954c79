"""``argocd repo``: the repositories that Argo CD was told of, and whether it can reach them."""

from __future__ import annotations

import json
from typing import Any

from tests.agents.lab import Lab, config_map


def secret(called: str, kind: str = "repository", /, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": called, "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": kind}},
        "stringData": data,
    }


def told(lab: Lab) -> Lab:
    lab.repo({"a.yaml": config_map()})
    for made in (
        secret("shop", url="https://git.example/shop.git", name="shop", type="git"),
        secret("creds", "repo-creds", url="https://git.example/private", password="x"),
        secret("lost", url="https://git.example/private/lost.git", project="team-a"),
        secret("charts", url="https://charts.example", type="helm", username="ana", password="x", insecure="true"),
    ):
        lab.cluster.create(made)
    return lab


def test_repositories_are_listed_by_project_with_their_state(lab: Lab) -> None:
    rows = [[cell.strip() for cell in row.split("  ") if cell.strip()] for row in told(lab).cli("repo list").stdout.splitlines()]
    assert rows[0] == ["TYPE", "NAME", "REPO", "INSECURE", "OCI", "LFS", "CREDS", "STATUS", "MESSAGE", "PROJECT"]
    why = "Unable to connect to repository: rpc error: code = Unknown desc = error testing repository connectivity: "
    assert rows[1][:7] == ["helm", "https://charts.example", "true", "false", "false", "true", "Failed"]
    assert rows[1][7].startswith(why)
    assert rows[2] == ["git", "shop", "https://git.example/shop.git", "false", "false", "false", "false", "Successful"]
    assert rows[3][:7] == ["git", "https://git.example/private/lost.git", "false", "false", "false", "inherited", "Failed"]
    assert rows[3][7:] == [f"{why}repository 'https://git.example/private/lost.git' not found", "team-a"]


def test_one_repository_is_found_however_its_address_is_written(lab: Lab) -> None:
    told(lab)
    assert lab.cli("repo get https://git.example/Shop -o url").stdout == "https://git.example/shop.git\n"
    found = json.loads(lab.cli("repo get https://git.example/shop -o json").stdout)
    assert found == {
        "repo": "https://git.example/shop.git",
        "connectionState": {"status": "Successful", "message": "", "attemptedAt": "2026-01-05T09:00:00Z"},
        "type": "git",
        "name": "shop",
    }
    missing = lab.cli("repo get https://git.example/shpo.git")
    assert (missing.exit, missing.mend) == (20, "did you mean 'https://git.example/shop.git'?")
    assert "permission denied" in missing.stderr


def test_a_person_sees_the_repositories_that_a_policy_names(lab: Lab) -> None:
    told(lab)
    rules = {"policy.csv": "p, ben, repositories, get, team-a/*, allow"}
    meta = {"name": "argocd-rbac-cm", "namespace": "argocd"}
    lab.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": rules})
    assert lab.cli("repo list -o url", user="ben").stdout == "https://git.example/private/lost.git\n"


def test_without_secrets_there_is_only_the_head_of_the_table(lab: Lab) -> None:
    assert lab.cli("repo list").stdout.split() == [
        "TYPE", "NAME", "REPO", "INSECURE", "OCI", "LFS", "CREDS", "STATUS", "MESSAGE", "PROJECT",
    ]  # fmt: skip
    assert lab.cli("repo list -o json").stdout == "[]\n"
