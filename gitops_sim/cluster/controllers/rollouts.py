"""The story of Deployments: which facts about rollouts, scalings and recoveries a learner is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gitops_sim.clock import format_duration
from gitops_sim.cluster.controllers import conditions
from gitops_sim.cluster.controllers.deployment_spec import images_of, replicas_of, revision_of, total
from gitops_sim.cluster.controllers.deployment_status import TIMED_OUT, is_complete
from gitops_sim.cluster.controllers.pods import is_active
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.objects import Key, Object, key_of

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster


@dataclass
class _Episode:
    """What is going on with one Deployment, from the moment it left its rest until it is at rest again."""

    uid: str
    replica_set: str = ""
    images: list[str] = field(default_factory=list)
    replicas: int = 0
    cause: str = ""
    since: float = 0.0
    before: tuple[str, ...] = ()
    seen: dict[str, None] = field(default_factory=dict)
    stalled: bool = False


class Rollouts:
    """Writes ``RolloutStarted``, ``RolloutCompleted`` and ``RolloutStalled`` to the trace.

    A Deployment is at rest when it is complete and no Pod of it is still stopping. ``RolloutCompleted`` says in ``data["cause"]``
    what came to rest: a ``rollout`` (another template), a ``scale``, or a ``recovery`` (Pods were lost or became ready again); a
    recovery by mere restarts is a detail, not story.
    """

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        self._cluster, self._relations = cluster, relations
        self._episodes: dict[Key, _Episode] = {}

    def forget(self, key: Key) -> None:
        self._episodes.pop(key, None)

    def note(self, deployment: Object, new: Object | None, old: Sequence[Object]) -> None:
        """Looks at a Deployment after each sync."""
        if new is None:
            return
        key = key_of(deployment)
        episode = self._episodes.get(key)
        if episode is None or episode.uid != deployment["metadata"]["uid"]:
            episode = self._episodes[key] = _Episode(deployment["metadata"]["uid"])
        sets = [*old, new]
        pods = self._pods(sets)
        episode.seen.update(dict.fromkeys(pods))
        status = deployment.get("status") or {}
        rests = is_complete(deployment, status) and not total(sets, "terminatingReplicas")
        replicas = replicas_of(deployment)
        if new["metadata"]["name"] != episode.replica_set:
            self._started(key, episode, deployment, new)
        elif replicas != episode.replicas:
            self._open(episode, "scale")
        elif not rests:
            self._open(episode, "recovery")
        episode.replicas = replicas
        progress = conditions.find(status.get("conditions") or [], "Progressing")
        if progress is not None and progress["reason"] == TIMED_OUT:
            self._stalled(key, episode, deployment, new, old)
        elif rests and episode.cause:
            self._completed(key, episode, deployment, new, pods)

    def _open(self, episode: _Episode, cause: str) -> None:
        if not episode.cause:
            episode.cause, episode.since = cause, self._cluster.clock.now
        elif cause == "rollout" or episode.cause == "recovery":
            episode.cause = cause

    def _started(self, key: Key, episode: _Episode, deployment: Object, new: Object) -> None:
        first, former = not episode.replica_set, episode.images
        episode.replica_set, episode.images = new["metadata"]["name"], images_of(new["spec"]["template"])
        episode.stalled = False
        self._open(episode, "rollout")
        episode.since = self._cluster.clock.now
        replicas, revision = replicas_of(deployment), revision_of(new)
        now = ", ".join(episode.images)
        if first:
            message = f"starts {key.name}: {_count(replicas)} of {now}"
        elif former != episode.images:
            message = f"rolls out {key.name}: {', '.join(former)} -> {now}"
        else:
            message = f"rolls out {key.name}: new Pod template, same image {now}"
        self._tell(
            "RolloutStarted",
            key,
            message,
            f"revision {revision}: the Pod template is new" if not first else "no ReplicaSet has this Pod template yet",
            revision=revision,
            replicas=replicas,
            replica_set=episode.replica_set,
            images=list(episode.images),
            former_images=list(former),
        )

    def _completed(self, key: Key, episode: _Episode, deployment: Object, new: Object, pods: tuple[str, ...]) -> None:
        replicas = replicas_of(deployment)
        started = sorted(set(pods) - set(episode.before))
        stopped = sorted(set(episode.seen) - set(pods))
        seconds = round(self._cluster.clock.now - episode.since, 6)
        counts = f"{key.name} {replicas}/{replicas} ready"
        message = f"{_count(len(stopped))} stopped, {counts}" if stopped and episode.cause == "scale" else counts
        reasons = {
            "rollout": f"revision {revision_of(new)} took {format_duration(seconds)}",
            "scale": f"scaling took {format_duration(seconds)}",
            "recovery": f"back to rest after {format_duration(seconds)}",
        }
        self._tell(
            "RolloutCompleted",
            key,
            message,
            reasons[episode.cause],
            story=episode.cause != "recovery" or bool(started),
            cause=episode.cause,
            ready=replicas,
            desired=replicas,
            revision=revision_of(new),
            replica_set=new["metadata"]["name"],
            images=list(episode.images),
            pods=sorted(pods),
            started=started,
            stopped=stopped,
            seconds=seconds,
        )
        episode.cause, episode.stalled = "", False
        episode.before, episode.seen = pods, dict.fromkeys(pods)

    def _stalled(self, key: Key, episode: _Episode, deployment: Object, new: Object, old: Sequence[Object]) -> None:
        if episode.stalled:
            return
        episode.stalled = True
        replicas, fresh, serving = replicas_of(deployment), total([new], "availableReplicas"), total(old, "availableReplicas")
        limit = deployment["spec"].get("progressDeadlineSeconds", 600)
        rest = f", {_count(serving)} of the old revision still serve" if serving else ""
        self._tell(
            "RolloutStalled",
            key,
            f"gives up waiting for {key.name}: {fresh}/{replicas} new pods available{rest}",
            f"no progress for {format_duration(limit)} (progressDeadlineSeconds); nothing is rolled back by itself",
            ready=fresh,
            desired=replicas,
            serving=serving,
            revision=revision_of(new),
            replica_set=new["metadata"]["name"],
            images=list(episode.images),
        )

    def _pods(self, sets: Sequence[Object]) -> tuple[str, ...]:
        names: list[str] = []
        for replica_set in sets:
            for key in self._relations.dependents(replica_set["metadata"]["uid"]):
                pod = self._cluster.store.get(key) if key.kind == "Pod" else None
                if pod is not None and is_active(pod):
                    names.append(key.name)
        return tuple(names)

    def _tell(self, event: str, key: Key, message: str, reason: str, *, story: bool = True, **data: Any) -> None:
        self._cluster.trace.add(
            "cluster",
            event,
            str(key),
            message,
            reason=reason,
            story=story,
            cluster=self._cluster.name,
            namespace=key.namespace,
            name=key.name,
            **data,
        )


def _count(pods: int) -> str:
    return "1 pod" if pods == 1 else f"{pods} pods"
