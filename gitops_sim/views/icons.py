"""Icons: our own, drawn on a 16 by 16 grid with strokes, so that they read at any size and in any colour."""

from __future__ import annotations

from gitops_sim.views.svg import tag

_STROKES = {
    "check": "M3 8.5L6.5 12L13 4.5",
    "cross": "M4 4L12 12M12 4L4 12",
    "differs": "M4 5.5H12M4 10.5H12M11 2.5L5 13.5",
    "question": "M5.5 6A2.5 2.5 0 1 1 8 8.6V10M8 12.6V12.7",
    "heart": "M8 13.3L3.1 8.2A3 3 0 0 1 8 4.9A3 3 0 0 1 12.9 8.2Z",
    "broken": "M8 13.3L3.1 8.2A3 3 0 0 1 8 4.9A3 3 0 0 1 12.9 8.2ZM8.3 5L6.8 7.8L9.2 8.8L7.8 11",
    "turning": "M13 8A5 5 0 1 1 10.6 3.7M13.3 2.2L10.7 3.7L12.2 6.3",
    "pause": "M5.5 3.5V12.5M10.5 3.5V12.5",
    "absent": "M3 5V3H5M11 3H13V5M13 11V13H11M5 13H3V11M7 3H9M13 7V9M9 13H7M3 9V7",
    "person": "M8 8A2.7 2.7 0 1 0 8 2.6A2.7 2.7 0 0 0 8 8ZM2.8 13.6C3.4 11 5.4 9.9 8 9.9C10.6 9.9 12.6 11 13.2 13.6",
    "git": "M5 4.9V11.1M5 4.9A1.5 1.5 0 1 0 5 1.9A1.5 1.5 0 0 0 5 4.9ZM5 14.1A1.5 1.5 0 1 0 5 11.1A1.5 1.5 0 0 0 5 14.1Z"
    "M11 7.4A1.5 1.5 0 1 0 11 4.4A1.5 1.5 0 0 0 11 7.4ZM11 7.4C11 9.6 8 9.2 5.4 11",
    "pipeline": "M2.2 4.6A1.4 1.4 0 0 1 3.6 3.2H12.4A1.4 1.4 0 0 1 13.8 4.6V11.4A1.4 1.4 0 0 1 12.4 12.8H3.6"
    "A1.4 1.4 0 0 1 2.2 11.4ZM4.8 6.2L6.8 8L4.8 9.8M8.4 9.9H11.2",
    "agent": "M12.8 6.6A5 5 0 0 0 3.7 5.4M3.2 9.4A5 5 0 0 0 12.3 10.6M3.4 2.6V5.6H6.4M12.6 13.4V10.4H9.6",
    "cluster": "M8 1.8L13.4 4.9V11.1L8 14.2L2.6 11.1V4.9ZM2.6 4.9L8 8L13.4 4.9M8 8V14.2",
    "key": "M10.3 8.7A3.2 3.2 0 1 0 7.3 5.7L2.4 10.6V13.6H5.4V11.6H7.4V9.6L7.9 8.1M11 4.9V5",
    "eye": "M1.8 8C3.4 5.3 5.5 4 8 4C10.5 4 12.6 5.3 14.2 8C12.6 10.7 10.5 12 8 12C5.5 12 3.4 10.7 1.8 8Z"
    "M8 9.8A1.8 1.8 0 1 0 8 6.2A1.8 1.8 0 0 0 8 9.8Z",
    "hand": "M5 8.5V4.3A1.1 1.1 0 0 1 7.2 4.3V7.5M7.2 7V3A1.1 1.1 0 0 1 9.4 3V7.2M9.4 7.4V4.2A1.1 1.1 0 0 1 11.6 4.2V10"
    "C11.6 12.6 10.2 13.9 8.2 13.9C6.4 13.9 5.5 13.1 4.7 11.6L3.1 8.8A1 1 0 0 1 4.8 7.8L5 8.2",
    "clock": "M8 13.6A5.6 5.6 0 1 0 8 2.4A5.6 5.6 0 0 0 8 13.6ZM8 4.8V8L10.3 9.6",
}


def icon(name: str, x: float, y: float, tone: str = "", *, size: float = 16) -> str:
    """The icon with its upper left corner at ``(x, y)``; ``tone`` is a colour of the theme."""
    place = f"translate({x:g} {y:g})" + (f" scale({size / 16:g})" if size != 16 else "")
    return tag(
        "path",
        d=_STROKES[name],
        class_=f"{tone or 'calm'}-line",
        transform=place,
        stroke_linecap="round",
        stroke_linejoin="round",
        style="stroke-width:1.6",
    )
