"""Probes computed ahead find what probes made one by one would find."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.cluster.controllers.backoff import Backoff, go_duration
from gitops_sim.cluster.controllers.probes import Milestone, plan
from gitops_sim.registry import Image

END = 120.0
seconds = st.integers(0, 40).map(lambda n: n / 2)
probes = st.fixed_dictionaries(
    {},
    optional={
        "initialDelaySeconds": st.integers(0, 20),
        "periodSeconds": st.integers(1, 12),
        "failureThreshold": st.integers(1, 5),
    },
)
readiness = st.tuples(probes, st.integers(1, 3)).map(lambda pair: {**pair[0], "successThreshold": pair[1]})


def simulate(container: dict[str, Any], image: Image) -> list[tuple[float, str]]:
    """Half a second at a time: what happens to the container, and when."""
    found: list[tuple[float, str]] = []
    started: float | None = None
    state = {"good": {"Readiness": 0, "Liveness": 0, "Startup": 0}, "bad": {"Readiness": 0, "Liveness": 0, "Startup": 0}}
    ready = False
    for half in range(int(END * 2) + 1):
        now = half / 2
        passes = not image.never_ready and now >= image.ready and (image.hang is None or now < image.hang)
        if "startupProbe" not in container and started is None:
            started = 0.0
            found.append((0.0, "started"))
        order = ("Startup", "Liveness", "Readiness")
        results: list[tuple[str, bool]] = []
        for kind in order:
            spec = container.get(f"{kind.lower()}Probe")
            if spec is None or (kind == "Startup") == (started is not None):
                continue
            first = max(float(spec.get("initialDelaySeconds", 0)), (started or 0.0) if kind != "Startup" else 0.0)
            period = spec.get("periodSeconds", 10)
            if now < first or (now - first) % period:
                continue
            state["good"][kind] = state["good"][kind] + 1 if passes else 0
            state["bad"][kind] = 0 if passes else state["bad"][kind] + 1
            results.append((kind, passes))
            if kind == "Startup" and passes:
                started = now
                found.append((now, "started"))
        for kind, _ in results:
            spec = container[f"{kind.lower()}Probe"]
            if kind == "Readiness":
                if state["good"][kind] >= spec.get("successThreshold", 1) and not ready:
                    ready = True
                    found.append((now, "ready"))
                if state["bad"][kind] >= spec.get("failureThreshold", 3) and ready:
                    ready = False
                    found.append((now, "unready"))
        if started == now and "readinessProbe" not in container and not ready:
            ready = True
            found.append((now, "ready"))
        if any(
            kind != "Readiness" and state["bad"][kind] >= container[f"{kind.lower()}Probe"].get("failureThreshold", 3)
            for kind, _ in results
        ):
            return [*found, (now, "kill")]
    return found


@given(
    st.fixed_dictionaries({}, optional={"readinessProbe": readiness, "livenessProbe": probes, "startupProbe": probes}),
    seconds,
    st.one_of(st.none(), seconds),
    st.booleans(),
)
def test_the_plan_is_what_would_happen(container: dict[str, Any], ready: float, hang: float | None, never: bool) -> None:
    image = Image(ready=ready, hang=hang, never_ready=never)
    planned = [
        (step.time, step.what) for step in plan(container, image, 0.0, None) if step.what != "failing" and step.time <= END
    ]
    assert planned == simulate(container, image)


def test_failing_probes_are_told_at_powers_of_two_and_at_the_end() -> None:
    steps = plan({"readinessProbe": {"periodSeconds": 2}}, Image(ready=11), 100.0, None)
    step: Milestone | None = next(step for step in steps if step.what == "failing")
    told = []
    while step is not None:
        told.append((step.time, step.number, step.number - step.told))
        step = step.next_failure()
    assert told == [(100.0, 1, 1), (102.0, 2, 1), (106.0, 4, 2), (110.0, 6, 2)]


def test_an_exit_ends_the_plan() -> None:
    steps = plan({"readinessProbe": {}}, Image(ready=50), 0.0, Milestone(30.0, "exit", code=1))
    assert [step.what for step in steps] == ["started", "failing", "exit"]


def test_the_back_off_is_forgotten_after_ten_good_minutes() -> None:
    backoff = Backoff()
    assert [backoff.exited(time) for time in (0, 5, 30)] == [0, 10, 20]
    assert backoff.exited(50 + 601) == 0
    assert backoff.exited(50 + 610) == 10


def test_durations_read_as_go_prints_them() -> None:
    printed = {0: "0s", 0.25: "250ms", 1.5: "1.5s", 10: "10s", 80: "1m20s", 300: "5m0s", 3661.5: "1h1m1.5s"}
    assert {seconds: go_duration(seconds) for seconds in printed} == printed
