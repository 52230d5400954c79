"""SVG as strings: escaped, deterministic to the byte, without ids and without scripts.

Ids are left out on purpose: many views share one notebook page, and an id that occurs twice there makes browsers draw the
wrong gradient or nothing at all.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

# Widths in thousandths of the font size, of the widest face that system-ui is likely to mean: a narrower one leaves some air.
_WIDTHS = {
    **dict.fromkeys("ijl|'!.,:;I", 300),
    **dict.fromkeys("frt()[]{}/\\-` ·", 390),
    **dict.fromkeys("cksvxyzJ", 560),
    **dict.fromkeys("ABEKPSVXYF&", 690),
    **dict.fromkeys("CDGHNOQRUw<>=+~#", 800),
    **dict.fromkeys("mMW@%", 980),
}
_USUAL_WIDTH = 630
_MONO_WIDTH = 0.62
_UNDRAWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: object) -> str:
    """``text`` with a replacement character for each one that XML forbids or that would turn the reading direction."""
    return _UNDRAWABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))


def esc(text: object) -> str:
    """``text`` as SVG or HTML character data, safe in attributes too."""
    return escape(clean(text), quote=True)


def num(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{round(value, 2):g}"


def tag(name: str, *children: str, **attributes: object) -> str:
    """One element. ``children`` are markup already; attribute values are escaped; ``class_`` is class, ``_`` in names is ``-``.

    An attribute that is None or empty is left out.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value == "":
            continue
        shown = num(value) if isinstance(value, int | float) else esc(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{shown}"')
    inner = "".join(children)
    opening = " ".join(parts)
    return f"<{opening}>{inner}</{name}>" if inner else f"<{opening}/>"


def width_of(text: str, size: float = 13, *, mono: bool = False, bold: bool = False) -> float:
    """About how wide ``text`` will be drawn, in pixels, on the generous side."""
    total = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            total += 1000
        elif mono:
            total += 1000 * _MONO_WIDTH
        else:
            total += _WIDTHS.get(char, 680 if char.isupper() else _USUAL_WIDTH)
    return total * size / 1000 * (1.1 if bold and not mono else 1)


def clip(text: object, room: float, size: float = 13, *, mono: bool = False, bold: bool = False) -> str:
    """``text`` cut to ``room`` pixels, with an ellipsis where something is missing."""
    shown = clean(text)
    if width_of(shown, size, mono=mono, bold=bold) <= room:
        return shown
    budget = room - width_of("\N{HORIZONTAL ELLIPSIS}", size, mono=mono, bold=bold)
    taken, used = "", 0.0
    for char in shown:
        used += width_of(char, size, mono=mono, bold=bold)
        if used > budget:
            break
        taken += char
    return taken.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def clip_middle(text: object, room: float, size: float = 13, *, bold: bool = False) -> str:
    """Like :func:`clip`, but what is cut out is in the middle: names that a controller made differ at their ends."""
    shown = clean(text)
    if width_of(shown, size, bold=bold) <= room:
        return shown
    tail = shown[-6:]
    head = clip(shown[:-6] + "mm", room - width_of(tail, size, bold=bold), size, bold=bold)
    return head + tail


def label(x: float, y: float, content: object, class_: str = "", *, anchor: str = "", opacity: float | None = None) -> str:
    """Text with its baseline at ``y``; ``anchor`` is ``middle`` or ``end``."""
    return tag("text", esc(content) or " ", x=x, y=y, class_=class_, text_anchor=anchor, opacity=opacity)


def box(x: float, y: float, width: float, height: float, class_: str, *, radius: float = 8) -> str:
    return tag("rect", x=x, y=y, width=width, height=height, rx=radius, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    return tag("path", d=f"M{num(x1)} {num(y1)}L{num(x2)} {num(y2)}", class_=class_)


def at(x: float, y: float, *children: str, scale: float = 1, class_: str = "", tip: object = "") -> str:
    """A group moved to ``(x, y)``; ``tip`` is what a pointer that rests on it is told, in full."""
    transform = f"translate({num(x)} {num(y)})" + (f" scale({num(scale)})" if scale != 1 else "")
    title = tag("title", esc(tip)) if tip else ""
    return tag("g", title, *children, transform=transform, class_=class_)


def arrowhead(x: float, y: float, direction: str, class_: str, *, size: float = 9) -> str:
    """A filled triangle whose tip is at ``(x, y)`` and points ``right``, ``left``, ``up`` or ``down``."""
    half = size * 0.6
    dx, dy = {"right": (-size, half), "left": (size, half), "down": (half, -size), "up": (half, size)}[direction]
    if direction in ("right", "left"):
        corners = ((x, y), (x + dx, y - dy), (x + dx, y + dy))
    else:
        corners = ((x, y), (x - dx, y + dy), (x + dx, y + dy))
    return tag("path", d="M" + "L".join(f"{num(a)} {num(b)}" for a, b in corners) + "Z", class_=class_)
