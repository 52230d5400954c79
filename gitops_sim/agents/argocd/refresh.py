"""One look at one application: compare it, decide, and write down what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gitops_sim.agents.argocd import status
from gitops_sim.agents.argocd.application import NAMESPACE, Application
from gitops_sim.agents.argocd.autosync import Decision, decide
from gitops_sim.agents.argocd.clusters import Clusters, Place, UnknownClusterError, UnreachableError
from gitops_sim.agents.argocd.compare import Comparer, Comparison, Condition
from gitops_sim.agents.argocd.customizations import Customizations
from gitops_sim.agents.argocd.desired import DesiredState, LoadFailedError
from gitops_sim.agents.argocd.events import AuditLog
from gitops_sim.agents.argocd.finalizers import with_hook_finalizers
from gitops_sim.agents.argocd.journal import Journal
from gitops_sim.agents.argocd.memory import Cause, Level, Memory
from gitops_sim.agents.argocd.operation import AUTOMATED_RETRIES, sync_operation
from gitops_sim.agents.argocd.orphans import orphaned
from gitops_sim.agents.argocd.project import PROJECTS, Project, read_project
from gitops_sim.agents.argocd.source import Sources
from gitops_sim.agents.argocd.windows import WindowError, can_sync
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key, Object, annotations_of, get_path, without_path

REFRESH = "argocd.argoproj.io/refresh"
BLOCKED = "Sync operation blocked by sync window"


class Workshop:
    """What refreshes and operations share. ``grace``: seconds for which a Git error is not shown, the longest time between
    two polls."""

    def __init__(self, cluster: ClusterAPI, sources: Sources, clusters: Clusters, clock: Clock, journal: Journal) -> None:
        self.cluster, self.sources, self.clusters, self.clock, self.journal = cluster, sources, clusters, clock, journal
        self.grace = 0.0
        self.comparer = Comparer()
        self.customizations = Customizations()
        self.audit = AuditLog(cluster, clock)
        self._projects: dict[str, tuple[Object, tuple[str, ...], Project]] = {}

    def customize(self, customizations: Customizations) -> bool:
        """Judges objects by these from now on; says whether they are others than before."""
        if customizations == self.customizations:
            return False
        self.customizations = customizations
        self.comparer.customize(customizations)
        return True

    def project(self, app: Application) -> Project | None:
        """The rules of an Application's project; None when there is no such project."""
        obj = self.cluster.find(PROJECTS, app.project, NAMESPACE)
        if obj is None:
            return None
        servers = tuple(known.server for known in self.clusters.all() if known.project == app.project)
        kept = self._projects.get(app.project)
        if kept is None or kept[0] is not obj or kept[1] != servers:
            kept = self._projects[app.project] = (obj, servers, read_project(obj, servers))
        return kept[2]

    def problems(self, app: Application) -> list[str]:
        """Why an Application cannot be used at all: texts for InvalidSpecError."""
        project = self.project(app)
        if project is None:
            return [f"Application referencing project {app.project} which does not exist"]
        try:
            known = self.clusters.locate(app.destination)
        except UnknownClusterError as error:
            return [*app.problems, str(error)]
        return [*app.problems] or [*project.problems(app, known.server, known.name)]

    def orphans(self, app: Application, comparison: Comparison) -> list[Key]:
        """What lies in its namespace and belongs to no Application; nothing where its project does not ask for it."""
        project = self.project(app)
        if project is None or project.orphans is None:
            return []
        managed = [resource.key for resource in comparison.resources]
        return orphaned(project, app, self.clusters.place(app.destination), managed, self._exists)

    def _exists(self, instance: str) -> bool:
        namespace, _, name = instance.rpartition("_")
        return self.cluster.find("applications.argoproj.io", name, namespace or NAMESPACE) is not None

    def compare(self, app: Application, revision: str, desired: DesiredState) -> Comparison:
        project = self.project(app)
        assert project is not None
        return self.comparer.compare(app, revision, desired, self.clusters.place(app.destination), project)

    def window_closed(self, app: Application, *, manual: bool, began: float | None = None) -> str:
        """Why no sync window lets an Application be synced now; empty when it may be."""
        project = self.project(app)
        windows = () if project is None else project.windows_of(app)
        try:
            return "" if can_sync(windows, self.clock.now, manual=manual, began=began) else BLOCKED
        except WindowError as error:
            return f"{BLOCKED}: invalid sync windows: {error}"


class Refresher:
    """``again(key, delay, level, cause)`` asks for another look later; ``next_poll(key)`` is the time of the next poll."""

    def __init__(
        self, shop: Workshop, again: Callable[[Key, float, Level, Cause], object], next_poll: Callable[[Key], float]
    ) -> None:
        self._shop, self._again, self._next_poll = shop, again, next_poll

    def refresh(self, obj: Object, app: Application, memory: Memory) -> None:
        level, cause = memory.take()
        asked = annotations_of(obj).get(REFRESH)
        if asked is not None:
            level, cause = Level.FORCE, "refresh"
            obj = without_path(obj, ("metadata", "annotations", REFRESH), prune_empty=True)
            if asked == "hard":
                self._shop.sources.forget(app.key)
        problems = self._shop.problems(app)
        self._shop.journal.unsupported(app, memory, app.unsupported)
        if problems:
            memory.unwant(app.instance)
            self._unusable(obj, app, memory, problems)
            return
        previous = memory.revision
        try:
            place = self._shop.clusters.place(app.destination)
        except UnreachableError as error:
            memory.unwant(app.instance)
            unreachable = Condition("ComparisonError", f"Failed to load live state: {error}")
            self._shop.journal.comparison_error(app, memory, unreachable)
            memory.comparison = Comparison(previous, (), "Unknown", "Unknown", (unreachable,))
            self._write(obj, app, memory, memory.comparison, [unreachable], level, None)
            return
        try:
            desired = self._look_at_git(app, memory, level, place)
        except LoadFailedError as error:
            self._cannot_load(obj, app, memory, error, level)
            return
        memory.git_error_since = None
        comparison = self._shop.compare(app, memory.revision, desired)
        if comparison.sync == "Synced" and status.namespace_changed(status.of(obj), app):
            comparison = replace(comparison, sync="OutOfSync")
        for problem in comparison.errors:
            self._shop.journal.comparison_error(app, memory, problem)
        now = self._shop.clock.now
        decision = decide(app, obj, comparison, now, self._shop.window_closed(app, manual=False))
        memory.held = decision.gate == "window"
        if comparison.sync == "Synced":
            memory.calm()
        self._shop.journal.compared(app, memory, comparison, cause, previous, self._next_poll(app.key), now)
        self._shop.journal.decided(app, memory, comparison, decision)
        conditions = list(comparison.conditions)
        if decision.error:
            conditions.append(Condition("SyncError", decision.error))
        elif memory.held:
            conditions += _sync_errors(obj)
        conditions += self._orphans(app, place, comparison)
        if decision.verdict == "wait":
            memory.waits = True
            self._again(app.key, decision.wait, Level.RECENT, "self-heal")
        memory.comparison = comparison
        obj = with_hook_finalizers(obj, desired)
        self._write(obj, app, memory, comparison, conditions, level, self._operation(app, comparison, decision))

    # ------------------------------------------------------------------ inside

    def _orphans(self, app: Application, place: Place, comparison: Comparison) -> list[Condition]:
        project = self._shop.project(app)
        if project is None or (project.orphans is None and not place.live.guards(app.instance)):
            return []
        place.live.guard(app.instance, "" if project.orphans is None else app.destination.namespace)
        count = len(self._shop.orphans(app, comparison)) if project.orphans else 0
        return [Condition("OrphanedResourceWarning", f"Application has {count} orphaned resources")] if count else []

    def _look_at_git(self, app: Application, memory: Memory, level: Level, place: Place) -> DesiredState:
        if level is Level.RECENT and memory.desired is not None and memory.place is place:
            return memory.desired
        revision = self._shop.sources.resolve(app.source)
        desired = self._shop.sources.load(app, revision)
        if memory.desired is not desired or memory.place is not place:
            memory.want(place, app.instance, desired)
        memory.revision, memory.desired = revision, desired
        return desired

    def _unusable(self, obj: Object, app: Application, memory: Memory, problems: list[str]) -> None:
        self._shop.journal.unusable(app, memory, problems)
        memory.comparison = None
        conditions = [Condition("InvalidSpecError", problem) for problem in problems]
        self._store(obj, app, status.unusable(status.of(obj), app, conditions, self._shop.clock.timestamp()), None)

    def _cannot_load(self, obj: Object, app: Application, memory: Memory, error: LoadFailedError, level: Level) -> None:
        now = self._shop.clock.now
        if memory.git_error_since is None:
            memory.git_error_since = now
        rest = memory.git_error_since + self._shop.grace - now
        if level is not Level.FORCE and rest >= 0:
            self._shop.journal.cannot_load(app, memory, error.message, error.mend, ignored=rest)
            return
        self._shop.journal.cannot_load(app, memory, error.message, error.mend)
        place = self._shop.clusters.place(app.destination)
        comparison = self._shop.comparer.cannot_load(app, memory.revision, error.message, place)
        memory.comparison, memory.desired = comparison, None
        self._write(obj, app, memory, comparison, list(comparison.conditions), level, None)

    def _operation(self, app: Application, comparison: Comparison, decision: Decision) -> dict[str, Any] | None:
        if decision.verdict not in ("sync", "heal") or app.automated is None:
            return None
        heal = decision.verdict == "heal"
        policy = app.retry
        retry: dict[str, Any] = {"limit": AUTOMATED_RETRIES} if policy is None else dict(policy.raw)
        return sync_operation(
            app,
            comparison.revision,
            prune=app.automated.prune,
            retry=retry,
            resources=[r.key for r in comparison.resources if r.status not in ("Synced", "")] if heal else (),
            attempts=decision.attempt,
        )

    def _write(
        self,
        obj: Object,
        app: Application,
        memory: Memory,
        comparison: Comparison,
        conditions: list[Condition],
        level: Level,
        operation: dict[str, Any] | None,
    ) -> None:
        """The new status, and the operation that auto-sync starts; nothing at all when nothing but the time is new."""
        before, now = status.of(obj), self._shop.clock.timestamp()
        after = status.compared(before, app, comparison, conditions, now)
        if after != before and (level >= Level.LATEST or "reconciledAt" not in before):
            after["reconciledAt"] = now
        if operation is not None:
            self._shop.audit.write(obj, "OperationStarted", f"Initiated automated sync to '{comparison.revision}'")
            obj = {**obj, "operation": operation}
        self._store(obj, app, after, comparison)

    def _store(self, obj: Object, app: Application, after: dict[str, Any], comparison: Comparison | None) -> None:
        before = status.of(obj)
        current = self._shop.cluster.find("applications.argoproj.io", app.name, app.namespace)
        if after == before and current is obj:
            return
        for axis, part in (("sync", "sync status"), ("health", "health status")):
            was, now = get_path(before, (axis, "status"), ""), get_path(after, (axis, "status"), "")
            if was != now:
                self._shop.audit.write(obj, "ResourceUpdated", f"Updated {part}: {was} -> {now}")
        self._shop.journal.status_changed(app, before, after, comparison, self._shop.clock.timestamp())
        self._shop.cluster.update({**obj, "status": after})


def _sync_errors(obj: Object) -> list[Condition]:
    """Those of the last decision, which still stand while a sync window keeps from deciding anew."""
    found = status.of(obj).get("conditions") or ()
    return [Condition(c["type"], c["message"]) for c in found if c["type"] == "SyncError"]
