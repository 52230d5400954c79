"""Playing by itself: a button that says what it does, over the timer of ipywidgets, whose own buttons have no names."""

from __future__ import annotations

from typing import Any


class PlayButton:
    """``button`` starts and stops ``timer``, an ``ipywidgets.Play`` that must be on the page too, where it stays out of sight.

    ``what`` completes the tooltips: "Play the events", "Pause the events".
    """

    def __init__(self, timer: Any, what: str) -> None:
        import ipywidgets as widgets

        self.timer, self._what = timer, what
        timer.layout.display = "none"
        self.button = widgets.Button()
        self.button.on_click(self._press)
        timer.observe(self._say, "playing")
        self._say(None)

    def _press(self, _button: Any) -> None:
        self.timer.playing = not self.timer.playing

    def _say(self, _change: Any) -> None:
        word = "Pause" if self.timer.playing else "Play"
        self.button.description, self.button.tooltip = word, f"{word} {self._what}"
