"""``gitops-sim what-if`` tells, draws and refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gitops_sim", "what-if", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_tells_both_timelines_and_draws_them(tmp_path: Path) -> None:
    drawn = tmp_path / "both.svg"
    done = run("drift", "selfHeal=false", "--svg", str(drawn))
    assert done.returncode == 0, done.stderr
    assert "as it was" in done.stdout
    assert "with selfHeal=false from 09:10:00 on" in done.stdout
    assert drawn.read_text(encoding="utf-8").startswith("<svg")


def test_scripts_get_numbers() -> None:
    found = json.loads(run("sync", "webhook=on", "--json").stdout)
    assert found["parted"] is True
    assert {"what": "not what Git says for", "actual": "3m9s", "other": "2s"} in found["comparison"]


def test_it_says_whose_switch_it_was_where_several_have_one() -> None:
    first = run("argo-vs-flux", "selfHeal=true").stdout
    assert "with selfHeal=true of orders from 09:12:00 on" in first
    assert "The switch made no difference here. It was that of orders; there are also: web." in first
    named = run("argo-vs-flux", "selfHeal=true", "--of", "web").stdout
    assert "with selfHeal=true of web from 09:12:00 on" in named
    assert "made no difference" not in named


def test_without_a_switch_it_lists_them() -> None:
    done = run("drift")
    assert done.returncode == 0
    assert "selfHeal " in done.stdout
    assert "suspend " not in done.stdout
    under_flux = run("flux").stdout
    assert "suspend " in under_flux
    assert "selfHeal " not in under_flux


def test_bad_input_is_refused_without_a_traceback(tmp_path: Path) -> None:
    for args in (("drift", "selfHeal"), ("nowhere", "selfHeal=true"), ("drift", "selfHeal=true", "--at", "later")):
        done = run(*args)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
    unwritable = run("drift", "selfHeal=true", "--svg", str(tmp_path / "no" / "where.svg"))
    assert unwritable.returncode == 2
