"""The gates of auto-sync, in their order, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitops_sim.agents.argocd.application import read_application
from gitops_sim.agents.argocd.autosync import decide, self_heal_delay
from gitops_sim.agents.argocd.compare import Comparison, Resource
from gitops_sim.objects import Key
from tests.agents.lab import application

SHA = "4be1c07" + "0" * 33
LIVE: dict[str, Any] = {"metadata": {}}
TARGET: Any = object()


def resource(name: str = "web", *, status: Any = "OutOfSync", extra: bool = False) -> Resource:
    return Resource(Key("apps", "Deployment", "default", name), "v1", None if extra else TARGET, LIVE, status)


def compared(*resources: Resource, sync: Any = "OutOfSync") -> Comparison:
    return Comparison(SHA, resources or (resource(),), sync, "Healthy")


def state(
    phase: str = "Succeeded", *, revision: str = SHA, attempts: int = 0, finished: str = "09:00:00", app: Any = None
) -> Any:
    source = (app or application())["spec"]["source"]
    return {
        "phase": phase,
        "message": "boom",
        "finishedAt": f"2026-01-05T{finished}Z",
        "operation": {"sync": {"selfHealAttemptsCount": attempts}},
        "syncResult": {"revision": revision, "source": source},
    }


def decided(automated: Any, comparison: Comparison, last: Any = None, now: float = 0.0, **fields: Any) -> Any:
    app = application(automated=automated)
    obj = {**app, **fields, "status": {"operationState": last}}
    return decide(read_application(app), obj, comparison, now)


def gate(*args: Any, **named: Any) -> tuple[str, str]:
    decision = decided(*args, **named)
    return decision.verdict, decision.gate


def test_the_gates_in_their_order() -> None:
    assert gate(None, compared()) == ("skip", "automated")
    assert gate({}, compared(), operation={"sync": {}}) == ("skip", "operation")
    assert gate({}, compared(), metadata={"name": "web", "deletionTimestamp": "x"}) == ("skip", "deletion")
    assert gate({}, compared(resource(status="Synced"), sync="Synced")) == ("skip", "status")
    assert gate({}, compared(sync="Unknown")) == ("skip", "status")
    assert gate({}, compared(resource(extra=True), resource("b", status="Synced"))) == ("skip", "prune")
    assert gate({}, compared()) == ("sync", "revision")


def test_a_revision_is_tried_once() -> None:
    assert gate({}, compared(), state(revision="0" * 40)) == ("sync", "revision")
    assert gate({}, compared(), state()) == ("skip", "selfHeal")
    decision = decided({}, compared(), state("Failed"))
    assert (decision.verdict, decision.gate) == ("skip", "failed")
    assert decision.error == f"Failed last sync attempt to [{SHA}]: boom"


def test_another_source_counts_as_not_tried_yet() -> None:
    other = state(app=application(path="elsewhere"))
    assert gate({}, compared(), other) == ("sync", "revision")


def test_an_operation_without_a_result_counts_as_tried() -> None:
    last = state("Error")
    del last["syncResult"]
    assert gate({}, compared(), last) == ("skip", "failed")


def test_self_heal_off_names_the_revision_that_was_synced() -> None:
    assert decided({}, compared(), state()).reason == "self-heal is off: already synced 4be1c07"


@pytest.mark.parametrize(("attempts", "delay"), list(enumerate([0, 2, 6, 18, 54, 162, 300, 300, 300])))
def test_self_heal_waits_ever_longer_after_the_last_operation(attempts: int, delay: float) -> None:
    assert self_heal_delay(attempts) == delay
    automated = {"selfHeal": True}
    if delay:
        early = decided(automated, compared(), state(attempts=attempts), now=delay - 0.5)
        assert (early.verdict, early.wait, early.attempt) == ("wait", 0.5, attempts + 1)
    due = decided(automated, compared(), state(attempts=attempts), now=delay)
    assert (due.verdict, due.attempt) == ("heal", attempts + 1)


def test_pruning_everything_needs_allow_empty() -> None:
    everything = compared(resource(extra=True))
    decision = decided({"prune": True}, everything)
    assert decision.error == f"Skipping sync attempt to [{SHA}]: auto-sync will wipe out all resources"
    assert gate({"prune": True, "allowEmpty": True}, everything) == ("sync", "revision")
    assert gate({"prune": True}, compared(resource(extra=True), resource("b", status="Synced"))) == ("sync", "revision")


def test_prune_only_is_about_all_that_differs_not_all_there_is() -> None:
    mixed = compared(resource(extra=True), resource("b"))
    assert gate({}, mixed) == ("sync", "revision")
    assert gate({}, replace(mixed, resources=(resource(extra=True),))) == ("skip", "prune")
