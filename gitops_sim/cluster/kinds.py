"""Which kinds of objects there are: their group, plural, scope, short names and the few traits that the API treats differently.

Source of the table: the discovery documents of Kubernetes 1.36 (``kubectl api-resources``), and the CustomResourceDefinitions of
Argo CD and Flux.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitops_sim.objects import Object, group_of


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``status``: has a status subresource; ``generation``: counts changes of its spec; ``custom``: not built
    in, so that
    patches treat its lists as whole values."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    status: bool = False
    generation: bool = False
    custom: bool = False

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


# kind, plural, short names, flags: c cluster-scoped, s status subresource, g generation
_BUILT_IN: dict[str, tuple[str, ...]] = {
    "v1": (
        "Namespace namespaces ns cs",
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
    ),
    "policy/v1": ("PodDisruptionBudget poddisruptionbudgets pdb sg",),
    "rbac.authorization.k8s.io/v1": (
        "Role roles - -",
        "RoleBinding rolebindings - -",
        "ClusterRole clusterroles - c",
        "ClusterRoleBinding clusterrolebindings - c",
    ),
    "discovery.k8s.io/v1": ("EndpointSlice endpointslices - g",),
    "storage.k8s.io/v1": ("StorageClass storageclasses sc c",),
    "scheduling.k8s.io/v1": ("PriorityClass priorityclasses pc cg",),
    "coordination.k8s.io/v1": ("Lease leases - -",),
    "apiextensions.k8s.io/v1": ("CustomResourceDefinition customresourcedefinitions crd,crds csg",),
    "apiregistration.k8s.io/v1": ("APIService apiservices - cs",),
    "admissionregistration.k8s.io/v1": (
        "MutatingWebhookConfiguration mutatingwebhookconfigurations - cg",
        "ValidatingWebhookConfiguration validatingwebhookconfigurations - cg",
        "ValidatingAdmissionPolicy validatingadmissionpolicies - csg",
        "ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings - cg",
    ),
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
            )


class Kinds:
    """The kinds that one cluster knows: the built-in ones, those of its CustomResourceDefinitions, and any it was ever handed.

    An object of an unknown kind is never refused or dropped: it is stored under a kind guessed from its manifest,
    namespaced, with
    the usual English plural.
    """

    def __init__(self) -> None:
        self._by_identity: dict[tuple[str, str], Kind] = {}
        self._by_name: dict[str, Kind] = {}
        for kind in (*_parse(_BUILT_IN, custom=False), *_parse(_CUSTOM, custom=True)):
            self._add(kind)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_identity.values())

    def find(self, name: str) -> Kind | None:
        """By any name that kubectl takes: ``deploy``, ``deployment``, ``deployments``, ``Deployment``, ``deployments.apps``,
        ``deployment.v1.apps``. None when there is no such resource type."""
        wanted = name.lower()
        found = self._by_name.get(wanted)
        if found is None and wanted.count(".") >= 2:
            plain, _version, group = wanted.split(".", 2)
            found = self._by_name.get(f"{plain}.{group}")
        return found

    def of(self, group: str, kind: str) -> Kind | None:
        return self._by_identity.get((group, kind))

    def of_object(self, obj: Object) -> Kind:
        """The kind of a manifest; learned from it when it was unknown."""
        api_version, name = obj["apiVersion"], obj["kind"]
        known = self._by_identity.get((group_of(api_version), name))
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
