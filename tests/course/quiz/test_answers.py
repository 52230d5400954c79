"""Answers: letters, numbers and words are understood; what is no answer is refused gently, whatever it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_sim.course.quiz import NotAnAnswer, Question, load_quiz
from gitops_sim.course.quiz.text import tell_result
from tests.course.quiz.small import RIGHT, small_quiz


def ask(folder: Path, id: str, seed: int = 0) -> Question:
    return small_quiz(folder).item(id).ask(seed)


def letter(question: Question, name: str) -> str:
    return "abcdefghij"[question.dealt.index(name)]


@pytest.mark.parametrize("id", RIGHT)
def test_the_right_answer_is_right(id: str, tmp_path: Path) -> None:
    result = ask(tmp_path, id).grade(RIGHT[id])
    assert result.passed
    assert result.points == 1


@pytest.mark.parametrize("way", ["{0}", "{0})", " {0} ", "{1}", "green", "GREEN", "The green one", "the green one.", "the green"])
def test_an_option_is_named_by_letter_number_id_or_words(way: str, tmp_path: Path) -> None:
    question = ask(tmp_path, "one", seed=3)
    place = question.dealt.index("green")
    assert question.read(way.format("abc"[place], place + 1)) == "green"
    assert question.read(way.format("ABC"[place], place + 1)) == "green"


def test_a_number_is_a_place_and_a_list_of_one_will_do(tmp_path: Path) -> None:
    question = ask(tmp_path, "one")
    assert question.read(question.dealt.index("blue") + 1) == "blue"
    assert question.read(["blue"]) == "blue"


@pytest.mark.parametrize(
    "way", ["{0}{1}", "{1} {0}", "{0},{1}", "{0}; {1}", "aa bb", "{0} {1} {0}", ["aa", "bb"], {"aa", "bb"}, ("bb", "aa")]
)
def test_several_options_are_named_in_any_order(way: Any, tmp_path: Path) -> None:
    question = ask(tmp_path, "some")
    given_way = way.format(letter(question, "aa"), letter(question, "bb")) if isinstance(way, str) else way
    assert question.read(given_way) == ["aa", "bb"]


@pytest.mark.parametrize(
    ("chosen", "points", "why"),
    [
        (["aa", "bb"], 1, ""),
        (["aa"], 0.5, ""),
        (["aa", "bb", "cc"], 0.5, "Gamma is wrong."),
        (["aa", "cc"], 0, "Gamma is wrong."),
        (["cc", "dd"], 0, "Delta is wrong."),
        (["aa", "bb", "cc", "dd"], 0, "Gamma is wrong."),
    ],
)
def test_partial_credit_for_several(chosen: list[str], points: float, why: str, tmp_path: Path) -> None:
    result = ask(tmp_path, "some").grade(chosen)
    assert result.points == points
    assert result.passed == (points == 1)
    assert not why or why in [note.why for note in result.notes]


@pytest.mark.parametrize(
    "way", [90, 90.0, "90", "90s", "90 s", "1m30s", "1 min 30 s", "1 minute and 30 seconds", " 1.5m", 86, 95, "90 seconds"]
)
def test_a_duration_may_be_written_as_people_write_it(way: Any, tmp_path: Path) -> None:
    assert ask(tmp_path, "many").grade(way).passed


@pytest.mark.parametrize(
    ("way", "why"),
    [(60, "That is a minute."), (64.9, "That is a minute."), (84, "That is too little."), (96, "That is too much.")],
)
def test_a_wrong_number_is_met(way: float, why: str, tmp_path: Path) -> None:
    result = ask(tmp_path, "many").grade(way)
    assert (result.points, [note.why for note in result.notes]) == (0, [why])
    assert "90 s (1m30s)" in tell_result(result)


def test_numbers_may_carry_their_unit() -> None:
    question = load_quiz("promotion").item("overlay-outcome").ask(0)
    for way in (5, "5", "5 replicas", "5 Replica", "5.0"):
        assert question.grade(way).passed, way
    for way in ("five", "5 pods", "", "replicas"):
        with pytest.raises(NotAnAnswer, match="a number of replicas"):
            question.grade(way)


@pytest.mark.parametrize(
    ("order", "points"),
    [
        (["first", "second", "third", "fourth"], 1),
        (["second", "first", "third", "fourth"], 0.67),
        (["first", "third", "fourth", "second"], 0.33),
        (["fourth", "third", "second", "first"], 0),
        (["third", "fourth", "first", "second"], 0),
    ],
)
def test_partial_credit_for_an_order(order: list[str], points: float, tmp_path: Path) -> None:
    question = ask(tmp_path, "steps")
    result = question.grade("".join(letter(question, name) for name in order))
    assert result.points == points
    assert result.value == order


def test_an_order_needs_every_step(tmp_path: Path) -> None:
    question = ask(tmp_path, "steps")
    with pytest.raises(NotAnAnswer, match=f"leaves out {letter(question, 'fourth')}"):
        question.grade(["first", "second", "third"])


@pytest.mark.parametrize(
    "way", ["1{0} 2{1} 3{0}", "1={0}, 2={1}, 3={0}", "1:{0}; 2:{1}; 3:{0}", "3{0} 2{1} 1{0}", "1 {0} 2 {1} 3 {0}"]
)
def test_pairs_are_matched_by_number_and_letter(way: str, tmp_path: Path) -> None:
    question = ask(tmp_path, "pairs")
    assert len(question.dealt) == 3  # water stands there once
    assert question.grade(way.format(letter(question, "fish"), letter(question, "bird"))).passed


def test_partial_credit_for_pairs_and_the_reason_of_a_spare(tmp_path: Path) -> None:
    result = ask(tmp_path, "pairs").grade({"fish": "fish", "bird": "stone", "whale": "bird"})
    assert result.points == 0.33
    wrong = [note for note in result.notes if not note.right and not note.reveals]
    assert [(note.text, note.why, note.belief) for note in wrong] == [
        ("Bird = stone", "Nothing lives in stone.", "apply-is-sync"),
        ("Whale = air", "air belongs to: Bird.", ""),
    ]


@pytest.mark.parametrize(
    ("way", "what"),
    [("1a 2b", "nothing is matched with 3"), ("1a 1b 2c 3a", "matched twice"), ("1z 2a 3a", "no letter"), ("hello", "no answer")],
)
def test_incomplete_pairs_are_refused(way: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(NotAnAnswer, match=what):
        ask(tmp_path, "pairs").grade(way)


@pytest.mark.parametrize("way", [2, "2", "line 2", "Line 2", [2], ["2"], " 2 ", "lines 2"])
def test_a_line_is_named_by_its_number(way: Any, tmp_path: Path) -> None:
    assert ask(tmp_path, "bug").grade(way).passed


def test_wrong_lines_take_points_away_and_have_reasons(tmp_path: Path) -> None:
    result = ask(tmp_path, "bug").grade("1 2 3")
    assert (result.points, result.passed) == (0, False)
    assert [(note.right, note.why) for note in result.notes] == [
        (True, "A number is a number."),
        (False, "Nothing is wrong there."),
        (False, "A tag is fine."),
    ]


@pytest.mark.parametrize(
    ("answer", "points", "passed"),
    [
        ("I revert and then push.", 1, True),
        ("REVERTING it; pushed", 1, True),
        ("Undo the commit, then push", 1, True),
        ("push it", 0.5, False),
        ("undo. The commit is bad", 0, False),
        ("no idea", 0, False),
    ],
)
def test_a_rubric_finds_ideas_by_their_words(answer: str, points: float, passed: bool, tmp_path: Path) -> None:
    result = ask(tmp_path, "free").grade(answer)
    assert (result.points, result.passed) == (points, passed)
    assert result.model == "Revert the commit and push the revert."


def test_a_misreading_is_answered_and_costs_nothing(tmp_path: Path) -> None:
    result = ask(tmp_path, "free").grade("revert and push, not kubectl rollout undo")
    assert (result.points, result.passed) == (1, True)
    assert result.notes[-1].belief == "undo-is-rollback"
    assert "The agent undoes that." in tell_result(result)


NO_ANSWERS = [
    None,
    "",
    "   ",
    True,
    False,
    float("nan"),
    float("inf"),
    10**400,
    -1,
    0,
    99,
    "zz",
    "\ud800",
    b"a",
    object(),
    [],
    {},
    [None],
    [[1]],
    {1: 2},
    "9" * 5000,
    ["a"] * 5000,
    "\x00\x1b[31m",
    1 + 2j,
]


@pytest.mark.parametrize("value", NO_ANSWERS, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("id", ["one", "some", "steps", "pairs", "bug"])
def test_what_is_no_answer_is_refused_gently(id: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        ask(tmp_path, id).grade(value)
    assert len(str(caught.value)) < 300
    assert caught.value.mend


def test_a_right_answer_of_one_kind_is_none_of_another(tmp_path: Path) -> None:
    refused = {("one", "many"), ("many", "one"), ("free", "bug"), ("pairs", "free"), ("steps", "many"), ("bug", "steps")}
    for id, other in refused:
        with pytest.raises(NotAnAnswer):
            ask(tmp_path, id).grade(RIGHT[other])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.characters(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
    max_leaves=8,
)
LIKELY = st.text(alphabet="abcd1234=:,; ->→.?lineskm\n٣\u0301\ud800\x00", max_size=40)


@given(answer=ANYTHING | LIKELY, seed=st.integers(0, 5))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_answer_ever_breaks_a_question(answer: Any, seed: int, tmp_path: Path) -> None:
    for item in small_quiz(tmp_path).items:
        try:
            result = item.grade(answer, seed=seed)
        except NotAnAnswer as refusal:
            str(refusal).encode()
            continue
        assert 0 <= result.points <= result.max_points
        json.dumps(result.value).encode()
        tell_result(result).encode()
        assert item.ask(seed).grade(result.value) == result  # what is kept is graded as what was given


def test_a_result_has_the_shape_of_every_check_result(tmp_path: Path) -> None:
    result = ask(tmp_path, "one").grade("red")
    assert result.as_json() == {
        "id": "one",
        "description": "Which one?",
        "points": 0,
        "max_points": 1,
        "passed": False,
        "cause": {
            "rationale": "Green it is.",
            "help": "It is not red.",
            "expected": f"{letter(ask(tmp_path, 'one'), 'green')}) The green one",
            "actual": f"{letter(ask(tmp_path, 'one'), 'red')}) The red one",
            "at": None,
        },
        "beliefs": ["everything-drifts"],
    }
