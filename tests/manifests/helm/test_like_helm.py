"""Charts rendered by us and by the real helm: the same text, the same objects, the same words for what is wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_sim.manifests.helm import pack
from gitops_sim.output import Output
from tests.manifests.helm.helm import CHARTS, HELM, cases, ours, real

pytestmark = pytest.mark.skipif(not HELM, reason="no helm 4 here: python -m tests.server.fetch")

DIGRESSING = {"endless": "unable to execute template"}
"""Charts on which helm says a thousand times what we say once: both end with these words."""


def _name(case: tuple[str, list[str]]) -> str:
    return " ".join([case[0], *case[1]])[:80]


def _agree(theirs: Output, mine: Output) -> None:
    assert (mine.exit == 0) == (theirs.exit == 0), (theirs, mine)
    assert list(yaml.safe_load_all(mine.stdout)) == list(yaml.safe_load_all(theirs.stdout))
    assert mine.stdout == theirs.stdout
    in_any_order = "specifications of the schema" in mine.stderr  # helm tells breaches in another order each time
    assert (_words(mine) == _words(theirs)) if in_any_order else (mine.stderr == theirs.stderr)


def _words(said: Output) -> list[str]:
    return sorted(re.split(r"[\s,]+", said.stderr))


@pytest.mark.parametrize("case", list(cases()), ids=_name)
def test_a_chart_of_our_own(case: tuple[str, list[str]], tmp_path: Path) -> None:
    chart, arguments = case
    theirs, mine = real(CHARTS / chart, arguments, tmp_path), ours(CHARTS / chart, arguments)
    if chart in DIGRESSING:
        assert theirs.stderr.endswith(DIGRESSING[chart])
        assert mine.stderr.endswith(DIGRESSING[chart])
    else:
        _agree(theirs, mine)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart that ``helm create`` makes."""
    folder = tmp_path_factory.mktemp("stock")
    subprocess.run([HELM, "create", "chart"], cwd=folder, env={"HOME": str(folder)}, check=True, capture_output=True, timeout=60)
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--name-template", "chart-1", "--namespace", "prod"],
        ["--set", "ingress.enabled=true,autoscaling.enabled=true,httpRoute.enabled=true,serviceAccount.create=false"],
        ["--set", "fullnameOverride=web,image.tag=2.0,podAnnotations.a=b,nodeSelector.disk=ssd,replicaCount=3"],
        ["--set-json", 'tolerations=[{"key":"a"}],resources={"limits":{"cpu":"1"}},livenessProbe=null,volumes=[{"name":"v"}]'],
    ],
    ids=str,
)
def test_the_stock_chart(stock: Path, arguments: list[str]) -> None:
    _agree(real(stock, arguments, stock), ours(stock, arguments))


def test_a_subchart_in_an_archive(tmp_path: Path) -> None:
    source = CHARTS / "shop" / "chart" / "charts" / "redis"
    files = {str(path.relative_to(source)): path.read_bytes() for path in source.rglob("*") if path.is_file()}
    chart = tmp_path / "chart"
    (chart / "charts").mkdir(parents=True)
    (chart / "charts" / "redis-1.2.0.tgz").write_bytes(pack(files, "redis"))
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: outer\nversion: 1.0.0\n")
    mine = ours(tmp_path, ["--set", "redis.auth.password=x"])
    assert "release-name-redis" in mine.stdout
    _agree(real(tmp_path, ["--set", "redis.auth.password=x"], tmp_path), mine)


def _write(folder: Path, files: dict[str, Any]) -> None:
    for name, text in files.items():
        path = folder / "chart" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_every_function_that_helm_has_is_known_here(tmp_path: Path) -> None:
    """Each name of ours is one of helm's: it parses there; and what helm adds to sprig is among ours."""
    from datetime import UTC, datetime
    from random import Random

    from gitops_sim.manifests.helm.functions import functions

    names = sorted({*functions(datetime(2026, 1, 1, tzinfo=UTC), Random(1), None), "include", "tpl"})
    lines = "".join("{{ if false }}{{ " + name + " }}{{ end }}\n" for name in names)
    _write(tmp_path, {"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", "templates/a.yaml": lines})
    assert real(tmp_path, [], tmp_path).stderr == ""
