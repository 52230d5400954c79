"""Which kinds of objects there are: their group, plural, scope, short names and the few traits that the API treats differently.

Source of the table: the discovery documents of Kubernetes 1.36 (``kubectl api-resources``), and the CustomResourceDefinitions of
Argo CD and Flux.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gitops_sim.cluster.shapes import mapping, text, texts
from gitops_sim.objects import Object, group_of

_CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Declaration:
    """What a CustomResourceDefinition says of one version of its kind. ``compiled`` is made of it when it is first needed
    (:mod:`gitops_sim.cluster.custom`)."""

    __slots__ = ("compiled", "version")

    def __init__(self, version: Mapping[str, Any]) -> None:
        self.version = version
        self.compiled: Any = None

    def __deepcopy__(self, memo: object) -> Declaration:
        return self


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind in one version. ``status``: has a status subresource; ``generation``: counts changes of its spec; ``custom``: not
    built in, so that patches treat its lists as whole values; ``stored``: the kind as which its objects are kept, where that is
    another one (:mod:`gitops_sim.cluster.versions` turns one into the other); ``guessed``: nothing defines it, so that the API
    does not serve it, as it does not what is not ``served``; ``declared``: by a CustomResourceDefinition; ``selectable``: the
    fields that selectors may name; ``deprecation``: what the server says when it is used."""

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
    selectable: tuple[str, ...] = ()
    guessed: bool = field(default=False, compare=False)
    served: bool = field(default=True, compare=False)
    named: str = field(default="", compare=False)
    """Its name in the singular, where that is not the kind in small letters."""
    list_kind: str = field(default="", compare=False)
    categories: tuple[str, ...] = field(default=(), compare=False)
    deprecation: str = field(default="", compare=False)
    declared: Declaration | None = field(default=None, compare=False)

    def __hash__(self) -> int:
        return hash((self.group, self.version, self.kind))

    @property
    def kept(self) -> bool:
        """Whether there are objects of this kind: a review is only answered."""
        return "create" in self.verbs and "get" in self.verbs

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        return self.named or self.kind.lower()

    @property
    def listed_as(self) -> str:
        """The kind of a list of it."""
        return self.list_kind or f"{self.kind}List"

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
        return [kind for kind in (*self._by_identity.values(), *self._views.values()) if kind.served and not kind.guessed]

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
        return known or self._add(guessed_kind(api_version, name))

    def serves(self, obj: Object) -> bool:
        """Whether the API knows the kind of a manifest, in the very version that it names."""
        api_version, name = obj["apiVersion"], obj["kind"]
        known = self._views.get((api_version, name)) or self._by_identity.get((group_of(api_version), name))
        return known is not None and known.served and not known.guessed and known.api_version == api_version

    def learn(self, definition: Object) -> Kind:
        """Takes over what a CustomResourceDefinition states, in place of what was known of its kind."""
        spec = definition["spec"]
        names = mapping(definition, "status", "acceptedNames")
        names = names if names.get("kind") else spec["names"]
        self.forget(definition)
        versions = spec.get("versions") or ()
        stored = next((version for version in versions if version.get("storage")), versions[0] if versions else {"name": "v1"})
        kept = _declared(spec, names, stored, None)
        self._add(kept)
        others = [_declared(spec, names, v, kept) for v in versions if v is not stored and v.get("served", True)]
        for view in others:
            self._place_view(view)
        served = sorted((kind for kind in (kept, *others) if kind.served), key=lambda kind: priority(kind.version))
        self._prefer(kept, served[0] if served else kept)
        return kept

    def _prefer(self, kept: Kind, kind: Kind) -> None:
        """Names without a version are those of ``kind``, one of the versions of ``kept``."""
        for name in (kind.plural, kind.singular, *kind.short_names):
            self._by_name[f"{name}.{kept.version}.{kept.group}"] = kept
            self._by_name[f"{name}.{kind.group}"] = kind
            if self._by_name[name] is kept:
                self._by_name[name] = kind

    def forget(self, definition: Object) -> None:
        """The kind of a CustomResourceDefinition is not served any more."""
        spec = definition["spec"]
        group, names = spec["group"], spec["names"]

        def stays(kind: Kind) -> bool:
            same = kind.plural == names["plural"] or (kind.guessed and kind.kind == names["kind"])
            return not (kind.custom and kind.group == group and same)

        self._by_identity = {place: kind for place, kind in self._by_identity.items() if stays(kind)}
        self._views = {place: kind for place, kind in self._views.items() if stays(kind)}
        self._by_name = {name: kind for name, kind in self._by_name.items() if stays(kind)}

    def _add_view(self, api_version: str, stored: Kind) -> None:
        group, _, version = api_version.rpartition("/")
        self._place_view(replace(stored, group=group, version=version, stored=stored))

    def _place_view(self, view: Kind) -> None:
        self._views[view.api_version, view.kind] = view
        for name in (view.plural, view.singular, *view.short_names):
            self._by_name[f"{name}.{view.version}.{view.group}"] = view
            self._by_name.setdefault(f"{name}.{view.group}", view)
            if view.custom:
                self._by_name.setdefault(name, view)

    def _add(self, kind: Kind) -> Kind:
        self._by_identity[kind.group, kind.kind] = kind
        for name in (kind.plural, kind.singular, *kind.short_names):
            self._by_name.setdefault(name, kind)
            self._by_name[f"{name}.{kind.group}"] = kind
        return kind


def guessed_kind(api_version: str, kind: str) -> Kind:
    """What an unknown kind is taken for."""
    group, _, version = api_version.rpartition("/")
    lower = kind.lower()
    if lower.endswith(("s", "x", "z", "ch", "sh")):
        plural = lower + "es"
    elif lower.endswith("y") and lower[-2:-1] not in "aeiou":
        plural = lower[:-1] + "ies"
    else:
        plural = lower + "s"
    return Kind(group, version, kind, plural, generation=True, custom=True, guessed=True)


def _declared(spec: Mapping[str, Any], names: Mapping[str, Any], version: Mapping[str, Any], stored: Kind | None) -> Kind:
    """The kind that a definition states, in one of its versions."""
    group, api_version = spec["group"], f"{spec['group']}/{version['name']}"
    warning = ""
    if version.get("deprecated"):
        others = [v["name"] for v in spec["versions"] if v.get("served") and not v.get("deprecated")]
        better = min(others, key=priority, default="")
        instead = f"; use {group}/{better} {names['kind']}" if better else ""
        warning = text(version, "deprecationWarning") or f"{api_version} {names['kind']} is deprecated{instead}"
    return Kind(
        group,
        version["name"],
        names["kind"],
        names["plural"],
        namespaced=spec.get("scope", "Namespaced") != "Cluster",
        short_names=tuple(texts(names, "shortNames")),
        status="status" in mapping(version, "subresources"),
        generation=True,
        custom=True,
        stored=stored,
        selectable=tuple(text(item, "jsonPath").lstrip(".") for item in version.get("selectableFields") or ()),
        named=text(names, "singular"),
        list_kind=text(names, "listKind"),
        categories=tuple(texts(names, "categories")),
        deprecation=warning,
        verbs=_CUSTOM_VERBS,
        declared=Declaration(version),
        served=bool(version.get("served", True)),
    )


_VERSION = re.compile(r"v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?")


def priority(version: str) -> tuple[Any, ...]:
    """Sorts versions as the server lists them: v2, v1, v1beta1, v1alpha1, then others by name."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return 1, 0, 0, 0, version
    return 0, {None: 0, "beta": 1, "alpha": 2}[match[2]], -int(match[1]), -int(match[3] or 0), version
