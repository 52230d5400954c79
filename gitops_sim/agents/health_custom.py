"""The health of custom resources that Argo CD knows: of cert-manager, External Secrets, Sealed Secrets, Flux and its sets.

Source: argo-cd ``resource_customizations/*/*/health.lua`` (3.5), which knows many more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from gitops_sim.objects import Object, conditions_of, get_path

Verdict = Literal["Healthy", "Suspended", "Progressing", "Degraded", "Unknown"]
Check = Callable[[Object], tuple[Verdict, str]]


class ByCondition:
    """The first of some conditions that holds decides: ``(type, status, verdict)``, each asked of all conditions in turn; several
    in one step are asked together. ``waiting`` is said while none does."""

    def __init__(self, steps: tuple[tuple[tuple[str, str, Verdict], ...], ...], waiting: str) -> None:
        self._steps, self._waiting = steps, waiting

    def __call__(self, obj: Object) -> tuple[Verdict, str]:
        for step in self._steps:
            for condition in conditions_of(obj):
                for type_, status, verdict in step:
                    if (condition.get("type"), condition.get("status")) == (type_, status):
                        return verdict, condition.get("message", "")
        return "Progressing", self._waiting


class OfToolkit:
    """Flux's: Ready, together with other conditions that have to be True as well (``also``), all of ``needed`` in number. It is
    on its way while Ready is ``unready`` and Reconciling has one of some ``reasons`` (any, when none are given); ``rests``: one
    that is suspended is called so."""

    def __init__(
        self, *also: str, needed: int = 1, unready: str = "Unknown", reasons: tuple[str, ...] = (), rests: bool = True
    ) -> None:
        self._also, self._needed, self._unready, self._reasons, self._rests = also, needed, unready, reasons, rests

    def __call__(self, obj: Object) -> tuple[Verdict, str]:
        if self._rests and get_path(obj, ("spec", "suspend")) is True:
            return "Suspended", f"{obj['kind']} is suspended"
        conditions = conditions_of(obj)
        if not get_path(obj, ("status", "conditions")):
            return "Progressing", "Status unknown"
        going = good = 0
        message = ""
        for condition in conditions:
            type_, status = condition.get("type"), condition.get("status")
            if type_ == "Ready":
                good, going = good + (status == "True"), going + (status == self._unready)
                message = condition.get("reason", "")
            elif type_ == "Reconciling":
                going += status == "True" and (not self._reasons or condition.get("reason") in self._reasons)
            elif type_ in self._also:
                good += status == "True"
        if going == 2:
            return "Progressing", message
        return ("Healthy" if good == self._needed else "Degraded"), message


def _by(type_: str, waiting: str) -> ByCondition:
    return ByCondition((((type_, "False", "Degraded"), (type_, "True", "Healthy")),), waiting)


def _helm_repository(obj: Object) -> tuple[Verdict, str]:
    """One of type ``oci`` has no status to go by."""
    if get_path(obj, ("spec", "suspend")) is not True and get_path(obj, ("spec", "type")) == "oci":
        return "Healthy", "Helm repositories of type 'oci' do not contain any information in the status."
    return _FLUX_SOURCE(obj)


def _workflow(obj: Object) -> tuple[Verdict, str]:
    """By its phase; this check is in Argo CD itself (``gitops-engine/pkg/health/health_argo.go``)."""
    phases: dict[str, Verdict] = {"Succeeded": "Healthy", "Failed": "Degraded", "Error": "Degraded"}
    phases |= dict.fromkeys(("", "Pending", "Running"), "Progressing")
    return phases.get(get_path(obj, ("status", "phase")) or "", "Unknown"), get_path(obj, ("status", "message")) or ""


def ships_check(group: str, kind: str) -> bool:
    """Whether Argo CD comes with a check for a kind, also where it is not simulated."""
    return kind in _shipped().get(group, ())


@cache
def _shipped() -> Mapping[str, frozenset[str]]:
    """The kinds of ``resource_customizations``, by group."""
    lines = (line.split() for line in Path(__file__).with_name("health_shipped.txt").read_text().splitlines())
    return {group: frozenset(kinds) for group, *kinds in lines}


_FLUX_SOURCE = OfToolkit("ArtifactInStorage", needed=2)
CUSTOM_CHECKS: dict[tuple[str, str], Check] = {
    ("cert-manager.io", "Certificate"): ByCondition(
        ((("Issuing", "True", "Progressing"),), (("Ready", "False", "Degraded"), ("Ready", "True", "Healthy"))),
        "Waiting for certificate",
    ),
    ("cert-manager.io", "Issuer"): _by("Ready", "Initializing issuer"),
    ("cert-manager.io", "ClusterIssuer"): _by("Ready", "Initializing ClusterIssuer"),
    ("external-secrets.io", "ExternalSecret"): _by("Ready", "Waiting for ExternalSecret"),
    ("external-secrets.io", "SecretStore"): _by("Ready", "Waiting for SecretStore"),
    ("external-secrets.io", "ClusterSecretStore"): _by("Ready", "Waiting for ClusterSecretStore"),
    ("bitnami.com", "SealedSecret"): _by("Synced", "Waiting for Sealed Secret to be decrypted"),
    ("argoproj.io", "ApplicationSet"): ByCondition(
        (
            (("ErrorOccurred", "True", "Degraded"),),
            (("ResourcesUpToDate", "False", "Degraded"),),
            (("RolloutProgressing", "True", "Progressing"),),
            (("ResourcesUpToDate", "True", "Healthy"),),
        ),
        "Waiting for the status to be reported",
    ),
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): OfToolkit(),
    ("helm.toolkit.fluxcd.io", "HelmRelease"): OfToolkit("Released", "TestSuccess", needed=2),
    ("image.toolkit.fluxcd.io", "ImageRepository"): OfToolkit(unready="False", reasons=("NewGeneration", "Scanning")),
    ("image.toolkit.fluxcd.io", "ImagePolicy"): OfToolkit(
        unready="False", reasons=("NewGeneration", "AccessingRepository", "ApplyingPolicy"), rests=False
    ),
    ("image.toolkit.fluxcd.io", "ImageUpdateAutomation"): OfToolkit(),
    ("source.toolkit.fluxcd.io", "GitRepository"): _FLUX_SOURCE,
    ("source.toolkit.fluxcd.io", "OCIRepository"): _FLUX_SOURCE,
    ("source.toolkit.fluxcd.io", "HelmChart"): _FLUX_SOURCE,
    ("source.toolkit.fluxcd.io", "Bucket"): _FLUX_SOURCE,
    ("source.toolkit.fluxcd.io", "HelmRepository"): _helm_repository,
    ("argoproj.io", "Workflow"): _workflow,
}
