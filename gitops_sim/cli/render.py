"""``gitops-sim render``: what kustomize, or helm, would make of a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitops_sim.cli.chart import chart_options, chart_text, load, load_from, refuse_chart_options
from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.manifests import Files
    from gitops_sim.manifests.kustomize import Change
    from gitops_sim.manifests.render import Rendered


@click.command("render", epilog="Example: gitops-sim render overlays/production --explain spec.replicas")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--revision", metavar="R", help="A branch, a tag or a commit of the folder's repository.  [default: the files]")
@click.option("--explain", metavar="FIELD", help="Say where a field came from: which file, patch or setting gave it which value.")
@chart_options
def command(path: Path, revision: str | None, explain: str | None, **options: Any) -> None:
    """Prints what a folder stands for: a kustomization built, a chart rendered, or plain manifests.

    For a kustomization that is what "kubectl kustomize PATH" prints, to the byte, warnings included. --explain takes a path
    such as spec.replicas, spec.template.spec.containers[0].image or metadata, and tells of every object that has it.

    For a chart, a folder or a .tgz, it is what "helm template PATH" prints; the options from --values on are helm's.
    """
    from gitops_sim.manifests.render import render

    at = None if revision is None else _tree_at(path, revision)
    chart = load(path) if at is None else load_from(*at)
    if chart is not None and explain is None:
        sys.stdout.write(chart_text(chart, options))
        return
    if chart is not None:
        raise BadInput("is a chart: nothing is known of what its templates read", where=str(path), mend="leave --explain away")
    refuse_chart_options(options)
    files, inside, shown = at or _tree(path)
    try:
        rendered = render(files, inside, shown=shown, explain=explain is not None)
    except BadInput as error:
        raise BadInput(error.what, where=_from_here(error.where), mend=error.mend) from None
    if rendered.kind == "directory" and not rendered.manifests:
        mend = "name a folder with .yaml or .json files, a kustomization or a chart"
        raise BadInput("holds no manifest", where=str(path), mend=mend)
    for warning in rendered.warnings:
        click.echo(warning, err=True)
    if explain is None:
        sys.stdout.write(rendered.text)
    else:
        click.echo(_from_here("\n".join(_explained(rendered, explain))))


def _from_here(text: str) -> str:
    """Files below the current folder are named from there, all others from the top of the machine."""
    return text.replace(f"{Path.cwd().as_posix().lstrip('/')}/", "")


def _tree(path: Path) -> tuple[Files, str, str]:
    """The files, the folder in them, and what stands before it in messages. A base may lie anywhere on the machine; plain
    manifests are those of the folder alone."""
    from gitops_sim.manifests import Folder, source_type

    folder = Folder(path)
    if source_type(folder) != "kustomize":
        return folder, "", str(path)
    full = path.resolve()
    return Folder(full.anchor), full.relative_to(full.anchor).as_posix(), full.anchor.rstrip("/\\").replace("\\", "/")


def _tree_at(path: Path, revision: str) -> tuple[Files, str, str]:
    from gitops_sim.world import World

    top = next((folder for folder in (path.resolve(), *path.resolve().parents) if (folder / ".git").exists()), None)
    if top is None:
        raise BadInput("is in no Git repository", where=str(path), mend="leave --revision away, or name a folder of a repository")
    repository = World(0).git.adopt("rendered", top, revision)
    inside = path.resolve().relative_to(top).as_posix()
    return repository.tree(repository.tip()), "" if inside == "." else inside, str(top)


# ---------------------------------------------------------------------- where a field came from


def _explained(rendered: Rendered, field: str) -> Iterator[str]:
    from gitops_sim.manifests.kustomize import KustomizeError
    from gitops_sim.objects import get_path

    if rendered.kind != "kustomize":
        raise BadInput("is no kustomization: every field is as its file says", mend="leave --explain away")
    steps = _steps(field)
    found = False
    for manifest, changes in zip(rendered.manifests, rendered.origins, strict=True):
        if get_path(manifest.object, steps, KustomizeError) is KustomizeError:
            continue
        found = True
        yield f"{manifest.title}  {field}: {_short(get_path(manifest.object, steps))}"
        yield from _history(changes, steps)
    if not found:
        raise BadInput(f"no object has a field {field!r}", mend="write it as spec.replicas or spec.containers[0].image")


def _history(changes: Sequence[Change], steps: Sequence[str | int]) -> Iterator[str]:
    """Every step that gave the field, or something in or around it, a value; the last one counts."""
    length = len(steps)
    for path, value, by in changes:
        if tuple(path[:length]) == tuple(steps):
            inner = ".".join(map(str, path[length:]))
            yield f"  {by}: {_short(value)}" + (f"  ({inner})" if inner else "")
        elif tuple(steps[: len(path)]) == tuple(path):
            yield f"  {by}: {_short(_within(value, steps[len(path) :]))}"


def _within(value: Any, steps: Sequence[str | int]) -> Any:
    from gitops_sim.objects import get_path

    return get_path(value, steps)


def _steps(field: str) -> tuple[str | int, ...]:
    parts = field.strip(".").replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") and part[1:-1].isdigit() else part for part in parts if part)


def _short(value: Any) -> str:
    import json

    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:97] + "..."
