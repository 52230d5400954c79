"""All that an operation is to do: its tasks, in the order in which they are run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.agents.argocd.desired import DesiredState, Target
from gitops_sim.agents.argocd.operation import Request
from gitops_sim.agents.argocd.options import SYNC_OPTIONS, options_of
from gitops_sim.agents.argocd.order import in_order
from gitops_sim.agents.argocd.task import Task, task_of
from gitops_sim.agents.health import HOOK_FINALIZER
from gitops_sim.clock import EPOCH, parse_timestamp
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key, with_path


@dataclass(frozen=True, slots=True)
class Plan:
    """Of one operation, against what a comparison found in ``cluster``. ``started`` is when it began (a timestamp)."""

    cluster: ClusterAPI
    app: Application
    request: Request
    comparison: Comparison
    desired: DesiredState
    started: str

    def tasks(self) -> list[Task]:
        """Everything that this operation does, in order."""
        live = {resource.key: resource.live for resource in self.comparison.resources}
        tasks: list[Task] = []
        for resource in self.comparison.resources:
            if self.request.wants(resource.key) and not resource.hook:
                obj = resource.target.object if resource.target else resource.live
                assert obj is not None
                found = hooks.phases(obj)
                tasks += (task_of(phase, resource.target, resource.live, resource.key) for phase in found)
        if not self.request.skips_hooks:
            for target in self.desired.hooks:
                for phase in hooks.phases(target.object):
                    named = self._named(target, phase)
                    tasks.append(task_of(phase, named, live.get(named.key), named.key))
        tasks += self._namespace_task()
        self._reverse_prunes(tasks)
        return in_order(tasks, self.app.destination.namespace)

    def out_of_sync(self, tasks: list[Task]) -> list[Task]:
        """With ApplyOutOfSyncOnly=true, what is in sync is left out; hooks are not."""
        if "ApplyOutOfSyncOnly=true" not in self.request.options:
            return tasks
        same = {resource.key for resource in self.comparison.resources if resource.status == "Synced"}
        return [task for task in tasks if task.hook or task.key not in same]

    def is_home(self, task: Task) -> bool:
        """Whether it makes the namespace of the destination."""
        key = task.key
        return task.target is not None and key == Key("", "Namespace", "", self.app.destination.namespace)

    # ------------------------------------------------------------------ inside

    def _named(self, target: Target, phase: hooks.SyncPhase) -> Target:
        """A hook that keeps itself from going unseen; one with a name to be made up has it made up now."""
        obj: Any = target.object
        meta, key = obj["metadata"], target.key
        if not meta.get("name"):
            short = self.comparison.revision[:7]
            began = int(EPOCH.timestamp() + parse_timestamp(self.started))
            key = key._replace(name=f"{meta.get('generateName', '')}{f'{short}-{phase}-{began}'.lower()}")
            obj = with_path(obj, ("metadata", "name"), key.name)
        finalizers = list(meta.get("finalizers") or ())
        if HOOK_FINALIZER not in finalizers:
            obj = with_path(obj, ("metadata", "finalizers"), [*finalizers, HOOK_FINALIZER])
        return replace(target, key=key, object=obj)

    def _namespace_task(self) -> Iterable[Task]:
        """CreateNamespace=true: the destination's namespace, untracked, unless Git has it, or it is there and its metadata are
        nobody's concern."""
        name, managed = self.app.destination.namespace, self.app.namespace_metadata
        key = Key("", "Namespace", "", name)
        if not name or "CreateNamespace=true" not in self.request.options or key in self.desired.targets:
            return
        live = self.cluster.find("Namespace", name)
        if live is not None and managed is None:
            return
        meta: dict[str, Any] = {"name": name}
        if managed is not None:
            labels, notes = managed.get("labels") or {}, managed.get("annotations") or {}
            meta |= {"labels": labels} if labels else {}
            meta["annotations"] = {**notes, SYNC_OPTIONS: "ServerSideApply=true"}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        yield task_of("PreSync", Target(key, self.cluster.kind_of(manifest), manifest, ""), live, key)

    def _reverse_prunes(self, tasks: list[Task]) -> None:
        """The waves of what is pruned, mirrored: what was made last goes first. PruneLast puts it after everything."""
        prunes = [task for task in tasks if task.prunes]
        waves = sorted({task.wave for task in prunes})
        mirrored = dict(zip(waves, reversed(waves), strict=True))
        for task in prunes:
            task.wave = mirrored[task.wave]
        last = max((task.wave for task in tasks if task.phase == "Sync"), default=0)
        everything = "PruneLast=true" in self.request.options
        for task in prunes:
            if everything or (task.live is not None and "PruneLast=true" in options_of(task.live)):
                task.wave = max(last, 0) + 1
