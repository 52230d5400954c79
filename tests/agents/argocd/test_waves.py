"""Waves: in which order a sync goes, what it waits for between two of them, and how pruning mirrors them."""

from __future__ import annotations

from yaml import safe_load

from tests.agents.lab import WIDGETS, Lab, application, config_map, deployment, job

WAVE = "argocd.argoproj.io/sync-wave"


def in_wave(name: str, wave: int, value: str = "a", more: str = "") -> str:
    return config_map(name, value, f'{WAVE}: "{wave}"{more}')


def times(lab: Lab, kind: str = "cm") -> dict[str, str]:
    return {obj["metadata"]["name"]: obj["metadata"]["creationTimestamp"][-3:-1] for obj in lab.cluster.list(kind, "default")}


def test_waves_follow_each_other_with_two_seconds_between(lab: Lab) -> None:
    lab.repo({f"manifests/{n}.yaml": in_wave(f"w{n}", n - 1) for n in range(3)})
    lab.add(application(automated={}))
    lab.run(10)
    assert times(lab) == {"w0": "00", "w1": "02", "w2": "04", "kube-root-ca.crt": "00"}
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (all tasks run)")
    assert [r["name"] for r in state["syncResult"]["resources"]] == ["w0", "w1", "w2"]
    assert (state["startedAt"][-3:-1], state["finishedAt"][-3:-1]) == ("00", "04")
    assert [r.get("syncWave") for r in lab.status()["resources"]] == [-1, None, 1]


def test_the_next_wave_waits_for_the_health_of_this_one(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"pull": "20s"})
    lab.repo({"manifests/web.yaml": deployment(1), "manifests/z.yaml": in_wave("later", 1)})
    lab.add(application(automated={}))
    lab.run(15)
    assert lab.status()["operationState"]["message"] == "waiting for healthy state of apps/Deployment/web"
    assert lab.cluster.find("cm", "later") is None
    lab.run(30)
    assert lab.cluster.find("cm", "later") is not None


def test_a_wave_pause_says_nothing_until_it_is_over(lab: Lab) -> None:
    """The controller sleeps in it: what was applied is in the cluster, but not yet in the status."""
    lab.repo({"manifests/a.yaml": in_wave("a", 0), "manifests/b.yaml": in_wave("b", 1)})
    lab.add(application(automated={}))
    lab.run(1)
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"], state["syncResult"]["resources"]) == ("Running", "", [])
    assert lab.cluster.find("cm", "a") is not None


def test_the_kinds_of_a_wave_go_in_the_order_of_need(lab: Lab) -> None:
    kinds = ["Ingress", "Deployment", "Service", "ConfigMap", "ServiceAccount", "Widget", "Namespace"]
    groups = {"Ingress": "networking.k8s.io/v1", "Deployment": "apps/v1", "Widget": "example.com/v1"}
    files = {
        f"manifests/{n}.yaml": deployment(1)
        if kind == "Deployment"
        else f"apiVersion: {groups.get(kind, 'v1')}\nkind: {kind}\nmetadata: {{name: web}}\n"
        + ("spec: {ports: [{port: 80}]}\n" if kind == "Service" else "")
        + ("spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n" if kind == "Ingress" else "")
        for n, kind in enumerate(kinds)
    }
    lab.repo(files)
    lab.cluster.create(safe_load(WIDGETS))
    lab.add(application(automated={}))
    told = [r["kind"] for r in lab.status()["operationState"]["syncResult"]["resources"]]
    assert told == ["Namespace", "ServiceAccount", "ConfigMap", "Service", "Deployment", "Ingress", "Widget"]


def test_a_namespace_moves_in_front_of_what_needs_it(lab: Lab) -> None:
    late = f'apiVersion: v1\nkind: Namespace\nmetadata: {{name: prod, annotations: {{{WAVE}: "5"}}}}\n'
    early = in_wave("early", -1).replace("name: early", "name: early\n  namespace: prod")
    lab.repo({"manifests/n.yaml": late, "manifests/e.yaml": early})
    lab.add(application(automated={}))
    lab.run(5)
    assert list(lab.results()) == ["Namespace/prod", "ConfigMap/early"]
    assert lab.status()["operationState"]["finishedAt"].endswith("09:00:00Z")  # one wave after all


def test_a_definition_moves_in_front_of_its_resources(lab: Lab) -> None:
    definition = f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: gadgets.example.com, annotations: {{{WAVE}: "3"}}}}
spec:
  group: example.com
  names: {{kind: Gadget, plural: gadgets}}
  scope: Namespaced
  versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]
"""
    gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\n"
    lab.repo({"manifests/g.yaml": gadget, "manifests/z.yaml": definition})
    lab.add(application(automated={}))
    assert list(lab.results()) == ["CustomResourceDefinition/gadgets.example.com", "Gadget/g"]


def test_prunes_go_from_the_highest_wave_to_the_lowest(lab: Lab) -> None:
    lab.repo({"manifests/keep.yaml": config_map("keep")} | {f"manifests/{n}.yaml": in_wave(f"w{n}", n) for n in range(3)})
    lab.add(application(automated={"prune": True}))
    lab.run(10)
    lab.commit({f"manifests/{n}.yaml": None for n in range(3)})
    start = lab.next_poll()
    gone: list[tuple[str, float]] = []
    while len(gone) < 3:
        gone += [(n, lab.clock.now - start) for n in ("w0", "w1", "w2") if not lab.cluster.find("cm", n) and n not in dict(gone)]
        lab.run(1)
    assert gone == [("w2", 0), ("w1", 2), ("w0", 4)]


def test_prunes_come_before_applies_of_their_wave_and_last_when_asked(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b"), "manifests/c.yaml": config_map("c")})
    lab.add(application())
    lab.cli("app sync web")
    lab.commit({"manifests/a.yaml": config_map("a", "new"), "manifests/b.yaml": None})
    lab.cli("app sync web --prune")
    assert list(lab.results()) == ["ConfigMap/b", "ConfigMap/a", "ConfigMap/c"]
    lab.set_spec({"syncPolicy": {"syncOptions": ["PruneLast=true"]}})
    lab.commit({"manifests/a.yaml": in_wave("a", 3), "manifests/c.yaml": None})
    lab.cli("app sync web --prune")
    assert list(lab.results()) == ["ConfigMap/a", "ConfigMap/c"]
    assert lab.results()["ConfigMap/c"] == ("Pruned", "pruned")


def test_a_prune_waits_until_what_it_deletes_is_gone(lab: Lab) -> None:
    lab.registry.push("nginx:1.24", {"stop": "20s"})
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/web.yaml": deployment(1)})
    lab.add(application(automated={"prune": True}))
    lab.run(10)
    lab.commit({"manifests/a.yaml": in_wave("a", 1), "manifests/web.yaml": None})
    lab.next_poll()
    lab.run(2)
    assert lab.status()["operationState"]["message"] == "waiting for deletion of apps/Deployment/web"
    lab.run(60)
    assert lab.status()["operationState"]["phase"] == "Succeeded"


def test_pruning_may_ask_for_a_persons_approval(lab: Lab) -> None:
    notes = "argocd.argoproj.io/sync-options: Prune=confirm"
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b", annotation=notes)})
    lab.add(application(automated={"prune": True}))
    lab.commit({"manifests/b.yaml": None})
    lab.next_poll()
    lab.run(60)
    assert lab.status()["operationState"]["message"] == "waiting for pruning confirmation of /ConfigMap/b"
    approved = {"metadata": {"annotations": {"argocd.argoproj.io/deletion-approved": lab.clock.timestamp()}}}
    lab.cluster.patch("app", "web", "argocd", approved, type="merge")
    lab.run(5)
    assert lab.cluster.find("cm", "b") is None
    assert lab.status()["operationState"]["phase"] == "Succeeded"


def test_two_objects_of_which_one_fails_name_the_one(lab: Lab) -> None:
    bad = config_map("bad").replace("name: bad", "name: bad\n  namespace: nowhere")
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": bad})
    lab.add(application())
    lab.cli("app sync web")
    text = 'one or more synchronization tasks completed unsuccessfully, reason: namespaces "nowhere" not found'
    assert lab.status()["operationState"]["message"] == text
    assert lab.cluster.find("cm", "a") is not None


def test_a_failed_wave_keeps_the_later_ones_from_starting(lab: Lab) -> None:
    bad = config_map("bad").replace("name: bad", "name: bad\n  namespace: nowhere")
    lab.repo({"manifests/b.yaml": bad, "manifests/c.yaml": in_wave("later", 1), "manifests/j.yaml": job("cry", "SyncFail")})
    lab.add(application())
    lab.cli("app sync web")
    lab.run(60)
    state = lab.status()["operationState"]
    assert state["phase"] == "Failed"
    assert 'namespaces "nowhere" not found' in state["message"]
    assert lab.cluster.find("cm", "later") is None
    assert lab.cluster.find("job", "cry") is not None


def test_a_dry_run_writes_nothing_and_says_what_it_would_do(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": in_wave("b", 2)})
    lab.add(application())
    lab.cli("app sync web --dry-run")
    state = lab.status()["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (no more tasks)")
    assert lab.results() == {
        "ConfigMap/a": ("Synced", "configmap/a created (dry run)"),
        "ConfigMap/b": ("Synced", "configmap/b created (dry run)"),
    }
    assert lab.cluster.find("cm", "a") is None
    assert "history" not in lab.status()
