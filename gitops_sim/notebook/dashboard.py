"""The dashboard of a world: where everything stands, and a transport bar for its time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.nearest import nearest
from gitops_sim.notebook.applications import (
    ApplicationsPanel,
    application_card,
    argocd_of,
    resource_card,
    tiles_card,
)
from gitops_sim.notebook.live import Card, Live, dressed, esc
from gitops_sim.notebook.stage import Stage, deploys
from gitops_sim.notebook.transport import PlayButton
from gitops_sim.views import reading
from gitops_sim.views.applications.overview import resources_of, tree_of
from gitops_sim.views.resources import namespace_tree
from gitops_sim.views.timeline import timeline
from gitops_sim.views.tree import tree
from gitops_sim.views.view import View, stack
from gitops_sim.world import World

_MOST_KEPT = 200
MAIN = "main"


@dataclass
class Line:
    """One course of events. ``world`` is its present; ``past`` holds how it was before each step, oldest first."""

    name: str
    world: World
    past: list[World] = field(default_factory=list)


class Dashboard(Live):
    """Shows a world and lets its time pass: ``world.dashboard()``.

    Steps move the world itself. What was can be looked at again (``rewind``), and from any moment another course of events can
    branch off (``branch``): then steps move the branch, and the world that was given stays where it is.

    Without a front end it is a static page with the same content, and the calls that do what the buttons would.
    """

    def __init__(self, world: World) -> None:
        self.lines = [Line(MAIN, world)]
        self.line = self.lines[0]
        self.back = 0
        """How many steps before the present of its line the shown moment is."""

    @property
    def shown(self) -> World:
        """The world at the moment that is shown."""
        return self.line.past[-self.back] if self.back else self.line.world

    # ------------------------------------------------------------------ the transport bar

    def step(self, move: str, minutes: float = 0) -> str:
        """Lets time pass: to the next ``event``, to the next ``poll``, or ``minutes``. Says in a line what came of it."""
        if self.back:
            return "this is the past: press Now to go on from the present, or Branch to go another way from here"
        world = self.line.world
        target = self._target(move, minutes)
        if target is None:
            return "nothing is planned: nobody looks again by itself"
        before, began = world.fork(), world.now
        try:
            world.clock.run_until(target)
        except GitOpsSimError as error:
            return str(error).partition("\n")[0]
        self.line.past = [*self.line.past, before][-_MOST_KEPT:]
        happened = [record for record in world.trace.story() if record.seq >= len(before.trace)]
        told = f": {happened[-1].actor} {happened[-1].message}" if happened else ", and nothing happened"
        return f"{format_duration(world.now - began)} later{told}"

    def rewind(self, steps: int) -> str:
        """Looks ``steps`` before the present of this line; 0 is the present."""
        self.back = max(0, min(steps, len(self.line.past)))
        return f"looking at {time_of_day(self.shown.now)}" + ("" if self.back else ", the present")

    def branch(self) -> str:
        """Begins another course of events at the shown moment."""
        name = f"branch {len(self.lines)}"
        earlier = self.line.past[: len(self.line.past) - self.back]
        self.lines.append(Line(name, self.shown.fork(), earlier))
        left = self.line.name
        self.go(name)
        return f"{name} leaves {left} at {time_of_day(self.shown.now)}"

    def go(self, name: str) -> str:
        """Shows the present of another line."""
        self.line = next(line for line in self.lines if line.name == name)
        self.back = 0
        return f"{name}, {time_of_day(self.shown.now)}"

    def _target(self, move: str, minutes: float) -> float | None:
        world = self.line.world
        if move == "event":
            return world.clock.next_event
        if move == "poll":
            stage = Stage(world) if deploys(world) else None
            return stage.argocd.next_poll(stage.application) if stage and stage.argocd and stage.application else None
        return world.now + 60 * minutes

    # ------------------------------------------------------------------ Argo CD's buttons and pages

    def click(self, args: str) -> str:
        """Presses a button of Argo CD's dashboard, in words: ``sync web --prune``, ``rollback web 0``. Says what came of it."""
        if self.back:
            return "this is the past: press Now to go on from the present, or Branch to go another way from here"
        world = self.line.world
        agent, before = argocd_of(world), world.fork()
        cluster = {} if agent is None or agent.cluster is world.cluster() else {"cluster": agent.cluster.name}
        try:
            told = str(world.do("dashboard", args=args, **cluster))
        except BadInput as error:
            return f"{error.what}: {error.mend}"
        self.line.past = [*self.line.past, before][-_MOST_KEPT:]
        return told

    def applications(self) -> Card:
        """The tiles of all Applications, at the shown moment. Raises BadInput without any."""
        return tiles_card(self._argocd())

    def application(self, name: str) -> Card:
        """Panels, resource tree and decisions of one Application."""
        return application_card(self.shown, self._argocd(), name)

    def resource(self, application: str, resource: str) -> Card:
        """One object of an Application (``Deployment/web``): every field with its rule, events, decisions."""
        agent = self._argocd()
        known = resources_of(tree_of(agent, self.shown.clusters, agent.find(application)))
        if resource not in known:
            raise BadInput(f"{application} has no {resource!r}", mend=nearest(resource, known))
        return resource_card(self.shown, agent, application, known[resource])

    def _argocd(self) -> ArgoCD:
        found = argocd_of(self.shown)
        if found is None:
            raise BadInput("no Argo CD has an Application in this world", mend="use start('pull')")
        return found

    # ------------------------------------------------------------------ the page

    def view(self) -> View:
        """Git log, agent, resources and who did what, at the shown moment."""
        world = self.shown
        if deploys(world):
            return Stage(world).dashboard()
        pictures = [tree(namespace_tree(world.cluster())), timeline(reading.happenings(world.trace), [], now=world.now)]
        return stack(pictures, title="Dashboard")

    @property
    def text(self) -> str:
        return self.view().text

    @property
    def html(self) -> str:
        return self.view().html

    def _build(self) -> Any:
        return _Console(self).root


class _Console:
    """The widget: transport bar, position, and the page or its words."""

    def __init__(self, dashboard: Dashboard) -> None:
        import ipywidgets as widgets

        self.dashboard = dashboard
        self.busy = False
        row = widgets.Layout(align_items="center", flex_flow="row wrap", grid_gap="8px", margin="4px 0")
        narrow = widgets.Layout(width="auto")

        def button(text: str, tip: str, *call: Any, **more: Any) -> Any:
            made = widgets.Button(description=text, tooltip=tip, layout=narrow, **more)
            made.on_click(_Press(self, *call))
            return made

        self.play = widgets.Play(value=0, min=0, max=1_000_000, step=1, interval=900, show_repeat=False)
        self.play.observe(self._tick, "value")
        transport = widgets.HBox(
            [
                widgets.HTML("<b>Time</b>"),
                self.play,
                PlayButton(self.play, "what happens").button,
                button("Next event", "Run until something happens", "step", "event"),
                button("Next poll", "Run until the agent asks Git again", "step", "poll"),
                button("+1 min", "Let a minute pass", "step", "minutes", 1),
                button("+10 min", "Let ten minutes pass", "step", "minutes", 10),
                button("Branch", "Go another way from the moment that is shown", "branch"),
            ],
            layout=row,
        )
        self.place = widgets.IntSlider(
            value=0,
            min=0,
            max=0,
            description="Rewind",
            readout=False,
            continuous_update=False,
            layout=widgets.Layout(width="320px"),
        )
        self.place.observe(self._rewound, "value")
        self.lines = widgets.ToggleButtons(options=[MAIN], style={"button_width": "auto"}, tooltips=["Course of events: main"])
        self.lines.observe(self._changed, "value")
        self.words = widgets.Checkbox(value=False, description="in words", indent=False, layout=narrow)
        self.words.observe(self._redraw, "value")
        self.clock = widgets.HTML()
        now = button("Now", "Back to the present", "rewind", 0)
        where = widgets.HBox([self.place, now, self.clock, self.lines, self.words], layout=row)
        self.told = widgets.HTML()
        self.page = widgets.HTML()
        self.applications = ApplicationsPanel(
            lambda: self.dashboard.shown, lambda args: self.press("click", args), lambda: self._redraw()
        )
        self.root = dressed([transport, where, self.applications.root, self.told, self.page])
        self._redraw()

    def press(self, name: str, *arguments: Any) -> None:
        self._redraw(told=getattr(self.dashboard, name)(*arguments))

    def _tick(self, change: Any) -> None:
        if change["new"] > change["old"]:
            self.press("step", "event")
            if self.dashboard.line.world.clock.next_event is None or self.dashboard.back:
                self.play.playing = False

    def _rewound(self, change: Any) -> None:
        if not self.busy:
            self.press("rewind", self.place.max - change["new"])

    def _changed(self, change: Any) -> None:
        if not self.busy:
            self.press("go", change["new"])

    def _redraw(self, _change: Any = None, *, told: str = "") -> None:
        board = self.dashboard
        self.busy = True
        names = [line.name for line in board.lines]
        if list(self.lines.options) != names:
            self.lines.options = names
            self.lines.tooltips = [f"Course of events: {name}" for name in names]
        self.lines.value = board.line.name
        self.lines.layout.display = None if len(names) > 1 else "none"
        self.place.max = len(board.line.past)
        self.place.value = len(board.line.past) - board.back
        self.place.disabled = not board.line.past
        self.busy = False
        self.clock.value = f"<b>{time_of_day(board.shown.now)}</b>" + (" <i>the past</i>" if board.back else "")
        self.told.value = f'<div role="status">{esc(told) or "&nbsp;"}</div>'
        card = self.applications.card() or board.view()
        drawn = card.html if isinstance(card, Card) else card.svg
        self.page.value = f"<pre>{esc(card.text)}</pre>" if self.words.value else drawn


class _Press:
    """A button's call on the dashboard."""

    def __init__(self, console: _Console, name: str, *arguments: Any) -> None:
        self.console, self.name, self.arguments = console, name, arguments

    def __call__(self, _button: Any) -> None:
        self.console.press(self.name, *self.arguments)
