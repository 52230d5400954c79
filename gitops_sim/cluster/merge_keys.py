"""How a strategic merge patch treats the fields of the built-in kinds: which lists merge, and by which key.

Source: the ``patchStrategy`` and ``patchMergeKey`` tags of k8s.io/api (1.36). A field that is not listed here has the plain rule:
mappings merge, lists and values are replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops_sim.cluster.kinds import Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """One field. ``merge``: a list whose items merge, by the field ``key`` of each, or as a set of values when ``key`` is empty.
    ``retain_keys``: the patch says which keys stay. ``fields``: the rules of what is inside."""

    merge: bool = False
    key: str = ""
    retain_keys: bool = False
    fields: Mapping[str, Rule] = field(default_factory=dict)


PLAIN = Rule()


def _by(key: str, fields: Mapping[str, Rule] | None = None, *, retain_keys: bool = False) -> Rule:
    return Rule(True, key, retain_keys, fields or {})


def _in(**fields: Rule) -> Rule:
    return Rule(fields=fields)


_META = _in(finalizers=Rule(merge=True), ownerReferences=_by("uid"))
_CONDITIONS = _in(conditions=_by("type"))
_CONTAINERS = _by(
    "name",
    {
        "env": _by("name"),
        "ports": _by("containerPort"),
        "volumeDevices": _by("devicePath"),
        "volumeMounts": _by("mountPath"),
    },
)
_POD_SPEC = _in(
    containers=_CONTAINERS,
    ephemeralContainers=_CONTAINERS,
    hostAliases=_by("ip"),
    imagePullSecrets=_by("name"),
    initContainers=_CONTAINERS,
    resourceClaims=_by("name", retain_keys=True),
    schedulingGates=_by("name"),
    topologySpreadConstraints=_by("topologyKey"),
    volumes=_by("name", retain_keys=True),
)
_TEMPLATE = _in(metadata=_META, spec=_POD_SPEC)
_WORKLOAD = _in(template=_TEMPLATE)
_WEBHOOKS = _by("name", {"matchConditions": _by("name")})

_KINDS: dict[str, dict[str, Rule]] = {
    "Pod": {
        "spec": _POD_SPEC,
        "status": _in(
            conditions=_by("type"),
            hostIPs=_by("ip"),
            podIPs=_by("ip"),
            resourceClaimStatuses=_by("name", retain_keys=True),
        ),
    },
    "Service": {"spec": _in(ports=_by("port")), "status": _CONDITIONS},
    "ServiceAccount": {"secrets": _by("name")},
    "Namespace": {"status": _CONDITIONS},
    "Node": {"spec": _in(podCIDRs=Rule(merge=True)), "status": _in(addresses=_by("type"), conditions=_by("type"))},
    "PersistentVolumeClaim": {"status": _CONDITIONS},
    "ReplicationController": {"spec": _WORKLOAD, "status": _CONDITIONS},
    "Deployment.apps": {"spec": _in(strategy=Rule(retain_keys=True), template=_TEMPLATE), "status": _CONDITIONS},
    "ReplicaSet.apps": {"spec": _WORKLOAD, "status": _CONDITIONS},
    "StatefulSet.apps": {"spec": _WORKLOAD, "status": _CONDITIONS},
    "DaemonSet.apps": {"spec": _WORKLOAD, "status": _CONDITIONS},
    "Job.batch": {"spec": _WORKLOAD, "status": _CONDITIONS},
    "CronJob.batch": {"spec": _in(jobTemplate=_in(metadata=_META, spec=_WORKLOAD))},
    "HorizontalPodAutoscaler.autoscaling": {"status": _CONDITIONS},
    "PodDisruptionBudget.policy": {"status": _CONDITIONS},
    "APIService.apiregistration.k8s.io": {"status": _CONDITIONS},
    "MutatingWebhookConfiguration.admissionregistration.k8s.io": {"webhooks": _WEBHOOKS},
    "ValidatingWebhookConfiguration.admissionregistration.k8s.io": {"webhooks": _WEBHOOKS},
    "ValidatingAdmissionPolicy.admissionregistration.k8s.io": {
        "spec": _in(matchConditions=_by("name"), variables=_by("name")),
    },
}
_RULES = {name: Rule(fields={"metadata": _META, **fields}) for name, fields in _KINDS.items()}
_OTHERS = Rule(fields={"metadata": _META})


def rules(kind: Kind) -> Rule:
    """The rules of a whole object of a built-in kind."""
    return _RULES.get(f"{kind.kind}.{kind.group}" if kind.group else kind.kind, _OTHERS)
