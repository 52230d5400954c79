"""Predict, run, explain: the learner says what will happen, then the world does it, then both stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.clock import format_duration
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.notebook.facts import Rows, facts, facts_html, facts_text
from gitops_sim.notebook.film import Film
from gitops_sim.notebook.live import Live, Shown, dressed, esc, folded, indent, rich
from gitops_sim.notebook.stage import Stage, side_by_side
from gitops_sim.notebook.story import story_html, story_text
from gitops_sim.trace import Record
from gitops_sim.world import World

Options = Sequence[object] | Mapping[str, tuple[float, float] | None]
"""Either the possible values, or words for ranges of seconds (None for "it never comes")."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the option that came true (empty when none did), the measured value, the records, what to look at."""

    option: str
    value: str
    records: Sequence[Record] = ()
    shows: Shown | None = None
    facts: Rows = ()
    failed: str = ""


class Prediction(Live):
    """One question to the learner. ``run`` plays the world and gives the :class:`Outcome`; it is called once.

    Until the learner has committed to an option (or asked to be shown), the live widget runs nothing. ``choice`` is the option
    chosen, ``""`` before; ``shown`` says that the learner asked to see it without a prediction.
    """

    def __init__(
        self, question: str, options: Sequence[str], run: Callable[[], Outcome], *, explain: str = "", kind: str = "Predict"
    ) -> None:
        self.question, self.options, self.explain, self.kind = question, tuple(options), explain, kind
        self._run = run
        self._outcome: Outcome | None = None
        self.choice = ""
        self.shown = False

    @property
    def outcome(self) -> Outcome:
        """What happened; runs the world at the first look."""
        if self._outcome is None:
            self._outcome = self._run()
        return self._outcome

    @property
    def right(self) -> bool | None:
        """Whether the prediction came true; None without a prediction."""
        return None if not self.choice else self.choice == self.outcome.option

    # ------------------------------------------------------------------ words and page

    @property
    def text(self) -> str:
        lines = [f"{self.kind.upper()}  {' '.join(self.question.split())}", *(f"  ( ) {option}" for option in self.options), ""]
        lines += ["Decide before you read on.", "", self._told()]
        return "\n".join(lines)

    def _told(self) -> str:
        outcome = self.outcome
        parts = [f"OUTCOME  {outcome.failed or outcome.option or outcome.value}"]
        if outcome.value and outcome.value != outcome.option:
            parts[0] += f"  ({outcome.value})"
        if outcome.records:
            parts.append(indent(story_text(outcome.records)))
        if outcome.facts:
            parts.append(indent(facts_text(outcome.facts)))
        if self.explain:
            parts.append("WHY  " + " ".join(self.explain.replace("`", "").split()))
        if outcome.shows is not None:
            parts.append(indent(outcome.shows.text))
        return "\n".join(parts)

    @property
    def html(self) -> str:
        options = "".join(f"<li>{esc(option)}</li>" for option in self.options)
        seen = self._happened() + self._explained()
        if self.outcome.shows is not None:
            seen += self.outcome.shows.html
        return (
            f'<div class="gn-box">{self._asked()}<ul class="gn-options">{options}</ul>'
            f"{folded('I have decided: show what happens', seen)}</div>"
        )

    def _asked(self) -> str:
        return f'<div class="gn-kind">{esc(self.kind)}</div><div class="gn-ask">{rich(self.question)}</div>'

    def _happened(self) -> str:
        outcome = self.outcome
        if outcome.failed:
            return f"<p>{esc(outcome.failed)}</p>"
        return f"<p>What happened: <b>{esc(outcome.option or outcome.value)}</b>{esc(_extra(outcome))}</p>"

    def _explained(self) -> str:
        told = story_html(self.outcome.records) if self.outcome.records else ""
        if self.outcome.facts:
            told += facts_html(self.outcome.facts)
        return told + (rich(self.explain) if self.explain else "")

    def _compared(self) -> str:
        """Prediction beside outcome."""
        outcome = self.outcome
        if outcome.failed or not self.choice:
            return self._happened()
        verdict = (
            '<div class="gn-verdict same">As you said.</div>'
            if self.right
            else '<div class="gn-verdict other">Not what you expected. This is where it gets interesting:</div>'
        )
        return (
            f'<div class="gn-pair"><div><span>You said</span><b>{esc(self.choice)}</b></div>'
            f"<div><span>What happened</span><b>{esc(outcome.option or outcome.value)}</b>{esc(_extra(outcome))}</div></div>"
            f"{verdict}"
        )

    def _build(self) -> Any:
        return _Asker(self).root


def predict(
    question: str,
    options: Options,
    run: Callable[..., object],
    *worlds: World,
    explain: str = "",
    kind: str = "Predict",
) -> Prediction:
    """Asks before it runs ``run(world)`` in a copy of the world (of each world, when several are given).

    ``run`` returns what happened: one of the ``options``, or a number of seconds where these are ranges. The worlds that were
    given stay as they are, so cells may be run again and in any order. Raises BadInput without a world or with fewer than two
    options.
    """
    if not worlds:
        raise BadInput("a prediction needs a world", mend="predict(question, options, run, world)")
    if len(options) < 2:
        raise BadInput("a prediction needs two options or more", mend='predict("...", [3, 10], run, world)')
    return Prediction(question, [str(option) for option in options], _Play(options, run, worlds), explain=explain, kind=kind)


class _Play:
    """Runs the worlds of a prediction, once, and reads off what came of it."""

    def __init__(self, options: Options, run: Callable[..., object], worlds: Sequence[World]) -> None:
        self.options, self.run, self.worlds = options, run, worlds

    def __call__(self) -> Outcome:
        begins = [len(world.trace) for world in self.worlds]
        forks = [world.fork() for world in self.worlds]
        try:
            value = self.run(*forks)
        except GitOpsSimError as error:
            return Outcome("", "", failed=f"The world could not do that: {error}")
        except Exception as error:  # the learner may have changed the cell: say what is wrong with it, lose nothing
            return Outcome("", "", failed=f"The cell's function failed: {type(error).__name__}: {error}")
        option, shown = _match(self.options, value)
        stages = [Stage(fork, since=since) for fork, since in zip(forks, begins, strict=True)]
        if len(stages) > 1:
            title = " and ".join(stage.style for stage in stages).capitalize()
            return Outcome(option, shown, shows=side_by_side(stages, title), facts=facts(stages))
        records = [record for record in list(forks[0].trace)[begins[0] :] if record.story]
        return Outcome(option, shown, records, stages[0].film() if records else None)


def _match(options: Options, value: object) -> tuple[str, str]:
    """The option that a value means, and the value in words."""
    if not isinstance(options, Mapping):
        text = str(value)
        return (text if text in [str(option) for option in options] else ""), text
    if value is None:
        return next((name for name, range_ in options.items() if range_ is None), ""), ""
    if not isinstance(value, int | float):
        raise BadInput(f"{value!r} is no number of seconds", mend="return seconds, or None when it never comes")
    found = next((name for name, range_ in options.items() if range_ is not None and range_[0] <= value <= range_[1]), "")
    return found, format_duration(value)


def _extra(outcome: Outcome) -> str:
    return f" ({outcome.value})" if outcome.value and outcome.option and outcome.value != outcome.option else ""


class _Asker:
    def __init__(self, prediction: Prediction) -> None:
        import ipywidgets as widgets

        self.prediction = prediction
        self.options = widgets.RadioButtons(
            options=[(option, option) for option in prediction.options], value=None, layout=widgets.Layout(width="auto")
        )
        self.commit = widgets.Button(
            description="Commit and run",
            button_style="primary",
            disabled=True,
            tooltip="Commit to this prediction and let the world run",
        )
        self.skip = widgets.Button(description="Just show me", tooltip="Run without a prediction")
        self.options.observe(self._chosen, "value")
        self.commit.on_click(self._commit)
        self.skip.on_click(self._skip)
        self.buttons = widgets.HBox([self.commit, self.skip], layout=widgets.Layout(grid_gap="8px", margin="6px 0"))
        self.answer = widgets.VBox([])
        self.root = dressed([widgets.HTML(prediction._asked()), self.options, self.buttons, self.answer])

    def _chosen(self, change: Any) -> None:
        self.commit.disabled = change["new"] is None

    def _commit(self, _button: Any) -> None:
        self.prediction.choice = str(self.options.value)
        self._reveal()

    def _skip(self, _button: Any) -> None:
        self.prediction.shown = True
        self._reveal()

    def _reveal(self) -> None:
        import ipywidgets as widgets

        self.options.disabled = self.commit.disabled = self.skip.disabled = True
        self.buttons.layout.display = "none"
        prediction = self.prediction
        parts = [widgets.HTML(f'<div role="status">{prediction._compared()}</div>')]
        shows = prediction.outcome.shows
        if isinstance(shows, Film):
            parts.append(shows.widget)
        elif shows is not None:
            parts.append(widgets.HTML(shows.html))
        parts.append(widgets.HTML(prediction._explained()))
        self.answer.children = parts
