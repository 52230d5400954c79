"""The lessons themselves: each prediction can come true, each wrong one is answered, and cells may be run twice."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from gitops_sim.errors import GitOpsSimError
from gitops_sim.notebook.manners import plain
from gitops_sim.notebook.predict import Prediction
from gitops_sim.notebook.stops import questions_of, stop, stop_names
from tests.notebook.regenerate import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))


def code_cells(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def run(source: str, names: dict[str, Any]) -> Any:
    """What a notebook would show for a cell."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_every_prediction_has_the_outcome_among_its_options(path: Path) -> None:
    names: dict[str, Any] = {}
    asked = []
    for source in code_cells(path):
        shown = run(source, names)
        if isinstance(shown, Prediction):
            asked.append(shown)
            assert not shown.outcome.failed, shown.stop.ask
            assert shown.outcome.option, (shown.stop.ask, shown.outcome.value)
            wrong = [option for option in shown.stop.options if option.text != shown.outcome.option]
            assert all(option.but for option in wrong), f"a wrong choice without an answer: {shown.stop.ask}"
    assert len(asked) >= 3


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_every_cell_may_be_run_twice(path: Path) -> None:
    names: dict[str, Any] = {}
    for source in code_cells(path):
        run(source, names)
        shown = run(source, names)
        repr(shown)


def test_every_question_is_asked_in_one_notebook() -> None:
    asked = [name for path in LESSONS for source in code_cells(path) for name in re.findall(r'predict\("([a-z0-9-]+)"', source)]
    assert sorted(asked) == sorted(stop_names())


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_a_notebook_says_where_one_stands_in_its_own_questions(path: Path) -> None:
    text = "\n".join(code_cells(path))
    (name,) = re.findall(r'resume\("([a-z0-9-]+)"\)', text)
    assert set(questions_of(name)) == set(re.findall(r'predict\("([a-z0-9-]+)"', text))


@pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem)
def test_a_notebook_compares_with_the_tools_says_what_it_is_for_and_lets_one_play(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for needed in ("Where today's tools differ from the module", "minutes", "work"):
        assert needed in text
    code = "\n".join(code_cells(path))
    assert "play(" in code or "Desk(" in code
    assert "quiz(" in code or "Check 1 of" in stop("drift-then-commit").kind


def test_questions_hold_no_markup_that_cards_do_not_show() -> None:
    for name in stop_names():
        asked = stop(name)
        for text in (asked.ask, asked.why, *(option.but for option in asked.options)):
            assert not re.search(r"\*[^ *][^*]*\*", re.sub(r"`[^`]*`", "", text)), (name, text)


def test_a_name_that_is_not_there_yet_is_told_in_plain_words() -> None:
    with pytest.raises(NameError) as caught:
        run("careless.run(60)", {})
    assert (
        plain(caught.value)
        == "'careless' is not there yet: a cell further up makes it. Choose Run > Run All Above Selected Cell."
    )


def test_what_the_world_refuses_is_told_without_a_traceback() -> None:
    names: dict[str, Any] = {}
    with pytest.raises(GitOpsSimError) as caught:
        run('from gitops_sim.notebook import edit, start\nedit(start(), "x", "no such text", "y")', names)
    assert "does not stand in web/deployment.yaml" in plain(caught.value)
