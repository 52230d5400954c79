"""The closed vocabulary of probes: how the number that answers a computed question is read from a run.

It holds the measures of the scenarios (``seconds_until``, ``drift_seconds``, ``commits``) and the words below.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

from gitops_sim.objects import Path, get_path
from gitops_sim.scenarios.checks import MEASURES, Measured, Param, Word
from gitops_sim.scenarios.checks.params import AT, CLUSTER, FIELD, OBJECT, glob, read_object
from gitops_sim.scenarios.checks.when import EVENT, SINCE, UNTIL, EventPattern, When
from gitops_sim.scenarios.evidence import Evidence, ObjectRef, step_at
from gitops_sim.scenarios.reading import Reader

PROBES: dict[str, Word] = dict(MEASURES)
"""Every probe by name."""


def _probe(**params: Param) -> Callable[[Callable[..., Measured]], Callable[..., Measured]]:
    def add(function: Callable[..., Measured]) -> Callable[..., Measured]:
        doc = (inspect.getdoc(function) or "").splitlines()[0]
        PROBES[function.__name__] = Word(function.__name__, doc, params, function, measures=True)
        return function

    return add


def _found(value: float | None) -> Measured:
    return Measured(value, "nothing" if value is None else f"{value:g}")


def _number(obj: object, field: Path) -> float | None:
    value = get_path(obj, field)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@_probe(object=OBJECT, field=FIELD, at=AT)
def number_at(evidence: Evidence, *, object: ObjectRef, field: Path, at: float | None = None) -> Measured:
    """A number in an object, at the end or at a time; 0 where the object has no such field."""
    obj = step_at(evidence.steps(object), evidence.end if at is None else at)
    return _found(None if obj is None else _number(obj, field) or 0.0)


def _numbers(evidence: Evidence, ref: ObjectRef, field: Path, since: When | None, until: When | None) -> list[float]:
    """Every value that lasted for some time between the two."""
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else evidence.end
    if start is None or end is None:
        return []
    steps = evidence.steps(ref)
    ends = [*(step.time for step in steps[1:]), evidence.end]
    lasting = [s for s, stop in zip(steps, ends, strict=True) if s.time <= end and stop > start and s.object is not None]
    return [_number(step.object, field) or 0.0 for step in lasting]


@_probe(object=OBJECT, field=FIELD, since=SINCE, until=UNTIL)
def highest(
    evidence: Evidence, *, object: ObjectRef, field: Path, since: When | None = None, until: When | None = None
) -> Measured:
    """The highest value that a number in an object had for some time."""
    return _found(max(_numbers(evidence, object, field, since, until), default=None))


@_probe(object=OBJECT, field=FIELD, since=SINCE, until=UNTIL)
def lowest(
    evidence: Evidence, *, object: ObjectRef, field: Path, since: When | None = None, until: When | None = None
) -> Measured:
    """The lowest value that a number in an object had for some time."""
    return _found(min(_numbers(evidence, object, field, since, until), default=None))


@_probe(event=EVENT, since=SINCE, until=UNTIL)
def count_events(evidence: Evidence, *, event: EventPattern, since: When | None = None, until: When | None = None) -> Measured:
    """How often something happened."""
    start = since.find(evidence) if since else 0.0
    end = until.find(evidence) if until else evidence.end
    if start is None or end is None:
        return _found(None)
    return _found(float(len(event.find(evidence, start, end))))


@_probe(
    kind=Param("the kind", Reader.text, required=True),
    namespace=Param("the namespace; all when left out", Reader.text),
    name=Param("the name, which may hold *", Reader.text),
    at=AT,
    cluster=CLUSTER,
)
def count_objects(
    evidence: Evidence, *, kind: str, namespace: str = "", name: str = "", at: float | None = None, cluster: str = ""
) -> Measured:
    """How many objects of a kind there are, at the end or at a time."""
    key = evidence.key(ObjectRef(kind, namespace, "any", cluster))
    store = evidence.cluster(cluster).store
    view = store if at is None else store.at(at)
    found = [o for o in view.list(key.group, key.kind, namespace) if glob(o["metadata"]["name"], name)]
    return _found(float(len(found)))


def _read_objects(value: Reader) -> tuple[ObjectRef, ...]:
    return tuple(read_object(item) for item in value.items())


@_probe(objects=Param("a list of objects: Kind/name or Kind/namespace/name", _read_objects, required=True), at=AT)
def count_existing(evidence: Evidence, *, objects: Sequence[ObjectRef], at: float | None = None) -> Measured:
    """How many of these objects exist, at the end or at a time."""
    time = evidence.end if at is None else at
    return _found(float(sum(step_at(evidence.steps(ref), time) is not None for ref in objects)))
