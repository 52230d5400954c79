"""What Flux leaves in the trace: every decision, with the rule behind it, told once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gitops_sim.agents.flux import story
from gitops_sim.agents.flux.apply import Entry
from gitops_sim.agents.flux.cause import Cause
from gitops_sim.agents.flux.fetch import FetchError, commit_of, short
from gitops_sim.agents.flux.kustomization import Kustomization
from gitops_sim.agents.flux.run import Run
from gitops_sim.agents.flux.source_status import INCLUDE_UNAVAILABLE, SOURCE_VERIFIED, STORAGE_FAILED
from gitops_sim.agents.flux.toolkit import NAMESPACE
from gitops_sim.clock import format_duration
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Key
from gitops_sim.trace import Trace

_RESTS = {
    "GitRepository": "Git is not asked",
    "HelmRelease": "nothing is upgraded or corrected",
    "ImagePolicy": "it goes on wanting what it has chosen",
    "ImageRepository": "the registry is not asked",
    "ImageUpdateAutomation": "it writes nothing into Git",
    "Kustomization": "drift correction and pruning rest, too",
}

_ROLES = {
    "Kustomization": "app",
    "HelmRelease": "app",
    "Receiver": "receiver",
    "Alert": "alert",
    "ImageRepository": "images",
    "ImagePolicy": "policy",
    "ImageUpdateAutomation": "automation",
}


_STEPS = {INCLUDE_UNAVAILABLE: "compose", STORAGE_FAILED: "compose", SOURCE_VERIFIED: "verify"}


class Spec(Protocol):
    """What every object says of itself; ``unsupported`` are the fields that are not honoured here."""

    @property
    def suspended(self) -> bool: ...
    @property
    def unsupported(self) -> tuple[str, ...]: ...


class Journal:
    """``actor`` is the name in the trace; the name of ``cluster`` tells clusters apart in the data."""

    def __init__(self, trace: Trace, actor: str, cluster: ClusterAPI) -> None:
        self._trace, self._actor, self._cluster = trace, actor, cluster
        self._told: dict[Key, set[str]] = {}

    def add(
        self, key: Key, event: str, message: str, *, subject: str = "", reason: str = "", story: bool = True, **data: Any
    ) -> None:
        """``key`` is the Flux object that it is about; in the data it is the ``app``, the ``source``, the ``receiver``,
        the ``alert``, the ``images``, the ``policy`` or the ``automation``, by its name and, outside ``flux-system``, with its
        namespace in front."""
        whose = {_ROLES.get(key.kind, "source"): _full_name(key)}
        about = subject or str(key)
        self._trace.add(
            self._actor, event, about, message, reason=reason, story=story, **whose, cluster=self._cluster.name, **data
        )

    def called(self, key: Key, before: str = "") -> str:
        """`` web``, with a word ``before`` it (`` of web``), where there are several objects of its kind; a lone one is never
        named."""
        several = len(self._cluster.list(f"{key.kind}.{key.group}")) > 1
        return f"{f' {before}' if before else ''} {_full_name(key)}" if several else ""

    def once(self, key: Key, text: str) -> bool:
        """True the first time; and again after :meth:`calm`."""
        told = self._told.setdefault(key, set())
        fresh = text not in told
        told.add(text)
        return fresh

    def calm(self, key: Key) -> None:
        """All is well again: what goes wrong next is news."""
        told = self._told.get(key)
        if told:
            self._told[key] = {text for text in told if text.startswith("for good")}

    # ------------------------------------------------------------------ fetching

    def fetched(
        self,
        key: Key,
        revision: str,
        previous: str,
        cause: Cause,
        interval: float,
        same_files: bool,
        included: Sequence[str],
    ) -> None:
        """A new revision is in storage. ``same_files``: it changes nothing that is in the artifact; ``included``: what others
        lent it."""
        self.calm(key)
        now = short(revision)
        by = {"new": "fetches", "request": "fetches, as asked,", "spec": "fetches, for the GitRepository changed,"}
        added = f", with {' and '.join(included)} put in" if included else ""
        next_look = f"next in {format_duration(interval)}" if interval else "no next look"
        what = f"{by[cause]} {now}" if cause in by else f"polls ({next_look}), finds {now}"
        self.add(
            key,
            "PollFoundRevision" if cause == "poll" else "SourceFetched",
            f"{what} of {key.name}{added}" + (": the same files" if same_files else ""),
            reason=f"every {format_duration(interval)} it asks Git for the revision" if interval else "",
            revision=commit_of(revision),
            artifact=revision,
            previous=commit_of(previous),
            cause=cause,
        )

    def nothing_new(self, key: Key, revision: str, cause: Cause, recovered: bool) -> None:
        """Git was asked, and says what it said before."""
        self.calm(key)
        what = "reaches Git again" if recovered else "asks Git"
        self.add(
            key,
            "SourceUnchanged",
            f"{what}: {key.name} is still {short(revision)}",
            story=recovered or cause == "request",
            revision=commit_of(revision),
            cause=cause,
            recovered=recovered,
        )

    def fetch_failed(self, key: Key, error: FetchError, wait: float, kept: str) -> None:
        message, mend = error.message, error.mend
        if self.once(key, message):
            left = f"; {short(kept)} stays in use" if kept else ""
            again = f"tries again in {format_duration(wait)}, then after twice as long each time"
            event = "FetchFailed"
            if error.waits:
                event, again = "SourceMissing", f"looks again every {format_duration(wait)}"
            elif error.for_good:
                event, again = "ReconciliationStalled", "and does not try again"
            text = f"cannot {_STEPS.get(error.condition, 'fetch')} {key.name}, {again}{left}: {message}"
            self.add(key, event, text, reason=mend, mend=mend, error=message, kept=commit_of(kept))

    # ------------------------------------------------------------------ all objects

    def rests(self, key: Key, wanted: Spec) -> bool:
        """Whether a spec says that its object is suspended; that is told, and what it asks for in vain."""
        self.unsupported(key, wanted.unsupported)
        if wanted.suspended:
            self.suspended(key)
        return wanted.suspended

    def suspended(self, key: Key) -> None:
        if self.once(key, "suspended"):
            what = _RESTS.get(key.kind, "its source is not asked")
            text = f"leaves {key.kind} {key.name} alone, it is suspended: {what}"
            self.add(key, "ReconcileSkipped", text, reason="spec.suspend: true", gate="suspend")

    def unsupported(self, key: Key, fields: Sequence[str]) -> None:
        """What the user wrote and this simulator does not honour: never silently."""
        if fields and self.once(key, f"for good {fields}"):
            text = f"does not honour (not simulated yet): {'; '.join(fields)}"
            self.add(key, "OptionIgnored", text, story=False, options=list(fields))

    def passed_over(self, app: Kustomization, revision: str, objects: Sequence[str]) -> None:
        """Flux says nothing of these anywhere; a person has to be told."""
        if objects and self.once(app.key, f"{revision} {objects}"):
            text = f"passes over {', '.join(objects)}: the name is no text"
            self.add(app.key, "ObjectPassedOver", text, reason="put it in quotes", objects=list(objects))

    # ------------------------------------------------------------------ waiting to start

    def no_source(self, app: Kustomization, message: str, wait: float, *, story: bool) -> None:
        """The source is not there, or has nothing to give yet: why, it tells itself."""
        if self.once(app.key, message):
            text = f"cannot reconcile {app.name}, looks again in {format_duration(wait)}: {message}"
            self.add(app.key, "SourceMissing", text, story=story, error=message)

    def given_up(self, app: Kustomization, error: str) -> None:
        """Nothing helps but another spec."""
        if self.once(app.key, error):
            text = f"cannot reconcile {app.name}, and does not try again: {error}"
            self.add(app.key, "ReconciliationStalled", text, reason="it waits for another spec", error=error)

    def dependency(self, app: Kustomization, unmet: str, wait: float) -> None:
        if self.once(app.key, unmet):
            text = f"puts {app.name} off, looks again every {format_duration(wait)}: {unmet}"
            self.add(app.key, "DependencyNotReady", text, reason="dependsOn: it waits until that one is Ready", unmet=unmet)

    # ------------------------------------------------------------------ applying

    def build_failed(self, app: Kustomization, revision: str, message: str, mend: str, where: str, wait: float) -> None:
        if self.once(app.key, f"{revision} {message}"):
            text = f"cannot build {app.name} of {short(revision)}, tries again in {format_duration(wait)}: {message}"
            data: dict[str, Any] = {"mend": mend, "where": where, "retry_in": wait}
            self.add(app.key, "BuildFailed", text, reason=mend, revision=commit_of(revision), error=message, **data)

    def applied(self, run: Run, last: str) -> None:
        """What was done to the objects. ``last`` is the revision that was applied before: the same one again is about drift."""
        app, changed = run.app, [entry for entry in run.entries if entry.changed]
        now, results = short(run.revision), _results(run.entries)
        data: dict[str, Any] = {"revision": commit_of(run.revision), "cause": run.cause}
        if last != run.revision or run.cause in ("new", "spec", "config"):
            if changed or last != run.revision:
                looked_at = app.wait or app.health_checks
                rule = (
                    ""
                    if looked_at
                    else "without wait and healthChecks it is Ready as soon as it is applied, whatever the Pods do"
                )
                text = f"applies {now} to {app.name}: {story.done(run.entries)}"
                self.add(app.key, "SyncSucceeded", text, reason=rule, story=bool(changed), results=results, **data)
            return
        by = {"interval": f"every {format_duration(app.interval)}", "request": "as asked", "retry": "after the failure"}
        name = self.called(app.key) if changed else ""
        for entry in changed:
            self.add(
                app.key,
                "DriftDetected",
                f"compares{name} ({by.get(run.cause, 'again')}): {story.drift(entry)}",
                subject=str(entry.key),
                reason="a Kustomization compares at its interval, not when something changes",
                story=len(changed) == 1,
                fields=[[d.path, d.desired, d.live] for d in entry.fields],
                missing=entry.action == "created",
                **data,
            )
        if changed:
            if len(changed) > 1:
                text = f"compares{name} ({by.get(run.cause, 'again')}): {story.drifts(changed)}"
                self.add(app.key, "ComparedOutOfSync", text, **data)
            text = f"applies {now} again{self.called(app.key, 'to')}: {story.done(run.entries)}"
            rule = "what Git says is always applied again, and what kubectl added is taken away, unless it is suspended"
            self.add(app.key, "SelfHealed", text, reason=rule, results=results, **data)

    def pruned(self, run: Run, entries: Sequence[Entry]) -> None:
        """What became of the objects that are in the inventory, and no longer in Git."""
        of = self.called(run.app.key, "of") if entries else ""
        for entry in entries:
            name = story.label(entry.key)
            data: dict[str, Any] = {"revision": commit_of(run.revision)}
            if entry.action == "deleted":
                text = f"prunes {name}{of}: it is in the inventory, not in Git"
                self.add(run.app.key, "Pruned", text, subject=str(entry.key), **data)
            elif entry.action == "skipped":
                text = f"keeps {name}{of}, which Git does not have any more: it says so itself, or is no longer its own"
                self.add(run.app.key, "PruneSkipped", text, subject=str(entry.key), **data)

    def orphaned(self, run: Run, keys: Sequence[Key]) -> None:
        of = self.called(run.app.key, "of") if keys else ""
        for key in keys:
            text = f"lets go of {story.label(key)}{of}, which Git does not have any more: prune is off"
            data: dict[str, Any] = {"revision": commit_of(run.revision)}
            self.add(run.app.key, "PruneSkipped", text, subject=str(key), reason="spec.prune: false", **data)

    def failed(self, run: Run, what: str, error: str, wait: float) -> None:
        if self.once(run.app.key, f"{run.revision} {error}"):
            now = short(run.revision)
            text = f"fails to apply {now} to {run.app.name}, tries again in {format_duration(wait)}: {error}"
            data: dict[str, Any] = {"revision": commit_of(run.revision), "retry_in": wait, "results": _results(run.entries)}
            self.add(
                run.app.key, "SyncFailed", text, reason="what is applied stays: Flux rolls nothing back", error=error, **data
            )

    # ------------------------------------------------------------------ health

    def waits(self, run: Run, waiting: Sequence[Key], why: Mapping[Key, str]) -> None:
        names = [f"{story.label(key)} ({why.get(key, '')})" for key in waiting]
        text = f"waits for the health of {story.listed(names)}, at most {format_duration(run.app.timeout)}"
        self.add(run.app.key, "HealthCheckStarted", text, story=False, revision=commit_of(run.revision))

    def healthy(self, run: Run, elapsed: float, *, story: bool) -> None:
        text = f"reports {run.app.name} Ready: health check of {short(run.revision)} passed in {format_duration(elapsed)}"
        self.add(run.app.key, "HealthChanged", text, story=story, revision=commit_of(run.revision), new="Healthy")

    def unhealthy(self, run: Run, message: str, why: Mapping[Key, str], wait: float) -> None:
        if self.once(run.app.key, f"{run.revision} {message}"):
            told = "; ".join(f"{story.label(key)}: {text}" for key, text in why.items() if text)
            text = f"reports {run.app.name} not Ready, tries again in {format_duration(wait)}: {message}"
            rule = f"{told}; what is applied stays, and lastAppliedRevision is still the old one"
            self.add(
                run.app.key, "HealthChanged", text, reason=rule, revision=commit_of(run.revision), new="Degraded", error=message
            )

    # ------------------------------------------------------------------ deletion

    def collected(self, app: Kustomization, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.action == "deleted":
                text = f"prunes {story.label(entry.key)}: its Kustomization is deleted"
                self.add(app.key, "Pruned", text, subject=str(entry.key), story=False)

    def deleted(self, app: Kustomization, *, kept: bool) -> None:
        what = "what it applied stays" if kept else "what it applied goes with it"
        self.add(app.key, "KustomizationDeleted", f"lets Kustomization {app.name} go: {what}", policy=app.deletion_policy)


def _full_name(key: Key) -> str:
    return key.name if key.namespace == NAMESPACE else f"{key.namespace}/{key.name}"


def _results(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [{"resource": str(entry.key), "status": entry.action} for entry in entries]
