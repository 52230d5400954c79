"""ApplicationSets at work: Applications come, change and go as their set says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitops_sim.kubectl import Kubectl
from gitops_sim.objects import Object
from tests.agents.lab import IN_CLUSTER, Lab, config_map

SHOP = "https://git.example/shop.git"
FOLDERS = {"git": {"repoURL": SHOP, "revision": "main", "directories": [{"path": "apps/*"}]}}
ENVIRONMENTS = {"list": {"elements": [{"env": "dev"}, {"env": "prod"}]}}


def appset(*generators: dict[str, Any], name: str = "web", template: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    made = {
        "metadata": {"name": "web-{{env}}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": SHOP, "path": "apps/web", "targetRevision": "main"},
            "destination": {"server": IN_CLUSTER, "namespace": "default"},
            "syncPolicy": {"automated": {"prune": True}},
        },
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"generators": list(generators), "template": template or made, **spec},
    }


def by_folder(**spec: Any) -> dict[str, Any]:
    template = {
        "metadata": {"name": "{{.path.basename}}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": SHOP, "path": "{{.path.path}}", "targetRevision": "main"},
            "destination": {"server": IN_CLUSTER, "namespace": "{{.path.basename}}"},
            "syncPolicy": {"automated": {"prune": True}, "syncOptions": ["CreateNamespace=true"]},
        },
    }
    return appset(FOLDERS, template=template, goTemplate=True, **spec)


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.repo({"apps/web/a.yaml": config_map("web"), "apps/api/a.yaml": config_map("api"), "README.md": "x"})
    return lab


def names(lab: Lab) -> list[str]:
    return [obj["metadata"]["name"] for obj in lab.cluster.list("app", "argocd")]


def conditions(lab: Lab, name: str = "web") -> dict[str, tuple[str, str, str]]:
    found = lab.cluster.get("appset", name, "argocd").get("status", {}).get("conditions", [])
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in found}


def change(lab: Lab, spec: dict[str, Any], name: str = "web") -> None:
    lab.cluster.patch("appset", name, "argocd", {"spec": spec}, type="merge")
    lab.clock.settle()


def test_it_makes_an_application_for_each_set_of_parameters(shop: Lab) -> None:
    shop.add(appset(ENVIRONMENTS))
    assert names(shop) == ["web-dev", "web-prod"]
    meta = shop.app("web-dev")["metadata"]
    assert meta["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    [owner] = meta["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("ApplicationSet", "web", True)
    up = ("ApplicationSetUpToDate", "All applications have been generated successfully")
    assert conditions(shop) == {
        "ErrorOccurred": ("False", *up),
        "ParametersGenerated": ("True", "ParametersGenerated", "Successfully generated parameters for all Applications"),
        "ResourcesUpToDate": ("True", *up),
    }
    events = [e["message"] for e in shop.cluster.list("events", "argocd") if e["involvedObject"]["kind"] == "ApplicationSet"]
    assert sorted(events) == ['created Application "web-dev"', 'created Application "web-prod"']
    assert [r.message for r in shop.find("ApplicationGenerated")] == [
        "makes Application web-dev, as ApplicationSet web says",
        "makes Application web-prod, as ApplicationSet web says",
    ]


def test_a_set_in_another_namespace_than_argo_cds_is_not_looked_at(shop: Lab) -> None:
    made = appset(ENVIRONMENTS)
    shop.add({**made, "metadata": {"name": "web", "namespace": "default"}})
    assert names(shop) == []
    assert "status" not in shop.cluster.get("appset", "web", "default")


def test_a_folder_more_is_an_application_more_within_three_minutes_and_one_less_deletes_it(shop: Lab) -> None:
    shop.add(by_folder())
    assert names(shop) == ["api", "web"]
    assert shop.cluster.find("cm", "api", "api") is not None
    shop.commit({"apps/db/a.yaml": config_map("db")})
    assert names(shop) == ["api", "web"]
    shop.run(180)
    assert names(shop) == ["api", "db", "web"]
    shop.run(30)
    assert shop.cluster.find("cm", "db", "db") is not None
    shop.commit({"apps/api/a.yaml": None})
    shop.run(180)
    assert names(shop) == ["db", "web"]
    shop.run(60)
    assert shop.cluster.find("cm", "api", "api") is None  # its finalizer took along what it deployed
    resources = shop.cluster.get("appset", "web", "argocd")["status"]["resources"]
    assert [r["name"] for r in resources] == ["db", "web"]


def test_a_webhook_or_the_refresh_annotation_makes_it_look_at_once(shop: Lab) -> None:
    shop.add(by_folder())
    shop.commit({"apps/db/a.yaml": config_map("db")})
    shop.cluster.patch(
        "appset",
        "web",
        "argocd",
        {"metadata": {"annotations": {"argocd.argoproj.io/application-set-refresh": "true"}}},
        type="merge",
    )
    shop.clock.settle()
    assert names(shop) == ["api", "db", "web"]
    assert "annotations" not in shop.cluster.get("appset", "web", "argocd")["metadata"]
    shop.forge.webhooks.set("shop", shop.argocd.webhook)
    shop.commit({"apps/ui/a.yaml": config_map("ui")})
    shop.run(2)
    assert names(shop) == ["api", "db", "ui", "web"]


def test_what_people_change_in_a_generated_application_is_put_back(shop: Lab) -> None:
    shop.add(appset(ENVIRONMENTS))
    shop.set_spec({"source": {"targetRevision": "other"}}, "web-dev")
    assert shop.app("web-dev")["spec"]["source"]["targetRevision"] == "main"
    text = "puts spec of Application web-dev back to what ApplicationSet web says"
    assert shop.last("ApplicationMended").message == text
    shop.cluster.delete("app", "web-prod", "argocd")
    shop.run(10)
    assert names(shop) == ["web-dev", "web-prod"]
    marks = {"metadata": {"annotations": {"a": "1"}, "labels": {"b": "2"}}}
    shop.cluster.patch("app", "web-dev", "argocd", marks, type="merge")
    shop.clock.settle()
    meta = shop.app("web-dev")["metadata"]
    assert ("annotations" in meta, "labels" in meta) == (False, False)


def test_what_it_is_told_to_keep_is_kept(shop: Lab) -> None:
    kept = {"annotations": ["mine"], "labels": ["tier"]}
    ignored = [{"name": "web-dev", "jsonPointers": ["/spec/source/targetRevision"]}]
    shop.add(appset(ENVIRONMENTS, preservedFields=kept, ignoreApplicationDifferences=ignored))
    for name in ("web-dev", "web-prod"):
        shop.cluster.patch(
            "app", name, "argocd", {"metadata": {"annotations": {"mine": "1"}, "labels": {"tier": "2"}}}, type="merge"
        )
        shop.set_spec({"source": {"targetRevision": "other"}}, name)
    assert [shop.app(name)["spec"]["source"]["targetRevision"] for name in ("web-dev", "web-prod")] == ["other", "main"]
    assert shop.app("web-prod")["metadata"]["annotations"] == {"mine": "1"}
    assert shop.app("web-prod")["metadata"]["labels"] == {"tier": "2"}


@pytest.mark.parametrize(
    ("policy", "updated", "deleted"),
    [("sync", True, True), ("create-only", False, False), ("create-update", True, False), ("create-delete", False, True)],
)
def test_policies(shop: Lab, policy: str, updated: bool, deleted: bool) -> None:
    shop.add(appset(ENVIRONMENTS, syncPolicy={"applicationsSync": policy}))
    template = appset()["spec"]["template"]
    template["spec"]["source"]["path"] = "apps/api"
    change(shop, {"template": template, "generators": [{"list": {"elements": [{"env": "dev"}, {"env": "test"}]}}]})
    assert (shop.app("web-dev")["spec"]["source"]["path"] == "apps/api") is updated
    assert "web-test" in names(shop)
    assert ("web-prod" not in names(shop)) is deleted


def test_the_end_of_a_set_is_the_end_of_its_applications(shop: Lab) -> None:
    shop.add(by_folder())
    shop.run(30)
    assert shop.cluster.find("cm", "web", "web") is not None
    shop.cluster.delete("appset", "web", "argocd")
    shop.run(60)
    assert names(shop) == []
    assert shop.cluster.find("cm", "web", "web") is None


def test_resources_can_outlive_their_set(shop: Lab) -> None:
    shop.add(by_folder(syncPolicy={"preserveResourcesOnDeletion": True}))
    shop.run(30)
    assert "finalizers" not in shop.app("web")["metadata"]
    shop.cluster.delete("appset", "web", "argocd")
    shop.run(60)
    assert names(shop) == []
    assert shop.cluster.find("cm", "web", "web") is not None


def test_applications_can_outlive_a_set_that_may_not_delete(shop: Lab) -> None:
    made = appset(ENVIRONMENTS, syncPolicy={"applicationsSync": "create-update"})
    made["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    shop.add(made)
    shop.cluster.delete("appset", "web", "argocd")
    shop.run(60)
    assert names(shop) == ["web-dev", "web-prod"]
    assert "ownerReferences" not in shop.app("web-dev")["metadata"]
    assert shop.cluster.find("appset", "web", "argocd") is None


def test_a_patch_of_the_template_changes_everything_but_the_project(shop: Lab) -> None:
    patch = """\
metadata:
  annotations: {owner: "{{.env}}"}
spec:
  project: other
  {{- if eq .env "dev"}}
  syncPolicy: null
  {{- end}}
"""
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "web-{{.env}}"
    shop.add(appset(ENVIRONMENTS, template=template, goTemplate=True, templatePatch=patch))
    assert shop.app("web-dev")["metadata"]["annotations"] == {"owner": "dev"}
    assert ["syncPolicy" in shop.app(f"web-{env}")["spec"] for env in ("dev", "prod")] == [False, True]
    assert shop.app("web-dev")["spec"]["project"] == "default"


def test_a_template_of_the_generator_goes_before_the_common_one(shop: Lab) -> None:
    """The definition wants a whole one; what is empty in it does not count."""
    own = {"metadata": {}, "spec": {"project": "", "source": {"repoURL": "", "path": "apps/api"}, "destination": {}}}
    shop.add(appset({"list": {**ENVIRONMENTS["list"], "template": own}}))
    assert shop.app("web-dev")["spec"]["source"] == {"repoURL": SHOP, "path": "apps/api", "targetRevision": "main"}


def test_a_generator_that_fails_makes_nothing_and_undoes_nothing(shop: Lab) -> None:
    shop.add(by_folder())
    broken = {"git": {"repoURL": SHOP, "revision": "nope", "directories": [{"path": "apps/*"}]}}
    change(shop, {"generators": [broken, ENVIRONMENTS]})
    assert names(shop) == ["api", "web"]
    status, reason, message = conditions(shop)["ErrorOccurred"]
    assert (status, reason) == ("True", "ApplicationGenerationFromParamsError")
    assert message.endswith("unable to resolve git revision nope: unable to resolve 'nope' to a commit SHA")
    assert conditions(shop)["ParametersGenerated"] == ("False", "ErrorOccurred", message)
    assert conditions(shop)["ResourcesUpToDate"] == ("False", "ErrorOccurred", message)
    shop.forge.repository("shop").branch("nope")
    change(shop, {"generators": [FOLDERS]})
    assert conditions(shop)["ErrorOccurred"][0] == "False"
    assert len(shop.find("ApplicationSetFailed")) == 1


def test_a_template_that_cannot_be_filled_in(shop: Lab) -> None:
    shop.add(by_folder(goTemplateOptions=["missingkey=error"], templatePatch="spec: {x: '{{.nope}}'}"))
    status, reason, message = conditions(shop)["ErrorOccurred"]
    assert (status, reason) == ("True", "RenderTemplateParamsError")
    assert message.startswith("error replacing values in templatePatch: failed to execute go template spec:")
    assert names(shop) == []


def test_applications_that_cannot_be_are_left_out_and_the_others_made(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["spec"]["project"] = "{{project}}"
    elements = [{"env": "dev", "project": "default"}, {"env": "prod", "project": "none"}, {"env": "dev", "project": "default"}]
    shop.add(appset({"list": {"elements": elements}}, template=template))
    assert names(shop) == ["web-dev"]
    status, reason, message = conditions(shop)["ErrorOccurred"]
    assert (status, reason) == ("True", "ApplicationValidationError")
    assert message == "application references project none which does not exist (and 1 more)"
    change(shop, {"generators": [{"list": {"elements": [elements[0], elements[2]]}}]})
    assert conditions(shop)["ErrorOccurred"][2] == "ApplicationSet web contains applications with duplicate name: web-dev"


def test_a_destination_that_leads_nowhere(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["spec"]["destination"] = {"name": "mars", "namespace": "default"}
    shop.add(appset(ENVIRONMENTS, template=template))
    text = "application destination spec is invalid: there are no clusters with this name: mars (and 1 more)"
    assert conditions(shop)["ErrorOccurred"][2] == text


def test_a_name_that_no_object_may_have(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "Web_{{env}}"
    shop.add(appset(ENVIRONMENTS, template=template))
    status, reason, message = conditions(shop)["ErrorOccurred"]
    assert (status, reason) == ("True", "UpdateApplicationError")
    assert message.startswith('Application.argoproj.io "Web_dev" is invalid: metadata.name: Invalid value: "Web_dev":')
    assert names(shop) == []


def test_one_application_cannot_be_of_two_sets(shop: Lab) -> None:
    shop.add(appset(ENVIRONMENTS))
    shop.add(appset(ENVIRONMENTS, name="twin"))
    text = "Object argocd/web-dev is already owned by another ApplicationSet controller web"
    assert conditions(shop, "twin")["ErrorOccurred"][1:] == ("UpdateApplicationError", text)


def test_a_cluster_that_comes_is_an_application_that_comes(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "web-{{name}}"
    shop.add(appset({"clusters": {}}, template=template))
    assert names(shop) == ["web-in-cluster"]
    meta = {"name": "c", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}}
    data = {"name": "eu", "server": "https://eu.example:6443"}
    shop.cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data})
    shop.clock.settle()
    assert names(shop) == ["web-eu", "web-in-cluster"]
    shop.cluster.delete("secret", "c", "argocd")
    shop.run(10)
    assert names(shop) == ["web-in-cluster"]


def test_a_preview_for_every_pull_request() -> None:
    from gitops_sim import World

    world = World()
    repo = world.git.create("shop", {"app/a.yaml": config_map()}, author="ana")
    world.argocd_in()
    template = {
        "metadata": {"name": "preview-{{number}}"},
        "spec": {
            "project": "default",
            "source": {"repoURL": SHOP, "path": "app", "targetRevision": "{{head_sha}}"},
            "destination": {"server": IN_CLUSTER, "namespace": "preview-{{number}}"},
            "syncPolicy": {"automated": {}, "syncOptions": ["CreateNamespace=true"]},
        },
    }
    pulls = {"pullRequest": {"github": {"owner": "acme", "repo": "shop"}}}
    world.cluster().create(appset(pulls, template=template))
    world.clock.settle()
    repo.branch("login")
    repo.commit({"app/a.yaml": config_map(value="login")}, "Add login", author="ben", branch="login")
    world.git.pull_requests.open("shop", "login", title="Add login", author="ben")
    world.run("31m")
    assert world.cluster().get("cm", "settings", "preview-1")["data"]["key"] == "login"
    world.git.pull_requests.close("shop", 1, author="ben")
    world.run("31m")
    assert world.cluster().list("app", "argocd") == []
    assert world.cluster().find("cm", "settings", "preview-1") is None


def test_a_fork_goes_on_by_itself(shop: Lab) -> None:
    from gitops_sim import World

    world = World()
    world.git.create("shop", {"apps/web/a.yaml": config_map()}, author="ana")
    world.argocd_in()
    world.cluster().create(by_folder())
    world.run(10)
    fork = world.fork()
    fork.git.repository("shop").commit({"apps/db/a.yaml": config_map()}, "Add", author="ana")
    fork.run("5m")
    found: list[Object] = fork.cluster().list("app", "argocd")
    assert [obj["metadata"]["name"] for obj in found] == ["db", "web"]
    assert len(world.cluster().list("app", "argocd")) == 1


def test_argocd_appset(shop: Lab) -> None:
    shop.add(by_folder(syncPolicy={"applicationsSync": "create-update"}))
    assert shop.cli("appset list -o name").stdout == "argocd/web\n"
    header, row = shop.cli("appset list").stdout.splitlines()
    assert header.split() == ["NAME", "PROJECT", "SYNCPOLICY", "HEALTH", "CONDITIONS", "REPO", "PATH", "TARGET"]
    cells = [cell for cell in row.split("  ") if cell]
    policy = "&ApplicationSetSyncPolicy{PreserveResourcesOnDeletion:false,ApplicationsSync:*create-update,}"
    assert cells[:4] == ["argocd/web", "default", policy, "Healthy"]
    assert cells[4].startswith("[{ParametersGenerated Successfully generated parameters for all Applications 2026-01-05 09:00:00")
    page = shop.cli("appset get web").stdout
    assert page.startswith("Name:               argocd/web\nProject:            default\n")
    assert "SyncPolicy:         Automated (Prune)\n\nCONDITION            STATUS  MESSAGE" in page
    assert list(json.loads(shop.cli("appset get web -o json").stdout)) == ["metadata", "spec", "status"]
    missing = shop.cli("appset get nothing")
    assert (missing.exit, 'applicationset.argoproj.io \\"nothing\\" not found' in missing.stderr) == (20, True)
    assert shop.cli("appset delete web --yes").stdout == "applicationset 'web' deleted\n"
    shop.run(60)
    assert names(shop) == []


def test_what_is_odd_in_a_set_is_said(shop: Lab) -> None:
    """Patches, generators and templates that nothing can be made of."""
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "web-{{.env}}"
    for patch, message in (
        ("spec: [", 'error while converting template to json "spec: ["'),
        ("- a", 'invalid templatePatch "- a": json: cannot unmarshal'),
    ):
        shop.add(appset(ENVIRONMENTS, name="odd", template=template, goTemplate=True, templatePatch=patch))
        assert conditions(shop, "odd")["ErrorOccurred"][1] == "RenderTemplateParamsError"
        assert conditions(shop, "odd")["ErrorOccurred"][2].startswith(message)
        shop.cluster.delete("appset", "odd", "argocd")
    patch = "metadata: {finalizers: [example.com/mine], labels: {a: b}}"
    shop.add(appset(ENVIRONMENTS, name="whole", template=template, goTemplate=True, templatePatch=patch))
    meta = shop.app("web-dev")["metadata"]
    assert meta["finalizers"] == ["example.com/mine", "resources-finalizer.argocd.argoproj.io"]
    assert meta["labels"] == {"a": "b"}


def test_an_application_without_a_name(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["metadata"] = {}
    shop.add(appset(ENVIRONMENTS, template=template))
    text = conditions(shop)["ErrorOccurred"][2]
    assert text.startswith("ApplicationSet web contains an application with no name; a name must be set in the template's")
    assert text.endswith("(generateName is not supported) (and 1 more)")


def test_an_application_whose_cluster_is_gone_is_deleted_all_the_same(shop: Lab) -> None:
    """Its finalizer would wait for a cluster that nobody knows: the set takes it away."""
    meta = {"name": "c", "namespace": "argocd", "labels": {"argocd.argoproj.io/secret-type": "cluster"}}
    data = {"name": "eu", "server": "https://eu.example:6443"}
    shop.cluster.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": data})
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "web-{{name}}"
    template["spec"]["destination"] = {"name": "{{name}}", "namespace": "default"}
    shop.add(appset({"clusters": {"selector": {"matchLabels": meta["labels"]}}}, template=template))
    assert names(shop) == ["web-eu"]
    shop.cluster.delete("secret", "c", "argocd")
    shop.run(1)
    assert names(shop) == []


def test_a_project_that_is_not_there_keeps_git_from_being_read(shop: Lab) -> None:
    made = by_folder()
    made["spec"]["template"]["spec"]["project"] = "none"
    shop.add(made)
    text = 'error getting project none: appprojects.argoproj.io "none" not found'
    assert conditions(shop)["ErrorOccurred"][1:] == ("ApplicationGenerationFromParamsError", text)


def nested(*generators: Any) -> dict[str, Any]:
    """In a matrix in a matrix, of which the definition says nothing."""
    return {"matrix": {"generators": [ENVIRONMENTS, {"matrix": {"generators": list(generators)}}]}}


SECOND = "failed to get params for second generator in the matrix generator: "


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (
            {"list": {"elements": [1]}},
            "error unmarshling list element json: cannot unmarshal number into Go value of type map[string]interface {}",
        ),
        (
            {"list": {"elementsYaml": "a: b"}},
            "error unmarshling decoded ElementsYaml error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object "
            "into Go value of type []map[string]interface {}",
        ),
        (
            {"list": {"elementsYaml": "[a]"}},
            "error unmarshling decoded ElementsYaml error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string "
            "into Go value of type map[string]interface {}",
        ),
        (
            {**ENVIRONMENTS, "selector": {"matchExpressions": [{"key": "env", "operator": "Is"}]}},
            'error parsing label selector: "Is" is not a valid pod selector operator',
        ),
        (
            {**ENVIRONMENTS, "selector": {"matchExpressions": [{"key": "env", "operator": "In"}]}},
            "error parsing label selector: values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
        ),
        (
            {**ENVIRONMENTS, "selector": {"matchExpressions": [{"key": "env", "operator": "Exists", "values": ["a"]}]}},
            'error parsing label selector: values: Invalid value: ["a"]: values set must be empty for exists and does not exist',
        ),
        (
            {"clusters": {"selector": {"matchExpressions": [{"key": "env", "operator": "Is"}]}}},
            'error getting cluster secrets: error converting label selector: "Is" is not a valid label selector operator',
        ),
        (nested({"list": 5}), f'{SECOND}matrix.generators[0].list must be of type object: "integer"'),
        (nested({"git": {"directories": "x"}}), f'{SECOND}matrix.generators[0].git.directories must be of type array: "string"'),
        (
            {"scmProvider": {"github": {"organization": "acme"}}},
            "the generator scmProvider is not available in this simulator: there is no Git host that lists repositories",
        ),
        (
            {"matrix": {"generators": [ENVIRONMENTS, {"plugin": {"configMapRef": {"name": "x"}}}]}},
            f"{SECOND}child generator returned an error on parameter generation: the generator plugin is not available in this "
            "simulator: there is no service that answers with parameters",
        ),
    ],
)
def test_a_generator_that_nothing_can_be_made_of_is_told_in_the_conditions(
    shop: Lab, generator: dict[str, Any], message: str
) -> None:
    shop.add(appset(generator))
    assert conditions(shop)["ErrorOccurred"] == ("True", "ApplicationGenerationFromParamsError", message)
    shop.add(appset(ENVIRONMENTS, name="other"))
    assert names(shop) == ["web-dev", "web-prod"]  # it goes on with its other work


def test_generators_that_nobody_knows_make_nothing_and_that_is_said(shop: Lab) -> None:
    text = json.dumps(appset(ENVIRONMENTS, {"lists": {"elements": []}}))
    said = Kubectl(shop.cluster).run("apply --validate=false -f a.yaml", files={"a.yaml": text})
    assert said.exit == 0, said.stderr
    shop.clock.settle()
    assert names(shop) == ["web-dev", "web-prod"]
    assert [r.message for r in shop.find("GeneratorIgnored")] == ["ApplicationSet web contains unrecognized generators: lists"]


def test_differences_can_be_ignored_by_jq_as_well(shop: Lab) -> None:
    ignored = [{"jqPathExpressions": [".spec.source.targetRevision"]}]
    shop.add(appset(ENVIRONMENTS, ignoreApplicationDifferences=ignored))
    shop.set_spec({"source": {"targetRevision": "other", "path": "apps/api"}}, "web-dev")
    source = shop.app("web-dev")["spec"]["source"]
    assert (source["targetRevision"], source["path"]) == ("other", "apps/web")
    change(shop, {"ignoreApplicationDifferences": [{"jqPathExpressions": [".spec | ("]}]})
    status, reason, message = conditions(shop)["ErrorOccurred"]
    assert (status, reason) == ("True", "UpdateApplicationError")
    assert message.startswith("failed to build ignore diff config: ")


def test_a_patch_of_the_template_cannot_bring_in_what_no_application_has(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "web-{{.env}}"
    shop.add(appset(ENVIRONMENTS, template=template, goTemplate=True, templatePatch="spec: {syncpolicy: {}}"))
    assert conditions(shop)["ErrorOccurred"][0] == "False"
    shop.cluster.patch("appset", "web", "argocd", {"metadata": {"labels": {"look": "again"}}}, type="merge")
    shop.clock.settle()
    assert shop.find("ApplicationMended") == []
    change(shop, {"templatePatch": "spec: {source: {repoURL: 7}}"})
    text = 'invalid templatePatch "spec: {source: {repoURL: 7}}": spec.source.repoURL must be of type string: "integer"'
    assert conditions(shop)["ErrorOccurred"][1:] == ("RenderTemplateParamsError", text)


def test_a_key_that_is_missing_makes_nothing_where_the_options_insist_on_it(shop: Lab) -> None:
    template = appset()["spec"]["template"]
    template["metadata"]["name"] = "web-{{.environment}}"
    shop.add(appset(ENVIRONMENTS, template=template, goTemplate=True, goTemplateOptions=["missingkey=error"]))
    text = (
        'failed to execute go template web-{{.environment}}: template: base:1:6: executing "base" at <.environment>: '
        'map has no entry for key "environment"'
    )
    assert conditions(shop)["ErrorOccurred"] == ("True", "RenderTemplateParamsError", text)
    assert conditions(shop)["ParametersGenerated"] == ("False", "ErrorOccurred", text)
