"""Words about how things are: objects, workloads, sync and health, at the end or at any time."""

from __future__ import annotations

from typing import Any

from gitops_sim.objects import Path, get_path
from gitops_sim.scenarios.checks.conditions import HEALTH, SYNC, Compares, Condition, Exists, Ready, Reports, application_ref
from gitops_sim.scenarios.checks.params import ANY_VALUE, AT, FIELD, OBJECT, one_of, shown
from gitops_sim.scenarios.checks.vocabulary import Measured, Param, Verdict, check, measure
from gitops_sim.scenarios.evidence import Evidence, ObjectRef
from gitops_sim.scenarios.reading import Reader

_APPLICATION = Param("the Argo CD Application, by name", Reader.text, required=True)


def _now(evidence: Evidence, condition: Condition, at: float | None) -> Verdict:
    time = evidence.end if at is None else at
    return Verdict(condition.holds(evidence, time), str(condition), condition.found(evidence, time), time)


@check(object=OBJECT, field=FIELD, value=ANY_VALUE, at=AT)
def field_equals(evidence: Evidence, *, object: ObjectRef, field: Path, value: Any, at: float | None = None) -> Verdict:
    """A field of an object has this value; null means that it is not there."""
    found = value_of(evidence, object=object, field=field, at=at)
    wanted = Compares(object, field, "equals", value)
    time = evidence.end if at is None else at
    return Verdict(wanted.holds(evidence, time), str(wanted), found.text, time)


@check(object=OBJECT, count=Param("how many", Reader.whole, required=True), at=AT)
def replicas_ready(evidence: Evidence, *, object: ObjectRef, count: int, at: float | None = None) -> Verdict:
    """A workload has this many replicas, all of the current version, all ready, and none left over."""
    return _now(evidence, Ready(object, count), at)


@check(object=OBJECT, at=AT)
def object_exists(evidence: Evidence, *, object: ObjectRef, at: float | None = None) -> Verdict:
    """An object exists."""
    return _now(evidence, Exists(object), at)


@check(object=OBJECT, at=AT)
def object_absent(evidence: Evidence, *, object: ObjectRef, at: float | None = None) -> Verdict:
    """An object does not exist."""
    return _now(evidence, Exists(object, wanted=False), at)


@check(application=_APPLICATION, value=Param("Synced, OutOfSync or Unknown", one_of(SYNC), required=True), at=AT)
def sync_status(evidence: Evidence, *, application: str, value: str, at: float | None = None) -> Verdict:
    """What an Application says of its sync status."""
    return _now(evidence, Reports(application_ref(application), sync=value), at)


@check(application=_APPLICATION, value=Param("Healthy, Degraded, Progressing ...", one_of(HEALTH), required=True), at=AT)
def health_status(evidence: Evidence, *, application: str, value: str, at: float | None = None) -> Verdict:
    """What an Application says of its health."""
    return _now(evidence, Reports(application_ref(application), health=value), at)


@measure(object=OBJECT, field=FIELD, at=AT)
def value_of(evidence: Evidence, *, object: ObjectRef, field: Path, at: float | None = None) -> Measured:
    """What a field of an object holds."""
    obj = evidence.object_at(object, evidence.end if at is None else at)
    value = None if obj is None else get_path(obj, field)
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    return Measured(number, f"no {object}" if obj is None else shown(value), at)
