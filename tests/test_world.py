from __future__ import annotations

import pytest

from gitops_sim import BadInput, World
from gitops_sim.actions import Action

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: %d
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: shop/web:1.0}]
"""
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://git.example/shop, path: web, targetRevision: main}
  destination: {server: https://kubernetes.default.svc, namespace: default}
  syncPolicy: {automated: {selfHeal: true}}
"""


def shop(**settings: int) -> World:
    world = World(**settings)
    world.git.create("shop", {"web/web.yaml": MANIFEST % 3})
    world.argocd_in()
    world.kubectl("apply -f -", stdin=APPLICATION, by="platform")
    world.run("1m")
    return world


def ready(world: World) -> int:
    return world.cluster().get("deployment", "web")["status"].get("readyReplicas", 0)


def test_the_same_actions_give_the_same_trace_and_other_chance_another():
    def play(seed: int) -> str:
        world = shop(seed=seed)
        world.do("commit", repo="shop", message="Scale web to 5", files={"web/web.yaml": MANIFEST % 5}, by="ana")
        world.run("5m")
        assert ready(world) == 5
        return world.trace.digest()

    assert play(1) == play(1) != play(2)


def test_playing_the_recorded_actions_again_gives_the_same_trace():
    world = shop()
    world.kubectl("scale deployment web --replicas=9", by="ben")
    world.run("2m")
    again = World()
    again.git.create("shop", {"web/web.yaml": MANIFEST % 3})
    again.argocd_in()
    for action in world.actions:
        again.clock.run_before(action.at)
        again.do(action)
    again.clock.run_until(world.now)
    assert [a.do for a in world.actions] == ["kubectl", "kubectl"]
    assert again.trace.digest() == world.trace.digest()


def test_a_fork_goes_its_own_way_and_what_nobody_changes_stays_equal():
    world = shop()
    fork, still = world.fork(), world.fork()
    fork.do("commit", repo="shop", message="Scale web to 7", files={"web/web.yaml": MANIFEST % 7}, by="ana")
    for each in (world, fork, still):
        each.run("10m")
    assert (ready(world), ready(fork)) == (3, 7)
    assert len(world.git.repository("shop").log()) == 1
    assert still.trace.digest() == world.trace.digest()


def test_the_past_can_be_looked_at_but_not_changed():
    world = shop()
    before = world.now
    world.do("commit", repo="shop", message="Scale web to 5", files={"web/web.yaml": MANIFEST % 5}, by="ana")
    world.run("5m")
    assert ready(world) == 5
    moment = world.at(before)
    assert moment.cluster().get("deployment", "web")["spec"]["replicas"] == 3
    assert moment.kubectl("get deployments --no-headers").stdout.split() == ["web", "3/3", "3", "3", "60s"]
    assert max(r.time for r in moment.records) <= before
    refused = moment.kubectl("scale deployment web --replicas=1")
    assert refused.exit == 1
    assert "this is the past" in refused.stderr
    assert ready(world) == 5
    with pytest.raises(BadInput, match="in the future"):
        world.at("10h")


def test_run_until_stops_at_the_event_that_makes_it_true_and_gives_up_in_time():
    world = World()
    world.kubectl("create deployment web --image=shop/web:1.0 --replicas=2")
    assert world.run_until(lambda: ready(world) == 2, timeout="1m")
    assert 0 < world.now < 60
    before = world.now
    assert not world.run_until(lambda: ready(world) == 5, timeout="30s")
    assert world.now == before + 30


def test_what_cannot_be_done_is_refused_with_the_way_to_mend_it_and_not_recorded():
    world = World()
    for do, fields, hint in [
        ("comit", {}, "commit"),
        ("commit", {"repo": "nope", "message": "m", "files": {"a": "b"}}, "create one first"),
        ("kubectl", {"args": "get pods", "cluster": "staging"}, "production"),
        ("pipeline", {"args": "run"}, "add_pipeline"),
        ("registry", {"args": "pull x"}, "push IMAGE"),
    ]:
        with pytest.raises(BadInput) as caught:
            world.do(do, **fields)
        assert hint in str(caught.value)
    with pytest.raises(BadInput, match="cannot be played"):
        world.do(Action(0, "dance", {"args": "slowly"}))
    assert world.actions == []


def test_every_kind_of_action_reaches_its_part_of_the_world():
    world = shop()
    world.add_pipeline("ci", repo="shop", path="web")
    world.do("branch", repo="shop", name="scale", by="ana")
    world.do("commit", repo="shop", branch="scale", message="Scale", files={"web/web.yaml": MANIFEST % 4}, by="ana")
    world.do("merge", repo="shop", branch="scale", by="ben")
    world.do("revert", repo="shop", commit="HEAD", mainline=1, by="ben")
    world.do("reset", repo="shop", branch="scale", to="main~1", by="ana")
    world.do("registry", args="push shop/web:2.0", image={"crash": "3s"}, by="ci")
    world.do("answer", question="q1", value=3)
    assert "job" in world.do("pipeline", args="run").stdout
    assert "web" in world.argocd("app list").stdout
    assert world.do("dashboard", args="refresh web", by="ben").exit == 0
    assert world.registry.image("shop/web:2.0").crash == 3
    subjects = [c.subject for c in world.git.repository("shop").log()]
    assert subjects[0].startswith('Revert "Merge branch')
    assert [r.actor for r in world.trace.find(event=("BranchCreated", "BranchMerged", "CommitReverted", "QuestionAnswered"))] == [
        "ana",
        "ben",
        "ben",
        "you",
    ]


def test_a_command_that_waits_for_ever_waits_for_a_week():
    world = World()
    world.kubectl("create deployment web --image=shop/web:1.0")
    assert world.wait(lambda: "1/1" in world.kubectl("get deployment web").stdout, float("inf"))
    assert world.now < 60
    begun = world.now
    assert not world.wait(lambda: False, float("inf"))
    assert world.now - begun == 7 * 24 * 3600


def test_a_sync_of_what_cannot_be_applied_comes_back():
    world = World()
    shop = world.git.create("shop", {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Not_A_Name}\n"})
    world.argocd_in()
    destination = "{namespace: default, server: 'https://kubernetes.default.svc'}"
    source = f"project: default, source: {{repoURL: {shop.url}, path: .}}"
    spec = f"{{{source}, destination: {destination}, syncPolicy: {{retry: {{limit: 2}}}}}}"
    manifest = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\n"
    world.kubectl("apply -f -", stdin=f"{manifest}spec: {spec}\n")
    assert "Failed" in str(world.argocd("app sync web"))


def test_a_load_is_shared_by_the_pods_of_a_workload() -> None:
    world = World()
    world.do("load", workload="deployment/web", cpu="900m", by="ana")
    pods = [{"metadata": {"name": name}} for name in ("a", "b", "c")]
    usage = world.cluster().load.usage("Deployment", "web", "default", pods)
    assert {name: amounts["cpu"] for name, amounts in usage.items()} == {"a": 300, "b": 300, "c": 300}
    assert world.trace.find(event="LoadChanged")[-1].actor == "ana"


@pytest.mark.parametrize(
    "fields", [{"workload": "service/web", "cpu": "1"}, {"workload": "web", "cpu": "1"}, {"workload": "deploy/web"}]
)
def test_a_load_that_makes_no_sense(fields: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        World().do("load", **fields)


def test_a_node_is_lost_and_comes_back() -> None:
    world = World(nodes={"node-1": {"cpu": "2"}, "node-2": {"cpu": "2"}})
    world.do("node", args="lose node-2", by="ana")
    world.run("2m")
    assert "node-2   NotReady" in str(world.kubectl("get nodes"))
    later = world.fork()
    world.do("node", args="return node-2")
    for one in (world, later):
        one.run("1m")
    assert ("NotReady" in str(world.kubectl("get nodes")), "NotReady" in str(later.kubectl("get nodes"))) == (False, True)
    told = [record.event for record in world.trace.find() if record.event.startswith("Node")]
    assert told == ["NodeLost", "NodeNotReady", "NodeReady"]


@pytest.mark.parametrize("args", ["lose", "lose node-7", "burn node-1", "return node-1"])
def test_a_node_that_cannot_be_lost_or_returned(args: str) -> None:
    with pytest.raises(BadInput):
        World().do("node", args=args)


def test_a_world_may_start_at_another_time_and_goes_the_same_way_from_there() -> None:
    digests = []
    for _ in range(2):
        world = World(seed=7, starts="2026-03-01T08:00:00Z")
        world.kubectl("create deployment web --image=nginx:1")
        world.run("1m")
        created = world.cluster().get("deployments", "web")["metadata"]["creationTimestamp"]
        assert (created, world.starts) == ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z")
        assert "1/1     1            1           60s" in world.kubectl("get deployment web").stdout
        digests.append(world.trace.digest())
    assert digests[0] == digests[1]
