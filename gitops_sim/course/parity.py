"""The same actions on the simulated cluster and on a real one, and every field in which the two then differ."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.actions import Action, ActionLog
from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.clock import format_duration
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.course.exercises import Exercise
from gitops_sim.errors import BadInput
from gitops_sim.kind import KindSettings
from gitops_sim.kind.marks import LABEL
from gitops_sim.objects import Object, changes, controller_of, dotted
from gitops_sim.scenarios.building import build_world
from gitops_sim.world import World

PATIENCE = 60.0
"""Real seconds that the real cluster has to come to where the simulated one stands after an action."""

_KINDS = (
    *("deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch", "cronjobs.batch", "pods"),
    *("services", "configmaps", "secrets", "persistentvolumeclaims", "ingresses.networking.k8s.io"),
    *("horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy", "networkpolicies.networking.k8s.io"),
)
_OF_EVERY_NAMESPACE = {("ConfigMap", "kube-root-ca.crt"), ("Service", "kubernetes")}
_DROPPED = {
    *("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "managedFields", "selfLink", "namespace"),
    *("nodeName", "hostIP", "hostIPs", "podIP", "podIPs", "clusterIP", "clusterIPs", "containerID", "imageID"),
    *("lastTransitionTime", "lastUpdateTime", "lastProbeTime", "startTime", "startedAt", "finishedAt", "completionTime"),
}
"""Fields that no two clusters have in common."""
_HASH = re.compile(r"-[a-z0-9]{8,10}(?=-|\b)(-[a-z0-9]{5}\b)?|-[a-z0-9]{5}$")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field after one action; a side that does not have it says None. ``step`` counts the actions from 1."""

    step: int
    action: str
    object: str
    field: str
    simulated: Any
    real: Any

    def __str__(self) -> str:
        return f"after {self.step} ({self.action}): {self.object} {self.field}  simulated {self.simulated!r}, real {self.real!r}"


def parity(
    exercise: Exercise,
    settings: KindSettings,
    *,
    log: ActionLog | None = None,
    patience: float = PATIENCE,
    tell: Callable[[str], object] = lambda line: None,
) -> list[Difference]:
    """Plays ``log``, the exercise's solution when there is none, on both. Times between actions are the simulated world's;
    the real one is waited for until it has come to the same, at most ``patience`` real seconds an action.

    Raises BadInput for an exercise with several clusters, and for a cluster that must not be touched.
    """
    if len(exercise.world.clusters) != 1 or exercise.world.pipelines:
        what = f"exercise '{exercise.id}' has several clusters, or a pipeline"
        raise BadInput(f"{what}: it cannot be played on one real cluster", mend="choose another exercise")
    log = log or exercise.solution
    simulated = build_world(exercise.world, seed=exercise.seed)
    real = build_world(exercise.world, seed=exercise.seed, cluster=settings)
    actions = sorted([*exercise.happens, *log.actions], key=lambda action: action.at)
    try:
        return list(_played(simulated, real, actions, log.ends, patience, tell))
    finally:
        real.close()


def _played(
    simulated: World, real: World, actions: Sequence[Action], ends: float, patience: float, tell: Callable[[str], object]
) -> Iterator[Difference]:
    simulated.clock.run_before(max(actions[0].at if actions else ends, simulated.now))
    real.run_until(lambda: not any(_differences(simulated, real)), timeout=patience)
    for step, action in enumerate(actions, 1):
        simulated.clock.run_before(max(action.at, simulated.now))
        shown = f"{action.do} {action.get('args') or action.get('message') or ''}".strip()
        tell(f"{format_duration(action.at)}  {shown}")
        simulated.do(action)
        real.do(action)
        _refresh(real)
        until = actions[step].at if step < len(actions) else max(ends, simulated.now)
        simulated.clock.run_before(max(until, simulated.now))
        real.run_until(lambda: not any(_differences(simulated, real)), timeout=patience)
        for name, field, one, other in _differences(simulated, real):
            yield Difference(step, shown, name, field, one, other)


def _refresh(world: World) -> None:
    """Has the agents look at Git now: the real world does not wait for their next poll."""
    for agent in world.agents.values():
        if isinstance(agent, ArgoCD):
            for app in agent.applications():
                agent.refresh(app)


# ---------------------------------------------------------------------- comparing


def _differences(simulated: World, real: World) -> Iterator[tuple[str, str, Any, Any]]:
    ours, theirs = _comparable(simulated), _comparable(real)
    for name in sorted({*ours, *theirs}):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None:
            yield name, "", "is there" if one else None, "is there" if other else None
            continue
        for path, mine, its in changes(one, other):
            yield name, dotted(path), mine, its


def _comparable(world: World) -> dict[str, Any]:
    """Objects by a name that both clusters would give them, without what is different anyhow."""
    cluster = world.cluster()
    found: dict[str, Any] = {}
    for kind in _KINDS:
        objects = cluster.list(kind, cluster.home)
        for number, obj in enumerate(sorted(objects, key=_order), 1):
            name = (obj["kind"], obj["metadata"]["name"])
            if name not in _OF_EVERY_NAMESPACE:
                number_of_made = f" {number}" if controller_of(obj) else ""
                found[f"{name[0]}/{_HASH.sub('-*', name[1])}{number_of_made}"] = _masked(obj, cluster.home)
    return found


def _order(obj: Object) -> tuple[str, str, str]:
    """Made objects by the image that they run, since their names are chance."""
    return _HASH.sub("", obj["metadata"]["name"]), str((obj.get("spec") or {}).get("containers")), obj["metadata"]["name"]


def _masked(value: Any, home: str) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _masked(_plain(key, inner), home) for key, inner in value.items() if key not in _DROPPED and key != LABEL}
        return {key: inner for key, inner in kept.items() if inner not in ({}, [])}
    if isinstance(value, list):
        return [_masked(inner, home) for inner in value if not _is_token_volume(inner)]
    if not isinstance(value, str):
        return value
    return (_HASH.sub("-*", value) if value.startswith(_MADE_NAMES) else value).replace(home, "default")


def _plain(key: str, value: Any) -> Any:
    """What is written as text is compared field by field; names that controllers gave are chance."""
    if key == "pod-template-hash":
        return "*"
    if key == LAST_APPLIED and isinstance(value, str):
        return json.loads(value)
    if key == "metadata" and isinstance(value, Mapping) and value.get("ownerReferences"):
        return {**value, "name": "*"}
    return value


_MADE_NAMES = ("ReplicaSet ", "Created pod", "Scaled ")


def _is_token_volume(value: Any) -> bool:
    return isinstance(value, Mapping) and str(value.get("name", "")).startswith("kube-api-access-")
