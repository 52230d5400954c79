"""The CustomResourceDefinitions that come with Argo CD: names, columns and subresources of the real ones, with schemas of ours.

Source: argo-cd ``manifests/crds``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from gitops_sim.cluster.openapi.custom import custom_schema
from gitops_sim.objects import Object

_GROUP, _VERSION = "argoproj.io", "v1alpha1"
_COLUMNS = (
    ("Sync Status", ".status.sync.status", 0),
    ("Health Status", ".status.health.status", 0),
    ("Revision", ".status.sync.revision", 10),
    ("Project", ".spec.project", 10),
)


@cache
def definitions() -> tuple[Object, ...]:
    """Of Applications, AppProjects and ApplicationSets."""
    columns = [
        {"name": name, "jsonPath": path, "type": "string", **({"priority": priority} if priority else {})}
        for name, path, priority in _COLUMNS
    ]
    return (
        _definition("Application", ["app", "apps"], {"additionalPrinterColumns": columns, "subresources": {}}),
        _definition("AppProject", ["appproj", "appprojs"], {}),
        _definition("ApplicationSet", ["appset", "appsets"], {"subresources": {"status": {}}}),
    )


def _definition(kind: str, short: list[str], version: dict[str, Any]) -> Object:
    plural = f"{kind.lower()}s"
    labels = {"app.kubernetes.io/name": f"{plural}.{_GROUP}", "app.kubernetes.io/part-of": "argocd"}
    schema = {"openAPIV3Schema": custom_schema(kind.lower())}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{_GROUP}", "labels": labels},
        "spec": {
            "group": _GROUP,
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "shortNames": short, "singular": kind.lower()},
            "scope": "Namespaced",
            "versions": [{"name": _VERSION, "schema": schema, "served": True, "storage": True, **version}],
        },
    }
