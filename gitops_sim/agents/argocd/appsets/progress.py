"""Where each Application of a RollingSync is: ``status.applicationStatus``, and how one step follows another.

Waiting, until its step's turn comes; Pending, until a sync began; Progressing, until that is Synced and Healthy; Healthy.
Source: ``applicationset/progressivesync/progressive_sync.go`` of Argo CD 3.5, whose messages these are. One thing differs: there
a Pending Application has to be compared anew as well before it is Progressing; here a comparison that finds nothing new leaves
no time behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd import status
from gitops_sim.agents.argocd.appsets.strategy import Groups, Step, Strategy
from gitops_sim.clock import parse_timestamp
from gitops_sim.objects import Object, get_path

Standing = dict[str, Any]
"""An entry of ``status.applicationStatus``."""

_CHANGED = {
    (True, True): "Application has pending changes (revision and spec differ), setting status to Waiting",
    (True, False): "Application has pending changes, setting status to Waiting",
    (False, True): "Application has pending changes (spec differs), setting status to Waiting",
}
"""By whether the revision and the spec are others."""
_PENDING = "Application moved to Pending status, watching for the Application resource to start Progressing"
_BROKEN = ("InvalidSpecError", "UnknownError")


def standings(appset: Object) -> list[Standing]:
    return list(get_path(appset, ("status", "applicationStatus")) or ())


def by_name(found: Sequence[Standing]) -> dict[str, Standing]:
    return {entry["application"]: entry for entry in found}


def looked_at(
    before: Sequence[Standing], applications: Sequence[Object], groups: Groups, changed: Collection[str], now: str
) -> list[Standing]:
    """Every Application that is there, as far as it has come by itself. ``changed``: those whose spec is about to change."""
    known = by_name(before)
    return [_seen(known.get(app["metadata"]["name"]), app, groups, changed, now) for app in applications]


def _seen(entry: Standing | None, app: Object, groups: Groups, changed: Collection[str], now: str) -> Standing:
    name = app["metadata"]["name"]
    targets = _revisions(app)
    if entry is None:
        text = "No Application status found, defaulting status to Waiting"
        entry = {"application": name, "targetRevisions": targets, **_moved("Waiting", text, now)}
    found = {**entry, "step": groups.number(name)}
    news = (entry["targetRevisions"] != targets, name in changed)
    if any(news):
        found |= {"targetRevisions": targets, **_moved("Waiting", _CHANGED[news], now)}
    well = get_path(app, ("status", "health", "status")) == "Healthy"
    synced = get_path(app, ("status", "sync", "status")) == "Synced"
    if found["status"] == "Waiting" and synced:
        to = "Healthy" if well else "Progressing"
        return found | _moved(to, f"Application resource has synced, updating status to {to}", now)
    if found["status"] == "Pending":
        return found | _begun(found, app, now)
    if found["status"] == "Progressing" and synced and well:
        return found | _moved("Healthy", "Application resource became Healthy, updating status from Progressing to Healthy", now)
    return found


def _begun(entry: Standing, app: Object, now: str) -> Standing:
    """Progressing, once a sync began, or when none can; however it ends, it is not the set that tries again."""
    since = parse_timestamp(entry["lastTransitionTime"])
    found = status.of(app)
    state = found.get("operationState")
    if state and parse_timestamp(state["startedAt"]) > since:
        done = {"Succeeded": "completed a sync successfully", "Failed": "completed a sync", "Error": "completed a sync"}
        said = done.get(state["phase"], "became Progressing")
        return _moved("Progressing", f"Application resource {said}, updating status from Pending to Progressing", now)
    broken = any(condition["type"] in _BROKEN for condition in found.get("conditions") or ())
    compared = found.get("reconciledAt")
    if broken and (compared is None or parse_timestamp(compared) > since):
        return _moved("Progressing", "Application resource has error and cannot sync, updating status to Progressing", now)
    return {}


def _moved(to: str, message: str, now: str) -> Standing:
    return {"status": to, "message": message, "lastTransitionTime": now}


def _revisions(app: Object) -> list[str]:
    sync = get_path(app, ("status", "sync")) or {}
    return list(sync.get("revisions") or ([sync["revision"]] if sync.get("revision") else ()))


def worth_writing(before: Sequence[Standing], after: Sequence[Standing]) -> list[Standing]:
    """``after``, in the order of names, when a status, a step or a message is another one; else ``before``, times included."""

    def told(found: Sequence[Standing]) -> list[tuple[str, ...]]:
        return sorted(tuple(entry[part] for part in ("application", "status", "step", "message")) for entry in found)

    return sorted(after, key=lambda entry: str(entry["application"])) if told(before) != told(after) else list(before)


# ---------------------------------------------------------------------- one step after the other


@dataclass(frozen=True, slots=True)
class Turn:
    """``names``: the Applications whose step's turn has come; ``step``: the last such step, counted from 1; ``missing``: those of
    it that are not Healthy."""

    names: frozenset[str]
    step: int
    missing: tuple[str, ...]


def turn(groups: Groups, found: Sequence[Standing]) -> Turn:
    """A step's turn comes when all Applications of the steps before it are there and Healthy."""
    known, names = by_name(found), set[str]()
    for number, members in enumerate(groups.names, 1):
        names |= set(members)
        missing = tuple(name for name in members if known.get(name, {}).get("status") != "Healthy")
        if missing:
            return Turn(frozenset(names), number, missing)
    return Turn(frozenset(names), len(groups.names), ())


@dataclass(frozen=True, slots=True)
class Limited:
    """An Application that has to wait because ``busy`` others of its step are being synced, and ``limit`` may be."""

    name: str
    step: int
    busy: int
    limit: int


def promoted(
    found: Sequence[Standing], steps: Sequence[Step], groups: Groups, allowed: Collection[str], now: str
) -> tuple[list[Standing], list[Limited]]:
    """Those that wait become Pending if their turn has come, as many of a step as its ``maxUpdate`` says. An Application that is
    in no step counts among those of the first."""
    sizes, busy = [0] * len(steps), [0] * len(steps)
    for entry in found:
        step = groups.step.get(entry["application"], 0)
        sizes[step] += 1
        busy[step] += entry["status"] in ("Pending", "Progressing")
    after, limited = [], []
    for entry in found:
        name = entry["application"]
        if entry["status"] == "Waiting" and name in allowed:
            step = groups.step[name]
            limit = steps[step].limit(sizes[step])
            if limit is None or busy[step] < limit:
                entry = entry | _moved("Pending", _PENDING, now)
                busy[step] += 1
            else:
                limited.append(Limited(name, step + 1, busy[step], limit))
        after.append(entry)
    return after, limited


def condition(strategy: Strategy, found: Sequence[Standing]) -> tuple[str, str, str]:
    """Status, reason and message of the condition RolloutProgressing."""
    for number in range(1, len(strategy.steps) + 1):
        if any(entry["step"] == str(number) and entry["status"] != "Healthy" for entry in found):
            return "True", "ApplicationSetModified", f"ApplicationSet is performing rollout of step {number}"
    return "False", "ApplicationSetRolloutComplete", "ApplicationSet Rollout has completed"


def moves(before: Sequence[Standing], after: Sequence[Standing]) -> Iterator[tuple[str, Standing]]:
    """The entries of which something is news, with the status that they had."""
    known = by_name(before)
    for entry in after:
        old = known.get(entry["application"], {})
        if (old.get("status"), old.get("message")) != (entry["status"], entry["message"]):
            yield old.get("status", ""), entry
