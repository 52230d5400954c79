"""A forge in a temporary folder, and the real git beside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops_sim.clock import Clock
from gitops_sim.forge import Forge, Repository
from gitops_sim.trace import Trace

Git = Callable[..., str]


def real_git(*args: str | Path, cwd: Path | None = None, fails: bool = False, **env: str) -> str:
    """Runs the real git as a learner's terminal would, without the configuration of this machine; answers its output."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    clean |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C", "TZ": "UTC"}
    for who in ("AUTHOR", "COMMITTER"):
        clean |= {f"GIT_{who}_NAME": "ana", f"GIT_{who}_EMAIL": "ana@example.com", f"GIT_{who}_DATE": "1767603660 +0000"}
    done = subprocess.run(
        ["git", *map(str, args)], cwd=cwd, env=clean | env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert (done.returncode != 0) == fails, done.stdout + done.stderr
    return done.stdout + (done.stderr if fails else "")


def git_dir(repository: Repository) -> str:
    return f"--git-dir={repository.path}"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trace(clock: Clock) -> Trace:
    return Trace(clock)


@pytest.fixture
def forge(clock: Clock, trace: Trace, tmp_path: Path) -> Forge:
    return Forge(clock, trace, tmp_path / "forge")


@pytest.fixture
def shop(forge: Forge) -> Repository:
    return forge.create("shop", {"manifests/web.yaml": "replicas: 2\n", "README.md": "The shop\n"})
