"""A definition to try things with, and a cluster that has it."""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster import Cluster


def definition(spec: dict[str, Any], **version: Any) -> dict[str, Any]:
    """Widgets of shop.example.com, v1, whose ``spec`` has this schema."""
    schema = {"type": "object", "properties": {"spec": {"type": "object", **spec}}}
    made = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **version}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.shop.example.com"},
        "spec": {
            "group": "shop.example.com",
            "names": {"kind": "Widget", "plural": "widgets", "shortNames": ["wi"], "categories": ["toys"]},
            "scope": "Namespaced",
            "versions": [made],
        },
    }


def cluster_with(spec: dict[str, Any], **version: Any) -> Cluster:
    cluster = Cluster(controllers=False)
    cluster.create(definition(spec, **version))
    return cluster


def widget(spec: Any = None, name: str = "w", **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "shop.example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        **({} if spec is None else {"spec": spec}),
        **more,
    }
