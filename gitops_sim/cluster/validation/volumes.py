"""PersistentVolumes.

Source: ``ValidatePersistentVolume`` in ``pkg/apis/core/validation`` of kubernetes/kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.names import dns_subdomain_problems
from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.schema import facts
from gitops_sim.cluster.validation.causes import forbidden, one_of, required, unsupported, wrong, wrong_for
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
# What must be said of a source.
_NEEDED = {
    "csi": ("driver", "volumeHandle"),
    "hostPath": ("path",),
    "local": ("path",),
    "nfs": ("server", "path"),
}


def access_modes(field: str, modes: Any, why: str = "") -> list[Cause]:
    if not modes:
        return [required(field, why)]
    causes = [cause for mode in modes for cause in one_of(field, mode, ACCESS_MODES)]
    if "ReadWriteOncePod" in modes and len(set(modes)) > 1:
        causes.append(forbidden(field, "may not use ReadWriteOncePod with other access modes"))
    return causes


def volume(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = access_modes("spec.accessModes", spec.get("accessModes"))
    causes += _capacity(spec.get("capacity") or {})
    policy = spec["persistentVolumeReclaimPolicy"]
    causes += one_of("spec.persistentVolumeReclaimPolicy", policy, ("Delete", "Recycle", "Retain"))
    causes += _sources(spec)
    if "local" in spec and not spec.get("nodeAffinity"):
        causes.append(required("metadata.annotations", "Local volume requires node affinity"))
    if policy == "Recycle" and (spec.get("hostPath") or {}).get("path") == "/":
        why = "may not be 'recycle' for a hostPath mount of '/'"
        causes.append(forbidden("spec.persistentVolumeReclaimPolicy", why))
    name = spec.get("storageClassName")
    if name:
        causes += wrong_for("spec.storageClassName", name, dns_subdomain_problems(name))
    return causes + one_of("spec.volumeMode", spec["volumeMode"], VOLUME_MODES)


def _capacity(capacity: _Map) -> list[Cause]:
    causes = [] if capacity else [required("spec.capacity")]
    if set(capacity) != {"storage"}:
        causes.append(unsupported("spec.capacity", capacity or None, ("storage",)))
    for name, value in sorted(capacity.items()):
        if amount(value) <= 0:
            causes.append(wrong(f"spec.capacity[{name}]", value, "must be greater than zero"))
    return causes


def _source_names() -> list[str]:
    return [name for name, fact in facts.fields("core.v1.PersistentVolumeSpec").items() if fact.type.endswith("VolumeSource")]


def _sources(spec: _Map) -> list[Cause]:
    given = [name for name in _source_names() if name in spec]
    if not given:
        return [required("spec", "must specify a volume type")]
    causes = [forbidden(f"spec.{name}", "may not specify more than 1 volume type") for name in given[1:]]
    name, source = given[0], spec[given[0]]
    for part in _NEEDED.get(name, ()):
        if not source.get(part):
            causes.append(required(f"spec.{name}.{part}"))
    path = source.get("path") or ""
    if name in ("hostPath", "local") and ".." in path.split("/"):
        causes.append(wrong(f"spec.{name}.path", path, "must not contain '..'"))
    if name == "nfs" and path and not path.startswith("/"):
        causes.append(wrong("spec.nfs.path", path, "must be an absolute path"))
    return causes


def volume_update(new: Object, old: Object) -> list[Cause]:
    sources = [{name: obj["spec"].get(name) for name in _source_names()} for obj in (new, old)]
    causes: list[Cause] = []
    if sources[0] != sources[1]:
        why = "spec.persistentvolumesource is immutable after creation\n"
        causes.append(forbidden("spec.persistentvolumesource", why))
    if new["spec"]["volumeMode"] != old["spec"]["volumeMode"]:
        causes.append(wrong("spec.volumeMode", new["spec"]["volumeMode"], "field is immutable"))
    return causes
