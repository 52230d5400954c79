"""The health of custom resources, after the Lua of Argo CD."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.agents.health import argocd_health

FLUX = "kustomize.toolkit.fluxcd.io/v1"
ARGO, FRESH = "argoproj.io/v1alpha1", "ResourcesUpToDate"
IMAGE = "image.toolkit.fluxcd.io/v1"
SOURCE = "source.toolkit.fluxcd.io/v1"


def judged(api: str, kind: str, *conditions: tuple[str, str], spec: Any = None) -> tuple[str, str] | None:
    found = [
        {"type": type_, "status": status, "reason": f"{type_}Reason", "message": f"{type_} says"} for type_, status in conditions
    ]
    status = {"conditions": found} if conditions else {}
    return argocd_health({"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, "spec": spec or {}, "status": status})


@pytest.mark.parametrize(
    ("api", "kind", "conditions", "expected"),
    [
        ("cert-manager.io/v1", "Certificate", [], ("Progressing", "Waiting for certificate")),
        ("cert-manager.io/v1", "Certificate", [("Ready", "True")], ("Healthy", "Ready says")),
        ("cert-manager.io/v1", "Certificate", [("Ready", "False")], ("Degraded", "Ready says")),
        ("cert-manager.io/v1", "Certificate", [("Ready", "False"), ("Issuing", "True")], ("Progressing", "Issuing says")),
        ("cert-manager.io/v1", "ClusterIssuer", [], ("Progressing", "Initializing ClusterIssuer")),
        ("external-secrets.io/v1", "ExternalSecret", [("Ready", "False")], ("Degraded", "Ready says")),
        ("bitnami.com/v1alpha1", "SealedSecret", [("Synced", "True")], ("Healthy", "Synced says")),
        (ARGO, "ApplicationSet", [("ErrorOccurred", "False"), (FRESH, "True")], ("Healthy", "ResourcesUpToDate says")),
        (ARGO, "ApplicationSet", [(FRESH, "True"), ("ErrorOccurred", "True")], ("Degraded", "ErrorOccurred says")),
        (FLUX, "Kustomization", [], ("Progressing", "Status unknown")),
        (FLUX, "Kustomization", [("Ready", "True")], ("Healthy", "ReadyReason")),
        (FLUX, "Kustomization", [("Ready", "Unknown"), ("Reconciling", "True")], ("Progressing", "ReadyReason")),
        (FLUX, "Kustomization", [("Ready", "False"), ("Reconciling", "True")], ("Degraded", "ReadyReason")),
        (SOURCE, "GitRepository", [("Ready", "True")], ("Degraded", "ReadyReason")),
        (SOURCE, "GitRepository", [("Ready", "True"), ("ArtifactInStorage", "True")], ("Healthy", "ReadyReason")),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease", [("Ready", "True"), ("Released", "True")], ("Healthy", "ReadyReason")),
        (IMAGE, "ImageRepository", [("Ready", "True"), ("Reconciling", "True")], ("Healthy", "ReadyReason")),
        (IMAGE, "ImageRepository", [("Ready", "False"), ("Reconciling", "True")], ("Degraded", "ReadyReason")),
        (IMAGE, "ImagePolicy", [("Ready", "False")], ("Degraded", "ReadyReason")),
        ("example.com/v1", "Widget", [("Ready", "False")], None),
    ],
)  # fmt: skip
def test_conditions_decide(api: str, kind: str, conditions: list[tuple[str, str]], expected: tuple[str, str] | None) -> None:
    assert judged(api, kind, *conditions) == expected


def test_what_is_suspended_says_so() -> None:
    assert judged(FLUX, "Kustomization", ("Ready", "True"), spec={"suspend": True}) == ("Suspended", "Kustomization is suspended")


def test_an_image_policy_is_never_called_suspended() -> None:
    assert judged(IMAGE, "ImageRepository", ("Ready", "True"), spec={"suspend": True})[0] == "Suspended"
    assert judged(IMAGE, "ImagePolicy", ("Ready", "True"), spec={"suspend": True})[0] == "Healthy"


def test_a_scan_is_on_its_way_for_some_reasons_alone() -> None:
    def scanning(reason: str) -> tuple[str, str]:
        found = [
            {"type": "Ready", "status": "False", "reason": "Failed"},
            {"type": "Reconciling", "status": "True", "reason": reason},
        ]
        return argocd_health(
            {
                "apiVersion": IMAGE,
                "kind": "ImageRepository",
                "metadata": {"name": "x"},
                "spec": {},
                "status": {"conditions": found},
            }
        )

    assert scanning("Scanning") == ("Progressing", "Failed")
    assert scanning("ProgressingWithRetry") == ("Degraded", "Failed")


def test_spoilt_conditions_are_unknown() -> None:
    spoilt = {"apiVersion": FLUX, "kind": "Kustomization", "metadata": {"name": "x"}, "status": {"conditions": ["no"]}}
    assert argocd_health(spoilt) == ("Unknown", "failed to convert unstructured Kustomization to typed")


@pytest.mark.parametrize(
    ("phase", "health"),
    [("", "Progressing"), ("Running", "Progressing"), ("Succeeded", "Healthy"), ("Error", "Degraded"), ("Odd", "Unknown")],
)
def test_a_workflow_is_what_its_phase_says(phase: str, health: str) -> None:
    workflow: Any = {"apiVersion": ARGO, "kind": "Workflow", "metadata": {"name": "w"}}
    assert argocd_health({**workflow, "status": {"phase": phase, "message": "so"}}) == (health, "so")


def test_a_chart_repository_is_as_its_artifact_and_one_of_oci_always_healthy() -> None:
    ready, stored = {"type": "Ready", "status": "True", "reason": "Succeeded"}, {"type": "ArtifactInStorage", "status": "True"}
    made: Any = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "metadata": {"name": "r"}, "spec": {}}
    assert argocd_health({**made, "status": {"conditions": [ready, stored]}}) == ("Healthy", "Succeeded")
    assert argocd_health({**made, "status": {"conditions": [{**ready, "status": "False"}]}}) == ("Degraded", "Succeeded")
    assert argocd_health({**made, "spec": {"type": "oci"}}) == (
        "Healthy",
        "Helm repositories of type 'oci' do not contain any information in the status.",
    )
