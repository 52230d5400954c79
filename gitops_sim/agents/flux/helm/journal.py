"""What Flux's Helm half leaves in the trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitops_sim.agents.flux import story
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.helm.drift import Drift
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.operation import ActionError, Operation, counted
from gitops_sim.agents.flux.helm.release import Release
from gitops_sim.agents.flux.helm.run import Run
from gitops_sim.agents.flux.helm.shelf import FiledChart
from gitops_sim.agents.flux.helm.state import State
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.clock import format_duration
from gitops_sim.objects import Key

_VERBS = {"install": "installs", "upgrade": "upgrades", "rollback": "rolls back", "uninstall": "uninstalls", "test": "tests"}
_LEFT_ALONE = "driftDetection is {}: what people change in the cluster stays until the next upgrade"


class HelmJournal(Journal):
    # ------------------------------------------------------------------ sources

    def index(self, key: Key, interval: float, cause: Cause, *, charts: int, fresh: bool, recovered: bool) -> None:
        """The index of a repository was looked at."""
        self.calm(key)
        found = f"{charts} chart{'s' * (charts != 1)}" if fresh else "the same charts as before"
        event = "SourceFetched" if fresh else "SourceUnchanged"
        text = f"fetches the index of {key.name}: {found}"
        reason = f"every {format_duration(interval)} it asks the repository for its index"
        self.add(key, event, text, reason=reason, story=fresh or recovered or cause == "request", cause=cause)

    def chart(self, key: Key, made: FiledChart, before: FiledChart | None) -> None:
        self.calm(key)
        old = f", was {before.revision}" if before is not None else ""
        text = f"takes chart {made.chart.name} {made.revision}{old} for {key.name}"
        self.add(key, "SourceFetched", text, story=before is not None, version=made.revision, artifact=made.revision)

    def source_failed(self, key: Key, message: str, mend: str, wait: float) -> None:
        if self.once(key, message):
            again = (
                f"tries again in {format_duration(wait)}, then after twice as long each time" if wait else "waits for a change"
            )
            text = f"cannot get {key.kind} {key.name}, {again}: {message}"
            self.add(key, "FetchFailed", text, reason=mend, mend=mend, error=message)

    # ------------------------------------------------------------------ before a release

    def blocked(self, app: HelmRelease, event: str, message: str, wait: float, *, mend: str = "", story: bool = True) -> None:
        """It cannot start: a dependency, a source or values are missing."""
        if self.once(app.key, message):
            again = f", looks again in {format_duration(wait)}" if wait else ""
            text = f"cannot reconcile {app.name}{again}: {message}"
            self.add(app.key, event, text, reason=mend, story=story, error=message)

    def moved(self, app: HelmRelease, reason: str) -> None:
        text = f"uninstalls the release of {app.name} before it installs another: the {reason} is another one now"
        self.add(app.key, "ReleaseMoved", text, reason="a release cannot be renamed or moved")

    # ------------------------------------------------------------------ a release

    def begins(self, run: Run, state: State) -> None:
        why = state.reason or {"Failed": "the last attempt failed", "Untested": "it is not tested yet"}.get(state.status, "")
        what = _VERBS[str(run.move)]
        text = f"{what} {run.app.release_name}" + (f": {why}" if why else "")
        self.add(run.app.key, "SyncStarted", text, story=False, cause=run.cause, state=state.status)

    def ended(self, run: Run, operation: Operation, error: ActionError | None, took: float) -> None:
        data: dict[str, Any] = {"revision": "", "chart": f"{run.filed.chart.name}@{run.filed.revision}", "cause": run.cause}
        release = operation.release
        if release is not None:
            data |= {"release": f"{release.name}.v{release.version}", "version": release.version}
        data["results"] = [{"resource": str(key), "status": what} for key, what in operation.touched]
        if error is not None:
            self._failed(run, operation, error, data)
            return
        if run.move != "uninstall":
            self.calm(run.app.key)
        assert release is not None
        name = run.app.release_name
        after = f" after {format_duration(took)}" if took else ""
        done = counted(operation.touched)
        if run.move == "test":
            self.add(run.app.key, "HealthChanged", f"tests {name}: all passed{after}", new="Healthy", **data)
        elif run.move == "rollback":
            assert run.target is not None
            text = f"rolls {name} back to v{run.target['version']}, which is v{release.version} now{after}: {done}"
            rule = "a failed upgrade with retries is rolled back; Git still has what failed"
            self.add(run.app.key, "RolledBack", text, reason=rule, **data)
        elif run.move == "uninstall":
            rule = "what a failed attempt left is taken away before it is tried again"
            self.add(run.app.key, "Uninstalled", f"uninstalls {name} after the failure: {done}", reason=rule, **data)
        else:
            text = f"{_VERBS[str(run.move)]} {name}, v{release.version} with chart {data['chart']}{after}: {done}"
            rule = "ready after all objects are" if operation.settings.waits else "disableWait: ready as soon as it is applied"
            self.add(run.app.key, "SyncSucceeded", text, reason=rule, **data)

    def _failed(self, run: Run, operation: Operation, error: ActionError, data: dict[str, Any]) -> None:
        name, move = run.app.release_name, str(run.move)
        verb = {"rollback": "roll back"}.get(move, move)
        text = f"fails to {verb} {name} with chart {data['chart']}: {error.message}"
        remediation = run.app.remediation(move)
        rule = error.mend
        if remediation is not None and not rule:
            rule = "remediation.retries is 0: it stays as it is" if remediation.retries == 0 else _told(remediation.retries)
        event = "HealthChanged" if move == "test" else "SyncFailed"
        data |= {"new": "Degraded"} if move == "test" else {}
        self.add(run.app.key, event, text, reason=rule, error=error.message, mend=error.mend, **data)

    def stalled(self, run: Run, why: tuple[str, str]) -> None:
        reason, message = why
        if self.once(run.app.key, message):
            rule = "it is tried again when the spec, the chart or the values change, or with flux reconcile hr --reset or --force"
            self.add(run.app.key, "RetriesExhausted", f"gives {run.app.name} up: {message}", reason=rule, stalled=reason)

    def settled(self, run: Run, state: State) -> None:
        """Nothing is left to be done."""
        mode = run.app.drift_mode
        if state.status != "InSync" or run.moved:
            return
        if mode == "enabled":
            text, rule = f"compares {run.app.name} with the cluster: as wanted", ""
        else:
            text, rule = f"finds {run.app.name} as released", _LEFT_ALONE.format(mode)
        self.add(run.app.key, "ReleaseInSync", text, reason=rule, story=False, cause=run.cause, drift=mode)

    def state_error(self, run: Run, message: str) -> None:
        if self.once(run.app.key, message):
            text = f"cannot find out how {run.app.name} is, tries again: {message}"
            self.add(run.app.key, "SyncFailed", text, error=message)

    def unlocked(self, run: Run, release: Release) -> None:
        text = f"unlocks {release.name}.v{release.version}: it was {release.status}, and nobody works on it"
        self.add(run.app.key, "ReleaseUnlocked", text)

    # ------------------------------------------------------------------ drift

    def drifted(self, run: Run, found: Sequence[Drift]) -> None:
        warns = run.app.drift_mode == "warn"
        for drift in found:
            if drift.what == "excluded" or not self.once(run.app.key, f"{drift} {drift.fields}"):
                continue
            what = f"{story.label(drift.key)} is gone"
            if drift.what == "changed":
                rest = len(drift.fields) - 1
                more = f"  and {rest} more field{'s' * (rest > 1)}" if rest > 0 else ""
                what = f"{story.label(drift.key)} drifted  {drift.fields[0]}{more}"
            self.add(
                run.app.key,
                "DriftDetected",
                f"compares{self.called(run.app.key)} (every {format_duration(run.app.interval)}): {what}"
                + ("; leaves it" if warns else ""),
                subject=str(drift.key),
                reason="driftDetection is warn: it is told, not corrected" if warns else "driftDetection is enabled",
                fields=[[d.path, d.desired, d.live] for d in drift.fields],
                missing=drift.what == "removed",
                cause=run.cause,
            )

    def corrected(self, run: Run, done: Sequence[tuple[Key, str]], errors: Sequence[str]) -> None:
        self.calm(run.app.key)
        results = [{"resource": str(key), "status": what} for key, what in done]
        if done:
            text = f"corrects {run.app.name}: {counted(list(done))}"
            self.add(run.app.key, "SelfHealed", text, reason="driftDetection is enabled", results=results, revision="")
        if errors and self.once(run.app.key, "; ".join(errors)):
            self.add(run.app.key, "SyncFailed", f"fails to correct {run.app.name}: {'; '.join(errors)}", error="; ".join(errors))

    # ------------------------------------------------------------------ deletion

    def let_go(self, app: HelmRelease, *, kept: bool) -> None:
        what = "it is suspended, the release stays" if kept else "the release is uninstalled"
        self.add(app.key, "HelmReleaseDeleted", f"lets HelmRelease {app.name} go: {what}")


def _told(retries: int) -> str:
    times = "without end" if retries < 0 else "once more" if retries == 1 else f"{retries} times more"
    return f"it is cleaned up and tried again, {times}"
