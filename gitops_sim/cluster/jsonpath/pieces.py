"""The pieces of an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import GitOpsSimError


class JSONPathError(GitOpsSimError):
    """A template that cannot be parsed, or that does not fit the object it is applied to."""


@dataclass(frozen=True, slots=True)
class Value:
    """Text, a number or a boolean."""

    value: Any


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Slice:
    start: int | None
    stop: int | None
    step: int | None
    single: bool


@dataclass(frozen=True, slots=True)
class Filter:
    left: list[Step]
    operator: str
    right: list[Step]


@dataclass(frozen=True, slots=True)
class Union:
    parts: list[list[Step]]


@dataclass(frozen=True, slots=True)
class Word:
    """``range``, ``end``, or a word that means nothing."""

    name: str


class Wildcard:
    """``.*``"""


class Recursive:
    """``..``"""


Step = Value | Field | Slice | Filter | Union | Word | Wildcard | Recursive
