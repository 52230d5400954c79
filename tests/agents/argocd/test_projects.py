"""What a project allows its Applications, and what they hear when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.argocd.application import read_application
from gitops_sim.agents.argocd.glob import matches
from gitops_sim.agents.argocd.project import Project, normal_url, read_project
from tests.agents.lab import IN_CLUSTER, Lab, application, config_map

ANYWHERE = [{"server": "*", "namespace": "*"}]
CLUSTER_ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\nrules: []\n"


def project(name: str = "team-a", **spec: Any) -> dict[str, Any]:
    given = {"sourceRepos": ["*"], "destinations": ANYWHERE, **spec}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": given,
    }


def rules(**spec: Any) -> Project:
    return read_project(project(**spec))


@pytest.mark.parametrize(
    ("pattern", "text", "separator", "fits"),
    [
        ("*", "anything/at all", "", True),
        ("team-*", "team-a", "", True),
        ("team-*", "x-team-a", "", False),
        ("https://git.example/*", "https://git.example/a", "/", True),
        ("https://git.example/*", "https://git.example/a/b", "/", False),
        ("https://git.example/**", "https://git.example/a/b", "/", True),
        ("{dev,test}-?", "test-1", "", True),
        ("{dev,test}-?", "test-12", "", False),
        ("[a-c]x", "bx", "", True),
        ("[!a-c]x", "bx", "", False),
        (r"\*", "*", "", True),
        (r"\*", "a", "", False),
        ("[", "[", "", False),
        ("{a", "a", "", False),
    ],
)
def test_patterns(pattern: str, text: str, separator: str, fits: bool) -> None:
    assert matches(pattern, text, separator=separator) is fits


def test_an_address_of_a_repository_is_the_same_in_all_its_forms() -> None:
    assert normal_url("https://Git.example/Shop.git") == normal_url(" https://git.example/shop")
    assert normal_url("git@git.example:shop.git") == normal_url("git@git.example/shop")


def test_a_denied_repository_stays_denied_however_wide_the_others_are() -> None:
    found = rules(sourceRepos=["*", "!https://git.example/secret.git"])
    assert found.permits_source("https://git.example/shop")
    assert not found.permits_source("https://git.example/secret")
    assert not rules(sourceRepos=[]).permits_source("https://git.example/shop")


@pytest.mark.parametrize(
    ("destinations", "namespace", "allowed"),
    [
        (ANYWHERE, "web", True),
        ([], "web", False),
        ([{"server": IN_CLUSTER, "namespace": "team-a-*"}], "team-a-web", True),
        ([{"server": IN_CLUSTER, "namespace": "team-a-*"}], "web", False),
        ([*ANYWHERE, {"server": IN_CLUSTER, "namespace": "!kube-system"}], "web", True),
        ([*ANYWHERE, {"server": IN_CLUSTER, "namespace": "!kube-system"}], "kube-system", False),
        ([*ANYWHERE, {"server": f"!{IN_CLUSTER}", "namespace": "*"}], "web", False),
        ([{"name": "in-cluster", "namespace": "*"}], "web", True),
        ([*ANYWHERE, {"name": "!in-cluster", "namespace": "*"}], "web", False),
    ],
)
def test_a_destination_needs_an_allow_and_no_deny(destinations: Any, namespace: str, allowed: bool) -> None:
    assert rules(destinations=destinations).permits_destination(IN_CLUSTER, "in-cluster", namespace) is allowed


def test_kinds_without_a_namespace_need_a_list_and_those_in_one_do_not() -> None:
    def allows(found: Project, group: str, kind: str, *, namespaced: bool) -> bool:
        return found.permits_kind(group, kind, "x", namespaced=namespaced)

    assert not allows(rules(), "", "Namespace", namespaced=False)
    assert allows(rules(clusterResourceWhitelist=[{"group": "", "kind": "Namespace"}]), "", "Namespace", namespaced=False)
    both = rules(clusterResourceWhitelist=[{"group": "*", "kind": "*"}], clusterResourceBlacklist=[{"group": "", "kind": "N*"}])
    assert not allows(both, "", "Namespace", namespaced=False)
    assert allows(rules(), "apps", "Deployment", namespaced=True)
    assert not allows(rules(namespaceResourceWhitelist=[]), "apps", "Deployment", namespaced=True)
    assert not allows(rules(namespaceResourceBlacklist=[{"group": "", "kind": "Secret"}]), "", "Secret", namespaced=True)
    named = rules(clusterResourceWhitelist=[{"group": "", "kind": "Namespace", "name": "team-a-*"}])
    assert named.permits_kind("", "Namespace", "team-a-web", namespaced=False)
    assert not named.permits_kind("", "Namespace", "web", namespaced=False)


def test_an_application_in_another_namespace_needs_a_project_that_lets_it_in() -> None:
    app = read_application({**application(project="team-a"), "metadata": {"name": "web", "namespace": "team-a"}})
    [text] = rules().problems(app, IN_CLUSTER, "in-cluster")
    assert text == "application 'web' in namespace 'team-a' is not permitted to use project 'team-a'"
    assert [*rules(sourceNamespaces=["team-*"]).problems(app, IN_CLUSTER, "in-cluster")] == []


def test_what_a_project_does_not_allow_makes_the_spec_invalid(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.cluster.create(project(sourceRepos=["https://git.example/other"], destinations=[{"server": "*", "namespace": "team-a"}]))
    lab.add(application(project="team-a", automated={}))
    texts = [c["message"] for c in lab.status()["conditions"] if c["type"] == "InvalidSpecError"]
    assert texts == [
        f"application destination server '{IN_CLUSTER}' and namespace 'default' do not match any of the allowed destinations in "
        "project 'team-a'",
        "application repo https://git.example/shop.git is not permitted in project 'team-a'",
    ]
    assert (lab.sync(), lab.health()) == ("Unknown", "Unknown")
    assert lab.cluster.find("cm", "settings") is None
    lab.cluster.patch("appproj", "team-a", "argocd", {"spec": {"sourceRepos": ["*"], "destinations": ANYWHERE}}, type="merge")
    lab.clock.settle()
    assert (lab.sync(), lab.health(), lab.conditions()) == ("Synced", "Healthy", {})


def test_a_kind_that_the_project_forbids_fails_the_whole_sync(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/role.yaml": CLUSTER_ROLE})
    lab.cluster.create(project())
    lab.add(application(project="team-a"))
    assert {r["kind"]: r["status"] for r in lab.status()["resources"]} == {"ClusterRole": "Unknown", "ConfigMap": "OutOfSync"}
    output = lab.cli("app sync web")
    assert "Operation has completed with phase: Failed" in output.stderr
    why = "resource rbac.authorization.k8s.io:ClusterRole is not permitted in project team-a"
    assert lab.status()["operationState"]["message"] == f"one or more synchronization tasks are not valid: {why}"
    assert lab.results()["ClusterRole/reader"] == ("SyncFailed", why)
    assert lab.cluster.find("cm", "settings") is None
    assert lab.sync() == "OutOfSync"


def test_a_namespace_that_the_project_forbids_fails_the_whole_sync(lab: Lab) -> None:
    elsewhere = config_map().replace("name: settings", "name: settings\n  namespace: kube-system")
    lab.repo({"manifests/a.yaml": elsewhere})
    lab.cluster.create(project(destinations=[{"server": "*", "namespace": "default"}]))
    lab.add(application(project="team-a"))
    lab.cli("app sync web")
    why = "namespace kube-system is not permitted in project 'team-a'"
    assert lab.results()["ConfigMap/settings"] == ("SyncFailed", why)
    assert lab.cluster.find("cm", "settings", "kube-system") is None


def test_what_was_deployed_before_the_project_forbade_it_is_neither_pruned_nor_deleted(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/b.yaml": config_map("b")})
    lab.cluster.create(project())
    lab.add(application(project="team-a", automated={"prune": True}))
    assert lab.cluster.find("cm", "settings") is not None
    change = {"spec": {"namespaceResourceBlacklist": [{"group": "", "kind": "ConfigMap"}]}}
    lab.cluster.patch("appproj", "team-a", "argocd", change, type="merge")
    lab.cli("app delete web --yes")
    lab.run(60)
    assert lab.cluster.find("app", "web", "argocd") is None
    assert lab.cluster.find("cm", "settings") is not None


def test_argocd_proj_shows_what_there_is(lab: Lab) -> None:
    lab.cluster.create(
        project(
            description="Team A",
            destinations=[{"server": IN_CLUSTER, "namespace": "a"}, {"server": IN_CLUSTER, "namespace": "b"}],
            orphanedResources={"warn": False},
        )
    )
    listed = str(lab.cli("proj list")).splitlines()
    assert listed[0].split() == [
        "NAME",
        "DESCRIPTION",
        "DESTINATIONS",
        "SOURCES",
        "CLUSTER-RESOURCE-WHITELIST",
        "NAMESPACE-RESOURCE-BLACKLIST",
        "SIGNATURE-KEYS",
        "ORPHANED-RESOURCES",
        "DESTINATION-SERVICE-ACCOUNTS",
    ]
    assert listed[1].split() == ["default", "*,*", "*", "*/*", "<none>", "<none>", "disabled", "<none>"]
    cells = [cell.strip() for cell in listed[2].split("  ") if cell.strip()]
    assert cells == ["team-a", "Team A", "2 destinations", "*", "<none>", "<none>", "<none>", "enabled (warn=false)", "<none>"]
    assert lab.cli("proj list -o name").stdout == "default\nteam-a\n"
    page = lab.cli("proj get team-a").stdout
    assert page.startswith("Name:                        team-a\nDescription:                 Team A\n")
    assert f"Destinations:                {IN_CLUSTER},a\n                             {IN_CLUSTER},b\n" in page
    assert "Allowed Cluster Resources:   <none>\n" in page
    missing = lab.cli("proj get nobody")
    assert missing.exit == 20
    assert 'appprojects.argoproj.io \\"nobody\\" not found' in missing.stderr


def test_a_project_that_is_used_cannot_be_deleted_by_the_cli_nor_can_the_default_one(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.cluster.create(project())
    lab.add(application(project="team-a"))
    assert "project is referenced by 1 applications" in lab.cli("proj delete team-a").stderr
    assert "name 'default' is reserved and cannot be deleted" in lab.cli("proj delete default").stderr
    lab.cli("app delete web --yes")
    lab.run(10)
    assert lab.cli("proj delete team-a").exit == 0
    assert lab.cluster.find("appproj", "team-a", "argocd") is None


def test_nothing_can_be_asked_of_an_application_whose_project_is_not_there(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(project="shop"))
    text = 'rpc error: code = InvalidArgument desc = app is not allowed in project \\"shop\\", or the project does not exist'
    for command in ("get", "sync", "wait", "diff", "set --path other", "delete --yes"):
        words = command.split()
        assert text in lab.cli(f"app {words[0]} web {' '.join(words[1:])}").stderr, command
    assert "operation" not in lab.app()
    assert "argocd/web" in lab.cli("app list").stdout
