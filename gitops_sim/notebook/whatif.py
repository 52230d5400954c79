"""A counterfactual in a cell: what was, beside what would have been."""

from __future__ import annotations

from gitops_sim.clock import parse_duration
from gitops_sim.counterfactual import what_if as counterfactual
from gitops_sim.errors import BadInput
from gitops_sim.notebook.facts import facts_html
from gitops_sim.notebook.live import Card, indent
from gitops_sim.scenarios.switches import read_flip
from gitops_sim.world import World


def what_if(before: World, world: World, switch: str, *, at: float | str | None = None, of: str = "") -> Card:
    """Plays what was done in ``world`` since ``before``, a fork of it, once more, with ``switch`` (``selfHeal=true``) flipped at
    ``at``: a time of the world, just before the first thing that was done when left out. Neither of the two worlds is changed.

    ::

        before = world.fork()
        world.kubectl("scale deployment web --replicas=10")
        world.run(minutes=10)
        what_if(before, world, "selfHeal=false")

    Raises BadInput for a switch that there is not, and where ``before`` is no earlier copy of ``world``.
    """
    known = len(before.actions)
    if before.now > world.now or world.actions[:known] != before.actions:
        mend = "take it before you act: before = world.fork()"
        raise BadInput("the first world is no earlier copy of the second one", mend=mend)
    done = world.actions[known:]
    when = (done[0].at if done else before.now) if at is None else parse_duration(at, where="at")
    found = counterfactual(before.fork(), done, world.now, read_flip(switch), at=max(when, before.now), of=of)
    names = [run.title for run in found.runs]
    picture, text = found.picture(), found.text()
    rows = [("", names), *found.comparison]
    return Card(
        f'<div class="gn-box"><div class="gn-kind">What if</div>{facts_html(rows)}<p>{found.verdict}</p>{picture.html}</div>',
        "\n\n".join(part for part in (f"WHAT IF\n{indent(text)}", found.verdict) if part),
    )
