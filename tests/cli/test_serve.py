"""``gitops-sim serve``: what it prints, that it can be asked, and that it ends when it is told to."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.browsing import Browser
from tests.server.client import Client


@contextmanager
def serving(*args: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The line of JSON, and the line after it."""
    command = [sys.executable, "-m", "gitops_sim", "serve", *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline()), server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        assert server.stderr is not None
        assert server.stderr.read() == ""


def test_it_says_where_it_is_and_serves_the_world_of_a_story(tmp_path: Path) -> None:
    with serving("--scenario", "drift", "--kubeconfig", str(tmp_path / "config"), "--speed", "1000") as (ready, hint):
        assert ready["ready"] is True
        assert hint == f"export KUBECONFIG={tmp_path / 'config'}\n"
        client = Client(Path(ready["kubeconfig"]))
        assert client.request("GET", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web")[0] == 200
        clone = subprocess.run(["git", "clone", "-q", f"{ready['git']}/shop.git", str(tmp_path / "shop")], check=False)
        assert clone.returncode == 0
        browser = Browser(ready["ui"])
        assert "web" in browser.open().links
    assert not list(tmp_path.glob(".config*"))


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--scenario", "nope"), "no scenario 'nope'"),
        (("--cluster", "nope"), "no cluster 'nope' in this world"),
        (("--kubeconfig", "/dev/null/x"), "cannot be written"),
        (("--scenario", "drift", "--repo", "."), "--scenario and --repo cannot both be given"),
        (("--exercise", "nope"), "no exercise 'nope'"),
        (("--exercise", "hands-on", "--seed", "3"), "--exercise has its own world, seed and time"),
        (("--starts", "yesterday"), "not a time to start at: 'yesterday'"),
        (("--starts", "1999-01-01T00:00:00Z"), "no world starts as early"),
    ],
)
def test_bad_input_is_one_message(args: tuple[str, ...], said: str) -> None:
    command = [sys.executable, "-m", "gitops_sim", "serve", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
