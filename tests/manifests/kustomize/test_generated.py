"""Random kustomizations through the real kustomize and through ours."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.manifests.kustomize.fuzz import check
from tests.manifests.kustomize.generated import trees
from tests.manifests.kustomize.trees import Case


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees())
def test_random_trees_build_as_the_real_tool_builds_them(case: Case) -> None:
    check(case)
