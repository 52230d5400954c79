"""The quiz in a notebook: the page without widgets, and the widget as a learner clicks and types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook.quiz import QuizSheet, _Sheet, quiz
from tests.course.quiz.small import RIGHT, SMALL, small_quiz


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def sheet(small: Path, **options: Any) -> QuizSheet:
    return quiz(small, answers=small.parent / "answers.jsonl", **options)


def opened(small: Path, **options: Any) -> _Sheet:
    """The widget's own parts, with the answers of the file taken up."""
    shown = sheet(small, **options)
    shown.resume()
    return _Sheet(shown)


def go_to(live: _Sheet, id: str) -> None:
    while live.question.item.id != id:
        live.next.click()


def set_answer(live: _Sheet, value: Any) -> None:
    control: Any = live.control
    if hasattr(control, "boxes"):
        for name, box in control.boxes.items():
            box.value = name in value
    elif hasattr(control, "lists"):
        places = value.items() if isinstance(value, dict) else zip(control.lists, value, strict=True)
        for key, name in places:
            control.lists[key].value = name
    else:
        control.root.value = value if isinstance(value, str) else str(value)


def kept(small: Path) -> list[dict[str, Any]]:
    path = small.parent / "answers.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_without_widgets_the_page_holds_every_question_and_folds_the_answers(small: Path) -> None:
    shown = sheet(small)
    html, text = shown.html, shown.text
    for question in small_quiz(small.parent).ask(0).questions:
        assert question.prompt in html
        assert question.prompt in text
        assert question.explanation in html
        assert question.explanation in text
    assert html.count("<details><summary>I have decided: show the answer</summary>") == 7
    assert "2 | replicas: three" in html
    assert kept(small) == []


def test_an_exam_page_holds_no_answers(small: Path) -> None:
    shown = sheet(small, exam=True)
    assert "Green it is." not in shown.html + shown.text


def test_a_stored_page_does_not_depend_on_what_was_answered(small: Path) -> None:
    before = sheet(small).html
    live = opened(small)
    go_to(live, "one")
    set_answer(live, "green")
    live.answer.click()
    assert sheet(small).html == before


@pytest.mark.parametrize("id", RIGHT)
def test_each_kind_is_answered_by_its_control(id: str, small: Path) -> None:
    live = opened(small)
    go_to(live, id)
    live.answer.click()
    assert "Not counted:" in live.said.value  # nothing is chosen yet
    assert kept(small) == []
    set_answer(live, RIGHT[id])
    live.answer.click()
    assert "Right, 1 of 1 point" in live.said.value
    assert [(record["question"], record["passed"]) for record in kept(small)] == [(id, True)]


def test_a_wrong_answer_is_met_and_may_be_tried_again(small: Path) -> None:
    live = opened(small)
    go_to(live, "one")
    set_answer(live, "red")
    live.answer.click()
    assert "It is not red." in live.said.value
    assert "Green it is." not in live.said.value
    set_answer(live, "green")
    live.answer.click()
    assert "Green it is." in live.said.value
    assert [record["at_attempt"] for record in kept(small)] == [1, 2]
    live.show.click()
    assert "The green one" in live.said.value


def test_after_a_restart_the_sheet_is_where_it_was(small: Path) -> None:
    first = opened(small)
    first_id = first.question.item.id
    set_answer(first, RIGHT[first_id])
    first.answer.click()
    again = opened(small)
    assert again.place == 1
    assert "1 answered" in again.head.value
    again.back.click()
    assert again.question.item.id == first_id


def test_the_end_tells_how_it_went(small: Path) -> None:
    live = opened(small)
    go_to(live, "bug")
    live.show.click()
    while live.next.description == "Next":
        live.next.click()
    live.next.click()
    assert "0 of 7 points" in live.said.value
    assert "bug (Flux CD)" in live.said.value


def test_an_exam_takes_one_answer_and_tells_all_when_it_is_handed_in(small: Path) -> None:
    live = opened(small, exam=True)
    assert live.show.layout.display == "none"
    go_to(live, "one")
    set_answer(live, "red")
    live.answer.click()
    assert "feedback comes when you hand in" in live.said.value
    assert live.answer.disabled
    while live.next.description == "Next":
        live.next.click()
    live.next.click()
    assert "6 open" in live.said.value
    live.hand_in.click()
    assert "It is not red." in live.said.value
    assert live.said.value.count("left open") == 6
    assert len(kept(small)) == 7


def test_every_control_can_be_reached_and_has_a_name(small: Path) -> None:
    import ipywidgets as widgets

    live = opened(small)
    for _ in RIGHT:
        for one in walk(live.root):
            if isinstance(one, widgets.Button):
                assert one.description
                assert one.tooltip
            elif not isinstance(one, widgets.HTML | widgets.Box):
                assert one.description, one
        live.next.click()


def walk(root: Any) -> list[Any]:
    return [root, *(inner for child in getattr(root, "children", ()) for inner in walk(child))]


def test_a_file_that_cannot_be_used_stops_nobody(small: Path) -> None:
    (small.parent / "answers.jsonl").mkdir()
    live = opened(small)
    set_answer(live, RIGHT[live.question.item.id])
    live.answer.click()
    assert "Right" in live.said.value
    assert "not kept" in live.said.value


def test_items_can_be_chosen_and_mistakes_are_named(small: Path) -> None:
    assert len(sheet(small, items=["one", "bug"]).session.questions) == 2
    assert len(sheet(small, count=3).session.questions) == 3
    with pytest.raises(BadInput, match="did you mean 'pairs'"):
        sheet(small, items=["pair"])


def test_what_is_shown_cannot_smuggle_markup(small: Path) -> None:
    live = opened(small)
    go_to(live, "free")
    set_answer(live, "<img src=x onerror=alert(1)> revert and push")
    live.answer.click()
    assert "<img" not in live.said.value
    assert "&lt;img" in live.said.value
