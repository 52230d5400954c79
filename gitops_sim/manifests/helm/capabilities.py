"""``.Capabilities``: what the cluster can do, as ``helm template`` takes it to be without one.

Figures are those of helm 4.3.1: Kubernetes 1.37.0 and the API versions that its client knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.calls import Function
from gitops_sim.manifests.helm.go import Struct

HELM_VERSION = "v4.3.1"
_GIT_COMMIT = "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff"
_LIST = """
v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1
internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1
authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2 batch/v1
batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 certificates.k8s.io/v1alpha1 coordination.k8s.io/v1alpha2
coordination.k8s.io/v1beta1 coordination.k8s.io/v1 discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1
events.k8s.io/v1beta1 extensions/v1beta1 flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1
flowcontrol.apiserver.k8s.io/v1beta2 flowcontrol.apiserver.k8s.io/v1beta3 lifecycle.k8s.io/v1alpha1 networking.k8s.io/v1
networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1
rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1
resource.k8s.io/v1beta2 resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 scheduling.k8s.io/v1alpha3 scheduling.k8s.io/v1beta1
scheduling.k8s.io/v1 storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 storagemigration.k8s.io/v1
storagemigration.k8s.io/v1beta1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1
"""
_KNOWN = _LIST.split()
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """``kube_version`` such as ``1.31`` or ``v1.31.4``; ``api_versions`` are added to those that helm knows, unless ``only``
    says that they are all there are (those of a world's cluster)."""

    kube_version: str = "v1.37.0"
    api_versions: Sequence[str] = ()
    only: bool = False

    @property
    def plain_version(self) -> str:
        """The version without what a provider hangs on: what a chart's ``kubeVersion`` is held against. Raises BadInput."""
        return "v" + ".".join(filter(None, self._parts()))

    def seen_by_templates(self) -> Struct:
        version = self.kube_version if self.kube_version.startswith("v") else f"v{self.kube_version}"
        major, minor, _ = self._parts()
        versions = VersionSet([*([] if self.only else _KNOWN), *self.api_versions])
        fields = {"KubeVersion": _KubeVersion(version, self.plain_version, major, minor), "APIVersions": versions}
        return _struct("*common.Capabilities", fields | {"HelmVersion": _helm_version()})

    def _parts(self) -> tuple[str, str, str]:
        found = _VERSION.match(self.kube_version)
        if not found:
            what = f"invalid kube version '{self.kube_version}': could not parse \"{self.kube_version}\" as version"
            raise BadInput(what, mend="write it as 1.31 or v1.31.4")
        return found[1], found[2], found[3] or ""


class VersionSet(Struct):
    """``.Capabilities.APIVersions``."""

    go_type = "common.VersionSet"

    def __init__(self, versions: list[str]) -> None:
        self._versions = versions
        self.go_methods = {"Has": Function(lambda version: version in versions, ("string",))}

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def __str__(self) -> str:
        return f"[{' '.join(self._versions)}]"


class _KubeVersion(Struct):
    go_type = "common.KubeVersion"

    def __init__(self, version: str, plain: str, major: str, minor: str) -> None:
        self.go_json = {"Version": version, "Major": major, "Minor": minor}
        self.go_fields = self.go_json
        self.go_methods = {"GitVersion": Function(lambda: version), "String": Function(lambda: plain)}
        self._text = f"{{{version} {plain} {major} {minor}}}"

    def __str__(self) -> str:
        return self._text


def _struct(name: str, fields: dict[str, Any]) -> Struct:
    struct = Struct()
    struct.go_fields, struct.go_type = fields, name
    return struct


class _HelmVersion(Struct):
    go_type = "version.BuildInfo"

    def __str__(self) -> str:
        return "{" + " ".join(self.go_fields.values()) + "}"


def _helm_version() -> Struct:
    fields = {
        "Version": HELM_VERSION,
        "GitCommit": _GIT_COMMIT,
        "GitTreeState": "clean",
        "GoVersion": "go1.27.2",
        "KubeClientVersion": "v1.37",
    }
    struct = _HelmVersion()
    struct.go_fields = fields
    return struct
