"""Sync options and what a sync does, object by object."""

from __future__ import annotations

from gitops_sim.errors import forbidden
from gitops_sim.objects import Object
from tests.agents.lab import Lab, application, config_map, deployment

NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: prod}\n"


def test_create_namespace_makes_it_first_and_does_not_track_it(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={"prune": True}, options=["CreateNamespace=true"], namespace="prod"))
    assert lab.sync() == "Synced"
    results = lab.status()["operationState"]["syncResult"]["resources"]
    assert [(r["kind"], r["syncPhase"], r["message"]) for r in results] == [
        ("Namespace", "PreSync", "namespace/prod created"),
        ("ConfigMap", "Sync", "configmap/settings created"),
    ]
    namespace = lab.cluster.get("ns", "prod")
    assert "argocd.argoproj.io/tracking-id" not in namespace["metadata"].get("annotations", {})
    assert [r["kind"] for r in lab.status()["resources"]] == ["ConfigMap"]


def test_a_namespace_in_git_comes_before_what_lives_in_it(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": deployment(1), "manifests/b.yaml": config_map(), "manifests/z.yaml": NAMESPACE})
    lab.add(application(automated={}, options=["CreateNamespace=true"], namespace="prod"))
    assert [r.partition("/")[0] for r in lab.results()] == ["Namespace", "ConfigMap", "Deployment"]
    note = lab.cluster.get("ns", "prod")["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert note == "web:/Namespace:prod/prod"  # cluster-scoped: the destination's namespace stands in


def test_only_what_differs_is_applied_when_asked(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application(automated={}, options=["ApplyOutOfSyncOnly=true"]))
    lab.commit({"manifests/a.yaml": config_map("a", "new")})
    lab.next_poll()
    assert list(lab.results()) == ["ConfigMap/a"]
    assert len(lab.status()["history"]) == 2  # unlike a partial sync
    lab.cli("app sync web")
    assert lab.status()["operationState"]["message"] == "successfully synced (no more tasks)"


def test_replace_takes_away_what_git_does_not_mention(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(options=["Replace=true"]))
    lab.cli("app sync web")
    assert lab.results()["ConfigMap/settings"] == ("Synced", "configmap/settings created")
    lab.cluster.patch("cm", "settings", "default", {"data": {"extra": "x"}})
    lab.cli("app sync web")
    assert lab.results()["ConfigMap/settings"] == ("Synced", "configmap/settings replaced")
    assert lab.cluster.get("cm", "settings")["data"] == {"key": "a"}


def test_replace_never_deletes_a_namespace(lab: Lab) -> None:
    lab.repo({"manifests/n.yaml": NAMESPACE})
    lab.add(application(options=["Replace=true"]))
    lab.cli("app sync web")
    uid = lab.cluster.get("ns", "prod")["metadata"]["uid"]
    lab.commit({"manifests/n.yaml": NAMESPACE.replace("{name: prod}", "{name: prod, labels: {a: b}}")})
    lab.cli("app sync web")
    assert lab.results()["Namespace/prod"] == ("Synced", "Namespace/prod updated")
    assert lab.cluster.get("ns", "prod")["metadata"]["uid"] == uid


def test_an_object_may_opt_out_of_replace(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(annotation="argocd.argoproj.io/sync-options: Replace=false")})
    lab.add(application(options=["Replace=true"]))
    lab.cli("app sync web")
    lab.commit({"manifests/a.yaml": config_map(value="b", annotation="argocd.argoproj.io/sync-options: Replace=false")})
    lab.cli("app sync web")
    assert lab.results()["ConfigMap/settings"] == ("Synced", "configmap/settings configured")


def test_options_that_are_not_honoured_are_told_once(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}, options=["PruneFirst=true", "Replace=maybe"]))
    lab.run(600)
    assert [r.data["options"] for r in lab.find("OptionIgnored")] == [
        ["syncOptions PruneFirst=true", "syncOptions Replace=maybe"]
    ]
    assert lab.conditions() == {}


def test_what_is_adopted_from_kubectl_is_configured_and_then_tracked(lab: Lab) -> None:
    lab.cluster.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": "default"},
            "data": {"key": "a", "mine": "1"},
        }
    )
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    message = lab.results()["ConfigMap/settings"][1]
    assert message.startswith("configmap/settings configured. Warning: resource configmaps/settings is missing the kubectl.")
    found = lab.cluster.get("cm", "settings")
    assert found["data"] == {"key": "a", "mine": "1"}
    assert found["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == "web:/ConfigMap:default/settings"


def test_folders_below_are_read_only_with_recurse(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/deep/b.yaml": config_map("b")})
    lab.add(application(automated={}))
    assert lab.cluster.find("cm", "b") is None
    source = lab.app()["spec"]["source"]
    lab.set_spec({"source": {**source, "directory": {"recurse": True, "exclude": "a*"}}})
    assert lab.cluster.find("cm", "b") is not None
    assert next(r for r in lab.status()["resources"] if r["name"] == "a")["requiresPruning"] is True


def test_many_objects_are_counted_not_listed(lab: Lab) -> None:
    files = {f"manifests/{n}.yaml": config_map(f"cm-{n}") for n in range(6)}
    lab.repo(files)
    lab.add(application(automated={}))
    told = lab.story()
    assert told[0].endswith("6 OutOfSync, none is in the cluster: ConfigMap/cm-0, ConfigMap/cm-1, ConfigMap/cm-2 and 3 more")
    assert told[1].endswith("6 created (ConfigMap/cm-0, ConfigMap/cm-1, ConfigMap/cm-2 and 3 more)")
    lab.commit({name: config_map(f"cm-{n}", "b" if n < 5 else "a") for n, name in enumerate(files)})
    lab.next_poll()
    told = lab.story()
    assert "5 OutOfSync: ConfigMap/cm-0 (.data.key: a, Git b), ConfigMap/cm-1 (.data.key: a, Git b)" in told[-2]
    assert told[-1].endswith("5 configured (ConfigMap/cm-0, ConfigMap/cm-1, ConfigMap/cm-2 and 2 more), 1 unchanged")


def test_several_fields_of_one_object_are_summed_up(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(2), "manifests/a.yaml": config_map()})
    lab.add(application())
    lab.cli("app sync web")
    lab.commit({"manifests/web.yaml": deployment(3, "nginx:1.25"), "manifests/a.yaml": None})
    lab.cli("app get web --refresh")
    assert "Deployment/web (2 fields)" in lab.story()[-2] + lab.story()[-1]
    lab.commit({"manifests/a.yaml": config_map()})
    lab.cli("app get web --refresh")
    assert "Deployment/web OutOfSync  .spec.replicas  Git 3, cluster 2  and 1 more field" in lab.story()[-2]


def test_a_namespace_that_cannot_be_made_fails_the_sync_before_anything_is_applied(lab: Lab) -> None:
    lab.repo({"manifests/n.yaml": NAMESPACE})
    lab.add(application(options=["CreateNamespace=true"], namespace="Not_A_Name"))
    lab.cli("app sync web")
    message = lab.status()["operationState"]["message"]
    assert message.startswith('the namespace failed to apply, reason: Namespace "Not_A_Name" is invalid')
    assert lab.cluster.find("ns", "prod") is None


def test_an_existing_namespace_is_left_as_it_is(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}, options=["CreateNamespace=true"]))
    assert list(lab.results()) == ["ConfigMap/settings"]


def test_a_prune_that_is_refused_fails_the_sync_before_anything_is_applied(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application(automated={"prune": True}))
    lab.commit({"manifests/a.yaml": config_map("a", "new"), "manifests/b.yaml": None})
    lab.argocd.cluster.delete = _refuse  # type: ignore[method-assign]
    lab.next_poll()
    assert lab.results() == {"ConfigMap/b": ("SyncFailed", 'configmaps "b" is forbidden: no')}
    assert lab.cluster.get("cm", "a")["data"]["key"] == "a"


def _refuse(*args: object, **named: object) -> Object:
    raise forbidden("configmaps", "b", why="no")


def test_a_live_hook_is_not_counted(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a")})
    lab.add(application(automated={"prune": True}))
    notes = {
        "argocd.argoproj.io/tracking-id": "web:/ConfigMap:default/hook",
        "argocd.argoproj.io/hook": "PreSync",
    }
    lab.cluster.create(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hook", "namespace": "default", "annotations": notes}}
    )
    lab.run(600)
    assert (lab.sync(), lab.cluster.find("cm", "hook") is not None) == ("Synced", True)
    assert [r.get("status") for r in lab.status()["resources"]] == ["Synced", None]


def test_force_makes_anew_what_cannot_be_changed(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(1)})
    lab.add(application())
    lab.cli("app sync web")
    uid = lab.cluster.get("deploy", "web")["metadata"]["uid"]
    lab.commit({"manifests/web.yaml": deployment(1).replace("{app: web}", "{app: other}")})
    assert lab.cli("app sync web").exit == 1
    assert "field is immutable" in lab.results()["Deployment/web"][1]
    assert lab.cli("app sync web --force").exit == 0
    assert lab.results()["Deployment/web"] == ("Synced", "deployment.apps/web configured")
    assert lab.cluster.get("deploy", "web")["metadata"]["uid"] != uid


def test_a_binding_to_another_role_is_made_anew(lab: Lab) -> None:
    text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\nsubjects: []\n"
    role = "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: NAME}\n"
    lab.repo({"manifests/b.yaml": text + role.replace("NAME", "one")})
    lab.add(application(automated={}))
    lab.commit({"manifests/b.yaml": text + role.replace("NAME", "two")})
    lab.next_poll()
    assert lab.cluster.get("rolebinding", "b")["roleRef"]["name"] == "two"
    assert lab.sync() == "Synced"


def test_fail_on_shared_resource(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application("one", automated={}))
    lab.add(application("two", options=["FailOnSharedResource=true"]))
    lab.cli("app sync two")
    state = lab.status("two")["operationState"]
    text = "Shared resource found: ConfigMap/settings is part of applications argocd/two and one"
    assert (state["phase"], state["message"]) == ("Failed", text)


def test_metadata_of_the_namespace_are_managed(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    policy = {"managedNamespaceMetadata": {"labels": {"team": "shop"}, "annotations": {"note": "x"}}}
    lab.add(application(automated={}, options=["CreateNamespace=true"], namespace="prod", policy=policy))
    lab.run(10)
    found = lab.cluster.get("ns", "prod")["metadata"]
    assert found["labels"]["team"] == "shop"
    assert found["annotations"]["note"] == "x"
    assert lab.sync() == "Synced"
    changed = {"managedNamespaceMetadata": {"labels": {"team": "other"}}}
    lab.set_spec({"syncPolicy": {**changed, "automated": None}})
    assert lab.sync() == "OutOfSync"  # though no object differs
    lab.cli("app sync web")
    assert lab.cluster.get("ns", "prod")["metadata"]["labels"]["team"] == "other"
    assert lab.sync() == "Synced"


def test_jsonnet_is_refused_by_name(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(), "manifests/b.jsonnet": "{}"})
    lab.add(application(automated={}))
    assert "manifests/b.jsonnet: is Jsonnet, which is not simulated" in lab.conditions()["ComparisonError"]
