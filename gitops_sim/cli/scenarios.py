"""``gitops-sim scenarios``: the list of stories, and the words that they are checked with."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.terminal import width

if TYPE_CHECKING:
    from gitops_sim.scenarios.checks import Word


@click.command("scenarios", epilog="Example: gitops-sim scenarios --json")
@click.option("--json", "as_json", is_flag=True, help="The list for scripts.")
@click.option("--words", is_flag=True, help="Instead, what 'expectations' and 'measures' of a story of your own may say.")
def command(as_json: bool, words: bool) -> None:
    """Lists the stories that 'gitops-sim demo NAME' plays."""
    if words:
        _list_words(as_json)
    else:
        _list_stories(as_json)


def _list_stories(as_json: bool) -> None:
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


def _list_words(as_json: bool) -> None:
    from gitops_sim.scenarios.checks import CHECKS, MEASURES

    if as_json:
        both = {"checks": CHECKS, "measures": MEASURES}
        click.echo(json.dumps({name: [_word(w) for w in words.values()] for name, words in both.items()}, indent=2))
        return
    for word in CHECKS.values():
        click.echo(f"{word.name}{' (also a measure)' if word.measures else ''}: {word.doc}")
        for name, param in MEASURES.get(word.name, word).params.items():
            click.echo(f"    {name}{'' if param.required else '?'}: {param.doc}")
    click.echo(
        "\nA measure as a check needs a bound as well: at_least, at_most, equals; or reads, a text that the finding holds."
    )


def _word(word: Word) -> dict[str, object]:
    params = [{"name": name, "doc": p.doc, "required": p.required} for name, p in word.params.items()]
    return {"name": word.name, "doc": word.doc, "params": params}
