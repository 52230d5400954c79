"""A world to play with: buttons for time and for people, and a way back from everything."""

from __future__ import annotations

from typing import Any

from gitops_sim.clock import format_duration, time_of_day
from gitops_sim.errors import GitOpsSimError
from gitops_sim.notebook.live import Live, dressed, esc
from gitops_sim.notebook.stage import Stage
from gitops_sim.notebook.worlds import edit, self_heal
from gitops_sim.objects import get_path
from gitops_sim.views.view import View
from gitops_sim.world import World

_PICTURES = {
    "Push or pull": "flow",
    "Who did what": "timeline",
    "Resources": "tree",
    "Git log": "log",
    "Desired and actual": "compare",
    "Everything": "dashboard",
}
_MOST_BACK = 50


class Playground(Live):
    """A copy of a world, to do with as one likes; the world that was given stays as it is.

    Without a front end it shows where the world stands, and the calls that do what the buttons would.
    """

    def __init__(self, world: World) -> None:
        self.start = world
        self.world = world.fork()
        self.since = len(world.trace)
        self._past: list[World] = []

    # ------------------------------------------------------------------ moves

    def do(self, move: str, value: Any = None) -> str:
        """One move; says in a line what came of it. A move that fails changes nothing.

        ``event``, ``poll``, ``minutes`` let time pass; ``scale`` is by hand, ``commit`` through Git (both take a number of
        replicas); ``heal`` switches self-heal; ``undo`` takes the last move back, ``again`` all of them.
        """
        if move == "undo":
            return self._undo()
        if move == "again":
            self._past, self.world = [], self.start.fork()
            return "back at the start"
        before = self.world.fork()
        try:
            told = self._moves(move, value)
        except GitOpsSimError as error:
            self.world = before
            return str(error).partition("\n")[0]
        self._past = [*self._past, before][-_MOST_BACK:]
        return told

    def _moves(self, move: str, value: Any) -> str:
        world = self.world
        if move == "event":
            return self._to(world.clock.next_event)
        if move == "poll":
            stage = self.stage()
            return self._to(stage.argocd.next_poll(stage.application) if stage.argocd and stage.application else None)
        if move == "minutes":
            world.run(minutes=value)
            return f"{format_duration(60 * value)} later"
        if move == "scale":
            return f"$ kubectl scale deployment web --replicas={value}: " + str(
                world.kubectl(f"scale deployment web --replicas={value}")
            )
        if move == "commit":
            return "committed " + str(edit(world, f"Scale web to {value}", f"replicas: {self.in_git()}", f"replicas: {value}"))
        if move == "heal":
            self_heal(world, bool(value))
            return f"self-heal is {'on' if value else 'off'}"
        raise ValueError(move)

    def _to(self, time: float | None) -> str:
        if time is None:
            return "nothing is planned: nobody looks again by itself"
        waited = time - self.world.now
        self.world.clock.run_until(time)
        return f"{format_duration(waited)} later"

    def _undo(self) -> str:
        if not self._past:
            return "nothing to undo"
        self.world = self._past.pop()
        return f"back at {time_of_day(self.world.now)}"

    # ------------------------------------------------------------------ looks

    def stage(self) -> Stage:
        return Stage(self.world, since=self.since)

    def picture(self, name: str) -> View:
        return self.stage().picture(_PICTURES[name])

    def in_git(self) -> int:
        """The replicas that Git asks for."""
        stage = self.stage()
        for line in stage.repository.tree().read("web/deployment.yaml").decode().splitlines():
            if line.strip().startswith("replicas:"):
                return int(line.split(":")[1])
        return 1

    def heals(self) -> bool | None:
        """Whether self-heal is on; None where there is no agent that could."""
        stage = self.stage()
        if stage.argocd is None or not stage.application:
            return None
        app = stage.argocd.find(stage.application)
        return bool(get_path(app, ("spec", "syncPolicy", "automated", "selfHeal"), False))

    # ------------------------------------------------------------------ static twin

    @property
    def text(self) -> str:
        stage = Stage(self.start)
        return "TRY IT\n" + "\n".join(f"  {code:<62}{what}" for code, what in _CALLS) + "\n\n" + stage.dashboard().text

    @property
    def html(self) -> str:
        rows = "".join(f"<tr><td><code>{esc(code)}</code></td><td></td><td>{esc(what)}</td></tr>" for code, what in _CALLS)
        return (
            '<div class="gn-box"><div class="gn-kind">Try it</div><p>Run this notebook to get buttons here. The same in code:</p>'
            f'<table class="gn-story">{rows}</table></div>' + Stage(self.start).dashboard().html
        )

    def _build(self) -> Any:
        return _Board(self).root


_CALLS = (
    ('world.kubectl("scale deployment web --replicas=10")', "changes the cluster by hand"),
    ('edit(world, "Scale web to 5", "replicas: 3", "replicas: 5")', "changes Git"),
    ("self_heal(world, False)", "flips the switch"),
    ("world.run(minutes=5)", "lets time pass"),
    ("show(world)", "shows where everything stands"),
)


class _Board:
    """The widget: a bar for time, a bar for people, and one picture."""

    def __init__(self, ground: Playground) -> None:
        import ipywidgets as widgets

        self.ground = ground
        row = widgets.Layout(align_items="center", flex_flow="row wrap", grid_gap="8px", margin="4px 0")
        self.busy = False

        def button(text: str, tip: str, move: str, value: Any = None, **more: Any) -> Any:
            made = widgets.Button(description=text, tooltip=tip, **more)
            made.on_click(_Press(self, move, value))
            return made

        self.clock = widgets.HTML()
        time = widgets.HBox(
            [
                widgets.HTML("<b>Time</b>"),
                button("Next event", "Run until something happens", "event"),
                button("Next poll", "Run until the agent asks Git again", "poll", disabled=ground.heals() is None),
                button("+1 minute", "Let a minute pass", "minutes", 1),
                button("+10 minutes", "Let ten minutes pass", "minutes", 10),
                self.clock,
            ],
            layout=row,
        )
        self.count = widgets.BoundedIntText(value=10, min=0, max=30, description="replicas", layout=widgets.Layout(width="170px"))
        self.heal = widgets.Checkbox(
            value=bool(ground.heals()),
            description="self-heal",
            indent=False,
            disabled=ground.heals() is None,
            layout=widgets.Layout(width="auto"),
        )
        self.heal.observe(self._heal, "value")
        people = widgets.HBox(
            [
                widgets.HTML("<b>You</b>"),
                self.count,
                button("Scale by hand", "kubectl scale, past Git", "scale", self.count),
                button("Commit to Git", "Change the number in Git", "commit", self.count),
                self.heal,
                button("Undo", "Take the last move back", "undo"),
                button("Start again", "Take everything back", "again"),
            ],
            layout=row,
        )
        # Buttons, not a list to drop down: in JupyterLab the arrow keys would leave a list and select another cell.
        self.look = widgets.ToggleButtons(
            options=list(_PICTURES),
            value="Push or pull",
            style={"button_width": "auto"},
            tooltips=[f"Show: {n}" for n in _PICTURES],
        )
        self.words = widgets.Checkbox(value=False, description="in words", indent=False, layout=widgets.Layout(width="auto"))
        self.look.observe(self._refresh, "value")
        self.words.observe(self._refresh, "value")
        self.told = widgets.HTML()
        self.picture = widgets.HTML()
        kind = widgets.HTML('<div class="gn-kind">Try it</div>')
        self.root = dressed(
            [
                kind,
                time,
                people,
                widgets.HBox([widgets.HTML("<b>Look at</b>"), self.look, self.words], layout=row),
                self.told,
                self.picture,
            ]
        )
        self._refresh()

    def press(self, move: str, value: Any) -> None:
        told = self.ground.do(move, getattr(value, "value", value))
        self.busy = True
        self.heal.value = bool(self.ground.heals())
        self.busy = False
        self._refresh(told=told)

    def _heal(self, change: Any) -> None:
        if not self.busy:
            self.press("heal", change["new"])

    def _refresh(self, _change: Any = None, *, told: str = "") -> None:
        now = self.ground.world.now
        self.clock.value = f"it is <b>{time_of_day(now)}</b>"
        self.told.value = f'<div role="status">{esc(told) or "&nbsp;"}</div>'
        view = self.ground.picture(self.look.value)
        self.picture.value = f"<pre>{esc(view.text)}</pre>" if self.words.value else view.svg


class _Press:
    """A button's move, as something that can be called."""

    def __init__(self, board: _Board, move: str, value: Any) -> None:
        self.board, self.move, self.value = board, move, value

    def __call__(self, _button: Any) -> None:
        self.board.press(self.move, self.value)
