"""Charts for ``gitops-sim render``: the options of ``helm template``, and what they make of a chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gitops_sim.errors import BadInput

if TYPE_CHECKING:
    from gitops_sim.manifests import Files
    from gitops_sim.manifests.helm import Chart, Values

MOST_OF_AN_ARCHIVE = 20_000_000
"""Bytes, packed: a real chart has some ten thousand."""
_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--values", "-f", "files", multiple=True, type=_FILE, metavar="FILE", help="A file of values; the later wins."),
    click.option("--set", "set_", multiple=True, metavar="a.b=c", help="A value, over those of files."),
    click.option("--set-string", multiple=True, metavar="a=1", help="A value that is a text."),
    click.option("--set-json", multiple=True, metavar="a=[1]", help="A value in JSON."),
    click.option("--set-file", multiple=True, metavar="a=FILE", help="A value that is the text of a file."),
    click.option("--name-template", "--release-name", "name", metavar="NAME", help="The release.  [default: release-name]"),
    click.option("--namespace", "-n", metavar="NAME", help="The namespace of the release.  [default: default]"),
    click.option("--kube-version", metavar="V", help="The Kubernetes that templates see, such as 1.31.  [default: v1.37.0]"),
    click.option("--api-versions", "-a", multiple=True, metavar="G/V", help="An API version that the cluster has besides."),
    click.option("--include-crds", is_flag=True, help="With the definitions in crds/."),
    click.option("--no-hooks", is_flag=True, help="Without hooks."),
    click.option("--skip-tests", is_flag=True, help="Without tests."),
    click.option("--is-upgrade", is_flag=True, help="As an upgrade, not an installation."),
    click.option("--skip-schema-validation", is_flag=True, help="Whatever values.schema.json says."),
)


def chart_options(command: _Command) -> _Command:
    """Gives a command the options of ``helm template``; it gets them as keywords, for :func:`chart_text`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def refuse_chart_options(options: dict[str, Any]) -> None:
    """Raises BadInput when any was given: for what is no chart."""
    given = [name for name, value in options.items() if value]
    if given:
        spelled = {"files": "values", "set_": "set", "name": "name-template"}
        option = f"--{spelled.get(given[0], given[0]).replace('_', '-')}"
        raise BadInput(f"{option} is for charts, and there is no Chart.yaml", mend=f"leave {option} away, or name a chart")


def load(path: Path) -> Chart | None:
    """The chart in a folder or an archive; None for what is neither. Raises BadInput for a broken one."""
    from gitops_sim.manifests import Folder
    from gitops_sim.manifests.helm import load_archive

    if path.is_file() and path.suffix == ".tgz":
        return load_archive(_read(path, MOST_OF_AN_ARCHIVE), where=str(path))
    return load_from(Folder(path), "", "" if str(path) == "." else f"{path}/")


def load_from(files: Files, inside: str, shown: str) -> Chart | None:
    """The chart in a folder of a tree; None when it is none."""
    from gitops_sim.manifests import source_type
    from gitops_sim.manifests.helm import load_chart

    return load_chart(files, inside, where=shown) if source_type(files, inside) == "helm" else None


def chart_text(chart: Chart, options: dict[str, Any]) -> str:
    """What ``helm template`` prints. Raises BadInput in helm's words."""
    from gitops_sim.manifests.helm import Capabilities, Release, render_chart

    release = Release(options["name"] or "release-name", options["namespace"] or "default", is_upgrade=options["is_upgrade"])
    versions = [version for line in options["api_versions"] for version in line.split(",")]
    rendered = render_chart(
        chart,
        release,
        _values(options),
        Capabilities(options["kube_version"] or "v1.37.0", versions),
        validate=not options["skip_schema_validation"],
    )
    return rendered.text(include_crds=options["include_crds"], hooks=not options["no_hooks"], tests=not options["skip_tests"])


def _values(options: dict[str, Any]) -> Values:
    """Files first, then JSON, values, texts and texts of files: the order of helm, whatever that of the command."""
    from gitops_sim.manifests.helm import load_values, merge_maps, set_files, set_json, set_strings, set_values

    values: Values = {}
    for path in options["files"]:
        values = merge_maps(values, load_values(_read(path), where=str(path), doing=f"failed to parse {path}: "))
    ways: Sequence[tuple[str, Callable[[Values, str], None]]] = (
        ("set_json", set_json),
        ("set_", set_values),
        ("set_string", set_strings),
        ("set_file", lambda values, line: set_files(values, line, lambda name: _read(Path(name)).decode("utf-8", "replace"))),
    )
    for option, lay in ways:
        for line in options[option]:
            lay(values, line)
    return values


def _read(path: Path, most: int = 10_000_000) -> bytes:
    try:
        if path.stat().st_size > most:
            raise BadInput(f"is larger than {most} bytes", where=str(path), mend="name a smaller file")
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise BadInput(f"open {path}: {reason}", where=str(path), mend="name a file that is there") from None
