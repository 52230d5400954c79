"""From the trace, a repository and an agent to what the pictures show. Nothing is decided here, only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.flux import Flux
from gitops_sim.clock import parse_duration
from gitops_sim.forge import Repository
from gitops_sim.objects import dotted, get_path
from gitops_sim.trace import Record
from gitops_sim.views.compare import Field
from gitops_sim.views.countdown import AgentState, Wait
from gitops_sim.views.flow import Arrow, Move, Place
from gitops_sim.views.gitlog import Commit, Pointer
from gitops_sim.views.story import past_git
from gitops_sim.views.theme import actor_sign
from gitops_sim.views.timeline import Happening

_MOVED_GIT = ("CommitPushed", "CommitReverted", "BranchMerged", "BranchForcePushed", "RepositoryCreated", "RepositoryAdopted")
_ARROWS: dict[str, Arrow] = {
    **dict.fromkeys(_MOVED_GIT, "commit"),
    "PipelineStarted": "trigger",
    "PollFoundRevision": "poll",
    "DriftDetected": "watch",
    **dict.fromkeys(("SyncSucceeded", "SyncFailed", "SelfHealed", "RolledBack", "Pruned"), "apply"),
    **dict.fromkeys(("PipelineFailed", "PipelineSucceeded"), "apply"),
}
_TELLING = (("spec", "replicas"), ("spec", "template", "spec", "containers", 0, "image"), ("spec", "ports", 0, "port"))
"""The fields that tell most of an object that is as it should be."""
_PLACES: dict[str, Place] = {"agent": "worker", "pipeline": "worker", "cluster": "cluster"}


def happenings(records: Iterable[Record], *, since: int = 0) -> list[Happening]:
    """What the told story shows from record number ``since`` on, with the changes that went past Git marked."""
    records = list(records)
    by_hand, roles = past_git(records), _roles(records)
    return [
        Happening(r.time, r.actor, r.message, because(r), past_git=r.seq in by_hand, role=roles.get(r.actor, ""))
        for r in records[since:]
        if r.story
    ]


def moves(records: Iterable[Record], *, since: int = 0) -> list[tuple[int, Move]]:
    """The told story as movements in the flow diagram, each with the number of its record."""
    records = list(records)
    by_hand, roles = past_git(records), _roles(records)
    found: list[tuple[int, Move]] = []
    for record in records[since:]:
        arrow: Arrow | Place | None = "manual" if record.seq in by_hand else _ARROWS.get(record.event)
        if arrow is None and record.event.startswith("PullRequest"):
            arrow = "git"
        if arrow is None:
            arrow = _PLACES.get(actor_sign(roles.get(record.actor, record.actor)).tone)
        if record.story and arrow is not None:
            found.append((record.seq, Move(arrow, record.time, record.actor, record.message, because(record))))
    return found


def because(record: Record) -> str:
    """The reason, where the message does not hold it already."""
    return "" if record.reason in record.message else record.reason


def _roles(records: Iterable[Record]) -> dict[str, str]:
    """Machinery that a world may have named after anything."""
    roles = {}
    for record in records:
        if record.event.startswith("Pipeline"):
            roles[record.actor] = "pipeline"
        elif "app" in record.data and record.event.startswith(("Compared", "Sync", "Drift", "Poll")):
            roles[record.actor] = "agent"
    return roles


def commits(repository: Repository, tip: str) -> list[Commit]:
    """The log from ``tip`` back, newest first; nothing without a tip."""
    return [Commit(c.sha, c.subject, c.author, c.time) for c in repository.log(tip)] if tip else []


def pointers(
    branch: str, tip: str, *, seen: str = "", agent: str = "agent", applied: str = "", wrong: bool = False
) -> list[Pointer]:
    """Where branch, agent and cluster stand; a cluster that is not what its commit says is marked."""
    found = [Pointer(tip, branch, "git", "calm")] if tip else []
    if seen:
        found.append(Pointer(seen, f"{agent} saw", "agent", "agent"))
    if applied:
        found.append(Pointer(applied, "cluster, drifted" if wrong else "cluster", "cluster", "warn" if wrong else "good"))
    return found


def agent_state(argocd: ArgoCD, application: str) -> AgentState:
    """What Argo CD reports of an Application, and its switches."""
    obj = argocd.find(application)
    automated = argocd.application(obj).automated
    conditions = get_path(obj, ("status", "conditions")) or []
    return AgentState(
        obj["metadata"]["name"],
        get_path(obj, ("status", "sync", "status"), ""),
        get_path(obj, ("status", "health", "status"), ""),
        get_path(obj, ("status", "sync", "revision"), ""),
        (
            ("auto-sync", automated is not None),
            ("self-heal", automated is not None and automated.self_heal),
            ("prune", automated is not None and automated.prune),
        ),
        "; ".join(str(condition["message"]) for condition in conditions),
    )


def wait_of(argocd: ArgoCD, application: str) -> Wait:
    """How long until Argo CD asks Git again."""
    return Wait(argocd.clock.now, argocd.next_poll(application), argocd.polling.resync + argocd.polling.jitter, argocd.name)


def kustomization_state(flux: Flux, name: str) -> AgentState:
    """What Flux reports of a Kustomization, and its switches."""
    obj = flux.find(name)
    conditions: Sequence[Mapping[str, str]] = get_path(obj, ("status", "conditions")) or ()
    ready = next((c for c in conditions if c["type"] == "Ready"), {})
    said = {"True": "Ready", "False": "not Ready"}.get(ready.get("status", ""), "not Ready yet")
    spec = obj["spec"]
    return AgentState(
        name,
        revision=str(get_path(obj, ("status", "lastAppliedRevision"), "")).rpartition(":")[2],
        switches=(
            ("prune", spec.get("prune") is True),
            ("wait", spec.get("wait") is True),
            ("suspended", spec.get("suspend") is True),
        ),
        note=f"{said}: {ready.get('message', '')}".rstrip(": "),
    )


def wait_of_flux(flux: Flux, name: str) -> Wait:
    """How long until Flux compares a Kustomization again."""
    interval = parse_duration(flux.find(name)["spec"]["interval"])
    return Wait(flux.clock.now, flux.next_run(name), interval, flux.name, "compares")


def fields(argocd: ArgoCD, application: str) -> list[Field]:
    """What Git states beside what the cluster holds, as the last look found it: what differs first, then replicas and images."""
    comparison = argocd.comparison(application)
    differing: list[Field] = []
    same: list[Field] = []
    for resource in comparison.resources if comparison else ():
        if resource.status == "":
            continue  # a hook, or what says Skip
        found = {d.path: Field(f"{resource.label} {d.path}", d.desired, d.live) for d in resource.differences}
        if resource.missing:
            differing.append(Field(resource.label, "there", None))
        elif resource.requires_pruning:
            differing.append(Field(resource.label, "gone", "there"))
        differing += found.values()
        if resource.target is not None and resource.live is not None:
            stated = [
                path for path in _TELLING if get_path(resource.target.object, path) is not None and dotted(path) not in found
            ]
            same += [
                Field(f"{resource.label} {dotted(path)}", get_path(resource.target.object, path), get_path(resource.live, path))
                for path in stated
            ]
    return differing + same
