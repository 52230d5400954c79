"""The ways in which a field can be wrong, each with the server's prefix.

Source: k8s.io/apimachinery ``pkg/util/validation/field``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gitops_sim.cluster.go_text import json_text
from gitops_sim.errors import Cause


def shown(value: Any) -> str:
    """A value as messages quote it: JSON without blanks."""
    return json_text(value)


def required(field: str, why: str = "") -> Cause:
    return Cause(field, "Required value" + (f": {why}" if why else ""), "FieldValueRequired")


def wrong(field: str, value: Any, why: str) -> Cause:
    return Cause(field, f"Invalid value: {shown(value)}: {why}")


def wrong_for(field: str, value: Any, problems: Iterable[str]) -> list[Cause]:
    """One cause per problem of one value."""
    return [wrong(field, value, problem) for problem in problems]


def unsupported(field: str, value: Any, supported: Sequence[str]) -> Cause:
    choices = ", ".join(f'"{choice}"' for choice in supported)
    return Cause(field, f"Unsupported value: {shown(value)}: supported values: {choices}", "FieldValueNotSupported")


def forbidden(field: str, why: str) -> Cause:
    return Cause(field, f"Forbidden: {why}", "FieldValueForbidden")


def duplicate(field: str, value: Any) -> Cause:
    return Cause(field, f"Duplicate value: {shown(value)}", "FieldValueDuplicate")


def not_found(field: str, value: Any) -> Cause:
    return Cause(field, f"Not found: {shown(value)}", "FieldValueNotFound")


def too_long(field: str, limit: int) -> Cause:
    return Cause(field, f"Too long: may not be more than {limit} bytes", "FieldValueTooLong")


def at_least_zero(field: str, value: Any) -> list[Cause]:
    """For numbers; an unset one is fine."""
    return [wrong(field, value, "must be greater than or equal to 0")] if value is not None and value < 0 else []


def one_of(field: str, value: Any, supported: Sequence[str]) -> list[Cause]:
    return [] if value in supported else [unsupported(field, value, supported)]


def port_number(field: str, value: int) -> list[Cause]:
    return [] if 1 <= value <= 65535 else [wrong(field, value, "must be between 1 and 65535, inclusive")]
