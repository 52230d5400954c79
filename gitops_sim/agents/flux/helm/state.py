"""How a release is, compared with what its HelmRelease wants: that decides what is done next.

Source: helm-controller ``internal/reconcile/state.go`` and ``internal/action/verify.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gitops_sim.agents.flux.apply import Seen
from gitops_sim.agents.flux.helm import snapshots
from gitops_sim.agents.flux.helm import values as composing
from gitops_sim.agents.flux.helm.checksums import common_digest, renderers_digest
from gitops_sim.agents.flux.helm.drift import Drift, DriftError, detect, has_changes
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.releases import Releases
from gitops_sim.agents.flux.helm.resources import Resources
from gitops_sim.agents.flux.helm.shelf import FiledChart
from gitops_sim.manifests.helm import Values
from gitops_sim.objects import Object, get_path

Status = Literal["Absent", "Unmanaged", "OutOfSync", "Drifted", "Locked", "Untested", "InSync", "Failed"]


@dataclass(frozen=True, slots=True)
class State:
    status: Status
    reason: str = ""
    drift: Sequence[Drift] = ()


class StateError(Exception):
    """It could not be found out. ``message`` as Flux reports it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def determine(app: HelmRelease, obj: Object, filed: FiledChart, values: Values, releases: Releases, seen: Seen) -> State:
    """``seen`` is what agreed with the cluster before. Raises StateError, and ApiError when the releases cannot be read."""
    last, cur = releases.last(app.release_name), snapshots.latest(obj)
    if last is None:
        return State("Absent", "no release in storage for object")
    if last.is_pending:
        return State("Locked", f"release with status '{last.status}'")
    if cur is None:
        if last.status == "uninstalled":
            return State("Absent", "found uninstalled release in storage")
        return State("Unmanaged", "found existing release in storage")
    if cur["digest"] != last.digest():
        return State("Unmanaged", "release not observed to be made for object")
    if last.status == "failed":
        return State("Failed")
    if last.status == "uninstalled":
        return State("Absent", "found uninstalled release in storage")
    if last.status != "deployed":
        raise StateError(f"unable to determine state for release with status '{last.status}'")
    if (last.chart_name, last.chart_version) != (filed.chart.name, filed.revision):
        return State("OutOfSync", "release chart changed")
    if cur["configDigest"] != composing.digest(values):
        return State("OutOfSync", "release config values changed")
    if get_path(obj, ("status", "observedGeneration")) != obj["metadata"]["generation"]:
        status = obj.get("status") or {}
        if renderers_digest(app) != status.get("observedPostRenderersDigest", ""):
            return State("OutOfSync", "postrenderers digest has changed")
        if common_digest(app) != status.get("observedCommonMetadataDigest", ""):
            return State("OutOfSync", "common metadata digest has changed")
    if app.tests:
        if not snapshots.has_been_tested(cur):
            return State("Untested")
        remediation = app.remediation(get_path(obj, ("status", "lastAttemptedReleaseAction"), ""))
        if remediation is not None and not remediation.ignores_tests and snapshots.has_failed_test(cur):
            return State("Failed", "release has test in failed phase")
    if app.drift_mode != "disabled":
        resources = Resources(releases.cluster, app.release_name, app.namespace)
        try:
            found = detect(resources, last, app.drift_ignore, seen)
        except DriftError as error:
            raise StateError(error.message) from None
        if has_changes(found):
            return State("Drifted", drift=found)
    return State("InSync")
