"""Practice and exam: what is said when, what counts, what is kept, and what it says about mastery."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.course.quiz import Attempt, NotAnAnswer, Quiz, mastery, read_attempt
from gitops_sim.course.quiz.text import tell_summary
from gitops_sim.errors import BadInput
from tests.course.quiz.small import RIGHT, small_quiz


@pytest.fixture
def quiz(tmp_path: Path) -> Quiz:
    return small_quiz(tmp_path)


def test_a_seed_fixes_what_is_asked_and_easy_ones_come_first(quiz: Quiz) -> None:
    order = [question.item.id for question in quiz.ask(4).questions]
    assert order == [question.item.id for question in quiz.ask(4).questions]
    assert {tuple(q.item.id for q in quiz.ask(seed).questions) for seed in range(10)} != {tuple(order)}
    difficulties = [question.item.difficulty for question in quiz.ask(4).questions]
    assert difficulties == sorted(difficulties)


def test_some_of_the_questions_are_chosen_by_the_seed_and_not_by_ease(quiz: Quiz) -> None:
    chosen = {q.item.id for seed in range(30) for q in quiz.ask(seed, most=2).questions}
    assert chosen == set(RIGHT)
    assert len(quiz.ask(0, most=2).questions) == 2


@pytest.mark.parametrize("seed", [-1, 2**63, True, "1", 1.0, None])
def test_a_seed_is_a_whole_number(quiz: Quiz, seed: Any) -> None:
    with pytest.raises(BadInput, match="not a seed"):
        quiz.ask(seed)


def test_an_empty_quiz_has_nothing_to_ask(quiz: Quiz) -> None:
    with pytest.raises(BadInput, match="nothing to ask"):
        quiz.only([]).ask()


def test_practice_gives_feedback_at_once_and_takes_another_try(quiz: Quiz) -> None:
    session = quiz.ask(0)
    wrong = session.answer("one", "red")
    assert wrong is not None
    assert wrong.notes[0].why == "It is not red."
    assert not wrong.passed
    right = session.answer("one", "green")
    assert right is not None
    assert right.passed
    assert [(a.value, a.points, a.at_attempt, a.mode) for a in session.attempts] == [
        ("red", 0, 1, "practice"),
        ("green", 1, 2, "practice"),
    ]
    assert [question.item.id for question in session.summary().missed] == ["one"]
    assert (session.summary().points, session.summary().first_points) == (1, 0)


def test_what_is_no_answer_is_no_attempt(quiz: Quiz) -> None:
    for exam in (False, True):
        session = quiz.ask(0, exam=exam)
        with pytest.raises(NotAnAnswer):
            session.answer("many", "soon")
        assert session.attempts == []
        assert len(session.open) == len(quiz.items)
        session.answer("many", 90)
        assert session.attempts[0].at_attempt == 1


def test_an_unknown_question_is_named(quiz: Quiz) -> None:
    with pytest.raises(BadInput, match="no question 'on' here"):
        quiz.ask(0).answer("on", "red")


def test_an_exam_says_nothing_until_the_end(quiz: Quiz) -> None:
    session = quiz.ask(0, exam=True)
    for id in RIGHT:
        assert session.answer(id, "red" if id == "one" else RIGHT[id]) is None
        with pytest.raises(BadInput, match="not finished"):
            session.summary()
        with pytest.raises(BadInput, match="come at the end"):
            session.show(id)
    summary = session.finish()
    assert summary.points == summary.max_points - 1
    assert [question.item.id for question in summary.missed] == ["one"]
    assert summary.results["one"].notes


def test_an_exam_takes_one_answer_for_each_question(quiz: Quiz) -> None:
    session = quiz.ask(0, exam=True)
    session.answer("one", "red")
    with pytest.raises(NotAnAnswer, match="has its answer already"):
        session.answer("one", "green")
    assert len(session.attempts) == 1
    session.finish()
    with pytest.raises(NotAnAnswer):
        session.answer("bug", 2)


def test_what_is_open_when_an_exam_is_handed_in_has_no_points(quiz: Quiz) -> None:
    session = quiz.ask(0, exam=True)
    session.answer("one", "green")
    summary = session.finish()
    assert (summary.points, summary.max_points) == (1, 7)
    assert len(summary.unanswered) == len(summary.missed) == 6
    assert [a.value for a in session.attempts].count(None) == 6
    again = quiz.ask(0, exam=True, attempts=[a.as_json() for a in session.attempts])
    assert again.open == []
    assert again.finish() == replace(summary, questions=again.questions)


def test_to_be_shown_the_answer_is_recorded(quiz: Quiz) -> None:
    session = quiz.ask(0)
    assert session.show("one").passed
    session.answer("bug", 1)
    session.show("bug")
    assert [(a.question, a.value, a.points) for a in session.attempts] == [("one", None, 0), ("bug", [1], 0)]
    assert {question.item.id for question in session.summary().missed} == {"one", "bug"}


def test_a_session_goes_on_where_it_stopped(quiz: Quiz) -> None:
    first = quiz.ask(2)
    first.answer("one", "red")
    first.answer("one", "green")
    first.answer("free", "git revert, then push")
    kept = json.loads(json.dumps([attempt.as_json() for attempt in first.attempts]))
    second = quiz.ask(2, attempts=kept)
    assert second.attempts == first.attempts
    assert {question.item.id for question in second.open} == set(RIGHT) - {"one", "free"}
    assert second.tries("one") == 2
    assert second.summary().results == first.summary().results


def test_what_does_not_belong_to_a_session_is_passed_over(quiz: Quiz) -> None:
    good = Attempt("one", 1, 2, "green", 1.0, 1.0, True, 1, "practice")
    others = [
        replace(good, seed=3),
        replace(good, mode="exam"),
        replace(good, version=2),
        replace(good, question="gone"),
        replace(good, value="violet"),
    ]
    assert quiz.ask(2, attempts=[a.as_json() for a in others]).attempts == []
    assert len(quiz.ask(2, attempts=[good.as_json()]).attempts) == 1


def test_points_are_graded_anew_and_never_taken_from_a_record(quiz: Quiz) -> None:
    forged = Attempt("one", 1, 2, "red", 1.0, 1.0, True, 1, "exam")
    session = quiz.ask(2, exam=True, attempts=[forged.as_json(), replace(forged, value="green").as_json()])
    assert [(a.value, a.points) for a in session.attempts] == [("red", 0)]


@pytest.mark.parametrize(
    "change",
    [
        {"points": 2},
        {"points": "1"},
        {"points": True},
        {"mode": "cheat"},
        {"at_attempt": 0},
        {"seed": None},
        {"extra": 1},
        {"question": 3},
    ],
)
def test_a_record_that_is_none_is_refused(change: dict[str, Any]) -> None:
    record = Attempt("one", 1, 2, "green", 1.0, 1.0, True, 1, "practice").as_json()
    assert read_attempt(record).as_json() == record
    with pytest.raises(BadInput, match=r"record of an answer|wrong type"):
        read_attempt({**record, **change}, where="answers.jsonl:3")
    with pytest.raises(BadInput):
        read_attempt({key: value for key, value in record.items() if key != "seed"})
    with pytest.raises(BadInput):
        read_attempt([])  # type: ignore[arg-type]


# ---------------------------------------------------------------------- review and mastery


def attempt(question: str, share: float, at_attempt: int = 1, version: int = 1) -> Attempt:
    return Attempt(question, version, 0, "x", share, 1.0, share == 1, at_attempt, "practice")


def test_what_was_missed_can_be_asked_again(quiz: Quiz) -> None:
    session = quiz.ask(0)
    for id in RIGHT:
        session.answer(id, 1 if id == "bug" else RIGHT[id])
    again = quiz.only(question.item.id for question in session.summary().missed)
    assert [item.id for item in again.items] == ["bug"]


@pytest.mark.parametrize(
    ("attempts", "level", "score"),
    [
        ([], "new", 0),
        ([attempt("one", 1)], "growing", 1),
        ([attempt("one", 1), attempt("some", 1)], "mastered", 1),
        ([attempt("one", 0), attempt("some", 1)], "growing", 0.6667),
        ([attempt("one", 1), attempt("some", 0)], "shaky", 0.3333),
        ([attempt("one", 0), attempt("one", 1, 2), attempt("some", 1)], "growing", 0.8333),
        ([attempt("one", 0), attempt("one", 1, 2)], "shaky", 0.5),
        ([attempt("one", 0), attempt("one", 1), attempt("some", 1)], "mastered", 1),
        ([attempt("one", 1), attempt("some", 1), attempt("one", 0)], "growing", 0.6667),
        ([attempt("one", 1, version=2), attempt("gone", 0)], "new", 0),
    ],
)
def test_mastery_is_reckoned_by_the_rule(quiz: Quiz, attempts: list[Attempt], level: str, score: float) -> None:
    """`one` has difficulty 1 and `some` 2, so it weighs twice as much."""
    found = mastery(quiz.items, attempts)["drift"]
    assert (found.level, found.score, found.items) == (level, score, 2)


def test_one_item_is_enough_where_there_is_no_other(quiz: Quiz) -> None:
    assert mastery(quiz.items, [attempt("many", 1)])["polling"].level == "mastered"


def test_mastery_names_what_to_try_again(quiz: Quiz) -> None:
    found = mastery(quiz.items, [attempt("one", 0), attempt("some", 1)])
    assert found["drift"].again == ("one",)


def test_the_summary_in_words(quiz: Quiz) -> None:
    session = quiz.ask(0)
    session.answer("one", "red")
    session.answer("one", "green")
    session.answer("bug", 2)
    assert tell_summary(session.summary()) == (
        "2 of 7 points, 2 of 7 answered (1 at the first try)\nLook at these again:\n  - one (Flux CD): Which one?"
    )
