"""The items of the course: each can be answered, each wrong answer gets its own reason, nothing of the module is left out."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from gitops_sim.course.curriculum import BELIEFS, CONCEPTS, SECTIONS
from gitops_sim.course.quiz import Item, Question, load_quiz, quiz_topics
from gitops_sim.course.quiz.kinds import Choice, FindTheBug, FreeText, Match, Numeric, Order
from gitops_sim.course.quiz.text import tell_answer, tell_question, tell_result

ITEMS = load_quiz().items
SEEDS = range(4)
"""As many as the most cases of any item: each case is asked."""

COMPUTED = [item for item in ITEMS if item.computed]
by_id = pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
by_computed_id = pytest.mark.parametrize("item", COMPUTED, ids=lambda item: item.id)


@cache
def asked(id: str, seed: int) -> Question:
    return next(item for item in ITEMS if item.id == id).ask(seed)


def questions(item: Item) -> list[Question]:
    return [asked(item.id, seed) for seed in (SEEDS if item.computed else SEEDS[:2])]


# ---------------------------------------------------------------------- coverage


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(item.kind for item in ITEMS)
    assert len(ITEMS) >= 48
    assert len(COMPUTED) >= 12
    assert all(kinds[kind] >= 4 for kind in ("single", "multiple", "numeric", "order", "match", "bug", "free")), kinds


def test_every_section_of_the_module_is_asked_about() -> None:
    sections = Counter(item.section for item in ITEMS)
    assert {section: sections[section] for section in SECTIONS if sections[section] < 3} == {}


def test_every_concept_is_asked_about() -> None:
    assert set(CONCEPTS) - {concept for item in ITEMS for concept in item.concepts} == set()


def test_every_belief_is_met_by_a_wrong_answer() -> None:
    found: set[str] = set()
    for item in ITEMS:
        for content in item.cases:
            found |= beliefs_of(content.body)
    assert set(BELIEFS) - found == set()


def beliefs_of(body: Any) -> set[str]:
    """Those with which a wrong answer can be met."""
    if isinstance(body, Choice):
        return {option.belief for option in body.options.values()}
    if isinstance(body, Numeric):
        return {mistake.belief for mistake in body.mistakes}
    if isinstance(body, Match):
        return {spare.belief for spare in body.spares.values()}
    if isinstance(body, FindTheBug):
        return {decoy.belief for decoy in body.decoys}
    return {misreading.belief for misreading in body.misreadings} if isinstance(body, FreeText) else set()


def test_the_modules_own_four_questions_are_there() -> None:
    sources = [item.source for item in load_quiz("module-quiz").items]
    assert [source for source in sources if source.startswith("Module 2, Quiz, question")] == sources
    assert len(sources) == 4


def test_topics_are_the_sections_and_the_modules_quiz() -> None:
    assert [*quiz_topics()] == [*SECTIONS, "module-quiz"]
    assert {item.topic for item in ITEMS} == {*SECTIONS, "module-quiz"}


def test_length_does_not_give_the_right_option_away() -> None:
    """Who always chooses the longest option, or the shortest, must not do well."""
    longest = shortest = 0
    fixed = [item.cases[0].body for item in ITEMS if item.kind == "single" and not item.computed]
    for body in fixed:
        assert isinstance(body, Choice)
        lengths = [len(option.text) for option in body.options.values()]
        right = next(len(option.text) for option in body.options.values() if option.right)
        longest += right == max(lengths)
        shortest += right == min(lengths)
    assert longest <= 0.4 * len(fixed)
    assert shortest <= 0.5 * len(fixed)


# ---------------------------------------------------------------------- every item


@by_id
def test_the_right_answer_gets_full_points(item: Item) -> None:
    for question in questions(item):
        result = question.grade(question.right_answer)
        assert result.passed, question.seed
        assert result.points == result.max_points == item.points
        assert not [note for note in result.notes if not note.right]
        assert result.value == question.read(question.right_answer)


@by_id
def test_every_wrong_answer_gets_its_own_reason(item: Item) -> None:
    for question in questions(item):
        for answer, why, belief in wrong_answers(question):
            result = question.grade(answer)
            assert not result.passed, (question.seed, answer)
            assert result.points < result.max_points
            met = [note for note in result.notes if not note.right and note.why == why]
            assert met, (question.seed, answer, why, result.notes)
            assert met[0].belief == belief


def wrong_answers(question: Question) -> list[tuple[Any, str, str]]:
    """``(answer, why, belief)`` for each wrong choice there is."""
    body, truth = question.body, question.truth
    if isinstance(body, Choice):
        return [(name, option.why, option.belief) for name, option in body.options.items() if name not in truth]
    if isinstance(body, Numeric):
        answer, wrong = truth
        found: list[tuple[Any, str, str]] = []
        taken = [answer]
        for mistake, value in zip(body.mistakes, wrong, strict=True):
            if value is not None and all(abs(value - other) > 2 * body.tolerance + 0.01 for other in taken):
                found.append((value, mistake.why, mistake.belief))
                taken.append(value)
        return [*found, (1e6, "That is too much.", "")]
    if isinstance(body, Match):
        first = next(iter(body.pairs))
        return [({**truth, first: name}, spare.why, spare.belief) for name, spare in body.spares.items()]
    if isinstance(body, FindTheBug):
        guilty = {line for bug in body.bugs for line in bug.lines}
        decoys = {decoy.line: decoy for decoy in body.decoys}
        return [
            (line, decoys[line].why, decoys[line].belief) if line in decoys else (line, body.elsewhere, "")
            for line in range(1, len(body.lines) + 1)
            if line not in guilty
        ]
    if isinstance(body, Order):
        swapped = list(truth)
        swapped[0], swapped[1] = swapped[1], swapped[0]
        return [(swapped, body.steps[truth[0]].why, ""), (list(reversed(truth)), body.steps[truth[-1]].why, "")]
    assert isinstance(body, FreeText)
    return [
        (phrase.replace("*", ""), misreading.why, misreading.belief)
        for misreading in body.misreadings
        for phrase in misreading.any
    ]


@by_id
def test_reasons_differ_from_each_other(item: Item) -> None:
    for content in item.cases:
        body = content.body
        whys: list[str] = []
        if isinstance(body, Choice):
            whys = [option.why for option in body.options.values() if not option.right]
        elif isinstance(body, Numeric):
            whys = [mistake.why for mistake in body.mistakes]
        elif isinstance(body, FindTheBug):
            whys = [*(bug.why for bug in body.bugs), *(decoy.why for decoy in body.decoys), body.elsewhere]
        assert len(set(whys)) == len(whys)


@by_id
def test_it_reads_well_in_a_terminal(item: Item) -> None:
    for question in questions(item):
        told = tell_question(question, width=100) + "\n" + tell_answer(question, width=100)
        assert "$" not in question.prompt.replace("$$", ""), question.prompt
        code = set(question.body.lines) if isinstance(question.body, FindTheBug) else set()
        for line in told.splitlines():
            assert len(line) <= 100 or any(part in line for part in code), line


@by_id
def test_a_first_wrong_answer_keeps_the_right_one_secret(item: Item) -> None:
    """In practice the learner tries again, so what gives the answer away is kept back."""
    question = asked(item.id, 0)
    body = question.body
    if not isinstance(body, Choice) or body.several:
        return
    wrong = next(name for name in body.options if name not in question.truth)
    right = f") {body.options[next(iter(question.truth))].text}\n"
    assert right not in tell_result(question.grade(wrong), reveal=False, width=10_000) + "\n"
    assert right in tell_result(question.grade(wrong), width=10_000) + "\n"


@by_id
def test_a_seed_deals_the_choices_the_same_way_each_time(item: Item) -> None:
    assert item.ask(5).dealt == item.ask(5).dealt
    if len(item.ask(0).dealt) >= 4:
        assert len({item.ask(seed).dealt for seed in range(12)}) > 1


def test_free_answers_need_the_ideas_and_not_just_words() -> None:
    for item in ITEMS:
        if item.kind == "free":
            for weak in ("I do not know.", "Because it is better and everybody does it.", "GitOps is GitOps."):
                assert not item.grade(weak).passed, (item.id, weak)
            result = item.grade("I do not know.")
            assert result.model
            told = tell_result(result)
            assert "Model answer" in told
            assert "Your answer" in told
            assert "understands no sentences" in told


# ---------------------------------------------------------------------- computed items


@by_computed_id
def test_the_simulator_gives_the_same_answer_each_time(item: Item) -> None:
    for seed in (0, 1):
        again = item.ask(seed)
        assert again.truth == asked(item.id, seed).truth
        assert again.prompt == asked(item.id, seed).prompt
        assert again.grade(again.right_answer).story == asked(item.id, seed).grade(again.right_answer).story


ALWAYS_THE_SAME = {"deploy-order"}
"""The order of things is what this one teaches: it does not depend on chance."""


@by_computed_id
def test_another_seed_has_another_answer(item: Item) -> None:
    answers = {str(asked(item.id, seed).right_answer) for seed in SEEDS}
    assert (len(answers) == 1) == (item.id in ALWAYS_THE_SAME), answers


@by_computed_id
def test_the_explanation_shows_what_happened(item: Item) -> None:
    question = asked(item.id, 0)
    story = question.grade(question.right_answer).story
    assert story.splitlines()[0].strip()[:2].isdigit(), story
    assert 2 <= len(story.splitlines()) <= 40, story


@by_computed_id
def test_no_step_or_option_is_right_or_wrong_by_luck(item: Item) -> None:
    """Neighbouring seeds ask neighbouring cases, and every case is answered from its own run."""
    runs = [asked(item.id, seed).run for seed in SEEDS]
    for one, other in pairwise(runs):
        assert one is not None
        assert other is not None
        assert one.evidence.world is not other.evidence.world


@by_computed_id
def test_it_can_be_answered_at_other_seeds_too(item: Item) -> None:
    for seed in (*range(5, 11), 14, 2**31):
        question = item.ask(seed)
        assert question.grade(question.right_answer).passed, seed
