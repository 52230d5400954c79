"""From trace, repository and agent to what the pictures show."""

from types import MappingProxyType

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput
from gitops_sim.scenarios import build_world, load_scenario
from gitops_sim.trace import Record, Trace
from gitops_sim.views import reading
from gitops_sim.views.resources import application_tree, namespace_tree
from gitops_sim.views.standing import BEHIND, DIFFERS, follow
from gitops_sim.world import World


def drifted(run: int) -> World:
    """The drift scenario's world (0: with self-heal, 1: without), a minute after the slip of the hand."""
    world = build_world(load_scenario("drift").spec.runs[run].world)
    world.run(minutes=10)
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=1)
    return world


@pytest.fixture(scope="module")
def healed() -> World:
    return drifted(0)


@pytest.fixture(scope="module")
def left() -> World:
    return drifted(1)


def test_only_the_change_by_hand_is_marked(healed: World) -> None:
    events = reading.happenings(healed.trace)
    assert [e.what for e in events if e.past_git] == ["kubectl scale deployment web --replicas=10"]
    assert {e.actor for e in events} == {"argocd", "cluster", "ben"}


def test_each_fact_moves_along_its_own_arrow(healed: World) -> None:
    arrows = [move.arrow for _, move in reading.moves(healed.trace) if move.time >= 600 and move.arrow != "cluster"]
    assert arrows == ["manual", "watch", "apply"]


def test_machinery_is_known_by_what_it_does_not_by_its_name() -> None:
    world = build_world(load_scenario("push-vs-pull").spec.runs[0].world)
    world.run(minutes=2)
    (first, *_) = reading.happenings(world.trace)
    assert (first.actor, first.role) == ("deploy", "pipeline")
    assert [move.arrow for _, move in reading.moves(world.trace)][:2] == ["trigger", "apply"]


def test_switching_self_heal_off_is_no_change_past_git(healed: World) -> None:
    fork = healed.fork()
    patch = '{"spec": {"syncPolicy": {"automated": {"selfHeal": false}}}}'
    fork.kubectl(f"patch application web -n argocd --type merge -p '{patch}'", by="ana")
    assert not [e for e in reading.happenings(fork.trace) if e.past_git and e.actor == "ana"]
    assert dict(reading.agent_state(fork.argocd_in(), "web").switches) == {"auto-sync": True, "self-heal": False, "prune": False}


def test_a_reason_that_the_message_holds_is_not_said_twice() -> None:
    trace = Trace(Clock())
    said = trace.add("argocd", "SyncSkipped", message="leaves it so: self-heal is off", reason="self-heal is off")
    assert reading.because(said) == ""
    assert reading.because(trace.add("argocd", "Polled", message="polls", reason="every 2 minutes")) == "every 2 minutes"


def test_the_boxes_hold_what_was_so_within_the_instant(healed: World) -> None:
    records = list(healed.trace)
    standings = dict(
        zip(
            (r.event for r in records if r.time == 600),
            (s for r, s in zip(records, follow(records), strict=True) if r.time == 600),
            strict=False,
        )
    )
    assert standings["CommandRun"].workloads == {"web": (3, 10)}
    assert standings["CommandRun"].wrong == standings["DriftDetected"].wrong == DIFFERS
    assert standings["SelfHealed"].workloads["web"][1] == 3
    assert standings["SelfHealed"].wrong == ""
    assert standings["SelfHealed"].texts["worker"].startswith("saw ")


def test_without_self_heal_the_cluster_stays_wrong(left: World) -> None:
    last = follow(list(left.trace))[-1]
    assert last.wrong == DIFFERS
    assert last.texts["cluster"] == "web 10/10"


def test_a_commit_leaves_the_cluster_behind_until_it_is_applied(healed: World) -> None:
    fork = healed.fork()
    sha = fork.git.repository("shop").commit({"web/note.txt": "x"}, "A note", author="ana")
    assert follow(list(fork.trace))[-1].wrong == BEHIND
    assert follow(list(fork.trace))[-1].tip == sha
    fork.git.repository("shop").branch("side", author="ana")
    assert follow(list(fork.trace))[-1].tip == sha


def test_a_deployment_that_is_deleted_leaves_the_box() -> None:
    records = [
        Record(0, 0, "cluster", "RolloutStarted", "Deployment/default/web", data={"replicas": 2}),
        Record(1, 0, "cluster", "RolloutCompleted", "Deployment/default/web", data={"ready": 2, "desired": 2}),
        Record(2, 1, "ben", "ObjectDeleted", "Deployment/default/web", data={}),
    ]
    assert [s.workloads for s in follow(records)] == [
        MappingProxyType({"web": (0, 2)}),
        MappingProxyType({"web": (2, 2)}),
        MappingProxyType({}),
    ]


def test_pointers_mark_a_cluster_that_drifted() -> None:
    branch, agent, cluster = reading.pointers("main", "aaa", seen="aaa", agent="argocd", applied="aaa", wrong=True)
    assert (branch.text, agent.text, cluster.text) == ("main", "argocd saw", "cluster, drifted")
    assert cluster.tone == "warn"
    assert reading.pointers("main", "") == []
    assert reading.commits(drifted(0).git.repository("shop"), "") == []


def test_fields_that_differ_come_first_and_in_both_values(left: World) -> None:
    first, *rest = reading.fields(left.argocd_in(), "web")
    assert (first.path, first.desired, first.actual) == ("Deployment/web .spec.replicas", 3, 10)
    assert [field.verdict for field in rest] == ["same"]


def test_the_countdown_is_to_the_agent_s_own_next_poll(healed: World) -> None:
    wait = reading.wait_of(healed.argocd_in(), "web")
    assert wait.due == healed.argocd_in().next_poll("web")
    assert 0 < (wait.left or 0) <= 180


def test_an_application_s_tree_has_what_its_resources_own(healed: World) -> None:
    root = application_tree(healed.cluster(), "web")
    (deployment,) = root.children
    (replica_set,) = deployment.children
    assert (root.sync, root.health, deployment.note) == ("Synced", "Healthy", "3/3 ready")
    assert replica_set.note == "rev 1 · 3 pods"
    assert [pod.note for pod in replica_set.children] == ["shop/web:1.4.0"] * 3
    assert all(pod.sync == "" for pod in replica_set.children)
    with pytest.raises(BadInput, match="no Application 'nope'"):
        application_tree(healed.cluster(), "nope")


def test_what_git_has_and_the_cluster_does_not_is_missing(healed: World) -> None:
    fork = healed.fork()
    fork.kubectl('patch application web -n argocd --type merge -p \'{"spec": {"syncPolicy": null}}\'')
    fork.kubectl("delete deployment web --wait=false")
    fork.run("10s")
    (deployment,) = application_tree(fork.cluster(), "web").children
    assert (deployment.sync, deployment.health) == ("OutOfSync", "Missing")


def test_pods_say_why_they_are_not_well() -> None:
    world = World(images={"bad:1": {"pull_error": "not found"}})
    world.kubectl("create deployment web --image=bad:1")
    world.run("30s")
    root = namespace_tree(world.cluster())
    (deployment,) = root.children
    (pod,) = deployment.children[0].children
    assert pod.note in ("ErrImagePull", "ImagePullBackOff")
    assert pod.health == "Degraded"
    assert deployment.health == "Progressing"
    world.kubectl("delete deployment web --wait=false")
    world.run("0.5s")
    notes = [child.note for child in namespace_tree(world.cluster()).children]
    assert set(notes) <= {"Terminating", ""}


def test_what_every_namespace_is_given_is_not_shown() -> None:
    assert namespace_tree(World().cluster()).children == []


def test_pull_requests_are_told_where_git_is() -> None:
    world = World()
    world.git.create("shop", {"a.txt": "1"})
    begins = len(world.trace)
    world.do("branch", repo="shop", name="two", by="ana")
    world.do("commit", repo="shop", branch="two", message="Two", files={"a.txt": "2"}, by="ana")
    world.do("pr", repo="shop", open={"branch": "two", "title": "Two"}, by="ana")
    world.run("1m")
    world.do("pr", repo="shop", review={"number": 1, "verdict": "approve"}, by="ben")
    world.do("pr", repo="shop", merge={"number": 1}, by="ana")
    moves = [move for _, move in reading.moves(world.trace, since=begins)]
    assert [(move.arrow, move.actor) for move in moves if "#1" in move.what] == [
        ("git", "ana"),
        ("git", "forge"),
        ("git", "ben"),
        ("commit", "ana"),
    ]
