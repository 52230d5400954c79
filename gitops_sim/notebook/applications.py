"""Argo CD's dashboard in a cell: its pages, its buttons and what they ask, over the pages that the web shows, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.errors import BadInput
from gitops_sim.notebook.live import Card, esc
from gitops_sim.objects import Key
from gitops_sim.views.applications import clicks
from gitops_sim.views.applications.facts import Facts, all_facts, read_facts
from gitops_sim.views.applications.history import history
from gitops_sim.views.applications.overview import overview, overview_text, resources_of, tree_of
from gitops_sim.views.applications.resource import diff_html, diff_of, read_resource, resource_html, resource_text
from gitops_sim.views.applications.style import dressed
from gitops_sim.views.applications.tiles import tile, tiles_text
from gitops_sim.views.html import el
from gitops_sim.world import World


def argocd_of(world: World) -> ArgoCD | None:
    """The first Argo CD that has an Application."""
    return next((agent for agent in world.agents.values() if isinstance(agent, ArgoCD) and agent.applications()), None)


def tiles_card(argocd: ArgoCD) -> Card:
    """All Applications."""
    apps, now = all_facts(argocd), argocd.clock.now
    return Card(dressed(el("ul", *(tile(app, now) for app in apps), class_="tiles")), tiles_text(apps, now))


def application_card(world: World, argocd: ArgoCD, name: str) -> Card:
    """One Application: panels, resource tree, decisions."""
    given = argocd, world.clusters, argocd.find(name), world.trace
    return Card(dressed(overview(*given)), overview_text(*given))


def resource_card(world: World, argocd: ArgoCD, name: str, key: Key) -> Card:
    """One object: desired and live, what differs or is ignored and why, events, decisions. Raises BadInput when it is gone."""
    found = read_resource(argocd, argocd.find(name), key, world.trace)
    if found is None:
        raise BadInput(f"{key} is neither in Git nor in the cluster", mend="look at the Application")
    return Card(dressed(resource_html(found)), resource_text(found))


def diff_card(argocd: ArgoCD, name: str) -> Card:
    """What a sync would change."""
    comparison = argocd.comparison(name)
    found = [(r.label, diff_of(r)) for r in (comparison.out_of_sync if comparison else ())]
    html = "".join(el("h2", esc(label)) + diff_html(diff) for label, diff in found) or el("p", "Nothing differs.")
    return Card(dressed(html), "\n".join(f"{label}\n{diff}" for label, diff in found) or "Nothing differs.")


OVERVIEW = "everything on one page"


class ApplicationsPanel:
    """What to look at, the buttons, and what they ask. ``shown`` gives the world that is looked at; ``click`` presses a button
    there and says what came of it; ``redraw`` is called when something else is to be looked at."""

    def __init__(self, shown: Callable[[], World], click: Callable[[str], None], redraw: Callable[[], None]) -> None:
        import ipywidgets as widgets

        self._shown, self._click, self._redraw, self._busy = shown, click, redraw, False
        self._widgets = widgets
        self._row = widgets.Layout(align_items="center", flex_flow="row wrap", grid_gap="8px", margin="4px 0")
        self.app = widgets.Dropdown(description="Application", options=[])
        self.look = widgets.Dropdown(description="Look at", options=[])
        for menu in (self.app, self.look):
            menu.observe(self._chosen, "value")
        asks = {"Sync": self._ask_sync, "History and Rollback": self._ask_rollback, "Delete": self._ask_delete}
        buttons = [self._button(text, ask) for text, ask in asks.items()]
        buttons += [self._button("Refresh", self._refresh), self._button("Hard Refresh", self._hard_refresh)]
        self.switch = self._button("Disable Auto-Sync", self._switch)
        self.terminate = self._button("Terminate", lambda: self._do(clicks.terminate(self._facts())))
        self.delete = self._button("Delete object", self._ask_delete_object)
        self.confirm = self._button("Confirm", lambda: self._do(clicks.confirm(self._facts())))
        self.question = widgets.VBox([])
        menus = widgets.HBox([self.app, self.look], layout=self._row)
        self.root = widgets.VBox(
            [
                menus,
                widgets.HBox([*buttons, self.switch, self.terminate, self.confirm, self.delete], layout=self._row),
                self.question,
            ]
        )

    # ------------------------------------------------------------------ showing

    def card(self) -> Card | None:
        """What is to be looked at, as it is now; None for everything on one page, and where no Argo CD has an Application."""
        world = self._shown()
        argocd = argocd_of(world)
        self.root.layout.display = None if argocd else "none"
        if argocd is None:
            self.question.children = ()
            return None
        self._busy = True
        self._offer(self.app, [app.ref for app in all_facts(argocd)])
        objects = resources_of(tree_of(argocd, world.clusters, argocd.find(self.app.value)))
        self._offer(self.look, [OVERVIEW, "all Applications", "the Application", "its diff", *objects])
        self._busy = False
        self._say(self._facts())
        name, look = self.app.value, self.look.value
        self.delete.layout.display = None if look in objects else "none"
        if look == OVERVIEW:
            return None
        if look == "all Applications":
            return tiles_card(argocd)
        if look == "its diff":
            return diff_card(argocd, name)
        return resource_card(world, argocd, name, objects[look]) if look in objects else application_card(world, argocd, name)

    def _say(self, app: Facts) -> None:
        """Buttons that mean something only now and then, in the words that fit."""
        self.switch.description = self.switch.tooltip = f"{'Disable' if app.automated else 'Enable'} Auto-Sync"
        self.confirm.description = self.confirm.tooltip = f"Confirm {app.asks}".strip()
        self.terminate.layout.display = None if app.running else "none"
        self.confirm.layout.display = None if app.asks else "none"

    def _offer(self, menu: Any, options: list[str]) -> None:
        """New options; what was chosen stays chosen where it still is one."""
        if list(menu.options) != options:
            before = menu.value
            menu.options = options
            menu.value = before if before in options else options[0]

    def _chosen(self, _change: Any) -> None:
        if not self._busy:
            self.question.children = ()
            self._redraw()

    # ------------------------------------------------------------------ buttons

    def _facts(self) -> Facts:
        argocd = argocd_of(self._shown())
        assert argocd is not None  # the buttons are out of sight without one
        return read_facts(argocd, argocd.find(self.app.value))

    def _refresh(self) -> None:
        self._do(clicks.refresh(self._facts()))

    def _hard_refresh(self) -> None:
        self._do(clicks.refresh(self._facts(), hard=True))

    def _switch(self) -> None:
        app = self._facts()
        self._do(clicks.auto_sync(app, on=not app.automated))

    def _do(self, args: str) -> None:
        self.question.children = ()
        self._click(args)

    def _ask_sync(self) -> None:
        app, widgets = self._facts(), self._widgets
        argocd = argocd_of(self._shown())
        comparison = argocd.comparison(app.ref) if argocd else None
        resources = [clicks.resource_word(r.key) for r in comparison.resources if r.status] if comparison else []
        revision = widgets.Text(value=app.target, description="Revision")
        flags = {flag: self._tick(text) for flag, text in clicks.FLAGS}
        options = {option: self._tick(f"{text}: {option}", on=option in app.options) for option, text in clicks.OPTIONS}
        ticks = {word: self._tick(word, on=True) for word in resources}

        def synchronize() -> None:
            chosen = [word for word, tick in ticks.items() if tick.value]
            kept = [option for option in app.options if option not in options]
            self._do(
                clicks.sync(
                    app,
                    revision=revision.value.strip(),
                    flags=[flag for flag, tick in flags.items() if tick.value],
                    options=kept + [option for option, tick in options.items() if tick.value],
                    resources=None if len(chosen) == len(ticks) else chosen,
                )
            )

        parts = [
            revision,
            *flags.values(),
            self._title("Sync options"),
            *options.values(),
            self._title("Resources"),
            *ticks.values(),
        ]
        self._ask(f"Sync {app.name}", parts, "Synchronize", synchronize)

    def _ask_rollback(self) -> None:
        argocd = argocd_of(self._shown())
        assert argocd is not None
        app = self._facts()
        entries = [(f"{e.id}: {e.revision[:7]}, {e.deployed}, {e.by}", str(e.id)) for e in history(argocd.find(app.ref))]
        if not entries:
            self._ask("Nothing was deployed yet.", [], "", lambda: None)
            return
        ask, note, word = clicks.rollback_question(app)
        menu = self._widgets.Dropdown(options=entries, value=entries[min(1, len(entries) - 1)][1], description="To")
        prune = self._tick("Prune: also delete what that revision does not have")
        parts = [self._widgets.HTML(esc(note)), menu, prune]
        self._ask(ask, parts, word, lambda: self._do(clicks.rollback(app, menu.value, prune=prune.value)))

    def _ask_delete(self) -> None:
        app = self._facts()
        menu = self._widgets.RadioButtons(options=[(text, value) for value, text in clicks.CASCADES], layout={"width": "auto"})
        ask = f"Are you sure you want to delete the application {app.name}?"
        self._ask(ask, [menu], "Delete", lambda: self._do(clicks.delete(app, menu.value)))

    def _ask_delete_object(self) -> None:
        app, world = self._facts(), self._shown()
        argocd = argocd_of(world)
        assert argocd is not None
        key = resources_of(tree_of(argocd, world.clusters, argocd.find(app.ref)))[self.look.value]
        menu = self._widgets.RadioButtons(options=[(text, way) for way, text in clicks.WAYS], layout={"width": "auto"})
        ask = f"Are you sure you want to delete {key.kind} {key.name}?"
        word = clicks.resource_word(key)
        self._ask(ask, [menu], f"Delete {key.kind}", lambda: self._do(clicks.delete_resource(app, word, menu.value)))

    def _ask(self, title: str, parts: list[Any], word: str, yes: Callable[[], None]) -> None:
        answers = [self._button(word, yes, title)] if word else []
        answers.append(self._button("Cancel", self._cancel))
        self.question.children = (self._title(title), *parts, self._widgets.HBox(answers, layout=self._row))

    def _cancel(self) -> None:
        self.question.children = ()

    # ------------------------------------------------------------------ inside

    def _title(self, text: str) -> Any:
        return self._widgets.HTML(f"<b>{esc(text)}</b>")

    def _tick(self, text: str, *, on: bool = False) -> Any:
        return self._widgets.Checkbox(value=on, description=text, indent=False, layout={"width": "auto"})

    def _button(self, text: str, press: Callable[[], None], tip: str = "") -> Any:
        made = self._widgets.Button(description=text, tooltip=tip or text, layout={"width": "auto"})

        def pressed(_button: Any) -> None:
            try:
                press()
            except BadInput as error:
                self.question.children = (self._widgets.HTML(f'<div role="alert">{esc(error.what)}: {esc(error.mend)}</div>'),)

        made.on_click(pressed)
        return made
