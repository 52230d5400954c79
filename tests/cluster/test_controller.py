"""The work queue under all controllers and agents, and the recorder of their events."""

from __future__ import annotations

from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.events import EventRecorder
from gitops_sim.objects import Key

KEY = Key("", "ConfigMap", "default", "c")


class Looks:
    """Notes when the queue asked for a look."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.queue = WorkQueue(self.clock, self.look)
        self.times: list[float] = []

    def look(self, key: Key) -> None:
        self.times.append(self.clock.now)


def test_of_two_wishes_the_earlier_one_counts() -> None:
    looks = Looks()
    looks.queue.add(KEY, 10)
    looks.queue.add(KEY, 3)
    looks.queue.add(KEY, 5)
    looks.clock.run_until(60)
    assert looks.times == [3]


def test_failures_are_tried_again_in_ever_longer_waits_until_one_succeeds() -> None:
    looks = Looks()
    assert [looks.queue.retry(KEY) for _ in range(4)] == [0.005, 0.01, 0.02, 0.04]
    assert max(looks.queue.retry(KEY) for _ in range(30)) == 1000
    looks.queue.succeed(KEY)
    assert looks.queue.retry(KEY) == 0.005


def test_what_is_forgotten_gets_no_look() -> None:
    looks = Looks()
    looks.queue.retry(KEY)
    looks.queue.forget(KEY)
    looks.clock.run_until(60)
    assert looks.times == []
    assert looks.queue.retry(KEY) == 0.005


def test_an_event_that_cannot_be_written_is_lost_quietly() -> None:
    home = Cluster()
    home.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "finalizers": ["example.com/x"]}})
    meta = {"name": "c", "namespace": "shop"}
    about = home.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    recorder = EventRecorder(home, "test")
    recorder.normal(about, "Seen", "saw it")
    recorder.normal(about, "Seen", "saw it")
    (event,) = home.list("Event", "shop")
    assert event["count"] == 2
    home.delete("Namespace", "shop", "")
    home.clock.run_until(10)
    recorder.normal(about, "Seen", "saw it")
    recorder.scheduling(about, "Warning", "FailedScheduling", "nowhere", action="Scheduling")
    assert home.list("Event", "shop") == []


def test_an_event_that_was_deleted_is_written_anew() -> None:
    home = Cluster()
    about = home.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})
    recorder = EventRecorder(home, "test")
    recorder.warning(about, "Seen", "saw it")
    home.delete("Event", home.list("Event")[0]["metadata"]["name"])
    recorder.warning(about, "Seen", "saw it")
    assert [event["count"] for event in home.list("Event")] == [1]


def test_events_about_things_outside_namespaces_go_to_default() -> None:
    home = Cluster()
    EventRecorder(home, "test").normal(home.get("Node", "node-1", ""), "Seen", "saw it")
    (event,) = home.list("Event", "default")
    assert event["involvedObject"]["kind"] == "Node"
    assert "namespace" not in event["involvedObject"]


class Patient:
    """Waits for a moment that floating point puts a hair's breadth after a tick of the clock."""

    def __init__(self, clock: Clock, moment: float) -> None:
        self.moment, self.looks = moment, 0
        self.clock, self.queue = clock, WorkQueue(clock, self.look)

    def look(self, key: Key) -> None:
        self.looks += 1
        assert self.looks < 10, "the clock stands still"
        if self.clock.now < self.moment:
            self.queue.add(key, self.moment - self.clock.now)


def test_who_waits_for_less_than_a_tick_does_not_stop_the_clock() -> None:
    clock = Clock()
    patient = Patient(clock, 574.834442 + 1e-10)
    patient.queue.add(Key("", "Pod", "default", "web"))
    clock.run_until(600)
    assert patient.looks == 3
