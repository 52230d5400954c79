"""``--sort-by``: objects in the order of one of their fields.

Source: k8s.io/kubectl ``pkg/cmd/get/sorter.go``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from gitops_sim.cluster.go_text import type_name
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError
from gitops_sim.cluster.quantity import QuantityError, amount
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object

_RELAXED = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")


def relaxed(expression: str) -> str:
    """``metadata.name``, ``.metadata.name`` and ``{metadata.name}`` as ``{.metadata.name}``. Raises KubectlError."""
    if not expression:
        return expression
    match = _RELAXED.fullmatch(expression)
    if match is None:
        raise KubectlError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
        )
    return "{." + (match[1] or match[2]) + "}"


def order(objects: Sequence[Object], expression: str) -> list[int]:
    """The positions of the objects in their new order. Raises KubectlError when none of them has the field."""
    if not objects:
        return []
    field = relaxed(expression)
    try:
        path = JSONPath(field)
        found = [path.find(obj) for obj in objects]
    except JSONPathError as error:
        raise KubectlError(str(error)) from None
    values: list[Any] = [result[0][0] if result and result[0] else _MISSING for result in found]
    if all(value is _MISSING for value in values):
        raise KubectlError(f'couldn\'t find any field with path "{field}" in the list of objects')

    def compare(one: int, two: int) -> int:
        return _compare(values[one], values[two], field)

    return sorted(range(len(objects)), key=cmp_to_key(compare))


class UnsortableError(KubectlError):
    """Values that have no order. kubectl does not get over it: it ends with a line of its log."""

    def __init__(self, field: str, kind: str) -> None:
        super().__init__(f"values of type {kind} have no order")
        self._field, self._kind = field, kind

    def line(self, inv: Invocation, place: str, what: str) -> str:
        """``what`` is the Go type that is being sorted, ``place`` where in kubectl that is."""
        why = f"is an unsortable type: interface, err: unsortable type: {self._kind}"
        return inv.log_line("F", place, f"Field {self._field} in {what} {why}")


_MISSING = object()


def _compare(one: Any, two: Any, field: str) -> int:
    if one is _MISSING or two is _MISSING:
        return (two is _MISSING) - (one is _MISSING)
    if one is None or two is None:
        return (two is None) - (one is None)
    numbers = isinstance(one, int | float) and isinstance(two, int | float)
    if isinstance(one, bool) or not (numbers or (isinstance(one, str) and isinstance(two, str))):
        raise UnsortableError(field, type_name(one))
    if isinstance(one, str):
        try:
            return _sign(amount(one), amount(two))
        except QuantityError:
            pass
    return _sign(one, two)


def _sign(one: Any, two: Any) -> int:
    return int(one > two) - int(one < two)
