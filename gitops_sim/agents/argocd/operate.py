"""Running the operation that an Application carries, step by step, and trying it again when it fails.

Source: ``controller/appcontroller.go`` (processRequestedAppOperation) and ``controller/sync.go`` (SyncAppState). The counter
is raised before the wait is computed, so the default waits are 10, 20, 40, 80 and 160 s although the message announces 5 s
first, as in the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gitops_sim.agents.argocd import history, status
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.approval import approved
from gitops_sim.agents.argocd.clusters import Place, UnreachableError
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.agents.argocd.desired import DesiredState, LoadFailedError
from gitops_sim.agents.argocd.memory import Cause, Level, Memory
from gitops_sim.agents.argocd.operation import Request, read_request
from gitops_sim.agents.argocd.refresh import Workshop
from gitops_sim.agents.argocd.results import Outcome
from gitops_sim.agents.argocd.sync import SyncRun
from gitops_sim.agents.argocd.task import ENDED, Result, read_result
from gitops_sim.clock import EPOCH, parse_timestamp
from gitops_sim.objects import Key, Object, get_path, without_path

_LOOK_AGAIN = 30.0
"""Seconds; a running operation is looked at at least so often."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at an operation: what is asked for, since when, and how often it was tried before."""

    request: Request | None
    started: str
    retries: int
    terminating: bool
    state: Mapping[str, Any]
    """``status.operationState`` as it is; empty before the first step."""


class Operator:
    """``later(key, delay)`` asks to be called again for an operation; ``again`` asks for a look at the result."""

    def __init__(
        self, shop: Workshop, later: Callable[[Key, float], object], again: Callable[[Key, float, Level, Cause], object]
    ) -> None:
        self._shop, self._later, self._again = shop, later, again

    def operate(self, obj: Object, app: Application, memory: Memory) -> None:
        """Goes on with the pending operation, if there is one, until it has to wait for something."""
        while obj.get("operation"):
            attempt = self._attempt(obj, app)
            due = self._due(attempt, memory)
            if due > self._shop.clock.now:
                self._later(app.key, due - self._shop.clock.now)
                return
            if self._blocked(obj, app, memory, attempt) or not self._step(obj, app, memory, attempt):
                return
            latest = self._shop.cluster.find("applications.argoproj.io", app.name, app.namespace)
            if latest is None:
                return  # what was synced held the Application itself, and it is gone
            obj = latest

    def _blocked(self, obj: Object, app: Application, memory: Memory, attempt: Attempt) -> bool:
        """Whether a sync window keeps the operation from going on; it is looked at again later."""
        if attempt.request is None or attempt.terminating or memory.paused is not None:
            return False
        began = parse_timestamp(attempt.started) if attempt.state else None
        why = self._shop.window_closed(app, manual=not attempt.request.automated, began=began)
        if not why:
            return False
        begun = {"operation": obj["operation"], "phase": "Running", "startedAt": attempt.started}
        wanted = {**(attempt.state or begun), "message": why}
        if attempt.state != wanted:
            self._shop.journal.blocked(app, why)
            self._write(app, obj, {**status.of(obj), "operationState": wanted})
        self._later(app.key, _LOOK_AGAIN)
        return True

    # ------------------------------------------------------------------ a step

    def _attempt(self, obj: Object, app: Application) -> Attempt:
        request = read_request(obj["operation"], app)
        found = status.of(obj)
        if not status.in_progress(found):
            return Attempt(request, self._shop.clock.timestamp(), 0, False, {})
        state = found["operationState"]
        return Attempt(request, state["startedAt"], state.get("retryCount", 0), state["phase"] == "Terminating", state)

    def _due(self, attempt: Attempt, memory: Memory) -> float:
        """When it can go on: at once, after the pause of a wave, or after the wait for another try."""
        if memory.paused is not None:
            return memory.paused[0]
        finished = attempt.state.get("finishedAt")
        if attempt.terminating or not finished or attempt.request is None:
            return self._shop.clock.now
        return parse_timestamp(finished) + attempt.request.retry.wait(attempt.retries)

    def _step(self, obj: Object, app: Application, memory: Memory, attempt: Attempt) -> bool:
        """Says whether anything new came of it."""
        if memory.paused is not None:
            _, outcome, revision = memory.paused
            memory.paused = None
            if attempt.terminating:
                outcome = replace(outcome, phase="Terminating", message="operation is terminating")
        else:
            outcome, revision = self._run(obj, app, memory, attempt)
            if outcome.delay:
                memory.paused = self._shop.clock.now + outcome.delay, outcome, revision
                self._begin(obj, app, attempt)
                return True
        return self._record(obj, app, memory, attempt, outcome, revision)

    def _run(self, obj: Object, app: Application, memory: Memory, attempt: Attempt) -> tuple[Outcome, str]:
        request = attempt.request
        if request is None:
            return Outcome("Error", "Invalid operation request: no operation specified"), ""
        problems = self._shop.problems(app)
        if problems:
            return Outcome("Error", ";".join(f"InvalidSpecError: {problem}" for problem in problems)), request.revision
        wanted = self._revision(attempt, request)
        try:
            revision, desired = self._load(app, memory, request, wanted)
            place = self._shop.clusters.place(app.destination)
        except LoadFailedError as error:
            return Outcome("Error", f"ComparisonError: Failed to load target state: {error.message}"), wanted
        except UnreachableError as error:
            return Outcome("Error", f"ComparisonError: Failed to load live state: {error}"), wanted
        results = self._results(place, attempt, memory)
        comparison, project = self._shop.compare(app, revision, desired), self._shop.project(app)
        assert project is not None
        refused = self._refusal(request, comparison)
        if refused is not None:
            return refused, revision
        if not results:
            self._shop.journal.started(app, request, revision, attempt.retries)
        run = SyncRun(
            place,
            project,
            app,
            request,
            comparison,
            desired,
            started=attempt.started,
            results=results,
            confirmed=approved(obj, attempt.started),
            customizations=self._shop.customizations,
        )
        outcome = run.terminate() if attempt.terminating else run.run()
        memory.results = outcome.results
        self._shop.journal.dropped(app, memory, desired, outcome.results)
        return outcome, revision

    def _load(self, app: Application, memory: Memory, request: Request, wanted: str) -> tuple[str, DesiredState]:
        if memory.desired is not None and wanted == memory.revision and request.source is app.source:
            return memory.revision, memory.desired
        revision = self._shop.sources.resolve(request.source, wanted)
        return revision, self._shop.sources.load(app, revision, request.source)

    @staticmethod
    def _revision(attempt: Attempt, request: Request) -> str:
        """The one that was begun with, or the one that is asked for; a retry may take what is newest."""
        if _results_in(attempt.state):
            return history.revision_of(attempt.state["syncResult"])
        return "" if attempt.retries and request.retry.refresh else request.revision

    @staticmethod
    def _refusal(request: Request, comparison: Comparison) -> Outcome | None:
        """Why an operation cannot be begun, or go on."""
        shared = next((c.message for c in comparison.conditions if c.type == "SharedResourceWarning"), "")
        if shared and "FailOnSharedResource=true" in request.options:
            return Outcome("Failed", f"Shared resource found: {shared}")
        if comparison.errors:
            return Outcome("Error", ";".join(f"{error.type}: {error.message}" for error in comparison.errors))
        return None

    def _results(self, place: Place, attempt: Attempt, memory: Memory) -> Sequence[Result]:
        """What the steps before led to: as remembered, or as the status has it."""
        entries = _results_in(attempt.state)
        if not entries:
            return ()
        if [result.as_status() for result in memory.results] == entries:
            return memory.results
        kinds = place.cluster.kinds
        known = [(entry, kinds.of(entry.get("group", ""), entry["kind"])) for entry in entries]
        return [read_result(entry, namespaced=kind is None or kind.namespaced) for entry, kind in known]

    # ------------------------------------------------------------------ what comes of it

    def _begin(self, obj: Object, app: Application, attempt: Attempt) -> None:
        """The operation runs, and while a wave has its pause there is nothing more to say."""
        if attempt.state and not attempt.state.get("finishedAt"):
            return
        text = f"Retrying operation. Attempt #{attempt.retries}" if attempt.retries else ""
        state = status.operation_state(
            obj["operation"], attempt.request, app, "Running", text, started=attempt.started, retries=attempt.retries
        )
        self._write(app, obj, {**status.of(obj), "operationState": state})

    def _record(self, obj: Object, app: Application, memory: Memory, attempt: Attempt, outcome: Outcome, revision: str) -> bool:
        if outcome.phase not in ENDED:
            return self._go_on(obj, app, attempt, outcome, revision)
        self._finish(obj, app, memory, attempt, outcome, revision)
        return False

    def _go_on(self, obj: Object, app: Application, attempt: Attempt, outcome: Outcome, revision: str) -> bool:
        """It waits for something: what for goes into the status, once."""
        state = status.operation_state(
            obj["operation"],
            attempt.request,
            app,
            outcome.phase,
            outcome.message,
            results=outcome.results,
            revision=revision,
            started=attempt.started,
            retries=attempt.retries,
        )
        if state == attempt.state:
            return False
        if outcome.message != attempt.state.get("message"):
            self._shop.journal.waiting(app, outcome, revision)
        self._write(app, obj, {**status.of(obj), "operationState": state})
        return True

    def _finish(self, obj: Object, app: Application, memory: Memory, attempt: Attempt, outcome: Outcome, revision: str) -> None:
        now, request, retries = self._shop.clock.timestamp(), attempt.request, attempt.retries
        failed = outcome.phase != "Succeeded"
        again = failed and request is not None and not attempt.terminating and request.retry.allows(retries)
        self._tell(app, memory, attempt, outcome, revision, again)
        memory.results = ()
        if again and request is not None:
            announced = self._kitchen(request.retry.wait(retries))
            message = f"{outcome.message}. Retrying attempt #{retries + 1} at {announced}."
            outcome, retries = Outcome("Running", message, outcome.results), retries + 1
        elif failed and retries:
            outcome = Outcome(outcome.phase, f"{outcome.message} (retried {retries} times).", outcome.results)
        before = status.of(obj)
        after: dict[str, Any] = {
            **before,
            "operationState": status.operation_state(
                obj["operation"],
                request,
                app,
                outcome.phase,
                outcome.message,
                results=outcome.results,
                revision=revision,
                started=attempt.started,
                finished=now,
                retries=retries,
            ),
        }
        if outcome.phase == "Succeeded" and request is not None and not request.partial and not request.dry_run:
            after["history"] = history.added(
                before.get("history") or [],
                revision=revision,
                source=request.source,
                started=attempt.started,
                now=now,
                by=obj["operation"].get("initiatedBy") or {},
                limit=app.history_limit,
            )
        if not self._write(app, obj, after, done=outcome.phase != "Running"):
            return
        if again and request is not None:
            self._later(app.key, request.retry.wait(retries))
            return
        self._report(obj, request, outcome, revision)
        if request is None or not request.dry_run:
            known = request is not None and request.automated and revision == memory.revision
            level = Level.RECENT if known else Level.FORCE
            self._again(app.key, 0.0, level, "operation")

    def _write(self, app: Application, obj: Object, after: Mapping[str, Any], *, done: bool = False) -> bool:
        """Says whether the Application is still there."""
        latest = self._shop.cluster.find("applications.argoproj.io", app.name, app.namespace)
        if latest is None:
            return False  # what was synced held the Application itself, and it is gone
        self._shop.cluster.update({**(without_path(latest, ("operation",)) if done else latest), "status": after})
        return True

    def _tell(self, app: Application, memory: Memory, attempt: Attempt, outcome: Outcome, revision: str, again: bool) -> None:
        journal, request, retries = self._shop.journal, attempt.request, attempt.retries
        if outcome.phase == "Succeeded" and request is not None:
            journal.succeeded(app, request, outcome, revision, waited=memory.waits)
            memory.waits = False
            journal.pruned(app, memory, outcome.results, revision)
        else:
            wait = request.retry.wait(retries + 1) if again and request is not None else None
            journal.failed(app, request, outcome, revision, retries=retries, again=wait)

    def _report(self, obj: Object, request: Request | None, outcome: Outcome, revision: str) -> None:
        """The Kubernetes event at the end of an operation."""
        what = "Partial sync operation" if request is not None and request.partial else "Sync operation"
        to = f" to {revision}" if revision else ""
        if outcome.phase == "Succeeded":
            self._shop.audit.write(obj, "OperationCompleted", f"{what}{to} succeeded")
        else:
            self._shop.audit.write(obj, "OperationCompleted", f"{what}{to} failed: {outcome.message}", warning=True)

    def _kitchen(self, delay: float) -> str:
        """``9:02AM``, as Go's ``time.Kitchen``."""
        moment = EPOCH + timedelta(seconds=self._shop.clock.now + delay)
        return f"{moment.hour % 12 or 12}:{moment:%M}{'AM' if moment.hour < 12 else 'PM'}"


def _results_in(state: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Those of this attempt: what an earlier one led to, which waits to be tried again, does not count."""
    return () if state.get("finishedAt") else get_path(state, ("syncResult", "resources")) or ()
