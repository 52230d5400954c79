"""Running the operation that an Application carries, and trying it again when it fails.

Source: ``controller/appcontroller.go`` (processRequestedAppOperation) and ``controller/sync.go`` (SyncAppState). The counter
is raised before the wait is computed, so the default waits are 10, 20, 40, 80 and 160 s although the message announces 5 s
first, as in the real one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from gitops_sim.agents.argocd import history, status
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.clusters import UnreachableError
from gitops_sim.agents.argocd.memory import Cause, Level, Memory
from gitops_sim.agents.argocd.operation import Request, read_request
from gitops_sim.agents.argocd.refresh import Workshop
from gitops_sim.agents.argocd.source import LoadFailedError
from gitops_sim.agents.argocd.sync import Outcome, SyncRun
from gitops_sim.clock import EPOCH, parse_timestamp
from gitops_sim.objects import Key, Object, get_path, without_path

_LOOK_AGAIN = 30.0
"""Seconds; a running operation is looked at at least so often."""


class Operator:
    """``retry(key, delay)`` asks to be called again for a failed operation; ``again`` asks for a look at the result."""

    def __init__(
        self, shop: Workshop, retry: Callable[[Key, float], object], again: Callable[[Key, float, Level, Cause], object]
    ) -> None:
        self._shop, self._retry, self._again = shop, retry, again

    def operate(self, obj: Object, app: Application, memory: Memory) -> None:
        """Runs the pending operation, if there is one and its time has come."""
        operation = obj.get("operation")
        if not operation:
            return
        request = read_request(operation, app)
        state = get_path(obj, ("status", "operationState")) or {}
        running = state.get("phase") == "Running" and state.get("operation") == operation
        started, retries = state["startedAt"] if running else self._shop.clock.timestamp(), 0
        if request is not None and state.get("phase") == "Running" and state.get("finishedAt"):
            started, retries = state["startedAt"], state["retryCount"]
            rest = parse_timestamp(state["finishedAt"]) + request.retry.wait(retries) - self._shop.clock.now
            if rest > 0:
                self._retry(app.key, rest)
                return
        if request is not None and self._blocked(obj, app, request, state):
            return
        outcome, revision = self._run(app, memory, request, retries)
        self._finish(obj, app, memory, request, outcome, revision, started, retries)

    # ------------------------------------------------------------------ inside

    def _blocked(self, obj: Object, app: Application, request: Request, state: Mapping[str, Any]) -> bool:
        """Whether a sync window keeps the operation from going on; it is looked at again later."""
        running = state.get("phase") == "Running" and state.get("operation") == obj.get("operation")
        began = parse_timestamp(state["startedAt"]) if running else None
        why = self._shop.window_closed(app, manual=not request.automated, began=began)
        if not why:
            return False
        now = self._shop.clock.timestamp()
        held = {"operation": obj["operation"], "phase": "Running", "message": why, "startedAt": now}
        wanted = {**state, "message": why} if running else held
        if state != wanted:
            self._shop.journal.blocked(app, why)
            self._shop.cluster.update({**obj, "status": {**status.of(obj), "operationState": wanted}})
        self._retry(app.key, _LOOK_AGAIN)
        return True

    def _run(self, app: Application, memory: Memory, request: Request | None, retries: int) -> tuple[Outcome, str]:
        if request is None:
            return Outcome("Error", "Invalid operation request: no operation specified"), ""
        problems = self._shop.problems(app)
        if problems:
            return Outcome("Error", ";".join(f"InvalidSpecError: {problem}" for problem in problems)), request.revision
        wanted = "" if retries and request.retry.refresh else request.revision
        try:
            if memory.desired is not None and wanted == memory.revision and request.source is app.source:
                revision, desired = memory.revision, memory.desired
            else:
                revision = self._shop.sources.resolve(request.source, wanted)
                desired = self._shop.sources.load(app, revision, request.source)
            place = self._shop.clusters.place(app.destination)
        except LoadFailedError as error:
            return Outcome("Error", f"ComparisonError: Failed to load target state: {error.message}"), wanted
        except UnreachableError as error:
            return Outcome("Error", f"ComparisonError: Failed to load live state: {error}"), wanted
        comparison = self._shop.compare(app, revision, desired)
        if comparison.errors:
            return Outcome("Error", ";".join(f"{error.type}: {error.message}" for error in comparison.errors)), revision
        self._shop.journal.started(app, request, revision, retries)
        outcome = SyncRun(place.cluster, app, request, comparison).run()
        self._shop.journal.dropped(app, memory, desired, outcome.results)
        return outcome, revision

    def _finish(
        self,
        obj: Object,
        app: Application,
        memory: Memory,
        request: Request | None,
        outcome: Outcome,
        revision: str,
        started: str,
        retries: int,
    ) -> None:
        now = self._shop.clock.timestamp()
        failed = outcome.phase in ("Failed", "Error")
        again = failed and request is not None and request.retry.allows(retries)
        self._tell(app, memory, request, outcome, revision, retries, again)
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
                obj["operation"], request, outcome, revision, started=started, now=now, retries=retries
            ),
        }
        if outcome.phase == "Succeeded" and request is not None and not request.partial and not request.dry_run:
            after["history"] = history.added(
                before.get("history") or [],
                revision=revision,
                source=request.source.raw,
                started=started,
                now=now,
                by=obj["operation"].get("initiatedBy") or {},
                limit=app.history_limit,
            )
        latest = self._shop.cluster.find("applications.argoproj.io", app.name, app.namespace)
        if latest is None:
            return  # what was synced held the Application itself, and it is gone
        done = latest if outcome.phase == "Running" else without_path(latest, ("operation",))
        self._shop.cluster.update({**done, "status": after})
        if again and request is not None:
            self._retry(app.key, request.retry.wait(retries))
            return
        self._report(obj, request, outcome, revision)
        if request is None or not request.dry_run:
            known = request is not None and request.automated and revision == memory.revision
            level = Level.RECENT if known else Level.FORCE
            self._again(app.key, 0.0, level, "operation")

    def _tell(
        self,
        app: Application,
        memory: Memory,
        request: Request | None,
        outcome: Outcome,
        revision: str,
        retries: int,
        again: bool,
    ) -> None:
        journal = self._shop.journal
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
