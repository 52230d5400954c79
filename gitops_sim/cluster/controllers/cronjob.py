"""The CronJob controller: makes a Job whenever a schedule says so.

Source: k8s.io/kubernetes ``pkg/controller/cronjob/cronjob_controllerv2.go`` and ``utils.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from gitops_sim.clock import EPOCH, parse_timestamp
from gitops_sim.cluster import schedules
from gitops_sim.cluster.controllers.base import ClusterController, namespace_is_going, owner_reference
from gitops_sim.cluster.schedules import Schedule, ScheduleError
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, controller_of, get_path

SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_MANY = 100
"""More missed times than these are worth a warning."""
_LATE = 0.1
"""Seconds after the scheduled time at which the controller looks."""


class CronJobController(ClusterController):
    """Of several times that were missed only the latest is made up for. Every Job is named after the minute that it is for, so
    that none is made twice. The one timer of a CronJob is its next time; a suspended one has none.
    """

    name = "cronjob-controller"
    own = ("batch", "CronJob")
    watches = (("batch", "CronJob"), ("batch", "Job"))

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "CronJob":
            return [change.key]
        owner = self._controller_key(change.object)
        return [] if owner is None else [owner]

    def on_change(self, change: Change) -> None:
        """A new schedule counts from now on: the times that it would have had before are not made up for."""
        if change.key.kind == "CronJob" and change.type == "MODIFIED" and change.old is not None:
            new, old = change.object["spec"], change.old["spec"]
            if (new["schedule"], new.get("timeZone")) != (old["schedule"], old.get("timeZone")):
                self.queue.forget(change.key)
                self._wait(change.key, change.object)
                return
        super().on_change(change)

    def sync(self, key: Key) -> None:
        cron_job = self.store.get(key)
        if cron_job is None:
            return
        jobs = self._jobs(cron_job)
        status: dict[str, Any] = dict(cron_job.get("status") or {})
        self._clean_up(cron_job, jobs, status)
        self._take_in(cron_job, jobs, status)
        try:
            if "deletionTimestamp" not in cron_job["metadata"] and not cron_job["spec"].get("suspend"):
                self._start(key, cron_job, status)
        finally:
            if not status.get("active"):
                status.pop("active", None)
            self.set_status(cron_job, status)

    def _jobs(self, cron_job: Object) -> list[Object]:
        uid = cron_job["metadata"]["uid"]
        found = (self.store.get(key) for key in self.relations.dependents(uid) if key.kind == "Job")
        return [job for job in found if job is not None and (controller_of(job) or {}).get("uid") == uid]

    # ------------------------------------------------------------------ what became of the Jobs

    def _take_in(self, cron_job: Object, jobs: Sequence[Object], status: dict[str, Any]) -> None:
        for job in jobs:
            name, uid, end = job["metadata"]["name"], job["metadata"]["uid"], _end(job)
            active = any(entry["uid"] == uid for entry in status.get("active") or ())
            if not end and not active:
                self.events.warning(cron_job, "UnexpectedJob", f"Saw a job that the controller did not create or forgot: {name}")
            if end and active:
                _leave(status, uid)
                self.events.normal(cron_job, "SawCompletedJob", f"Saw completed job: {name}, condition: {end}")
            completed = get_path(job, ("status", "completionTime"))
            if end == "Complete" and completed and completed > status.get("lastSuccessfulTime", ""):
                status["lastSuccessfulTime"] = completed
        present = {job["metadata"]["uid"] for job in jobs}
        for entry in list(status.get("active") or ()):
            if entry["uid"] not in present:
                self.events.normal(cron_job, "MissingJob", f"Active job went missing: {entry['name']}")
                _leave(status, entry["uid"])

    def _clean_up(self, cron_job: Object, jobs: Sequence[Object], status: dict[str, Any]) -> None:
        spec = cron_job["spec"]
        for end, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            if spec.get(limit) is None:
                continue
            ended = sorted((job for job in jobs if _end(job) == end), key=_by_start)
            for job in ended[: max(0, len(ended) - spec[limit])]:
                self._delete(cron_job, job, status)

    def _delete(self, cron_job: Object, job: Object, status: dict[str, Any]) -> None:
        meta = job["metadata"]
        _leave(status, meta["uid"])
        if "deletionTimestamp" in meta:
            return
        self.cluster.delete("Job", meta["name"], meta["namespace"])
        self.events.normal(cron_job, "SuccessfulDelete", f"Deleted job {meta['name']}")

    # ------------------------------------------------------------------ the next Job

    def _start(self, key: Key, cron_job: Object, status: dict[str, Any]) -> None:
        spec = cron_job["spec"]
        try:
            due = self._due(cron_job, _schedule(cron_job))
        except ScheduleError as error:
            self.events.warning(cron_job, "InvalidSchedule", f"invalid schedule: {spec['schedule']} : {error}")
            return
        self._wait(key, cron_job)
        if due is None:
            return
        deadline = spec.get("startingDeadlineSeconds")
        if deadline is not None and due + timedelta(seconds=deadline) < self._now():
            when = due.strftime("%a, %d %b %Y %H:%M:%S +0000")
            self.events.warning(cron_job, "MissSchedule", f"Missed scheduled time to start a job: {when}")
            return
        name = f"{key.name}-{int(due.timestamp()) // 60}"
        active = list(status.get("active") or ())
        stamp = due.strftime("%Y-%m-%dT%H:%M:%SZ")
        if status.get("lastScheduleTime") == stamp or any(entry["name"] == name for entry in active):
            return
        if spec["concurrencyPolicy"] == "Forbid" and active:
            why = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.events.normal(cron_job, "JobAlreadyActive", why)
            return
        if spec["concurrencyPolicy"] == "Replace":
            for entry in active:
                job = self.store.get(Key("batch", "Job", key.namespace, entry["name"]))
                if job is not None:
                    self._delete(cron_job, job, status)
        job = self._create(cron_job, name, due)
        if job is not None:
            status["active"] = [*(status.get("active") or ()), _reference(job)]
            status["lastScheduleTime"] = stamp

    def _create(self, cron_job: Object, name: str, due: datetime) -> Object | None:
        """The Job for one time; None when it could not be made for good."""
        wanted = job_of(cron_job, name)
        zone = schedules.zone_of(cron_job["spec"].get("timeZone") or "")
        stamp = due.astimezone(zone).isoformat().replace("+00:00", "Z")
        wanted["metadata"]["annotations"] = {**wanted["metadata"].get("annotations", {}), SCHEDULED: stamp}
        try:
            job = self.cluster.create(wanted)
        except ApiError as error:
            if namespace_is_going(error):
                return None
            if error.reason == "AlreadyExists":
                other = self.store.get(Key("batch", "Job", wanted["metadata"]["namespace"], name))
                owner = controller_of(other) if other is not None else None
                return other if owner is not None and owner["uid"] == cron_job["metadata"]["uid"] else None
            self.events.warning(cron_job, "FailedCreate", f"Error creating job: {error.message}")
            raise
        self.events.normal(cron_job, "SuccessfulCreate", f"Created job {name}")
        return job

    def _due(self, cron_job: Object, schedule: Schedule) -> datetime | None:
        """The latest time that has come since the last Job; None when none has."""
        now, earliest = self._now(), self._earliest(cron_job)
        deadline = cron_job["spec"].get("startingDeadlineSeconds")
        if deadline is not None and deadline < (now - EPOCH).total_seconds():
            earliest = max(earliest, now - timedelta(seconds=deadline))
        first = schedule.after(earliest)
        if first is None:
            raise ScheduleError("time difference between two schedules is less than 1 second")
        if now < first:
            return None
        second = schedule.after(first)
        if second is None or now < second:
            return first
        distance = second - first
        missed = (now - first) // distance + 1
        latest, following = first, schedule.after(max(first, first + (missed - 2) * distance))
        while following is not None and following <= now:
            latest, following = following, schedule.after(following)
        if missed > _MANY:
            why = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
            self.events.warning(cron_job, "TooManyMissedTimes", why)
        return latest

    def _wait(self, key: Key, cron_job: Object) -> None:
        """Asks for a look just after the next time."""
        try:
            coming = _schedule(cron_job).after(max(self._now(), self._earliest(cron_job)))
        except ScheduleError:
            return
        if coming is not None:
            self.queue.add(key, (coming - self._now()).total_seconds() + _LATE)

    def _earliest(self, cron_job: Object) -> datetime:
        last = get_path(cron_job, ("status", "lastScheduleTime")) or cron_job["metadata"]["creationTimestamp"]
        return EPOCH + timedelta(seconds=parse_timestamp(last))

    def _now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.clock.now)


def job_of(cron_job: Object, name: str) -> dict[str, Any]:
    """A Job as the template of a CronJob has it, owned by the CronJob."""
    template = cron_job["spec"]["jobTemplate"]
    meta: dict[str, Any] = {"name": name, "namespace": cron_job["metadata"]["namespace"]}
    for field in ("labels", "annotations"):
        if (template.get("metadata") or {}).get(field):
            meta[field] = template["metadata"][field]
    meta["ownerReferences"] = [owner_reference(cron_job)]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": template["spec"]}


def _schedule(cron_job: Object) -> Schedule:
    return schedules.parse(cron_job["spec"]["schedule"], cron_job["spec"].get("timeZone") or "")


def _reference(job: Object) -> dict[str, str]:
    meta = job["metadata"]
    names = {name: meta[name] for name in ("name", "namespace", "uid", "resourceVersion")}
    return {"apiVersion": job["apiVersion"], "kind": job["kind"], **names}


def _end(job: Object) -> str:
    """``Complete`` or ``Failed``; empty while the Job runs."""
    for entry in get_path(job, ("status", "conditions")) or ():
        if entry["type"] in ("Complete", "Failed") and entry["status"] == "True":
            return str(entry["type"])
    return ""


def _leave(status: dict[str, Any], uid: str) -> None:
    status["active"] = [entry for entry in status.get("active") or () if entry["uid"] != uid]


def _by_start(job: Object) -> tuple[str, str]:
    return get_path(job, ("status", "startTime")) or "9", job["metadata"]["name"]
