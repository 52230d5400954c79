"""``argocd app sync|rollback|wait``: the commands that wait for an Application.

Source: ``cmd/argocd/commands/app.go``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from gitops_sim.agents.argocd.cli import printing
from gitops_sim.agents.argocd.cli.parsing import GENERIC, FatalError, UsageError, each, encoded
from gitops_sim.agents.argocd.cli.tree import resources
from gitops_sim.agents.argocd.cli.waiting import Selector, Wait, Wanted, Watching, read_selectors, selected
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.requests import RefusedError, Requests
from gitops_sim.cluster import selectors as labels
from gitops_sim.objects import Object, get_path

_FOR_EVER = float("inf")
_SEVERAL = "argocd cli does not work on multi-source app with --revision flag. Use --revisions and --source-positions instead."
_LATE = """
This is the state of the app after wait timed out:

The command timed out waiting for the conditions to be met.
"""


_LATE_FOR = 'timed out ({}s) waiting for app "{}" match desired state'


class SyncCommands:
    """``wait(condition, timeout)`` lets time pass; without it commands return at once."""

    def __init__(self, agent: ArgoCD, requests: Requests, wait: Wait | None) -> None:
        self._agent, self._requests, self._wait = agent, requests, wait

    def sync(self, given: argparse.Namespace) -> str:
        return each(self._named(given), lambda name: self._sync(name, given))

    def rollback(self, given: argparse.Namespace) -> str:
        watching = self._watching(given.app, Wanted(operation=True), ())
        watching.show(watching.get()[1])
        self._requests.rollback(given.app, _id(given.id), prune=given.prune)
        return self._until(given.app, watching, given.timeout, given.output)

    def wait(self, given: argparse.Namespace) -> str:
        chosen = read_selectors(given.resource)
        wanted = Wanted(given.sync, given.health, given.suspended, given.degraded, given.operation)

        def wait(name: str) -> str:
            if given.delete:
                return self._until_deleted(name, given.timeout)
            return self._until(name, self._watching(name, wanted.filled(), chosen), given.timeout, given.output)

        return each(self._named(given), wait)

    # ------------------------------------------------------------------ inside

    def _sync(self, name: str, given: argparse.Namespace) -> str:
        obj = self._requests.get(name)
        if given.revision and obj["spec"].get("sources"):
            raise FatalError(_SEVERAL)
        chosen = read_selectors(given.resource)
        comparison = self._agent.comparison(printing.qualified(obj))
        keys = [r.key for r in (comparison.resources if comparison else ()) if selected(chosen, r.key)] if chosen else []
        if chosen and not keys:
            mend = f"argocd app resources {name} lists them; write one as GROUP:KIND:NAME, such as apps:Deployment:web"
            raise FatalError(f"No matching app resources found for resource filter: {', '.join(given.resource)}", mend=mend)
        flags = (
            (given.replace, "Replace=true"),
            (given.server_side, "ServerSideApply=true"),
            (given.apply_out_of_sync_only, "ApplyOutOfSyncOnly=true"),
        )
        watching = self._watching(name, Wanted(operation=True), chosen)
        watching.show(watching.get()[1])
        self._requests.sync(
            name,
            revision=given.revision,
            prune=given.prune,
            dry_run=given.dry_run,
            resources=keys,
            options=[option for on, option in flags if on] or None,
            strategy=given.strategy,
            force=given.force,
            retry=_retry(given),
        )
        if given.asynchronous:
            return ""
        text = self._until(name, watching, given.timeout, given.output)
        after = self._requests.get(name)
        state = get_path(after, ("status", "operationState")) or {}
        if given.dry_run:
            return text
        if state.get("phase") != "Succeeded":
            mend = f"MESSAGE says which resource failed, and why; with more: argocd app get {name} --show-operation"
            raise FatalError(f"Operation has completed with phase: {state.get('phase')}", printed=text, mend=mend)
        left = sum(1 for r in get_path(state, ("syncResult", "resources")) or () if r["status"] == "PruneSkipped")
        if left and not keys and get_path(after, ("status", "sync", "status")) != "Synced":
            mend = f"argocd app sync {name} --prune deletes what Git does not have any more"
            raise FatalError(f"{left} resources require pruning", printed=text, mend=mend)
        return text

    def _watching(self, name: str, wanted: Wanted, chosen: Sequence[Selector]) -> Watching:
        return Watching(_Look(self, name).get, self._stamp, wanted, chosen)

    def _stamp(self) -> str:
        return printing.stamp(self._agent.clock.timestamp())

    def _until(self, name: str, watching: Watching, timeout: int, output: str) -> str:
        """Waits, and returns what a person then sees. Raises FatalError for what does not come."""
        over = watching.look()
        if not over and self._wait is not None:
            over = self._wait(watching.look, timeout or _FOR_EVER)
        obj, states = watching.get()
        if over and watching.printed:
            watching.show(states)
        late = not over and self._wait is not None
        plain = output in ("json", "yaml")
        text = "" if plain else watching.printed
        if late and not plain:
            text += _LATE
        text += encoded(obj, output) if plain else self._final(obj, states, watching.wanted, output)
        if watching.error:
            mend = f"look at what is Degraded: argocd app get {name} -o tree"
            raise FatalError(f"application '{name}' {watching.error}", code=GENERIC, printed=text, mend=mend)
        if late:
            asks = "confirmation" in get_path(obj, ("status", "operationState", "message"), "")
            mend = f"say that it may delete: argocd app confirm-deletion {name}" if asks else "MESSAGE says what it waits for"
            raise FatalError(_LATE_FOR.format(timeout, name), code=GENERIC, printed=text, mend=mend)
        return text

    def _final(self, obj: Object, states: printing.States, wanted: Wanted, output: str) -> str:
        text = "\n" + printing.summary(obj, self._agent.application(obj), (), self._agent.clock.now) + "\n"
        if wanted.operation:
            text += printing.operation(obj, self._agent.clock.now)
        return text + resources(self._agent, obj, states, output)

    def _until_deleted(self, name: str, timeout: int) -> str:
        obj = self._requests.get(name)
        gone = _Look(self, name).gone
        if not gone() and (self._wait is None or not self._wait(gone, timeout or _FOR_EVER)):
            raise FatalError(_LATE_FOR.format(timeout, name), code=GENERIC)
        return f"Application '{printing.qualified(obj)}' deleted\n"

    def _named(self, given: argparse.Namespace) -> list[str]:
        projects = given.project if given.command == "sync" else []
        if not given.apps and not given.selector and not projects:
            raise UsageError(help=given.parser.usage_text, mend="say which: by name, or with -l")
        if not given.selector and not projects:
            return list(given.apps)
        if len(given.apps) > 1 and given.selector and given.command == "sync":
            raise FatalError("Cannot use selector option when application name(s) passed as argument(s)")
        fits = labels.label_selector(given.selector)
        seen = [obj for obj in self._requests.all() if fits(obj)]
        found = [printing.qualified(obj) for obj in seen if not projects or self._agent.application(obj).project in projects]
        if not found and given.command == "sync":
            words = f" selector {given.selector}" if given.selector else ""
            words += f" projects [{' '.join(projects)}]" if projects else ""
            raise FatalError(f"No matching apps found for filter:{words}")
        return [*given.apps, *found]


class _Look:
    """One Application as a person sees it, again and again."""

    def __init__(self, commands: SyncCommands, name: str) -> None:
        self._commands, self._name = commands, name

    def get(self) -> tuple[Object, printing.States]:
        obj = self._commands._requests.get(self._name)
        return obj, printing.resource_states(obj, self._commands._agent.comparison(printing.qualified(obj)))

    def gone(self) -> bool:
        try:
            self._commands._requests.get(self._name)
        except RefusedError:
            return True
        return False


def _id(text: str | None) -> int | None:
    """Of an entry of the history. Raises FatalError."""
    if text is not None and not text.removeprefix("-").isdecimal():
        raise FatalError(f'strconv.Atoi: parsing "{text}": invalid syntax', code=GENERIC, mend="an id is a number: 0, 1, 2")
    return None if text is None else int(text)


def _retry(given: argparse.Namespace) -> dict[str, Any] | None:
    if not given.retry_limit:
        return None
    backoff = {
        "duration": given.retry_backoff_duration,
        "factor": given.retry_backoff_factor,
        "maxDuration": given.retry_backoff_max_duration,
    }
    return {"limit": given.retry_limit, "backoff": backoff, **({"refresh": True} if given.retry_refresh else {})}
