"""``gitops-sim health``: what Argo CD and Flux think of objects, and why."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitops_sim.cli.terminal import color_option, json_option, width
from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.agents.verdicts import Opinion, Verdict
    from gitops_sim.views.story import Style

_TONES = {
    **dict.fromkeys(("Healthy", "Current"), ("✓", "\033[32m")),
    **dict.fromkeys(("Progressing", "InProgress", "Suspended", "Terminating"), ("…", "\033[33m")),
    **dict.fromkeys(("Degraded", "Failed", "Missing", "NotFound", "Unknown"), ("✗", "\033[31m")),
}


@click.command("health", epilog="Example: kubectl get deployment web -o yaml | gitops-sim health -")
@click.argument("file", metavar="FILE")
@json_option
@color_option
def command(file: str, as_json: bool, color: bool) -> None:
    """Judges the objects in FILE (YAML or JSON, with their status; '-' reads standard input) as Argo CD and as Flux do.

    The two look at different things: Argo CD at the direct objects of an Application, each kind by a rule of its own; Flux by
    conditions and generations. Exits with 0 whatever the verdict.
    """
    from gitops_sim.agents.verdicts import verdict
    from gitops_sim.manifests import load_manifests
    from gitops_sim.views.story import Style

    verdicts = [verdict(manifest.object) for manifest in load_manifests(_content(file), where=_name(file))]
    if not verdicts:
        raise BadInput(
            "holds no object", where=_name(file), mend="write one out with its status: kubectl get deployment web -o yaml"
        )
    if as_json:
        click.echo(json.dumps([one.as_json() for one in verdicts], indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_report(verdicts, Style(width(), color=color))))


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        mend = "name a file of objects, or - for standard input"
        raise BadInput(f"cannot be read: {error.strerror}", where=file, mend=mend) from None


def _report(verdicts: Sequence[Verdict], style: Style) -> Iterator[str]:
    from gitops_sim.agents.verdicts import application_health, kustomization_health

    for one in verdicts:
        place = f"{one.namespace}/{one.name}" if one.namespace else one.name
        yield style.paint(f"{one.kind} {place}", "\033[1m") + ("" if one.agree else "   they disagree")
        yield from _opinion("Argo CD", one.argocd, style)
        yield from _opinion("Flux", one.flux, style)
    if len(verdicts) > 1:
        yield ""
        yield f"an Application of all these: {application_health(verdicts)}"
        yield f"a Kustomization of all these: its health check {kustomization_health(verdicts)}"


def _opinion(who: str, opinion: Opinion, style: Style) -> Iterator[str]:
    sign, tone = _TONES.get(opinion.status, ("·", "\033[2m"))
    status = opinion.status or "no health"
    said = f"  {style.paint(sign, tone)} {who:<8} {status:<12}"
    if opinion.message:
        yield f"{said} {opinion.message}"
        yield from _wrapped(opinion.rule, style)
    else:
        first, *rest = _wrapped(opinion.rule, style)
        yield f"{said} {first.strip()}"
        yield from rest


def _wrapped(rule: str, style: Style) -> list[str]:
    indent = " " * 26
    return textwrap.wrap(f"rule: {rule}", max(style.width, 60), initial_indent=indent, subsequent_indent=indent + "  ")
