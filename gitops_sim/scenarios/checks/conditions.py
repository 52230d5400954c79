"""Conditions: what can be true of the world for a while, and the spans of time in which it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """A field of an object that exists, compared with a value. A number that is not there counts as 0."""

    field: Path = ()
    comparison: Comparison = "equals"
    value: Any = None

    def fits(self, obj: Object | None) -> bool:
        if obj is None:
            return False
        found = get_path(obj, self.field)
        if self.comparison in ("equals", "not"):
            return bool((found == self.value) is (self.comparison == "equals"))
        number = found if isinstance(found, int | float) else 0
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
        text += f", {status['terminatingReplicas']} stopping" if status.get("terminatingReplicas") else ""
        unseen = status.get("observedGeneration", 0) < obj["metadata"].get("generation", 0)
        return text + (", but its controller has not seen the change yet" if unseen else "")

    def __str__(self) -> str:
        return f"{self.object} {'all' if self.count is None else self.count} ready"


@dataclass(frozen=True, slots=True)
class Reports(_OfObject):
    """What an Application says of itself. An empty ``sync`` or ``health`` may be anything."""

    sync: str = ""
    health: str = ""

    def fits(self, obj: Object | None) -> bool:
        return obj is not None and all(
            wanted in ("", get_path(obj, ("status", axis, "status"))) for axis, wanted in self._wanted()
        )

    def seen(self, obj: Object) -> str:
        return ", ".join(shown(get_path(obj, ("status", axis, "status"))) for axis, wanted in self._wanted() if wanted)

    def __str__(self) -> str:
        return f"{self.object.name} " + ", ".join(wanted for _, wanted in self._wanted() if wanted)

    def _wanted(self) -> tuple[tuple[str, str], ...]:
        return ("sync", self.sync), ("health", self.health)


@dataclass(frozen=True, slots=True)
class SaysReady(_OfObject):
    """What an object of Flux says in its Ready condition. An empty ``reason`` may be anything."""

    status: str = "True"
    reason: str = ""

    def fits(self, obj: Object | None) -> bool:
        found = self._condition(obj)
        return found.get("status") == self.status and self.reason in ("", found.get("reason"))

    def seen(self, obj: Object) -> str:
        found = self._condition(obj)
        return f"Ready {found.get('status', 'not said')}, {found.get('reason', '-')}"

    def __str__(self) -> str:
        return f"{self.object.name} Ready {self.status}" + (f" ({self.reason})" if self.reason else "")

    @staticmethod
    def _condition(obj: Object | None) -> Mapping[str, Any]:
        conditions = get_path(obj, ("status", "conditions")) if obj is not None else None
        return next((one for one in conditions or () if one.get("type") == "Ready"), {})


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


SYNC = ("Synced", "OutOfSync", "Unknown")
HEALTH = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")


def read_condition(value: Reader) -> Condition:
    """``{object, field, equals|not|at_least|at_most}``, ``{object, ready: 3}``, ``{object, exists: false}``,
    ``{application, sync, health}``, ``{kustomization, ready: "False", reason}``, ``{all: [...]}`` or ``{any: [...]}``."""
    entries = value.entries()
    for key in ("all", "any"):
        if key in entries:
            parts = tuple(read_condition(item) for item in value.mapping((key,))[key].items())
            if not parts:
                entries[key].fail("must not be empty")
            return Group(parts, key == "all")
    if "application" in entries:
        return _application(value)
    if "kustomization" in entries:
        return _kustomization(value)
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


def application_ref(name: str) -> ObjectRef:
    """``web``, or ``staging:web``, as Argo CD keeps it."""
    home, colon, rest = name.partition(":")
    return ObjectRef("Application", "argocd", rest if colon else name, home if colon else "")


def _application(value: Reader) -> Condition:
    entries = value.mapping(("application",), ("sync", "health"))
    ref = application_ref(entries["application"].text())
    if len(entries) == 1:
        value.fail("says nothing about the application", "add 'sync: Synced' or 'health: Healthy'")
    sync = entries["sync"].choice(SYNC) if "sync" in entries else ""
    return Reports(ref, sync, entries["health"].choice(HEALTH) if "health" in entries else "")


CONDITION = Param(
    "a condition: {object, ready: 3}, {object, field, equals: ...}, {application, sync, health}", read_condition, required=True
)


def _kustomization(value: Reader) -> Condition:
    entries = value.mapping(("kustomization", "ready"), ("reason",))
    home, colon, rest = entries["kustomization"].text().partition(":")
    kind = "Kustomization.kustomize.toolkit.fluxcd.io"
    ref = ObjectRef(kind, "flux-system", rest if colon else home, home if colon else "")
    status = entries["ready"].choice(("True", "False", "Unknown"))
    return SaysReady(ref, status, entries["reason"].text() if "reason" in entries else "")
