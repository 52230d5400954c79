"""Worlds that are copied, repeated or large: the same decisions, and no cost for idleness."""

from __future__ import annotations

import copy
from pathlib import Path
from time import process_time
from typing import Any

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.cluster import Cluster
from tests.agents.lab import Lab, application, config_map, deployment


def play(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(3), "manifests/a.yaml": config_map()})
    lab.add(application(automated={"selfHeal": True, "prune": True}))
    lab.run(100)
    lab.scale(10)
    lab.commit({"manifests/a.yaml": None})
    lab.run(400)


def test_the_same_seed_tells_the_same_story_to_the_byte(tmp_path: Path) -> None:
    digests = []
    for number in range(2):
        lab = Lab(tmp_path / str(number))
        play(lab)
        digests.append(lab.trace.digest())
    assert digests[0] == digests[1]


def test_a_fork_goes_its_own_way_and_the_original_is_not_touched(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(3)})
    lab.add(application(automated={"selfHeal": True}))
    lab.run(30)
    parts = (lab.clock, lab.trace, lab.cluster, lab.forge, lab.argocd, lab.randomness)
    before = len(lab.trace)
    clock, _, cluster, forge, argocd, _ = copy.deepcopy(parts)
    assert argocd.next_poll("web") == lab.argocd.next_poll("web")
    assert argocd.comparison("web") is lab.argocd.comparison("web")  # shared until one of them looks again
    cluster.patch("app", "web", "argocd", {"spec": {"syncPolicy": {"automated": {"selfHeal": False}}}}, type="merge")
    cluster.as_user("ben").patch("deploy", "web", "default", {"spec": {"replicas": 10}})
    clock.run_until(clock.now + 600)
    assert cluster.get("deploy", "web")["spec"]["replicas"] == 10
    forge.repository("shop").commit({"manifests/web.yaml": deployment(5)}, "Five", author="ana")
    clock.run_until(clock.now + 200)
    assert cluster.get("deploy", "web")["spec"]["replicas"] == 5
    assert (len(lab.trace), lab.replicas(), lab.clock.now) == (before, 3, 30)
    lab.scale(10)
    assert lab.replicas() == 3


def test_switching_self_heal_on_does_not_change_when_the_next_poll_comes(tmp_path: Path) -> None:
    polls = []
    for number, automated in enumerate(({}, {"selfHeal": True})):
        lab = Lab(tmp_path / str(number))
        lab.repo({"manifests/web.yaml": deployment(3)})
        lab.add(application(automated=automated))
        times = []
        for replicas in (10, 11, 12):
            lab.scale(replicas)
            times.append(lab.next_poll())
        polls.append(times)
    assert polls[0] == polls[1]


def test_two_clusters_with_an_argocd_each(lab: Lab) -> None:
    lab.repo({"manifests/web.yaml": deployment(3)})
    other = Cluster("staging", clock=lab.clock, trace=lab.trace, randomness=lab.randomness, registry=lab.registry)
    second = ArgoCD(other, lab.forge, lab.clock, lab.trace, lab.randomness)
    lab.add(application(automated={"selfHeal": True}))
    other.create(application(automated={}))
    lab.run(30)
    for cluster in (lab.cluster, other):
        cluster.as_user("ben").patch("deploy", "web", "default", {"spec": {"replicas": 10}})
    lab.run(5)
    assert lab.replicas() == 3
    assert other.get("deploy", "web")["spec"]["replicas"] == 10
    assert [r.data["cluster"] for r in lab.find("DriftDetected")] == ["production", "staging"]
    assert second.comparison("web").sync == "OutOfSync"  # type: ignore[union-attr]


def test_an_argocd_that_comes_later_adopts_the_applications_that_are_there(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map("a"), "manifests/b.yaml": config_map("b")})
    lab.add(application(automated={"prune": True}))
    lab.commit({"manifests/b.yaml": None})
    restarted = ArgoCD(lab.cluster, lab.forge, lab.clock, lab.trace, lab.randomness, name="argocd-2")
    lab.clock.settle()
    assert restarted.comparison("web") is not None
    assert lab.cluster.find("cm", "b") is None  # found by its tracking id alone


def test_an_operation_survives_a_restart(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}, namespace="prod"))
    lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "prod"}})
    ArgoCD(lab.cluster, lab.forge, lab.clock, lab.trace, lab.randomness, name="argocd-2")
    lab.run(11)
    assert lab.cluster.find("cm", "settings", "prod") is not None


def many(lab: Lab, count: int) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    for number in range(count):
        name = f"app-{number:04}"
        lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        lab.cluster.create(application(name, automated={"selfHeal": True}, namespace=name))
    lab.clock.settle()


def test_idle_applications_cost_nothing(lab: Lab) -> None:
    many(lab, 50)
    assert all(lab.sync(f"app-{n:04}") == "Synced" for n in range(50))
    records, revision = len(lab.trace), lab.cluster.store.revision
    start = process_time()
    lab.run(86400)
    spent = process_time() - start
    assert (len(lab.trace), lab.cluster.store.revision) == (records, revision)
    assert spent < 2  # 29,000 times a poll is due, and nobody has to make it


def test_a_commit_for_many_compares_each_application_once(lab: Lab) -> None:
    many(lab, 30)
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    before = len(lab.find("SyncSucceeded"))
    lab.run(181)
    assert len(lab.find("SyncSucceeded")) - before == 30
    values: list[Any] = [lab.cluster.get("cm", "settings", f"app-{n:04}")["data"]["key"] for n in range(30)]
    assert values == ["b"] * 30
