"""The work of one reconciliation: build, apply in stages, collect garbage, check health, report.

Source: kustomize-controller ``internal/controller/kustomization_controller.go`` (Reconcile, reconcile, checkHealth,
finalizeStatus).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux import conditions, dependencies, health, history, inventory
from gitops_sim.agents.flux.apply import Applier, Seen, StillGoingError
from gitops_sim.agents.flux.artifact import Artifact, Storage
from gitops_sim.agents.flux.build import Builder, BuildError
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.cel import FOR_GOOD, InvalidExpressionError
from gitops_sim.agents.flux.conditions import HEALTHY, READY, RECONCILING
from gitops_sim.agents.flux.decryption import refused
from gitops_sim.agents.flux.durations import go_duration
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.kustomization import GROUP, Kustomization
from gitops_sim.agents.flux.order import stages
from gitops_sim.agents.flux.prune import delete_all
from gitops_sim.agents.flux.run import Run
from gitops_sim.agents.flux.toolkit import DEPENDENCY_WAIT, SOURCES, Desk, requested
from gitops_sim.agents.flux.trial import ApplyError
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key, Object, condition_of, get_path, with_path

_NO_ACCOUNTS = (
    "to use spec.decryption.serviceAccountName for decryption authentication please enable the ObjectLevelWorkloadIdentity "
    "feature gate in the controller"
)
_STAGE_POLL, _STAGE_TIMEOUT, _HEALTH_POLL = 2.0, 60.0, 5.0


@dataclass(frozen=True, slots=True)
class Later:
    """When to go on: with ``run``, or without one with the next reconciliation. A delay of 0 is no next one."""

    delay: float
    run: Run | None = None
    failed: bool = False


class Reconciler:
    """``desk`` is the controller's own; what it applies, it applies as the user that a Kustomization names."""

    def __init__(self, desk: Desk, storage: Storage, builder: Builder, events: Recorder, journal: Journal) -> None:
        self._desk, self._storage, self._builder, self._events, self._journal = desk, storage, builder, events, journal

    def cluster_of(self, app: Kustomization) -> ClusterAPI:
        """The cluster as the user whose rights count."""
        if not app.service_account:
            return self._desk.cluster
        return self._desk.cluster.as_user(f"system:serviceaccount:{app.key.namespace}:{app.service_account}")

    # ------------------------------------------------------------------ beginning

    def begin(self, obj: Object, app: Kustomization, cause: Cause, seen: Seen) -> Later:
        """Starts a reconciliation and goes as far as it can without waiting."""
        try:
            app.health_exprs.check()
        except InvalidExpressionError as error:
            return self._stall_on_expression(obj, app, str(error))
        if app.decryption and app.decryption.account:
            return self._stall(obj, app, "FeatureGateDisabled", _NO_ACCOUNTS)
        source = self._source(app)
        if source is None:
            message = f'{app.source.kind}.{app.source.group} "{app.source.name}" not found'
            self._report(self._not_ready(obj, "ArtifactFailed", message))
            self._journal.no_source(app, message, app.retry_interval, story=True)
            self._desk.log.info(app.key, f"Source '{_source_text(obj)}' not found")
            return Later(app.retry_interval, failed=True)
        revision, artifact = get_path(source, ("status", "artifact", "revision")), self._storage.get(app.source)
        if not revision:
            return self._wait_for_artifact(obj, app, "Source artifact not found, retrying in 30s")
        try:
            unmet = dependencies.unmet(self._desk.cluster, obj, app, revision)
        except InvalidExpressionError as error:
            return self._stall_on_expression(obj, app, str(error))
        if unmet:
            stored = self._report(self._not_ready(obj, "DependencyNotReady", unmet))
            text = f"Dependencies do not meet ready condition, retrying in {go_duration(DEPENDENCY_WAIT)}"
            self._tell(stored, "DependencyNotReady", text, revision)
            self._journal.dependency(app, unmet, DEPENDENCY_WAIT)
            self._desk.log.info(app.key, text)
            return Later(DEPENDENCY_WAIT)
        if app.depends_on:
            self._desk.log.info(app.key, "All dependencies are ready, proceeding with reconciliation")
        if artifact is None or artifact.revision != revision:
            return self._wait_for_artifact(obj, app, "Source is not ready, artifact not found, retrying in 30s")
        return self._prepare(obj, app, cause, seen, revision, artifact)

    def _prepare(self, obj: Object, app: Kustomization, cause: Cause, seen: Seen, revision: str, artifact: Artifact) -> Later:
        obj = self._progress(obj, app, f"Fetching manifests for revision {revision}")
        obj = conditions.mark(obj, READY, "Unknown", "Progressing", "Reconciliation in progress", self._desk.now)
        try:
            self._builder.check_path(app, artifact)
            obj = with_path(obj, ("status", "lastAttemptedRevision"), revision)
            obj = self._progress(obj, app, f"Building manifests for revision {revision}")
            built = self._builder.build(app, artifact)
        except BuildError as error:
            self._journal.build_failed(app, revision, error.message, error.mend, error.where, app.retry_interval)
            return self._fail(obj, app, error.reason, error.message, revision)
        self._journal.passed_over(app, revision, built.passed_over)
        obj = self._progress(obj, app, f"Detecting drift for revision {revision}")
        by_key = {target.key: target for target in built.targets}
        groups = [[by_key[key] for key in keys] for keys in stages(by_key)]
        now = self._desk.clock.now
        run = Run(obj, app, cause, revision, built, groups, now, inventory.read(obj), since=now)
        still_encrypted = next(filter(None, (refused(target.object) for target in built.targets)), "")
        if still_encrypted:
            return self._apply_failed(run, still_encrypted, still_encrypted)
        run.passing = tuple(t.key for t in built.targets if t.key.kind == "Job" and _has_ttl(t.object))
        return self.advance(run, seen)

    # ------------------------------------------------------------------ going on

    def advance(self, run: Run, seen: Seen) -> Later:
        """Goes on with a run, until it has to wait again or is at its end."""
        applier = Applier(self.cluster_of(run.app), run.app.force, run.app.ignore, seen)
        while run.phase in ("apply", "stage"):
            if run.phase == "apply":
                try:
                    run.entries += applier.stage(run.stages[run.stage])
                except StillGoingError:
                    return self._pause(run, _STAGE_POLL)
                except ApplyError as error:
                    return self._stage_failed(run, error.message)
                run.phase, run.since = "stage", self._desk.clock.now
            if run.stage == len(run.stages) - 1:
                return self._applied(run)
            look = health.look(applier.cluster, [target.key for target in run.stages[run.stage]], (), run.app.health_exprs)
            timed_out = self._desk.clock.now - run.since >= _STAGE_TIMEOUT
            if look.ready:
                run.stage, run.phase = run.stage + 1, "apply"
            elif timed_out or look.is_over(fail_fast=False):
                return self._stage_failed(run, look.failure(timed_out=timed_out))
            else:
                return self._pause(run, _STAGE_POLL)
        return self._check_health(run)

    def _applied(self, run: Run) -> Later:
        """All stages are through: what is left is to note what there is, to delete what is not wanted, and to look whether it
        runs."""
        app = run.app
        self._journal.applied(run, get_path(run.obj, ("status", "lastAppliedRevision"), ""))
        if run.entries:
            self._desk.log.info(app.key, "server-side apply completed")
        if run.log:
            self._tell(run.obj, "Progressing", run.log, run.revision)
        now_there = {entry.key: entry.version for entry in run.entries}
        stale = [(key, version) for key, version in run.before.items() if key not in now_there]
        survivors: dict[Key, str] = {}
        error = ""
        if app.prune and stale:
            deleted, error = delete_all(self.cluster_of(app), stale, app.key)
            self._journal.pruned(run, deleted)
            if error:
                settled = {entry.key for entry in deleted if entry.action != "unknown"}
                survivors = {key: version for key, version in stale if key not in settled}
            else:
                self._tell(run.obj, "Progressing", "\n".join(map(str, deleted)), run.revision)
                self._desk.log.info(app.key, f"garbage collection completed: {', '.join(map(str, deleted))}")
        elif stale:
            self._journal.orphaned(run, [key for key, _ in stale])
        noted = inventory.entries([*now_there.items(), *survivors.items()])
        run.obj = with_path(run.obj, ("status", "inventory"), noted)
        if error:
            self._note(run, "PruneFailed")
            self._journal.failed(run, "PruneFailed", error, app.retry_interval)
            return self._fail(run.obj, app, "PruneFailed", error, run.revision)
        return self._begin_health(run)

    def _begin_health(self, run: Run) -> Later:
        app = run.app
        checked: Any = app.health_checks
        if app.wait:
            checked = [entry.key for entry in run.entries if entry.action != "skipped"]
        run.checked = tuple(key for key in checked if key != app.key)
        if not checked:
            run.obj = conditions.drop(run.obj, HEALTHY)
            return self._succeed(run)
        run.phase, run.since = "health", self._desk.clock.now
        was_healthy = conditions.is_true(run.obj, HEALTHY)
        new = get_path(run.obj, ("status", "lastAppliedRevision")) != run.revision
        run.told_wait = was_healthy and not (new and run.drifted)
        text = f"Running health checks for revision {run.revision} with a timeout of {go_duration(app.timeout)}"
        run.obj = self._progress(run.obj, app, f"Running health checks for revision {run.revision}")
        run.obj = conditions.mark(run.obj, HEALTHY, "Unknown", "Progressing", text, self._desk.now)
        return self._check_health(run)

    def _check_health(self, run: Run) -> Later:
        app, elapsed = run.app, self._desk.clock.now - run.since
        found = health.look(self.cluster_of(app), run.checked, run.passing, app.health_exprs)
        timed_out = elapsed >= app.timeout
        if found.ready:
            message = f"Health check passed in {go_duration(elapsed)}"
            if not run.told_wait:
                self._tell(run.obj, "Progressing", message, run.revision)
            self._journal.healthy(run, elapsed, story=not run.told_wait)
            run.obj = conditions.mark(run.obj, HEALTHY, "True", "Succeeded", message, self._desk.now)
            return self._succeed(run)
        if timed_out or found.is_over(fail_fast=True):
            error = found.failure(timed_out=timed_out)
            message = f"health check failed after {go_duration(elapsed)}: {error}"
            run.obj = conditions.mark(run.obj, HEALTHY, "False", "HealthCheckFailed", error, self._desk.now)
            self._note(run, "HealthCheckFailed")
            self._journal.unhealthy(run, message, found.why, app.retry_interval)
            return self._fail(run.obj, app, "HealthCheckFailed", message, run.revision, self._desk.clock.now - run.started)
        if not elapsed:
            self._journal.waits(run, found.waiting, found.why)
        return self._pause(run, min(_HEALTH_POLL, app.timeout - elapsed))

    # ------------------------------------------------------------------ ending

    def _succeed(self, run: Run) -> Later:
        app = run.app
        self._note(run, "ReconciliationSucceeded")
        obj = with_path(run.obj, ("status", "lastAppliedRevision"), run.revision)
        message = f"Applied revision: {run.revision}"
        obj = conditions.mark(obj, READY, "True", "ReconciliationSucceeded", message, self._desk.now)
        obj = conditions.drop(obj, RECONCILING)
        stored = self._report(with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"]))
        self._journal.calm(app.key)
        took = self._desk.clock.now - run.started
        text = f"Reconciliation finished in {go_duration(took)}, next run in {go_duration(app.interval)}"
        self._tell(stored, "ReconciliationSucceeded", text, run.revision, {f"{GROUP}/commit_status": "update"})
        self._desk.log.info(app.key, text)
        return Later(app.interval)

    def _stage_failed(self, run: Run, error: str) -> Later:
        return self._apply_failed(run, error, f"{error}\n{run.log + chr(10) if run.log else ''}")

    def _apply_failed(self, run: Run, error: str, message: str) -> Later:
        self._note(run, "ReconciliationFailed")
        self._journal.failed(run, "ReconciliationFailed", error, run.app.retry_interval)
        return self._fail(run.obj, run.app, "ReconciliationFailed", message, run.revision)

    def _fail(self, obj: Object, app: Kustomization, reason: str, message: str, revision: str, took: float = 0.0) -> Later:
        text = f"Reconciliation failed after {go_duration(took)}, next try in {go_duration(app.retry_interval)}"
        self._desk.log.error(app.key, text, message)
        stored = self._report(self._not_ready(obj, reason, message))
        metadata = {f"{GROUP}/revision": revision}
        self._events.warning(stored, reason, message, metadata)
        return Later(app.retry_interval, failed=True)

    def _wait_for_artifact(self, obj: Object, app: Kustomization, message: str) -> Later:
        self._report(self._not_ready(obj, "ArtifactFailed", message))
        self._journal.no_source(app, message, DEPENDENCY_WAIT, story=False)
        self._desk.log.info(app.key, message)
        return Later(DEPENDENCY_WAIT, failed=True)

    def _stall_on_expression(self, obj: Object, app: Kustomization, error: str) -> Later:
        obj = with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"])
        return self._stall(obj, app, "InvalidCELExpression", f"{FOR_GOOD}: {error}")

    def _stall(self, obj: Object, app: Kustomization, reason: str, message: str) -> Later:
        """Nothing is tried again before the spec changes."""
        obj = conditions.stalled(self._not_ready(obj, reason, message), reason, message, self._desk.now)
        stored = self._report(obj)
        self._events.warning(stored, reason, message)
        self._desk.log.error(app.key, "Reconciler error", message)
        self._journal.given_up(app, message)
        return Later(0.0, failed=True)

    def _pause(self, run: Run, delay: float) -> Later:
        """Lets time pass; whoever looks at the object meanwhile sees how far it is."""
        run.obj = self._desk.store(run.obj)
        return Later(delay, run)

    # ------------------------------------------------------------------ the object

    def _source(self, app: Kustomization) -> Object | None:
        plural = SOURCES.get(app.source.kind, "")
        if self._desk.cluster.kinds.of(app.source.group, app.source.kind) is None or not plural:
            return None
        return self._desk.cluster.find(f"{plural}.{app.source.group}", app.source.name, app.source.namespace)

    def _progress(self, obj: Object, app: Kustomization, what: str) -> Object:
        text = f"{what} with a timeout of {go_duration(app.timeout)}"
        return conditions.reconciling(obj, "Progressing", text, self._desk.now)

    def _not_ready(self, obj: Object, reason: str, message: str) -> Object:
        return conditions.mark(obj, READY, "False", reason, message, self._desk.now)

    def _note(self, run: Run, status: str) -> None:
        """Adds to the history."""
        known, now = get_path(run.obj, ("status", "history")) or [], self._desk.now
        took = self._desk.clock.now - run.started
        noted = history.added(known, run.built.digest, status, run.revision, now=now, took=took)
        run.obj = with_path(run.obj, ("status", "history"), noted)

    def _report(self, obj: Object) -> Object:
        """Writes the status at the end of a reconciliation."""
        progress = condition_of(obj, RECONCILING)
        if progress is not None and (condition_of(obj, READY) or {}).get("status") == "False":
            obj = conditions.reconciling(obj, "ProgressingWithRetry", progress["message"], self._desk.now)
        asked = requested(obj)
        return self._desk.store(with_path(obj, ("status", "lastHandledReconcileAt"), asked) if asked else obj)

    def _tell(self, obj: Object, reason: str, message: str, revision: str, more: Mapping[str, str] | None = None) -> None:
        self._events.normal(obj, reason, message, {f"{GROUP}/revision": revision, **(more or {})})


def _source_text(obj: Object) -> str:
    """A reference as its String prints it: the namespace is there only if it is given."""
    ref = obj["spec"]["sourceRef"]
    return "/".join(filter(None, (ref["kind"], ref.get("namespace"), ref["name"])))


def _has_ttl(obj: Object) -> bool:
    return get_path(obj, ("spec", "ttlSecondsAfterFinished")) is not None
