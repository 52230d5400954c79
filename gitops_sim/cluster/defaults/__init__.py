"""What the API server fills in where a manifest says nothing.

Works on decoded objects, on creation and on every update. Source of the values: ``pkg/apis/*/v1/defaults.go`` of
kubernetes/kubernetes, and recordings of a real 1.36 server.
"""

from __future__ import annotations

from gitops_sim.cluster.custom.resource import resource_of
from gitops_sim.cluster.defaults import core, others, pods, rarer, workloads
from gitops_sim.cluster.defaults.filling import Default
from gitops_sim.cluster.kinds import Kind
from gitops_sim.objects import Object

_DEFAULTS: dict[str, Default] = {
    "APIService": rarer.api_service,
    "CSIDriver": rarer.csi_driver,
    "ClusterRoleBinding": others.role_binding,
    "CronJob": workloads.cron_job,
    "CustomResourceDefinition": others.definition,
    "DaemonSet": workloads.daemon_set,
    "Deployment": workloads.deployment,
    "EndpointSlice": others.endpoint_slice,
    "Endpoints": others.endpoints,
    "FlowSchema": rarer.flow_schema,
    "HorizontalPodAutoscaler": others.autoscaler,
    "IngressClass": others.ingress_class,
    "Job": workloads.job,
    "LimitRange": core.limit_range,
    "MutatingAdmissionPolicy": rarer.admission_policy,
    "MutatingAdmissionPolicyBinding": rarer.admission_binding,
    "MutatingWebhookConfiguration": others.webhooks,
    "Namespace": core.namespace,
    "NetworkPolicy": others.network_policy,
    "PersistentVolume": core.volume,
    "PersistentVolumeClaim": core.claim,
    "Pod": pods.pod,
    "PodTemplate": rarer.pod_template,
    "PriorityClass": others.priority_class,
    "ReplicaSet": workloads.replica_set,
    "ReplicationController": workloads.replication_controller,
    "RoleBinding": others.role_binding,
    "Secret": core.secret,
    "Service": core.service,
    "StatefulSet": workloads.stateful_set,
    "StorageClass": others.storage_class,
    "ValidatingAdmissionPolicy": rarer.admission_policy,
    "ValidatingAdmissionPolicyBinding": rarer.admission_binding,
    "ValidatingWebhookConfiguration": others.webhooks,
}


def default(kind: Kind, obj: Object) -> Object:
    """``obj`` with its defaults; ``obj`` itself when nothing is missing, and for kinds (and versions) without any."""
    if kind.declared is not None and obj["apiVersion"] == kind.api_version:
        resource = resource_of(kind)
        return resource.defaulted(obj) if resource is not None else obj
    filler = _DEFAULTS.get(kind.kind)
    if filler is None or kind.custom or obj["apiVersion"] != kind.api_version:
        return obj
    return filler(obj)
