"""Several worlds beside each other: each incident played in a copy of each, and what came of it in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gitops_sim.clock import format_duration
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.notebook.facts import facts_html, facts_text
from gitops_sim.notebook.live import Card, indent
from gitops_sim.world import World


def beside(incidents: Mapping[str, Callable[[World], object]], worlds: Mapping[str, World]) -> Card:
    """A table: a line for each incident, a column for each world, and in it what the story returns; a fraction of a number is a
    time. A story that is refused, or fails, says so in its cell. Raises BadInput when there is nothing to compare."""
    if not incidents or not worlds:
        mend = 'beside({"scaled by hand": scaled}, {"Argo CD": world, "Flux": other})'
        raise BadInput("there is nothing to compare", mend=mend)
    rows: list[tuple[str, list[str]]] = [("", list(worlds))]
    for name, story in incidents.items():
        rows.append((name, [_played(story, world) for world in worlds.values()]))
    html = f'<div class="gn-box"><div class="gn-kind">Side by side</div>{facts_html(rows)}</div>'
    return Card(html, f"SIDE BY SIDE\n{indent(facts_text(rows))}")


def _played(story: Callable[[World], object], world: World) -> str:
    try:
        value = story(world.fork())
    except GitOpsSimError as error:
        return f"refused: {str(error).partition(chr(10))[0]}"
    except Exception as error:  # the learner may have changed the story: say what is wrong with it, lose nothing
        return f"failed: {type(error).__name__}: {error}"
    return format_duration(round(value)) if isinstance(value, float) else str(value)
