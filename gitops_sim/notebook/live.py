"""What a cell shows: a live widget where there is a front end for it, and always the same static page and words beside it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from typing import Any, Protocol

from gitops_sim.notebook.style import STYLE, WIDGET_STYLE
from gitops_sim.views.svg import clean


class Shown(Protocol):
    """Anything with a page and words: a view, a card, a live thing."""

    @property
    def html(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Card:
    """A static piece of page and its words."""

    html: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, Any]:
        return {"text/html": page(self.html), "text/plain": self.text}


class Live:
    """Base of everything to play with.

    A subclass gives the static twin (:attr:`html`, :attr:`text`: what the thing looks like before anyone touched it, with all
    that can be said without playing) and builds the widget once. The static twin depends on the world alone, so a stored
    notebook is the same on every machine; the widget's own identity is only in the one part of the output that stored
    notebooks leave out.
    """

    _made: Any = None

    @property
    def html(self) -> str:
        raise NotImplementedError

    @property
    def text(self) -> str:
        raise NotImplementedError

    def _build(self) -> Any:
        """The widget. Called at most once, and only where ipywidgets is installed and a kernel runs."""
        raise NotImplementedError

    @property
    def widget(self) -> Any:
        """The live widget, to put into a layout of your own; None without ipywidgets."""
        if self._made is None and find_spec("ipywidgets"):
            self._made = self._build()
        return self._made

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/html": page(self.html), "text/plain": self.text}
        if in_kernel() and self.widget is not None:
            bundle[WIDGET_MIME] = self.widget._repr_mimebundle_()[WIDGET_MIME]
        return bundle


WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


def in_kernel() -> bool:
    """Whether a Jupyter kernel runs this code, so that a widget could reach a page."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def page(html: str) -> str:
    """``html`` with the style sheet of the notebook room."""
    return f'<style>{STYLE}</style><div class="gn">{html}</div>'


def dressed(children: Sequence[Any]) -> Any:
    """Widgets one under the other on a card, with our style sheet."""
    import ipywidgets as widgets

    box = widgets.VBox([widgets.HTML(f"<style>{STYLE} {WIDGET_STYLE}</style>", layout=widgets.Layout(display="none")), *children])
    box.add_class("gn-box")
    return box


def esc(text: object) -> str:
    return escape(clean(text), quote=True)


def rich(text: str) -> str:
    """Escaped text in which `` `code` `` and blank lines keep their meaning."""
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        pieces = esc(" ".join(paragraph.split())).split("`")
        marked = "".join(f"<code>{piece}</code>" if odd % 2 else piece for odd, piece in enumerate(pieces))
        paragraphs.append(f"<p>{marked}</p>")
    return "".join(paragraphs)


def folded(summary: str, html: str) -> str:
    return f"<details><summary>{esc(summary)}</summary>{html}</details>"


def indent(text: str, by: str = "  ") -> str:
    return "\n".join(by + line if line else "" for line in text.split("\n"))
