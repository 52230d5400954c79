"""What an Application's tile and panels say, read from the object and its agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.argocd.application import IN_CLUSTER, IN_CLUSTER_NAME, NAMESPACE
from gitops_sim.agents.argocd.clusters import UnknownClusterError, UnreachableError
from gitops_sim.cluster.ages import moment
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key, Object, get_path


@dataclass(frozen=True, slots=True)
class LastSync:
    """How the last operation went, or how the running one goes. Times are simulated seconds."""

    phase: str
    message: str
    revision: str
    by: str
    started: float | None
    finished: float | None


@dataclass(frozen=True, slots=True)
class Facts:
    """``ref`` names the Application on the command line: with its namespace in front when that is not Argo CD's own.

    ``health_reason`` is the message of what makes the health bad; ``conditions`` are ``(type, message)``; ``next_look`` is when
    Argo CD asks Git again, in simulated seconds. ``asks`` is what waits for a person's word, if anything: ``Pruning`` or
    ``Deletion``.
    """

    ref: str
    key: Key
    project: str
    sync: str
    health: str
    health_reason: str
    repo: str
    path: str
    target: str
    revision: str
    destination: str
    namespace: str
    automated: bool
    prune: bool
    self_heal: bool
    options: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    last: LastSync | None
    running: bool
    deleting: bool
    asks: str
    next_look: float | None

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def policy(self) -> str:
        """The sync policy in the words of the CLI."""
        more = [word for word, on in (("Prune", self.prune), ("SelfHeal", self.self_heal)) if on]
        return ("Automated" + (f" ({', '.join(more)})" if more else "")) if self.automated else "Manual"


def place_of(argocd: ArgoCD, obj: Object) -> ClusterAPI:
    """The cluster in which the objects of an Application are; Argo CD's own while it has not looked there."""
    app = argocd.application(obj)
    if argocd.comparison(f"{app.namespace}/{app.name}") is None:
        return argocd.cluster
    try:
        return argocd.clusters.place(app.destination).cluster
    except (UnknownClusterError, UnreachableError):
        return argocd.cluster


def ref_of(obj: Object) -> str:
    """``web``, or ``team-a/web`` when it is not in Argo CD's own namespace."""
    meta = obj["metadata"]
    namespace = meta.get("namespace") or NAMESPACE
    return str(meta["name"]) if namespace == NAMESPACE else f"{namespace}/{meta['name']}"


def all_facts(argocd: ArgoCD) -> list[Facts]:
    """Every Application, by name."""
    return [read_facts(argocd, obj) for obj in argocd.applications()]


def read_facts(argocd: ArgoCD, obj: Object) -> Facts:
    app = argocd.application(obj)
    source: Mapping[str, Any] = app.source.raw
    server = app.destination.name or app.destination.server
    return Facts(
        ref=ref_of(obj),
        key=app.key,
        project=app.project,
        sync=str(get_path(obj, ("status", "sync", "status"), "Unknown")),
        health=str(get_path(obj, ("status", "health", "status"), "Unknown")),
        health_reason=_blame(argocd, obj),
        repo=str(source.get("repoURL") or ""),
        path=str(source.get("path") or source.get("chart") or ""),
        target=app.source.target_revision or "HEAD",
        revision=str(get_path(obj, ("status", "sync", "revision"), "")),
        destination=IN_CLUSTER_NAME if server == IN_CLUSTER else server,
        namespace=app.destination.namespace,
        automated=app.automated is not None,
        prune=app.automated is not None and app.automated.prune,
        self_heal=app.automated is not None and app.automated.self_heal,
        options=tuple(app.sync_options),
        conditions=tuple((str(c["type"]), str(c["message"])) for c in get_path(obj, ("status", "conditions")) or ()),
        last=_last_sync(obj),
        running=bool(obj.get("operation")),
        deleting=bool(obj["metadata"].get("deletionTimestamp")),
        asks=_asks(obj),
        next_look=argocd.next_poll(f"{app.namespace}/{app.name}"),
    )


def _asks(obj: Object) -> str:
    """What is marked ``Delete=confirm`` or ``Prune=confirm`` and about to go."""
    if obj["metadata"].get("deletionTimestamp"):
        marked = (r.get("requiresDeletionConfirmation") for r in get_path(obj, ("status", "resources")) or ())
        return "Deletion" if any(marked) else ""
    waits = "pruning confirmation" in str(get_path(obj, ("status", "operationState", "message"), ""))
    return "Pruning" if waits and obj.get("operation") else ""


def _last_sync(obj: Object) -> LastSync | None:
    state: Mapping[str, Any] = get_path(obj, ("status", "operationState")) or {}
    if not state:
        return None
    who: Mapping[str, Any] = get_path(state, ("operation", "initiatedBy")) or {}
    return LastSync(
        phase=str(state.get("phase", "")),
        message=str(state.get("message", "")),
        revision=str(get_path(state, ("syncResult", "revision"), "") or get_path(state, ("operation", "sync", "revision"), "")),
        by="automated sync policy" if who.get("automated") else str(who.get("username", "")),
        started=moment(state.get("startedAt")),
        finished=moment(state.get("finishedAt")),
    )


def _blame(argocd: ArgoCD, obj: Object) -> str:
    """The first resource whose health is the Application's, with its message."""
    health = get_path(obj, ("status", "health", "status"))
    comparison = argocd.comparison(f"{obj['metadata'].get('namespace') or NAMESPACE}/{obj['metadata']['name']}")
    if comparison is None or health == "Healthy":
        return ""
    for resource in comparison.resources:
        if resource.health is not None and resource.health[0] == health and resource.health[1]:
            return f"{resource.label}: {resource.health[1]}"
    return ""
