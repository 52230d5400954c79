"""What a learner predicted is there after a restart, and a broken workspace stops nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitops_sim.errors import BadInput
from gitops_sim.notebook import predict, replicas, resume, start
from gitops_sim.notebook.keeping import keep, kept


def by_hand(world: Any) -> int | None:
    world.kubectl("scale deployment web --replicas=10", by="ben")
    world.run(minutes=5)
    return replicas(world)


def words(widget: Any) -> str:
    """All that a widget and what is in it says."""
    own = str(getattr(widget, "value", "")) + " " + str(getattr(widget, "description", ""))
    return own + " ".join(words(child) for child in getattr(widget, "children", ()))


def test_a_prediction_comes_back_after_a_restart() -> None:
    before = predict("by-hand", by_hand, start())
    before.choice = "10"
    before.keep()
    after = predict("by-hand", by_hand, start())
    shown = words(after.widget)
    assert after.choice == "10"
    assert "You said" in shown
    assert "Predict anew" in shown


def test_the_first_prediction_counts() -> None:
    keep("by-hand", "10", False)
    keep("by-hand", "3", True)
    record = kept("by-hand")
    assert record is not None
    assert (record.choice, record.right) == ("10", False)


def test_what_was_only_shown_comes_back_without_a_choice() -> None:
    keep("by-hand", "", None)
    after = predict("by-hand", by_hand, start())
    shown = words(after.widget)
    assert after.shown
    assert "You said" not in shown
    assert "What happened" in shown


def test_an_option_that_is_gone_is_asked_anew() -> None:
    keep("by-hand", "4711", False)
    after = predict("by-hand", by_hand, start())
    assert "What happened" not in words(after.widget)


def test_the_stored_page_is_the_same_whatever_was_predicted() -> None:
    clean = predict("by-hand", by_hand, start())
    pages = (clean.html, clean.text, resume("03-drift").html)
    keep("by-hand", "10", False)
    keep("three-changes", "all three", False)
    after = predict("by-hand", by_hand, start())
    assert (after.html, after.text, resume("03-drift").html) == pages


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 99}', ""])
def test_a_broken_workspace_stops_nobody(workspace: Path, content: str) -> None:
    workspace.mkdir()
    (workspace / "progress.json").write_text(content)
    asked = predict("by-hand", by_hand, start())
    assert asked.widget is not None
    asked.choice = "3"
    assert asked.keep() == ""
    assert kept("by-hand") is not None


def test_a_workspace_that_cannot_be_written_is_told_not_raised(workspace: Path) -> None:
    workspace.write_text("a file where the folder should be")
    asked = predict("by-hand", by_hand, start())
    asked.choice = "3"
    assert "not kept" in asked.keep()
    assert "Predictions here" in resume("03-drift").told()


def test_resume_tells_how_far_one_is_and_what_comes_next() -> None:
    keep("hotfix-by-hand", "OutOfSync, Healthy", True)
    told = resume("03-drift").told()
    assert "1 of 5; 1 came true" in told
    assert "Ben does three things by hand" in told


def test_resume_of_a_notebook_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(BadInput, match="03-drift"):
        resume("03-drifts")
