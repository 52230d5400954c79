"""Running the real ``git``, deaf to whatever the user's environment and configuration say."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gitops_sim.errors import BadInput


def environment(extra: Mapping[str, str] | None = None, *, users_config: bool = False) -> dict[str, str]:
    """The environment for a git process: no ``GIT_*`` of the caller's, English, UTC, and no configuration outside the repository
    unless ``users_config``."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    clean |= {"LC_ALL": "C", "TZ": "UTC", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    if not users_config:
        clean |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull}
    return clean | dict(extra or {})


def require_git() -> str:
    """The path of ``git``. Raises BadInput when this machine has none."""
    found = shutil.which("git")
    if found is None:
        raise BadInput("there is no git on this machine", mend="install git 2.30 or newer, and see that it is on the PATH")
    return found


def run_git(
    *args: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    input: bytes | None = None,
    users_config: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Runs git to its end; the caller looks at the exit code."""
    return subprocess.run(
        [require_git(), *args],
        cwd=cwd,
        env=environment(env, users_config=users_config),
        input=input,
        stdin=subprocess.DEVNULL if input is None else None,
        capture_output=True,
        check=False,
    )
