"""What Argo CD and Flux think of one object: two judges, two rules, and why they may differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gitops_sim.agents.argocd.compare import IGNORE_HEALTH
from gitops_sim.agents.flux.kstatus import kstatus
from gitops_sim.agents.health import argocd_health, worst
from gitops_sim.agents.health_custom import ships_check
from gitops_sim.objects import Object, annotations_of, group_of


@dataclass(frozen=True, slots=True)
class Opinion:
    """``status`` in the words of the tool (empty: it has no opinion), ``message`` as the tool puts it, ``rule`` how it judges."""

    status: str
    message: str
    rule: str

    def as_json(self) -> dict[str, str]:
        return {"status": self.status, "message": self.message}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Both opinions on one object."""

    kind: str
    namespace: str
    name: str
    argocd: Opinion
    flux: Opinion

    @property
    def agree(self) -> bool:
        """Whether both let it pass, or neither does."""
        return (self.argocd.status in ("Healthy", "")) is (self.flux.status == "Current")

    def as_json(self) -> dict[str, object]:
        names = {"kind": self.kind, "namespace": self.namespace, "name": self.name}
        return {**names, "argocd": self.argocd.as_json(), "flux": self.flux.as_json()}


def verdict(obj: Object) -> Verdict:
    """Judges an object by what its status says."""
    meta, kind = obj["metadata"], (group_of(obj["apiVersion"]), obj["kind"])
    health, (status, why) = argocd_health(obj), kstatus(obj)
    unknown = _NOT_SIMULATED if ships_check(*kind) else _NO_CHECK
    argo_rule, flux_rule = _RULES.get(kind, (unknown if health is None else _ITS_OWN, _GENERIC))
    if annotations_of(obj).get(IGNORE_HEALTH) == "true":
        health, argo_rule = None, f"the annotation {IGNORE_HEALTH} takes it out"
    argocd = Opinion("", "", argo_rule) if health is None else Opinion(health[0], health[1], argo_rule)
    return Verdict(obj["kind"], meta.get("namespace", ""), meta.get("name", ""), argocd, Opinion(status, why, flux_rule))


def application_health(verdicts: Iterable[Verdict]) -> str:
    """What an Application that manages all these would be: the worst of those that have a health."""
    statuses = [verdict.argocd.status for verdict in verdicts if verdict.argocd.status]
    return worst(statuses)  # type: ignore[arg-type]


def kustomization_health(verdicts: Iterable[Verdict]) -> str:
    """What the health check of a Kustomization with ``wait: true`` would say: all must be Current, one that Failed ends it."""
    statuses = {verdict.flux.status for verdict in verdicts}
    if "Failed" in statuses:
        return "fails"
    return "passes" if statuses <= {"Current"} else "waits, until its timeout"


_NO_CHECK = "no check for this kind: it does not count"
_NOT_SIMULATED = "Argo CD ships a check for this kind that is not simulated: there it counts, here it does not"
_ITS_OWN = "by its conditions, in a check that Argo CD ships for this kind; suspended is Suspended"
_GENERIC = "current unless its Ready condition, a newer generation or a Reconciling or Stalled condition says otherwise"
_ROLLOUT = "all replicas updated and available; Degraded once progressDeadlineSeconds are over, crash loops or not"
_RULES: dict[tuple[str, str], tuple[str, str]] = {
    ("apps", "Deployment"): (
        f"{_ROLLOUT}; paused is Suspended",
        "all replicas updated, available and ready; Failed at the deadline",
    ),
    ("apps", "StatefulSet"): (
        "all replicas ready, at the update revision or past the partition",
        "all replicas ready and updated",
    ),
    ("apps", "DaemonSet"): ("updated and available on every node", "updated, available and ready on every node"),
    ("apps", "ReplicaSet"): ("all replicas available; a replica that cannot be made degrades it", "all replicas ready"),
    ("", "Pod"): (
        "Running and Ready; a container that waits for an error or a back-off degrades it at once",
        "Running and Ready; Failed when a container crash-loops or the Pod cannot be scheduled",
    ),
    ("", "Service"): (
        "a LoadBalancer waits for its address, all others are Healthy",
        "a LoadBalancer waits for its cluster IP only",
    ),
    ("networking.k8s.io", "Ingress"): ("waits until a controller has filled in an address", "current as soon as it is there"),
    ("batch", "Job"): ("Complete is Healthy, Failed is Degraded", "current when it has completed, not when it has started"),
    **{("", kind): (_NO_CHECK, "current as soon as it is there") for kind in ("ConfigMap", "Secret")},
    ("batch", "CronJob"): ("Degraded when the last run failed; suspended counts as Healthy", "current as soon as it is there"),
    ("", "PersistentVolumeClaim"): ("Bound; Lost is Degraded", "Bound"),
    ("autoscaling", "HorizontalPodAutoscaler"): ("able to scale and to read its metrics", _GENERIC),
    ("apiregistration.k8s.io", "APIService"): ("Available", _GENERIC),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ("Established and its names accepted", "Established"),
    ("policy", "PodDisruptionBudget"): ("enough healthy Pods to allow what it promises", "observed by its controller"),
}
