"""Pictures one after the other, to be played, stepped through or read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.notebook.live import Live, dressed, esc, indent
from gitops_sim.notebook.transport import PlayButton
from gitops_sim.views.view import View


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a film. ``caption`` says in one line what happens in it."""

    caption: str
    view: View


class Film(Live):
    """Frames to play: play and pause, one back, one on, a slider, and the same in words.

    Without a front end it shows its last picture and all captions.
    """

    def __init__(self, frames: Sequence[Frame], *, title: str, seconds_each: float = 1.8) -> None:
        if not frames:
            raise ValueError("a film needs at least one frame")
        self.frames, self.title, self.seconds_each = tuple(frames), title, seconds_each

    @property
    def text(self) -> str:
        rows = [self.title, *(f"{index:>3}  {frame.caption}" for index, frame in enumerate(self.frames, 1))]
        return "\n".join(rows) + "\n\n" + indent(self.frames[-1].view.text)

    @property
    def html(self) -> str:
        captions = "".join(f"<li>{esc(frame.caption)}</li>" for frame in self.frames)
        last = self.frames[-1].view
        return (
            f"{last.picture}"
            f"<details><summary>{esc(self.title)}, in words</summary><ol>{captions}</ol><pre>{esc(last.text)}</pre></details>"
        )

    def _build(self) -> Any:
        return _Player(self).root


class _Player:
    def __init__(self, film: Film) -> None:
        import ipywidgets as widgets

        self.film = film
        last = len(film.frames) - 1
        self.picture = widgets.HTML()
        self.words = widgets.HTML(layout=widgets.Layout(display="none"))
        self.slider = widgets.IntSlider(
            value=0,
            min=0,
            max=last,
            description="Moment",
            readout=False,
            continuous_update=True,
            layout=widgets.Layout(width="260px"),
        )
        play = widgets.Play(value=0, min=0, max=last, interval=int(film.seconds_each * 1000), show_repeat=False)
        widgets.jslink((play, "value"), (self.slider, "value"))
        self.count = widgets.HTML()
        back = widgets.Button(description="Back", icon="step-backward", tooltip="One moment back")
        on = widgets.Button(description="Next", icon="step-forward", tooltip="One moment on")
        back.on_click(self._back)
        on.on_click(self._on)
        in_words = widgets.Checkbox(value=False, description="in words", indent=False, layout=widgets.Layout(width="auto"))
        in_words.observe(self._toggle_words, "value")
        self.slider.observe(self._show, "value")
        bar = widgets.HBox(
            [play, PlayButton(play, "the moments").button, back, on, self.slider, self.count, in_words],
            layout=widgets.Layout(align_items="center", flex_flow="row wrap", grid_gap="8px"),
        )
        self._show(None)
        self.root = dressed([self.picture, bar, self.words])

    def _back(self, _button: Any) -> None:
        self.slider.value = max(0, self.slider.value - 1)

    def _on(self, _button: Any) -> None:
        self.slider.value = min(self.slider.max, self.slider.value + 1)

    def _toggle_words(self, change: Any) -> None:
        self.words.layout.display = "" if change["new"] else "none"

    def _show(self, _change: Any) -> None:
        frame = self.film.frames[self.slider.value]
        self.picture.value = frame.view.svg
        self.words.value = f'<pre role="status">{esc(frame.caption)}\n\n{esc(frame.view.text)}</pre>'
        self.count.value = f"{self.slider.value + 1} of {len(self.film.frames)}"
