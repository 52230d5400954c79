"""Asking a quiz: practice with feedback at once, or an exam with feedback at the end. What was answered is kept as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gitops_sim.course.quiz.answers import NotAnAnswer
from gitops_sim.course.quiz.item import Question
from gitops_sim.course.quiz.result import Result, Value
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest

MODES = ("practice", "exam")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted answer, as it is kept: plain data, the same in every session and file.

    ``version`` is the item's, ``seed`` the quiz's; ``at_attempt`` counts from 1 within one sitting. A ``value`` of None: the
    question was open when the exam was handed in, or its answer was shown before any was given.
    """

    question: str
    version: int
    seed: int
    value: Value | None
    points: float
    max_points: float
    passed: bool
    at_attempt: int
    mode: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_FIELDS: Mapping[str, tuple[type, ...]] = {
    "question": (str,),
    "version": (int,),
    "seed": (int,),
    "value": (str, int, float, list, dict, type(None)),
    "points": (int, float),
    "max_points": (int, float),
    "passed": (bool,),
    "at_attempt": (int,),
    "mode": (str,),
}


def read_attempt(record: Mapping[str, Any], *, where: str = "") -> Attempt:
    """An attempt from what :meth:`Attempt.as_json` gave. Raises BadInput for anything else."""
    mend = "a record of an answer is {" + ", ".join(_FIELDS) + "}"
    if not isinstance(record, Mapping) or set(record) != set(_FIELDS):
        raise BadInput("not a record of an answer", where=where, mend=mend)
    for name, types in _FIELDS.items():
        value = record[name]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise BadInput(f"{name!r} is of the wrong type", where=where, mend=mend)
    if record["mode"] not in MODES or record["at_attempt"] < 1 or not 0 <= record["points"] <= record["max_points"]:
        raise BadInput("not a record of an answer: its numbers do not fit", where=where, mend=mend)
    return Attempt(**record)


class Session:
    """Questions being asked. In practice mode each answer is graded at once and may be tried again; in an exam each question
    takes one answer, nothing is said until ``finish()``, and there is no clock.
    """

    def __init__(self, questions: Sequence[Question], *, seed: int, exam: bool = False) -> None:
        self.questions, self.seed, self.exam = tuple(questions), seed, exam
        self.finished = False
        self.attempts: list[Attempt] = []
        self._results: dict[str, Result] = {}
        self._left_open: set[str] = set()

    @property
    def mode(self) -> str:
        return "exam" if self.exam else "practice"

    def question(self, id: str) -> Question:
        for question in self.questions:
            if question.item.id == id:
                return question
        raise BadInput(f"no question {id!r} here", mend=nearest(str(id), (q.item.id for q in self.questions)))

    def answer(self, id: str, value: object) -> Result | None:
        """Answers a question: the graded result, or None in an exam that is still going on.

        Raises NotAnAnswer, which counts as no attempt, for what cannot be an answer, and for a second answer in an exam.
        """
        question = self.question(id)
        if self.exam and question not in self.open:
            raise NotAnAnswer("this question has its answer already", mend="in an exam the first answer counts: go on")
        result = question.grade(value)
        self._keep(result, self.tries(id) + 1)
        return None if self.exam else result

    def _keep(self, result: Result, at_attempt: int) -> None:
        self._results[result.question] = result
        self.attempts.append(
            Attempt(
                result.question,
                result.version,
                self.seed,
                result.value,
                result.points,
                result.max_points,
                result.passed,
                at_attempt,
                self.mode,
            )
        )

    def show(self, id: str) -> Result:
        """Gives up on a question: its right answer, with everything there is to say. Without an answer before, it has no points.

        Raises BadInput in an exam that goes on."""
        question = self.question(id)
        if self.exam and not self.finished:
            raise BadInput("in an exam the answers come at the end", mend="answer it, or leave it open")
        if question in self.open:
            self._leave_open(question)
        return question.grade(question.right_answer)

    def _leave_open(self, question: Question) -> None:
        item = question.item
        self._left_open.add(item.id)
        self.attempts.append(Attempt(item.id, item.version, self.seed, None, 0.0, item.points, False, 1, self.mode))

    def tries(self, id: str) -> int:
        """How many answers to this question were counted."""
        return sum(attempt.question == id for attempt in self.attempts)

    def resume(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Takes up the answers of an earlier session. Answers to questions that are not here, to an older version of one, or with
        another seed or mode are passed over. Points are graded anew, never taken from the record. Raises BadInput."""
        for record in records:
            attempt = read_attempt(record)
            here = next((q for q in self.questions if q.item.id == attempt.question), None)
            if here is None or (attempt.version, attempt.seed, attempt.mode) != (here.item.version, self.seed, self.mode):
                continue
            if self.exam and here not in self.open:
                continue
            if attempt.value is None:
                self._leave_open(here)
                continue
            try:
                result = here.grade(attempt.value)
            except NotAnAnswer:
                continue
            self._keep(result, self.tries(attempt.question) + 1)

    @property
    def open(self) -> list[Question]:
        """What is still to be answered."""
        done = self._results.keys() | self._left_open
        return [question for question in self.questions if question.item.id not in done]

    def finish(self) -> Summary:
        """Ends the exam: from now on there is feedback, and open questions have no points. A practice session can be summed
        up at any time."""
        if self.exam:
            for question in self.open:
                self._leave_open(question)
        self.finished = True
        return self.summary()

    def summary(self) -> Summary:
        """Raises BadInput while an exam goes on."""
        if self.exam and not self.finished:
            raise BadInput("the exam is not finished", mend="answer the open questions, or finish it")
        return Summary(self.questions, dict(self._results), tuple(self.attempts))


@dataclass(frozen=True, slots=True)
class Summary:
    """How it went. ``results`` holds the last answer to each question that has one."""

    questions: Sequence[Question]
    results: Mapping[str, Result]
    attempts: Sequence[Attempt]

    @property
    def points(self) -> float:
        """Points of the last answers."""
        return round(sum(result.points for result in self.results.values()), 2)

    @property
    def max_points(self) -> float:
        return sum(question.item.points for question in self.questions)

    @property
    def first_points(self) -> float:
        """Points of the first answers: what was known before any feedback."""
        return round(sum(attempt.points for attempt in self.attempts if attempt.at_attempt == 1), 2)

    @property
    def missed(self) -> list[Question]:
        """What to look at again: questions whose first try was not passed, or that were given up."""
        failed = {attempt.question for attempt in self.attempts if attempt.at_attempt == 1 and not attempt.passed}
        return [question for question in self.questions if question.item.id in failed]

    @property
    def unanswered(self) -> list[Question]:
        return [question for question in self.questions if question.item.id not in self.results]
