"""The style sheet of the dashboard's pages."""

from __future__ import annotations

from importlib.resources import files

from gitops_sim.views.theme import STYLE

PAGE_STYLE = STYLE + (files(__package__) / "page.css").read_text(encoding="utf-8")


def dressed(markup: str) -> str:
    """A piece of a page with all that it needs to look like one, for a notebook."""
    return f'<style>{PAGE_STYLE}</style><div class="gs gs-app">{markup}</div>'
