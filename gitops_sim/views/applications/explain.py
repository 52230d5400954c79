"""Every field of an object, as Argo CD saw it: what Git says, what the cluster has, what was made of it, and by which rule.

The rules are those of :mod:`gitops_sim.agents.argocd.diff`; what they found is read from the comparison, never decided again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.compare import Resource
from gitops_sim.agents.argocd.tracking import TRACKING_ID
from gitops_sim.agents.differences import HIDDEN, Difference, shown
from gitops_sim.clock import time_of_day
from gitops_sim.cluster import defaults
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.decoding import decode
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, Path, dotted, get_path
from gitops_sim.trace import Record
from gitops_sim.views.applications.tiles import columns

Verdict = Literal["differs", "same", "ignored", "not in Git"]
SERVERS = ("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "selfLink", "ownerReferences")
"""Fields of the metadata that only the API server writes."""
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One field. ``desired`` and ``live`` are None where that side has nothing; ``rule`` says why the verdict is what it is;
    ``by`` who last wrote the field in the cluster, and when, as far as the trace tells."""

    path: str
    desired: Any
    live: Any
    verdict: Verdict
    rule: str
    by: str = ""


def explain(
    resource: Resource, app: Application, records: Iterable[Record] = (), managed: Object | None = None
) -> list[FieldFact]:
    """All fields of a compared object: what differs first, then what is ignored, then the rest in order of path. ``managed`` is
    the live object with its ``managedFields``, for entries of ``ignoreDifferences`` that name managers."""
    target, live = resource.target, resource.live
    if target is None or live is None:
        return []
    writers = _writers(records, str(resource.key))
    filled = _filled(resource)
    secret = (target.key.group, target.key.kind) == ("", "Secret")
    found = []
    for steps, desired, actual in _leaves(target.object, live):
        entry = _ignoring(app, resource, steps, managed if desired != actual else None)
        judged: tuple[Verdict, str] = ("ignored", entry) if entry else _judge(steps, desired, actual, resource, filled)
        if secret and steps[:1] in (("data",), ("stringData",)):
            desired, actual = _hidden(desired), _hidden(actual)
        path = dotted(steps)
        by = "" if steps[0] == "status" else _writer(writers, path)
        found.append(FieldFact(path, _shown(desired), _shown(actual), *judged, by))
    rank = {"differs": 0, "ignored": 1}
    return sorted(found, key=lambda field: rank.get(field.verdict, 2))


def verdict_text(resource: Resource) -> str:
    """What the comparison made of an object, in a sentence."""
    if resource.refused:
        return f"{resource.status}: the project does not allow it: {resource.refused}."
    if resource.hook:
        return "It is a hook: a sync runs it, and it does not count when Git and the cluster are compared."
    if resource.status == "":
        return "It says Skip: it is never synced and does not count."
    if resource.missing:
        return "OutOfSync: Git has it, the cluster does not."
    if resource.requires_pruning:
        return "OutOfSync: it carries the Application's tracking id, and Git has it no more. Only a sync with prune deletes it."
    asked = "" if resource.after is None else " The server was asked, by a dry run of a server-side apply."
    found = "; ".join(map(str, resource.differences))
    if len(resource.differences) > 1:
        return f"OutOfSync: {len(resource.differences)} fields differ: {found}.{asked}"
    if found:
        return f"OutOfSync: 1 field differs: {found}.{asked}"
    return f"{resource.status}: applying what Git says would change nothing that counts.{asked}"


def explain_text(fields: Sequence[FieldFact]) -> str:
    """The table in words."""
    rows = [("FIELD", "GIT", "CLUSTER", "VERDICT", "RULE", "LAST WRITTEN")]
    rows += [(f.path, shown(f.desired), shown(f.live), f.verdict, f.rule, f.by) for f in fields]
    return columns(rows)


# ---------------------------------------------------------------------- inside


def _judge(steps: Path, desired: Any, live: Any, resource: Resource, filled: Any) -> tuple[Verdict, str]:
    path = dotted(steps)
    if steps[0] == "status":
        return "ignored", "status is what controllers report: it is never compared"
    if steps[0] == "metadata" and steps[1:2] in [(name,) for name in SERVERS]:
        return "ignored", "only the API server writes it"
    if steps == ("metadata", "annotations", LAST_APPLIED):
        return "ignored", "the note of what was applied last: it is never compared, but tells which fields Git has dropped"
    covering = next((d for d in resource.differences if _covers(d.path, path)), None)
    if covering is not None:
        return "differs", _why(covering)
    if desired is _ABSENT:
        if live == get_path(filled, steps, _ABSENT):
            return "not in Git", "the API's default for what Git leaves out: no difference"
        return "not in Git", "Git never mentions it: whoever wrote it, it is no difference"
    if steps == ("metadata", "annotations", TRACKING_ID):
        return "same", "Argo CD adds it to every object, to know its own"
    if live is _ABSENT:
        return "same", "it states nothing, and the API keeps nothing"
    if desired != live:
        return "same", "the API's way to write the same value"
    return "same", "equal"


def _why(difference: Difference) -> str:
    if difference.desired is None:
        return "it was applied before and Git has dropped it: a sync would remove it"
    if difference.live is None:
        return "Git states it and it is not in the cluster"
    return "Git states it and the cluster has another value"


def _ignoring(app: Application, resource: Resource, steps: Path, managed: Object | None) -> str:
    """The entry of ``ignoreDifferences`` that covers a field, with its number."""
    plain = tuple(map(str, steps))
    for number, rule in enumerate(app.ignore):
        if rule.fits(resource.key):
            for pointer in rule.ignored.pointers:
                if plain[: len(pointer)] == tuple(pointer):
                    return f"spec.ignoreDifferences[{number}], jsonPointer /{'/'.join(pointer)}"
            for expression in rule.ignored.expressions:
                if any(steps[: len(path)] == path for path in expression.paths(resource.live)):
                    return f"spec.ignoreDifferences[{number}], jqPathExpression {expression.text}"
            if managed is not None and rule.ignored.owned(managed, steps):
                managers = ", ".join(sorted(rule.ignored.managers))
                return f"spec.ignoreDifferences[{number}], managedFieldsManagers: {managers} owns it"
    return ""


def _covers(difference: str, path: str) -> bool:
    """Whether a difference is at this field, around it or in it."""
    return any(
        one == other or one.startswith((f"{other}.", f"{other}[")) for one, other in ((path, difference), (difference, path))
    )


def _filled(resource: Resource) -> Any:
    """The manifest with the API's defaults."""
    target = resource.target
    assert target is not None
    try:
        return defaults.default(target.kind, decode(target.kind, target.object))
    except ApiError:
        return target.object


def _leaves(desired: Any, live: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    """``(path, desired, live)`` of every leaf of either side, keys in order."""
    sides = [side for side in (desired, live) if side is not _ABSENT]
    if path != ("status",) and sides and all(isinstance(side, Mapping) and side for side in sides):
        for key in sorted({key for side in sides for key in side}):
            if (path or key not in ("apiVersion", "kind")) and (*path, key) != ("metadata", "managedFields"):
                yield from _leaves(_step(desired, key), _step(live, key), (*path, key))
    elif sides and all(isinstance(side, list) and side for side in sides) and len({len(side) for side in sides}) == 1:
        for index in range(len(sides[0])):
            yield from _leaves(_step(desired, index), _step(live, index), (*path, index))
    else:
        yield path, desired, live


def _hidden(side: Any) -> Any:
    return _ABSENT if side is _ABSENT else HIDDEN


def _shown(side: Any) -> Any:
    return None if side is _ABSENT else side


def _step(side: Any, step: str | int) -> Any:
    return _ABSENT if side is _ABSENT else get_path(side, (step,), _ABSENT)


def _writers(records: Iterable[Record], subject: str) -> list[tuple[str, Record]]:
    """Who wrote which fields, the last one first."""
    found: list[tuple[str, Record]] = []
    for record in records:
        if record.subject == subject and record.event in ("ObjectCreated", "ObjectUpdated"):
            found += [(str(path), record) for path, *_ in record.data.get("fields") or ()] or (
                [("", record)] if record.event == "ObjectCreated" else []
            )
    return found[::-1]


def _writer(writers: Sequence[tuple[str, Record]], path: str) -> str:
    for written, record in writers:
        if not written or _covers(written, path):
            return f"{record.actor.rpartition(':')[2]}, {time_of_day(record.time)}"
    return ""
