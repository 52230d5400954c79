"""Every case of ``cases/`` through the real kustomize and through ours: the same bytes, the same words, the same end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.manifests.kustomize.referee import ours, real
from tests.manifests.kustomize.trees import Case, cases
from tests.server.tools import MACHINES, OWN


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_we_build_what_the_real_tool_builds(case: Case, tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    case.write(root)
    newer = real(str(OWN), root, case.path)
    found = ours(root, case.path)
    assert (found.stdout, found.stderr, found.exit) == (newer.stdout, newer.stderr, newer.exit), case.shows
    if MACHINES:
        older = real(MACHINES, root, case.path)
        same = (older.stdout, older.stderr, older.exit) == (newer.stdout, newer.stderr, newer.exit)
        assert same != bool(case.older), f"5.5 says otherwise:\n{older}" if case.older == "" else "5.5 says the same"
