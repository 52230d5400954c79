"""What an operation asks for: the ``operation`` field that auto-sync, the CLI, the dashboard or a person puts on an
Application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd import history
from gitops_sim.agents.argocd.application import Application, Retry, Source, read_retry
from gitops_sim.objects import Key

ROLLBACK = "rollback"
"""The name of the ``info`` entry that tells a rollback from another sync."""

AUTOMATED_RETRIES = 5
"""How often an automated sync is tried again when the Application does not say."""


@dataclass(frozen=True, slots=True)
class Request:
    """``resources`` limits the sync to some objects (``(group, kind, name, namespace)``): such a partial sync runs no hooks and
    makes no history. ``source`` is the one to sync from; ``revision`` is empty when the Application's own target revision is
    meant. ``apply_only``: the strategy that leaves hooks out; ``force``: what cannot be changed is deleted and made anew.
    ``rollback`` is the id of the history entry that a rollback goes back to."""

    revision: str
    source: Source
    prune: bool
    dry_run: bool
    resources: tuple[tuple[str, str, str, str], ...]
    options: tuple[str, ...]
    self_heal_attempts: int
    automated: bool
    username: str
    retry: Retry
    apply_only: bool = False
    force: bool = False
    rollback: int | None = None

    @property
    def partial(self) -> bool:
        return bool(self.resources)

    @property
    def skips_hooks(self) -> bool:
        return self.apply_only or self.partial

    def wants(self, key: Key) -> bool:
        """Whether it is about an object; a resource without a namespace means all of that name."""
        return not self.resources or any(
            (group, kind, name) == (key.group, key.kind, key.name) and place in ("", key.namespace)
            for group, kind, name, place in self.resources
        )


def read_request(operation: Mapping[str, Any], app: Application) -> Request | None:
    """None when there is nothing to do in it ("no operation specified")."""
    sync = operation.get("sync")
    if not isinstance(sync, Mapping):
        return None
    source = history.source_of(sync) or app.source
    if source == app.source:
        source = app.source
    who, strategy = operation.get("initiatedBy") or {}, sync.get("syncStrategy") or {}
    ways = [strategy[way] or {} for way in ("apply", "hook") if way in strategy]
    return Request(
        revision=history.revision_of(sync),
        source=source,
        prune=sync.get("prune") is True,
        dry_run=sync.get("dryRun") is True,
        resources=tuple(_identity(resource) for resource in sync.get("resources") or ()),
        options=tuple(sync.get("syncOptions") or ()),
        self_heal_attempts=int(sync.get("selfHealAttemptsCount") or 0),
        automated=who.get("automated") is True,
        username=str(who.get("username") or ""),
        retry=read_retry(operation.get("retry")),
        apply_only="apply" in strategy,
        force=any(way.get("force") is True for way in ways),
        rollback=_rollback_id(operation),
    )


def _identity(resource: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return resource.get("group", ""), resource.get("kind", ""), resource.get("name", ""), resource.get("namespace", "")


def _rollback_id(operation: Mapping[str, Any]) -> int | None:
    """Which entry a rollback means is told by an ``info`` line: for the real controller it is a sync like any other."""
    for info in operation.get("info") or ():
        if isinstance(info, Mapping) and info.get("name") == ROLLBACK and str(info.get("value")).isdigit():
            return int(info["value"])
    return None


def sync_operation(
    app: Application,
    revision: str,
    *,
    prune: bool,
    retry: Mapping[str, Any] | None,
    username: str = "",
    source: Source | None = None,
    strategy: Mapping[str, Any] | None = None,
    resources: Iterable[Key] = (),
    attempts: int = 0,
    dry_run: bool = False,
    options: Sequence[str] | None = None,
    rollback: int | None = None,
) -> dict[str, Any]:
    """The ``operation`` field for a sync; without ``username`` it is an automated one. Empty parts are left out, as Go does."""
    wanted = app.sync_options if options is None else options
    parts: dict[str, Any] = {
        **(source or app.source).entry,
        **(source or app.source).at(revision),
        "prune": prune,
        "dryRun": dry_run,
        "syncOptions": list(wanted),
        "syncStrategy": strategy,
        "resources": [{**({"group": key.group} if key.group else {}), "kind": key.kind, "name": key.name} for key in resources],
        "selfHealAttemptsCount": attempts,
    }
    return {
        "sync": {name: value for name, value in parts.items() if value},
        "initiatedBy": {"username": username} if username else {"automated": True},
        "retry": dict(retry or {}),
        **({} if rollback is None else {"info": [{"name": ROLLBACK, "value": str(rollback)}]}),
    }
