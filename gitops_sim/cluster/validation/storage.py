"""PersistentVolumeClaims and StorageClasses."""

from __future__ import annotations

from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.validation.causes import forbidden, one_of, required, wrong
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def claim(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    modes = spec.get("accessModes") or ()
    causes: list[Cause] = [] if modes else [required("spec.accessModes", "at least 1 access mode is required")]
    for mode in modes:
        causes += one_of("spec.accessModes", mode, _MODES)
    size = (spec["resources"].get("requests") or {}).get("storage")
    if size is None:
        causes.append(required("spec.resources[storage]"))
    elif amount(size) <= 0:
        causes.append(wrong("spec.resources[storage]", size, "must be greater than zero"))
    return causes


def claim_update(new: Object, old: Object) -> list[Cause]:
    """Once there is a claim, a bound one may ask for more, and a volume may be found for it; nothing else changes."""
    free = {"volumeName"} if not old["spec"].get("volumeName") else set()
    if (old.get("status") or {}).get("phase") == "Bound":
        free |= {"resources", "volumeAttributesClassName"}
    fixed = [{k: v for k, v in obj["spec"].items() if k not in free} for obj in (new, old)]
    if fixed[0] == fixed[1]:
        return []
    why = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
    return [forbidden("spec", why)]


def storage_class(obj: Object) -> list[Cause]:
    causes: list[Cause] = [] if obj["provisioner"] else [required("provisioner")]
    return causes + one_of("reclaimPolicy", obj["reclaimPolicy"], ("Delete", "Retain"))


def storage_class_update(new: Object, old: Object) -> list[Cause]:
    causes: list[Cause] = []
    if new.get("parameters") != old.get("parameters"):
        causes.append(forbidden("parameters", "updates to parameters are forbidden."))
    if new["provisioner"] != old["provisioner"]:
        causes.append(forbidden("provisioner", "updates to provisioner are forbidden."))
    if new["reclaimPolicy"] != old["reclaimPolicy"]:
        causes.append(forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden."))
    return causes
