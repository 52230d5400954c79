"""How one object is applied or pruned: the ways of kubectl that sync options choose between.

Source: ``applyObject`` and ``pruneObject`` of ``gitops-engine/pkg/sync/sync_context.go``, ``pkg/utils/kube/resource_ops.go``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.customizations import Customizations
from gitops_sim.agents.argocd.diff import MANAGER
from gitops_sim.agents.argocd.ignoring import with_live_values
from gitops_sim.agents.argocd.operation import Request
from gitops_sim.agents.argocd.options import options_of, value_of
from gitops_sim.agents.argocd.task import ResultCode, Task
from gitops_sim.cluster.apply import apply, would_apply
from gitops_sim.cluster.ownership.handing_over import handed_over
from gitops_sim.cluster.protocol import ClusterAPI, Propagation
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, with_path

_NEVER_RECREATED = ("CustomResourceDefinition", "Namespace")


@dataclass(frozen=True, slots=True)
class Done:
    """``verb`` is kubectl's word, ``message`` its whole line, or why it failed."""

    status: ResultCode
    message: str
    verb: str


class Applier:
    """The operation's options, at work on single objects."""

    def __init__(self, cluster: ClusterAPI, app: Application, request: Request, customizations: Customizations) -> None:
        self._cluster, self._app, self._request = cluster, app, request
        self._customizations = customizations

    def apply(self, task: Task) -> Done:
        """Writes what Git says."""
        kind = self._cluster.kind_of(task.object)
        if not self._cluster.serves(task.object):
            return Done("SyncFailed", _unmapped(task), "")
        try:
            verb, line = self._write(task)
        except ApiError as error:
            return Done("SyncFailed", error.message, "")
        name = f"{task.key.kind}/{task.key.name}" if verb == "updated" else f"{kind.qualified}/{task.key.name}"
        return Done("Synced", f"{name} {verb}{line}", verb)

    def rehearse(self, task: Task) -> Done:
        """The same as a client's dry run: the server is not asked, and finds no fault."""
        kind, meta = self._cluster.kind_of(task.object), task.object["metadata"]
        if self._replaces(task):
            verb = "created" if task.live is None else "replaced"
        elif "name" not in meta:
            return Done("SyncFailed", f"from {meta.get('generateName', '')}: cannot use generate name with apply", "")
        else:
            verb = would_apply(self._cluster, self._manifest(task)) if self._request.dry_run else ""
        return Done("Synced", f"{kind.qualified}/{task.key.name} {verb} (dry run)", verb)

    def prune(self, task: Task, *, dry_run: bool) -> Done:
        """Deletes what Git does not have any more, if it may."""
        live = task.live
        assert live is not None
        if not self._request.prune:
            return Done("PruneSkipped", "ignored (requires pruning)", "pruneskipped")
        if value_of("Prune", live, self._request.options) == "false":
            return Done("PruneSkipped", "ignored (no prune)", "pruneskipped")
        if dry_run:
            return Done("Pruned", "pruned (dry run)", "pruned")
        try:
            if not live["metadata"].get("deletionTimestamp"):
                self.delete(task.key, live)
        except ApiError as error:
            return Done("SyncFailed", error.message, "")
        return Done("Pruned", "pruned", "pruned")

    def delete(self, key: Key, live: Object) -> None:
        """With the operation's propagation policy. What is gone already is gone."""
        kind = self._cluster.kind_of(live)
        try:
            self._cluster.delete(kind, key.name, key.namespace, propagation=self._propagation())
        except ApiError as error:
            if error.code != 404:
                raise

    def waits_for_confirmation(self, task: Task) -> bool:
        """Whether a person has to approve of pruning it."""
        return task.live is not None and value_of("Prune", task.live, self._request.options) == "confirm"

    # ------------------------------------------------------------------ inside

    def _write(self, task: Task) -> tuple[str, str]:
        """Kubectl's verb, and what it says after it."""
        manifest, kind, key = self._manifest(task), self._cluster.kind_of(task.object), task.key
        if self._replaces(task):
            return self._replace(task, manifest), ""
        if self._applies_on_server(task):
            self._migrate(task)
            self._cluster.apply(kind, key.name, key.namespace, manifest, manager=MANAGER, force=True)
            return "serverside-applied", ""
        if self._names_another_role(task):
            self._recreate(task, manifest)
            return "configured", ""
        try:
            text = task.target.text if task.target is not None and manifest is task.target.object else ""
            applied = apply(self._cluster, manifest, manager=MANAGER, text=text)
        except ApiError as error:
            if error.code not in (409, 422) or task.live is None or not self._option("Force=true", task):
                raise
            self._recreate(task, manifest)
            return "configured", ""
        return applied.verb, "".join(f". Warning: {warning}" for warning in applied.warnings)

    def _names_another_role(self, task: Task) -> bool:
        """A role that a binding names cannot be changed: ``kubectl auth reconcile``, which goes before, makes it anew."""
        if task.live is None or task.key.group != "rbac.authorization.k8s.io":
            return False
        return bool(task.live.get("roleRef") != task.object.get("roleRef"))

    def _migrate(self, task: Task) -> None:
        """Makes what an earlier client-side apply owns the property of Argo CD's manager, so that it can be dropped."""
        if task.live is None or "ClientSideApplyMigration=false" in self._request.options:
            return
        kind, key = self._cluster.kind_of(task.live), task.key
        live = self._cluster.get(kind, key.name, key.namespace)
        patch = handed_over(self._cluster.with_managed_fields(live), {self._app.migrated_manager}, MANAGER)
        if patch:
            self._cluster.patch(kind, key.name, key.namespace, patch, type="json", manager=MANAGER)

    def _replace(self, task: Task, manifest: Any) -> str:
        live = self._cluster.find(self._cluster.kind_of(manifest), task.key.name, task.key.namespace)
        if live is None:
            self._cluster.create(manifest)
            return "created"
        if task.key.kind in _NEVER_RECREATED:
            version = live["metadata"]["resourceVersion"]
            self._cluster.update(with_path(manifest, ("metadata", "resourceVersion"), version))
            return "updated"
        if self._option("Force=true", task):
            self._recreate(task, manifest)
        else:
            self._cluster.update(manifest)
        return "replaced"

    def _recreate(self, task: Task, manifest: Any) -> None:
        kind = self._cluster.kind_of(manifest)
        self._cluster.delete(kind, task.key.name, task.key.namespace, grace_period=0)
        self._cluster.create(manifest)

    def _manifest(self, task: Task) -> Any:
        manifest: Any = task.object
        ignored = self._customizations.ignored(self._app, task.key)
        if task.live is not None and ignored and "RespectIgnoreDifferences=true" in self._request.options:
            live = self._cluster.with_managed_fields(task.live) if ignored.managers else task.live
            manifest = with_live_values(manifest, live, ignored)
        return manifest

    def _replaces(self, task: Task) -> bool:
        return self._option("Replace=true", task) and "Replace=false" not in options_of(task.object)

    def _applies_on_server(self, task: Task) -> bool:
        own = options_of(task.object)
        if "ServerSideApply=false" in own:
            return False
        return "ServerSideApply=true" in own or "ServerSideApply=true" in self._request.options

    def _option(self, option: str, task: Task) -> bool:
        """Said by the operation, by the manifest or by the live object."""
        if option == "Force=true" and self._request.force:
            return True
        if option in self._request.options or option in options_of(task.object):
            return True
        return task.live is not None and option in options_of(task.live)

    def _propagation(self) -> Propagation:
        if "PrunePropagationPolicy=background" in self._request.options:
            return "Background"
        return "Orphan" if "PrunePropagationPolicy=orphan" in self._request.options else "Foreground"


def _unmapped(task: Task) -> str:
    key = task.key
    file = f"/dev/shm/{crc32(str(key).encode())}"
    return (
        f'resource mapping not found for name: "{key.name}" namespace: "{key.namespace}" from "{file}": no matches for kind '
        f'"{key.kind}" in version "{task.object["apiVersion"]}"\nensure CRDs are installed first'
    )
