"""The buttons and what they ask first, as plain forms; and from a form that was sent to a click in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key
from gitops_sim.views.applications import clicks
from gitops_sim.views.applications.facts import Facts
from gitops_sim.views.applications.history import Deployed, history_text
from gitops_sim.views.html import el, picture, sign, table, words
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import sync_sign

Fields = Mapping[str, Sequence[str]]
"""A form that was sent: its fields, each with all its values."""


def address(app: Facts, page: str = "") -> str:
    return f"/ui/applications/{quote(app.key.namespace, safe='')}/{quote(app.name, safe='')}" + (f"/{page}" if page else "")


def resource_address(app: Facts, key: Key) -> str:
    return f"{address(app, 'resource')}?{_query(key)}"


def flux_address(key: Key) -> str:
    return f"/ui/flux?{_query(key)}"


def sync_address(app: Facts, key: Key) -> str:
    """The Sync panel with one resource ticked."""
    return f"{address(app, 'sync')}?select={quote(clicks.resource_word(key), safe='')}"


def delete_address(app: Facts, key: Key) -> str:
    return f"{address(app, 'delete-resource')}?{_query(key)}"


def _query(key: Key) -> str:
    parts = zip(("group", "kind", "namespace", "name"), key, strict=True)
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in parts)


def press(action: str, text: str, form: str, *, icon: str = "", label: str = "", fields: Sequence[tuple[str, str]] = ()) -> str:
    """A button that does something at once. ``label`` says to a screen reader which of several it is."""
    hidden = [el("input", type="hidden", name=name, value=value) for name, value in (("form", form), *fields)]
    button = el("button", picture(icon) if icon else "", esc(text), type="submit", aria_label=label or None)
    return el("form", *hidden, button, method="post", action=action)


def go(href: str, text: str, *, icon: str = "", label: str = "", danger: bool = False) -> str:
    """A link that looks like a button: it leads to a question."""
    class_ = "button danger" if danger else "button"
    return el("a", picture(icon) if icon else "", esc(text), href=href, class_=class_, aria_label=label or None)


def bar(app: Facts, form: str) -> str:
    """The buttons of an Application's page."""
    return el(
        "div",
        go(address(app, "details"), "Details", icon="eye"),
        go(address(app, "diff"), "Diff", icon="differs"),
        go(address(app, "sync"), "Sync", icon="agent"),
        go(address(app, "sync-status"), "Sync Status", icon="check"),
        go(address(app, "history"), "History and Rollback", icon="clock"),
        go(address(app, "delete"), "Delete", icon="cross", danger=True),
        press(address(app, "confirm"), f"Confirm {app.asks}", form, icon="check") if app.asks else "",
        press(address(app, "terminate"), "Terminate", form, icon="cross") if app.running else "",
        press(address(app, "refresh"), "Refresh", form, icon="turning"),
        press(address(app, "refresh"), "Hard Refresh", form, icon="turning", fields=(("hard", "yes"),)),
        class_="bar",
        role="group",
        aria_label=f"Actions on {app.name}",
    )


def small_bar(app: Facts, form: str) -> str:
    """The buttons of a tile."""
    return el(
        "div",
        go(address(app, "sync"), "Sync", icon="agent", label=f"Sync {app.name}"),
        press(address(app, "refresh"), "Refresh", form, icon="turning", label=f"Refresh {app.name}"),
        go(address(app, "delete"), "Delete", icon="cross", label=f"Delete {app.name}", danger=True),
        class_="bar",
    )


def sync_form(app: Facts, comparison: Comparison | None, form: str, select: str) -> str:
    """The Sync panel. ``select`` says which resources are ticked: ``all``, ``out-of-sync``, ``none``, or one by its text."""
    resources = [r for r in comparison.resources if r.status] if comparison else []
    boxes = []
    for r in resources:
        text = clicks.resource_word(r.key)
        ticked = select in ("all", text) or (select == "out-of-sync" and r.status == "OutOfSync")
        pruned = " (requires pruning)" if r.requires_pruning else ""
        said = f"{esc(r.key.kind)}/{esc(r.key.name)} {esc(r.key.namespace)}{pruned} {sign(sync_sign(r.status), 'sync')}"
        boxes.append(_tick("resource", said, value=text, ticked=ticked))
    ways = el(
        "p",
        "Tick: ",
        " · ".join(el("a", word.replace("-", " "), href=f"?select={word}") for word in ("all", "out-of-sync", "none")),
    )
    known = {option for option, _ in (*clicks.OPTIONS, *clicks.PROPAGATIONS)}
    ticks = [
        _tick("option", f"{esc(text)} {el('code', esc(option))}", value=option, ticked=option in app.options)
        for option, text in clicks.OPTIONS
    ]
    ticks += [_tick("option", el("code", esc(o)), value=o, ticked=True) for o in app.options if o not in known]
    menu = [el("option", esc(text), value=option, selected=option in app.options) for option, text in clicks.PROPAGATIONS]
    ticks.append(el("label", "Prune propagation policy ", el("select", *menu, name="option")))
    return el(
        "form",
        el("input", type="hidden", name="form", value=form),
        el("label", "Revision ", el("input", type="text", name="revision", value=app.target)),
        el(
            "fieldset",
            el("legend", "How"),
            *(_tick(flag, text) for flag, text in clicks.FLAGS),
        ),
        el("fieldset", el("legend", "Sync options"), *ticks),
        el("fieldset", el("legend", "Resources"), ways, *(boxes or [el("p", "there are none")])),
        el("input", type="hidden", name="known", value=str(len(resources))),
        el("div", el("button", "Synchronize", type="submit", class_="main-button"), go(address(app), "Cancel"), class_="bar"),
        method="post",
        action=address(app, "sync"),
        class_="panel",
    )


def history_page(app: Facts, entries: Sequence[Deployed]) -> str:
    rows = []
    for entry in entries:
        word = "Redeploy" if entry.current else "Rollback"
        revision = f"{esc(entry.target)} {el('code', esc(entry.revision[:7]))}"
        button = go(f"{address(app, 'rollback')}?id={entry.id}", word, label=f"{word} to {entry.id}")
        rows.append([str(entry.id), revision, button, esc(entry.deployed), esc(entry.by)])
    if not rows:
        return el("p", "Nothing was deployed yet: only a successful sync of the whole Application makes an entry.")
    note = el(
        "p",
        "Only successful syncs of the whole Application are kept: no self-heal and no sync of single resources.",
        class_="soft",
    )
    shown = table("What was deployed, newest first", ["Id", "Revision", "Action", "Deployed", "By"], rows)
    return note + shown + words("History", history_text(entries))


def rollback_form(app: Facts, entry: Deployed, form: str) -> str:
    """The question of the real one: with auto-sync on it would be undone at once, so that yes switches it off."""
    ask, note, word = clicks.rollback_question(app)
    return el(
        "form",
        el("input", type="hidden", name="form", value=form),
        el("input", type="hidden", name="id", value=str(entry.id)),
        el("p", el("b", esc(ask))),
        el(
            "p",
            "To history id ",
            el("b", str(entry.id)),
            ", revision ",
            el("code", esc(entry.revision[:7])),
            f", deployed {esc(entry.deployed)}.",
        ),
        el("p", esc(note), class_="soft"),
        _tick("prune", "Prune: also delete what that revision does not have"),
        el("div", el("button", word, type="submit", class_="danger"), go(address(app, "history"), "Cancel"), class_="bar"),
        method="post",
        action=address(app, "rollback"),
        class_="panel",
    )


def delete_form(app: Facts, form: str) -> str:
    radios = [
        el("label", el("input", type="radio", name="cascade", value=value, checked=value == "foreground"), esc(text))
        for value, text in clicks.CASCADES
    ]
    return el(
        "form",
        el("input", type="hidden", name="form", value=form),
        el("p", el("b", f"Are you sure you want to delete the application {esc(app.name)}?")),
        el("fieldset", el("legend", "Propagation policy"), *radios),
        el(
            "label",
            f"Type {el('b', esc(app.name))} to confirm ",
            el("input", type="text", name="confirm", autocomplete="off", required=True),
        ),
        el("div", el("button", "Delete", type="submit", class_="danger"), go(address(app), "Cancel"), class_="bar"),
        method="post",
        action=address(app, "delete"),
        class_="panel",
    )


def delete_resource_form(app: Facts, key: Key, form: str) -> str:
    radios = [
        el("label", el("input", type="radio", name="way", value=value, checked=not value), esc(text))
        for value, text in clicks.WAYS
    ]
    return el(
        "form",
        el("input", type="hidden", name="form", value=form),
        el("input", type="hidden", name="resource", value=clicks.resource_word(key)),
        el("p", el("b", esc(f"Are you sure you want to delete {key.kind} {key.name}?"))),
        el("p", "With self-heal on, Argo CD makes what Git has again.", class_="soft"),
        el("fieldset", el("legend", "Propagation policy"), *radios),
        el("div", el("button", "Delete", type="submit", class_="danger"), go(resource_address(app, key), "Cancel"), class_="bar"),
        method="post",
        action=address(app, "delete-resource"),
        class_="panel",
    )


# ---------------------------------------------------------------------- what was sent


def click(button: str, app: Facts, sent: Fields) -> str:
    """A form that was sent, as a click in words. Raises BadInput for one that asks for nothing that can be done."""
    match button:
        case "sync":
            ticked = sent.get("resource", ())
            return clicks.sync(
                app,
                revision=_one(sent, "revision").strip(),
                flags=sent,
                options=[option for option in sent.get("option", ()) if option],
                resources=None if str(len(ticked)) == _one(sent, "known") else ticked,
            )
        case "refresh":
            return clicks.refresh(app, hard="hard" in sent)
        case "rollback":
            return clicks.rollback(app, _one(sent, "id"), prune="prune" in sent)
        case "delete-resource":
            return clicks.delete_resource(app, _one(sent, "resource"), _one(sent, "way"))
        case "terminate":
            return clicks.terminate(app)
        case "confirm":
            return clicks.confirm(app)
        case "delete":
            if _one(sent, "confirm") != app.name:
                raise BadInput("the name that was typed is another one: nothing was deleted", mend=f"type {app.name}")
            return clicks.delete(app, _one(sent, "cascade"))
    return clicks.auto_sync(app, on=_one(sent, "on") == "yes")


def _one(sent: Fields, name: str) -> str:
    return next(iter(sent.get(name, ())), "")


def _tick(name: str, text: str, *, value: str = "yes", ticked: bool = False) -> str:
    """A check box; ``text`` is markup."""
    return el("label", el("input", type="checkbox", name=name, value=value, checked=ticked), text)
