"""A sync operation: from what differs to what is done about it, in one wave, with a result for every object.

The steps are those of ``gitops-engine/pkg/sync/sync_context.go``: make the namespace if asked, prune, apply in the order of
kinds. An operation of one wave without hooks succeeds as soon as everything is applied: it does not wait for health. The
real one first applies everything as a client's dry run, which finds nothing by itself since the API server took over
validation; nor does ``Validate=false`` change what that server refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.compare import Comparison, Resource, images_of
from gitops_sim.agents.argocd.diff import copy_ignored
from gitops_sim.agents.argocd.operation import Request
from gitops_sim.agents.argocd.order import apply_order
from gitops_sim.agents.argocd.source import Target, options_of
from gitops_sim.cluster.apply import apply
from gitops_sim.cluster.protocol import ClusterAPI, Propagation
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, with_path

Phase = Literal["Running", "Terminating", "Succeeded", "Failed", "Error"]
ResultCode = Literal["Synced", "SyncFailed", "Pruned", "PruneSkipped"]
SyncPhase = Literal["PreSync", "Sync", "PostSync", "SyncFail"]

_TASK_PHASE: dict[ResultCode, Phase] = {
    "Synced": "Running",
    "SyncFailed": "Failed",
    "Pruned": "Succeeded",
    "PruneSkipped": "Succeeded",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one object. ``verb`` is kubectl's word (``configured``), ``message`` its whole line."""

    key: Key
    version: str
    status: ResultCode
    message: str
    verb: str = ""
    sync_phase: SyncPhase = "Sync"
    images: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.key.kind}/{self.key.name}"

    def as_status(self) -> dict[str, Any]:
        """The entry in ``status.operationState.syncResult.resources``."""
        return {
            "group": self.key.group,
            "version": self.version,
            "kind": self.key.kind,
            "namespace": self.key.namespace,
            "name": self.key.name,
            "status": self.status,
            "message": self.message,
            "hookPhase": _TASK_PHASE[self.status],
            "syncPhase": self.sync_phase,
            **({"images": list(self.images)} if self.images else {}),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended, or where it stands."""

    phase: Phase
    message: str
    results: tuple[Result, ...] = ()


class SyncRun:
    """One operation on one application, against what a comparison found."""

    def __init__(self, cluster: ClusterAPI, app: Application, request: Request, comparison: Comparison) -> None:
        self._cluster, self._app, self._request = cluster, app, request
        self._tasks = [r for r in comparison.resources if r.status != "" and request.wants(r.key)]
        self._results: list[Result] = []

    def run(self) -> Outcome:
        if refused := [task for task in self._tasks if task.refused]:
            return self._not_permitted(refused)
        if not self._create_namespace():
            return self._failed("the namespace failed to apply")
        prunes = [task for task in self._tasks if task.target is None]
        applies = sorted((task for task in self._tasks if task.target is not None), key=lambda task: apply_order(task.key))
        if self._option("ApplyOutOfSyncOnly=true"):
            applies = [task for task in applies if task.status == "OutOfSync"]
        if not prunes and not applies:
            return Outcome("Succeeded", "successfully synced (no more tasks)", tuple(self._results))
        for task in sorted(prunes, key=lambda task: apply_order(task.key), reverse=True):
            self._prune(task)
        if not self._failures():
            for task in applies:
                self._apply(task)
        if self._failures():
            return self._failed("one or more objects failed to apply")
        return Outcome("Succeeded", "successfully synced (all tasks run)", tuple(self._results))

    # ------------------------------------------------------------------ the steps

    def _not_permitted(self, refused: Sequence[Resource]) -> Outcome:
        """What the project does not allow keeps everything from being touched."""
        for task in refused:
            self._note(task.key, task.version, "SyncFailed", task.refused)
        reasons = "; ".join(sorted({task.refused for task in refused}))
        return Outcome("Failed", f"one or more synchronization tasks are not valid: {reasons}", tuple(self._results))

    def _create_namespace(self) -> bool:
        """CreateNamespace=true: the destination's namespace, untracked, unless it is there or Git has it."""
        name = self._app.destination.namespace
        wanted = Key("", "Namespace", "", name)
        if not self._option("CreateNamespace=true") or not name or any(task.key == wanted for task in self._tasks):
            return True
        if self._cluster.find("Namespace", name) is not None:
            return True
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        return self._try_apply(wanted, "v1", manifest, sync_phase="PreSync")

    def _prune(self, task: Resource) -> None:
        live = task.live
        assert live is not None
        if not self._request.prune:
            self._note(task.key, task.version, "PruneSkipped", "ignored (requires pruning)", live=live)
            return
        if self._keeps(live):
            self._note(task.key, task.version, "PruneSkipped", "ignored (no prune)", live=live)
            return
        if self._request.dry_run:
            self._note(task.key, task.version, "Pruned", "pruned (dry run)", live=live)
            return
        try:
            if not live["metadata"].get("deletionTimestamp"):
                kind = self._cluster.kind_of(live)
                self._cluster.delete(kind, task.key.name, task.key.namespace, propagation=self._propagation())
        except ApiError as error:
            if error.code != 404:
                self._note(task.key, task.version, "SyncFailed", error.message, live=live)
                return
        self._note(task.key, task.version, "Pruned", "pruned", live=live)

    def _apply(self, task: Resource) -> None:
        target = task.target
        assert target is not None
        manifest: Any = target.object
        if self._option("RespectIgnoreDifferences=true") and task.live is not None:
            manifest = copy_ignored(manifest, task.live, self._app.ignored(task.key))
        replace = "Replace=true" in self._options_of(target, task.live)
        self._try_apply(task.key, task.version, manifest, replace=replace)

    def _try_apply(self, key: Key, version: str, manifest: Any, *, replace: bool = False, sync_phase: SyncPhase = "Sync") -> bool:
        kind = self._cluster.kind_of(manifest)
        dry_run = self._request.dry_run
        try:
            live = self._cluster.find(kind, key.name, key.namespace) if replace else None
            if not replace:
                verb: str = apply(self._cluster, manifest, dry_run=dry_run).verb
            elif live is None:
                self._cluster.create(manifest, dry_run=dry_run)
                verb = "created"
            elif key.kind in ("CustomResourceDefinition", "Namespace"):
                version_now = live["metadata"]["resourceVersion"]
                self._cluster.update(with_path(manifest, ("metadata", "resourceVersion"), version_now), dry_run=dry_run)
                verb = "updated"
            else:
                self._cluster.update(manifest, dry_run=dry_run)
                verb = "replaced"
        except ApiError as error:
            self._note(key, version, "SyncFailed", error.message, sync_phase=sync_phase)
            return False
        name = f"{key.kind}/{key.name}" if verb == "updated" else f"{kind.qualified}/{key.name}"
        message = f"{name} {verb}" + (" (dry run)" if dry_run else "")
        self._note(key, version, "Synced", message, live=manifest, verb=verb, sync_phase=sync_phase)
        return True

    # ------------------------------------------------------------------ inside

    def _note(
        self,
        key: Key,
        version: str,
        status: ResultCode,
        message: str,
        *,
        live: Object | None = None,
        verb: str = "",
        sync_phase: SyncPhase = "Sync",
    ) -> None:
        images = () if live is None else tuple(images_of(live))
        self._results.append(Result(key, version, status, message, verb or status.lower(), sync_phase, images))

    def _failures(self) -> list[Result]:
        return [result for result in self._results if result.status == "SyncFailed"]

    def _failed(self, text: str) -> Outcome:
        reasons = ",".join(result.message for result in self._failures())
        return Outcome("Failed", f"{text}, reason: {reasons}", tuple(self._results))

    def _option(self, option: str) -> bool:
        return option in self._request.options

    def _options_of(self, target: Target, live: Object | None) -> Sequence[str]:
        """App options, then the resource's own, as Git has them or as the cluster has them."""
        own = (*target.sync_options, *(options_of(live) if live is not None else ()))
        return own if "Replace=false" in own else (*self._request.options, *own)

    def _keeps(self, live: Object) -> bool:
        """The object's own word on pruning beats the application's."""
        own = options_of(live)
        return "Prune=false" in own or ("Prune=true" not in own and self._option("Prune=false"))

    def _propagation(self) -> Propagation:
        if self._option("PrunePropagationPolicy=background"):
            return "Background"
        return "Orphan" if self._option("PrunePropagationPolicy=orphan") else "Foreground"
