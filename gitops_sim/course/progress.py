"""Where a learner stands: concepts done, shaky and next, reckoned from kept attempts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from gitops_sim.course.curriculum import CONCEPTS
from gitops_sim.course.exercises import Exercise, exercise_ids, load_exercise
from gitops_sim.course.quiz import Mastery, load_quiz, mastery
from gitops_sim.course.records import ExerciseRecord, PredictionRecord, Records
from gitops_sim.course.workspace import Workspace

Standing = Literal["done", "shaky", "begun", "new"]
NEXT = 3
"""How many steps are proposed at once."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept. ``reasons`` say in words what its standing rests on."""

    id: str
    name: str
    standing: Standing
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: an ``exercise`` or a ``quiz``, by id, and the concept that it is for."""

    kind: Literal["exercise", "quiz"]
    id: str
    title: str
    concept: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything at once. ``exercises`` holds the record of each exercise of the course; a new one where nothing was done."""

    concepts: Sequence[Concept]
    exercises: Sequence[tuple[Exercise, ExerciseRecord]]
    next: Sequence[Step]
    predictions: tuple[int, int]
    """How many predictions were made, and how many of them came true."""

    def standing(self, standing: Standing) -> list[Concept]:
        return [concept for concept in self.concepts if concept.standing == standing]

    def as_json(self) -> dict[str, Any]:
        return {
            "concepts": [{"id": c.id, "name": c.name, "standing": c.standing, "reasons": list(c.reasons)} for c in self.concepts],
            "exercises": [
                {
                    "id": exercise.id,
                    "title": exercise.title,
                    "passed": record.passed,
                    "passed_unaided": record.passed_unaided,
                    "best_points": best_points(record),
                    "max_points": exercise.max_points,
                    "checks_made": len(record.attempts),
                    "hints_used": record.hints,
                    "solution_seen": record.solution,
                    "submitted_points": record.submitted,
                }
                for exercise, record in self.exercises
            ],
            "next": [{"kind": step.kind, "id": step.id, "title": step.title, "concept": step.concept} for step in self.next],
            "predictions": {"made": self.predictions[0], "right": self.predictions[1]},
        }


def best_points(record: ExerciseRecord) -> int:
    return max((attempt.points for attempt in record.attempts), default=0)


def progress(workspace: Workspace) -> Progress:
    """Reads the workspace.

    **The rule.** A concept is ``shaky`` when the quiz finds it so, or when an exercise about it was checked and never passed, or
    passed only after the solution was read. It is ``done`` when the quiz finds it mastered, or an exercise about it was passed
    before its solution was read (hints do not count against it) and it is not shaky; ``begun`` when there were answers that say
    neither; else ``new``. Next come shaky concepts, then those begun, then new ones: exercises in the order of the course, then
    the quiz where no exercise is left.
    """
    records = workspace.records()
    exercises = [(exercise, records.exercises.get(exercise.id, ExerciseRecord())) for exercise in _exercises()]
    quiz = load_quiz()
    items = [*quiz.items, *(item for exercise, _ in exercises for item in exercise.questions)]
    items = [*{item.id: item for item in reversed(items)}.values()][::-1]
    known = mastery(items, workspace.answers.attempts())
    concepts = [_concept(id, known[id], exercises) for id in CONCEPTS]
    topics: dict[str, str] = {}
    for item in quiz.items:
        for concept in item.concepts:
            topics.setdefault(concept, item.topic)
    return Progress(concepts, exercises, _next(concepts, exercises, topics), _predictions(records))


def _exercises() -> list[Exercise]:
    return [load_exercise(id) for id in exercise_ids()]


def _concept(id: str, known: Mastery, exercises: Sequence[tuple[Exercise, ExerciseRecord]]) -> Concept:
    own = [(exercise, record) for exercise, record in exercises if id in exercise.concepts and record.attempts]
    reasons = [f"quiz: {known.level}, {known.score:.0%} over {known.answered} of {known.items}"] if known.answered else []
    for exercise, record in own:
        how = "passed" if record.passed_unaided else "passed after reading the solution" if record.passed else "not passed yet"
        helped = f", {record.hints} hint{'s' if record.hints > 1 else ''}" if record.hints else ""
        reasons.append(f"exercise {exercise.id}: {how}{helped}")
    standing: Standing = "begun" if reasons else "new"
    if known.level == "shaky" or any(not record.passed_unaided for _, record in own):
        standing = "shaky"
    elif known.level == "mastered" or own:
        standing = "done"
    return Concept(id, CONCEPTS[id], standing, tuple(reasons))


def _next(
    concepts: Sequence[Concept], exercises: Sequence[tuple[Exercise, ExerciseRecord]], topics: Mapping[str, str]
) -> Sequence[Step]:
    order: tuple[Standing, ...] = ("shaky", "begun", "new")
    steps: dict[tuple[str, str], Step] = {}
    for concept in sorted((c for c in concepts if c.standing in order), key=lambda c: order.index(c.standing)):
        open_ones = [e for e, record in exercises if concept.id in e.concepts and not record.passed_unaided]
        if open_ones:
            step = Step("exercise", open_ones[0].id, open_ones[0].title, concept.id)
        elif concept.id in topics:
            step = Step("quiz", topics[concept.id], concept.name, concept.id)
        else:
            continue
        steps.setdefault((step.kind, step.id), step)
    place = {exercise.id: number for number, (exercise, _) in enumerate(exercises)}
    rank = {concept.id: order.index(concept.standing) for concept in concepts if concept.standing in order}
    return sorted(steps.values(), key=lambda step: (rank[step.concept], place.get(step.id, len(place))))[:NEXT]


def _predictions(records: Records) -> tuple[int, int]:
    made = [prediction for prediction in records.predictions.values() if prediction.choice]
    return len(made), sum(prediction.right is True for prediction in made)


def keep_prediction(workspace: Workspace, key: str, choice: str, right: bool | None) -> None:
    """Keeps the first prediction that was made under ``key``; an empty ``choice`` says that the learner asked to be shown.
    Raises BadInput where the workspace cannot be written."""
    workspace.update(partial(_note_prediction, key=key, choice=choice, right=right))


def _note_prediction(records: Records, key: str, choice: str, right: bool | None) -> None:
    records.predictions.setdefault(key, PredictionRecord(choice, right))
