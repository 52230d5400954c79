from __future__ import annotations

import copy
import os
import subprocess
import sys

from gitops_sim.clock import Clock
from gitops_sim.trace import Trace

RECORDS = """
from gitops_sim.clock import Clock
from gitops_sim.trace import Trace
clock = Clock(); trace = Trace(clock)
for n, name in enumerate(sorted({"web", "db", "cache", "queue"})):
    clock.run_until(n * 1.5)
    trace.add("ana", "CommitPushed", f"repo/{name}", story=bool(n % 2), files={"b": n, "a": [n]})
print(trace.digest())
"""


def test_the_digest_is_the_same_in_every_process():
    digests = {
        subprocess.run(
            [sys.executable, "-c", RECORDS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1


def test_the_digest_changes_with_any_part_of_a_record():
    def digest(**change: object) -> str:
        parts = {"actor": "ana", "event": "E", "subject": "s", "message": "m", "reason": "r", "story": False, "n": 1} | change
        trace = Trace(Clock())
        trace.add(**parts)
        return trace.digest()

    changed = [digest(**{part: "other"}) for part in ("actor", "event", "subject", "message", "reason", "n")]
    changed.append(digest(story=True))
    assert len({digest(), *changed}) == 8


def test_find_takes_actor_event_subject_and_time_together():
    clock = Clock()
    trace = Trace(clock)
    trace.add("ana", "CommitPushed", "repo/a")
    clock.run_until(60)
    trace.add("ben", "CommitPushed", "repo/a")
    trace.add("ben", "PodReady", "Pod/x", story=True)
    assert [r.actor for r in trace.find(event="CommitPushed")] == ["ana", "ben"]
    assert [r.seq for r in trace.find(event=("CommitPushed", "PodReady"), actor="ben")] == [1, 2]
    assert [r.seq for r in trace.find(subject="repo/a", since=1)] == [1]
    assert [r.seq for r in trace.find(until=59)] == [0]
    assert [r.event for r in trace.story()] == ["PodReady"]
    assert trace[-1].event == "PodReady"


def test_a_copy_shares_the_past_and_goes_its_own_way():
    trace = Trace(Clock())
    trace.add("ana", "First")
    twin = copy.deepcopy(trace)
    twin.add("ben", "Second")
    assert [r.event for r in trace] == ["First"]
    assert twin[0] is trace[0]
    assert len(twin) == 2
