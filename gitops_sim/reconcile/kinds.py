"""Custom resources whose definitions come from elsewhere: from charts and operators that cannot be fetched from here.

Stand-ins define their kinds, so that the custom resources of a repository are taken. What they say is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.kinds import guessed_kind
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Tree
from gitops_sim.objects import Object, group_of
from gitops_sim.reconcile.substitutes import LABEL

_DIVISION = re.compile(rb"^---.*$", re.MULTILINE)
_API = re.compile(rb"^apiVersion:\s*[\"']?([a-zA-Z0-9./-]+)[\"']?\s*$", re.MULTILINE)
_KIND = re.compile(rb"^kind:\s*[\"']?([A-Z][A-Za-z0-9]+)[\"']?\s*$", re.MULTILINE)
_DEFINED_GROUP = re.compile(rb"^ +group:\s*[\"']?([a-z0-9.-]+)", re.MULTILINE)
_DEFINED_KIND = re.compile(rb"^ +kind:\s*[\"']?([A-Z][A-Za-z0-9]+)", re.MULTILINE)
_NAMESPACED = re.compile(rb"^metadata:[^\n]*\n(?:(?:[ #][^\n]*)?\n)*?  namespace:", re.MULTILINE)
_MAYBE_CLUSTER_WIDE = re.compile(r"Cluster[A-Z]\w*|\w+Class")
"""Names that kinds without a namespace mostly have."""
_CLUSTER_WIDE = re.compile(
    r"Cluster(?:Issuer|SecretStore|ExternalSecret|PushSecret|Policy|CleanupPolicy|Role)|Cilium(?:L2|LoadBalancer|BGP|Clusterwide|Egress)\w+|Tracing\w*Policy|ConstraintTemplate|NodeFeatureRule"
    r"|SecurityContextConstraints|ManagedCluster(?:Set)?|GatewayClassConfig|VolumeSnapshotContent"
)
"""Names of kinds without a namespace."""
_CLUSTER_WIDE_GROUPS = (
    "config.openshift.io",
    "console.openshift.io",
    "machineconfiguration.openshift.io",
    "user.openshift.io",
    "constraints.gatekeeper.sh",
    "mutations.gatekeeper.sh",
    "pkg.crossplane.io",
    "apiextensions.crossplane.io",
    "karpenter.sh",
    "karpenter.k8s.aws",
)
_FLUX = ("source.toolkit.fluxcd.io", "source.extensions.fluxcd.io")
"""What an installation of Flux brings, whatever the repository has of it."""
_BUILT_IN = ("kustomize.config.k8s.io", "config.kubernetes.io")
_MOST_BYTES = 2_000_000
_APPROVED = {"api-approved.kubernetes.io": "unapproved, stands in for a definition from elsewhere"}


@dataclass(slots=True)
class Used:
    """A kind that manifests use: in which versions, how many of them, and whether one names a namespace."""

    versions: list[str] = field(default_factory=list)
    count: int = 0
    namespaced: bool = False


def define_missing(tree: Tree, cluster: Cluster) -> list[str]:
    """Defines every kind that manifests of the tree use, and that neither the cluster nor the tree defines; their names."""
    used, defined = _scan(tree)
    if ("source.extensions.fluxcd.io", "ArtifactGenerator") in used:
        used.setdefault(("source.toolkit.fluxcd.io", "ExternalArtifact"), Used(["source.toolkit.fluxcd.io/v1"]))
    return define({place: use for place, use in used.items() if place not in defined or place[0] in _FLUX}, cluster)


def define(used: Mapping[tuple[str, str], Used], cluster: Cluster) -> list[str]:
    """Defines kinds, by group and name, that the cluster does not have; their names."""
    made = []
    for (group, kind), use in sorted(used.items()):
        if "." not in group or group in _BUILT_IN or cluster.kinds.of(group, kind) is not None:
            continue
        try:
            cluster.create(definition(group, kind, use))
        except ApiError:
            continue
        made.append(f"{kind}.{group}")
    return made


def _scan(tree: Tree) -> tuple[dict[tuple[str, str], Used], set[tuple[str, str]]]:
    """By their first lines only: files are many, and YAML is slow."""
    used: dict[tuple[str, str], Used] = {}
    defined: set[tuple[str, str]] = set()
    for document in _documents(tree):
        api, named = _API.search(document), _KIND.search(document)
        if api is None or named is None:
            continue
        version, kind = api[1].decode(), named[1].decode()
        if kind == "CustomResourceDefinition":
            group, own = _DEFINED_GROUP.search(document), _DEFINED_KIND.search(document)
            if group and own:
                defined.add((group[1].decode(), own[1].decode()))
            continue
        use = used.setdefault((group_of(version), kind), Used())
        use.count += 1
        use.namespaced = use.namespaced or _NAMESPACED.search(document) is not None
        if version not in use.versions:
            use.versions.append(version)
    return used, defined


def _documents(tree: Tree) -> Iterator[bytes]:
    for file in tree.files():
        if file.endswith((".yaml", ".yml")):
            try:
                content = tree.read(file) if tree.size(file) <= _MOST_BYTES else b""
            except BadInput:  # a link to nothing
                continue
            yield from _DIVISION.split(content)


def definition(group: str, kind: str, use: Used) -> Object:
    """A definition of a kind that takes everything."""
    known = guessed_kind(use.versions[0], kind)
    everywhere = _CLUSTER_WIDE.fullmatch(kind) is not None or group in _CLUSTER_WIDE_GROUPS
    everywhere = everywhere or (_MAYBE_CLUSTER_WIDE.fullmatch(kind) is not None and not use.namespaced)
    scope = "Cluster" if everywhere else "Namespaced"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {
            "name": version.rpartition("/")[2],
            "served": True,
            "storage": number == 0,
            "schema": schema,
            "subresources": {"status": {}},
        }
        for number, version in enumerate(use.versions)
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{known.plural}.{group}", "labels": {LABEL: "true"}, "annotations": _APPROVED},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": known.plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "scope": scope,
            "versions": versions,
        },
    }
