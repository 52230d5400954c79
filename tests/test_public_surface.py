"""The names that notebooks and other people's scripts import: a change here is a change for all of them."""

from __future__ import annotations

import subprocess
import sys

import gitops_sim


def test_the_public_names_are_these_and_each_can_be_imported():
    assert gitops_sim.__all__ == sorted(gitops_sim.__all__)
    assert set(gitops_sim.__all__) >= {
        "World", "Cluster", "Forge", "Registry", "ArgoCD", "Flux", "PushPipeline", "Scenario", "load_scenario",
        "Exercise", "load_exercise", "Quiz", "load_quiz",
        "GitOpsSimError", "BadInput", "ApiError", "GitFailed",
    }  # fmt: skip
    for name in gitops_sim.__all__:
        assert getattr(gitops_sim, name).__name__ == name


def test_importing_the_package_loads_nothing_heavy():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, gitops_sim; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"git", "yaml", "click", "IPython", "matplotlib", "networkx", "ipywidgets"} & set(loaded)
