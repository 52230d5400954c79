"""A mistake of an author is named with its file, line, item, field, and the way to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitops_sim.course.quiz import load_quiz
from gitops_sim.course.shipped import shipped
from gitops_sim.errors import BadInput
from tests.course.quiz.small import SMALL, small_quiz

RUN = """\
  run:
    world: {repos: {shop: {files: {README.md: Hello}}}}
    actions:
    - {at: 1m, do: commit, repo: shop, message: "One more $word", files: {new.txt: "$word"}}
    ends: 5m
  answer: {probe: commits, repo: shop}
"""

MISTAKES = {
    "an unknown key": (
        "  prompt: Which one?",
        "  promt: Which one?",
        "item 'one'.promt: unknown key 'promt'",
        "prompt",
    ),
    "two items with one id": ("- id: some", "- id: one", "item 'one' is there already, at small.yaml:4", "another id"),
    "an id that is none": ("- id: some", "- id: Some thing", "not an id: 'Some thing'", "small letters"),
    "no id": ("- id: some\n  concepts", "- concepts", "'id' is missing", "add 'id"),
    "an option without why": ("why: It is not red., ", "", "item 'one'.options.red: a wrong option without 'why'", "say why"),
    "no right option": ("right: true, why: It is.", "why: It is.", "item 'one'.options: no option is right", "right: true"),
    "two right options": ("blue: {text", "blue: {right: true, text", "2 options are right", "kind: multiple"),
    "only right options": (
        "    cc: {text: Gamma, why: Gamma is wrong., belief: prune-is-safe}\n    dd: {text: Delta, why: Delta is wrong.}\n",
        "",
        "every option is right",
        "add one that is wrong",
    ),
    "a right option with a belief": ("green: {", "green: {belief: drift-is-attack, ", "shows no wrong belief", "drop"),
    "two options that say the same": ("The green one", "the RED  one", "two of them say the same", "differently"),
    "an unknown section": ("section: flux", "section: fluks", "unknown value 'fluks'", "did you mean 'flux'?"),
    "no section": ("section: flux\n", "", "item 'one': 'section' is missing", "whole file"),
    "an unknown concept": ("[drift]", "[drifts]", "item 'one'.concepts[0]: unknown value 'drifts'", "did you mean 'drift'?"),
    "an unknown belief": (
        "belief: everything-drifts",
        "belief: all-drifts",
        "item 'one'.options.red.belief",
        "everything-drifts",
    ),
    "an unknown kind": ("kind: single", "kind: choice", "item 'one'.kind: unknown value 'choice'", "single"),
    "a concept twice": ("[drift, prune]", "[drift, drift]", "each once", ""),
    "no difficulty 4": ("difficulty: 3\n  kind: match", "difficulty: 4\n  kind: match", "item 'pairs'.difficulty", "recall"),
    "points of nothing": ("kind: single", "kind: single\n  points: 0", "must be more than 0", ""),
    "an option of one letter": ("    aa: {", "    a: {", "not an id: 'a'", "two characters"),
    "when without a run": (
        "    aa: {text: Alpha, right: true}",
        "    aa: {text: Alpha, why: No., when: {check: x}}",
        "unknown key 'when'",
        "",
    ),
    "a probe without a run": ("answer: 90", "answer: {probe: commits, repo: shop}", "a probe needs a run", "add 'run:'"),
    "a mistake that is right": ("value: 60", "value: 94", "this mistake is right, within the tolerance", ""),
    "a negative tolerance": ("tolerance: 5", "tolerance: -1", "must not be negative", ""),
    "a spare with the words of a pair": ("{right: stone, why", "{right: Air, why", "say the same", "differently"),
    "a spare with the id of a pair": ("    stone: {right", "    fish: {right", "is the id of a pair already", ""),
    "a line that is not there": (
        "lines: ['replicas: three']",
        "lines: ['replicas: four']",
        "0 lines of 'yaml' read 'replicas: four'",
        "copy",
    ),
    "a decoy that is a bug": ("line: 'image: web:1'", "line: 'replicas: three'", "is a bug, not a decoy", ""),
    "no bug": (
        "  - {lines: ['replicas: three'], why: A number is a number.}\n",
        "  - {lines: [], why: None.}\n",
        "one bug or more",
        "",
    ),
    "more ideas needed than there are": ("need: 2", "need: 3", "needs 3 ideas of 2", ""),
    "a rubric without phrases": ("any: [push*]", "any: []", "one phrase or more", ""),
    "a run that cannot be": (
        "kind: match",
        "kind: match\n  run: {world: {}, ends: 1m}",
        "this kind cannot be computed",
        "leave 'run' out",
    ),
    "a file that is no quiz": ("items:", "questions:", "unknown key 'questions'", "did you mean"),
    "a variable that nobody names": ("Which one?", "Which $one?", "nothing says what $one is", "cases"),
    "a case alone": ("kind: order", "kind: order\n  cases: [{one: 1}]", "two cases or more", ""),
    "a case that nobody uses": ("kind: order", "kind: order\n  cases: [{one: 1}, {one: 2}]", "'one', which nothing uses", "$one"),
    "cases that differ": ("kind: order", "kind: order\n  cases: [{one: 1}, {two: 2}]", "same variables", "one"),
    "a case that is no word": ("kind: order", "kind: order\n  cases: [{one: [1]}, {one: 2}]", "must be a text", ""),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_authors_mistake_is_named(mistake: str, tmp_path: Path) -> None:
    old, new, what, mend = MISTAKES[mistake]
    assert SMALL.count(old) >= 1
    with pytest.raises(BadInput) as caught:
        small_quiz(tmp_path, SMALL.replace(old, new, 1))
    text = str(caught.value)
    assert what in text
    assert mend in text
    assert "small.yaml" in text


def computed() -> str:
    head = SMALL[: SMALL.index("- id: one")]
    return head + (
        "- id: count\n  concepts: [audit-trail]\n  difficulty: 1\n  kind: numeric\n  unit: commits\n"
        "  prompt: How many commits after $word?\n  cases: [{word: hello}, {word: goodbye}]\n"
        + RUN
        + "  mistakes:\n  - {value: 0, why: There is one to begin with.}\n  explanation: Count.\n  source: a test\n"
    )


def test_a_case_is_filled_in_everywhere(tmp_path: Path) -> None:
    item = small_quiz(tmp_path, computed()).items[0]
    prompts = {item.ask(seed).prompt for seed in (0, 1)}
    assert prompts == {"How many commits after hello?", "How many commits after goodbye?"}
    for seed in (0, 1):
        question = item.ask(seed)
        assert question.right_answer == 2
        word = question.prompt.removesuffix("?").split()[-1]
        assert f"One more {word}" in question.grade(2).story


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("{probe: commits, repo: shop}", "2", "is written down, although there is a run"),
        ("{probe: commits, repo: shop}", "{probe: commitz, repo: shop}", "unknown probe 'commitz'"),
        ("{probe: commits, repo: shop}", "{probe: commits}", "commits needs 'repo'"),
        ("{probe: commits, repo: shop}", "{repo: shop}", "'probe' is missing"),
        ("do: commit,", "do: komit,", "unknown action 'komit'"),
        ("world: {repos", "world: {repoz", "unknown key 'repoz'"),
        ("world: {repos: {shop: {files: {README.md: Hello}}}}", "world: nowhere", "no world 'nowhere'"),
        ("ends: 5m", "ends: 30s", "is before the last action"),
        ("ends: 5m\n", "ends: 5m\n    facts: {first: 1m}\n", "fact 'first' is not told"),
        ("after $word?", "after $word and $then?", "nothing says what $then is"),
    ],
)
def test_a_run_that_cannot_be_played_is_refused(old: str, new: str, what: str, tmp_path: Path) -> None:
    text = computed()
    assert old in text
    with pytest.raises(BadInput, match=r"small\.yaml") as caught:
        small_quiz(tmp_path, text.replace(old, new))
    assert what in str(caught.value)


def test_facts_of_the_run_are_told(tmp_path: Path) -> None:
    text = computed().replace("after $word?", "after $word at $moment, with $sum?")
    text = text.replace("ends: 5m\n", "ends: 5m\n    facts: {moment: {event: CommitPushed}, sum: {probe: commits, repo: shop}}\n")
    prompt = small_quiz(tmp_path, text).items[0].ask(0).prompt
    assert "at 09:01:00, with 2: " in prompt


def test_a_fact_that_never_came_about_is_the_authors_mistake(tmp_path: Path) -> None:
    text = computed().replace("after $word?", "after $word at $moment?")
    text = text.replace("ends: 5m\n", "ends: 5m\n    facts: {moment: {event: PodReady}}\n")
    with pytest.raises(BadInput, match="never came about"):
        _ = small_quiz(tmp_path, text).items[0].ask(0).prompt


def test_a_run_that_does_not_answer_is_the_authors_mistake(tmp_path: Path) -> None:
    text = computed().replace("{probe: commits, repo: shop}", "{probe: number_at, object: Deployment/web, field: .spec.replicas}")
    with pytest.raises(BadInput, match="count, seed 0: the run does not answer"):
        small_quiz(tmp_path, text).items[0].grade(3)


def test_topics_have_names() -> None:
    with pytest.raises(BadInput, match="did you mean 'rollback'"):
        load_quiz("rolback")
    with pytest.raises(BadInput, match="cannot be read"):
        load_quiz("no/such/file.yaml")


def test_an_item_is_found_by_id() -> None:
    quiz = load_quiz("flux")
    assert quiz.item("two-intervals").id == "two-intervals"
    with pytest.raises(BadInput, match="no item 'two-interval'"):
        quiz.item("two-interval")


def test_the_example_for_authors_is_an_item(tmp_path: Path) -> None:
    text = (shipped("exercises") / "quiz" / "README.md").read_text()
    example = text.partition("```yaml\n")[2].partition("```")[0]
    item = small_quiz(tmp_path, example).items[0]
    assert item.grade("agent").passed


WHEN = """\
  options:
    two: {text: Two, why: Not two., when: {check: history_has, repo: shop, message: MESSAGE}}
    none: {text: None, why: Not none., when: {check: history_lacks, repo: shop, message: OTHER}}
    never: {text: Never, why: Never.}
"""


def chosen(message: str, other: str) -> str:
    options = WHEN.replace("MESSAGE", message).replace("OTHER", other)
    text = computed().replace("  unit: commits\n", "").replace("kind: numeric", "kind: single")
    return text.replace("  answer: {probe: commits, repo: shop}\n", options).replace(
        "  mistakes:\n  - {value: 0, why: There is one to begin with.}\n", ""
    )


def test_the_run_says_which_option_is_right(tmp_path: Path) -> None:
    item = small_quiz(tmp_path, chosen("more hello", "more hello")).items[0]
    assert {item.ask(seed).right_answer for seed in (0, 1)} == {"two", "none"}
    result = item.grade("never")
    assert [note.why for note in result.notes if not note.reveals] == ["Never."]


@pytest.mark.parametrize(
    ("message", "other", "what"), [("nothing", "One", "0 options are right"), ("One", "nothing", "2 options")]
)
def test_a_run_that_makes_none_or_two_right_is_the_authors_mistake(message: str, other: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=what):
        small_quiz(tmp_path, chosen(message, other)).items[0].grade("never")
