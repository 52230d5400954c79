"""Several worlds after the same incident, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.clock import format_duration
from gitops_sim.notebook.live import esc
from gitops_sim.notebook.stage import Stage

Rows = Sequence[tuple[str, Sequence[str]]]


def facts(stages: Sequence[Stage]) -> Rows:
    """``(what, one cell per world)``; the first row names the worlds."""
    return [
        ("", [stage.style for stage in stages]),
        ("commit to ready", [_deployed(stage) for stage in stages]),
        ("change by hand noticed", [_noticed(stage) for stage in stages]),
        ("not what Git says for", [_wrong(stage) for stage in stages]),
        ("key to the cluster kept", [_key(stage) for stage in stages]),
    ]


def facts_text(rows: Rows) -> str:
    first = max(len(name) for name, _ in rows)
    widths = [max(len(cells[i]) for _, cells in rows) for i in range(len(rows[0][1]))]
    return "\n".join(
        f"{name:<{first}}  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for name, cells in rows
    )


def facts_html(rows: Rows) -> str:
    (corner, names), *rest = rows
    head = "".join(f'<th scope="col">{esc(name)}</th>' for name in (corner, *names))
    body = "".join(
        f'<tr><th scope="row">{esc(name)}</th>' + "".join(f"<td>{esc(cell)}</td>" for cell in cells) + "</tr>"
        for name, cells in rest
    )
    return f'<table class="gn-facts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _deployed(stage: Stage) -> str:
    records = list(stage.world.trace)[stage.since :]
    pushed = next((r.time for r in records if r.event in ("CommitPushed", "CommitReverted", "BranchMerged")), None)
    ready = next((r.time for r in records if r.event == "RolloutCompleted" and pushed is not None and r.time >= pushed), None)
    return "no commit" if pushed is None else "not yet" if ready is None else format_duration(ready - pushed)


def _noticed(stage: Stage) -> str:
    records = list(stage.world.trace)[stage.since :]
    seen = next((r for r in records if r.event == "DriftDetected"), None)
    done = next((r.time for r in records if r.event == "CommandRun"), None)
    if seen is None or done is None:
        return "never"
    return f"by {seen.actor}, " + ("at once" if seen.time == done else f"after {format_duration(seen.time - done)}")


def _wrong(stage: Stage) -> str:
    intervals = stage.intervals()
    now = stage.world.now
    total = sum((now if i.end is None else i.end) - i.start for i in intervals)
    return format_duration(total) + (", and still" if any(i.end is None for i in intervals) else "")


def _key(stage: Stage) -> str:
    holder = stage.flux or (stage.argocd if stage.style == "pull" else stage.pipeline)
    places = {c.place for c in holder.credentials() if c.target.startswith("cluster/")} if holder else set()
    return ", ".join(sorted(place.replace("cluster", "the cluster") for place in places))
