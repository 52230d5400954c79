"""The suffix of a generated name, against values that the real kustomize gave."""

from __future__ import annotations

from gitops_sim.manifests.kustomize import build
from gitops_sim.world import World


def test_the_hash_comes_from_the_data_alone_and_not_from_the_name() -> None:
    text = """\
configMapGenerator:
- {name: one, literals: [A=1]}
- {name: other, literals: [A=1]}
- {name: two, literals: [B=2, A=1]}
- {name: none}
secretGenerator:
- {name: one, literals: [P=pw]}
"""
    tree = World().git.create("shop", {"app/kustomization.yaml": text}, author="ana").tree()
    names = {f"{obj['kind']}/{obj['metadata']['name']}" for obj in build(tree, "app").objects}
    assert names == {
        "ConfigMap/one-89g4tffbfk",
        "ConfigMap/other-89g4tffbfk",
        "ConfigMap/two-66h9cbh964",
        "ConfigMap/none-6ct58987ht",
        "Secret/one-9bf7ght95b",
    }
