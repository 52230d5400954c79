"""The tiles of the first page, and the three panels of an Application."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.views.applications.facts import Facts, LastSync
from gitops_sim.views.html import el, facts, sign
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import health_sign, phase_sign, sync_sign


def tile(app: Facts, now: float, *, link: str = "", buttons: str = "") -> str:
    """One Application: what it is, how it stands, where it comes from and goes to. ``buttons`` is markup."""
    name = esc(app.name)
    title = el("h2", el("a", name, href=link) if link else name)
    deleting = el("p", "is being deleted", class_="soft") if app.deleting else ""
    state = el("p", sign(sync_sign(app.sync), "sync"), sign(health_sign(app.health), "health"), class_="signs")
    rows = [
        ("Project", esc(app.project)),
        ("Repository", esc(app.repo)),
        ("Path", esc(app.path)),
        ("Target revision", f"{esc(app.target)} {el('code', esc(app.revision[:7]))}" if app.revision else esc(app.target)),
        ("Destination", f"{esc(app.destination)} / {esc(app.namespace)}"),
        ("Last sync", esc(_ago(app.last, now))),
    ]
    return el("li", el("article", title, deleting, state, facts(rows), buttons, class_=f"tile {_edge(app)}"))


def tiles_text(apps: Sequence[Facts], now: float) -> str:
    """The same in words, a line each."""
    rows = [("NAME", "PROJECT", "SYNC", "HEALTH", "REPOSITORY", "PATH", "REVISION", "DESTINATION", "LAST SYNC")]
    rows += [
        (
            a.ref,
            a.project,
            a.sync,
            a.health,
            a.repo,
            a.path,
            f"{a.target} ({a.revision[:7]})" if a.revision else a.target,
            f"{a.destination}/{a.namespace}",
            _ago(a.last, now),
        )
        for a in apps
    ]
    return columns(rows)


def panels(app: Facts, now: float) -> str:
    """App Health, Sync Status, Last Sync, and when Argo CD looks again."""
    health = el("p", sign(health_sign(app.health))) + (
        el("p", esc(app.health_reason), class_="soft") if app.health_reason else ""
    )
    short = app.revision[:7]
    word = {"Synced": "to", "OutOfSync": "from"}.get(app.sync, "at")
    sync = el("p", sign(sync_sign(app.sync)), f" {word} {esc(app.target)}", f" ({el('code', esc(short))})" if short else "")
    sync += el("p", f"Sync policy: {esc(app.policy)}", class_="soft")
    if app.next_look is not None:
        rest = format_duration(max(0.0, app.next_look - now))
        sync += el("p", f"asks Git again at {time_of_day(app.next_look)}, in {rest}", class_="soft")
    last = el("p", "never") if app.last is None else _last(app.last, now)
    found = [_panel("App Health", health), _panel("Sync Status", sync), _panel("Last Sync", last)]
    if app.conditions:
        listed = el("ul", *(el("li", el("b", esc(kind)), f" {esc(message)}") for kind, message in app.conditions))
        found.append(_panel("Conditions", listed))
    return el("div", *found, class_="panels")


def panels_text(app: Facts, now: float) -> str:
    rows = [
        ("App Health", app.health + (f": {app.health_reason}" if app.health_reason else "")),
        ("Sync Status", f"{app.sync}, {app.target} ({app.revision[:7]}), {app.policy}"),
        ("Last Sync", _ago(app.last, now) + (f": {app.last.message}" if app.last else "")),
        *app.conditions,
    ]
    if app.next_look is not None:
        rows.append(("Next look at Git", time_of_day(app.next_look)))
    return columns(rows)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text, aligned."""
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows)))]
    lines = ["   ".join(cell.ljust(widths[at]) for at, cell in enumerate(row)).rstrip() for row in rows]
    return "\n".join(lines)


def _panel(title: str, body: str) -> str:
    return el("section", el("h2", esc(title)), body, class_="panel")


def _last(last: LastSync, now: float) -> str:
    when = last.finished if last.finished is not None else last.started
    told = f"{format_duration(max(0.0, now - when))} ago, at {time_of_day(when)}" if when is not None else ""
    revision = f" to {el('code', esc(last.revision[:7]))}" if last.revision else ""
    return (
        el("p", sign(phase_sign(last.phase)), revision)
        + el("p", esc(last.message))
        + el("p", f"{told}{', by ' if told else 'by '}{esc(last.by)}", class_="soft")
    )


def _ago(last: LastSync | None, now: float) -> str:
    if last is None:
        return "never"
    when = last.finished if last.finished is not None else last.started
    return last.phase + (f", {format_duration(max(0.0, now - when))} ago" if when is not None else "")


def _edge(app: Facts) -> str:
    """The colour of a tile's edge: what wants attention first."""
    tones = (health_sign(app.health).tone, sync_sign(app.sync).tone)
    return next((tone for tone in ("bad", "warn", "odd", "change", "calm") if tone in tones), "good")
