"""The way of a change, from somebody's push until its Pods run, with the wait before each step."""

from __future__ import annotations

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.errors import BadInput
from gitops_sim.notebook.live import Card, esc
from gitops_sim.objects import get_path
from gitops_sim.trace import Record
from gitops_sim.world import World

_STEPS = (
    "ImagePushed",
    "ImageChosen",
    "CommitPushed",
    "CommitReverted",
    "PullRequestOpened",
    "PullRequestReviewed",
    "BranchMerged",
    "SyncSucceeded",
    "SyncFailed",
    "RolloutCompleted",
)
_HEADS = ("when", "waited", "who", "where", "what")


def chain(world: World, since: float) -> Card:
    """The steps after the time ``since`` (seconds) and how long each had to wait for the one before. Raises BadInput when there
    were none."""
    steps = [record for record in world.trace if record.time >= since and record.event in _STEPS and record.story]
    if not steps:
        raise BadInput("nothing was pushed or deployed since then", mend="play something first")
    rows = [_row(step, steps[i - 1] if i else step) for i, step in enumerate(steps)]
    rows.append(("", format_duration(steps[-1].time - steps[0].time), "", "", "in all"))
    widths = [max(len(row[i]) for row in (_HEADS, *rows)) for i in range(len(_HEADS))]
    text = "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in (_HEADS, *rows))
    head = "".join(f'<th scope="col">{cell}</th>' for cell in _HEADS)
    body = "".join("<tr>" + "".join(f"<td>{esc(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    table = f'<table class="gn-facts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return Card(f'<div class="gn-box"><div class="gn-kind">The way of a change</div>{table}</div>', text)


def health(world: World) -> dict[str, str]:
    """What Argo CD says of each Application: ``{"web": "Synced, Healthy"}``."""
    return {app["metadata"]["name"]: _status(app) for app in world.argocd_in().applications()}


def settled(world: World, application: str) -> bool:
    """Whether an Application is compared with the newest commit of its repository, in sync and healthy."""
    app = world.argocd_in().find(application)
    tip = world.git.repository(get_path(app, ("spec", "source", "repoURL"))).tip("main")
    return _status(app) == "Synced, Healthy" and get_path(app, ("status", "sync", "revision"), "") == tip


def _status(app: object) -> str:
    return ", ".join(str(get_path(app, ("status", axis, "status"), "Unknown")) for axis in ("sync", "health"))


def _row(step: Record, before: Record) -> tuple[str, str, str, str, str]:
    waited = step.time - before.time
    return time_of_day(step.time), format_duration(waited) if waited else "", step.actor, _where(step), step.message


def _where(step: Record) -> str:
    """The Application, or the namespace that tells one Deployment from its namesakes."""
    kind, namespace, name = [*step.subject.split("/"), "", ""][:3]
    if kind == "Application" or (kind == "Deployment" and namespace == "default"):
        return name
    return namespace if kind == "Deployment" else ""
