"""PersistentVolumeClaims and StorageClasses."""

from __future__ import annotations

from gitops_sim.cluster.names import dns_subdomain_problems
from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.validation.causes import forbidden, one_of, required, wrong, wrong_for
from gitops_sim.cluster.validation.volumes import VOLUME_MODES, access_modes
from gitops_sim.errors import Cause
from gitops_sim.objects import Object


def claim(obj: Object) -> list[Cause]:
    spec = obj["spec"]
    causes = access_modes("spec.accessModes", spec.get("accessModes"), "at least 1 access mode is required")
    size = (spec["resources"].get("requests") or {}).get("storage")
    if size is None:
        causes.append(required("spec.resources[storage]"))
    elif amount(size) <= 0:
        causes.append(wrong("spec.resources[storage]", size, "must be greater than zero"))
    name = spec.get("storageClassName")
    if name:
        causes += wrong_for("spec.storageClassName", name, dns_subdomain_problems(name))
    return causes + one_of("spec.volumeMode", spec["volumeMode"], VOLUME_MODES)


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
    causes += one_of("reclaimPolicy", obj["reclaimPolicy"], ("Delete", "Retain"))
    return causes + one_of("volumeBindingMode", obj["volumeBindingMode"], ("Immediate", "WaitForFirstConsumer"))


def storage_class_update(new: Object, old: Object) -> list[Cause]:
    causes: list[Cause] = []
    if new.get("parameters") != old.get("parameters"):
        causes.append(forbidden("parameters", "updates to parameters are forbidden."))
    if new["provisioner"] != old["provisioner"]:
        causes.append(forbidden("provisioner", "updates to provisioner are forbidden."))
    if new["reclaimPolicy"] != old["reclaimPolicy"]:
        causes.append(forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden."))
    if new["volumeBindingMode"] != old["volumeBindingMode"]:
        causes.append(wrong("volumeBindingMode", new["volumeBindingMode"], "field is immutable"))
    return causes
