"""What an action came to: conditions, events, counters and history of the HelmRelease.

Source: helm-controller ``internal/reconcile`` (``install.go``, ``upgrade.go``, ``rollback_remediation.go``,
``uninstall_remediation.go``, ``test.go``, ``correct_cluster_drift.go``, ``unlock.go``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gitops_sim.agents.flux import conditions, inventory
from gitops_sim.agents.flux.durations import go_duration
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm import snapshots
from gitops_sim.agents.flux.helm import values as composing
from gitops_sim.agents.flux.helm.decisions import SUCCEEDED
from gitops_sim.agents.flux.helm.helmrelease import GROUP
from gitops_sim.agents.flux.helm.operation import ActionError, Operation
from gitops_sim.agents.flux.helm.rendering import objects_in
from gitops_sim.agents.flux.helm.resources import Resources
from gitops_sim.agents.flux.helm.run import Run
from gitops_sim.agents.flux.helm.snapshots import Snapshot, chart_name, full_name
from gitops_sim.agents.flux.helm.status import RELEASED, REMEDIATED, TESTED, put, summarized, with_failure, without_failures
from gitops_sim.agents.flux.toolkit import Desk
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.manifests.manifest import load_manifests
from gitops_sim.objects import Key, key_of, with_path

_NO_TESTS = "no test hooks"


class Reports:
    """Writes into the run's object; ``desk`` is the controller's."""

    def __init__(self, desk: Desk, events: Recorder) -> None:
        self._desk, self._events = desk, events

    def begins(self, run: Run) -> None:
        """A new release makes what was said of the one before it void."""
        if run.move in ("install", "upgrade"):
            run.obj = put(run.obj, lastAttemptedReleaseAction=run.move)
            if run.move == "install":
                run.obj = snapshots.with_history(run.obj, [])
            run.obj = conditions.drop(run.obj, TESTED, REMEDIATED)

    def ended(self, run: Run, operation: Operation, error: ActionError | None, cluster: ClusterAPI) -> None:
        """An operation is over."""
        took = self._desk.clock.now - run.since
        if run.move == "test":
            if operation.stored:
                run.obj = snapshots.tested(run.obj, operation.about, run.app.test_filters)
            self._tested(run, error)
        else:
            if run.move in ("install", "upgrade"):
                run.obj = put(run.obj, lastAttemptedReleaseActionDuration=go_duration(took))
            if operation.stored:
                run.obj = snapshots.observed(run.obj, operation)
                if operation.action != "uninstall":
                    run.obj = self._with_inventory(run, operation, cluster)
            if run.move in ("install", "upgrade"):
                self._released(run, operation, error)
            else:
                self._remediated(run, error)
        if run.move != "uninstall":  # the real one leaves Ready as it is there
            run.obj = summarized(run.obj, run.app, self._desk.now)

    def unlocked(self, run: Run, cur: Snapshot, status: str) -> None:
        message = f"Unlocked Helm release {full_name(cur)} with chart {chart_name(cur)} in {status} state"
        run.obj = conditions.mark(run.obj, RELEASED, "False", "PendingRelease", message, self._desk.now)
        self._events.normal(run.obj, "PendingRelease", message, _metadata(cur))
        run.obj = summarized(run.obj, run.app, self._desk.now)

    def corrected(self, run: Run, done: Sequence[tuple[Key, str]], errors: Sequence[str]) -> None:
        cur = snapshots.latest(run.obj)
        assert cur is not None
        listed = "\n".join(f"{key} {verb}" for key, verb in done)
        if errors:
            message = f"Failed to {'partially ' if done else ''}correct cluster state of release {full_name(cur)}:\n"
            message += "\n".join(errors) + (f"\n\nSuccessful corrections:\n{listed}" if done else "")
            self._events.warning(run.obj, "DriftCorrectionFailed", message, _metadata(cur))
        elif done:
            message = f"Cluster state of release {full_name(cur)} has been corrected:\n{listed}"
            self._events.normal(run.obj, "DriftCorrected", message, _metadata(cur))

    def tell_drift(self, run: Run, message: str) -> None:
        self._events.warning(run.obj, "DriftDetected", message)

    # ------------------------------------------------------------------ inside

    def _released(self, run: Run, operation: Operation, error: ActionError | None) -> None:
        action = str(run.move)
        if error is not None:
            chart = f"{run.filed.chart.name}@{run.filed.revision}"
            where = f"{run.app.namespace}/{run.app.release_name}"
            message = f"Helm {action} failed for release {where} with chart {chart}: {error.message.strip()}"
            run.obj = with_failure(run.obj)
            run.obj = conditions.mark(run.obj, RELEASED, "False", f"{action.title()}Failed", message, self._desk.now)
            self._events.warning(run.obj, f"{action.title()}Failed", message, _chart_metadata(run))
            if operation.stored:
                run.obj = with_failure(run.obj, f"{action}Failures")
            return
        cur = snapshots.latest(run.obj)
        assert cur is not None
        message = SUCCEEDED.format(action, full_name(cur), chart_name(cur))
        run.obj = conditions.mark(run.obj, RELEASED, "True", f"{action.title()}Succeeded", message, self._desk.now)
        if run.app.tests and not snapshots.has_been_tested(cur):
            waits = f"Helm release {full_name(cur)} with chart {chart_name(cur)} is awaiting tests"
            run.obj = conditions.mark(run.obj, TESTED, "Unknown", "AwaitingTests", waits, self._desk.now)
        if run.app.retry_interval(action) is not None:
            run.obj = without_failures(run.obj)
        self._events.normal(run.obj, f"{action.title()}Succeeded", message, _metadata(cur))

    def _remediated(self, run: Run, error: ActionError | None) -> None:
        about = run.target if run.move == "rollback" else snapshots.latest(run.obj)
        assert about is not None
        what = "rollback to previous release" if run.move == "rollback" else "uninstall remediation for release"
        reason = "Rollback" if run.move == "rollback" else "Uninstall"
        message = f"Helm {what} {full_name(about)} with chart {chart_name(about)}"
        if error is not None:
            message += f" failed: {error.message.strip()}"
            run.obj = with_failure(run.obj)
            run.obj = conditions.mark(run.obj, REMEDIATED, "False", f"{reason}Failed", message, self._desk.now)
            self._events.warning(run.obj, f"{reason}Failed", message, _metadata(about))
            return
        message += " succeeded"
        run.obj = conditions.mark(run.obj, REMEDIATED, "True", f"{reason}Succeeded", message, self._desk.now)
        self._events.normal(run.obj, f"{reason}Succeeded", message, _metadata(about))

    def _tested(self, run: Run, error: ActionError | None) -> None:
        cur = snapshots.latest(run.obj)
        assert cur is not None
        about = f"for release {full_name(cur)} with chart {chart_name(cur)}"
        if error is None:
            count = len(cur.get("testHooks") or {})
            hooks = f"{count} test hook{'s' * (count > 1)} completed successfully" if count else _NO_TESTS
            message = f"Helm test succeeded {about}: {hooks}"
            run.obj = conditions.mark(run.obj, TESTED, "True", "TestSucceeded", message, self._desk.now)
            self._events.normal(run.obj, "TestSucceeded", message, _metadata(cur))
            return
        message = f"Helm test failed {about}: {error.message.strip()}"
        run.obj = with_failure(run.obj)
        run.obj = conditions.mark(run.obj, TESTED, "False", "TestFailed", message, self._desk.now)
        self._events.warning(run.obj, "TestFailed", message, _metadata(cur))
        last = str(run.obj["status"].get("lastAttemptedReleaseAction", ""))
        remediation = run.app.remediation(last)
        if snapshots.has_been_tested(cur) and remediation is not None and not remediation.ignores_tests:
            run.obj = with_failure(run.obj, f"{last}Failures")

    def _with_inventory(self, run: Run, operation: Operation, cluster: ClusterAPI) -> Mapping[str, object]:
        """The objects of the release, and the definitions of its chart."""
        resources = Resources(cluster, run.app.release_name, run.app.namespace)
        found = [(p.key, p.kind.version) for p in resources.known(objects_in(operation.about.manifest))]
        for path, content in run.filed.chart.crds():
            crds = (one.object for one in load_manifests(content, where=path))
            found += [(key_of(crd), str(crd["apiVersion"]).rpartition("/")[2]) for crd in crds]
        noted: Mapping[str, object] = with_path(run.obj, ("status", "inventory"), inventory.entries(found))
        return noted


def _metadata(cur: Snapshot) -> dict[str, str]:
    """What goes with an event."""
    found = {"revision": cur["chartVersion"], "token": cur["configDigest"], "app-version": cur.get("appVersion", "")}
    return {f"{GROUP}/{name}": str(value) for name, value in found.items() if value}


def _chart_metadata(run: Run) -> dict[str, str]:
    app_version = run.filed.chart.metadata.texts.get("appVersion", "")
    found = {"revision": run.filed.revision, "token": composing.digest(run.values), "app-version": app_version}
    return {f"{GROUP}/{name}": value for name, value in found.items() if value}
