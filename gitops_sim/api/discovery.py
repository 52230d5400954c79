"""What there is: ``/version``, ``/api``, ``/apis`` and the resources of each group, in the old form and in the aggregated one.

Source of the documents' form: k8s.io/apiserver ``pkg/endpoints/discovery``, as recorded from a 1.36 server.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitops_sim.api.response import NotServed
from gitops_sim.api.subresources import SUBRESOURCES
from gitops_sim.cluster.cluster import Cluster
from gitops_sim.cluster.controllers.nodes import VERSION
from gitops_sim.cluster.kinds import Kind, priority

_API_EXTENSIONS = ("apiextensions.k8s.io", "apiregistration.k8s.io", "admissionregistration.k8s.io")
_ALL = (
    *(("", kind) for kind in ("Pod", "Service", "ReplicationController")),
    *(("apps", kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")),
    ("autoscaling", "HorizontalPodAutoscaler"),
    ("batch", "CronJob"),
    ("batch", "Job"),
)
AGGREGATED = {f"application/json;g=apidiscovery.k8s.io;v={v};as=APIGroupDiscoveryList": v for v in ("v2", "v2beta1")}
_STORED_IN = dict.fromkeys(("CustomResourceDefinition", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"), "v1beta1")
_GROUPS_FIRST = (
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One line of a discovery document: a kind, or a subresource of one."""

    name: str
    kind: str
    group: str
    version: str
    namespaced: bool
    verbs: tuple[str, ...]
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stored: str = ""
    """``group/version/kind`` as which its objects are kept."""


def version() -> dict[str, str]:
    """What ``/version`` says."""
    major, minor, _ = VERSION.removeprefix("v").split(".")
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": VERSION,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "go1.26.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


# ---------------------------------------------------------------------- what is served


def group_versions(cluster: Cluster) -> dict[str, list[str]]:
    """The versions of every group but the core one, in the order in which the server lists them."""
    found: dict[str, list[str]] = {}
    for kind in cluster.kinds.served():
        if kind.group and kind.version not in found.setdefault(kind.group, []):
            found[kind.group].append(kind.version)
    order = {group: index for index, group in enumerate(_GROUPS_FIRST)}
    for versions in found.values():
        versions.sort(key=priority)
    return {group: found[group] for group in sorted(found, key=lambda group: (order.get(group, len(order)), group))}


def resources(cluster: Cluster, group: str, version: str) -> list[Resource]:
    """Of one group and version, sorted by name; empty for one that is not served."""
    kinds = sorted((k for k in cluster.kinds.served() if (k.group, k.version) == (group, version)), key=lambda k: k.plural)
    return [resource for kind in kinds for resource in _of_kind(kind)]


def _of_kind(kind: Kind) -> Iterator[Resource]:
    kept = kind.stored or kind
    yield Resource(
        kind.plural,
        kind.kind,
        kind.group,
        kind.version,
        kind.namespaced,
        kind.verbs,
        kind.singular,
        kind.short_names,
        _categories(kind),
        f"{kept.group}/{_STORED_IN.get(kept.kind, kept.version)}/{kept.kind}",
    )
    for name, subresource in sorted(SUBRESOURCES.items()):
        if subresource.of(kind):
            identity = subresource.kind or (kind.group, kind.version, kind.kind)
            group, version, of = identity
            yield Resource(f"{kind.plural}/{name}", of, group, version, kind.namespaced, subresource.verbs)


def _categories(kind: Kind) -> tuple[str, ...]:
    if kind.categories:
        return kind.categories
    if (kind.group, kind.kind) in _ALL:
        return ("all",)
    return ("api-extensions",) if kind.group in _API_EXTENSIONS else ()


# ---------------------------------------------------------------------- the old form


def core_versions(server: str) -> dict[str, Any]:
    """``/api``."""
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": server}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def group_list(cluster: Cluster) -> dict[str, Any]:
    """``/apis``."""
    groups = [_group(name, versions) for name, versions in group_versions(cluster).items()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(cluster: Cluster, name: str) -> dict[str, Any]:
    """``/apis/NAME``. Raises ApiError 404."""
    versions = group_versions(cluster).get(name)
    if versions is None:
        raise NotServed
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions)}


def _group(name: str, versions: list[str]) -> dict[str, Any]:
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def resource_list(cluster: Cluster, group: str, version: str) -> dict[str, Any]:
    """``/api/v1`` and ``/apis/GROUP/VERSION``. Raises ApiError 404."""
    found = resources(cluster, group, version)
    if not found:
        raise NotServed
    api_version = {"apiVersion": "v1"} if group else {}
    name = f"{group}/{version}" if group else version
    return {
        "kind": "APIResourceList",
        **api_version,
        "groupVersion": name,
        "resources": [_resource(item, group, version) for item in found],
    }


def _resource(item: Resource, group: str, version: str) -> dict[str, Any]:
    line: dict[str, Any] = {"name": item.name, "singularName": item.singular, "namespaced": item.namespaced}
    if (item.group, item.version) != (group, version):
        line.update({name: value for name, value in (("group", item.group), ("version", item.version)) if value})
    line.update({"kind": item.kind, "verbs": list(item.verbs)})
    if item.short_names:
        line["shortNames"] = list(item.short_names)
    if item.categories:
        line["categories"] = list(item.categories)
    if "/" not in item.name and "watch" in item.verbs:
        line["storageVersionHash"] = _storage_hash(item)
    return line


def _storage_hash(item: Resource) -> str:
    """Of the version in which the server keeps the objects. Source: ``StorageVersionHash`` in k8s.io/apiserver."""
    return base64.b64encode(hashlib.sha256(item.stored.encode()).digest()[:8]).decode()


# ---------------------------------------------------------------------- the aggregated form


def aggregated(cluster: Cluster, core: bool, version: str) -> dict[str, Any]:
    """``/api`` or ``/apis``, with the resources of every group in one document."""
    groups = {"": ["v1"]} if core else group_versions(cluster)
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": name} if name else {},
                "versions": [
                    {"version": v, "resources": _nested(resources(cluster, name, v)), "freshness": "Current"} for v in versions
                ],
            }
            for name, versions in groups.items()
        ],
    }


def aggregated_version(accept: str) -> str:
    """``v2`` or ``v2beta1`` where the client asks for the aggregated form first of all that there is; else empty."""
    for clause in accept.split(","):
        parts = [part.strip() for part in clause.split(";")]
        if parts[0] not in ("application/json", "application/yaml", "*/*", "application/*"):
            continue
        for name, version in AGGREGATED.items():
            if sorted(name.split(";")) == sorted(part for part in parts if not part.startswith(("q=", "profile="))):
                return version
        if len(parts) == 1 or not any(part.startswith("as=") for part in parts):
            return ""
    return ""


def _nested(found: list[Resource]) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    for item in found:
        group, version = ("", "") if _own_type(item, found) else (item.group, item.version)
        kind = {"group": group, "version": version, "kind": item.kind}
        plural, _, subresource = item.name.partition("/")
        if subresource:
            line = {"subresource": subresource, "responseKind": kind, "verbs": list(item.verbs)}
            listed[-1].setdefault("subresources", []).append(line)
            continue
        line = {
            "resource": plural,
            "responseKind": kind,
            "scope": "Namespaced" if item.namespaced else "Cluster",
            "singularResource": item.singular,
            "verbs": list(item.verbs),
        }
        if item.short_names:
            line["shortNames"] = list(item.short_names)
        if item.categories:
            line["categories"] = list(item.categories)
        listed.append(line)
    return listed


def _own_type(item: Resource, found: list[Resource]) -> bool:
    """Whether the type is of the group that is listed: it is then left out."""
    return (item.group, item.version) == (found[0].group, found[0].version)
