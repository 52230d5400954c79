"""The Deployment controller: brings up the ReplicaSet of the current template and takes down the others, step by step.

Source: k8s.io/kubernetes ``pkg/controller/deployment/deployment_controller.go``, ``rolling.go``, ``recreate.go``, ``sync.go``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitops_sim.cluster.controllers import conditions, rolling
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.deployment_revisions import Revisions, Sets
from gitops_sim.cluster.controllers.deployment_spec import (
    DESIRED,
    MAXIMUM,
    active,
    by_age,
    deadline,
    is_rolling,
    limits,
    number_in,
    part_of,
    replicas_of,
    revision_of,
    status_number,
)
from gitops_sim.cluster.controllers.deployment_status import (
    PAUSED,
    TIMED_OUT,
    counted,
    deadline_at,
    is_complete,
    judged,
    progressing,
)
from gitops_sim.cluster.controllers.pods import is_finished
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.controllers.rollouts import Rollouts
from gitops_sim.objects import Key, Object, annotations_of, with_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

_NO_DELETION_LIMIT = 2**31 - 1


class DeploymentController(ClusterController):
    """One Deployment a sync: at most one step of scaling up or down, then the status, so that every step sees the effect of the
    last."""

    name = "deployment-controller"
    own = ("apps", "Deployment")
    watches = (("apps", "Deployment"), ("apps", "ReplicaSet"))

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        self._revisions = Revisions(self)
        self._rollouts = Rollouts(cluster, relations)

    def sync(self, key: Key) -> None:
        deployment = self.store.get(key)
        if deployment is None:
            self._rollouts.forget(key)
            return
        claimed = self.claim(deployment, "ReplicaSet")
        sets = self._revisions.sorted_out(self._paused_or_resumed(deployment), claimed)
        if "deletionTimestamp" in deployment["metadata"]:
            self._count(sets)
            return
        if sets.deployment["spec"].get("paused") or self._was_scaled(sets):
            self._scale(sets)
            if sets.deployment["spec"].get("paused"):
                self._clean_up(sets)
            self._count(sets)
        elif is_rolling(sets.deployment):
            self._roll(sets)
        else:
            self._recreate(sets)
        self._rollouts.note(sets.deployment, sets.new, sets.old)

    # ------------------------------------------------------------------ the two strategies

    def _roll(self, sets: Sets) -> None:
        self._revisions.ensure_new(sets)
        if not (self._grow_new(sets) or self._shrink_old(sets)) and is_complete(
            sets.deployment, sets.deployment.get("status") or {}
        ):
            self._clean_up(sets)
        self._judge(sets)

    def _grow_new(self, sets: Sets) -> bool:
        assert sets.new is not None
        replicas, size = replicas_of(sets.deployment), replicas_of(sets.new)
        if size > replicas:
            return self._resize(sets, sets.new, replicas)
        total = sum(replicas_of(rs) for rs in sets.all)
        return self._resize(sets, sets.new, rolling.grown_new(size, total, replicas, limits(sets.deployment)[0]))

    def _shrink_old(self, sets: Sets) -> bool:
        assert sets.new is not None
        old = by_age(active(sets.old))
        sizes = rolling.shrunk_old(
            [part_of(rs) for rs in old], part_of(sets.new), replicas_of(sets.deployment), limits(sets.deployment)[1]
        )
        for replica_set in old:
            name = replica_set["metadata"]["name"]
            if name in sizes:
                self._resize(sets, replica_set, sizes[name])
        return bool(sizes)

    def _recreate(self, sets: Sets) -> None:
        stopping = active(sets.old)
        for replica_set in stopping:
            self._resize(sets, replica_set, 0)
        if not stopping and not self._old_pods_run(sets):
            self._revisions.ensure_new(sets)
            assert sets.new is not None
            self._resize(sets, sets.new, replicas_of(sets.deployment))
            if is_complete(sets.deployment, sets.deployment.get("status") or {}):
                self._clean_up(sets)
        self._judge(sets)

    def _old_pods_run(self, sets: Sets) -> bool:
        """Under Recreate even a Pod that is still stopping holds the new ones back."""
        for replica_set in sets.old:
            if status_number(replica_set, "replicas"):
                return True
            for key in self.relations.dependents(replica_set["metadata"]["uid"]):
                pod = self.store.get(key) if key.kind == "Pod" else None
                if pod is not None and not is_finished(pod):
                    return True
        return False

    # ------------------------------------------------------------------ scaling outside a rollout step

    def _was_scaled(self, sets: Sets) -> bool:
        replicas = replicas_of(sets.deployment)
        return any(number_in(rs, DESIRED) not in (None, replicas) for rs in active(sets.all))

    def _scale(self, sets: Sets) -> None:
        replicas, (surge, _) = replicas_of(sets.deployment), limits(sets.deployment)
        running = active(sets.all)
        if len(running) <= 1:
            only = running[0] if running else sets.new or next(reversed(by_age(sets.old)), None)
            if only is not None:
                self._resize(sets, only, replicas)
            return
        if sets.new is not None and self._is_saturated(sets.new, replicas):
            for replica_set in active(sets.old):
                self._resize(sets, replica_set, 0)
            return
        if is_rolling(sets.deployment):
            newest_first = list(reversed(by_age(running)))
            parts = [(part_of(rs), number_in(rs, MAXIMUM) or status_number(sets.deployment, "replicas")) for rs in newest_first]
            sizes = rolling.proportional(parts, replicas, surge)
            for replica_set in newest_first:
                self._resize(sets, replica_set, sizes[replica_set["metadata"]["name"]], annotate=True)

    @staticmethod
    def _is_saturated(replica_set: Object, replicas: int) -> bool:
        return (
            number_in(replica_set, DESIRED) == replicas
            and replicas_of(replica_set) == replicas
            and status_number(replica_set, "availableReplicas") == replicas
        )

    def _resize(self, sets: Sets, replica_set: Object, size: int, *, annotate: bool = False) -> bool:
        """Gives a ReplicaSet another size, and says so in an event. ``annotate``: writes the annotations even when the size
        stays."""
        before = replicas_of(replica_set)
        if before == size and not annotate:
            return False
        deployment = sets.deployment
        replicas, (surge, _) = replicas_of(deployment), limits(deployment)
        annotations = {**annotations_of(replica_set), DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}
        wanted = with_path(with_path(replica_set, ("spec", "replicas"), size), ("metadata", "annotations"), annotations)
        sets.replace(self.cluster.update(wanted))
        if before != size:
            direction = "up" if size > before else "down"
            name = replica_set["metadata"]["name"]
            self.events.normal(deployment, "ScalingReplicaSet", f"Scaled {direction} replica set {name} from {before} to {size}")
        return before != size

    def _clean_up(self, sets: Sets) -> None:
        """Deletes the oldest revisions beyond ``revisionHistoryLimit``."""
        limit = sets.deployment["spec"].get("revisionHistoryLimit", 10)
        kept = [rs for rs in sets.old if "deletionTimestamp" not in rs["metadata"]]
        if limit == _NO_DELETION_LIMIT or len(kept) <= limit:
            return
        for replica_set in sorted(kept, key=lambda rs: (revision_of(rs), rs["metadata"]["name"]))[: len(kept) - limit]:
            meta = replica_set["metadata"]
            stale = meta.get("generation", 0) > status_number(replica_set, "observedGeneration")
            if replicas_of(replica_set) or status_number(replica_set, "replicas") or stale:
                continue
            self.cluster.delete("ReplicaSet", meta["name"], meta["namespace"])
            sets.old = [rs for rs in sets.old if rs is not replica_set]

    # ------------------------------------------------------------------ status

    def _paused_or_resumed(self, deployment: Object) -> Object:
        if deadline(deployment) is None or "deletionTimestamp" in deployment["metadata"]:
            return deployment
        status = deployment.get("status") or {}
        current = conditions.find(status.get("conditions") or [], "Progressing")
        if current is not None and current["reason"] == TIMED_OUT:
            return deployment
        was, now = current is not None and current["reason"] == PAUSED, bool(deployment["spec"].get("paused"))
        if was == now:
            return deployment
        reason, message = (PAUSED, "Deployment is paused") if now else ("DeploymentResumed", "Deployment is resumed")
        entry = progressing("Unknown", reason, message, self.clock.timestamp())
        entries = conditions.put(status.get("conditions") or [], entry)
        return self.set_status(deployment, {**status, "conditions": entries})

    def _count(self, sets: Sets) -> None:
        sets.deployment = self.set_status(sets.deployment, counted(sets.deployment, sets.new, sets.all, self.clock.timestamp()))

    def _judge(self, sets: Sets) -> None:
        deployment, timestamp = sets.deployment, self.clock.timestamp()
        status = counted(deployment, sets.new, sets.all, timestamp)
        status = judged(deployment, sets.new, sets.all, status, self.clock.now, timestamp)
        sets.deployment = self.set_status(deployment, status)
        due = deadline_at(sets.deployment)
        if due is not None:
            self.queue.add(
                Key(*self.own, deployment["metadata"]["namespace"], deployment["metadata"]["name"]), due - self.clock.now
            )
