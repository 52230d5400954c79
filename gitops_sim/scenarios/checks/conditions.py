"""Conditions: what can be true of the world for a while, and the spans of time in which it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.objects import Object, Path, dotted, get_path
from gitops_sim.scenarios.checks.params import read_field, read_object, shown
from gitops_sim.scenarios.checks.vocabulary import Param
from gitops_sim.scenarios.evidence import Evidence, ObjectRef, Span, spans, step_at
from gitops_sim.scenarios.reading import Reader

Comparison = Literal["equals", "not", "at_least", "at_most"]
_COMPARISONS: tuple[Comparison, ...] = ("equals", "not", "at_least", "at_most")
_WORDS = {"equals": "=", "not": "is not", "at_least": "at least", "at_most": "at most"}


class Condition:
    """Something that holds or does not at each moment; it can only change when one of ``breaks`` comes."""

    def breaks(self, evidence: Evidence) -> Iterator[float]:
        raise NotImplementedError

    def holds(self, evidence: Evidence, time: float) -> bool:
        raise NotImplementedError

    def spans(self, evidence: Evidence) -> list[Span]:
        return spans([*self.breaks(evidence)], evidence.end, lambda time: self.holds(evidence, time))

    def found(self, evidence: Evidence, time: float) -> str:
        """What there was instead, in a few words."""
        return "yes" if self.holds(evidence, time) else "no"


@dataclass(frozen=True, slots=True)
class _OfObject(Condition):
    """A condition on one object."""

    object: ObjectRef

    def breaks(self, evidence: Evidence) -> Iterator[float]:
        return (step.time for step in evidence.steps(self.object))

    def holds(self, evidence: Evidence, time: float) -> bool:
        return self.fits(step_at(evidence.steps(self.object), time))

    def found(self, evidence: Evidence, time: float) -> str:
        obj = step_at(evidence.steps(self.object), time)
        return f"no {self.object}" if obj is None else self.seen(obj)

    def fits(self, obj: Object | None) -> bool:
        raise NotImplementedError

    def seen(self, obj: Object) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Exists(_OfObject):
    wanted: bool = True

    def fits(self, obj: Object | None) -> bool:
        return (obj is not None) is self.wanted

    def seen(self, obj: Object) -> str:
        return f"{self.object} exists"

    def __str__(self) -> str:
        return f"{self.object} {'exists' if self.wanted else 'does not exist'}"


@dataclass(frozen=True, slots=True)
class Compares(_OfObject):
    """A field compared with a value. A field that is not there is less than any number."""

    field: Path = ()
    comparison: Comparison = "equals"
    value: Any = None

    def fits(self, obj: Object | None) -> bool:
        found = None if obj is None else get_path(obj, self.field)
        if self.comparison == "equals":
            return bool(found == self.value)
        if self.comparison == "not":
            return obj is not None and found != self.value
        number = found if isinstance(found, int | float) else 0 if self.comparison == "at_least" or obj is not None else None
        if number is None:
            return False
        return bool(number >= self.value if self.comparison == "at_least" else number <= self.value)

    def seen(self, obj: Object) -> str:
        return f"{dotted(self.field)} {shown(get_path(obj, self.field))}"

    def __str__(self) -> str:
        return f"{self.object} {dotted(self.field)} {_WORDS[self.comparison]} {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Ready(_OfObject):
    """A workload at rest: its controller has seen the spec, every replica is updated and ready, none is left over or stopping."""

    count: int | None = None

    def fits(self, obj: Object | None) -> bool:
        if obj is None:
            return False
        wanted = get_path(obj, ("spec", "replicas"), 1)
        status = obj.get("status") or {}
        return (
            self.count in (None, wanted)
            and status.get("observedGeneration", 0) >= obj["metadata"].get("generation", 0)
            and all(status.get(part, 0) == wanted for part in ("replicas", "updatedReplicas", "readyReplicas"))
            and not status.get("terminatingReplicas")
        )

    def seen(self, obj: Object) -> str:
        status = obj.get("status") or {}
        text = f"{status.get('readyReplicas', 0)}/{get_path(obj, ('spec', 'replicas'), 1)} ready"
        stale = status.get("replicas", 0) - status.get("updatedReplicas", 0)
        text += f", {stale} of an old version" if stale > 0 else ""
        return text + (f", {status['terminatingReplicas']} stopping" if status.get("terminatingReplicas") else "")

    def __str__(self) -> str:
        return f"{self.object} {'all' if self.count is None else self.count} ready"


@dataclass(frozen=True, slots=True)
class Group(Condition):
    """Several conditions: all of them, or any of them."""

    parts: tuple[Condition, ...]
    all: bool = True

    def breaks(self, evidence: Evidence) -> Iterator[float]:
        for part in self.parts:
            yield from part.breaks(evidence)

    def holds(self, evidence: Evidence, time: float) -> bool:
        found = (part.holds(evidence, time) for part in self.parts)
        return all(found) if self.all else any(found)

    def found(self, evidence: Evidence, time: float) -> str:
        return "; ".join(part.found(evidence, time) for part in self.parts)

    def __str__(self) -> str:
        return (" and " if self.all else " or ").join(str(part) for part in self.parts)


def read_condition(value: Reader) -> Condition:
    """``{object, field, equals|not|at_least|at_most}``, ``{object, ready: 3}``, ``{object, exists: false}``,
    ``{application, sync, health}``, ``{all: [...]}`` or ``{any: [...]}``."""
    entries = value.entries()
    for key in ("all", "any"):
        if key in entries:
            parts = tuple(read_condition(item) for item in value.mapping((key,))[key].items())
            if not parts:
                entries[key].fail("must not be empty")
            return Group(parts, key == "all")
    if "application" in entries:
        return _application(value)
    entries = value.mapping(("object",), ("field", "ready", "exists", *_COMPARISONS))
    ref = read_object(entries["object"])
    given = [key for key in entries if key != "object"]
    if given == ["ready"]:
        ready = entries["ready"]
        return Ready(ref, None if ready.plain() is True else ready.whole())
    if given in ([], ["exists"]):
        return Exists(ref, entries["exists"].flag() if given else True)
    comparisons = [key for key in _COMPARISONS if key in entries]
    if len(comparisons) != 1 or set(given) != {"field", comparisons[0]}:
        value.fail(
            f"not a condition: {', '.join(entries)}",
            "give 'field' and one of equals, not, at_least, at_most; or 'ready'; or 'exists'",
        )
    comparison = comparisons[0]
    wanted = entries[comparison].plain() if comparison in ("equals", "not") else entries[comparison].number()
    return Compares(ref, read_field(entries["field"]), comparison, wanted)


def application_ref(name: str, cluster: str = "") -> ObjectRef:
    """``web``, or ``staging:web``, as Argo CD keeps it."""
    home, colon, rest = name.partition(":")
    return ObjectRef("applications.argoproj.io", "argocd", rest if colon else name, home if colon else cluster)


def _application(value: Reader) -> Condition:
    entries = value.mapping(("application",), ("sync", "health"))
    ref = application_ref(entries["application"].text())
    parts: list[Condition] = []
    if "sync" in entries:
        wanted = entries["sync"].choice(("Synced", "OutOfSync", "Unknown"))
        parts.append(Compares(ref, ("status", "sync", "status"), "equals", wanted))
    if "health" in entries:
        wanted = entries["health"].choice(("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"))
        parts.append(Compares(ref, ("status", "health", "status"), "equals", wanted))
    if not parts:
        value.fail("says nothing about the application", "add 'sync: Synced' or 'health: Healthy'")
    return parts[0] if len(parts) == 1 else Group(tuple(parts))


CONDITION = Param(
    "a condition: {object, ready: 3}, {object, field, equals: ...}, {application, sync, health}", read_condition, required=True
)
