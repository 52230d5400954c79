"""What is refused of kinds whose refusals were not recorded, in the words of kubernetes/kubernetes ``pkg/apis/*/validation``."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.yaml_in import load_document

REFUSED = {
    "a priority that only the system may have": (
        "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: big}, value: 2000000000}",
        ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
    ),
    "a name that only the system may give": (
        "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: system-mine}, value: 5}",
        [
            "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: "
            "system-mine is not a known system priority class"
        ],
    ),
    "a class of no controller": (
        "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: a}, spec: {}}",
        ["spec.controller: Required value"],
    ),
    "parameters of a class without their namespace": (
        "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: a}, spec: {controller: example.org/a, "
        "parameters: {kind: Config, name: a, scope: Namespace}}}",
        ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ),
    "ports of a policy": (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, ingress: [{ports: ["
        "{port: 0}, {port: 90, endPort: 80}, {port: http, endPort: 80}, {endPort: 80}, {protocol: HTTP}]}]}}",
        [
            "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "spec.ingress[0].ports[1].endPort: Invalid value: 80: must be greater than or equal to `port`",
            "spec.ingress[0].ports[2].endPort: Invalid value: 80: may not be specified when `port` is non-numeric",
            "spec.ingress[0].ports[3].endPort: Invalid value: 80: may not be specified when `port` is not specified",
            'spec.ingress[0].ports[4].protocol: Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"',
        ],
    ),
    "blocks of addresses in a policy": (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}, egress: [{to: ["
        "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 11.0.0.0/16]}}, {podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}}",
        [
            'spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
            "spec.egress[0].to[1]: Forbidden: may not specify both ipBlock and another peer",
        ],
    ),
    "paths and hosts of an Ingress": (
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {tls: [{secretName: A_B}], rules: [{http: "
        "{paths: [{path: /a/.., pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}}",
        [
            "spec.rules[0].http.paths[0].path: Invalid value: \"/a/..\": cannot end with '/..'",
            'spec.tls[0].secretName: Invalid value: "A_B": a lowercase RFC 1123 subdomain must consist of lower case '
            "alphanumeric "
            "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
            "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ],
    ),
    "a volume that is nowhere": (
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {accessModes: [ReadWriteOnce], capacity: "
        "{storage: 1Gi}}}",
        ["spec: Required value: must specify a volume type"],
    ),
    "a volume in two places": (
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a}, spec: {capacity: {storage: 0}, "
        "hostPath: {path: /a/../b}, nfs: {server: a, path: /}}}",
        [
            "spec.accessModes: Required value",
            'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
            "spec.nfs: Forbidden: may not specify more than 1 volume type",
            "spec.hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
        ],
    ),
    "limits of no sense": (
        "{apiVersion: v1, kind: LimitRange, metadata: {name: a}, spec: {limits: [{type: Pod, default: {cpu: 1}}, "
        "{type: PersistentVolumeClaim, min: {storage: 2Gi}, max: {storage: 1Gi}}, "
        "{type: Container, maxLimitRequestRatio: {memory: 500m}}]}}",
        [
            "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
            'spec.limits[1].min[storage]: Invalid value: "2Gi": min value 2Gi is greater than max value 1Gi',
            'spec.limits[2].maxLimitRequestRatio[memory]: Invalid value: "500m": ratio 500m is less than 1',
        ],
    ),
    "a webhook that is nowhere": (
        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a}, webhooks: [{"
        "name: a.b, clientConfig: {}, timeoutSeconds: 60, admissionReviewVersions: [v9]}]}",
        [
            'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
            "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
            "webhooks[0].timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds",
            "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
            'webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
        ],
    ),
    "how fast an autoscaler goes": (
        "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {maxReplicas: 3, scaleTargetRef: "
        "{apiVersion: apps/v1, kind: Deployment, name: a}, behavior: {scaleDown: {stabilizationWindowSeconds: 4000, policies: ["
        "{type: Pods, value: 0, periodSeconds: 2000}]}}}}",
        [
            "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600",
            "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
            "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 2000: must be less than or equal to 1800",
        ],
    ),
    "a subject of a foreign group": (
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {kind: Role, name: a}, "
        "subjects: [{kind: ServiceAccount, name: a, apiGroup: apps}]}",
        ['subjects[0].apiGroup: Unsupported value: "apps": supported values: ""'],
    ),
    "how a claim may be used": (
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a}, spec: {accessModes: [ReadWriteOncePod, "
        "ReadWriteOnce], "
        "resources: {requests: {storage: 1Gi}}, volumeMode: Tape}}",
        [
            "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
            'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
        ],
    ),
}
SCHEDULES = {
    "60 * * * *": "end of range (60) above maximum (59): 60",
    "* * 0 * *": "beginning of range (0) below minimum (1): 0",
    "5-1 * * * *": "beginning of range (5) beyond end of range (1): 5-1",
    "x * * * *": 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
    "*/0 * * * *": "step of range should be a positive number: */0",
    "1-2-3 * * * *": "too many hyphens: 1-2-3",
    "* * * *": "expected exactly 5 fields, found 4: [* * * *]",
    "@never": "unrecognized descriptor: @never",
}


def refusal(obj: dict[str, Any]) -> list[str]:
    with pytest.raises(ApiError) as caught:
        Cluster(controllers=False).create(obj)
    assert caught.value.code == 422, caught.value
    return [f"{cause['field']}: {cause['message']}" for cause in caught.value.details["causes"]]


@pytest.mark.parametrize("name", REFUSED)
def test_the_server_says_what_is_wrong(name: str) -> None:
    text, wanted = REFUSED[name]
    assert refusal(load_document(text, where="test")) == wanted


def cron_job(schedule: str) -> dict[str, Any]:
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": pod}}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "a"}, "spec": spec}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_is_refused_in_the_words_of_its_parser(schedule: str) -> None:
    assert refusal(cron_job(schedule)) == [f'spec.schedule: Invalid value: "{schedule}": {SCHEDULES[schedule]}']


@pytest.mark.parametrize("schedule", ["*/5 * * * *", "0 9-17/2 * jan,MAR mon-fri", "@daily", "@every 1h30m", "? 0 1 1 0"])
def test_a_schedule_that_means_something_is_taken(schedule: str) -> None:
    assert Cluster(controllers=False).create(cron_job(schedule))["spec"]["schedule"] == schedule


FILLED = {
    "driver": (
        "{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: a.example.org}, spec: {podInfoOnMount: true}}",
        {
            "attachRequired": True,
            "fsGroupPolicy": "ReadWriteOnceWithFSType",
            "podInfoOnMount": True,
            "requiresRepublish": False,
            "storageCapacity": False,
            "volumeLifecycleModes": ["Persistent"],
        },
    ),
    "policy": (
        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: a}, "
        "spec: {matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]"
        "}]}}}",
        {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "matchPolicy": "Equivalent",
                "namespaceSelector": {},
                "objectSelector": {},
                "resourceRules": [
                    {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "scope": "*"}
                ],
            },
        },
    ),
}


@pytest.mark.parametrize("name", FILLED)
def test_what_the_server_fills_in(name: str) -> None:
    text, spec = FILLED[name]
    assert Cluster(controllers=False).create(load_document(text, where="test"))["spec"] == spec


IMMUTABLE = {
    "priority": (
        "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: a}, value: 5}",
        {"value": 6},
        "value: Forbidden: may not be changed in an update.",
    ),
    "controller": (
        "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: a}, spec: {controller: example.org/a}}",
        {"spec": {"controller": "example.org/b"}},
        'spec.controller: Invalid value: "example.org/b": field is immutable',
    ),
    "binding mode": (
        "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a}, provisioner: a.example.org}",
        {"volumeBindingMode": "WaitForFirstConsumer"},
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ),
    "handler": (
        "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: a}, handler: runc}",
        {"handler": "kata"},
        'handler: Invalid value: "kata": field is immutable',
    ),
}


@pytest.mark.parametrize("name", IMMUTABLE)
def test_what_cannot_be_changed(name: str) -> None:
    text, change, wanted = IMMUTABLE[name]
    cluster, obj = Cluster(controllers=False), load_document(text, where="test")
    cluster.create(obj)
    with pytest.raises(ApiError) as caught:
        cluster.patch(cluster.kind_of(obj), "a", "", change, type="merge")
    assert [f"{cause['field']}: {cause['message']}" for cause in caught.value.details["causes"]] == [wanted]
