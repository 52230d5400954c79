"""Pods, and the templates of Pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.names import dns_label_problems, dns_subdomain_problems
from gitops_sim.cluster.validation.causes import duplicate, forbidden, one_of, required, wrong, wrong_for
from gitops_sim.cluster.validation.containers import container, init_container
from gitops_sim.cluster.validation.metadata import annotation_map, labels
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_RESTART = ("Always", "OnFailure", "Never")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ABSOLUTE_CLAIM = 2**31 - 1
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_PROFILES = ("runtime/default", "docker/default", "unconfined")


def pod(obj: Object) -> list[Cause]:
    return _seccomp("metadata.annotations", obj["metadata"].get("annotations")) + pod_spec("spec", obj["spec"])


def _seccomp(field: str, annotations: Any) -> list[Cause]:
    """Profiles in annotations, which still have to be profiles. Source: ``ValidateSeccompPodAnnotations``."""
    found: list[Cause] = []
    for key, value in (annotations or {}).items():
        if key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER):
            local = value.removeprefix("localhost/") if value.startswith("localhost/") else ""
            if value not in _PROFILES and not (local and not local.startswith("/") and ".." not in local.split("/")):
                found.append(wrong(f"{field}.{key}", value, "must be a valid seccomp profile"))
    return found


def template(field: str, found: _Map, claims: frozenset[str] = frozenset()) -> list[Cause]:
    """A ``PodTemplateSpec``, its labels and annotations included. ``claims`` are volumes from elsewhere."""
    meta = found["metadata"]
    causes = labels(f"{field}.labels", meta.get("labels"))
    causes += annotation_map(f"{field}.annotations", meta.get("annotations"))
    causes += _seccomp(f"{field}.annotations", meta.get("annotations"))
    return causes + pod_spec(f"{field}.spec", found["spec"], claims)


def pod_spec(field: str, spec: _Map, claims: frozenset[str] = frozenset()) -> list[Cause]:
    causes, volumes = _volumes(f"{field}.volumes", spec.get("volumes") or ())
    causes += _containers(field, spec, volumes | claims)
    causes += one_of(f"{field}.restartPolicy", spec["restartPolicy"], _RESTART)
    causes += one_of(f"{field}.dnsPolicy", spec["dnsPolicy"], _DNS)
    causes += labels(f"{field}.nodeSelector", spec.get("nodeSelector"))
    if spec["dnsPolicy"] == "None" and not (spec.get("dnsConfig") or {}).get("nameservers"):
        missing = f"{field}.dnsConfig" + (".nameservers" if "dnsConfig" in spec else "")
        why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        causes.append(required(missing, why if "dnsConfig" in spec else "must provide `dnsConfig` when `dnsPolicy` is None"))
    if spec.get("serviceAccountName"):
        causes += wrong_for(
            f"{field}.serviceAccountName", spec["serviceAccountName"], dns_subdomain_problems(spec["serviceAccountName"])
        )
    if spec.get("nodeName"):
        causes += wrong_for(f"{field}.nodeName", spec["nodeName"], dns_subdomain_problems(spec["nodeName"]))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _ABSOLUTE_CLAIM:
        causes.append(wrong(f"{field}.activeDeadlineSeconds", deadline, f"must be between 1 and {_ABSOLUTE_CLAIM}, inclusive"))
    for part in ("hostname", "subdomain"):
        if spec.get(part):
            causes += wrong_for(f"{field}.{part}", spec[part], dns_label_problems(spec[part]))
    for index, item in enumerate(spec.get("tolerations") or ()):
        causes += _toleration(f"{field}.tolerations[{index}]", item)
    if spec.get("priorityClassName"):
        causes += wrong_for(
            f"{field}.priorityClassName", spec["priorityClassName"], dns_subdomain_problems(spec["priorityClassName"])
        )
    return causes


def _containers(field: str, spec: _Map, volumes: frozenset[str]) -> list[Cause]:
    containers = spec.get("containers") or ()
    causes: list[Cause] = [] if containers else [required(f"{field}.containers")]
    names: set[str] = set()
    for index, item in enumerate(containers):
        place = f"{field}.containers[{index}]"
        causes += container(place, item, volumes)
        causes += _taken(place, item["name"], names)
    causes += _port_clashes(f"{field}.containers", containers)
    for index, item in enumerate(spec.get("initContainers") or ()):
        place = f"{field}.initContainers[{index}]"
        causes += init_container(place, item, volumes)
        causes += _taken(place, item["name"], names)
    return causes


def _taken(field: str, name: str, names: set[str]) -> list[Cause]:
    if name and name in names:
        return [duplicate(f"{field}.name", name)]
    names.add(name)
    return []


def _port_clashes(field: str, containers: Sequence[_Map]) -> list[Cause]:
    """Two containers cannot bind one port of the host."""
    causes: list[Cause] = []
    bound: set[tuple[str, str, int]] = set()
    for index, item in enumerate(containers):
        for place, port in enumerate(item.get("ports") or ()):
            if port.get("hostPort"):
                key = (port["protocol"], port.get("hostIP") or "", port["hostPort"])
                if key in bound:
                    causes.append(duplicate(f"{field}[{index}].ports[{place}].hostPort", f"{key[0]}/{key[1]}/{key[2]}"))
                bound.add(key)
    return causes


def _volumes(field: str, volumes: Sequence[_Map]) -> tuple[list[Cause], frozenset[str]]:
    causes: list[Cause] = []
    names: set[str] = set()
    for index, item in enumerate(volumes):
        place = f"{field}[{index}]"
        name = item["name"]
        if not name:
            causes.append(required(f"{place}.name"))
        elif name in names:
            causes.append(duplicate(f"{place}.name", name))
        else:
            causes += wrong_for(f"{place}.name", name, dns_label_problems(name))
        names.add(name)
        sources = sorted((key for key in item if key != "name"), key=_SOURCES.index)
        causes += [forbidden(f"{place}.{source}", "may not specify more than 1 volume type") for source in sources[1:]]
        causes += _source(place, item)
    return causes, frozenset(names)


_SOURCES = (
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "azureFile",
    "configMap",
    "vsphereVolume",
    "flexVolume",
    "azureDisk",
    "storageos",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
)
_NEEDED = {
    "configMap": ("name",),
    "hostPath": ("path",),
    "nfs": ("server", "path"),
    "persistentVolumeClaim": ("claimName",),
    "secret": ("secretName",),
    "csi": ("driver",),
}


def _source(field: str, volume: _Map) -> list[Cause]:
    return [
        required(f"{field}.{source}.{part}")
        for source, parts in _NEEDED.items()
        if source in volume
        for part in parts
        if not volume[source].get(part)
    ]


def _toleration(field: str, found: _Map) -> list[Cause]:
    causes: list[Cause] = []
    operator = found.get("operator") or "Equal"
    if not found.get("key") and operator != "Exists":
        why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        causes.append(wrong(f"{field}.operator", found.get("operator") or "", why))
    if found.get("tolerationSeconds") is not None and found.get("effect") != "NoExecute":
        why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        causes.append(wrong(f"{field}.effect", found.get("effect") or "", why))
    if operator == "Exists" and found.get("value"):
        causes.append(wrong(f"{field}.operator", found["value"], "value must be empty when `operator` is 'Exists'"))
    elif operator not in ("Equal", "Exists"):
        causes += one_of(f"{field}.operator", operator, ("Equal", "Exists"))
    if found.get("effect"):
        causes += one_of(f"{field}.effect", found["effect"], _EFFECTS)
    return causes


# ------------------------------------------------------------------------------------------------------------- updates

_CHANGEABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"
)


def pod_update(new: Object, old: Object) -> list[Cause]:
    after, before = new["spec"], old["spec"]
    for part in ("containers", "initContainers"):
        if len(after.get(part) or ()) != len(before.get(part) or ()):
            return [forbidden(f"spec.{part}", "pod updates may not add or remove containers")]
    causes: list[Cause] = []
    tolerations = after.get("tolerations") or []
    missing = [item for item in before.get("tolerations") or () if item not in tolerations]
    if missing:
        causes.append(forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"))
    if _fixed(after) != _fixed(before):
        causes.append(forbidden("spec", _CHANGEABLE))
    return causes


def _fixed(spec: _Map) -> dict[str, Any]:
    """What of a spec must stay: all but images, the deadline and tolerations."""
    fixed = {k: v for k, v in spec.items() if k not in ("activeDeadlineSeconds", "tolerations")}
    for part in ("containers", "initContainers"):
        if part in fixed:
            fixed[part] = [{k: v for k, v in item.items() if k != "image"} for item in fixed[part]]
    return fixed
