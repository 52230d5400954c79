"""The HorizontalPodAutoscaler controller: as many replicas as the load needs.

Source: k8s.io/kubernetes ``pkg/controller/podautoscaler/horizontal.go``; the load is data, see :mod:`gitops_sim.cluster.load`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster import scale
from gitops_sim.cluster.controllers import replica_count
from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.conditions import Condition, find
from gitops_sim.cluster.controllers.pods import condition, is_finished, is_ready, phase
from gitops_sim.cluster.controllers.relations import Relations
from gitops_sim.cluster.controllers.replica_count import Group, Memory
from gitops_sim.cluster.quantity import amount, canonical
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, get_path, labels_of

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster

PERIOD = 15.0
"""Seconds from one look to the next."""
_STARTING = 300.0
"""Seconds after a Pod's start in which cpu that it used before it was ready does not count."""
_FIRST_READINESS = 30.0
_WINDOW = 15.0
"""Seconds over which a metric is measured."""
_MANAGER = "kube-controller-manager"


class _NoMetric(Exception):
    """Why a metric cannot be had; ``reason`` is the one of condition and event."""

    def __init__(self, reason: str, why: str, whole: str) -> None:
        super().__init__(why)
        self.reason, self.why, self.whole = reason, why, whole


class AutoscalerController(ClusterController):
    """Looks every 15 s as long as there is an autoscaler, and acts through the scale subresource alone. Only cpu and memory have
    metrics here: others are answered as by a cluster without custom metrics.
    """

    name = "horizontal-pod-autoscaler"
    own = ("autoscaling", "HorizontalPodAutoscaler")
    watches = (("autoscaling", "HorizontalPodAutoscaler"),)

    def __init__(self, cluster: Cluster, relations: Relations) -> None:
        super().__init__(cluster, relations)
        self._memories: dict[Key, Memory] = {}

    def on_change(self, change: Change) -> None:
        if change.type == "ADDED":
            self.queue.add(change.key, PERIOD)
        elif change.type == "DELETED":
            self.queue.forget(change.key)
            self._memories.pop(change.key, None)

    def sync(self, key: Key) -> None:
        autoscaler = self.store.get(key)
        if autoscaler is None:
            return
        self.queue.add(key, PERIOD)
        former = autoscaler.get("status") or {}
        conditions: list[Condition] = list(former.get("conditions") or ())
        reference = autoscaler["spec"]["scaleTargetRef"]
        try:
            target = self._target(reference, key.namespace)
        except ApiError as error:
            self.events.warning(autoscaler, "FailedGetScale", error.message)
            why = f"the HPA controller was unable to get the target's current scale: {error.message}"
            self._say(conditions, "AbleToScale", "False", "FailedGetScale", why)
            self.set_status(autoscaler, {"currentMetrics": None, "desiredReplicas": 0, **former, "conditions": conditions})
            return
        why = "the HPA controller was able to get the target's current scale"
        self._say(conditions, "AbleToScale", "True", "SucceededGetScale", why)
        self._scale(key, autoscaler, target, conditions)

    def _target(self, reference: Object, namespace: str) -> Object:
        kind = reference["kind"]
        if kind not in scale.SCALABLE:
            raise ApiError(404, "NotFound", "the server could not find the requested resource", details={})
        return self.cluster.get(kind, reference["name"], namespace)

    def _scale(self, key: Key, autoscaler: Object, target: Object, conditions: list[Condition]) -> None:
        spec, current = autoscaler["spec"], int(get_path(target, ("spec", "replicas"), 1))
        low, high = spec.get("minReplicas", 1), spec["maxReplicas"]
        memory = self._memories.setdefault(key, Memory([(self.clock.now, current)]))
        metrics: list[dict[str, Any]] | None = None
        reason = ""
        if current == 0 and low:
            desired = 0
            why = "scaling is disabled since the replica count of the target is zero"
            self._say(conditions, "ScalingActive", "False", "ScalingDisabled", why)
        elif current > high:
            desired, reason = high, "Current number of replicas above Spec.MaxReplicas"
        elif current < low:
            desired, reason = low, "Current number of replicas below Spec.MinReplicas"
        else:
            try:
                wanted, name, metrics = self._wanted(autoscaler, target, current)
            except _NoMetric as error:
                why = f"the HPA was unable to compute the replica count: {error.why}"
                self._say(conditions, "ScalingActive", "False", error.reason, why)
                self.events.warning(autoscaler, error.reason, error.why)
                self._status(autoscaler, current, (autoscaler.get("status") or {}).get("desiredReplicas", 0), None, conditions)
                self.events.warning(autoscaler, "FailedComputeMetricsReplicas", error.whole)
                return
            why = f"the HPA was able to successfully calculate a replica count from {name}"
            self._say(conditions, "ScalingActive", "True", "ValidMetricFound", why)
            reason = f"{name} above target" if wanted > current else "All metrics below target"
            desired, able, limited = replica_count.settle(
                memory, self.clock.now, current, wanted, low, high, spec.get("behavior")
            )
            self._say(conditions, "AbleToScale", *able)
            self._say(conditions, "ScalingLimited", *limited)
        scaled = desired != current
        if scaled and not self._rescale(autoscaler, target, desired, reason, conditions):
            self._status(autoscaler, current, (autoscaler.get("status") or {}).get("desiredReplicas", 0), None, conditions)
            return
        if scaled:
            memory.changes = [*memory.changes[-100:], (self.clock.now, desired - current)]
        self._status(autoscaler, current, desired, metrics, conditions, scaled=scaled)

    def _rescale(self, autoscaler: Object, target: Object, size: int, reason: str, conditions: list[Condition]) -> bool:
        meta, body = target["metadata"], {"spec": {"replicas": size}}
        try:
            self.cluster.patch(
                target["kind"], meta["name"], meta["namespace"], body, type="merge", subresource="scale", manager=_MANAGER
            )
        except ApiError as error:
            self.events.warning(autoscaler, "FailedRescale", f"New size: {size}; reason: {reason}; error: {error.message}")
            why = f"the HPA controller was unable to update the target scale: {error.message}"
            self._say(conditions, "AbleToScale", "False", "FailedUpdateScale", why)
            return False
        why = f"the HPA controller was able to update the target scale to {size}"
        self._say(conditions, "AbleToScale", "True", "SucceededRescale", why)
        self.events.normal(autoscaler, "SuccessfulRescale", f"New size: {size}; reason: {reason}")
        return True

    # ------------------------------------------------------------------ metrics

    def _wanted(self, autoscaler: Object, target: Object, current: int) -> tuple[int, str, list[dict[str, Any]]]:
        """The largest proposal, the name of its metric and the state of all. Raises _NoMetric when one that fails might have
        asked for more."""
        best, name, states = 0, "", []
        failures: list[_NoMetric] = []
        specs = autoscaler["spec"].get("metrics") or ()
        for spec in specs:
            try:
                proposal, called, state = self._proposal(spec, target, current)
            except _NoMetric as failure:
                failures.append(failure)
                continue
            states.append(state)
            if proposal > best or not name:
                best, name = proposal, called
        if failures and (len(failures) == len(specs) or best < current):
            first = failures[0]
            whole = f"invalid metrics ({len(failures)} invalid out of {len(specs)}), first error is: {first.whole}"
            raise _NoMetric(first.reason, first.why, whole)
        return best, name, states

    def _proposal(self, spec: Object, target: Object, current: int) -> tuple[int, str, dict[str, Any]]:
        if spec["type"] != "Resource":
            kind = spec["type"]
            family = "external" if kind == "External" else "custom"
            why = (
                f"unable to fetch metrics from {family} metrics API: no {family} metrics API ({family}.metrics.k8s.io) registered"
            )
            raise _NoMetric(f"FailedGet{kind}Metric", why, f"failed to get {kind.lower()} metric value: {why}")
        resource, goal = spec["resource"]["name"], spec["resource"]["target"]
        group = self._group(target, resource, utilization="averageUtilization" in goal)
        if "averageUtilization" in goal:
            wanted, per_cent, average = replica_count.proposal(group, current, goal["averageUtilization"], utilization=True)
            now: dict[str, Any] = {"averageUtilization": per_cent}
            name = f"{resource} resource utilization (percentage of request)"
        else:
            plain = max(1, int(amount(goal["averageValue"]) * 1000))
            wanted, _, average = replica_count.proposal(group, current, plain, utilization=False)
            now, name = {}, f"{resource} resource"
        now["averageValue"] = canonical(f"{average}m")
        return wanted, name, {"type": "Resource", "resource": {"name": resource, "current": now}}

    def _group(self, target: Object, resource: str, *, utilization: bool) -> Group:
        selector, meta = target["spec"].get("selector"), target["metadata"]
        pods = [
            pod
            for pod in self.store.list("", "Pod", meta["namespace"])
            if matches(selector, labels_of(pod)) and not is_finished(pod) and "deletionTimestamp" not in pod["metadata"]
        ]
        load = self.cluster.load
        if not load.measured:
            missing = "the server could not find the requested resource (get pods.metrics.k8s.io)"
            why = f"unable to get metrics for resource {resource}: unable to fetch metrics from resource metrics API: {missing}"
            raise _failed(resource, why)
        serving = [pod for pod in pods if is_ready(pod)]
        usage = load.usage(target["kind"], meta["name"], meta["namespace"], serving)
        if not usage:
            raise _failed(
                resource, f"unable to get metrics for resource {resource}: no metrics returned from resource metrics API"
            )
        unready = [pod["metadata"]["name"] for pod in pods if self._is_unready(pod, resource)]
        metrics = {name: amounts[resource] for name, amounts in usage.items() if name not in unready}
        missing_pods = [n for pod in pods if (n := pod["metadata"]["name"]) not in unready and n not in usage]
        requests = _requests(pods, resource) if utilization else {}
        if not metrics:
            raise _failed(resource, "did not receive metrics for targeted pods (pods might be unready)")
        return Group(metrics, unready, missing_pods, requests)

    def _is_unready(self, pod: Object, resource: str) -> bool:
        """Whether its metrics do not count yet; ``groupPods``. Memory counts as soon as the Pod runs."""
        if phase(pod) == "Pending":
            return True
        if resource != "cpu":
            return False
        ready, started = condition(pod, "Ready"), get_path(pod, ("status", "startTime"))
        if ready is None or not started:
            return True
        since, begun = parse_timestamp(ready["lastTransitionTime"]), parse_timestamp(started)
        if begun + _STARTING > self.clock.now:
            return ready["status"] == "False" or self.clock.now < since + _WINDOW
        return ready["status"] == "False" and begun + _FIRST_READINESS > since

    # ------------------------------------------------------------------ what it says

    def _say(self, conditions: list[Condition], kind: str, status: str, reason: str, message: str) -> None:
        """Sets a condition in its place; its time is that of the last change of status."""
        old = find(conditions, kind)
        since = old["lastTransitionTime"] if old is not None and old["status"] == status else self.clock.timestamp()
        new = {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since}
        if old is None:
            conditions.append(new)
        else:
            conditions[conditions.index(old)] = new

    def _status(
        self,
        autoscaler: Object,
        current: int,
        desired: int,
        metrics: Sequence[dict[str, Any]] | None,
        conditions: list[Condition],
        *,
        scaled: bool = False,
    ) -> None:
        former = autoscaler.get("status") or {}
        status: dict[str, Any] = {
            "conditions": conditions,
            "currentMetrics": list(metrics) if metrics else None,
            "currentReplicas": current,
            "desiredReplicas": desired,
        }
        if scaled:
            status["lastScaleTime"] = self.clock.timestamp()
        elif "lastScaleTime" in former:
            status["lastScaleTime"] = former["lastScaleTime"]
        self.set_status(autoscaler, status)


def _failed(resource: str, why: str) -> _NoMetric:
    why = f"failed to get {resource} utilization: {why}"
    return _NoMetric("FailedGetResourceMetric", why, f"failed to get {resource} resource metric value: {why}")


def _requests(pods: Sequence[Object], resource: str) -> dict[str, int]:
    """What each Pod asks for, in thousandths. Raises _NoMetric for a container that asks for nothing."""
    found: dict[str, int] = {}
    for pod in pods:
        name, total = pod["metadata"]["name"], 0
        for container in pod["spec"]["containers"]:
            asked = ((container.get("resources") or {}).get("requests") or {}).get(resource)
            if asked is None:
                raise _failed(resource, f"missing request for {resource} in container {container['name']} of Pod {name}")
            total += int(amount(asked) * 1000)
        found[name] = total
    return found
