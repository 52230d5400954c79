"""HTML as strings: escaped, and the signs of states with their words."""

from __future__ import annotations

from gitops_sim.views.icons import icon
from gitops_sim.views.svg import esc, tag
from gitops_sim.views.theme import Sign

_VOID = frozenset({"br", "hr", "input", "link", "meta"})


def el(name: str, /, *children: str, **attributes: object) -> str:
    """One element. ``children`` are markup already, attribute values are escaped.

    ``class_`` is class, ``_`` in names is ``-``; an attribute that is None or False is left out, True stands without a value.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = key.rstrip("_").replace("_", "-")
        parts.append(word if value is True else f'{word}="{esc(value)}"')
    opening = " ".join(parts)
    return f"<{opening}>" if name in _VOID else f"<{opening}>{''.join(children)}</{name}>"


def picture(name: str, tone: str = "") -> str:
    """An icon in the line, for the eye alone: the word beside it says the same."""
    drawn = icon(name, 0, 0, tone)
    return tag("svg", drawn, class_="gs icon", viewBox="0 0 16 16", width=16, height=16, aria_hidden="true", focusable="false")


def sign(found: Sign, prefix: str = "") -> str:
    """A state: its icon, and its word. ``prefix`` says to a screen reader what the state is of: ``sync``, ``health``."""
    said = el("span", f"{esc(prefix)} ", class_="heard") if prefix else ""
    return el("span", picture(found.icon, found.tone), said, el("b", esc(found.word)), class_=f"sign {found.tone}")


def facts(rows: list[tuple[str, str]]) -> str:
    """A list of terms and what they are; the second of each pair is markup."""
    return el("dl", *(el("div", el("dt", esc(term)), el("dd", value)) for term, value in rows), class_="facts")


def table(caption: str, heads: list[str], rows: list[list[str]], *, tones: list[str] | None = None) -> str:
    """A table whose cells are markup; ``tones`` colours the edge of rows."""
    head = el("tr", *(el("th", esc(text), scope="col") for text in heads))
    body = [
        el("tr", *(el("td", cell) for cell in row), class_=tones[index] if tones and tones[index] else None)
        for index, row in enumerate(rows)
    ]
    shown = el("table", el("caption", esc(caption)), el("thead", head), el("tbody", *body))
    return el("div", shown, class_="wide", tabindex="0", role="region", aria_label=caption)


def folded(summary: str, *children: str, open: bool = False) -> str:
    return el("details", el("summary", esc(summary)), *children, open=open)


def words(title: str, text: str) -> str:
    """The twin in plain words of something drawn."""
    return folded(f"{title}, in words", el("pre", esc(text), tabindex="0", aria_label=f"{title}, in words"))
