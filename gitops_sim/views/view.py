"""One picture and its twin in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from gitops_sim.views.svg import box, esc, num, tag
from gitops_sim.views.theme import STYLE

_PAGE_STYLE = (
    ".gs-art[hidden]{display:block!important}.gs-bare{display:none!important}.gs-words{margin:4px 0 10px;font-size:12px}"
    ".gs-words summary{cursor:pointer;opacity:.7;width:fit-content}.gs-words pre{margin:6px 0;line-height:1.4;overflow-x:auto}"
)


@dataclass(frozen=True, slots=True)
class View:
    """A picture (``svg``) and everything that it says in plain words (``text``).

    In a notebook it shows as the picture with its text twin folded away under it, in a terminal as the text. ``body`` is the
    SVG markup inside the root element, ``width`` and ``height`` its size in pixels; ``summary`` is the one sentence that a screen
    reader hears for the picture.
    """

    title: str
    text: str
    body: str
    width: float
    height: float
    summary: str = ""

    @property
    def svg(self) -> str:
        """The whole picture as one self-contained element: no ids, no scripts, fit for a page or a file."""
        return tag(
            "svg",
            tag("title", esc(self.title)),
            tag("desc", esc(self.summary or self.text)),
            f"<style>{STYLE}</style>",
            self.body,
            xmlns="http://www.w3.org/2000/svg",
            class_="gs",
            viewBox=f"0 0 {num(self.width)} {num(self.height)}",
            style=f"max-width:{num(self.width)}px",
            role="img",
            aria_label=f"{self.title}. {self.summary}" if self.summary else self.title,
        )

    @property
    def html(self) -> str:
        """The picture, and the words folded away."""
        words = f'<details class="gs-words"><summary>{esc(self.title)}, in words</summary><pre>{esc(self.text)}</pre></details>'
        return self.picture + words

    @property
    def picture(self) -> str:
        """The picture for a page.

        A front end that does not trust its page drops style sheet and drawing but keeps the letters in it. ``hidden``, which only
        our style sheet undoes, keeps that heap of letters away, and a line says how to get the picture.
        """
        return (
            f'<style>{_PAGE_STYLE}</style><div class="gs-art" hidden="hidden">{self.svg}</div>'
            '<p class="gs-bare">Run this cell to see the picture.</p>'
        )

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, Any]:
        return {"text/html": self.html, "text/plain": self.text}


def stack(views: list[View], *, title: str, gap: float = 18, summary: str = "") -> View:
    """Views one under the other as one picture."""
    width = max(view.width for view in views)
    parts, y = [], 0.0
    for view in views:
        parts.append(tag("g", view.body, transform=f"translate(0 {num(y)})"))
        y += view.height + gap
    text = "\n\n".join(f"{view.title}\n{view.text}" for view in views)
    return View(title, text, "".join(parts), width, y - gap, summary)


def panel(view: View, width: float, height: float) -> str:
    """The view as one panel of a larger picture: a card with its title; the picture is scaled down when it does not fit."""
    inner_width, inner_height = width - 28, height - 50
    scale = min(1.0, inner_width / view.width, inner_height / view.height)
    return (
        box(0.5, 0.5, width - 1, height - 1, "card", radius=10)
        + tag("text", esc(view.title), x=14, y=24, class_="strong")
        + tag("g", view.body, transform=f"translate(14 38) scale({num(scale)})")
    )
