"""Which kinds of objects there are: their group, plural, scope, short names and the few traits that the API treats differently.

Source of the table: the discovery documents of Kubernetes 1.36 (``kubectl api-resources``), and the CustomResourceDefinitions of
Argo CD and Flux.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gitops_sim.objects import Object, group_of

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one version. ``status``: has a status subresource; ``generation``: counts changes of its spec; ``custom``: not
    built in, so that patches treat its lists as whole values; ``stored``: the kind as which its objects are kept, where that is
    another one (:mod:`gitops_sim.cluster.versions` turns one into the other)."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    status: bool = False
    generation: bool = False
    custom: bool = False
    verbs: tuple[str, ...] = field(default=ALL_VERBS, compare=False)
    stored: Kind | None = field(default=None, compare=False)

    @property
    def kept(self) -> bool:
        """Whether there are objects of this kind: a review is only answered."""
        return "create" in self.verbs and "get" in self.verbs

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def resource(self) -> str:
        """``deployments.apps``; ``services`` in the core group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified(self) -> str:
        """``deployment.apps``, the form in kubectl's messages; ``service`` in the core group."""
        return f"{self.singular}.{self.group}" if self.group else self.singular


# kind, plural, short names, flags: c cluster-scoped, s status subresource, g generation, d not deleted as a whole collection,
# r only read, v only answers what is posted
_BUILT_IN: dict[str, tuple[str, ...]] = {
    "v1": (
        "Namespace namespaces ns csd",
        "Node nodes no cs",
        "Pod pods po sg",
        "Service services svc s",
        "ConfigMap configmaps cm -",
        "Secret secrets - -",
        "ServiceAccount serviceaccounts sa -",
        "Endpoints endpoints ep -",
        "Event events ev -",
        "PersistentVolume persistentvolumes pv cs",
        "PersistentVolumeClaim persistentvolumeclaims pvc s",
        "ReplicationController replicationcontrollers rc sg",
        "ResourceQuota resourcequotas quota s",
        "LimitRange limitranges limits -",
        "PodTemplate podtemplates - g",
        "Binding bindings - v",
        "ComponentStatus componentstatuses cs cr",
    ),
    "apps/v1": (
        "Deployment deployments deploy sg",
        "ReplicaSet replicasets rs sg",
        "StatefulSet statefulsets sts sg",
        "DaemonSet daemonsets ds sg",
        "ControllerRevision controllerrevisions - -",
    ),
    "batch/v1": ("Job jobs - sg", "CronJob cronjobs cj sg"),
    "autoscaling/v2": ("HorizontalPodAutoscaler horizontalpodautoscalers hpa s",),
    "networking.k8s.io/v1": (
        "Ingress ingresses ing sg",
        "IngressClass ingressclasses - cg",
        "NetworkPolicy networkpolicies netpol g",
        "IPAddress ipaddresses ip c",
        "ServiceCIDR servicecidrs - cs",
    ),
    "policy/v1": ("PodDisruptionBudget poddisruptionbudgets pdb sg",),
    "rbac.authorization.k8s.io/v1": (
        "Role roles - -",
        "RoleBinding rolebindings - -",
        "ClusterRole clusterroles - c",
        "ClusterRoleBinding clusterrolebindings - c",
    ),
    "discovery.k8s.io/v1": ("EndpointSlice endpointslices - g",),
    "storage.k8s.io/v1": (
        "StorageClass storageclasses sc c",
        "CSIDriver csidrivers - c",
        "CSINode csinodes - c",
        "CSIStorageCapacity csistoragecapacities - -",
        "VolumeAttachment volumeattachments - cs",
        "VolumeAttributesClass volumeattributesclasses vac c",
    ),
    "scheduling.k8s.io/v1": ("PriorityClass priorityclasses pc cg",),
    "coordination.k8s.io/v1": ("Lease leases - -",),
    "apiextensions.k8s.io/v1": ("CustomResourceDefinition customresourcedefinitions crd,crds csg",),
    "apiregistration.k8s.io/v1": ("APIService apiservices - cs",),
    "admissionregistration.k8s.io/v1": (
        "MutatingWebhookConfiguration mutatingwebhookconfigurations - cg",
        "ValidatingWebhookConfiguration validatingwebhookconfigurations - cg",
        "ValidatingAdmissionPolicy validatingadmissionpolicies - csg",
        "ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings - cg",
        "MutatingAdmissionPolicy mutatingadmissionpolicies - cg",
        "MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings - cg",
    ),
    "certificates.k8s.io/v1": ("CertificateSigningRequest certificatesigningrequests csr cs",),
    "flowcontrol.apiserver.k8s.io/v1": (
        "FlowSchema flowschemas - csg",
        "PriorityLevelConfiguration prioritylevelconfigurations - csg",
    ),
    "node.k8s.io/v1": ("RuntimeClass runtimeclasses - c",),
    "resource.k8s.io/v1": (
        "DeviceClass deviceclasses - cg",
        "ResourceClaim resourceclaims - s",
        "ResourceClaimTemplate resourceclaimtemplates - -",
        "ResourceSlice resourceslices - cg",
    ),
    "authentication.k8s.io/v1": ("SelfSubjectReview selfsubjectreviews - cv", "TokenReview tokenreviews - cv"),
    "authorization.k8s.io/v1": (
        "LocalSubjectAccessReview localsubjectaccessreviews - v",
        "SelfSubjectAccessReview selfsubjectaccessreviews - cv",
        "SelfSubjectRulesReview selfsubjectrulesreviews - cv",
        "SubjectAccessReview subjectaccessreviews - cv",
    ),
}
# Other versions of a kind, and the group and version in which its objects are kept.
_VIEWS: dict[str, tuple[str, str]] = {
    "autoscaling/v1": ("autoscaling", "HorizontalPodAutoscaler"),
    "events.k8s.io/v1": ("", "Event"),
}
_CUSTOM: dict[str, tuple[str, ...]] = {
    "argoproj.io/v1alpha1": (
        "Application applications app,apps g",
        "AppProject appprojects appproj,appprojs g",
        "ApplicationSet applicationsets appset,appsets sg",
    ),
}


def _parse(table: dict[str, tuple[str, ...]], *, custom: bool) -> Iterator[Kind]:
    for api_version, rows in table.items():
        group, _, version = api_version.rpartition("/")
        for row in rows:
            kind, plural, short, flags = row.split()
            yield Kind(
                group,
                version,
                kind,
                plural,
                namespaced="c" not in flags,
                short_names=() if short == "-" else tuple(short.split(",")),
                status="s" in flags,
                generation="g" in flags,
                custom=custom,
                verbs=_verbs(flags),
            )


def _verbs(flags: str) -> tuple[str, ...]:
    if "v" in flags:
        return ("create",)
    if "r" in flags:
        return ("get", "list")
    return tuple(verb for verb in ALL_VERBS if "d" not in flags or verb != "deletecollection")


class Kinds:
    """The kinds that one cluster knows: the built-in ones, those of its CustomResourceDefinitions, and any it was ever handed.

    An object of an unknown kind is never refused or dropped: it is stored under a kind guessed from its manifest, namespaced,
    with the usual English plural.
    """

    def __init__(self) -> None:
        self._by_identity: dict[tuple[str, str], Kind] = {}
        self._by_name: dict[str, Kind] = {}
        self._views: dict[tuple[str, str], Kind] = {}
        for kind in (*_parse(_BUILT_IN, custom=False), *_parse(_CUSTOM, custom=True)):
            self._add(kind)
        for api_version, identity in _VIEWS.items():
            self._add_view(api_version, self._by_identity[identity])

    def __iter__(self) -> Iterator[Kind]:
        """The kinds that objects are kept as, each once."""
        return (kind for kind in self._by_identity.values() if kind.kept)

    def served(self) -> list[Kind]:
        """All that discovery lists: also the other versions of a kind, and what is only answered."""
        return [*self._by_identity.values(), *self._views.values()]

    def find(self, name: str) -> Kind | None:
        """By any name that kubectl takes: ``deploy``, ``deployment``, ``deployments``, ``Deployment``, ``deployments.apps``,
        ``deployment.v1.apps``. None when there is no such resource type."""
        wanted = name.lower()
        found = self._by_name.get(wanted)
        if found is None and wanted.count(".") >= 2:
            plain, _, group = wanted.split(".", 2)
            found = self._by_name.get(f"{plain}.{group}")
        return found

    def of(self, group: str, kind: str) -> Kind | None:
        """By group and the name of the kind, in the version that is kept."""
        found = self._by_identity.get((group, kind))
        return found or next((view for view in self._views.values() if (view.group, view.kind) == (group, kind)), None)

    def of_object(self, obj: Object) -> Kind:
        """The kind of a manifest; learned from it when it was unknown."""
        api_version, name = obj["apiVersion"], obj["kind"]
        known = self._views.get((api_version, name)) or self._by_identity.get((group_of(api_version), name))
        return known or self._add(_guess(api_version, name))

    def learn(self, definition: Object) -> Kind:
        """Takes over the names and the scope that a CustomResourceDefinition states."""
        spec = definition["spec"]
        names = spec["names"]
        versions = [v for v in spec.get("versions") or () if v.get("served", True)]
        stored = next((v for v in versions if v.get("storage")), versions[0] if versions else {"name": "v1"})
        return self._add(
            Kind(
                spec["group"],
                stored["name"],
                names["kind"],
                names["plural"],
                namespaced=spec.get("scope", "Namespaced") != "Cluster",
                short_names=tuple(names.get("shortNames") or ()),
                status="status" in (stored.get("subresources") or {}),
                generation=True,
                custom=True,
            )
        )

    def _add_view(self, api_version: str, stored: Kind) -> None:
        group, _, version = api_version.rpartition("/")
        view = replace(stored, group=group, version=version, stored=stored)
        self._views[api_version, view.kind] = view
        for name in (view.plural, view.singular, *view.short_names):
            self._by_name[f"{name}.{version}.{group}"] = view
            self._by_name.setdefault(f"{name}.{group}", view)

    def _add(self, kind: Kind) -> Kind:
        self._by_identity[kind.group, kind.kind] = kind
        for name in (kind.plural, kind.singular, *kind.short_names):
            self._by_name.setdefault(name, kind)
            self._by_name[f"{name}.{kind.group}"] = kind
        return kind


def _guess(api_version: str, kind: str) -> Kind:
    group, _, version = api_version.rpartition("/")
    lower = kind.lower()
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        plural = lower + "es"
    elif lower.endswith("y") and lower[-2:-1] not in "aeiou":
        plural = lower[:-1] + "ies"
    else:
        plural = lower + "s"
    return Kind(group, version, kind, plural, generation=True, custom=True)
