"""Small trees of files with a kustomization in them, as data: read from ``cases/`` and written to disk for the referee."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

CASES = Path(__file__).parent / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """``path`` is the folder to build. ``binary`` are files in base64, ``links`` symbolic links with their targets, ``folders``
    empty folders. ``older`` says how kustomize 5.5 differs from 5.8; only where it does, the two may differ."""

    id: str
    shows: str
    files: Mapping[str, str]
    path: str = "."
    binary: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    older: str = ""

    def write(self, root: Path) -> None:
        """Puts the tree below ``root``; what would lie outside of it is an error of the case."""
        for name, text in self.files.items():
            place(root, name).write_bytes(text.encode())
        for name, coded in self.binary.items():
            place(root, name).write_bytes(base64.b64decode(coded))
        for name, target in self.links.items():
            place(root, name).symlink_to(target)
        for name in self.folders:
            place(root, name).mkdir(exist_ok=True)


def place(root: Path, name: str) -> Path:
    target = root / name
    assert ".." not in target.parts, f"{name} leads out of the tree"
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every theme. Ids are ``theme/id``."""
    found = []
    for theme in sorted(CASES.glob("*.yaml")):
        for entry in yaml.safe_load(theme.read_text(encoding="utf-8"))["cases"]:
            entry = entry | {"id": f"{theme.stem}/{entry['id']}", "folders": tuple(entry.get("folders", ()))}
            found.append(Case(**entry))
    return tuple(found)
