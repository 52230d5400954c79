"""Whether the tasks of a sync can be done at all: what the API does not know and what the project does not allow keeps everything
from being touched.

Source: ``getSyncTasks`` of ``gitops-engine/pkg/sync/sync_context.go``, ``AugmentSyncMsg`` of ``util/argo/argo.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitops_sim.agents.argocd.clusters import Place
from gitops_sim.agents.argocd.options import options_of
from gitops_sim.agents.argocd.order import defined_by
from gitops_sim.agents.argocd.project import Project
from gitops_sim.agents.argocd.task import Task

SKIP_DRY_RUN = "SkipDryRunOnMissingResource=true"
_UNKNOWN = "the server could not find the requested resource"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a task cannot be done: ``reason`` for the operation, ``message`` for the object."""

    task: Task
    reason: str
    message: str


def faults(tasks: Sequence[Task], place: Place, project: Project, options: Iterable[str]) -> list[Fault]:
    """One for each task that cannot be done. ``options`` are the operation's. A kind that is missing is no fault when the same
    sync brings its definition, or when ``SkipDryRunOnMissingResource=true`` is said."""
    coming = {defined_by(task) for task in tasks}
    found = []
    for task in tasks:
        if place.cluster.serves(task.object):
            namespaced = place.cluster.kind_of(task.object).namespaced
            why = project.refusal(task.key, place.server, place.name, namespaced=namespaced)
            if why:
                found.append(Fault(task, why, why))
        elif not ((task.key.group, task.key.kind) in coming or SKIP_DRY_RUN in (*options, *options_of(task.object))):
            found.append(Fault(task, _UNKNOWN, _missing(task, place)))
    return found


def _missing(task: Task, place: Place) -> str:
    key, what = task.key, f"{task.key.group}/{task.key.kind}"
    asked = f"for requested resource {key.namespace}/{key.name}"
    known = place.cluster.kinds.of(key.group, key.kind)
    if known is None or known.guessed:
        mend = f'Make sure the "{key.kind}" CRD is installed on the destination cluster.'
        return f"The Kubernetes API could not find {what} {asked}. {mend}"
    return (
        f'The Kubernetes API could not find version "{task.version}" of {what} {asked}. '
        f'Version "{known.version}" of {what} is installed on the destination cluster.'
    )
