"""The managers of one object and their fields, and what an update or an apply does to them.

Source: structured-merge-diff ``merge/update.go`` and the managers of k8s.io/apimachinery ``pkg/util/managedfields/internal``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.ownership.paths import NONE, Fields, Path, decoded, encoded, in_order, shown
from gitops_sim.cluster.ownership.shapes import Shape
from gitops_sim.cluster.ownership.typed import GONE, Difference, fields_of, merged, with_named, without
from gitops_sim.errors import ApiError, Cause

FIRST = "before-first-apply"
_MOST = 10
_META = (
    *("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation"),
    *("managedFields", "resourceVersion"),
)
_UNOWNED: Fields = frozenset({("f:apiVersion",), ("f:kind",), ("f:metadata",), *(("f:metadata", f"f:{name}") for name in _META)})


class Manager(NamedTuple):
    """Who a set of fields belongs to. ``version`` is that of an update; an apply has one set whatever its version."""

    name: str
    operation: str
    version: str
    subresource: str

    @property
    def shown(self) -> str:
        text = json_text(self.name)
        if self.subresource:
            text += f" with subresource {json_text(self.subresource)}"
        return text if self.operation == "Apply" else f"{text} using {self.version}"


class Owned(NamedTuple):
    """``time`` is a timestamp, or empty when none is told."""

    fields: Fields
    version: str
    time: str


Owners = Mapping[Manager, Owned]


def manager(name: str, operation: str, version: str, subresource: str) -> Manager:
    return Manager(name, operation, "" if operation == "Apply" else version, subresource)


class Conflicts(Exception):
    """Fields that other managers own and want otherwise."""

    def __init__(self, found: Mapping[Manager, Fields]) -> None:
        super().__init__()
        self.found = dict(found)

    def without(self, allowed: Fields) -> Conflicts:
        left = {who: fields - allowed for who, fields in self.found.items()}
        return Conflicts({who: fields for who, fields in left.items() if fields})

    def error(self) -> ApiError:
        """The answer, 409."""
        names = sorted(self.found, key=lambda who: who.shown)
        causes = [
            Cause(shown(path), f"conflict with {who.shown}", "FieldManagerConflict")
            for who in names
            for path in in_order(self.found[who])
        ]
        if len(causes) == 1:
            message = f"Apply failed with 1 conflict: {causes[0].message}: {causes[0].field}"
        else:
            lines = []
            for who in names:
                lines += [f"conflicts with {who.shown}:", *(f"- {shown(path)}" for path in in_order(self.found[who]))]
            message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
        details = {"causes": [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]}
        return ApiError(409, "Conflict", message, details=details)


def updated(owners: Owners, shape: Shape, old: Any, new: Any, who: Manager, version: str, time: str, ignored: Fields) -> Owners:
    """After an update by ``who``: it owns what it changed, and nobody else does."""
    change = Difference(shape, old, new)
    taken = _seen(change.added | change.modified, ignored)
    removed = _seen(change.removed, ignored)
    left = _lost(owners, taken | removed, who)
    own = owners.get(who)
    fields = ((own.fields if own else NONE) - removed) | taken
    if taken:
        left[who] = Owned(fields, version, time)
    elif own and fields:
        left[who] = Owned(fields, own.version, own.time)
    return _capped(left)


def applied(
    owners: Owners, shape: Shape, old: Any, config: Any, who: Manager, version: str, time: str, ignored: Fields, force: bool
) -> tuple[Any, Owners]:
    """The object after an apply of ``config`` by ``who``, and the managers. Raises Conflicts."""
    before = owners[who].fields if who in owners else NONE
    wanted = fields_of(shape, config)
    wanted = frozenset(path for path in wanted if not _under(path, ignored))
    new = merged(shape, old, config)
    if before:
        new = _pruned(shape, new, before, [owned.fields for other, owned in owners.items() if other != who] + [wanted])
    change = Difference(shape, old, new)
    taken, removed = _seen(change.added | change.modified, ignored), _seen(change.removed, ignored)
    conflicts = {other: owned.fields & taken for other, owned in owners.items() if other != who and owned.fields & taken}
    if conflicts and not force:
        raise Conflicts(conflicts)
    left = _lost(owners, taken | removed, who)
    own = wanted - _UNOWNED
    if own:
        left[who] = Owned(own, version, time if change else owners[who].time if who in owners else "")
    return (new if change else old), left


def _pruned(shape: Shape, new: Any, before: Fields, others: Iterable[Fields]) -> Any:
    """Without what the manager owned and no longer wants, unless somebody else owns it."""
    named = with_named(shape, before)
    cut = without(shape, new, named)
    every, left = with_named(shape, fields_of(shape, new)), with_named(shape, fields_of(shape, cut))
    owned = with_named(shape, NONE.union(*others))
    cut = without(shape, new, every - (left | owned))
    left = with_named(shape, fields_of(shape, cut))
    return without(shape, new, (every - left) & named)


def _seen(paths: Iterable[Path], ignored: Fields) -> Fields:
    return frozenset(path for path in paths if path not in _UNOWNED and not _under(path, ignored))


def _under(path: Path, roots: Fields) -> bool:
    return any(path[: len(root)] == root for root in roots)


def _lost(owners: Owners, taken: Fields, who: Manager) -> dict[Manager, Owned]:
    """The other managers without what was taken; those that have nothing left vanish."""
    left: dict[Manager, Owned] = {}
    for other, owned in owners.items():
        if other != who:
            fields = owned.fields - taken if taken else owned.fields
            if fields:
                left[other] = owned._replace(fields=fields)
    return left


def _capped(owners: dict[Manager, Owned]) -> Owners:
    """Of many updaters the oldest are told as one, ``ancient-changes``."""
    updaters = [who for who in owners if who.operation == "Update"]
    if len(updaters) <= _MOST:
        return owners
    updaters.sort(key=lambda who: (owners[who].time, who))
    for who in updaters[: len(updaters) - _MOST + 1]:
        owned = owners.pop(who)
        ancient = Manager("ancient-changes", "Update", who.version, "")
        known = owners.get(ancient)
        owners[ancient] = owned._replace(fields=owned.fields | (known.fields if known else NONE))
    return owners


def first(shape: Shape, live: Any, version: str, subresource: str, ignored: Fields) -> Owners:
    """What an object without managers has before its first apply: one that updated all of it."""
    who = manager(FIRST, "Update", version, subresource)
    return updated({}, shape, GONE, live, who, version, "", ignored)


def entries(owners: Owners) -> list[dict[str, Any]]:
    """``metadata.managedFields``."""
    order = sorted(owners.items(), key=lambda item: (item[0].operation, item[1].time, item[0].name, item[1].version, item[0]))
    shown_entries = []
    for who, owned in order:
        entry = {
            "manager": who.name,
            "operation": who.operation,
            "apiVersion": owned.version,
            **({"time": owned.time} if owned.time else {}),
            "fieldsType": "FieldsV1",
            "fieldsV1": encoded(owned.fields),
            **({"subresource": who.subresource} if who.subresource else {}),
        }
        shown_entries.append(entry)
    return shown_entries


def read_entries(given: Any) -> Owners | None:
    """The managers that a client sent, or None when it sent none that could be read: then nothing changes. ``[{}]`` takes all
    of them away."""
    if not isinstance(given, list) or not given:
        return None
    if len(given) == 1 and isinstance(given[0], Mapping) and not any(given[0].values()):
        return {}
    owners: dict[Manager, Owned] = {}
    for entry in given:
        if not isinstance(entry, Mapping) or entry.get("operation") not in ("Apply", "Update"):
            return None
        if entry.get("fieldsType", "FieldsV1") != "FieldsV1":
            return None
        words = [entry.get(name) or "" for name in ("manager", "operation", "apiVersion", "subresource", "time")]
        if not all(isinstance(word, str) for word in words):
            return None
        try:
            fields = decoded(entry.get("fieldsV1") or {})
        except ValueError:
            return None
        if fields:
            owners[manager(*words[:4])] = Owned(fields, words[2], words[4])
    return owners
