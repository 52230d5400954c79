"""The CustomResourceDefinitions that come with Flux: names, columns, patterns and defaults of the real ones, in words of ours.

Source: ``config/crd/bases`` of source-controller 1.9, kustomize-controller 1.9, helm-controller 1.6, notification-controller 1.9,
image-reflector-controller 1.2 and image-automation-controller 1.2. Rules in CEL are left out; what they forbid, the controllers
refuse where the real ones do so, too.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from gitops_sim.cluster.openapi.custom import custom_schema
from gitops_sim.objects import Object, with_path

_AGE: dict[str, Any] = {"jsonPath": ".metadata.creationTimestamp", "name": "Age", "type": "date"}
_READY: tuple[dict[str, Any], ...] = (
    {"jsonPath": '.status.conditions[?(@.type=="Ready")].status', "name": "Ready", "type": "string"},
    {"jsonPath": '.status.conditions[?(@.type=="Ready")].message', "name": "Status", "type": "string"},
)
_URL: dict[str, Any] = {"jsonPath": ".spec.url", "name": "URL", "type": "string"}
_CHART: list[dict[str, Any]] = [
    {"jsonPath": ".spec.chart", "name": "Chart", "type": "string"},
    {"jsonPath": ".spec.version", "name": "Version", "type": "string"},
    {"jsonPath": ".spec.sourceRef.kind", "name": "Source Kind", "type": "string"},
    {"jsonPath": ".spec.sourceRef.name", "name": "Source Name", "type": "string"},
]
_SCANNED: list[dict[str, Any]] = [
    {"jsonPath": ".spec.image", "name": "Image", "type": "string"},
    {"jsonPath": ".status.lastScanResult.tagCount", "name": "Tags", "type": "string"},
    *_READY,
    {"jsonPath": ".status.lastScanResult.scanTime", "name": "Last scan", "type": "string", "priority": 1},
    _AGE,
]
_CHOSEN: list[dict[str, Any]] = [
    {"jsonPath": ".status.latestRef.name", "name": "Image", "type": "string"},
    {"jsonPath": ".status.latestRef.tag", "name": "Tag", "type": "string"},
    *_READY,
    _AGE,
]
_RUN: list[dict[str, Any]] = [
    *_READY,
    {"jsonPath": ".status.lastAutomationRunTime", "name": "Last run", "type": "string", "priority": 1},
    _AGE,
]
_DEFAULTS: dict[str, tuple[str, Any]] = {
    "ImageRepository": ("exclusionList", ["^.*\\.sig$"]),
    "ImageUpdateAutomation": ("update", {"strategy": "Setters"}),
}
"""Of fields of a spec that are lists or objects."""


@cache
def definitions() -> tuple[Object, ...]:
    """Of all kinds that Flux works with here."""
    source, kustomize, helm, notification, image = (
        f"{name}.toolkit.fluxcd.io" for name in ("source", "kustomize", "helm", "notification", "image")
    )
    return (
        _definition(source, "v1", "GitRepository", "gitrepositories", ["gitrepo"], "sources", [_URL, _AGE, *_READY]),
        _definition(source, "v1", "HelmRepository", "helmrepositories", ["helmrepo"], "sources", [_URL, _AGE, *_READY]),
        _definition(source, "v1", "HelmChart", "helmcharts", ["hc"], "sources", [*_CHART, _AGE, *_READY]),
        _definition(helm, "v2", "HelmRelease", "helmreleases", ["hr"], "appliers", [_AGE, *_READY]),
        _definition(kustomize, "v1", "Kustomization", "kustomizations", ["ks"], "appliers", [_AGE, *_READY]),
        _definition(notification, "v1beta3", "Alert", "alerts", [], "notifications", [_AGE], status=False),
        _definition(notification, "v1beta3", "Provider", "providers", [], "notifications", [_AGE], status=False),
        _definition(notification, "v1", "Receiver", "receivers", [], "notifications", [_AGE, *_READY]),
        _definition(image, "v1", "ImageRepository", "imagerepositories", ["imgrepo", "imagerepo"], "images", _SCANNED),
        _definition(image, "v1", "ImagePolicy", "imagepolicies", ["imgpol", "imagepol"], "images", _CHOSEN),
        _definition(image, "v1", "ImageUpdateAutomation", "imageupdateautomations", ["iua", "imgupd", "imgauto"], "images", _RUN),
    )


def _definition(
    group: str,
    version: str,
    kind: str,
    plural: str,
    short: list[str],
    category: str,
    columns: list[dict[str, Any]],
    *,
    status: bool = True,
) -> Object:
    schema: Any = custom_schema(kind.lower())
    if status:
        schema = with_path(schema, ("properties", "status", "default"), {"observedGeneration": -1})
    if kind in _DEFAULTS:
        field, default = _DEFAULTS[kind]
        schema = with_path(schema, ("properties", "spec", "properties", field, "default"), default)
    names = {
        "categories": ["all", "fluxcd", f"fluxcd-{category}"],
        "kind": kind,
        "listKind": f"{kind}List",
        "plural": plural,
        **({"shortNames": short} if short else {}),
        "singular": kind.lower(),
    }
    served: dict[str, Any] = {
        "additionalPrinterColumns": columns,
        "name": version,
        "schema": {"openAPIV3Schema": schema},
        "served": True,
        "storage": True,
        "subresources": {"status": {}} if status else {},
    }
    labels = {"app.kubernetes.io/instance": "flux-system", "app.kubernetes.io/part-of": "flux"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "labels": labels},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [served]},
    }
