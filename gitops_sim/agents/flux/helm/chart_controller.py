"""source-controller, for HelmCharts: takes the chart that is meant out of its source, and keeps it.

Source: source-controller ``internal/controller/helmchart_controller.go``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux import conditions, source_status
from gitops_sim.agents.flux.artifact import Storage
from gitops_sim.agents.flux.conditions import READY
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm.chart_build import ChartError, from_git, from_repository
from gitops_sim.agents.flux.helm.journal import HelmJournal
from gitops_sim.agents.flux.helm.shelf import FiledChart, Shelf
from gitops_sim.agents.flux.helm.sources import CHARTS, GROUP, HelmChart, read_helm_chart
from gitops_sim.agents.flux.source_status import BUILD_FAILED, FETCH_FAILED
from gitops_sim.agents.flux.toolkit import Desk, backoff, is_settled, wants_look
from gitops_sim.clock import Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.store import Change
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, condition_of, get_path, key_of, with_path

_SOURCES = {"HelmRepository": f"helmrepositories.{GROUP}", "GitRepository": f"gitrepositories.{GROUP}"}


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a look came to instead of a chart. ``for_good`` says that only a change can help."""

    type: str
    reason: str
    message: str
    mend: str = ""
    for_good: bool = False
    silent: bool = False


class ChartController:
    """Works on all HelmCharts of a cluster."""

    def __init__(self, desk: Desk, forge: Forge, storage: Storage, shelf: Shelf, events: Recorder, journal: HelmJournal) -> None:
        self._desk, self._forge, self._storage, self._shelf = desk, forge, storage, shelf
        self._events, self._journal = events, journal
        self._failures: dict[Key, int] = {}
        self._queue = WorkQueue(desk.clock, self.reconcile, priority=Priority.AGENT)
        desk.cluster.watch(self._on_change)
        for obj in desk.cluster.list(CHARTS):
            self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ inside

    def _on_change(self, change: Change) -> None:
        if change.key.group != GROUP:
            return
        if change.key.kind == "HelmChart":
            if wants_look(change):
                self._queue.add(change.key)
        elif change.key.kind in _SOURCES:
            revision = get_path(change.object, ("status", "artifact", "revision"))
            before = get_path(change.old, ("status", "artifact", "revision")) if change.old is not None else None
            if change.type != "DELETED" and revision and revision != before:
                self._source_changed(change.key, revision)

    def _source_changed(self, source: Key, revision: str) -> None:
        for obj in self._desk.cluster.list(CHARTS, source.namespace):
            seen = get_path(obj, ("status", "observedSourceArtifactRevision"))
            if read_helm_chart(obj).source == source and seen != revision:
                self._queue.add(key_of(obj))

    def reconcile(self, key: Key) -> None:
        obj = self._desk.cluster.find(CHARTS, key.name, key.namespace)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            self._shelf.drop(key)
            self._failures.pop(key, None)
            self._queue.forget(key)
            if obj is not None:
                self._desk.release(obj)
            return
        obj = self._desk.adopt(obj)
        wish = read_helm_chart(obj)
        if self._journal.rests(key, wish):
            self._desk.log.info(key, "reconciliation is suspended for this object")
            return
        made, revision = self._made(obj, wish)
        if isinstance(made, _Failure):
            self._fail(obj, made, revision)
            return
        self._failures.pop(key, None)
        self._take(with_path(obj, ("status", "observedSourceArtifactRevision"), revision), made)
        self._queue.requeue(key, wish.interval)

    def _made(self, obj: Object, wish: HelmChart) -> tuple[FiledChart | _Failure, str]:
        """The chart as it is to be now, or why there is none; and the revision of the source that it is of."""
        source, kind = wish.source, _SOURCES.get(wish.source.kind)
        if kind is None:
            what = f"failed to get source: unsupported source kind '{source.kind}', must be one of: {list(_SOURCES)}"
            return _Failure(FETCH_FAILED, "UnsupportedSourceKind", what, for_good=True), ""
        found = self._desk.cluster.find(kind, source.name, source.namespace)
        if found is None:
            what = f'failed to get source: {kind} "{source.name}" not found'
            return _Failure(FETCH_FAILED, "SourceUnavailable", what, f"create the {source.kind}, or mend sourceRef"), ""
        if get_path(found, ("spec", "type")) == "oci" and self._shelf.index(source) is None:
            what = "chart pull error: charts of OCI registries are not simulated"
            return _Failure(FETCH_FAILED, "ChartPullError", what, "use a repository with an index.yaml", for_good=True), ""
        index, artifact = self._shelf.index(source), self._storage.get(source)
        generation = obj["metadata"]["generation"]
        same = get_path(obj, ("status", "observedGeneration")) == generation
        kept = self._shelf.chart(wish.key) if same else None
        try:
            if source.kind == "HelmRepository" and index is not None:
                return from_repository(self._forge, wish, index, kept, generation), index.revision
            if source.kind == "GitRepository" and artifact is not None:
                return from_git(self._storage, wish, artifact, kept, generation), artifact.revision
        except ChartError as error:
            type_ = FETCH_FAILED if error.is_fetching else BUILD_FAILED
            revision = index.revision if index is not None else artifact.revision if artifact is not None else ""
            return _Failure(type_, error.reason, error.message, error.mend, error.for_good), revision
        what = f"no artifact available for {source.kind} source '{source.name}'"
        return _Failure(FETCH_FAILED, "NoSourceArtifact", what, silent=True), ""

    def _take(self, obj: Object, made: FiledChart) -> None:
        key, reason = key_of(obj), "ChartPackageSucceeded" if made.packaged else "ChartPullSucceeded"
        kept = self._shelf.chart(key)
        fresh = kept is None or kept.digest != made.digest
        recovered = any(condition_of(obj, type_) is not None for type_ in (FETCH_FAILED, BUILD_FAILED))
        if fresh:
            self._shelf.put_chart(key, made)
            obj = with_path(obj, ("status", "artifact"), made.status(key, self._desk.now))
        elif not recovered and is_settled(obj) and conditions.is_true(obj, READY):
            self._desk.store(obj)
            return
        obj = with_path(obj, ("status", "observedChartName"), made.chart.name)
        status: dict[str, Any] = {name: value for name, value in obj["status"].items() if name != "observedValuesFiles"}
        if made.values_files:
            status["observedValuesFiles"] = list(made.values_files)
        stored = self._desk.store(source_status.succeeded({**obj, "status": status}, reason, made.summary, self._desk.now))
        if fresh or recovered:
            metadata = {f"{GROUP}/revision": made.revision, f"{GROUP}/digest": made.digest}
            self._events.normal(stored, reason, made.summary, metadata)
            self._desk.log.info(key, made.summary)
            self._journal.chart(key, made, before=kept)

    def _fail(self, obj: Object, failure: _Failure, revision: str) -> None:
        key = key_of(obj)
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        if revision:
            obj = with_path(obj, ("status", "observedSourceArtifactRevision"), revision)
        there, now = self._shelf.chart(key) is not None, self._desk.now
        stored = self._desk.store(
            source_status.failed(obj, failure.type, failure.reason, failure.message, now, for_good=failure.for_good, stored=there)
        )
        wait = 0.0 if failure.for_good else backoff(failures)
        if not failure.silent:
            self._events.warning(stored, failure.reason, failure.message)
            self._desk.log.error(key, "Reconciler stalled" if failure.for_good else "Reconciler error", failure.message)
            self._journal.source_failed(key, failure.message, failure.mend, wait)
        if wait:
            self._queue.add(key, wait)
