"""One right option, or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from gitops_sim.course.quiz.answers import LETTERS, Choices
from gitops_sim.course.quiz.kinds.body import Body, shuffled
from gitops_sim.course.quiz.result import Judgement, Note, Value
from gitops_sim.errors import BadInput
from gitops_sim.scenarios.checks.vocabulary import Call
from gitops_sim.scenarios.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Option:
    """One option. ``right`` is fixed, or, when ``when`` is given, found in the run: right if that check holds.

    ``why`` says why it is wrong; for an option that is always right, why it is right (it may then be empty).
    """

    text: str
    why: str = ""
    belief: str = ""
    right: bool = False
    when: Call | None = None


@dataclass(frozen=True, slots=True)
class Choice(Body):
    options: Mapping[str, Option]
    several: bool = False

    @property
    def rule(self) -> str:
        if self.several:
            return "each right choice earns its share, each wrong one takes a share away; never below 0"
        return "all or nothing"

    @property
    def hint(self) -> str:
        return "letters, several: a c" if self.several else "a letter"

    def deal(self, stream: Random) -> Sequence[str]:
        return shuffled([*self.options], stream)

    def truth(self, evidence: Evidence | None) -> frozenset[str]:
        right = set()
        for name, option in self.options.items():
            if option.when is None:
                if option.right:
                    right.add(name)
            elif evidence is not None and option.when.check(evidence).passed:
                right.add(name)
        if not right or (len(right) > 1 and not self.several):
            raise BadInput(
                f"{len(right)} options are right in this run: {', '.join(sorted(right)) or 'none'}",
                mend="mend their 'when', so that the run makes exactly one right",
            )
        return frozenset(right)

    def _choices(self, dealt: Sequence[str]) -> Choices:
        return Choices({name: option.text for name, option in self.options.items()}, dealt)

    def read(self, value: object, dealt: Sequence[str]) -> Value:
        choices = self._choices(dealt)
        if self.several:
            return sorted(choices.several(value))
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        return choices.one(value)

    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        chosen = {value} if isinstance(value, str) else set(value) if isinstance(value, list) else set()
        told = [name for name in dealt if name in chosen] + [name for name in dealt if name in truth - chosen]
        notes = [self._note(name, name in chosen, name in truth, dealt) for name in told]
        hits, misses = len(chosen & truth), len(chosen - truth)
        share = max(0.0, (hits - misses) / len(truth)) if self.several else float(chosen == truth)
        return Judgement(share, notes, self._words(truth, dealt), self._words(chosen, dealt))

    def _note(self, name: str, chosen: bool, right: bool, dealt: Sequence[str]) -> Note:
        option = self.options[name]
        text = self._words([name], dealt)
        if not right:
            return Note(text, False, option.why, option.belief)
        why = option.why if option.right else ""
        return Note(text, True, why) if chosen else Note(text, False, why, reveals=True, word="missed")

    def _words(self, names: Any, dealt: Sequence[str]) -> str:
        return "; ".join(f"{LETTERS[i]}) {self.options[name].text.strip()}" for i, name in enumerate(dealt) if name in names)

    def right(self, truth: Any) -> Value:
        names = sorted(truth)
        return names if self.several else names[0]
