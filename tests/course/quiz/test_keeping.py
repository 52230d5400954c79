"""Answers are in a file as soon as they are given, and no accident loses those that are there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gitops_sim.course.quiz import AnswerFile, Attempt, latest_sitting
from gitops_sim.errors import BadInput

GOOD = Attempt("one", 1, 2, "green", 1.0, 1.0, True, 1, "practice")


def test_answers_come_back_in_order(tmp_path: Path) -> None:
    file = AnswerFile(tmp_path / "deep" / "answers.jsonl")
    assert file.attempts() == []
    given = [GOOD, replace(GOOD, at_attempt=2, value=["a"]), replace(GOOD, value={"l": "r"}), replace(GOOD, value=None)]
    for attempt in given:
        file.add(attempt)
    assert AnswerFile(file.path).attempts() == given


def test_a_half_written_line_costs_that_line_and_no_other(tmp_path: Path) -> None:
    file = AnswerFile(tmp_path / "answers.jsonl")
    file.add(GOOD)
    with file.path.open("ab") as raw:
        raw.write(b'{"question": "tw')
    file.add(replace(GOOD, at_attempt=2))
    assert file.attempts() == [GOOD, replace(GOOD, at_attempt=2)]
    assert file.skipped == 1
    assert b'"tw\n' in file.path.read_bytes()


@pytest.mark.parametrize(
    "line", [b"\xff\xfe", b"[]", b"null", b"[" * 100_000, json.dumps({**GOOD.as_json(), "more": 1}).encode()]
)
def test_a_strange_line_is_passed_over_and_kept(line: bytes, tmp_path: Path) -> None:
    file = AnswerFile(tmp_path / "answers.jsonl")
    file.path.write_bytes(line + b"\n")
    file.add(GOOD)
    assert file.attempts() == [GOOD]
    assert file.skipped == 1
    assert file.path.read_bytes().startswith(line)


def test_a_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        AnswerFile(tmp_path).attempts()
    with pytest.raises(BadInput, match=r"cannot be written.*\n.*--answers"):
        AnswerFile(tmp_path).add(GOOD)


def test_two_at_once_on_one_file_lose_nothing(tmp_path: Path) -> None:
    one, other = AnswerFile(tmp_path / "answers.jsonl"), AnswerFile(tmp_path / "answers.jsonl")
    for number in range(1, 20):
        (one if number % 2 else other).add(replace(GOOD, at_attempt=number))
    assert [attempt.at_attempt for attempt in one.attempts()] == [*range(1, 20)]


def test_a_first_try_at_a_question_that_has_had_one_begins_a_new_sitting() -> None:
    two = replace(GOOD, question="two")
    again, exam, seed = replace(GOOD, value="red"), replace(GOOD, mode="exam"), replace(GOOD, seed=9)
    kept = [GOOD, two, replace(GOOD, at_attempt=2), exam, seed, again]
    assert latest_sitting(kept, ["one", "two"], seed=2, exam=False) == [again]
    assert latest_sitting(kept[:3], ["one", "two"], seed=2, exam=False) == kept[:3]
    assert latest_sitting(kept, ["one"], seed=2, exam=True) == [exam]
