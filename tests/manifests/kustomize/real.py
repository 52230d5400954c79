"""The real kustomize, as the referee: ``kubectl kustomize`` of the newest kubectl that the machine has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_BESIDE = Path(sys.executable).with_name("kubectl")
KUBECTL = str(_BESIDE) if _BESIDE.exists() else shutil.which("kubectl") or ""


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def kustomize(folder: Path) -> tuple[bool, str, str]:
    """Whether it worked, what it printed, and what it said on the side (without ``error: `` in front)."""
    done = subprocess.run([KUBECTL, "kustomize", str(folder)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode == 0, done.stdout, done.stderr.removeprefix("error: ")
