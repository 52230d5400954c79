"""The words in which Argo CD's decisions are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitops_sim.agents.argocd.compare import Resource
from gitops_sim.agents.argocd.task import Result
from gitops_sim.agents.differences import shown
from gitops_sim.clock import format_duration

_FEW = 3


def difference(resource: Resource) -> str:
    """``Deployment/web OutOfSync  .spec.replicas  Git 3, cluster 2``."""
    return f"{resource.label} OutOfSync  {_in_full(resource)}"


def differences(resources: Sequence[Resource]) -> str:
    """One resource in full, several in short."""
    if len(resources) == 1:
        return difference(resources[0])
    if resources and all(resource.missing for resource in resources):
        return f"{len(resources)} OutOfSync, none is in the cluster: {listed([r.label for r in resources])}"
    return f"{len(resources)} OutOfSync: {listed([f'{r.label} ({_in_short(r)})' for r in resources])}"


def applied(results: Sequence[Result]) -> str:
    """``Deployment/web configured, 2 unchanged``; many are counted by what was done to them."""
    done = [r for r in results if r.status == "Synced" and r.verb != "unchanged"]
    unchanged = sum(1 for r in results if r.verb == "unchanged")
    if len(done) <= _FEW:
        parts = [f"{r.label} {r.verb}" for r in done]
    else:
        verbs = dict.fromkeys(r.verb for r in done)
        parts = [f"{sum(1 for r in done if r.verb == verb)} {verb}" for verb in verbs]
        parts[0] += f" ({listed([r.label for r in done if r.verb == done[0].verb])})"
    if unchanged:
        parts.append(f"{unchanged} unchanged")
    for status, word in (("Pruned", "pruned"), ("PruneSkipped", "kept")):
        count = sum(1 for r in results if r.status == status)
        parts += [f"{count} {word}"] if count else []
    return ", ".join(parts) or "nothing to do"


def fields_of(resource: Resource) -> list[list[Any]]:
    """``[[path, desired, live], ...]`` for the trace."""
    return [[d.path, d.desired, d.live] for d in resource.differences]


def waited(attempt: int, delay: float) -> str:
    return f"attempt {attempt}, " + (f"after {format_duration(delay)}" if delay else "no wait")


def _in_full(resource: Resource) -> str:
    if resource.differences:
        first = resource.differences[0]
        rest = len(resource.differences) - 1
        return f"{first}" + (f"  and {rest} more field{'s' * (rest > 1)}" if rest else "")
    return "not in the cluster" if resource.missing else "not in Git any more"


def _in_short(resource: Resource) -> str:
    if len(resource.differences) == 1:
        only = resource.differences[0]
        text = f"{only.path}: {shown(only.live)}, Git {shown(only.desired)}"
        return text if len(text) <= 60 else only.path
    if resource.differences:
        return f"{len(resource.differences)} fields"
    return "missing" if resource.missing else "not in Git any more"


def listed(names: Sequence[str]) -> str:
    """The first three, and how many more."""
    rest = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {rest} more" if rest > 0 else "")
