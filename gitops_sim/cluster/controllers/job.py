"""The Job controller: runs Pods until enough of them have succeeded.

Source: k8s.io/kubernetes ``pkg/controller/job/job_controller.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster.controllers import indexes
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.conditions import Condition, find, without
from gitops_sim.cluster.controllers.pods import from_template, is_active, is_ready, phase
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.objects import Key, Object, get_path, labels_of, with_path, without_path

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

TRACKED = "batch.kubernetes.io/job-tracking"
_FIRST_BACKOFF, _LAST_BACKOFF = 10.0, 600.0
"""Seconds before a failed Pod is replaced; doubles with each further failure."""


class JobController(ClusterController):
    """Each Pod carries a finalizer until it is counted, so that none is counted twice or missed."""

    name = "job-controller"
    own = ("batch", "Job")
    watches = (("batch", "Job"), ("", "Pod"))

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        self._waits: dict[Key, float] = {}

    def sync(self, key: Key) -> None:
        job = self.store.get(key)
        if job is None:
            self._untrack_orphans(key)
            return
        status: dict[str, Any] = dict(job.get("status") or {})
        pods = self.claim(job, "Pod")
        if "deletionTimestamp" in job["metadata"] or _is_over(status):
            self._count(job, status, pods)
            if _is_over(status):
                self._expire(key, job)
            return
        spec = job["spec"]
        status.setdefault("startTime", self.clock.timestamp())
        failed_before = status.get("failed", 0)
        self._count(job, status, pods)
        if status.get("failed", 0) > failed_before:
            self._wait_before_next(key, job, status["failed"])
        completions: int = spec.get("completions", spec.get("parallelism", 1))
        active = [pod for pod in pods if is_active(pod)]
        verdict = self._verdict(job, status, active, completions)
        if verdict is not None:
            status.pop("active", None)
            for pod in active:
                self._stop(pod)
            active = []
        elif spec.get("suspend"):
            for pod in active:
                self._stop(pod)
            active = []
            status.pop("startTime")
        else:
            active += self._start(key, job, active, status, completions)
        self._write(job, status, active, verdict)
        if verdict is not None:
            self._expire(key, self.store.get(key) or job)

    # ------------------------------------------------------------------ Pods

    def _count(self, job: Object, status: dict[str, Any], pods: Sequence[Object]) -> None:
        """Takes finished Pods, and Pods that someone is deleting, into the counts, and lets them go."""
        for pod in pods:
            if TRACKED not in (pod["metadata"].get("finalizers") or ()) or is_active(pod):
                continue
            field = "succeeded" if phase(pod) == "Succeeded" else "failed"
            if field == "succeeded" and indexes.is_indexed(job):
                done = (indexes.done_in(job, status) | {indexes.index_of(pod)}) - {-1}
                status["completedIndexes"] = indexes.shown(done)
                status["succeeded"] = len(done)
            else:
                status[field] = status.get(field, 0) + 1
            self._untrack(pod)

    def _start(self, key: Key, job: Object, active: list[Object], status: dict[str, Any], completions: int) -> list[Object]:
        wanted = min(job["spec"].get("parallelism", 1), completions - status.get("succeeded", 0))
        if wanted > len(active):
            due = self._waits.get(key, 0.0)
            if due > self.clock.now:
                self.queue.add(key, due - self.clock.now)
                return []
        for pod in active[max(0, wanted) :]:
            self._stop(pod)
        template = job["spec"]["template"]
        started: list[Object] = []
        indexed = indexes.is_indexed(job)
        places: Iterable[int] = range(wanted - len(active))
        if indexed:
            taken = indexes.done_in(job, status) | set(map(indexes.index_of, active))
            places = indexes.free(taken, completions, wanted - len(active))
        for place in places:
            pod = from_template(job, template)
            if indexed:
                pod = indexes.marked(pod, job, place)
            pod["metadata"]["finalizers"] = [*pod["metadata"].get("finalizers", ()), TRACKED]
            created = self.cluster.create(pod)
            self.events.normal(job, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")
            started.append(created)
        return started

    def _stop(self, pod: Object) -> None:
        """The Job's own deletions are not failures: the Pod is let go first."""
        meta = self._untrack(pod)["metadata"]
        if "deletionTimestamp" not in meta:
            self.cluster.delete("Pod", meta["name"], meta["namespace"])

    def _untrack(self, pod: Object) -> Object:
        left = [name for name in pod["metadata"].get("finalizers") or () if name != TRACKED]
        path = ("metadata", "finalizers")
        return self.cluster.update(with_path(pod, path, left) if left else without_path(pod, path))

    def _untrack_orphans(self, key: Key) -> None:
        """Lets the Pods of a Job go that is not there any more."""
        self._waits.pop(key, None)
        for pod in self.store.list("", "Pod", key.namespace):
            if labels_of(pod).get("job-name") == key.name and TRACKED in (pod["metadata"].get("finalizers") or ()):
                self._untrack(pod)

    # ------------------------------------------------------------------ the end

    def _verdict(
        self, job: Object, status: dict[str, Any], active: Sequence[Object], completions: int
    ) -> tuple[str, str, str] | None:
        """``(condition, reason, message)`` when the Job is over."""
        spec = job["spec"]
        restarts = sum(
            entry.get("restartCount", 0)
            for pod in active
            if pod["spec"].get("restartPolicy") == "OnFailure"
            for entry in get_path(pod, ("status", "containerStatuses")) or ()
        )
        failed = status.get("failed", 0) + restarts
        if failed > spec.get("backoffLimit", 6):
            return "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        limit = spec.get("activeDeadlineSeconds")
        if limit is not None and not spec.get("suspend"):
            ends = parse_timestamp(status["startTime"]) + limit
            if ends <= self.clock.now:
                return "Failed", "DeadlineExceeded", "Job was active longer than specified deadline"
            self.queue.add(Key(*self.own, job["metadata"]["namespace"], job["metadata"]["name"]), ends - self.clock.now)
        if status.get("succeeded", 0) >= completions:
            return "Complete", "CompletionsReached", "Reached expected number of succeeded pods"
        return None

    def _write(self, job: Object, status: dict[str, Any], active: Sequence[Object], verdict: tuple[str, str, str] | None) -> None:
        now = self.clock.timestamp()
        status.pop("active", None)
        if active:
            status["active"] = len(active)
        status["ready"] = sum(is_ready(pod) for pod in active)
        status["terminating"] = 0
        status["uncountedTerminatedPods"] = {}
        conditions: list[Condition] = list(status.get("conditions") or [])
        suspended = find(conditions, "Suspended")
        if job["spec"].get("suspend") and (suspended is None or suspended["status"] != "True"):
            conditions = [
                *without(conditions, "Suspended"),
                _condition("Suspended", "True", "JobSuspended", "Job suspended", now),
            ]
            self.events.normal(job, "Suspended", "Job suspended")
        elif not job["spec"].get("suspend") and suspended is not None and suspended["status"] == "True":
            conditions = [*without(conditions, "Suspended"), _condition("Suspended", "False", "JobResumed", "Job resumed", now)]
            self.events.normal(job, "Resumed", "Job resumed")
        if verdict is not None:
            kind, reason, message = verdict
            interim = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
            conditions += [_condition(name, "True", reason, message, now) for name in (interim, kind)]
            if kind == "Complete":
                status["completionTime"] = now
                self.events.normal(job, "Completed", "Job completed")
            else:
                self.events.warning(job, reason, message)
        if conditions:
            status["conditions"] = conditions
        self.set_status(job, status)

    def _expire(self, key: Key, job: Object) -> None:
        """Deletes a finished Job ``ttlSecondsAfterFinished`` after its end."""
        ttl = job["spec"].get("ttlSecondsAfterFinished")
        ended = [
            c["lastTransitionTime"] for c in get_path(job, ("status", "conditions")) or () if c["type"] in ("Complete", "Failed")
        ]
        if ttl is None or not ended or "deletionTimestamp" in job["metadata"]:
            return
        due = parse_timestamp(ended[0]) + ttl
        if due <= self.clock.now:
            self.cluster.delete("Job", key.name, key.namespace)
        else:
            self.queue.add(key, due - self.clock.now)

    def _wait_before_next(self, key: Key, job: Object, failures: int) -> None:
        self._waits[key] = self.clock.now + min(_FIRST_BACKOFF * 2 ** (failures - 1), _LAST_BACKOFF)


def _is_over(status: dict[str, Any]) -> bool:
    return any(c["type"] in ("Complete", "Failed") and c["status"] == "True" for c in status.get("conditions") or ())


def _condition(kind: str, status: str, reason: str, message: str, now: str) -> Condition:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastProbeTime": now,
        "lastTransitionTime": now,
    }
