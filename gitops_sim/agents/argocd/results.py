"""What an operation says of each object and of the whole, in the words of the real one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.compare import images_of
from gitops_sim.agents.argocd.task import Phase, Result, State, Status, Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended, or where it stands. ``delay``: seconds until it says so, for it has just applied a wave."""

    phase: Phase
    message: str
    results: tuple[Result, ...] = ()
    delay: float = 0.0


class Results:
    """``before``: what the steps before led to; ``asks`` says of a task whether a person has to approve of it first."""

    def __init__(self, app: Application, before: Iterable[Result], asks: Callable[[Task], bool]) -> None:
        self._app, self._asks = app, asks
        self._found = {(result.key, result.sync_phase): result for result in before}
        self._phase: Phase = "Running"
        self._message = ""
        self.delay = 0.0
        """Seconds until it is said how the operation stands."""

    def __bool__(self) -> bool:
        return bool(self._found)

    def recall(self, tasks: Iterable[Task]) -> None:
        """Tells the tasks what became of them so far."""
        for task in tasks:
            result = self._found.get((task.key, task.phase))
            if result is not None:
                task.status, task.state, task.message = result.status, result.phase, result.message

    def note(self, task: Task, status: Status, state: State, message: str, *, verb: str = "") -> None:
        """What became of one task; without a ``message`` it keeps the one that it had."""
        task.status, task.state, task.message = status, state, message or task.message
        before = self._found.get((task.key, task.phase))
        if before is not None:
            self._found[task.key, task.phase] = replace(
                before, status=status, phase=state, message=task.message, verb=verb or before.verb
            )
            return
        self._found[task.key, task.phase] = Result(
            task.key,
            task.version,
            status,
            task.message,
            verb or str(status).lower(),
            task.phase,
            state,
            task.hook,
            "" if task.key.namespace else self._app.destination.namespace,
            tuple(images_of(task.object)),
        )

    def wait(self, tasks: Sequence[Task], *, deletion: bool = False) -> None:
        """Names the first thing that is waited for, and how many more there are."""
        if not tasks:
            self.stands("Running", "")
            return
        run = [task for task in tasks if task.hook]
        reason = "completion of hook" if run else "healthy state of"
        if deletion:
            reason = "deletion of hook" if run else "deletion of"
        first, others = (run or tasks)[0], len(tasks) - 1
        what = "hooks" if len(run) == len(tasks) else "resources"
        asked = [t for t in tasks if t.prunes and self._asks(t)]
        if asked:
            reason, first, others = "pruning confirmation of", asked[0], len(asked) - 1
        text = f"waiting for {reason} {first.key.group}/{first.key.kind}/{first.key.name}"
        self.stands("Running", f"{text} and {others} more {what}" if others else text)

    def stands(self, phase: Phase, message: str) -> None:
        """How the operation as a whole is."""
        self._phase, self._message = phase, message

    def outcome(self) -> Outcome:
        return Outcome(self._phase, self._message, tuple(self._found.values()), self.delay)


def with_reasons(text: str, failed: Iterable[Task]) -> str:
    reasons = ",".join(dict.fromkeys(task.message for task in failed))
    return f"{text}, reason: {reasons}" if reasons else text
