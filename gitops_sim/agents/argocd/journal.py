"""What Argo CD leaves in the trace: every decision, with the rule behind it, told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd import story
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.autosync import Decision, self_heal_delay
from gitops_sim.agents.argocd.compare import Comparison, Condition, Resource
from gitops_sim.agents.argocd.desired import DesiredState
from gitops_sim.agents.argocd.memory import Cause, Memory
from gitops_sim.agents.argocd.operation import Request
from gitops_sim.agents.argocd.results import Outcome
from gitops_sim.agents.argocd.task import Result
from gitops_sim.clock import format_duration
from gitops_sim.objects import Key, dotted, get_path
from gitops_sim.trace import Trace

_BY: dict[Cause, str] = {
    "new": "compares{name} for the first time",
    "poll": "polls{for_it}",
    "refresh": "refreshes{name}, as asked",
    "spec": "compares{name}, for the Application changed",
    "watch": "sees it at once (watch){in_it}",
    "self-heal": "compares{name} again before it self-heals",
    "operation": "compares{name} after the sync",
    "project": "compares{name}, for the project changed",
    "cluster": "compares{name}, for the clusters that it knows changed",
    "settings": "compares{name}, for argocd-cm changed",
}


class Journal:
    """``actor`` is the name in the trace; ``where`` tells clusters apart in the data; ``polling`` says how often Git is asked.

    ``several``: there is more than one Application, so that a line says which one it is about. A lone one is never named.
    """

    def __init__(self, trace: Trace, actor: str, where: str) -> None:
        self._trace, self._actor, self._where = trace, actor, where
        self.polling, self.several = "", False

    def add(
        self,
        app: Application,
        event: str,
        message: str,
        *,
        subject: str = "",
        reason: str = "",
        story: bool = True,
        **data: Any,
    ) -> None:
        self._trace.add(
            self._actor,
            event,
            subject or str(app.key),
            message,
            reason=reason,
            story=story,
            app=_full_name(app),
            cluster=self._where,
            **data,
        )

    def called(self, app: Application, before: str = "") -> str:
        """`` web``, with a word ``before`` it (`` of web``), where it has to be said which Application is meant; else nothing."""
        return f"{f' {before}' if before else ''} {_full_name(app)}" if self.several else ""

    def _by(self, app: Application, cause: Cause) -> str:
        """How a look begins that has this cause."""
        return _BY[cause].format(name=self.called(app), for_it=self.called(app, "for"), in_it=self.called(app, "in"))

    def _to(self, app: Application, target: str) -> str:
        """Where a sync leads: ``4be1c07``, or ``web to 4be1c07``."""
        return f"{_full_name(app)} to {target}" if self.several else target

    def refused(self, key: Key, message: str) -> None:
        """The cluster does not let an Application be worked on."""
        self._trace.add(
            self._actor,
            "AgentRefused",
            str(key),
            f"may not work on {key.name}: {message}",
            reason="its ServiceAccount lacks the right",
            story=True,
            app=key.name,
            cluster=self._where,
        )

    # ------------------------------------------------------------------ comparing

    def compared(
        self, app: Application, memory: Memory, comparison: Comparison, cause: Cause, previous: str, next_poll: float, now: float
    ) -> None:
        """The line for one look, if it found something that was not told before; and a record for every resource that differs."""
        fresh = [r for r in comparison.out_of_sync if (r.key, _mark(r)) not in memory.told]
        memory.told = {(r.key, _mark(r)) for r in comparison.out_of_sync}
        found = comparison.revision != previous
        short = comparison.revision[:7]
        at_once = cause == "watch" and 0 < len(fresh) <= 3 and not found
        for resource in fresh:
            self._resource(app, comparison, resource, cause, at_once)
        if cause == "poll" and found:
            self.add(
                app,
                "PollFoundRevision",
                f"{self._by(app, cause)} (next in {format_duration(next_poll - now)}), finds {short}: {_summary(comparison)}",
                reason=f"{self.polling}, it asks Git for the revision",
                revision=comparison.revision,
                previous=previous,
                next_poll=next_poll,
                sync=comparison.sync,
            )
        elif (fresh or found or cause == "new") and not at_once:
            text = f"{self._by(app, cause)}{f' with {short}' if found or cause == 'operation' else ''}: {_summary(comparison)}"
            self.add(
                app,
                "ComparedOutOfSync" if comparison.out_of_sync else "ComparedSynced",
                text,
                story=bool(fresh) or cause != "operation",
                revision=comparison.revision,
                previous=previous,
                cause=cause,
                sync=comparison.sync,
            )

    def _resource(self, app: Application, comparison: Comparison, resource: Resource, cause: Cause, at_once: bool) -> None:
        drift = cause == "watch"
        self.add(
            app,
            "DriftDetected" if drift else "ComparedOutOfSync",
            f"{self._by(app, cause)}: {story.difference(resource)}",
            subject=str(resource.key),
            reason="managed objects are watched, Git is not asked" if drift else "",
            story=at_once,
            revision=comparison.revision,
            cause=cause,
            fields=story.fields_of(resource),
            missing=resource.missing,
            requires_pruning=resource.requires_pruning,
            source=resource.target.where if resource.target else "",
        )

    def cannot_load(self, app: Application, memory: Memory, message: str, mend: str, *, ignored: float = 0.0) -> None:
        """Git's side is not to be had. ``ignored``: seconds for which such an error is not shown yet."""
        if ignored:
            if memory.once(f"ignored {message}"):
                what = f"the target state{self.called(app, 'of')}"
                text = f"cannot load {what}, and waits {format_duration(ignored)} before it says so: {message}"
                self.add(app, "GitErrorIgnored", text, reason="a first Git error may pass by itself", mend=mend, error=message)
        elif memory.once(f"failed {message}"):
            text = f"cannot load the target state{self.called(app, 'of')}: {message}"
            self.add(app, "ComparisonFailed", text, reason=mend, mend=mend, error=message)

    def comparison_error(self, app: Application, memory: Memory, error: Condition) -> None:
        """Both sides are there and cannot be compared, or a manifest lacks what it needs."""
        if memory.once(f"failed {error.message}"):
            self.add(app, "ComparisonFailed", f"cannot compare{self.called(app)}: {error.message}", error=error.message)

    def unusable(self, app: Application, memory: Memory, problems: Sequence[str]) -> None:
        text = "; ".join(problems)
        if memory.once(f"unusable {text}"):
            self.add(app, "SpecInvalid", f"cannot use the Application{self.called(app)}: {text}", problems=list(problems))

    def unsupported(self, app: Application, memory: Memory, what: Sequence[str]) -> None:
        """What the user wrote and this simulator does not honour: no condition, for the real one would; but never silently."""
        if what and memory.once("; ".join(what), for_good=True):
            text = f"does not honour{self.called(app, 'in')} (not simulated yet): {'; '.join(what)}"
            self.add(app, "OptionIgnored", text, story=False, options=list(what))

    # ------------------------------------------------------------------ deciding

    def decided(self, app: Application, memory: Memory, comparison: Comparison, decision: Decision) -> None:
        """Why auto-sync does nothing, once for each reason and revision."""
        if comparison.sync != "OutOfSync" or decision.verdict in ("sync", "heal"):
            return
        if decision.verdict == "wait":
            if memory.once(f"wait {comparison.revision} {decision.attempt}"):
                text = f"waits {format_duration(decision.wait)} before it self-heals{self.called(app)}: {decision.reason}"
                self.add(app, "SelfHealDelayed", text, wait=decision.wait, attempt=decision.attempt, revision=comparison.revision)
            return
        if decision.gate in ("operation", "deletion") or not memory.once(f"skip {decision.gate} {comparison.revision}"):
            return
        leaves = f"leaves{self.called(app)} as it is" if self.several else "leaves it so"
        verb = leaves if decision.gate in ("selfHeal", "prune", "automated") else f"does not sync{self.called(app)}"
        self.add(
            app,
            "SyncSkipped",
            f"{verb}: {decision.reason}",
            reason=decision.reason,
            gate=decision.gate,
            revision=comparison.revision,
            error=decision.error,
        )

    # ------------------------------------------------------------------ syncing

    def started(self, app: Application, request: Request, revision: str, retries: int) -> None:
        by = "automated" if request.automated else request.username
        text = f"starts to sync {self._to(app, revision[:7] or 'the target revision')}" + (
            f", retry {retries}" if retries else ""
        )
        self.add(
            app,
            "SyncStarted",
            text,
            story=False,
            revision=revision,
            initiated_by=by,
            prune=request.prune,
            partial=request.partial,
            retries=retries,
        )

    def waiting(self, app: Application, outcome: Outcome, revision: str) -> None:
        """An operation of several steps, between two of them."""
        text = f"syncs {self._to(app, revision[:7])}: {story.applied(outcome.results)}; {outcome.message}"
        self.add(app, "SyncWaiting", text, revision=revision, phase=outcome.phase, results=_results(outcome.results))

    def succeeded(self, app: Application, request: Request, outcome: Outcome, revision: str, *, waited: bool) -> None:
        done = story.applied(outcome.results)
        short = revision[:7]
        heals, rolled_back_to = request.self_heal_attempts, request.rollback
        dry = " (dry run)" if request.dry_run else ""
        self.add(
            app,
            "SyncSucceeded",
            f"syncs {self._to(app, short)}{dry}: {done}",
            story=not heals and rolled_back_to is None,
            reason=outcome.message,
            revision=revision,
            results=_results(outcome.results),
            initiated_by="automated" if request.automated else request.username,
        )
        if heals:
            delay = self_heal_delay(heals - 1) if waited else 0.0
            self.add(
                app,
                "SelfHealed",
                f"self-heals{self.called(app)}, {story.waited(heals, delay)}: {done}",
                reason="selfHeal is on: what differs is applied again, without hooks and without a history entry",
                revision=revision,
                attempt=heals,
                results=_results(outcome.results),
            )
        elif rolled_back_to is not None:
            self.add(
                app,
                "RolledBack",
                f"rolls{self.called(app)} back to {short} (history id {rolled_back_to}): {done}",
                reason="it applies what was deployed then; Git is left as it is",
                revision=revision,
                id=rolled_back_to,
                initiated_by=request.username,
                results=_results(outcome.results),
            )

    def failed(
        self, app: Application, request: Request | None, outcome: Outcome, revision: str, *, retries: int, again: float | None
    ) -> None:
        """``again``: seconds until it is tried again; None when it is given up."""
        limit = request.retry.limit if request else 0
        what = self._to(app, revision[:7] or "the target revision")
        if again is not None:
            times = f"{retries + 1} of {limit}" if limit >= 0 else f"{retries + 1}"
            text = f"fails to sync {what}, tries again in {format_duration(again)} (retry {times}): {outcome.message}"
        elif retries:
            text = f"gives up syncing {what} after {retries} {'retry' if retries == 1 else 'retries'}: {outcome.message}"
        else:
            text = f"fails to sync {what}: {outcome.message}"
        self.add(
            app,
            "SyncFailed",
            text,
            revision=revision,
            retries=retries,
            retry_in=again,
            error=outcome.message,
            results=_results(outcome.results),
        )

    def blocked(self, app: Application, why: str) -> None:
        """A sync window keeps an operation from starting, or from going on."""
        self.add(app, "SyncBlocked", f"does not sync{self.called(app)} yet: {why}", reason="the project has sync windows")

    def dropped(self, app: Application, memory: Memory, desired: DesiredState, results: Sequence[Result]) -> None:
        """Fields that Git states and the API server does not know: it drops them with a warning that nobody reads."""
        for result in results:
            target = desired.targets.get(result.key)
            fields = [dotted(path) for path in target.unknown_fields] if target and result.status == "Synced" else []
            if target is None or not fields or not memory.once(f"dropped {result.key} {fields}", for_good=True):
                continue
            what = "that field and drops it" if len(fields) == 1 else "those fields and drops them"
            text = (
                f"applies {result.label}{self.called(app, 'of')} without {', '.join(fields)}: the API server does not know {what}"
            )
            rule = "so the Application stays OutOfSync: what Git states never arrives"
            self.add(app, "FieldDropped", text, subject=str(result.key), reason=rule, fields=fields, source=target.where)

    def pruned(self, app: Application, memory: Memory, results: Sequence[Result], revision: str) -> None:
        """A record for every object that was deleted, or kept although Git has it no more."""
        for result in results:
            if result.status == "Pruned":
                text, event = f"prunes {result.label}{self.called(app, 'of')}: it is in the cluster, not in Git", "Pruned"
                self.add(app, event, text, subject=str(result.key), revision=revision)
            elif result.status == "PruneSkipped":
                why = "prune is off" if "requires" in result.message else "it is marked Prune=false"
                text = f"keeps {result.label}{self.called(app, 'of')}, which Git does not have any more: {why}"
                fresh = memory.once(f"kept {result.key}", for_good=True)
                self.add(app, "PruneSkipped", text, subject=str(result.key), reason=why, story=fresh, revision=revision)

    # ------------------------------------------------------------------ the status

    def status_changed(
        self,
        app: Application,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        comparison: Comparison | None,
        moment: str,
    ) -> None:
        """At ``moment``, as the status writes it. What an operation of the same moment told already is not told again."""
        synced = get_path(before, ("operationState", "finishedAt")) == moment
        was, now = _axes(before), _axes(after)
        if was == now:
            return
        text = f"reports {app.name} {now[0]}, {now[1]}"
        if was[0] != now[0]:
            back = now[0] == "Synced" and was[0] in ("OutOfSync", "Unknown") and not synced
            said = f"{text}: cluster and Git agree again" if back else text
            self.add(app, "StatusChanged", said, story=back, old=was[0], new=now[0])
        if was[1] != now[1]:
            cause = _cause(comparison, now[1])
            blip = was[1] == "Progressing" and get_path(before, ("health", "lastTransitionTime")) == moment
            told = (now[1] in ("Healthy", "Degraded", "Suspended") and not blip) or (now[1] == "Missing" and was[1] != "")
            self.add(app, "HealthChanged", text + (f": {cause}" if cause else ""), story=told, old=was[1], new=now[1])


def _full_name(app: Application) -> str:
    return app.name if app.instance == app.name else f"{app.namespace}/{app.name}"


def _mark(resource: Resource) -> Any:
    return (
        tuple((d.path, repr(d.desired), repr(d.live)) for d in resource.differences),
        resource.missing,
        resource.requires_pruning,
    )


def _summary(comparison: Comparison) -> str:
    if comparison.out_of_sync:
        return story.differences(comparison.out_of_sync)
    return "nothing to change" if comparison.resources else "there is nothing in it"


def _results(results: Sequence[Result]) -> list[dict[str, Any]]:
    return [{"resource": str(r.key), "status": r.status, "verb": r.verb, "message": r.message} for r in results]


def _axes(status: Mapping[str, Any]) -> tuple[str, str]:
    return get_path(status, ("sync", "status"), ""), get_path(status, ("health", "status"), "")


def _cause(comparison: Comparison | None, health: str) -> str:
    """The first resource that is to blame for a health that is not good, with its message."""
    if comparison is None or health in ("Healthy", "Missing"):
        return ""
    for resource in comparison.resources:
        if resource.live is not None and resource.health is not None and resource.health[0] == health:
            return resource.health[1] or resource.label
    return ""
