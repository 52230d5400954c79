"""An answer in one's own words, held against a rubric."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.course.quiz.answers import read_text
from gitops_sim.course.quiz.kinds.body import Body
from gitops_sim.course.quiz.result import Judgement, Note, Value
from gitops_sim.scenarios.evidence import Evidence

_WORD = re.compile(r"[\w`'.-]*\w")


@dataclass(frozen=True, slots=True)
class Idea:
    """One idea that the answer should hold: found when any phrase of ``any`` is.

    A phrase is one or more words, all of which stand in one sentence of the answer, in any order; ``revert*`` is any word that
    begins with revert.
    """

    idea: str
    any: Sequence[str]


@dataclass(frozen=True, slots=True)
class Misreading:
    """Words that show a wrong belief. They cost no points (words can mislead a rubric), but they are answered."""

    any: Sequence[str]
    why: str
    belief: str = ""


@dataclass(frozen=True, slots=True)
class FreeText(Body):
    """``need`` ideas pass; each idea earns an equal share. ``model`` is shown beside the learner's answer."""

    ideas: Mapping[str, Idea]
    need: int
    model: str
    misreadings: Sequence[Misreading] = ()

    @property
    def rule(self) -> str:
        return (
            "a rubric looks for ideas by their words and does not understand sentences: each idea found earns an equal share. "
            "Compare your answer with the model answer and judge for yourself"
        )

    @property
    def hint(self) -> str:
        return "a sentence or two"

    def truth(self, evidence: Evidence | None) -> str:
        return self.model

    def read(self, value: object, dealt: Sequence[str]) -> Value:
        return read_text(value)

    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        assert isinstance(value, str)
        sentences = _sentences(value)
        notes = []
        for idea in self.ideas.values():
            found = _found(sentences, idea.any)
            if found:
                notes.append(Note(idea.idea, True, f"Your words: {found}.", word="found"))
            else:
                notes.append(Note(idea.idea, False, "", reveals=True, word="not found"))
        share = sum(note.right for note in notes) / len(notes)
        passed = sum(note.right for note in notes) >= self.need
        for misreading in self.misreadings:
            found = _found(sentences, misreading.any)
            if found:
                notes.append(Note(f"You wrote: {found}", False, misreading.why, misreading.belief))
        return Judgement(share, notes, self.model.strip(), value, passed)

    def right(self, truth: Any) -> Value:
        return self.model.strip()


def _sentences(text: str) -> list[list[str]]:
    """Words of each sentence, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return [[word.strip("`'.-") for word in _WORD.findall(part)] for part in re.split(r"[.!?;]\s|\n", plain)]


def _found(sentences: Sequence[Sequence[str]], phrases: Sequence[str]) -> str:
    """The words of the answer that make the first phrase which is there; empty when none is."""
    for phrase in phrases:
        for sentence in sentences:
            words = [_first(sentence, wanted) for wanted in phrase.casefold().split()]
            if all(words):
                return " ... ".join(dict.fromkeys(words))
    return ""


def _first(words: Sequence[str], wanted: str) -> str:
    if wanted.endswith("*"):
        return next((word for word in words if word.startswith(wanted[:-1])), "")
    return wanted if wanted in words else ""
