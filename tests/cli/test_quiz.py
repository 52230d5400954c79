"""The quiz in the terminal, driven as a learner types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gitops_sim.cli.quiz import command
from gitops_sim.course.quiz import AnswerFile, load_quiz
from gitops_sim.errors import BadInput
from tests.course.quiz.small import RIGHT, SMALL, small_quiz


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITOPS_SIM_HOME", raising=False)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def run(*args: str, typed: str = "") -> Result:
    return CliRunner().invoke(command, list(args), input=typed)


def in_words(value: object) -> str:
    if isinstance(value, dict):
        order = {"fish": "1", "bird": "2", "whale": "3"}
        place = small_place("pairs")
        return " ".join(order[left] + "abc"[place.index(right)] for left, right in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def small_place(id: str, seed: int = 1) -> list[str]:
    return list(small_quiz(Path.cwd()).item(id).ask(seed).dealt)


def all_right(seed: int = 1) -> list[str]:
    """What to type, in the order of the questions."""
    return [in_words(RIGHT[question.item.id]) for question in small_quiz(Path.cwd()).ask(seed).questions]


def kept(folder: Path) -> list[dict[str, object]]:
    path = folder / "gitops-course" / "answers.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_all_right_ends_with_0_and_every_answer_is_kept(folder: Path) -> None:
    result = run("small.yaml", "--seed", "1", typed="\n".join(all_right()) + "\n")
    assert result.exit_code == 0, result.output
    assert "A small quiz · 7 questions · practice · seed 1" in result.output
    assert result.output.count("✓ Right, 1 of 1 point") == 7
    assert result.output.rstrip().endswith("7 of 7 points, 7 of 7 answered\nNothing to look at again.")
    assert [record["passed"] for record in kept(folder)] == [True] * 7
    assert "\x1b" not in result.output  # plain where there is no terminal


def test_a_wrong_answer_says_why_and_may_be_tried_again(folder: Path) -> None:
    result = run("small.yaml", "--seed", "1", "--count", "7", typed=typed_for("one", "red", "blue", "green"))
    assert "The red one\n      It is not red." in result.output
    assert "A blue one\n      It is not blue." in result.output
    before, _, after = result.output.partition("✓ Right")
    assert "The green one\n      It is." not in before
    assert "Green it is." in after
    assert [(r["value"], r["at_attempt"]) for r in kept(folder) if r["question"] == "one"] == [
        ("red", 1),
        ("blue", 2),
        ("green", 3),
    ]
    assert "  - one (Flux CD): Which one?" in result.output


def typed_for(id: str, *answers: str, seed: int = 1) -> str:
    """The answers to one question, all others skipped."""
    lines: list[str] = []
    for question in small_quiz(Path.cwd()).ask(seed).questions:
        lines += answers if question.item.id == id else ["skip"]
    return "\n".join(lines) + "\n"


def test_what_is_no_answer_is_explained_and_not_counted(folder: Path) -> None:
    result = run("small.yaml", "--seed", "1", typed=typed_for("many", "soon", "1m30s"))
    assert "'soon' is not a number. Give a number of seconds, or a duration such as 1m30s." in result.output
    assert [(r["value"], r["at_attempt"]) for r in kept(folder)] == [(90, 1)]


def test_a_question_mark_helps(folder: Path) -> None:
    result = run("small.yaml", "--seed", "1", typed=typed_for("some", "?", "help", "a"))
    assert result.output.count("Answer: letters, several: a c.") == 2
    assert "each right choice earns its share" in result.output


def test_show_tells_the_answer_and_is_recorded(folder: Path) -> None:
    result = run("small.yaml", "--seed", "1", typed=typed_for("bug", "show"))
    assert "The answer:\n\n  + right: line 2: replicas: three" in result.output
    assert "  - bug (Flux CD)" in result.output
    assert [(r["question"], r["value"], r["points"]) for r in kept(folder)] == [("bug", None, 0)]


def test_show_after_a_wrong_try_tells_both(folder: Path) -> None:
    result = run("small.yaml", "--seed", "1", typed=typed_for("bug", "1", "show"))
    assert "missed: line 2" in result.output.rpartition("Try again")[2]
    assert result.exit_code == 1


@pytest.mark.parametrize("leaving", ["quit\n", ""])
def test_to_leave_is_kind_and_the_next_call_goes_on(leaving: str, folder: Path) -> None:
    answers = all_right()
    first = run("small.yaml", "--seed", "1", typed="\n".join(answers[:3]) + "\n" + leaving)
    assert first.exit_code == 0
    assert "Until next time. Your answers are kept in gitops-course/answers.jsonl." in first.output
    assert "Traceback" not in first.output
    second = run("small.yaml", typed="\n".join(answers[3:]) + "\n")
    assert "seed 1" in second.output
    assert "3 of 7 are answered already." in second.output
    assert "7 of 7 points" in second.output
    third = run("small.yaml", typed="")
    assert "seed 2" in third.output  # what is done is done: the next sitting asks anew


def test_an_interrupt_is_kind_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object, **kwargs: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.prompt", interrupt)
    result = run("small.yaml", "--seed", "1")
    assert result.exit_code == 0
    assert "Until next time." in result.output


def test_an_exam_tells_all_at_the_end(folder: Path) -> None:
    answers = all_right()
    order = [question.item.id for question in small_quiz(folder).ask(1, exam=True).questions]
    answers[order.index("one")] = "red"
    result = run("small.yaml", "--exam", "--seed", "1", typed="\n".join(answers) + "\n")
    assert result.exit_code == 1
    asking, _, after = result.output.rpartition("  kept\n")
    assert "It is not red." not in asking
    assert asking.count("  kept\n") == 6
    assert "one: Which one?\n✗ Not yet, 0 of 1 point" in after
    assert "It is not red." in after
    assert "6 of 7 points" in after
    again = run("small.yaml", "--exam", "--seed", "1", typed="")
    assert "7 of 7 are answered already." in again.output
    assert "6 of 7 points" in again.output
    assert len(kept(folder)) == 7


def test_an_exam_does_not_show_answers_before_its_end(folder: Path) -> None:
    result = run("small.yaml", "--exam", "--seed", "1", typed=typed_for("one", "show", "green"))
    assert "In an exam the answers come at the end." in result.output


def test_an_exam_can_be_handed_in_with_open_questions(folder: Path) -> None:
    result = run("small.yaml", "--exam", "--seed", "1", typed=typed_for("one", "green") + "y\n")
    assert "6 open. Hand in all the same?" in result.output
    assert "1 of 7 points, 1 of 7 answered" in result.output
    assert result.exit_code == 1
    assert sum(record["value"] is None for record in kept(folder)) == 6


def test_an_exam_that_is_not_handed_in_goes_on(folder: Path) -> None:
    result = run("small.yaml", "--exam", "--seed", "1", typed=typed_for("one", "green") + "n\n")
    assert "goes on with this exam" in result.output
    assert result.exit_code == 0
    assert "1 of 7 are answered already." in run("small.yaml", "--exam", typed="").output


def test_a_computed_question_tells_its_story(folder: Path) -> None:
    question = load_quiz("argo-cd").item("bad-release-status").ask(0)
    order = [q.item.id for q in load_quiz("argo-cd").ask(0).questions]
    typed = ["skip"] * order.index("bad-release-status") + [str(question.right_answer), "quit"]
    result = run("argo-cd", "--seed", "0", typed="\n".join(typed) + "\n")
    assert "the simulator knows" in result.output
    assert "What happened in this world:\n  09:05:00  ana" in result.output


def test_topics_are_listed(folder: Path) -> None:
    result = run("--topics")
    assert result.exit_code == 0
    assert "  rollback               Rollback\n" in result.output
    assert len(result.output.splitlines()) == 16


def test_without_a_topic_a_dozen_of_the_whole_module_are_asked(folder: Path) -> None:
    assert "The whole module · 12 questions" in run(typed="quit\n").output


def test_an_unknown_topic_names_the_nearest(folder: Path) -> None:
    result = run("rolback")
    assert isinstance(result.exception, BadInput)
    assert "did you mean 'rollback'?" in str(result.exception)


def test_answers_that_cannot_be_kept_are_no_reason_to_stop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise BadInput("cannot be written: Read-only file system", where="answers.jsonl")

    monkeypatch.setattr(AnswerFile, "add", refuse)
    result = run("small.yaml", "--seed", "1", typed="\n".join(all_right()) + "\n")
    assert result.exit_code == 0
    assert result.output.count("Your answers are not kept: answers.jsonl: cannot be written") == 1
    assert "7 of 7 points" in result.output


def test_lines_that_cannot_be_read_are_mentioned(folder: Path) -> None:
    (folder / "mine.jsonl").write_text("{half\n")
    result = run("small.yaml", "--answers", "mine.jsonl", typed="quit\n")
    assert "mine.jsonl: 1 cannot be read" in result.output
    assert (folder / "mine.jsonl").read_text() == "{half\n"
