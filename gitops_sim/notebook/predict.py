"""Predict, run, explain: the learner says what will happen, then the world does it, then both stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.clock import format_duration
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.notebook.facts import Rows, facts, facts_html, facts_text
from gitops_sim.notebook.film import Film
from gitops_sim.notebook.keeping import keep, kept
from gitops_sim.notebook.live import Live, Shown, dressed, esc, folded, indent, rich
from gitops_sim.notebook.stage import Stage, deploys, side_by_side
from gitops_sim.notebook.stops import NEVER, Option, Stop, stop
from gitops_sim.notebook.story import story_html, story_text
from gitops_sim.trace import Record
from gitops_sim.world import World


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
    chosen, ``""`` before; ``shown`` says that the learner asked to see it without a prediction. A question of the course has a
    ``name``, under which the prediction is kept.
    """

    def __init__(self, stop: Stop, run: Callable[[], Outcome], name: str = "") -> None:
        self.stop, self.name = stop, name
        self.options = tuple(option.text for option in stop.options)
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

    def recall(self) -> bool:
        """Takes up what was said before a restart; whether there was anything."""
        before = kept(self.name) if self.name else None
        if before is None or before.choice not in ("", *self.options):
            return False
        self.choice, self.shown = before.choice, not before.choice
        return True

    def keep(self) -> str:
        """Keeps what was said; says what went wrong when that cannot be done, else nothing."""
        return keep(self.name, self.choice, self.right) if self.name else ""

    # ------------------------------------------------------------------ words and page

    @property
    def text(self) -> str:
        lines = [
            f"{self.stop.kind.upper()}  {' '.join(self.stop.ask.split())}",
            *(f"  ( ) {option}" for option in self.options),
            "",
        ]
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
        parts += [f"{option.text}?  {_plain(option.but)}" for option in self.stop.options if option.but]
        if self.stop.why:
            parts.append("WHY  " + _plain(self.stop.why))
        if isinstance(outcome.shows, Film) and outcome.records:
            parts.append(indent(outcome.shows.frames[-1].view.text))  # the captions are the records
        elif outcome.shows is not None:
            parts.append(indent(outcome.shows.text))
        return "\n".join(parts)

    @property
    def html(self) -> str:
        options = "".join(f"<li>{esc(option)}</li>" for option in self.options)
        buts = "".join(f"<p><b>{esc(option.text)}?</b> {_inline(option.but)}</p>" for option in self.stop.options if option.but)
        seen = self._happened() + buts + self._explained()
        if self.outcome.shows is not None:
            seen += self.outcome.shows.html
        return (
            f'<div class="gn-box">{self._asked()}<ul class="gn-options">{options}</ul>'
            f"{folded('I have decided: show what happens', seen)}</div>"
        )

    def _asked(self) -> str:
        return f'<div class="gn-kind">{esc(self.stop.kind)}</div><div class="gn-ask">{rich(self.stop.ask)}</div>'

    def _happened(self) -> str:
        outcome = self.outcome
        if outcome.failed:
            return f"<p>{esc(outcome.failed)}</p>"
        return f"<p>What happened: <b>{esc(outcome.option or outcome.value)}</b>{esc(_extra(outcome))}</p>"

    def _explained(self) -> str:
        told = story_html(self.outcome.records) if self.outcome.records else ""
        if self.outcome.facts:
            told += facts_html(self.outcome.facts)
        return told + rich(self.stop.why)

    def _compared(self) -> str:
        """Prediction beside outcome."""
        outcome = self.outcome
        if outcome.failed or not self.choice:
            return self._happened()
        but = next((option.but for option in self.stop.options if option.text == self.choice), "")
        verdict = (
            '<div class="gn-verdict same">As you said.</div>'
            if self.right
            else '<div class="gn-verdict other">Not what you expected: this is where it gets interesting.</div>'
            f"<p>{_inline(but)}</p>"
        )
        came = f"<b>{esc(outcome.option or outcome.value)}</b>{esc(_extra(outcome))}"
        return (
            f'<div class="gn-pair"><div><span>You said</span><b>{esc(self.choice)}</b></div>'
            f"<div><span>What happened</span>{came}</div></div>"
            f"{verdict}"
        )

    def _build(self) -> Any:
        return _Asker(self).root


def predict(
    question: str, run: Callable[..., object], *worlds: World, options: Sequence[object] = (), why: str = ""
) -> Prediction:
    """Asks before it runs ``run(world)`` in a copy of the world (of each world, when several are given).

    ``question`` names one of the course's (see ``stops.yaml``); with ``options`` it is a question of your own. ``run`` returns
    what happened: the value of an option, or seconds (None for "never") where options are ranges of them. The worlds that were
    given stay as they are, so cells may be run again and in any order. Raises BadInput without a
    world, and for an unknown name.
    """
    own = Stop(question, [Option(str(option)) for option in options], why)
    if len(own.options) == 1:
        raise BadInput("a prediction needs two options or more", mend='predict("...", run, world, options=[3, 10])')
    asked = own if own.options else stop(question)
    if not worlds:
        raise BadInput("a prediction needs a world", mend="predict(question, run, world)")
    return Prediction(asked, _Play(asked, run, worlds), "" if own.options else question)


class _Play:
    """Runs the worlds of a prediction, once, and reads off what came of it."""

    def __init__(self, stop: Stop, run: Callable[..., object], worlds: Sequence[World]) -> None:
        self.stop, self.run, self.worlds = stop, run, worlds

    def __call__(self) -> Outcome:
        begins = [len(world.trace) for world in self.worlds]
        forks = [world.fork() for world in self.worlds]
        try:
            value = self.run(*forks)
        except GitOpsSimError as error:
            return Outcome("", "", failed=f"The world could not do that: {error}")
        except Exception as error:  # the learner may have changed the cell: say what is wrong with it, lose nothing
            return Outcome("", "", failed=f"The cell's function failed: {type(error).__name__}: {error}")
        option, shown = _match(self.stop.options, value)
        pairs = list(zip(forks, begins, strict=True))
        stages = [Stage(fork, since=since) for fork, since in pairs if deploys(fork)]
        if len(stages) > 1:
            title = " and ".join(stage.style for stage in stages).capitalize()
            return Outcome(option, shown, shows=side_by_side(stages, title), facts=facts(stages))
        records = [record for fork, since in pairs for record in list(fork.trace)[since:] if record.story]
        return Outcome(option, shown, records, stages[0].film() if stages and records else None)


def _match(options: Sequence[Option], value: object) -> tuple[str, str]:
    """The option that a value means (empty for none), and the value in words."""
    if all(option.seconds is None for option in options):
        text = str(value)
        return (text if text in [option.text for option in options] else ""), text
    if value is None:
        return next((option.text for option in options if option.seconds == NEVER), ""), "never"
    seconds = float(value) if isinstance(value, int | float) else -1.0
    fits = (option.text for option in options if option.seconds and option.seconds[0] <= seconds <= option.seconds[1])
    return next(fits, ""), format_duration(seconds) if seconds >= 0 else str(value)


def _plain(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def _inline(text: str) -> str:
    return rich(text).removeprefix("<p>").removesuffix("</p>")


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
        if prediction.recall():
            self.options.value = prediction.choice or None
            self._reveal(again=True)

    def _chosen(self, change: Any) -> None:
        self.commit.disabled = change["new"] is None

    def _commit(self, _button: Any) -> None:
        self.prediction.choice, self.prediction.shown = str(self.options.value), False
        self._reveal(self.prediction.keep())

    def _skip(self, _button: Any) -> None:
        self.prediction.choice, self.prediction.shown = "", True
        self._reveal(self.prediction.keep())

    def _anew(self, _button: Any) -> None:
        self.prediction.choice = ""
        self.options.value, self.options.disabled, self.skip.disabled = None, False, False
        self.buttons.layout.display, self.answer.children = "", []

    def _reveal(self, trouble: str = "", *, again: bool = False) -> None:
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
        if trouble:
            parts.append(widgets.HTML(f"<p>{esc(trouble)}</p>"))
        if again:
            anew = widgets.Button(description="Predict anew", tooltip="Say it again, as if for the first time")
            anew.on_click(self._anew)
            parts.append(widgets.HBox([anew]))
        self.answer.children = parts
