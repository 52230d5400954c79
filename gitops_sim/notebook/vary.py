"""One story in several worlds: what a switch changes, told side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gitops_sim.clock import format_duration
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.notebook.facts import Rows, facts, facts_html, facts_text
from gitops_sim.notebook.live import Card, esc, indent
from gitops_sim.notebook.stage import Stage, deploys
from gitops_sim.views.svg import label, tag
from gitops_sim.views.view import View, stack
from gitops_sim.world import World


def vary(
    story: Callable[[World], object] | Mapping[str, Callable[[World], object]],
    worlds: World | Mapping[str, World],
    *,
    asked: str = "in the end",
) -> Card:
    """Plays ``story(world)`` in a copy of each world and shows the timelines one under the other, with what differs in numbers.

    Either the worlds differ and have names that say how, or one world is given and the stories have names. ``asked`` says what
    the value is that a story returns; one that is refused, or fails, says so above the pictures. Raises BadInput without two to
    compare, and for a world in which nobody deploys anything.
    """
    plays = _plays(story, worlds)
    if len(plays) < 2 or not all(deploys(world) for _, _, world in plays):
        raise BadInput("there is nothing to compare", mend='vary(story, {"as it is": world, "changed": other})')
    stages, values, troubles = [], [], []
    for name, told, world in plays:
        fork = world.fork()
        try:
            values.append(_said(told(fork)))
        except GitOpsSimError as error:
            values.append("refused")
            troubles.append(f"{name}: {str(error).partition(chr(10))[0]}")
        except Exception as error:  # the learner may have changed the story: say what is wrong with it, lose nothing
            values.append("failed")
            troubles.append(f"{name}: {type(error).__name__}: {error}")
        stages.append(Stage(fork, since=len(world.trace)))
    names = [name for name, _, _ in plays]
    rows = _rows(names, values, asked, facts(stages))
    shown = stack([_titled(s.timeline(), n) for n, s in zip(names, stages, strict=True)], title=" and ".join(names))
    said = "".join(f"<p>{esc(trouble)}</p>" for trouble in troubles)
    text = "\n".join([*troubles, facts_text(rows)])
    return Card(
        f'<div class="gn-box"><div class="gn-kind">Vary</div>{said}{facts_html(rows)}{shown.html}</div>',
        f"VARY\n{indent(text)}\n\n{indent(shown.text)}",
    )


def _plays(
    story: Callable[[World], object] | Mapping[str, Callable[[World], object]], worlds: World | Mapping[str, World]
) -> list[tuple[str, Callable[[World], object], World]]:
    if isinstance(story, Mapping):
        return [(name, told, worlds) for name, told in story.items()] if not isinstance(worlds, Mapping) else []
    return [(name, story, world) for name, world in worlds.items()] if isinstance(worlds, Mapping) else []


def _rows(names: list[str], values: list[str], asked: str, found: Rows) -> Rows:
    """What came of it, and of the facts those that differ."""
    rows: list[tuple[str, list[str]]] = [("", names)]
    if any(values):
        rows.append((asked, values))
    return rows + [(name, list(cells)) for name, cells in found[1:] if len(set(cells)) > 1]


def _said(value: object) -> str:
    """A value in words; a fraction of a number is a time."""
    return "" if value is None else format_duration(round(value)) if isinstance(value, float) else str(value)


def _titled(view: View, title: str) -> View:
    """The picture with its name above it."""
    body = label(0, 16, title, "strong") + tag("g", view.body, transform="translate(0 24)")
    return View(title, view.text, body, view.width, view.height + 24, view.summary)
