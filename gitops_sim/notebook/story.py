"""Records as lines that a learner reads."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.clock import time_of_day
from gitops_sim.notebook.live import esc
from gitops_sim.trace import Record
from gitops_sim.views.reading import because


def story_text(records: Sequence[Record]) -> str:
    """One line each: time, actor, what, and the reason behind it."""
    width = max((len(record.actor) for record in records), default=0)
    return "\n".join(
        f"{time_of_day(record.time)}  {record.actor:<{width}}  {record.message}"
        + (f"  ({why})" if (why := because(record)) else "")
        for record in records
    )


def story_html(records: Sequence[Record]) -> str:
    rows = "".join(
        f"<tr><td>{time_of_day(record.time)}</td><td>{esc(record.actor)}</td><td>{esc(record.message)}"
        + (f" <i>{esc(why)}</i>" if (why := because(record)) else "")
        + "</td></tr>"
        for record in records
    )
    return f'<table class="gn-story">{rows}</table>'
