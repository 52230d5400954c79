"""What the API server itself decides about a new object, beyond its defaults: addresses, identities, the Pods' access to the API.

Source of the rules: the registry strategies and the admission plugins ServiceAccount, DefaultTolerationSeconds and Priority of
kubernetes/kubernetes. Not done here: the finalizers of the storage protection plugins, as no controller would take them off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster import addresses, limit_ranges
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import forbidden
from gitops_sim.objects import Key, Object, get_path, with_path
from gitops_sim.randomness import Randomness

_Map = Mapping[str, Any]
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


class Admission:
    """For one cluster: ``store`` is what it knows already, ``name`` sets its dice apart from those of other clusters."""

    def __init__(self, store: Snapshot, randomness: Randomness, name: str) -> None:
        self._store, self._randomness, self._name = store, randomness, name

    def create(self, kind: Kind, obj: Object) -> Object:
        """``obj`` has its defaults, a name and a uid."""
        if kind.custom or obj["apiVersion"] != kind.api_version:
            return obj
        if kind.kind == "Pod":
            return self._pod(obj)
        if kind.kind == "Service":
            return self._service(obj, None)
        if kind.kind == "Job":
            return _job(obj)
        if kind.kind == "Namespace":
            return obj if obj["spec"].get("finalizers") else _with(obj, ("spec", "finalizers"), ["kubernetes"])
        if kind.kind == "DaemonSet":
            return _with(obj, ("metadata", "annotations", _TEMPLATE_GENERATION), "1")
        if kind.kind == "PersistentVolume":
            return _with(obj, ("status", "lastPhaseTransitionTime"), obj["metadata"]["creationTimestamp"])
        if kind.kind == "CustomResourceDefinition":
            stored = [version["name"] for version in obj["spec"]["versions"] or () if version["storage"]]
            return _with(obj, ("status", "storedVersions"), stored)
        return obj

    def update(self, kind: Kind, new: Object, old: Object) -> Object:
        if kind.custom or new["apiVersion"] != kind.api_version:
            return new
        if kind.kind == "Service" and new["spec"] is not old["spec"]:
            return self._service(new, old)
        if kind.kind == "DaemonSet":
            count = get_path(old, ("metadata", "annotations", _TEMPLATE_GENERATION), "1")
            if new["spec"]["template"] != old["spec"]["template"] and count.isdigit():
                count = str(int(count) + 1)
            return _with(new, ("metadata", "annotations", _TEMPLATE_GENERATION), count)
        if kind.kind == "Namespace":
            return new if new["spec"] == old["spec"] else _with(new, ("spec",), old["spec"])
        return new

    def _service(self, obj: Object, old: Object | None) -> Object:
        meta = obj["metadata"]
        others = [
            other
            for other in self._store.list("", "Service")
            if (other["metadata"]["namespace"], other["metadata"]["name"]) != (meta["namespace"], meta["name"])
        ]
        return addresses.give(obj, old, others, self._randomness.stream(f"{self._name}/addresses"))

    def _pod(self, obj: Object) -> Object:
        obj = limit_ranges.filled(self._store, obj)
        spec, meta = obj["spec"], obj["metadata"]
        name = spec.get("serviceAccountName") or "default"
        account = self._store.get(Key("", "ServiceAccount", meta["namespace"], name))
        if account is None and name != "default":
            why = f'error looking up service account {meta["namespace"]}/{name}: serviceaccount "{name}" not found'
            raise forbidden("pods", meta["name"], why=why)
        spec = {**self._priority(obj), **spec, "serviceAccount": name, "serviceAccountName": name}
        if spec["terminationGracePeriodSeconds"] < 0:
            spec["terminationGracePeriodSeconds"] = 1
        if self._mounts_token(spec, account):
            spec = _with_token(spec, f"kube-api-access-{self._randomness.suffix(f'{self._name}/tokens')}")
        if account is not None and account.get("imagePullSecrets") and not spec.get("imagePullSecrets"):
            spec["imagePullSecrets"] = account["imagePullSecrets"]
        spec["tolerations"] = _tolerations(spec.get("tolerations") or [])
        admitted = _with(obj, ("spec",), spec)
        return _with(admitted, ("status", "conditions"), [_gated(meta)]) if spec.get("schedulingGates") else admitted

    def _priority(self, pod: Object) -> _Map:
        """What the Pod's PriorityClass says, or the default one's. Raises ApiError 403 for a class that does not exist, and for a
        Pod that says otherwise itself."""
        spec, name = pod["spec"], pod["metadata"]["name"]
        chosen = spec.get("priorityClassName")
        found = self._store.get(Key("scheduling.k8s.io", "PriorityClass", "", chosen)) if chosen else None
        if found is None and chosen in _SYSTEM_PRIORITIES:
            found = {"value": _SYSTEM_PRIORITIES[chosen]}
        if found is None and chosen:
            raise forbidden("pods", name, why=f"no PriorityClass with name {chosen} was found")
        if found is None:
            classes = self._store.list("scheduling.k8s.io", "PriorityClass")
            found = next((item for item in classes if item.get("globalDefault")), {"value": 0})
        policy = found.get("preemptionPolicy") or "PreemptLowerPriority"
        if spec.get("preemptionPolicy") not in (None, policy):
            why = (
                f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) must not be provided in pod spec; priority"
                f" admission controller computed {policy} from the given PriorityClass name"
            )
            raise forbidden("pods", name, why=why)
        given = {"preemptionPolicy": policy, "priority": found["value"]}
        named = chosen or get_path(found, ("metadata", "name"))
        return {**given, "priorityClassName": named} if named else given

    @staticmethod
    def _mounts_token(spec: _Map, account: Object | None) -> bool:
        wish = spec.get("automountServiceAccountToken")
        if wish is None:
            wish = (account or {}).get("automountServiceAccountToken", True)
        mounted = any(
            mount["mountPath"] == _TOKEN_PATH for item in spec.get("containers") or () for mount in item.get("volumeMounts") or ()
        )
        return bool(wish) and not mounted


_SYSTEM_PRIORITIES = {"system-cluster-critical": 2000000000, "system-node-critical": 2000001000}
_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_SOURCES = [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
    {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
]


def _with_token(spec: _Map, volume: str) -> dict[str, Any]:
    mount = {"mountPath": _TOKEN_PATH, "name": volume, "readOnly": True}
    mounted = dict(spec)
    for field in ("initContainers", "containers"):
        if mounted.get(field):
            mounted[field] = [{**item, "volumeMounts": [*(item.get("volumeMounts") or ()), mount]} for item in mounted[field]]
    access = {"name": volume, "projected": {"defaultMode": 420, "sources": _TOKEN_SOURCES}}
    mounted["volumes"] = [*(spec.get("volumes") or ()), access]
    return mounted


def _gated(meta: _Map) -> _Map:
    return {
        "lastProbeTime": None,
        "lastTransitionTime": meta["creationTimestamp"],
        "message": "Scheduling is blocked due to non-empty scheduling gates",
        "reason": "SchedulingGated",
        "status": "False",
        "type": "PodScheduled",
    }


def _tolerations(own: list[_Map]) -> list[_Map]:
    """A Pod stays five minutes on a node that went away, unless it says otherwise."""
    added: list[_Map] = []
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        said = any(item.get("key") in (key, None) and item.get("effect") in ("NoExecute", None) for item in own)
        if not said:
            added.append({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300})
    return [*own, *added]


def _job(obj: Object) -> Object:
    """A Job finds its Pods by its own uid."""
    spec, meta = obj["spec"], obj["metadata"]
    if spec.get("manualSelector"):
        return obj
    uid, name = meta["uid"], meta["name"]
    marks = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
    own = spec["template"]["metadata"].get("labels") or {}
    obj = _with(obj, ("spec", "template", "metadata", "labels"), {**own, **marks})
    chosen = get_path(spec, ("selector", "matchLabels")) or {}
    selector = {**(spec.get("selector") or {}), "matchLabels": {**chosen, "batch.kubernetes.io/controller-uid": uid}}
    return _with(obj, ("spec", "selector"), selector)


def _with(obj: Object, path: tuple[str, ...], value: Any) -> Object:
    changed: Object = with_path(obj, path, value)
    return changed
