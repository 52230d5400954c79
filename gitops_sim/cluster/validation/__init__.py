"""What the API server refuses to store, with the causes that it names.

Works on decoded and defaulted objects. Source of the rules and words: ``pkg/apis/*/validation`` of kubernetes/kubernetes, and
recordings of a real 1.36 server.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.cluster.custom.resource import resource_of
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.validation import (
    access,
    classes,
    core,
    definitions,
    limits,
    metadata,
    networking,
    pods,
    scaling,
    services,
    storage,
    volumes,
    webhooks,
    workloads,
)
from gitops_sim.errors import Cause, invalid
from gitops_sim.objects import Object

_Rules = Callable[[Object], list[Cause]]
_UpdateRules = Callable[[Object, Object], list[Cause]]

_RULES: dict[str, _Rules] = {
    "ClusterRole": access.cluster_role,
    "ClusterRoleBinding": access.cluster_role_binding,
    "ConfigMap": core.config_map,
    "CronJob": workloads.cron_job,
    "CustomResourceDefinition": definitions.definition,
    "DaemonSet": workloads.daemon_set,
    "Deployment": workloads.deployment,
    "Event": core.event,
    "HorizontalPodAutoscaler": scaling.autoscaler,
    "Ingress": networking.ingress,
    "IngressClass": classes.ingress_class,
    "Job": workloads.job,
    "LimitRange": limits.limit_range,
    "MutatingWebhookConfiguration": webhooks.configuration,
    "NetworkPolicy": networking.network_policy,
    "PersistentVolume": volumes.volume,
    "PersistentVolumeClaim": storage.claim,
    "Pod": pods.pod,
    "PodDisruptionBudget": scaling.disruption_budget,
    "PriorityClass": classes.priority_class,
    "ReplicaSet": workloads.replica_set,
    "ReplicationController": workloads.replication_controller,
    "ResourceQuota": core.quota,
    "Role": access.role,
    "RoleBinding": access.role_binding,
    "RuntimeClass": classes.runtime_class,
    "Secret": core.secret,
    "Service": services.service,
    "StatefulSet": workloads.stateful_set,
    "StorageClass": storage.storage_class,
    "ValidatingWebhookConfiguration": webhooks.configuration,
}
_UPDATE_RULES: dict[str, _UpdateRules] = {
    "ClusterRoleBinding": access.binding_update,
    "ConfigMap": core.config_map_update,
    "CustomResourceDefinition": definitions.definition_update,
    "DaemonSet": workloads.selector_update,
    "Deployment": workloads.selector_update,
    "IngressClass": classes.ingress_class_update,
    "Job": workloads.job_update,
    "PersistentVolume": volumes.volume_update,
    "PersistentVolumeClaim": storage.claim_update,
    "Pod": pods.pod_update,
    "PriorityClass": classes.priority_class_update,
    "ReplicaSet": workloads.selector_update,
    "RoleBinding": access.binding_update,
    "RuntimeClass": classes.runtime_class_update,
    "Secret": core.secret_update,
    "Service": services.service_update,
    "StatefulSet": workloads.stateful_set_update,
    "StorageClass": storage.storage_class_update,
}


def validate(kind: Kind, new: Object, old: Object | None = None) -> None:
    """Raises ApiError 422 with every cause, in the server's order. ``old`` is what an update replaces."""
    causes = metadata.of_object(kind, new["metadata"], old["metadata"] if old is not None else None)
    if not kind.custom and new["apiVersion"] == kind.api_version and not _same_content(new, old):
        rules = _RULES.get(kind.kind)
        if rules is not None:
            causes += rules(new)
        update_rules = _UPDATE_RULES.get(kind.kind)
        if old is not None and update_rules is not None:
            causes += update_rules(new, old)
    resource = resource_of(kind) if new["apiVersion"] == kind.api_version else None
    if resource is not None:
        causes += resource.causes(new, old)
    _raise(kind, new, causes)


def validate_status(kind: Kind, new: Object, old: Object) -> None:
    """The same for a write of the status alone."""
    resource = resource_of(kind) if new["apiVersion"] == kind.api_version else None
    if resource is not None:
        _raise(kind, new, resource.status_causes(new, old))
    if kind.kind == "Deployment" and not kind.custom and new["apiVersion"] == kind.api_version:
        _raise(kind, new, workloads.deployment_status(new["status"], old.get("status") or {}))


def _raise(kind: Kind, obj: Object, causes: list[Cause]) -> None:
    if causes:
        raise invalid(kind.kind, obj["metadata"].get("name") or "", causes, kind.group)


def _same_content(new: Object, old: Object | None) -> bool:
    """Whether nothing outside of metadata changed: what was valid then is valid now."""
    if old is None or new.keys() != old.keys():
        return False
    return all(value is old[key] or value == old[key] for key, value in new.items() if key != "metadata")
