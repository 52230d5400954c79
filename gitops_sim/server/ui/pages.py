"""The pages, each from what it is asked for to markup. They only read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gitops_sim.errors import BadInput
from gitops_sim.objects import Key
from gitops_sim.server.ui import forms
from gitops_sim.server.ui.frame import Crumbs
from gitops_sim.server.ui.look import Look
from gitops_sim.views import reading
from gitops_sim.views.applications.decisions import decisions, decisions_html
from gitops_sim.views.applications.explain import verdict_text
from gitops_sim.views.applications.facts import Facts
from gitops_sim.views.applications.history import history
from gitops_sim.views.applications.operation import results, results_table, results_text
from gitops_sim.views.applications.overview import overview
from gitops_sim.views.applications.resource import diff_html, diff_of, read_resource, resource_html
from gitops_sim.views.applications.tiles import panels, tile, tiles_text
from gitops_sim.views.flux import GROUP, flux_objects, flux_page, flux_table
from gitops_sim.views.html import el, facts, words
from gitops_sim.views.svg import esc
from gitops_sim.views.timeline import timeline
from gitops_sim.yaml_out import dump_yaml

Query = Mapping[str, str]


class Page(NamedTuple):
    """``live`` pages follow what happens; those that ask something stay as they are."""

    title: str
    body: str
    crumbs: Crumbs = ()
    live: bool = True


def applications(look: Look, form: str, query: Query) -> Page:
    """The tiles, those that the filter lets through."""
    everything, flux = look.applications(), flux_objects(look.cluster)
    others = el("h2", "Flux") + flux_table(flux, look.now, forms.flux_address) if flux else ""
    if not everything:
        text = "No Application is here yet: create one with kubectl apply." if look.argocd else "No Argo CD runs in this world."
        return Page("Applications", el("p", text) + others)
    chosen = [app for app in everything if _passes(app, query)]
    tiles = [tile(app, look.now, link=forms.address(app), buttons=forms.small_bar(app, form)) for app in chosen]
    count = el("p", f"{len(chosen)} of {len(everything)} Applications", class_="soft")
    shown = el("ul", *tiles, class_="tiles") if tiles else el("p", "No Application fits the filter.")
    told = words("Applications", tiles_text(chosen, look.now))
    return Page("Applications", _filter(everything, query) + count + shown + told + others)


def application(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    """Panels, buttons, the resource tree, and what was decided."""
    argocd, obj, app = look.application(namespace, name)
    state = f"{app.name} is {app.sync}, {app.health}" + (", being deleted" if app.deleting else "")
    body = overview(argocd, look.world.clusters, obj, look.world.trace, lambda key: forms.resource_address(app, key))
    more = el("p", el("a", "All decisions", href=forms.address(app, "decisions")))
    return Page(app.name, forms.bar(app, form) + el("div", data_state=state) + body + more, _trail())


def every_decision(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    _, _, app = look.application(namespace, name)
    return Page(f"Decisions on {app.name}", decisions_html(decisions(look.world.trace, app.ref), most=1000), _trail(app))


def details(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    """What the Application asks for, and the switch of auto-sync."""
    _, obj, app = look.application(namespace, name)
    rows = [
        ("Project", esc(app.project)),
        ("Destination", f"{esc(app.destination)} / {esc(app.namespace)}"),
        ("Repository", esc(app.repo)),
        ("Target revision", esc(app.target)),
        ("Path", esc(app.path)),
        ("Sync policy", esc(app.policy)),
        ("Sync options", esc(", ".join(app.options) or "none")),
    ]
    on, word = ("no", "Disable Auto-Sync") if app.automated else ("yes", "Enable Auto-Sync")
    switch = el("div", forms.press(forms.address(app, "auto-sync"), word, form, fields=(("on", on),)), class_="bar")
    spec = dump_yaml({"metadata": {"name": app.name, "namespace": app.key.namespace}, "spec": obj.get("spec")})
    manifest = el("h2", "Manifest") + el("pre", esc(spec), tabindex="0", aria_label="Manifest")
    return Page(f"Details of {app.name}", facts(rows) + switch + manifest, _trail(app))


def diff(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    """What a sync would change, object by object."""
    argocd, _, app = look.application(namespace, name)
    comparison = argocd.comparison(f"{namespace}/{name}")
    parts = []
    for resource in comparison.out_of_sync if comparison else ():
        link = el("a", esc(f"{resource.key.kind}/{resource.key.name}"), href=forms.resource_address(app, resource.key))
        parts.append(el("h2", link) + el("p", esc(verdict_text(resource))) + diff_html(diff_of(resource)))
    body = "".join(parts) or el("p", "Nothing differs.")
    return Page(f"Diff of {app.name}", body, _trail(app))


def sync(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    argocd, _, app = look.application(namespace, name)
    comparison = argocd.comparison(f"{namespace}/{name}")
    return Page(f"Sync {app.name}", forms.sync_form(app, comparison, form, query.get("select", "all")), _trail(app), live=False)


def sync_status(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    """The last sync, object by object."""
    _, obj, app = look.application(namespace, name)
    found = results(obj)
    body = panels(app, look.now) + el("h2", "Result") + results_table(found) + words("Result", results_text(found))
    return Page(f"Sync Status of {app.name}", body, _trail(app))


def deployments(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    _, obj, app = look.application(namespace, name)
    return Page(f"History and Rollback of {app.name}", forms.history_page(app, history(obj)), _trail(app))


def rollback(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    _, obj, app = look.application(namespace, name)
    entry = next((e for e in history(obj) if str(e.id) == query.get("id", "")), None)
    if entry is None:
        raise BadInput(f"application {app.name} has no such deployment in its history", mend="choose one of History and Rollback")
    trail = (*_trail(app), ("History and Rollback", forms.address(app, "history")))
    return Page(f"Roll back {app.name}", forms.rollback_form(app, entry, form), trail, live=False)


def delete(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    _, _, app = look.application(namespace, name)
    return Page(f"Delete {app.name}", forms.delete_form(app, form), _trail(app), live=False)


def delete_resource(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    _, _, app = look.application(namespace, name)
    key = _key(query)
    trail = (*_trail(app), (f"{key.kind}/{key.name}", forms.resource_address(app, key)))
    return Page(f"Delete {key.kind}/{key.name}", forms.delete_resource_form(app, key, form), trail, live=False)


def resource(look: Look, form: str, namespace: str, name: str, query: Query) -> Page:
    """One object: desired, live, what differs and by which rule, events and decisions."""
    argocd, obj, app = look.application(namespace, name)
    key = _key(query)
    found = read_resource(argocd, obj, key, look.world.trace)
    if found is None:
        raise BadInput(f"{key} is neither in Git nor in the cluster", mend="go back to the Application")
    buttons = [forms.go(forms.sync_address(app, key), f"Sync this {key.kind}", icon="agent")] if found.sync else []
    if found.live:
        buttons.append(forms.go(forms.delete_address(app, key), f"Delete this {key.kind}", icon="cross", danger=True))
    where = f" in namespace {key.namespace}" if key.namespace else ""
    state = el("div", data_state=f"{key.kind} {key.name}: {', '.join(filter(None, (found.sync, found.health)))}")
    bar = el("div", *buttons, class_="bar")
    body = state + bar + el("p", esc(f"{key.kind}{where}"), class_="soft") + resource_html(found)
    return Page(f"{key.kind}/{key.name}", body, _trail(app))


def flux_object(look: Look, query: Query) -> Page:
    """One of Flux's objects, to look at."""
    key = _key(query)
    obj = look.cluster.store.get(key) if key.group.endswith(GROUP) else None
    if obj is None:
        raise BadInput(f"{key} is none of Flux's objects", mend="go back to the Applications")
    return Page(f"{key.kind} {key.namespace}/{key.name}", flux_page(look.cluster, obj, look.world.trace), _trail())


def story(look: Look) -> Page:
    """Who did what in the whole world."""
    view = timeline(reading.happenings(look.world.trace), [], now=look.now)
    return Page(
        "Timeline",
        el("div", view.svg, class_="wide", tabindex="0", role="region", aria_label=view.title) + words(view.title, view.text),
    )


# ---------------------------------------------------------------------- inside


def _key(query: Query) -> Key:
    return Key(*(query.get(part, "") for part in ("group", "kind", "namespace", "name")))


def _trail(app: Facts | None = None) -> Crumbs:
    first = ("Applications", "/ui/")
    return (first,) if app is None else (first, (app.name, forms.address(app)))


def _passes(app: Facts, query: Query) -> bool:
    return query.get("search", "").lower() in app.ref.lower() and all(
        query.get(name, "") in ("", value)
        for name, value in (("sync", app.sync), ("health", app.health), ("project", app.project))
    )


def _filter(apps: list[Facts], query: Query) -> str:
    """The filter, a form that only asks for the page again."""
    search = el("label", "Name ", el("input", type="text", name="search", value=query.get("search", "")))
    menus = []
    for name, title, values in (
        ("sync", "Sync status", {app.sync for app in apps}),
        ("health", "Health status", {app.health for app in apps}),
        ("project", "Project", {app.project for app in apps}),
    ):
        options = [el("option", "any", value="")]
        options += [el("option", esc(v), value=v, selected=query.get(name) == v) for v in sorted(values)]
        menus.append(el("label", f"{title} ", el("select", *options, name=name)))
    return el(
        "form", search, *menus, el("button", "Filter", type="submit"), method="get", action="/ui/", class_="filter", role="search"
    )
