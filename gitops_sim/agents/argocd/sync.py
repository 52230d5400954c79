"""A sync operation, step by step: phases, waves, hooks, and what each step waits for.

Every step looks at the cluster anew, so an operation goes on from whatever it finds: the results so far are all that it takes
along. An operation of one wave without hooks succeeds as soon as everything is applied: it does not wait for health. Before
anything is written, all of it is tried as a client's dry run, which finds little since the API server took over validation; nor
does ``Validate=false`` change what that server refuses. Source: ``gitops-engine/pkg/sync/sync_context.go``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.applying import Applier, Done
from gitops_sim.agents.argocd.clusters import Place
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.agents.argocd.customizations import Customizations
from gitops_sim.agents.argocd.desired import DesiredState
from gitops_sim.agents.argocd.operation import Request
from gitops_sim.agents.argocd.plan import Plan
from gitops_sim.agents.argocd.project import Project
from gitops_sim.agents.argocd.results import Outcome, Results, with_reasons
from gitops_sim.agents.argocd.task import Phase, Result, ResultCode, Task
from gitops_sim.agents.argocd.validity import faults
from gitops_sim.agents.health import HOOK_FINALIZER
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, with_path

WAVE_DELAY = 2.0
"""Seconds between a wave that is not the last one and whatever comes next, so that controllers can react to it."""

_RunState = Literal["successful", "pending", "failed"]
_AFTER: dict[ResultCode, Phase] = {
    "Synced": "Running",
    "SyncFailed": "Failed",
    "Pruned": "Succeeded",
    "PruneSkipped": "Succeeded",
}


class SyncRun:
    """One step of one operation, against what a comparison found at ``place``. ``started`` is when the operation began (a
    timestamp), ``results`` what the steps before led to, ``confirmed`` whether a person approved of deletions."""

    def __init__(
        self,
        place: Place,
        project: Project,
        app: Application,
        request: Request,
        comparison: Comparison,
        desired: DesiredState,
        *,
        started: str,
        results: Iterable[Result] = (),
        confirmed: bool = False,
        customizations: Customizations | None = None,
    ) -> None:
        self._cluster, self._app, self._request = place.cluster, app, request
        self._place, self._project = place, project
        self._confirmed = confirmed
        self._customizations = customizations or Customizations()
        self._applier = Applier(place.cluster, app, request, self._customizations)
        self._plan = Plan(place.cluster, app, request, comparison, desired, started)
        self._results = Results(app, results, self._asks)

    def run(self) -> Outcome:
        """One step ahead."""
        self._step()
        return self._results.outcome()

    def terminate(self) -> Outcome:
        """Ends the operation: running hooks are deleted, what was applied stays."""
        tasks = self._tasks()
        self._release(task for task in tasks if task.hook and task.ended)
        for task in tasks:
            if task.hook and task.running:
                self._end_hook(task)
        self._results.stands("Failed", "Operation terminated")
        return self._results.outcome()

    # ------------------------------------------------------------------ the step

    def _tasks(self) -> list[Task]:
        """Everything that the operation does, with what became of it so far."""
        tasks = self._plan.tasks()
        self._results.recall(tasks)
        return tasks

    def _step(self) -> None:
        tasks = self._tasks()
        if not self._permitted(tasks):
            return
        if not self._results and not self._begin(tasks):
            return
        self._observe(tasks)
        several = len({(task.phase, task.wave) for task in (tasks[:1] + tasks[-1:])}) > 1
        running = [task for task in tasks if (several or task.hook) and task.running]
        if running:
            self._miss(running)
            self._results.wait(running)
            return
        going = [t for t in tasks if t.status == "Pruned" and t.live and t.live["metadata"].get("deletionTimestamp")]
        if going:
            self._results.wait(going, deletion=True)
            return
        self._release(task for task in tasks if task.hook and task.ended)
        on_failure = [task for task in tasks if task.phase == "SyncFail"]
        rest = [task for task in tasks if task.phase != "SyncFail"]
        if any(task.ended and task.state != "Succeeded" for task in rest):
            self._delete_hooks(tasks, "HookFailed")
            failed = [task for task in rest if task.status == "SyncFailed"]
            self._fail(on_failure, failed, "one or more synchronization tasks completed unsuccessfully")
            return
        pending = self._plan.out_of_sync([task for task in rest if task.pending])
        if not pending:
            self._delete_hooks(tasks, "HookSucceeded")
            self._results.stands("Succeeded", "successfully synced (no more tasks)")
            return
        self._run_wave(tasks, pending, on_failure)

    def _permitted(self, tasks: list[Task]) -> bool:
        """Whether all tasks can be done; if not, nothing is touched."""
        found = faults(tasks, self._place, self._project, self._request.options)
        for fault in found:
            self._results.note(fault.task, "SyncFailed", "", fault.message)
        if found:
            text = "; ".join(sorted({fault.reason for fault in found}))
            self._results.stands("Failed", f"one or more synchronization tasks are not valid: {text}")
        return not found

    def _begin(self, tasks: list[Task]) -> bool:
        """The first step: the namespace, then the dry run of everything. Says whether all is well."""
        namespace = next((task for task in tasks if task.live is None and self._plan.is_home(task)), None)
        if namespace is not None and self._run([namespace]) == "failed":
            self._fail([], [namespace], "the namespace failed to apply")
            return False
        if self._run(self._plan.out_of_sync([task for task in tasks if task is not namespace]), dry_run=True) == "failed":
            self._results.stands("Failed", "one or more objects failed to apply (dry run)")
            return False
        return True

    def _observe(self, tasks: list[Task]) -> None:
        """What became of what was applied in the steps before."""
        for task in tasks:
            if not task.running or task.live is None:
                continue
            health = self._customizations.health(task.live)
            if task.hook:
                self._note_hook(task)
            elif health is None:
                self._results.note(task, task.status, "Succeeded", task.message)
            elif health[0] in ("Healthy", "Degraded"):
                self._results.note(task, task.status, "Succeeded" if health[0] == "Healthy" else "Failed", health[1])

    def _run_wave(self, tasks: list[Task], pending: list[Task], on_failure: list[Task]) -> None:
        first, last = pending[0], pending[-1]
        wave = [task for task in pending if (task.phase, task.wave) == (first.phase, first.wave)]
        final = (first.phase, first.wave) == (last.phase, last.wave)
        state = self._run(wave)
        if state != "failed" and not final:
            self._results.delay = WAVE_DELAY
        if state == "pending":
            self._results.wait([t for t in wave if t.deletes_first or (t.prunes and t.pending)], deletion=True)
        elif state == "successful":
            if final and not any(task.hook for task in wave):
                self._delete_hooks(tasks, "HookSucceeded")
                self._results.stands("Succeeded", "successfully synced (all tasks run)")
            else:
                self._results.wait(wave)
        else:
            self._wave_failed(tasks, wave, on_failure)

    def _wave_failed(self, tasks: list[Task], wave: list[Task], on_failure: list[Task]) -> None:
        failed = [task for task in wave if task.status == "SyncFailed"]
        running = [task for task in wave if task.running]
        text = "one or more objects failed to apply"
        if running:
            if on_failure and not self._fail(on_failure, failed, text):
                running += on_failure
            self._results.wait(running)
        elif self._fail(on_failure, failed, text):
            self._delete_hooks(tasks, "HookFailed")

    def _fail(self, on_failure: list[Task], failed: list[Task], text: str) -> bool:
        """Runs what is to be run on failure; then, or without it, the operation has failed. Says whether it has."""
        message = with_reasons(text, failed)
        if all(task.ended for task in on_failure):
            worse = [task for task in on_failure if task.status == "SyncFailed"]
            more = f"\n{with_reasons('one or more SyncFail hooks failed', worse)}" if worse else ""
            self._results.stands("Failed", message + more)
            return True
        pending = [task for task in on_failure if not task.ended and not task.running]
        self._run(pending)
        self._results.wait(pending)
        return False

    # ------------------------------------------------------------------ doing

    def _run(self, tasks: list[Task], *, dry_run: bool = False) -> _RunState:
        """Prunes first, then makes room for hooks that are made anew, then applies; every kind after the one before."""
        dry = dry_run or self._request.dry_run
        creates = [task for task in tasks if not task.prunes]
        if not dry:
            self._release(task for task in creates if task.hook and task.pending and task.live is not None)
        prunes = [task for task in tasks if task.prunes]
        if any(map(self._asks, prunes)):
            return "pending"
        failed = False
        for task in prunes:
            failed |= self._keep(task, self._applier.prune(task, dry_run=dry), dry_run)
        if failed:
            return "failed"
        if not dry and self._makes_room(creates):
            return "pending"
        for task in creates:
            failed |= self._keep(task, self._applier.rehearse(task) if dry else self._applier.apply(task), dry_run)
        return "failed" if failed else "successful"

    def _makes_room(self, tasks: list[Task]) -> bool:
        """Deletes hooks that are still there from before; says whether there were any."""
        found = False
        for task in tasks:
            if not task.deletes_first:
                continue
            task.live = self._find(task)
            if task.live is not None:
                self._applier.delete(task.key, task.live)
                found = True
        return found

    def _keep(self, task: Task, done: Done, rehearsal: bool) -> bool:
        """Notes what was done, unless it was only rehearsed well. Says whether it failed."""
        failed = done.status == "SyncFailed"
        if failed or not rehearsal or self._request.dry_run:
            phase = _AFTER[done.status]
            if self._request.dry_run and phase == "Running":
                phase = "Succeeded"
            self._results.note(task, done.status, phase, done.message, verb=done.verb)
        return failed

    def _miss(self, running: list[Task]) -> None:
        """What was applied and is not there any more cannot become healthy."""
        for task in running:
            if task.live is None and self._find(task) is None:
                key = task.key
                text = f"Resource {key.group}/{key.kind}/{key.name} is missing, it might have been deleted"
                self._results.note(task, "SyncFailed", "Error", text)

    def _note_hook(self, task: Task) -> Phase:
        """A hook has succeeded when it is healthy, and failed when it is degraded."""
        assert task.live is not None
        health = self._customizations.health(task.live)
        phase: Phase = "Succeeded"
        if health is not None and health[0] != "Healthy":
            phase = "Failed" if health[0] in ("Unknown", "Degraded") else "Running"
        self._results.note(task, task.status, phase, f"{task.key.name} created" if health is None else health[1])
        return phase

    def _end_hook(self, task: Task) -> None:
        task.live = self._find(task)
        if task.live is None:
            self._results.note(task, task.status, "Succeeded", "Terminated")
            return
        phase = self._note_hook(task)
        self._release([task])
        if phase == "Running" or "HookFailed" in task.policies:
            self._applier.delete(task.key, task.live)
        if phase == "Running":
            self._results.note(task, task.status, "Failed", "Terminated")

    def _delete_hooks(self, tasks: list[Task], policy: hooks.DeletePolicy) -> None:
        for task in tasks:
            if task.hook and task.live is not None and not task.running and policy in task.policies:
                self._applier.delete(task.key, task.live)

    def _release(self, tasks: Iterable[Task]) -> None:
        """Takes the finalizer off hooks, so that they may go."""
        for task in tasks:
            live = self._find(task)
            finalizers = [] if live is None else list(live["metadata"].get("finalizers") or ())
            if live is not None and HOOK_FINALIZER in finalizers:
                finalizers.remove(HOOK_FINALIZER)
                try:
                    task.live = self._cluster.update(with_path(live, ("metadata", "finalizers"), finalizers))
                except ApiError as error:
                    if error.code != 404:
                        raise

    def _asks(self, task: Task) -> bool:
        """Whether a person has yet to approve of pruning something."""
        return not self._confirmed and self._applier.waits_for_confirmation(task)

    def _find(self, task: Task) -> Object | None:
        return self._cluster.find(self._cluster.kind_of(task.object), task.key.name, task.key.namespace)
