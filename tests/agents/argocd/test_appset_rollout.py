"""Progressive syncs: the Applications of a set are synced step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.agents.argocd.appsets.strategy import Step
from gitops_sim.objects import get_path
from tests.agents.lab import IN_CLUSTER, Lab, config_map, deployment

SHOP = "https://git.example/shop.git"
ON = "applicationsetcontroller.enable.progressive.syncs"
HEALTHY = "Application resource became Healthy, updating status from Progressing to Healthy"


def step(env: str, **more: Any) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "env", "operator": "In", "values": [env]}], **more}


def rolling(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "RollingSync", "rollingSync": {"steps": list(steps)}, **more}


def appset(*envs: str, strategy: dict[str, Any] | None = None, path: str = "apps/{{env}}", **spec: Any) -> dict[str, Any]:
    """An Application ``web-ENV`` in namespace ENV for each of ``envs``; what is behind a dash belongs to the name alone."""
    elements = [{"name": env, "env": env.partition("-")[0]} for env in envs]
    template = {
        "metadata": {"name": "web-{{name}}", "labels": {"env": "{{env}}"}},
        "spec": {
            "project": "default",
            "source": {"repoURL": SHOP, "path": path, "targetRevision": "main"},
            "destination": {"server": IN_CLUSTER, "namespace": "{{name}}"},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["CreateNamespace=true"]},
        },
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {
            "generators": [{"list": {"elements": elements}}],
            "strategy": strategy or rolling(step("staging"), step("prod")),
            "template": template,
            **spec,
        },
    }


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.repo({f"apps/{env}/web.yaml": deployment(1) for env in ("staging", "prod")} | {"apps/plain/a.yaml": config_map()})
    switch(lab, "true")
    return lab


def switch(lab: Lab, value: str) -> None:
    found = lab.cluster.find("cm", "argocd-cmd-params-cm", "argocd")
    if found is None:
        meta = {"name": "argocd-cmd-params-cm", "namespace": "argocd"}
        lab.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {ON: value}})
    else:
        lab.cluster.update({**found, "data": {ON: value}})
    lab.clock.settle()


def entries(lab: Lab) -> dict[str, tuple[str, str, str]]:
    """Step, status and message of each Application."""
    found = get_path(lab.cluster.get("appset", "web", "argocd"), ("status", "applicationStatus")) or []
    return {entry["application"]: (entry["step"], entry["status"], entry["message"]) for entry in found}


def standing(lab: Lab) -> dict[str, str]:
    return {name: status for name, (_, status, _) in entries(lab).items()}


def condition(lab: Lab, type_: str = "RolloutProgressing") -> tuple[str, str, str] | None:
    for found in lab.cluster.get("appset", "web", "argocd")["status"]["conditions"]:
        if found["type"] == type_:
            return found["status"], found["reason"], found["message"]
    return None


def synced_at(lab: Lab, name: str) -> list[float]:
    """When syncs of an Application succeeded."""
    return [record.time for record in lab.find("SyncSucceeded") if record.data["app"] == name]


def images(lab: Lab) -> list[str]:
    found = [lab.cluster.get("deploy", "web", env) for env in ("staging", "prod")]
    return [get_path(obj, ("spec", "template", "spec", "containers"))[0]["image"] for obj in found]


def push(lab: Lab, image: str) -> None:
    """Another image for both, of which Argo CD hears at once."""
    lab.commit({f"apps/{env}/web.yaml": deployment(1, image) for env in ("staging", "prod")})
    for name in ("web-staging", "web-prod"):
        lab.cli(f"app get {name} --refresh")


def test_one_step_is_synced_after_the_other_and_the_status_says_where_it_is(shop: Lab) -> None:
    shop.add(appset("prod", "staging"))
    shop.run(60)
    assert entries(shop) == {"web-prod": ("2", "Healthy", HEALTHY), "web-staging": ("1", "Healthy", HEALTHY)}
    [first], [second] = synced_at(shop, "web-staging"), synced_at(shop, "web-prod")
    healthy = next(r.time for r in shop.find("HealthChanged") if r.data["app"] == "web-staging" and r.data["new"] == "Healthy")
    assert first < healthy < second
    told = [(r.data["app"], r.data["new"]) for r in shop.find("RolloutMoved")]
    assert [new for name, new in told if name == "web-prod"] == ["Waiting", "Pending", "Progressing", "Healthy"]
    assert condition(shop) == ("False", "ApplicationSetRolloutComplete", "ApplicationSet Rollout has completed")
    assert shop.last("RolloutChanged").message == "has rolled out all steps of ApplicationSet web"


def test_a_commit_goes_through_the_steps_as_well(shop: Lab) -> None:
    shop.add(appset("staging", "prod"))
    shop.run(60)
    push(shop, "nginx:1.25")
    found = shop.cluster.get("appset", "web", "argocd")["status"]
    assert [entry["status"] for entry in found["applicationStatus"]] == ["Waiting", "Pending"]
    assert found["applicationStatus"][0]["targetRevisions"] == [shop.forge.repository("shop").tip("main")]
    text = "Application has pending changes, setting status to Waiting"
    assert entries(shop)["web-prod"] == ("2", "Waiting", text)
    assert condition(shop) == ("True", "ApplicationSetModified", "ApplicationSet is performing rollout of step 1")
    assert found["health"] == {"status": "Progressing", "message": "ApplicationSet is performing rollout of step 1"}
    shop.run(2)
    assert images(shop) == ["nginx:1.25", "nginx:1.24"]
    shop.run(60)
    assert images(shop) == ["nginx:1.25", "nginx:1.25"]
    assert standing(shop) == {"web-prod": "Healthy", "web-staging": "Healthy"}


def test_a_degraded_step_holds_the_next_one_back_until_it_is_mended(shop: Lab) -> None:
    shop.add(appset("staging", "prod"))
    shop.run(60)
    shop.registry.push("nginx:1.25", {"crash": "0s"})
    push(shop, "nginx:1.25")
    shop.run(3600)
    assert images(shop) == ["nginx:1.25", "nginx:1.24"]
    assert (shop.health("web-staging"), standing(shop)) == ("Degraded", {"web-prod": "Waiting", "web-staging": "Progressing"})
    held = shop.last("RolloutHeld")
    assert held.message == ("holds web-prod of ApplicationSet web back: step 1 is not done, web-staging is Synced and Degraded")
    assert held.reason == "all Applications of a step must be Healthy before the next one's turn comes"
    assert condition(shop) == ("True", "ApplicationSetModified", "ApplicationSet is performing rollout of step 1")
    push(shop, "nginx:1.26")
    shop.run(60)
    assert images(shop) == ["nginx:1.26", "nginx:1.26"]
    assert set(standing(shop).values()) == {"Healthy"}


def test_a_sync_that_fails_holds_the_next_step_back_as_well(shop: Lab) -> None:
    shop.add(appset("staging", "prod", strategy=rolling(step("staging"), step("prod"))))
    shop.run(60)
    shop.commit({"apps/staging/bad.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: 0}]}\n"})
    push(shop, "nginx:1.25")
    shop.run(3600)
    assert shop.status("web-staging")["operationState"]["phase"] == "Failed"
    text = "Application resource became Progressing, updating status from Pending to Progressing"
    assert entries(shop)["web-staging"] == ("1", "Progressing", text)
    assert (standing(shop)["web-prod"], images(shop)[1]) == ("Waiting", "nginx:1.24")
    assert len([r for r in shop.find("SyncFailed") if r.data["app"] == "web-staging" and r.data["retry_in"] is None]) == 1


def test_an_application_that_cannot_be_used_holds_the_next_step_back(shop: Lab) -> None:
    spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "prod"}]}
    shop.cluster.patch("appproject", "default", "argocd", {"spec": spec}, type="merge")
    shop.add(appset("staging", "prod"))
    shop.run(600)
    assert "InvalidSpecError" in shop.conditions("web-staging")
    assert (standing(shop), synced_at(shop, "web-prod")) == ({"web-prod": "Waiting", "web-staging": "Progressing"}, [])
    assert shop.last("RolloutHeld").message.endswith("step 1 is not done, web-staging is Unknown and Unknown")


def test_an_application_that_cannot_be_made_holds_the_next_step_back(shop: Lab) -> None:
    made = appset("staging", "prod")
    made["spec"]["template"]["spec"]["project"] = "{{project}}"
    for element, project in zip(made["spec"]["generators"][0]["list"]["elements"], ("none", "default"), strict=True):
        element["project"] = project
    shop.add(made)
    shop.run(600)
    assert (standing(shop), synced_at(shop, "web-prod")) == ({"web-prod": "Waiting"}, [])
    text = "application references project none which does not exist"
    assert condition(shop, "ErrorOccurred") == ("True", "ApplicationValidationError", text)
    assert shop.last("RolloutHeld").message.endswith("step 1 is not done, web-staging is not there")


@pytest.mark.parametrize("seed", range(5))
def test_in_whatever_order_things_happen_each_is_synced_once_and_production_last(tmp_path: Path, seed: int) -> None:
    lab = Lab(tmp_path, seed=seed, shuffle=seed)
    lab.repo({f"apps/{env}/web.yaml": deployment(1) for env in ("staging", "prod")})
    lab.forge.webhooks.set("shop", lab.argocd.webhook)
    switch(lab, "true")
    lab.add(appset("prod", "staging-a", "staging-b", strategy=rolling(step("staging", maxUpdate=1), step("prod"))))
    lab.run(60)
    lab.commit({f"apps/{env}/web.yaml": deployment(1, "nginx:1.25") for env in ("staging", "prod")})
    lab.run(600)
    assert set(standing(lab).values()) == {"Healthy"}
    first, second = zip(*(synced_at(lab, name) for name in ("web-staging-a", "web-staging-b", "web-prod")), strict=True)
    assert max(first[:2]) < first[2] < min(second[:2])
    assert max(second[:2]) < second[2]


def test_who_is_told_of_a_commit_first_may_overtake_the_step_before(shop: Lab) -> None:
    """While staging has not heard of it, it counts as Healthy: so it is in the real one (issue 29410)."""
    shop.add(appset("staging", "prod"))
    shop.run(60)
    shop.commit({f"apps/{env}/web.yaml": deployment(1, "nginx:1.25") for env in ("staging", "prod")})
    shop.cli("app get web-prod --refresh")
    shop.run(5)
    assert images(shop) == ["nginx:1.24", "nginx:1.25"]


def test_a_change_of_the_template_alone_is_not_rolled_out_where_all_was_well(shop: Lab) -> None:
    """The Application is still Synced when the set looks: so it is in the real one (issue 27949)."""
    shop.add(appset("staging"))
    shop.run(60)
    template = appset(path="apps/plain")["spec"]["template"]
    shop.cluster.patch("appset", "web", "argocd", {"spec": {"template": template}}, type="merge")
    shop.clock.settle()
    assert shop.app("web-staging")["spec"]["source"]["path"] == "apps/plain"
    text = "Application resource has synced, updating status to Healthy"
    assert entries(shop)["web-staging"] == ("1", "Healthy", text)
    shop.run(3600)
    assert (shop.sync("web-staging"), len(synced_at(shop, "web-staging"))) == ("OutOfSync", 1)
    [left] = shop.find("RolloutSkipped")
    revision = shop.forge.repository("shop").tip("main")[:7]
    assert left.message == f"leaves web-staging OutOfSync: it is at {revision} and counts as Healthy"


def test_the_sync_is_the_sets_and_auto_sync_is_off(shop: Lab) -> None:
    shop.add(appset("staging"))
    assert shop.app("web-staging")["spec"]["syncPolicy"]["automated"] == {"enabled": False, "prune": True, "selfHeal": True}
    shop.run(30)
    operation = shop.status("web-staging")["operationState"]["operation"]
    assert operation["initiatedBy"] == {"automated": True, "username": "applicationset-controller"}
    reason = "ApplicationSet RollingSync triggered a sync of this Application resource"
    assert operation["info"] == [{"name": "Reason", "value": reason}]
    assert operation["retry"] == {"limit": 5}
    assert operation["sync"] == {"prune": True, "syncOptions": ["CreateNamespace=true"]}
    shop.cluster.patch("deploy", "web", "staging", {"spec": {"replicas": 3}})
    shop.run(600)
    assert (shop.sync("web-staging"), standing(shop)) == ("OutOfSync", {"web-staging": "Healthy"})  # drift stays
    assert len(synced_at(shop, "web-staging")) == 1


def test_an_application_in_no_step_is_left_to_people(shop: Lab) -> None:
    shop.add(appset("plain", "staging"))
    shop.run(300)
    assert entries(shop)["web-plain"][:2] == ("-1", "Waiting")
    assert (shop.sync("web-plain"), synced_at(shop, "web-plain")) == ("OutOfSync", [])
    shop.cli("app sync web-plain")
    shop.run(5)
    assert entries(shop)["web-plain"] == ("-1", "Healthy", "Application resource has synced, updating status to Healthy")


def test_max_update_limits_how_many_are_synced_at_the_same_time(shop: Lab) -> None:
    names = [f"staging-{letter}" for letter in "abcde"]
    shop.add(appset(*names, strategy=rolling(step("staging", maxUpdate="40%"))))
    most = 0
    for _ in range(60):
        shop.run(0.5)
        most = max(most, sum(status in ("Pending", "Progressing") for status in standing(shop).values()))
    assert most == 2
    assert set(standing(shop).values()) == {"Healthy"}
    limited = shop.find("RolloutLimited")[0]
    assert (limited.message, limited.reason) == (
        "lets web-staging-c wait: 2 of step 1 of ApplicationSet web are being synced",
        "its maxUpdate allows 2 at the same time",
    )


def test_max_update_0_waits_for_somebody_who_syncs_by_hand(shop: Lab) -> None:
    shop.add(appset("staging", "prod", strategy=rolling(step("staging", maxUpdate=0), step("prod"))))
    shop.run(300)
    assert standing(shop) == {"web-prod": "Waiting", "web-staging": "Waiting"}
    said = shop.last("RolloutLimited")
    assert said.message == "does not sync web-staging, in step 1 of ApplicationSet web: its maxUpdate is 0"
    shop.cli("app sync web-staging")
    shop.run(60)
    assert standing(shop) == {"web-prod": "Healthy", "web-staging": "Healthy"}


def test_without_the_setting_the_strategy_does_nothing_and_that_is_said_once(lab: Lab) -> None:
    lab.repo({f"apps/{env}/web.yaml": deployment(1) for env in ("staging", "prod")})
    lab.add(appset("staging", "prod"))
    lab.run(30)
    assert [len(synced_at(lab, name)) for name in ("web-staging", "web-prod")] == [1, 1]
    assert (entries(lab), condition(lab)) == ({}, None)
    [said] = lab.find("OptionIgnored")
    assert said.message == "does not honour RollingSync of ApplicationSet web: all Applications are synced at once"
    assert f'argocd-cmd-params-cm switches them on with {ON}: "true"' in said.reason


def test_the_setting_can_be_switched_while_it_runs(shop: Lab) -> None:
    shop.add(appset("staging"))
    shop.run(30)
    switch(shop, "perhaps")
    assert shop.last("SettingIgnored").message == f"argocd-cmd-params-cm: {ON}: 'perhaps' is neither true nor false"
    assert entries(shop) == {}
    assert shop.app("web-staging")["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    switch(shop, "T")
    shop.run(2)
    assert standing(shop) == {"web-staging": "Healthy"}


def test_another_strategy_takes_the_statuses_and_the_condition_along(shop: Lab) -> None:
    shop.add(appset("staging"))
    shop.run(30)
    shop.cluster.patch("appset", "web", "argocd", {"spec": {"strategy": {"type": "AllAtOnce"}}}, type="merge")
    shop.clock.settle()
    assert (entries(shop), condition(shop)) == ({}, None)
    assert "enabled" not in shop.app("web-staging")["spec"]["syncPolicy"]["automated"]


def test_the_last_step_is_deleted_first_where_that_is_asked_for(shop: Lab) -> None:
    shop.add(appset("staging", "prod", "plain", strategy=rolling(step("staging"), step("prod"), deletionOrder="reverse")))
    assert shop.cluster.get("appset", "web", "argocd")["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    shop.run(60)
    shop.cluster.delete("appset", "web", "argocd")
    begun = shop.clock.now
    shop.run(120)
    told = shop.find("ApplicationDeleted", since=begun)
    why = "which deletes the last step first"
    assert [record.message for record in told] == [
        f"deletes Application web-prod: it is in step 2 of ApplicationSet web, {why}",
        f"deletes Application web-staging: it is in step 1 of ApplicationSet web, {why}",
    ]
    gone = next(r.seq for r in shop.trace if r.subject == "Deployment/prod/web" and r.event == "ObjectDeleted")
    assert told[0].seq < gone < told[1].seq
    assert (shop.cluster.list("app", "argocd"), shop.cluster.find("appset", "web", "argocd")) == ([], None)
    assert shop.cluster.find("deploy", "web", "prod") is None


def test_an_application_that_does_not_go_keeps_the_step_before_it_and_the_set(shop: Lab) -> None:
    shop.add(appset("staging", "prod", strategy=rolling(step("staging"), step("prod"), deletionOrder="Reverse")))
    shop.run(60)
    finalizers = ["example.com/wait", *shop.app("web-prod")["metadata"]["finalizers"]]
    ignored = [{"jsonPointers": ["/metadata/finalizers"]}]
    shop.cluster.patch("appset", "web", "argocd", {"spec": {"ignoreApplicationDifferences": ignored}}, type="merge")
    shop.cluster.patch("app", "web-prod", "argocd", {"metadata": {"finalizers": finalizers}}, type="merge")
    shop.clock.settle()
    shop.cluster.delete("appset", "web", "argocd")
    shop.run(3600)
    assert [obj["metadata"]["name"] for obj in shop.cluster.list("app", "argocd")] == ["web-prod", "web-staging"]
    assert "deletionTimestamp" not in shop.app("web-staging")["metadata"]
    shop.cluster.patch("app", "web-prod", "argocd", {"metadata": {"finalizers": None}}, type="merge")
    shop.run(1200)
    assert (shop.cluster.list("app", "argocd"), shop.cluster.find("appset", "web", "argocd")) == ([], None)


def test_a_set_that_may_not_change_its_applications_cannot_sync_them_either(shop: Lab) -> None:
    shop.add(appset("staging", syncPolicy={"applicationsSync": "create-only"}))
    shop.run(300)
    assert (standing(shop), synced_at(shop, "web-staging")) == ({"web-staging": "Pending"}, [])


def test_a_rollout_without_steps_is_none(shop: Lab) -> None:
    shop.add(appset("staging", strategy=rolling()))
    shop.run(30)
    assert (entries(shop), len(synced_at(shop, "web-staging"))) == ({}, 1)
    assert condition(shop) == ("False", "ApplicationSetRolloutComplete", "ApplicationSet Rollout has completed")
    assert shop.last("RolloutConfigInvalid").message == "RollingSync has no steps: all Applications are synced at once"


def test_what_is_odd_in_the_steps_is_said(shop: Lab) -> None:
    wrong = {"matchExpressions": [{"key": "env", "operator": "Exists"}], "maxUpdate": "many"}
    shop.add(appset("staging", strategy=rolling(step("staging"), wrong, {})))
    assert [record.message for record in shop.find("RolloutConfigInvalid")] == [
        "step 2 has the operator 'Exists', which fits no label: use In or NotIn",
        "maxUpdate of step 2 is 'many', neither a number nor a percentage: it counts as 1",
        "step 2 takes no Application",
        "web-staging is in step 1 and in step 3: it counts in both",
    ]


@pytest.mark.parametrize(
    ("expression", "labels", "taken"),
    [
        ({"key": "env", "operator": "In", "values": ["a", "b"]}, {"env": "b"}, True),
        ({"key": "env", "operator": "In", "values": ["a"]}, {"env": "b"}, False),
        ({"key": "env", "operator": "In", "values": ["a"]}, {}, False),
        ({"key": "env", "operator": "NotIn", "values": ["a"]}, {"env": "b"}, True),
        ({"key": "env", "operator": "NotIn", "values": ["a"]}, {"env": "a"}, False),
        ({"key": "env", "operator": "NotIn", "values": ["a"]}, {}, True),
        ({"key": "env", "operator": "Exists"}, {"env": "a"}, False),
        ({"key": "env", "operator": "Exists"}, {}, True),
    ],
)
def test_labels_say_who_belongs_to_a_step(expression: dict[str, Any], labels: dict[str, str], taken: bool) -> None:
    assert Step(({"key": "x", "operator": "In", "values": ["y"]}, expression), None).takes({"x": "y", **labels}) is taken


@pytest.mark.parametrize(
    ("stated", "members", "limit"),
    [(None, 4, None), (0, 4, 0), (3, 4, 3), ("50%", 5, 2), ("10%", 5, 1), ("0%", 5, 0), ("100%", 5, 5), ("2", 5, 1)],
)
def test_how_many_of_a_step_are_synced_at_once(stated: int | str | None, members: int, limit: int | None) -> None:
    assert Step((), stated).limit(members) == limit


def test_a_fork_rolls_on_by_itself() -> None:
    world = World()
    world.git.create("shop", {f"apps/{env}/web.yaml": deployment(1) for env in ("staging", "prod")}, author="ana")
    world.argocd_in()
    meta = {"name": "argocd-cmd-params-cm", "namespace": "argocd"}
    world.cluster().create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {ON: "true"}})
    world.cluster().create(appset("staging", "prod"))
    world.clock.settle()
    fork = world.fork()
    fork.run("1m")
    assert [obj["status"]["health"]["status"] for obj in fork.cluster().list("app", "argocd")] == ["Healthy", "Healthy"]
    assert [obj["status"]["health"]["status"] for obj in world.cluster().list("app", "argocd")] == ["Missing", "Missing"]


def test_argocd_appset_get_shows_the_step(shop: Lab) -> None:
    shop.add(appset("staging", "prod"))
    page = shop.cli("appset get web").stdout
    assert "Health Status:      Progressing\n" in page
    [row] = [line for line in page.splitlines() if line.startswith("RolloutProgressing")]
    assert row.split(None, 2)[1] == "True"
    assert "ApplicationSet is performing rollout of step 1" in row
