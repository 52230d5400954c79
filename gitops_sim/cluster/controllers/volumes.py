"""Volumes that are always there: every claim is bound at once to a volume made for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, with_path

_PROVISIONER = "simulated.gitops-sim/volumes"


class VolumeController(ClusterController):
    """Binds PersistentVolumeClaims, whatever their class; a claim with class ``""`` waits for a volume that someone made by hand.
    The volume of a deleted claim goes with it, unless its reclaim policy is Retain."""

    name = "persistentvolume-controller"
    own = ("", "PersistentVolumeClaim")
    watches = (("", "PersistentVolumeClaim"), ("", "PersistentVolume"))

    def concerned(self, change: Change) -> Iterable[Key]:
        if change.key.kind == "PersistentVolumeClaim":
            return [change.key]
        if change.type != "ADDED" or get_path(change.object, ("spec", "claimRef")):
            return []
        claims = self.store.list("", "PersistentVolumeClaim")
        return [
            Key("", "PersistentVolumeClaim", claim["metadata"]["namespace"], claim["metadata"]["name"])
            for claim in claims
            if get_path(claim, ("status", "phase")) != "Bound"
        ]

    def sync(self, key: Key) -> None:
        claim = self.store.get(key)
        if claim is None:
            self._free_volume(key)
        elif get_path(claim, ("status", "phase")) != "Bound" and "deletionTimestamp" not in claim["metadata"]:
            volume = self._volume_for(claim)
            if volume is not None:
                self._bind(claim, volume)
            elif get_path(claim, ("status", "phase")) != "Pending":
                self.set_status(claim, {"phase": "Pending"})

    def _volume_for(self, claim: Object) -> Object | None:
        spec, wanted_class = claim["spec"], claim["spec"].get("storageClassName")
        for volume in self.store.list("", "PersistentVolume"):
            taken = get_path(volume, ("spec", "claimRef", "uid"))
            name = volume["metadata"]["name"]
            if taken or (spec.get("volumeName") and spec["volumeName"] != name):
                continue
            if spec.get("volumeName") or (volume["spec"].get("storageClassName") or "") == (wanted_class or ""):
                return volume
        if spec.get("volumeName") or wanted_class == "":
            return None
        return self._provision(claim)

    def _provision(self, claim: Object) -> Object:
        meta, spec = claim["metadata"], claim["spec"]
        name = f"pvc-{meta['uid']}"
        volume = self.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": _PROVISIONER}},
                "spec": {
                    "accessModes": spec["accessModes"],
                    "capacity": {"storage": get_path(spec, ("resources", "requests", "storage"), "1Gi")},
                    "hostPath": {"path": f"/var/lib/volumes/{name}"},
                    "persistentVolumeReclaimPolicy": "Delete",
                    "storageClassName": spec.get("storageClassName") or "standard",
                    "volumeMode": spec.get("volumeMode", "Filesystem"),
                },
            }
        )
        self.events.normal(claim, "ProvisioningSucceeded", f"Successfully provisioned volume {name}")
        return volume

    def _bind(self, claim: Object, volume: Object) -> None:
        meta = claim["metadata"]
        reference = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "name": meta["name"],
            "namespace": meta["namespace"],
            "resourceVersion": meta["resourceVersion"],
            "uid": meta["uid"],
        }
        volume = self.cluster.update(with_path(volume, ("spec", "claimRef"), reference))
        self.set_status(volume, {"phase": "Bound"})
        annotations = {
            **(meta.get("annotations") or {}),
            "pv.kubernetes.io/bind-completed": "yes",
            "pv.kubernetes.io/bound-by-controller": "yes",
        }
        wanted = with_path(claim, ("spec", "volumeName"), volume["metadata"]["name"])
        claim = self.cluster.update(with_path(wanted, ("metadata", "annotations"), annotations))
        status: dict[str, Any] = {
            "phase": "Bound",
            "accessModes": claim["spec"].get("accessModes") or [],
            "capacity": volume["spec"]["capacity"],
        }
        self.set_status(claim, status)

    def _free_volume(self, key: Key) -> None:
        for volume in self.store.list("", "PersistentVolume"):
            reference = get_path(volume, ("spec", "claimRef")) or {}
            if (reference.get("namespace"), reference.get("name")) != (key.namespace, key.name):
                continue
            if volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
                self.cluster.delete("PersistentVolume", volume["metadata"]["name"], "")
            elif get_path(volume, ("status", "phase")) != "Released":
                self.set_status(volume, {"phase": "Released"})
