"""Resource quotas: what a namespace may hold, counted when something is created.

Source: k8s.io/apiserver ``pkg/admission/plugin/resourcequota``, k8s.io/kubernetes ``pkg/quota/v1/evaluator/core`` (pods.go,
services.go, persistent_volume_claims.go). A ``scopeSelector`` is not looked at, and a change of what is there is never refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from gitops_sim.cluster.amounts import Amounts, added, largest, of_list, shown
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.quantity import amount
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import forbidden
from gitops_sim.objects import Object, get_path

_SHORT = frozenset(
    ("pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas")
)
"""Kinds that a quota may also name without ``count/``."""
_COMPUTE = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""What every container must state where a quota limits it."""
_MEASURED = ("Pod", "PersistentVolumeClaim", "Service")
_ONE = (Fraction(1), False)


def names_of(kind: Kind) -> tuple[str, ...]:
    """What a quota may call the number of objects of a kind."""
    counted = f"count/{kind.resource}"
    return (kind.plural, counted) if not kind.group and kind.plural in _SHORT else (counted,)


def usage(kind: Kind, obj: Object) -> Amounts:
    """What one object takes of each resource that a quota may limit; a Pod that has finished takes nothing."""
    found: Amounts = dict.fromkeys(names_of(kind), _ONE)
    if kind.group:
        return found
    if kind.kind == "Pod":
        return {} if text(obj, "status", "phase") in ("Succeeded", "Failed") else {**_of_pod(obj), **found}
    if kind.kind == "PersistentVolumeClaim":
        storage = of_list(mapping(obj, "spec", "resources", "requests")).get("storage")
        if storage is not None:
            found["requests.storage"] = storage
            if chosen := text(obj, "spec", "storageClassName"):
                found[f"{chosen}.storageclass.storage.k8s.io/requests.storage"] = storage
                found[f"{chosen}.storageclass.storage.k8s.io/persistentvolumeclaims"] = _ONE
    if kind.kind == "Service":
        if text(obj, "spec", "type") in ("LoadBalancer", "NodePort"):
            found["services.nodeports"] = (Fraction(len(mappings(obj, "spec", "ports"))), False)
        if text(obj, "spec", "type") == "LoadBalancer":
            found["services.loadbalancers"] = _ONE
    return found


def used(store: Snapshot, quota: Object, kinds: Iterable[Kind]) -> Amounts:
    """What all that is there takes of what the quota limits."""
    hard, total = mapping(quota, "spec", "hard"), Amounts()
    for kind in kinds:
        measured = not kind.group and kind.kind in _MEASURED
        if not kind.namespaced or not (measured or any(name in hard for name in names_of(kind))):
            continue
        for obj in store.list(kind.group, kind.kind, quota["metadata"]["namespace"]):
            if _concerns(quota, kind, obj):
                taken = usage(kind, obj)
                total = added(total, {name: taken[name] for name in taken if name in hard})
    return total


def check(store: Snapshot, kind: Kind, obj: Object) -> None:
    """Raises ApiError 403 when one more object would exceed a quota of its namespace, or does not say what it takes."""
    if not kind.namespaced:
        return
    meta = obj["metadata"]
    quotas = [quota for quota in store.list("", "ResourceQuota", meta["namespace"]) if _concerns(quota, kind, obj)]
    if not quotas:
        return
    taken = usage(kind, obj)
    for quota in quotas:
        missing = _missing(mapping(quota, "spec", "hard"), obj) if kind.kind == "Pod" and not kind.group else ""
        if missing:
            why = f"failed quota: {quota['metadata']['name']}: must specify {missing}"
            raise forbidden(kind.plural, meta["name"], kind.group, why=why)
    for quota in quotas:
        hard = mapping(quota, "spec", "hard")
        more = {name: taken[name] for name in taken if name in hard and taken[name][0]}
        if not more:
            continue
        now = used(store, quota, [kind])
        after = added(now, more)
        over = sorted(name for name in more if after[name][0] > amount(hard[name]))
        if over:
            zero = (Fraction(0), False)
            requested = ",".join(f"{name}={shown(more[name])}" for name in over)
            before = ",".join(f"{name}={shown(now.get(name, zero))}" for name in over)
            limited = ",".join(f"{name}={hard[name]}" for name in over)
            why = f"exceeded quota: {quota['metadata']['name']}, requested: {requested}, used: {before}, limited: {limited}"
            raise forbidden(kind.plural, meta["name"], kind.group, why=why)


def _of_pod(pod: Object) -> Amounts:
    found: Amounts = {}
    for part, prefixes in (("requests", ("", "requests.")), ("limits", ("limits.",))):
        total: Amounts = {}
        for container in mappings(pod, "spec", "containers"):
            total = added(total, of_list(mapping(container, "resources", part)))
        for container in mappings(pod, "spec", "initContainers"):
            own = of_list(mapping(container, "resources", part))
            total = added(total, own) if container.get("restartPolicy") == "Always" else largest(total, own)
        found |= {f"{prefix}{name}": many for name, many in total.items() for prefix in prefixes}
    return found


def _missing(hard: Mapping[str, str], pod: Object) -> str:
    """``limits.cpu for: a,b; requests.cpu for: a``; empty when all containers state what the quota limits."""
    wanted = sorted(name for name in _COMPUTE if name in hard)
    lines = []
    for name in wanted:
        part, _, resource = name.rpartition(".")
        silent = sorted(
            container["name"]
            for field in ("containers", "initContainers")
            for container in mappings(pod, "spec", field)
            if resource not in mapping(container, "resources", part or "requests")
        )
        if silent:
            lines.append(f"{name} for: {','.join(silent)}")
    return "; ".join(lines)


def _concerns(quota: Object, kind: Kind, obj: Object) -> bool:
    """Whether the object is in the scopes of the quota, which only Pods can be in."""
    scopes = get_path(quota, ("spec", "scopes")) or ()
    if not scopes:
        return True
    if kind.kind != "Pod" or kind.group:
        return False
    ends = get_path(obj, ("spec", "activeDeadlineSeconds")) is not None
    best = not any(name.endswith((".cpu", ".memory")) and many[0] for name, many in _of_pod(obj).items())
    holds = {"Terminating": ends, "NotTerminating": not ends, "BestEffort": best, "NotBestEffort": not best}
    return all(holds.get(scope, True) for scope in scopes)
