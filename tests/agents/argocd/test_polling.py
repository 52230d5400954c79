"""When Argo CD notices a commit, and what a poll that finds nothing costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.clock import Bounds, bounded
from tests.agents.lab import Lab, application, config_map, deployment


def test_the_next_poll_comes_two_to_three_minutes_later_by_chance_of_the_seed(tmp_path: Path) -> None:
    gaps = []
    for seed in range(8):
        lab = Lab(tmp_path / str(seed), seed=seed)
        lab.repo({"manifests/a.yaml": config_map()})
        lab.add(application(automated={}))
        before = lab.clock.now
        for _ in range(5):
            due = lab.next_poll()
            gaps.append(due - before)
            before = due
    assert all(120 <= gap <= 180 for gap in gaps)
    assert max(gaps) - min(gaps) > 30
    assert len(set(gaps)) == len(gaps)


def test_a_commit_is_noticed_by_the_next_poll_and_not_before(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(value="a")})
    lab.add(application(automated={}))
    lab.run(30)
    sha = lab.commit({"manifests/a.yaml": config_map(value="b")})
    due = lab.argocd.next_poll("web")
    assert due is not None
    lab.clock.run_before(due)
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "a"
    assert lab.sync() == "Synced"  # it does not know yet
    lab.clock.settle()
    record = lab.last("PollFoundRevision")
    assert (record.time, record.data["revision"]) == (due, sha)
    assert record.data["next_poll"] == lab.argocd.next_poll("web")
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"
    assert f"finds {sha[:7]}: ConfigMap/settings OutOfSync  .data.key  Git b, cluster a" in record.message


def test_a_commit_elsewhere_is_a_new_revision_with_nothing_to_change(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    syncs = len(lab.find("SyncSucceeded"))
    sha = lab.commit({"README.md": "hello\n"})
    lab.next_poll()
    assert lab.last("PollFoundRevision").message.endswith("nothing to change")
    assert lab.status()["sync"] | {"comparedTo": None} == {"comparedTo": None, "revision": sha, "status": "Synced"}
    assert len(lab.find("SyncSucceeded")) == syncs


def test_a_poll_that_finds_nothing_leaves_no_trace_and_writes_nothing(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    lab.run(60)
    records, revision = len(lab.trace), lab.cluster.store.revision
    for _ in range(20):
        lab.next_poll()
    assert (len(lab.trace), lab.cluster.store.revision) == (records, revision)


def test_polling_can_be_switched_off_and_a_refresh_still_looks(tmp_path: Path) -> None:
    lab = Lab(tmp_path, resync=0)
    lab.repo({"manifests/a.yaml": config_map(value="a")})
    lab.add(application(automated={}))
    assert lab.argocd.next_poll("web") is None
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.run(3600)
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "a"
    lab.cli("app get web --refresh")
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"


def test_the_refresh_annotation_asks_for_a_look_and_is_taken_away(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map(value="a")})
    lab.add(application(automated={}))
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    for kind in ("normal", "hard"):
        lab.cluster.patch(
            "app", "web", "argocd", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": kind}}}, type="merge"
        )
        lab.clock.settle()
        assert "argocd.argoproj.io/refresh" not in lab.app()["metadata"].get("annotations", {})
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "b"


def test_polls_of_two_applications_do_not_depend_on_each_other(tmp_path: Path) -> None:
    times = []
    for number, names in enumerate((["web"], ["api", "web"])):
        lab = Lab(tmp_path / str(number))
        lab.repo({"manifests/a.yaml": config_map()})
        for name in names:
            lab.add(application(name))
        times.append([lab.next_poll("web") for _ in range(3)])
    assert times[0] == times[1]


def test_a_force_push_is_followed_to_the_new_tip(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map(value="a")})
    first = repo.tip()
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.add(application(automated={}))
    repo.reset("main", first, author="ana")
    lab.next_poll()
    assert lab.cluster.get("cm", "settings")["data"]["key"] == "a"


@pytest.mark.parametrize("revision", ["HEAD", "", "v1", "short"])
def test_target_revisions_may_be_head_a_tag_or_a_commit(lab: Lab, revision: str) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map(value="a")})
    sha = repo.tip()
    repo.tag("v1")
    lab.add(application(automated={}, revision=sha[:9] if revision == "short" else revision))
    lab.commit({"manifests/a.yaml": config_map(value="b")})
    lab.next_poll()
    moved = revision in ("HEAD", "")
    assert lab.cluster.get("cm", "settings")["data"]["key"] == ("b" if moved else "a")


def test_the_watch_needs_no_git(lab: Lab) -> None:
    """A commit that is there but not polled yet stays unnoticed when the cluster changes."""
    lab.repo({"manifests/a.yaml": deployment(2)})
    lab.add(application(automated={"selfHeal": True}))
    lab.run(10)
    lab.commit({"manifests/a.yaml": deployment(4)})
    lab.scale(9)
    assert lab.replicas() == 2
    lab.next_poll()
    assert lab.replicas() == 4


def test_a_day_without_a_commit_is_a_glance_a_minute_however_many_applications_there_are(tmp_path: Path) -> None:
    with bounded(Bounds(events=2500)):
        lab = Lab(tmp_path)
    lab.repo({"manifests/a.yaml": config_map()})
    for name in "abcdefghij":
        lab.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        lab.add(application(name, automated={}, namespace=name))
    lab.run(86400)
    assert {lab.sync(name) for name in "abcdefghij"} == {"Synced"}


def test_a_sleeper_wakes_at_its_own_time(tmp_path: Path) -> None:
    """Whether it slept or not makes no difference to when an Application sees a commit."""
    seen = []
    for branch in ("main", "HEAD", "refs/heads/main", "main~0"):  # the last is no branch: who follows it stays awake
        lab = Lab(tmp_path / branch.replace("/", "-"), seed=5)
        lab.repo({"manifests/a.yaml": config_map(value="a")})
        lab.add(application(automated={}, revision=branch))
        lab.run(5000)
        lab.commit({"manifests/a.yaml": config_map(value="b")})
        lab.run(181)
        seen.append(lab.last("PollFoundRevision").time)
    assert len(set(seen)) == 1


def test_a_push_past_the_forge_is_found_by_a_sleeper_not_much_later(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map(value="a")})
    repo.branch("next")
    lab.commit({"manifests/a.yaml": config_map(value="a"), "other.txt": "x"})
    lab.add(application(automated={}))
    lab.run(3000)
    moved = lab.forge.repository("shop").tip("next")
    (repo.path / "refs" / "heads" / "main").write_text(f"{moved}\n")
    lab.run(180 + 60)
    assert lab.status()["sync"]["revision"] == moved


def test_a_branch_that_goes_wakes_its_sleepers(lab: Lab) -> None:
    repo = lab.repo({"manifests/a.yaml": config_map()})
    repo.branch("release")
    lab.add(application(automated={}, revision="release"))
    lab.run(3000)
    repo.delete_branch("release")
    lab.run(181)
    assert lab.find("GitErrorIgnored")


def test_a_sleeper_is_planned_anew_when_the_settings_change(lab: Lab) -> None:
    lab.repo({"manifests/a.yaml": config_map()})
    lab.add(application(automated={}))
    lab.run(3000)
    meta = {"name": "argocd-cm", "namespace": "argocd"}
    data = {"timeout.reconciliation": "10s", "timeout.reconciliation.jitter": "0s"}
    lab.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})
    assert lab.argocd.next_poll("web") == 3010
    lab.cluster.patch("cm", "argocd-cm", "argocd", {"data": {"timeout.reconciliation": "0"}}, type="merge")
    assert lab.argocd.next_poll("web") is None
