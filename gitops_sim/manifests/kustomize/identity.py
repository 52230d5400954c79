"""Who an object is to kustomize: group, version, kind, name, namespace, and how these are matched and written.

Source: kyaml ``resid/gvk.go``, ``resid/resid.go``, and the table of scopes in ``openapi/openapi.go`` (facts of Kubernetes 1.21).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

NO_NAMESPACE = "_non_namespaceable_"


class Gvk(NamedTuple):
    """Group, version and kind; any may be empty, which in a selector matches everything."""

    group: str = ""
    version: str = ""
    kind: str = ""

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.kind or '[noKind]'}.{self.version or '[noVer]'}.{self.group or '[noGrp]'}"

    def selects(self, group: str, version: str, kind: str) -> bool:
        return self.group in ("", group) and self.version in ("", version) and self.kind in ("", kind)

    @property
    def sort_text(self) -> str:
        return f"{self.group or '~G'}_{self.version or '~V'}_{self.kind or '~K'}"


class Id(NamedTuple):
    """One identity of an object, now or in the past. ``cluster`` is known to be cluster-scoped: only current identities say."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str = ""
    cluster: bool = False

    @property
    def gvk(self) -> Gvk:
        return Gvk(self.group, self.version, self.kind)

    @property
    def effective_namespace(self) -> str:
        return NO_NAMESPACE if self.cluster else self.namespace or "default"

    def same(self, other: Id) -> bool:
        return self.same_but_namespace(other) and self.effective_namespace == other.effective_namespace

    def same_but_namespace(self, other: Id) -> bool:
        return self[:4] == other[:4]

    def __str__(self) -> str:
        return f"{self.gvk}/{self.name or '[noName]'}.{self.namespace or '[noNs]'}"


@lru_cache(maxsize=1024)
def split_version(api_version: str) -> tuple[str, str]:
    """Group and version."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", api_version)


_CLUSTER_SCOPED = """
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration ValidatingWebhookConfiguration
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration ValidatingWebhookConfiguration
apiextensions.k8s.io/v1 CustomResourceDefinition
apiextensions.k8s.io/v1beta1 CustomResourceDefinition
apiregistration.k8s.io/v1 APIService
apiregistration.k8s.io/v1beta1 APIService
certificates.k8s.io/v1 CertificateSigningRequest
certificates.k8s.io/v1beta1 CertificateSigningRequest
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration
networking.k8s.io/v1 IngressClass
networking.k8s.io/v1beta1 IngressClass
node.k8s.io/v1 RuntimeClass
node.k8s.io/v1beta1 RuntimeClass
policy/v1beta1 PodSecurityPolicy
rbac.authorization.k8s.io/v1 ClusterRole ClusterRoleBinding
rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding
scheduling.k8s.io/v1 PriorityClass
scheduling.k8s.io/v1beta1 PriorityClass
storage.k8s.io/v1 CSIDriver CSINode StorageClass VolumeAttachment
storage.k8s.io/v1beta1 CSIDriver CSINode StorageClass VolumeAttachment
v1 ComponentStatus Namespace Node NodeProxyOptions PersistentVolume
"""


def _table(text: str) -> frozenset[tuple[str, str]]:
    rows = (line.split() for line in text.split("\n") if line)
    return frozenset((row[0], kind) for row in rows for kind in row[1:])


CLUSTER_SCOPED = _table(_CLUSTER_SCOPED)
"""Kinds that kustomize knows to be cluster-scoped, by apiVersion and kind. It takes all others to be in a namespace."""


def joined(ids: Iterable[Id]) -> str:
    return ", ".join(map(str, ids))
