"""Predictions that outlive a kernel: kept in the learner's workspace, and shown again when the notebook is run again."""

from __future__ import annotations

from typing import Any

from gitops_sim.course.progress import keep_prediction
from gitops_sim.course.records import PredictionRecord
from gitops_sim.course.workspace import Workspace
from gitops_sim.errors import BadInput
from gitops_sim.notebook.live import Live, dressed, esc
from gitops_sim.notebook.stops import questions_of, stop


def kept(question: str) -> PredictionRecord | None:
    """What was said to a question of the course before. None when nothing was, or when the workspace cannot be read: that is no
    reason to stop somebody who wants to learn."""
    try:
        return Workspace().records().predictions.get(question)
    except BadInput:
        return None


def keep(question: str, choice: str, right: bool | None) -> str:
    """Keeps a prediction; the first one counts, and stays. Says what went wrong when it cannot be kept, else nothing."""
    try:
        keep_prediction(Workspace(), question, choice, right)
    except BadInput as error:
        return f"This prediction is not kept: {error}"
    return ""


def resume(notebook: str) -> Resume:
    """Where the learner stands in a notebook, by the name of its questions (``03-drift``). Raises BadInput for an unknown one."""
    return Resume(notebook)


class Resume(Live):
    """One line: how many predictions were made here, and what the next question is. The static twin says how to come back."""

    def __init__(self, notebook: str) -> None:
        self.questions = questions_of(notebook)

    @property
    def text(self) -> str:
        return f"Predictions here: {len(self.questions)}. They are kept. {_BACK}"

    @property
    def html(self) -> str:
        return f'<p class="gn-resume">{esc(self.text)}</p>'

    def told(self) -> str:
        """In words, from the workspace."""
        records = [(name, kept(name)) for name in self.questions]
        made = [record for _, record in records if record]
        if not made:
            return f"Predictions here: {len(self.questions)}. They are kept, with your answers. {_BACK}"
        right = sum(record.right is True for record in made)
        upcoming = next((name for name, record in records if record is None), "")
        went = f"Predictions so far: {len(made)} of {len(self.questions)}; {right} came true."
        if not upcoming:
            return f"{went} All of them are made. {_BACK}"
        ask = " ".join(stop(upcoming).ask.replace("`", "").split())
        return f"{went} The next question: \N{LEFT DOUBLE QUOTATION MARK}{ask}\N{RIGHT DOUBLE QUOTATION MARK} {_BACK}"

    def _build(self) -> Any:
        import ipywidgets as widgets

        return dressed([widgets.HTML(f'<div role="status">{esc(self.told())}</div>')])


_BACK = "After a restart choose Run > Run All Cells: every card comes back as you left it."
