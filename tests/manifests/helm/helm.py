"""``helm template`` twice: the real one as a process, and ours, over the charts in ``charts/``.

Each folder there holds a ``chart``, maybe files beside it, and ``cases.yaml``: argument lists, each rendered by both.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from gitops_sim.errors import BadInput
from gitops_sim.manifests import Folder
from gitops_sim.manifests.helm import (
    Capabilities,
    Release,
    RenderedChart,
    load_chart,
    load_values,
    merge_maps,
    render_chart,
    set_files,
    set_json,
    set_strings,
    set_values,
)
from gitops_sim.output import Output
from tests.server.tools import HELM

CHARTS = Path(__file__).with_name("charts")
_FLAGS = ("--include-crds", "--no-hooks", "--skip-tests", "--is-upgrade", "--skip-schema-validation")
_NOISE = re.compile(r"(?m)^(level=.*|walk\.go.*|.*warning: .*)\n|\n\nUse --debug flag to render out invalid YAML")


def cases() -> Iterator[tuple[str, list[str]]]:
    """Every chart with every list of arguments."""
    for folder in sorted(CHARTS.iterdir()):
        for arguments in yaml.safe_load((folder / "cases.yaml").read_text(encoding="utf-8")):
            yield folder.name, arguments


def real(folder: Path, arguments: Sequence[str], home: Path) -> Output:
    """What helm prints for the chart in a folder; of an error its words alone."""
    command = [HELM, "template", "chart", *arguments]
    env = {"HOME": str(home), "TZ": "UTC"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    said = _NOISE.sub("", done.stderr).removeprefix("Error: ").rstrip("\n")
    return Output(done.stdout, said, done.returncode)


def ours(folder: Path, arguments: Sequence[str]) -> Output:
    """What we print in its place."""
    try:
        return Output(rendered_text(folder, arguments), "", 0)
    except BadInput as error:
        return Output("", error.what, 1)


def rendered_text(folder: Path, arguments: Sequence[str]) -> str:
    flags = [argument for argument in arguments if argument in _FLAGS]
    chart = rendered(folder, arguments)
    return chart.text(include_crds="--include-crds" in flags, hooks="--no-hooks" not in flags, tests="--skip-tests" not in flags)


def rendered(folder: Path, arguments: Sequence[str]) -> RenderedChart:
    """The chart in a folder, rendered with arguments of ``helm template``."""
    flags = [argument for argument in arguments if argument in _FLAGS]
    rest = [argument for argument in arguments if argument not in _FLAGS]
    pairs = list(zip(rest[::2], rest[1::2], strict=True))

    def given(option: str) -> list[str]:
        return [value for name, value in pairs if name == option]

    values: dict[str, Any] = {}
    for name in given("--values"):
        values = merge_maps(values, load_values((folder / name).read_bytes(), where=name))
    for option, lay in (("--set-json", set_json), ("--set", set_values), ("--set-string", set_strings)):
        for line in given(option):
            lay(values, line)
    for line in given("--set-file"):
        set_files(values, line, lambda name: (folder / name).read_text(encoding="utf-8"))
    release = Release(
        (given("--name-template") or ["release-name"])[0],
        (given("--namespace") or ["default"])[0],
        is_upgrade="--is-upgrade" in flags,
    )
    versions = [version for line in given("--api-versions") for version in line.split(",")]
    capabilities = Capabilities((given("--kube-version") or ["v1.37.0"])[0], versions)
    validate = "--skip-schema-validation" not in flags
    return render_chart(load_chart(Folder(folder / "chart")), release, values, capabilities, validate=validate)
