"""The control that each kind of question is answered with: native, labelled, usable by keyboard alone."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.course.quiz import Question
from gitops_sim.course.quiz.answers import LETTERS
from gitops_sim.course.quiz.kinds import Choice, Match, Order


class TextControl:
    """A line, or for a free answer a few lines, to type into. Base of the controls: a root widget and the value it stands for."""

    def __init__(self, question: Question) -> None:
        import ipywidgets as widgets

        free = question.item.kind == "free"
        self.root = (widgets.Textarea if free else widgets.Text)(
            placeholder=question.body.hint,
            description="Your answer",
            layout=widgets.Layout(width="min(97%, 640px)", height="110px" if free else "auto"),
            style={"description_width": "initial"},
        )

    @property
    def value(self) -> object:
        return self.root.value

    def disable(self, disabled: bool) -> None:
        self.root.disabled = disabled


class _RadioControl(TextControl):
    def __init__(self, question: Question) -> None:
        import ipywidgets as widgets

        body = question.body
        assert isinstance(body, Choice)
        options = [(f"{LETTERS[i]}) {body.options[name].text}", name) for i, name in enumerate(question.dealt)]
        self.root = widgets.RadioButtons(
            description="Your answer",
            options=options,
            value=None,
            layout=widgets.Layout(width="auto"),
            style={"description_width": "initial"},
        )


class _BoxesControl(TextControl):
    """A box to tick for each option."""

    def __init__(self, question: Question) -> None:
        import ipywidgets as widgets

        body = question.body
        assert isinstance(body, Choice)
        self.boxes = {
            name: widgets.Checkbox(
                description=f"{LETTERS[i]}) {body.options[name].text}", indent=False, layout=widgets.Layout(width="auto")
            )
            for i, name in enumerate(question.dealt)
        }
        self.root = widgets.VBox([*self.boxes.values()])

    @property
    def value(self) -> object:
        return [name for name, box in self.boxes.items() if box.value]

    def disable(self, disabled: bool) -> None:
        for box in self.boxes.values():
            box.disabled = disabled


class _ListsControl(TextControl):
    """A list to choose from for each place of an order, or for each left side of a match."""

    def __init__(self, rows: Sequence[tuple[str, str]], choices: Sequence[tuple[str, str]], *, pairs: bool) -> None:
        import ipywidgets as widgets

        self.pairs = pairs
        self.lists = {
            key: widgets.Dropdown(
                description=label,
                options=[("choose ...", ""), *choices],
                value="",
                layout=widgets.Layout(width="min(97%, 640px)"),
                style={"description_width": "initial"},
            )
            for key, label in rows
        }
        self.root = widgets.VBox([*self.lists.values()])

    @property
    def value(self) -> object:
        chosen = {key: one.value for key, one in self.lists.items() if one.value}
        return chosen if self.pairs else [*chosen.values()]

    def disable(self, disabled: bool) -> None:
        for one in self.lists.values():
            one.disabled = disabled


def control_for(question: Question) -> TextControl:
    body = question.body
    if isinstance(body, Choice):
        return _BoxesControl(question) if body.several else _RadioControl(question)
    if isinstance(body, Order):
        rows = [(name, f"{number}.") for number, name in enumerate(question.dealt, 1)]
        return _ListsControl(rows, [(body.steps[name].text, name) for name in question.dealt], pairs=False)
    if isinstance(body, Match):
        rows = [(name, f"{number})") for number, name in enumerate(body.pairs, 1)]
        return _ListsControl(rows, [(body.rights[name], name) for name in question.dealt], pairs=True)
    return TextControl(question)
