"""What people get wrong when they write Flux's objects, and what they are told then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitops_sim.course.exercises import load_exercise, play


@pytest.mark.parametrize(
    ("right", "wrong", "check", "says"),
    [
        ("source.toolkit.fluxcd.io/v1", "source.toolkit.fluxcd.io/v1beta1", "source", "found: source.toolkit.fluxcd.io/v1beta1"),
        ("kustomize.toolkit.fluxcd.io/v1", "kustomize.toolkit.fluxcd.io/v1beta2", "kustomization", "v1beta2"),
        ("kustomize.toolkit.fluxcd.io/v1", "kustomize.config.k8s.io/v1beta1", "kustomization", "Two kinds share one name"),
        ("  sourceRef:\n    kind: GitRepository\n    name: shop\n", "", "source-ref", "found: nothing"),
        (
            "    kind: GitRepository\n    name: shop\n",
            "    kind: HelmRepository\n    name: shop\n",
            "source-ref",
            "HelmRepository",
        ),
        ("  name: shop\n  namespace", "  name: web\n  namespace", "name", "found: web"),
        ("    branch: main\n", "    tag: main\n", "branch", "follows the branch master"),
        ("interval: 1m", "interval: 1h", "source-interval", "found: 1h"),
        (
            "interval: 10m",
            "interval: 60m",
            "apply-interval",
            "expected: clusters/production/*: Kustomization .spec.interval = ten",
        ),
        ("---\n", "--- [\n", "source", "clusters/production/web.yaml:"),
    ],
)
def test_what_is_wrong_is_found_where_it_is(right: str, wrong: str, check: str, says: str) -> None:
    exercise = load_exercise("flux-objects")
    *answers, commit = exercise.solution.actions
    ((path, text),) = commit.fields["files"].items()
    assert right in text
    spoilt = replace(commit, fields={**commit.fields, "files": {path: text.replace(right, wrong)}})
    found = play(exercise, [*answers, spoilt], ends=exercise.solution.ends).check(check)
    assert found.passed is False
    assert says in found.told


@pytest.mark.parametrize(
    ("right", "as_well"),
    [
        ("interval: 1m", "interval: 30s"),
        ("interval: 1m", "interval: 5m0s"),
        ("interval: 10m", "interval: 5m"),
        ("path: ./deploy/web", "path: deploy/web/"),
        ("url: https://git.example/shop.git", "url: https://git.example/shop"),
    ],
)
def test_what_is_right_as_well(right: str, as_well: str) -> None:
    exercise = load_exercise("flux-objects")
    *answers, commit = exercise.solution.actions
    ((path, text),) = commit.fields["files"].items()
    other = replace(commit, fields={**commit.fields, "files": {path: text.replace(right, as_well)}})
    assert play(exercise, [*answers, other], ends=exercise.solution.ends).passed
