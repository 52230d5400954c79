"""``gitops-sim what-if``: a story once more, with one switch flipped."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gitops_sim.cli.terminal import color_option, width
from gitops_sim.clock import parse_duration
from gitops_sim.errors import BadInput


@click.command("what-if", epilog="Example: gitops-sim what-if drift selfHeal=false --at 9m")
@click.argument("story")
@click.argument("switch", metavar="SWITCH=VALUE", required=False)
@click.option("--run", "run", default="", help="Which of its ways the story goes, when it has several; the first when left out.")
@click.option("--at", "at", help="When the switch is flipped: 10m, 90s; just before people begin to act when left out.")
@click.option("--of", "of", default="", help="Whose switch it is; the first Application's when left out.")
@click.option("--seed", type=click.IntRange(min=0), help="Fixes all chance: the same seed gives the same story, to the byte.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Draws both timelines into this file as well.")
@click.option("--json", "as_json", is_flag=True, help="The comparison only, for scripts.")
@color_option
def command(
    story: str,
    switch: str | None,
    run: str,
    at: str | None,
    of: str,
    seed: int | None,
    svg: Path | None,
    as_json: bool,
    color: bool,
) -> None:
    """Plays a story up to a moment, flips one switch, and plays on: what was, beside what would have been.

    STORY is one that 'gitops-sim scenarios' lists, or the file of one of your own. Without a switch it says which that story has.
    """
    from gitops_sim.counterfactual import what_if_in, world_of
    from gitops_sim.scenarios import load_scenario
    from gitops_sim.scenarios.switches import read_flip, switches_of
    from gitops_sim.views.story import Style

    scenario = load_scenario(story)
    if switch is None:
        for name, known in switches_of(world_of(scenario, run)).items():
            click.echo(f"{name:<18} {known.doc}")
        return
    when = None if at is None else parse_duration(at, where="--at")
    found = what_if_in(scenario, read_flip(switch), run=run, at=when, of=of, seed=seed)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(found.text(Style(width(), color=color)))
        if found.verdict:
            click.echo(f"\n  {found.verdict}")
    if svg is not None:
        try:
            svg.write_text(found.picture().svg, encoding="utf-8")
        except OSError as error:
            raise BadInput(f"cannot be written: {error.strerror}", where=str(svg), mend="name another file") from None
