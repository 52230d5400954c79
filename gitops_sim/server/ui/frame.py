"""What stands around every page."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import NamedTuple

from gitops_sim.views.applications.style import PAGE_STYLE
from gitops_sim.views.html import el
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import STYLE

CSS = PAGE_STYLE + (files(__package__) / "ui.css").read_text(encoding="utf-8")
SCRIPT = (files(__package__) / "live.js").read_text(encoding="utf-8")

_DRAWN = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"style-src-elem 'self' 'sha256-{_DRAWN}'",  # the one style sheet inside pictures
            "style-src-attr 'unsafe-inline'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Crumbs = tuple[tuple[str, str], ...]


SKIPS = ((60, "+1 min"), (600, "+10 min"))
"""How much time the buttons at the top let pass: simulated seconds, and what they say."""


class Top(NamedTuple):
    """What stands above a page of somebody who was let in: which cluster, what time it is, and buttons that let time pass.
    ``form`` is the token of forms, ``path`` the address of the page."""

    place: str
    clock: str
    form: str
    path: str


def frame(title: str, body: str, top: Top | None = None, *, told: str = "", crumbs: Crumbs = (), live: bool = False) -> str:
    """A whole page. ``body`` is markup; ``told`` is what came of the last click; ``live`` pages follow what happens."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", esc(f"{title} · GitOps Sim")),
        el("link", rel="stylesheet", href="/ui/style.css"),
        el("script", src="/ui/live.js", defer=True),
    )
    way = [el("li", el("a", esc(word), href=href)) for word, href in crumbs]
    trail = el("nav", el("ol", *way), class_="trail", aria_label="Where you are") if crumbs else ""
    main = el(
        "main",
        trail,
        el("h1", esc(title)),
        el("p", esc(told), class_="told" if told else "heard", role="status", id="told"),
        el("div", body, id="page", data_live=live),
        id="main",
        tabindex="-1",
    )
    inside = (
        el("a", "Skip to the page", href="#main", class_="skip")
        + el("header", el("b", "GitOps Sim"), _header(top, live) if top else "")
        + main
    )
    return "<!doctype html>" + el("html", head, el("body", inside, class_="gs gs-app"), lang="en")


def _header(top: Top, live: bool) -> str:
    rooms = (("Applications", "/ui/"), ("Timeline", "/ui/timeline"))
    nav = el("nav", *(el("a", word, href=href) for word, href in rooms), aria_label="Rooms")
    clock = el("time", esc(top.clock), id="clock", data_live=live)
    skips = [_skip(top, str(seconds), text) for seconds, text in SKIPS]
    time = el("div", *skips, class_="bar", role="group", aria_label="Let time pass")
    return nav + el("p", f"{esc(top.place)} ", clock, class_="soft") + time


def _skip(top: Top, seconds: str, text: str) -> str:
    kept = (("form", top.form), ("back", top.path), ("by", seconds))
    fields = [el("input", type="hidden", name=name, value=value) for name, value in kept]
    return el("form", *fields, el("button", text, type="submit"), method="post", action="/ui/time")
