"""What all kinds of items have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import Any

from gitops_sim.course.quiz.result import Judgement, Value
from gitops_sim.scenarios.evidence import Evidence


class Body(ABC):
    """The part of an item that depends on its kind.

    ``truth`` is the right answer, in whatever form the kind judges by; for a computed item it is read from the run that
    ``evidence`` holds. ``dealt`` is the order in which the learner sees the choices (empty for kinds without any).
    """

    @property
    @abstractmethod
    def rule(self) -> str:
        """How points are given, in words for the learner."""

    @property
    @abstractmethod
    def hint(self) -> str:
        """How to write the answer."""

    def deal(self, stream: Random) -> Sequence[str]:
        return ()

    @abstractmethod
    def truth(self, evidence: Evidence | None) -> Any: ...

    @abstractmethod
    def read(self, value: object, dealt: Sequence[str]) -> Value:
        """The answer as plain data. Raises NotAnAnswer."""

    @abstractmethod
    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        """Grades what ``read`` gave."""

    @abstractmethod
    def right(self, truth: Any) -> Value:
        """The answer that gets full points."""


def shuffled(names: Sequence[str], stream: Random) -> list[str]:
    dealt = list(names)
    stream.shuffle(dealt)
    return dealt
