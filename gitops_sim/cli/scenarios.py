"""``gitops-sim scenarios``: the list of stories."""

from __future__ import annotations

import json
import textwrap

import click

from gitops_sim.cli.terminal import width


@click.command("scenarios", epilog="Example: gitops-sim scenarios --json")
@click.option("--json", "as_json", is_flag=True, help="The list for scripts.")
def command(as_json: bool) -> None:
    """Lists the stories that 'gitops-sim demo NAME' plays."""
    from gitops_sim.scenarios import load_scenario, scenario_names

    specs = [load_scenario(name).spec for name in scenario_names()]
    if as_json:
        rows = [
            {"name": s.id, "title": s.title, "summary": s.summary, "minutes": s.minutes, "concepts": list(s.concepts)}
            for s in specs
        ]
        click.echo(json.dumps({"scenarios": rows}, indent=2, ensure_ascii=False))
        return
    room = max(len(spec.id) for spec in specs)
    for spec in specs:
        click.echo(f"{spec.id:<{room}}  {spec.title} ({spec.minutes} min)")
        indent = " " * (room + 2)
        click.echo(textwrap.fill(spec.summary, width(), initial_indent=indent, subsequent_indent=indent))
    click.echo("\nPlay one: gitops-sim demo " + specs[0].id)
