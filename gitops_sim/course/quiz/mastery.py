"""How well each concept is known, reckoned from the kept answers alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gitops_sim.course.curriculum import CONCEPTS
from gitops_sim.course.quiz.item import Item
from gitops_sim.course.quiz.session import Attempt

Level = Literal["new", "shaky", "growing", "mastered"]

SHAKY_BELOW = 0.6
MASTERED_FROM = 0.85
ITEMS_FOR_MASTERY = 2
RETRY_CREDIT = 0.5


@dataclass(frozen=True, slots=True)
class Mastery:
    """One concept. ``score`` is from 0 to 1; ``answered`` of ``items`` were answered; ``again`` are items worth another try."""

    concept: str
    level: Level
    score: float
    answered: int
    items: int
    again: Sequence[str]


def mastery(items: Sequence[Item], attempts: Iterable[Attempt]) -> dict[str, Mastery]:
    """Mastery of every concept of the curriculum.

    **The rule.** An item's credit is the share of points of the first answer in its latest sitting; a better later answer of
    that sitting, given after feedback, counts for half of what it adds. Answers to an older version of an item do not count. A
    concept's score is the mean credit of its answered items, weighted by difficulty. ``new``: nothing answered; ``shaky``:
    below 0.6; ``mastered``: 0.85 or more over at least two items (one, if it has no more); ``growing``: anything else.
    """
    credit = _credits(items, attempts)
    found: dict[str, Mastery] = {}
    for concept in CONCEPTS:
        own = [item for item in items if concept in item.concepts]
        answered = [item for item in own if item.id in credit]
        weight = sum(item.difficulty for item in answered)
        score = round(sum(credit[item.id] * item.difficulty for item in answered) / weight, 4) if answered else 0.0
        enough = len(answered) >= min(ITEMS_FOR_MASTERY, len(own))
        level: Level = "growing"
        if not answered:
            level = "new"
        elif score < SHAKY_BELOW:
            level = "shaky"
        elif score >= MASTERED_FROM and enough:
            level = "mastered"
        again = tuple(item.id for item in answered if credit[item.id] < MASTERED_FROM)
        found[concept] = Mastery(concept, level, score, len(answered), len(own), again)
    return found


def _credits(items: Sequence[Item], attempts: Iterable[Attempt]) -> Mapping[str, float]:
    """The credit of each answered item. Attempts come in the order in which they were made."""
    versions = {item.id: item.version for item in items}
    credit: dict[str, float] = {}
    first: dict[str, float] = {}
    for attempt in attempts:
        if versions.get(attempt.question) != attempt.version or attempt.max_points <= 0:
            continue
        share = attempt.points / attempt.max_points
        if attempt.at_attempt == 1 or attempt.question not in first:
            first[attempt.question] = credit[attempt.question] = share
        else:
            begun = first[attempt.question]
            credit[attempt.question] = max(credit[attempt.question], begun + RETRY_CREDIT * max(0.0, share - begun))
    return credit
