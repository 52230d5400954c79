"""``gitops-sim demo``: stories, told in the terminal."""

from __future__ import annotations

import json
import sys

import click

from gitops_sim.cli.terminal import color_option, width


@click.command("demo", epilog="Example: gitops-sim demo drift --seed 7")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--seed", type=click.IntRange(min=0), help="Fixes all chance: the same seed gives the same story, to the byte.")
@click.option("--json", "as_json", is_flag=True, help="Results only, for scripts.")
@click.option("--verbose", "-v", is_flag=True, help="Every record of the trace, not only the story.")
@color_option
def command(names: tuple[str, ...], seed: int | None, as_json: bool, verbose: bool, color: bool) -> None:
    """Plays stories and checks what came of them.

    NAME is a story that 'gitops-sim scenarios' lists, or the file of one of your own. Without a name: sync, drift,
    push-vs-pull and rollback. Exits with 1 when an expectation is not met.
    """
    from gitops_sim.scenarios import DEFAULT_SCENARIOS, load_scenario
    from gitops_sim.views.story import Style, tell

    scenarios = [load_scenario(name) for name in names or DEFAULT_SCENARIOS]
    style = Style(width(), color=color, verbose=verbose)
    played = []
    for scenario in scenarios:
        played.append(scenario.play(seed=seed))
        if not as_json:
            click.echo(("\n\n" if len(played) > 1 else "") + tell(played[-1], style))
    if as_json:
        click.echo(json.dumps({"scenarios": [story.as_json() for story in played]}, indent=2, ensure_ascii=False))
    else:
        results = [result for story in played for result in story.expectations]
        failed = sum(not result.passed for result in results)
        sign = style.paint("✗", "\033[31m") if failed else style.paint("✓", "\033[32m")
        met = f"{failed} of {len(results)} expectations not met" if failed else f"all {len(results)} expectations met"
        click.echo(f"\n{sign} {len(played)} {'story' if len(played) == 1 else 'stories'}, {met}")
    if not all(story.passed for story in played):
        sys.exit(1)
