"""What is done next for a release in a certain state.

Source: helm-controller ``internal/reconcile/atomic_release.go`` (actionForState).
"""

from __future__ import annotations

from dataclasses import dataclass

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.conditions import READY
from gitops_sim.agents.flux.helm import snapshots
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease, Remediation
from gitops_sim.agents.flux.helm.releases import Releases
from gitops_sim.agents.flux.helm.run import Move
from gitops_sim.agents.flux.helm.snapshots import Snapshot, chart_name, full_name
from gitops_sim.agents.flux.helm.state import State
from gitops_sim.agents.flux.helm.status import DRIFTED, FORCE_AT, RELEASED, REMEDIATED, asked_for, summarized
from gitops_sim.objects import Object, condition_of, get_path

SUCCEEDED = "Helm {} succeeded for release {} with chart {}"


@dataclass(frozen=True, slots=True)
class Decision:
    """``obj`` has what was found out noted. Without a ``move`` that was all, or it is ``stalled``: the reason and the message.
    ``target`` is the revision to roll back to."""

    obj: Object
    move: Move | None = None
    stalled: tuple[str, str] | None = None
    target: Snapshot | None = None


def decide(app: HelmRelease, obj: Object, state: State, releases: Releases, now: str) -> Decision:
    forced, obj = asked_for(obj, FORCE_AT, "lastHandledForceAt")
    last = str(get_path(obj, ("status", "lastAttemptedReleaseAction"), ""))
    if state.status == "InSync":
        return _in_sync(app, obj, now, last, forced)
    if state.status == "Locked":
        return Decision(obj, "unlock")
    if state.status == "Absent":
        return _unless_exhausted(app, obj, "install", forced, last)
    if state.status == "Unmanaged":
        return Decision(snapshots.with_history(obj, []), "upgrade")
    if state.status == "OutOfSync":
        return _unless_exhausted(app, obj, "upgrade", forced, last)
    if state.status == "Drifted":
        return _drifted(app, obj, state, now)
    if state.status == "Untested":
        return Decision(_not_remediated(obj, now), "test")
    return _failed(app, obj, releases, forced, last)


def stall(app: HelmRelease, obj: Object, last: str) -> tuple[str, str]:
    """What is said when all retries are used up."""
    counter = get_path(obj, ("status", f"{last}Failures"), 0)
    return "RetriesExceeded", f"Failed to {last} after {counter} attempt(s)"


def failures(obj: Object, action: str) -> int:
    return int(get_path(obj, ("status", f"{action}Failures"), 0))


# ---------------------------------------------------------------------- inside


def _unless_exhausted(app: HelmRelease, obj: Object, action: Move, forced: bool, last: str) -> Decision:
    remediation = app.remediation(action)
    if remediation is not None and remediation.is_exhausted(failures(obj, action)) and not forced:
        return Decision(obj, stalled=stall(app, obj, last))
    return Decision(obj, action)


def _in_sync(app: HelmRelease, obj: Object, now: str, last: str, forced: bool) -> Decision:
    remediation = app.remediation(last)
    ignores = remediation.ignores_tests if remediation is not None else app.ignores_test_failures
    keep = app.retry_interval(last) is not None
    obj = snapshots.truncated(obj, ignore_tests=ignores, keep_failures=keep)
    if forced:
        return Decision(obj, "upgrade")
    obj = _not_remediated(obj, now)
    if not conditions.is_true(obj, READY) or not conditions.is_true(obj, RELEASED):
        reason = (condition_of(obj, RELEASED) or {}).get("reason")
        action = {"InstallFailed": "install", "UpgradeFailed": "upgrade"}.get(str(reason))
        cur = snapshots.latest(obj)
        if action and cur is not None:
            message = SUCCEEDED.format(action, full_name(cur), chart_name(cur))
            obj = conditions.mark(obj, RELEASED, "True", f"{action.title()}Succeeded", message, now)
            obj = summarized(obj, app, now)
    if app.drift_mode != "disabled":
        message = "No drift detected against the cluster state"
        obj = conditions.mark(obj, DRIFTED, "False", "NoDriftDetected", message, now)
    return Decision(obj)


def _not_remediated(obj: Object, now: str) -> Object:
    """What was rolled back to is what is wanted now: that counts as an upgrade."""
    cur = snapshots.latest(obj)
    if cur is None or not conditions.is_true(obj, REMEDIATED):
        return obj
    message = SUCCEEDED.format("upgrade", full_name(cur), chart_name(cur))
    return conditions.mark(conditions.drop(obj, REMEDIATED), RELEASED, "True", "UpgradeSucceeded", message, now)


def _drifted(app: HelmRelease, obj: Object, state: State, now: str) -> Decision:
    obj = conditions.mark(obj, DRIFTED, "True", "DriftDetected", drift_message(obj, state), now)
    return Decision(obj, "correct cluster drift" if app.drift_mode == "enabled" else None)


def drift_message(obj: Object, state: State) -> str:
    cur = snapshots.latest(obj)
    name = full_name(cur) if cur is not None else ""
    lines = "\n".join(map(str, state.drift))
    return f"Cluster state of release {name} has drifted from the desired state:\n{lines}"


def _failed(app: HelmRelease, obj: Object, releases: Releases, forced: bool, last: str) -> Decision:
    if app.retry_interval(last) is not None:
        return Decision(snapshots.truncated(obj, ignore_tests=True, keep_failures=True), "upgrade")
    remediation = app.remediation(last)
    if remediation is None or failures(obj, last) <= 0 or forced:
        return Decision(obj, "upgrade")
    if remediation.is_exhausted(failures(obj, last)) and not remediation.cleans_up_last:
        return Decision(obj, stalled=stall(app, obj, last))
    obj = snapshots.truncated(obj, ignore_tests=remediation.ignores_tests, keep_failures=False)
    if remediation.strategy == "uninstall":
        return Decision(obj, "uninstall")
    return _roll_back(app, obj, remediation, releases)


def _roll_back(app: HelmRelease, obj: Object, remediation: Remediation, releases: Releases) -> Decision:
    """Back to the last revision that worked, if it is still as it was."""
    target = snapshots.previous(obj, ignore_tests=remediation.ignores_tests)
    if target is None:
        message = "Failed to perform remediation: missing target release for rollback: cannot remediate failed release"
        return Decision(obj, stalled=("MissingRollbackTarget", message))
    kept = releases.get(str(target["name"]), int(target["version"]))
    if kept is None or kept.digest() != target["digest"]:
        return Decision(obj, "upgrade")
    return Decision(obj, "rollback", target=target)
