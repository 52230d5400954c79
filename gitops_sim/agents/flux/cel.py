"""Expressions in CEL in the specs of Flux: how healthy an object is, and whether a dependency is ready.

Source: fluxcd/pkg ``runtime/cel``: ``expression.go``, ``status_evaluator.go`` and ``status_reader.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.kstatus import Status
from gitops_sim.agents.frozen import Frozen
from gitops_sim.cluster.custom.expressions import Expression, ExpressionError, available, expression
from gitops_sim.cluster.custom.values import longest_list
from gitops_sim.objects import Key, Object, get_path, group_of

FOR_GOOD = "Reconciliation failed terminally due to configuration error"
"""What a controller says of an expression that cannot be read, before the reason."""
_QUOTE = "'"
_UNDECLARED = f"undeclared reference to {_QUOTE}"
_ORDER: tuple[tuple[str, Status], ...] = (("inProgress", "InProgress"), ("failed", "Failed"), ("current", "Current"))


class InvalidExpressionError(Exception):
    """An expression that cannot be read: nothing is tried again before the spec changes."""


class UnclearError(Exception):
    """An expression that has no answer for what there is now; ``reason`` is what the evaluator says."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


def holds(text: str, variables: Mapping[str, Any]) -> bool:
    """Whether an expression is true; ``variables`` hold JSON-like data. Raises InvalidExpressionError and UnclearError."""
    from celpy.adapter import json_to_cel

    read = _read(text)
    try:
        found = read.value({name: json_to_cel(value) for name, value in variables.items()}, longest_list(dict(variables)))
    except ExpressionError as error:
        reason = str(error)
        raise UnclearError(f"failed to evaluate the CEL expression '{text}': {_worded(reason)}", reason) from None
    if not isinstance(found, _truth()):
        raise UnclearError(f"failed to evaluate CEL expression as boolean: '{text}'")
    return bool(found)


def unready(text: str, app: Object, dependency: Object) -> str:
    """What a ``readyExpr`` finds wanting, said about the object itself (``self``) and the one that it depends on (``dep``); empty
    when that is ready. Raises InvalidExpressionError."""
    name = dependency["metadata"]["name"]
    try:
        ready = holds(text, {"self": app, "dep": dependency})
    except InvalidExpressionError as error:
        raise InvalidExpressionError(f"failed to evaluate dependency {name}: {error}") from None
    except UnclearError as error:
        if error.reason.startswith(_UNDECLARED):
            raise InvalidExpressionError(f"failed to evaluate dependency {name}: {_unparsed(text, error.reason)}") from None
        return str(error)
    whole = f"{dependency['metadata']['namespace']}/{name}"
    return "" if ready else f"dependency '{whole}' is not ready according to readyExpr eval"


@dataclass(frozen=True, slots=True)
class HealthCheckExpressions(Frozen):
    """``healthCheckExprs`` of a spec; ``jobs``: whether they may judge Jobs, too, for which there is a built-in rule."""

    entries: tuple[Mapping[str, str], ...] = ()
    jobs: bool = True

    def check(self) -> None:
        """Raises InvalidExpressionError for the first that cannot be read."""
        seen = set()
        for number, entry in enumerate(self.entries):
            place = _place(entry)
            if place in seen:
                name = ".".join(part for part in reversed(place) if part)
                raise InvalidExpressionError(f"duplicate custom health check for GroupKind {name} at healthchecks[{number}]")
            seen.add(place)
            for field in ("current", "failed", "inProgress"):
                self._check(number, field, entry.get(field, ""))

    def speak_of(self, key: Key) -> bool:
        return self._entry(key) is not None

    def status(self, key: Key, obj: Object) -> tuple[Status, str] | None:
        """How an object is, and why; None when nothing is said of its kind. Raises UnclearError."""
        entry = self._entry(key)
        if entry is None:
            return None
        observed, generation = get_path(obj, ("status", "observedGeneration")), obj["metadata"].get("generation")
        if isinstance(observed, int) and isinstance(generation, int) and observed != generation:
            return "InProgress", f"its controller has seen generation {observed}, not yet {generation}"
        for field, status in _ORDER:
            if entry.get(field) and holds(entry[field], obj):
                return status, f"healthCheckExprs: {field} is true"
        return "InProgress", f"healthCheckExprs: current is not true yet: {entry['current']}"

    def _entry(self, key: Key) -> Mapping[str, str] | None:
        if key[:2] == ("batch", "Job") and not self.jobs:
            return None
        by_place = {_place(entry): entry for entry in self.entries}
        return by_place.get((key.group, key.kind)) or by_place.get((key.group, ""))

    def _check(self, number: int, field: str, text: str) -> None:
        if not text:
            return
        try:
            _read(text)
        except InvalidExpressionError as error:
            what = f"failed to create custom status evaluator for healthchecks[{number}]"
            what += f": failed to parse the expression {field[0].upper()}{field[1:]}"
            raise InvalidExpressionError(f"{what}: {error}") from None


BUILT_IN = HealthCheckExpressions()
"""No expressions."""


def health_check_expressions(spec: Mapping[str, Any], *, jobs: bool) -> HealthCheckExpressions:
    """Those of a spec that the API server has checked; none where expressions cannot be read at all."""
    return HealthCheckExpressions(tuple(spec.get("healthCheckExprs") or ()) if available() else (), jobs)


def ready_expressions(dependencies: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """``readyExpr`` of each entry of ``dependsOn``; empty for the built-in check."""
    return tuple((entry.get("readyExpr") or "") if available() else "" for entry in dependencies)


def unreadable(spec: Mapping[str, Any], dependencies: Sequence[Mapping[str, str]]) -> list[str]:
    """The fields that hold expressions, where the library that reads them is not installed."""
    if available():
        return []
    found = ["spec.healthCheckExprs"] * bool(spec.get("healthCheckExprs"))
    found += ["spec.dependsOn[].readyExpr"] * any(entry.get("readyExpr") for entry in dependencies)
    return [f"{field} (pip install 'gitops-sim[cel]')" for field in found]


def _read(text: str) -> Expression:
    try:
        return expression(text)
    except ExpressionError as error:
        what = str(error).removeprefix("compilation failed: ")
        raise InvalidExpressionError(_unparsed(text, what)) from None


def _unparsed(text: str, why: str) -> str:
    return f"failed to parse the CEL expression '{text}': {why}"


def _worded(error: str) -> str:
    """An evaluator that knows no declarations misses an attribute; ours misses a reference."""
    if error.startswith(_UNDECLARED):
        return f"no such attribute(s): {error.removeprefix(_UNDECLARED).split(_QUOTE)[0]}"
    return error


def _place(entry: Mapping[str, str]) -> tuple[str, str]:
    return group_of(entry["apiVersion"]), entry.get("kind") or ""


def _truth() -> type:
    from celpy.celtypes import BoolType

    return BoolType
