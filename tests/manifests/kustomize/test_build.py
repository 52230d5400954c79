"""Builds, compared with the real tool to the byte: output, warnings and error texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitops_sim.manifests import Folder
from gitops_sim.manifests.kustomize import KustomizeError, build
from tests.manifests.kustomize.cases import CASES
from tests.manifests.kustomize.real import KUBECTL, kustomize, write

pytestmark = pytest.mark.skipif(not KUBECTL, reason="no kubectl on this machine")

_POINTER = re.compile(r"0x[0-9a-f]+")
"""Some texts of the real tool show where in its memory something lies."""


def ours(root: Path, path: str) -> tuple[bool, str, str]:
    try:
        built = build(Folder(root), path, shown=str(root))
    except KustomizeError as error:
        return False, "", error.what + "\n"
    return True, built.text, "".join(f"{warning}\n" for warning in built.warnings)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_built_as_by_the_real_tool(name: str, tmp_path: Path) -> None:
    root = tmp_path.resolve()
    write(root, CASES[name])
    path = "overlay" if any(file.startswith("overlay/") for file in CASES[name]) else ""
    worked, text, said = kustomize(root / path)
    assert ours(root, path)[:2] == (worked, text)
    if worked or not said.startswith("#"):
        assert _POINTER.sub("0x", ours(root, path)[2]) == _POINTER.sub("0x", said)
