"""A quiz item, and the question that it becomes with a seed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from gitops_sim.course.quiz.kinds import Body
from gitops_sim.course.quiz.result import Result, Value
from gitops_sim.course.quiz.runs import PlayedRun, RunSpec
from gitops_sim.errors import BadInput
from gitops_sim.randomness import Randomness

VARIABLE = re.compile(r"\$([a-z_]+)")
"""``$name``: a variable of a case, or a fact of the run."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is asked in one case of an item; ``run`` is the world behind a computed question."""

    prompt: str
    explanation: str
    body: Body
    run: RunSpec | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item as its author wrote it. ``difficulty``: 1 recall, 2 apply, 3 find out. ``where``: file and line, for authors.

    An item with several ``cases`` (other numbers, another switch) asks one of them: neighbouring seeds ask different ones.
    """

    id: str
    version: int
    topic: str
    section: str
    concepts: tuple[str, ...]
    difficulty: int
    kind: str
    source: str
    points: float
    cases: Sequence[Content]
    where: str

    @property
    def computed(self) -> bool:
        """Whether the simulator answers it."""
        return self.cases[0].run is not None

    def ask(self, seed: int = 0) -> Question:
        first = Random(f"gitops-sim/quiz/{self.id}").randrange(len(self.cases))
        return Question(self, seed, self.cases[(first + seed) % len(self.cases)])

    def grade(self, answer: object, *, seed: int = 0) -> Result:
        """Grades one answer to the question that this seed asks. Raises NotAnAnswer."""
        return self.ask(seed).grade(answer)


class Question:
    """An item asked with a seed: its choices are dealt, its world is chosen. The same seed asks the same, always.

    The world of a computed question is played at the first grading, or earlier if the prompt tells facts of it.
    """

    def __init__(self, item: Item, seed: int, content: Content) -> None:
        self.item, self.seed = item, seed
        self.body = content.body
        self._content = content
        self.dealt = tuple(self.body.deal(Randomness(seed).stream(f"quiz/{item.id}")))

    @cached_property
    def run(self) -> PlayedRun | None:
        """The world that was played; None for a question that needs none."""
        return self._content.run.play(self.seed) if self._content.run else None

    @cached_property
    def prompt(self) -> str:
        """What is asked; it may tell facts of the run, which is then played."""
        return self._told(self._content.prompt)

    @cached_property
    def explanation(self) -> str:
        return self._told(self._content.explanation)

    def _told(self, text: str) -> str:
        if self._content.run is None or not self._content.run.facts:
            return text.strip()
        assert self.run is not None
        run = self.run
        return VARIABLE.sub(lambda found: run.fact(found[1]), text).strip()

    @cached_property
    def truth(self) -> Any:
        """The right answer, in the form in which its kind judges. Raises BadInput if the run does not answer the question."""
        try:
            return self.body.truth(self.run.evidence if self.run else None)
        except BadInput as error:
            where = error.where or f"{self.item.where}: {self.item.id}, seed {self.seed}"
            raise BadInput(error.what, where=where, mend=error.mend) from None

    @property
    def right_answer(self) -> Value:
        """An answer that gets full points."""
        return self.body.right(self.truth)

    def read(self, answer: object) -> Value:
        """The answer as plain data. Raises NotAnAnswer for what cannot be one."""
        return self.body.read(answer, self.dealt)

    def grade(self, answer: object) -> Result:
        """Raises NotAnAnswer for what cannot be an answer."""
        value = self.read(answer)
        judgement = self.body.judge(value, self.truth, self.dealt)
        points = round(judgement.share * self.item.points, 2)
        return Result(
            question=self.item.id,
            version=self.item.version,
            seed=self.seed,
            prompt=self.prompt,
            value=value,
            points=points,
            max_points=self.item.points,
            passed=judgement.share >= 1 if judgement.passed is None else judgement.passed,
            notes=judgement.notes,
            expected=judgement.expected,
            actual=judgement.actual,
            explanation=self.explanation,
            source=self.item.source,
            story=self.run.story() if self.run else "",
            model=judgement.expected if self.item.kind == "free" else "",
        )
