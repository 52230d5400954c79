"""Where Git, the agent and the workload stood after each record of a trace: what the flow diagram writes into its boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from gitops_sim.trace import Record
from gitops_sim.views.story import past_git

BEHIND, DIFFERS = "behind Git", "differs from Git"
_APPLIED = ("SyncSucceeded", "SelfHealed", "RolledBack", "PipelineSucceeded")


@dataclass(frozen=True, slots=True)
class Standing:
    """``tip``: the commit of the branch; ``seen``: the one that agent or pipeline last looked at; ``applied``: the one last
    applied; ``busy``: what the pipeline is at; ``workloads``: ``(ready, wanted)`` Pods by Deployment; ``wrong``: how the cluster
    is not what Git says.
    """

    branch: str = "main"
    tip: str = ""
    seen: str = ""
    applied: str = ""
    busy: str = ""
    workloads: MappingProxyType[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    wrong: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the boxes of the flow diagram."""
        worker = self.busy or (f"saw {self.seen[:7]}" if self.seen else "")
        pods = ", ".join(f"{name} {ready}/{wanted}" for name, (ready, wanted) in self.workloads.items())
        if len(self.workloads) > 2:  # the box has room for the beginning only
            ready, wanted = (sum(numbers) for numbers in zip(*self.workloads.values(), strict=True))
            pods = f"{ready}/{wanted} in all: {pods}"
        return {"git": f"{self.branch} {self.tip[:7]}" if self.tip else "", "worker": worker, "cluster": pods}


def follow(records: Sequence[Record]) -> list[Standing]:
    """One standing for each record, after it. A command stands for what it did in its instant."""
    by_hand = past_git(records)
    now, found = Standing(), []
    counted: set[int] = set()
    for index, record in enumerate(records):
        if record.seq not in counted:
            now = _after(now, record)
        if record.seq in by_hand:
            for written in records[index + 1 :]:
                if written.actor == record.actor and written.time == record.time:
                    now = _after(now, written)
                    if written.subject.startswith("Pod/"):
                        counted.add(written.seq)  # twice would count a Pod twice
            if _noticed(records[index:], record.time) or not now.seen or now.busy:
                now = replace(now, wrong=DIFFERS)
        found.append(now)
    return found


def _noticed(records: Sequence[Record], time: float) -> bool:
    return any(record.event == "DriftDetected" for record in records if record.time == time)


def _after(now: Standing, record: Record) -> Standing:
    data = record.data
    if record.subject.startswith("repo/") and data.get("commit"):
        if now.tip and data.get("branch") != now.branch:
            return now
        moved = now.tip != "" and data["commit"] != now.applied
        return replace(
            now, branch=str(data.get("branch", now.branch)), tip=str(data["commit"]), wrong=now.wrong or (BEHIND if moved else "")
        )
    if record.event == "PipelineStarted":
        return replace(now, seen=str(data["revision"]), busy=f"job {data['job']} runs")
    if record.event in ("PipelineSucceeded", "PipelineFailed"):
        now = replace(now, busy=f"job {data['job']} is over")
    if record.event in _APPLIED and data.get("revision"):
        applied = str(data["revision"])
        return replace(now, seen=applied, applied=applied, wrong="" if applied == now.tip else BEHIND)
    if record.event in ("DriftDetected", "SyncSkipped"):
        return replace(now, wrong=DIFFERS)
    if record.event == "StatusChanged" and data.get("new") == "Synced":
        return replace(now, wrong="" if now.applied == now.tip else BEHIND)
    if record.event in ("PollFoundRevision", "ComparedSynced", "ComparedOutOfSync") and data.get("revision"):
        return replace(now, seen=str(data["revision"]))
    return replace(now, workloads=_pods(now.workloads, record))


def _pods(before: MappingProxyType[str, tuple[int, int]], record: Record) -> MappingProxyType[str, tuple[int, int]]:
    data, (kind, namespace, name) = record.data, [*record.subject.split("/"), "", ""][:3]
    if kind == "Pod":
        name = name.rsplit("-", 2)[0]  # Deployment, ReplicaSet, Pod: each adds a part to the name
    elif kind != "Deployment":
        return before
    name = name if namespace == "default" else f"{namespace}/{name}"
    ready, wanted = before.get(name, (0, 0))
    if kind == "Pod":
        if name not in before or not (change := _pod(record)):
            return before
        return MappingProxyType({**before, name: (min(max(0, ready + change), max(ready, wanted)), wanted)})
    if record.event == "ObjectDeleted":
        return MappingProxyType({other: pods for other, pods in before.items() if other != name})
    if record.event == "RolloutStarted":
        wanted = data.get("replicas", wanted)
    elif record.event == "ObjectUpdated":
        wanted = next((new for path, _, new in data.get("fields", ()) if path == ".spec.replicas"), wanted)
    elif "ready" in data and "desired" in data:
        ready, wanted = data["ready"] + data.get("serving", 0), data["desired"]  # Pods of an old revision answer as well
    else:
        return before
    return MappingProxyType({**before, name: (ready, wanted)})


def _pod(record: Record) -> int:
    """One more Pod that answers, or one less. Those that a ReplicaSet deletes are counted when the rollout is told."""
    if record.event == "PodReady":
        return 1
    return -1 if record.event == "ObjectDeletionRequested" and not record.actor.endswith(":replicaset-controller") else 0
