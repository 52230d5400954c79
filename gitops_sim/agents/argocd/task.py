"""One thing that a sync does: applying an object in one phase, or pruning it; and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.desired import Target
from gitops_sim.agents.argocd.hooks import DeletePolicy, SyncPhase
from gitops_sim.objects import Key, Object

Phase = Literal["Running", "Terminating", "Succeeded", "Failed", "Error"]
ResultCode = Literal["Synced", "SyncFailed", "Pruned", "PruneSkipped"]
Status = ResultCode | Literal[""]
State = Phase | Literal[""]
ENDED: frozenset[str] = frozenset({"Succeeded", "Failed", "Error"})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one object. ``verb`` is kubectl's word (``configured``), ``message`` its whole line, or later what its
    health says; ``place`` is the namespace that is shown for what has none; ``phase`` how far it got."""

    key: Key
    version: str
    status: Status
    message: str
    verb: str = ""
    sync_phase: SyncPhase = "Sync"
    phase: State = ""
    hook: bool = False
    place: str = ""
    images: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.key.kind}/{self.key.name}"

    def as_status(self) -> dict[str, Any]:
        """The entry in ``status.operationState.syncResult.resources``."""
        parts = {
            "group": self.key.group,
            "version": self.version,
            "kind": self.key.kind,
            "namespace": self.key.namespace or self.place,
            "name": self.key.name,
        }
        more = {
            "status": self.status,
            "message": self.message,
            "hookType": self.sync_phase if self.hook else "",
            "hookPhase": self.phase,
            "syncPhase": self.sync_phase,
            "images": list(self.images),
        }
        return {**parts, **{name: value for name, value in more.items() if value}}


def read_result(entry: Mapping[str, Any], *, namespaced: bool) -> Result:
    """A result as the status holds it."""
    key = Key(entry.get("group", ""), entry["kind"], entry.get("namespace", ""), entry["name"])
    status = entry.get("status", "")
    return Result(
        key if namespaced else key._replace(namespace=""),
        entry.get("version", ""),
        status,
        entry.get("message", ""),
        str(status).lower(),
        entry.get("syncPhase", "Sync"),
        entry.get("hookPhase", ""),
        "hookType" in entry,
        "" if namespaced else key.namespace,
        tuple(entry.get("images") or ()),
    )


@dataclass(slots=True)
class Task:
    """``target`` is None for what is to be pruned, ``live`` for what is not there yet. ``status``, ``state`` and ``message`` are
    those of its result; ``state`` is empty until it was run."""

    phase: SyncPhase
    target: Target | None
    live: Object | None
    key: Key
    wave: int = 0
    status: Status = ""
    state: State = ""
    message: str = ""
    hook: bool = False
    policies: frozenset[DeletePolicy] = field(default_factory=frozenset)

    @property
    def object(self) -> Object:
        found = self.live if self.target is None else self.target.object
        assert found is not None
        return found

    @property
    def prunes(self) -> bool:
        return self.target is None

    @property
    def pending(self) -> bool:
        return self.state == ""

    @property
    def running(self) -> bool:
        return self.state == "Running"

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def version(self) -> str:
        return str(self.object["apiVersion"]).rpartition("/")[2]

    @property
    def deletes_first(self) -> bool:
        """A hook that is still there from before, and that is made anew."""
        return self.live is not None and self.pending and "BeforeHookCreation" in self.policies


def task_of(phase: SyncPhase, target: Target | None, live: Object | None, key: Key) -> Task:
    task = Task(phase, target, live, key)
    task.wave, task.hook = hooks.wave(task.object), hooks.is_hook(task.object)
    if task.hook:
        task.policies = hooks.delete_policies(task.object)
    return task
