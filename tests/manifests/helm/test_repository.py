"""Chart repositories: what ours writes helm reads, what helm writes we read, and a world's forge serves one."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, download
from gitops_sim.manifests import Folder
from gitops_sim.manifests.helm import fetch_chart, fetch_index, package, read_index, render_chart, write_index
from gitops_sim.manifests.versions import example, satisfies
from gitops_sim.trace import Trace
from tests.manifests.helm.charts import packed
from tests.manifests.helm.helm import CHARTS, HELM

CREATED = "2026-01-05T09:00:00Z"
URL = "https://git.example/charts/raw/main"


def _packages() -> dict[str, bytes]:
    """Several versions of one chart, and another chart."""
    versions = ("1.0.0", "1.2.0", "1.10.0", "2.0.0-rc.1")
    made = {f"x-{v}.tgz": packed({"templates/a.yaml": f"v: {v}\n"}, f"apiVersion: v2\nname: x\nversion: {v}\n") for v in versions}
    return dict([*made.items(), package(Folder(CHARTS / "shop"), "chart")])


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    forge = Forge(Clock(), Trace(Clock()), tmp_path / "forge")
    packages = _packages()
    forge.create("charts", {**packages, "index.yaml": write_index(packages, created=CREATED)})
    return forge


def test_a_forge_serves_a_chart_repository(forge: Forge) -> None:
    fetch = functools.partial(download, forge)
    index = fetch_index(URL, fetch)
    assert [known.version for known in index.charts["x"]] == ["2.0.0-rc.1", "1.10.0", "1.2.0", "1.0.0"]
    wanted = {"": "1.10.0", "^1.0.0": "1.10.0", "~1.2": "1.2.0", "<1.2.0": "1.0.0", ">=2.0.0-0": "2.0.0-rc.1", "1.2.0": "1.2.0"}
    assert {text: index.find("x", text).version for text in wanted} == wanted
    chart = fetch_chart(index, index.find("x", "~1.2"), fetch)
    assert render_chart(chart).text() == "---\n# Source: x/templates/a.yaml\nv: 1.2.0\n"


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [
        ("y", "", 'chart "y" not found in https://git.example/charts/raw/main repository'),
        ("x", "9.9.9", 'chart "x" version "9.9.9" not found in https://git.example/charts/raw/main repository'),
        ("x", "nonsense", 'chart "x" version "nonsense" not found'),
    ],
)
def test_a_chart_that_is_not_there(forge: Forge, name: str, version: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        fetch_index(URL, functools.partial(download, forge)).find(name, version)
    assert "it has" in refused.value.mend


def test_a_package_that_is_not_the_one_of_the_index(forge: Forge) -> None:
    forge.repository("charts").commit({"x-1.2.0.tgz": packed({"templates/a.yaml": "evil: 1\n"})}, "Swap", author="eve")
    index = fetch_index(URL, functools.partial(download, forge))
    with pytest.raises(BadInput, match="is not the one of the index"):
        fetch_chart(index, index.find("x", "1.2.0"), functools.partial(download, forge))


@pytest.mark.parametrize(
    "url", ["https://git.example/none/raw/main", "https://git.example/charts/raw/none", "https://git.example/charts"]
)
def test_a_repository_that_is_not_there(forge: Forge, url: str) -> None:
    with pytest.raises(
        BadInput, match=r"is not a valid chart repository or cannot be reached: failed to fetch .* : 404 Not Found"
    ):
        fetch_index(url, functools.partial(download, forge))


def test_an_index_that_is_none() -> None:
    for content in (b"", b"a: 1", b"[]"):
        with pytest.raises(BadInput, match="no API version specified"):
            read_index(content, URL)
    assert read_index(b"apiVersion: v1\nentries: {x: [{version: nope}, 1], z: 2}", URL).charts == {"x": (), "z": ()}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and where it is served."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _helm(home: Path, *arguments: str) -> str:
    done = subprocess.run([HELM, *arguments], env={"HOME": str(home)}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not HELM, reason="no helm 4 here: python -m tests.server.fetch")
def test_helm_reads_what_we_write(served: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = served
    packages = _packages()
    for name, content in packages.items():
        (folder / name).write_bytes(content)
    (folder / "index.yaml").write_text(write_index(packages, created=CREATED))
    assert "v: 1.10.0" in _helm(tmp_path, "template", "x", "--repo", url)
    assert "v: 1.2.0" in _helm(tmp_path, "template", "x", "--repo", url, "--version", "~1.2")
    assert "v: 2.0.0-rc.1" in _helm(tmp_path, "template", "x", "--repo", url, "--devel")
    mine = render_chart(fetch_chart(*_found(folder, url, "shop"))).text()
    assert _helm(tmp_path, "template", "shop", "--repo", url) == mine


def _found(folder: Path, url: str, name: str):  # type: ignore[no-untyped-def]
    fetch = lambda address: (folder / address.rpartition("/")[2]).read_bytes()  # noqa: E731
    index = fetch_index(url, fetch)
    return index, index.find(name), fetch


@pytest.mark.skipif(not HELM, reason="no helm 4 here: python -m tests.server.fetch")
def test_we_read_what_helm_writes(served: tuple[Path, str], tmp_path: Path) -> None:
    folder, url = served
    _helm(tmp_path, "package", str(CHARTS / "shop" / "chart"), "--destination", str(folder))
    _helm(tmp_path, "repo", "index", str(folder), "--url", url)
    assert render_chart(fetch_chart(*_found(folder, url, "shop"))).text() == _helm(tmp_path, "template", "shop", "--repo", url)


RANGES = [
    "",
    "*",
    "x",
    "1.2.3",
    "v1.2.3",
    "1.2.3-rc.1",
    "^1.2",
    "~1.4",
    "6.x",
    ">=1.0.0",
    "> 1.0.0",
    "<2.0.0",
    "<0.1.0",
    "!=1.0.0",
]
RANGES += [">=1.0.0-0", "1.x || 2.x", "1.2 - 2.3", ">1.2.3 <1.2.5", "<=0.0.0"]


@pytest.mark.parametrize("constraint", RANGES)
def test_a_version_can_be_made_up_for_every_range(constraint: str) -> None:
    assert satisfies(constraint or "*", example(constraint))


def test_no_version_is_made_up_for_what_no_version_satisfies() -> None:
    assert [example(constraint) for constraint in (">2 <1", "latest")] == ["", ""]
