"""``argocd appset``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.output import Output
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml
from tests.agents.argocd.test_appsets import ENVIRONMENTS, SHOP, appset
from tests.agents.lab import config_map


@pytest.fixture
def world() -> World:
    world = World()
    world.git.create("shop", {"apps/web/a.yaml": config_map(), "apps/api/a.yaml": config_map("api")}, author="ana")
    world.argocd_in()
    return world


def run(world: World, args: str, *sets: dict[str, Any], by: str = "you") -> Output:
    return world.argocd(args, files={"sets.yaml": "---\n".join(dump_yaml(one) for one in sets)}, by=by)


def fatal(output: Output) -> str:
    assert (output.exit, output.stdout) == (20, ""), output
    return str(json.loads(output.stderr)["msg"])


def apps(world: World) -> list[str]:
    return [obj["metadata"]["name"] for obj in world.cluster().list("app", "argocd")]


def test_generate_shows_what_a_set_would_make_and_makes_nothing(world: World) -> None:
    made = appset(ENVIRONMENTS)
    del made["metadata"]["namespace"]
    header, *rows = run(world, "appset generate sets.yaml", made).stdout.splitlines()
    assert header.split() == [
        "NAME", "CLUSTER", "NAMESPACE", "PROJECT", "STATUS", "HEALTH", "SYNCPOLICY", "CONDITIONS", "REPO", "PATH", "TARGET"
    ]  # fmt: skip
    assert [row.split() for row in rows] == [
        [name, "https://kubernetes.default.svc", "default", "default", "Auto-Prune", "<none>", SHOP, "apps/web", "main"]
        for name in ("argocd/web-dev", "argocd/web-prod")
    ]
    [one] = [
        load_document(
            run(world, "appset generate sets.yaml -o yaml", appset({"list": {"elements": [{"env": "qa"}]}})).stdout, where=""
        )
    ]
    assert (one["kind"], one["metadata"]["name"]) == ("Application", "web-qa")
    assert [obj["kind"] for obj in json.loads(run(world, "appset generate sets.yaml -o json", made).stdout)] == [
        "Application"
    ] * 2
    assert apps(world) == []


def test_create_makes_a_set_once_and_changes_it_only_when_told_to(world: World) -> None:
    first = run(world, "appset create sets.yaml", appset(ENVIRONMENTS))
    assert first.stderr == "ApplicationSet 'web' created\n"
    assert first.stdout.startswith("Name:               argocd/web\nProject:            default\nServer:             https://")
    assert apps(world) == ["web-dev", "web-prod"]
    assert run(world, "appset create sets.yaml", appset(ENVIRONMENTS)).stderr == "ApplicationSet 'web' unchanged\n"
    other = appset({"list": {"elements": [{"env": "qa"}]}})
    refused = run(world, "appset create sets.yaml", other)
    text = "existing ApplicationSet spec is different, use upsert flag to force update"
    assert fatal(refused) == f"rpc error: code = InvalidArgument desc = {text}"
    assert run(world, "appset create sets.yaml --upsert", other).stderr == "ApplicationSet 'web' updated\n"
    assert apps(world) == ["web-qa"]
    assert [r.message for r in world.trace.find(event=("ApplicationSetCreated", "ApplicationSetChanged"))] == [
        "creates ApplicationSet web",
        "changes ApplicationSet web",
    ]


def test_a_dry_run_names_the_applications_and_makes_nothing(world: World) -> None:
    said = run(world, "appset create sets.yaml --dry-run -o json", appset(ENVIRONMENTS))
    assert said.stderr == "ApplicationSet 'web' created (dry-run)\n"
    assert [one["name"] for one in json.loads(said.stdout)["status"]["resources"]] == ["web-dev", "web-prod"]
    assert (apps(world), world.cluster().list("appset", "argocd")) == ([], [])


def test_what_is_wrong_with_the_file_is_said(world: World) -> None:
    begin = "error reading applicationset from file {}.yaml: "
    missing = run(world, "appset create set.yaml", appset(ENVIRONMENTS))
    assert fatal(missing) == begin.format("set") + "error reading file payload: open set.yaml: no such file or directory"
    assert missing.mend == "did you mean 'sets.yaml'?"
    spoilt = appset({"list": {"elements": 7}})
    assert fatal(run(world, "appset generate sets.yaml", spoilt)) == (
        begin.format("sets") + "error unmarshalling appset: error unmarshaling JSON: while decoding JSON: "
        'spec.generators[0].list.elements must be of type array: "integer"'
    )
    two = run(world, "appset generate sets.yaml", appset(ENVIRONMENTS), appset(ENVIRONMENTS))
    assert (two.exit, two.stdout) == (1, "Input file must contain one ApplicationSet")
    none = run(world, "appset create sets.yaml")
    assert (none.exit, none.stdout) == (1, "No ApplicationSets found while parsing the input file")
    unnamed = appset(ENVIRONMENTS, name="")
    assert fatal(run(world, "appset create sets.yaml", unnamed)).endswith("ApplicationSet does not have Name field set")


def test_what_the_server_refuses(world: World) -> None:
    def refused(change: dict[str, Any], *, by: str = "you", command: str = "create") -> str:
        made = appset(ENVIRONMENTS)
        made["spec"] |= change
        return fatal(run(world, f"appset {command} sets.yaml", made, by=by)).removeprefix("rpc error: code = ")

    def of_project(name: str) -> dict[str, Any]:
        template = appset()["spec"]["template"]
        return {"template": {**template, "spec": {**template["spec"], "project": name}}}

    assert refused(of_project("{{env}}")) == (
        "Unknown desc = error validating ApplicationSets: the Argo CD API does not currently support creating ApplicationSets "
        "with templated `project` fields"
    )
    assert refused(of_project("none")) == (
        "InvalidArgument desc = error checking create permissions for ApplicationSets web : rpc error: code = InvalidArgument "
        "desc = ApplicationSet references project none which does not exist"
    )
    assert refused({"generators": [{"lists": {}}]}) == (
        "Unknown desc = error validating ApplicationSets: ApplicationSet web contains unrecognized generators"
    )
    assert refused({"generators": [{"git": {"repoURL": SHOP, "revision": "main"}}]}, command="generate") == (
        "Unknown desc = unable to generate Applications of ApplicationSet: error generating applications: ApplicationSet is empty"
    )
    assert refused({"generators": [{"git": {"repoURL": SHOP}}]}) == (
        'InvalidArgument desc = error creating ApplicationSet: ApplicationSet.argoproj.io "web" is invalid: '
        "spec.generators[0].git.revision: Required value"
    )
    meta = {"name": "argocd-rbac-cm", "namespace": "argocd"}
    rights = {"policy.default": "role:readonly"}
    world.cluster().create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": rights})
    assert refused({}, by="ben").startswith(
        "PermissionDenied desc = error checking create permissions for ApplicationSets web : rpc error: code = PermissionDenied "
        "desc = permission denied: applicationsets, create, default/web, sub: ben, iat: "
    )


def test_lists_are_narrowed_by_labels_and_projects(world: World) -> None:
    labelled = appset(ENVIRONMENTS, name="labelled")
    labelled["metadata"]["labels"] = {"tier": "1"}
    run(world, "appset create sets.yaml", labelled, appset({"list": {"elements": [{"env": "qa"}]}}))
    assert world.argocd("appset list -o name -l tier=1").stdout == "argocd/labelled\n"
    assert world.argocd("appset list -o name -p default").stdout == "argocd/labelled\nargocd/web\n"
    assert world.argocd("appset list -o name -p other").stdout == ""
