"""People act when they said they would, before anything else in that instant; a command that waits holds up what comes after."""

from __future__ import annotations

from gitops_sim.actions import Action
from gitops_sim.scenarios import perform
from gitops_sim.world import World

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web:1}]
"""


def kubectl(at: float, args: str, **fields: object) -> Action:
    return Action(at, "kubectl", {"args": args, **fields})


def test_a_command_that_waits_moves_later_actions() -> None:
    world = World(images={"web:1": {"pull": "5s", "start": "15s"}})
    actions = [
        kubectl(10, "apply -f web.yaml", files={"web.yaml": MANIFEST}),
        kubectl(11, "rollout status deployment web"),
        kubectl(12, "get deployment web"),
        kubectl(60, "get deployment web"),
    ]
    applied, waited, after, last = perform(world, actions, 70)
    assert (applied.start, applied.end) == (10, 10)
    assert (waited.start, waited.end) == (11, 30)
    assert after.start == 30
    assert "1/1" in str(after.output)
    assert last.start == 60
    assert world.now == 70


def test_people_act_before_the_world_moves_in_that_instant() -> None:
    world = World(images={"web:1": {"pull": "0s", "start": "10s"}})
    actions = [
        kubectl(0, "apply -f web.yaml", files={"web.yaml": MANIFEST}),
        kubectl(10, "get deployment web -o jsonpath={.status.readyReplicas}"),
        kubectl(10, "get deployment web -o jsonpath={.status.readyReplicas}"),
    ]
    performed = perform(world, actions, 10)
    assert str(performed[1].output) == ""
    assert str(performed[2].output) == "1"
