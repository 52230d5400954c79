"""The switches of an agent that a counterfactual may flip: each is one thing that a platform team does, as actions.

``selfHeal=true`` is written as in the object that it stands in. What it does is done by ``platform``, with kubectl or at the
forge, so that it stands in the trace and in the action log like anything else.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.settings import CONFIG_MAP
from gitops_sim.clock import parse_duration
from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Object, get_path
from gitops_sim.world import World

PLATFORM = "platform"
"""Who flips switches."""
APPLICATIONS = "applications.argoproj.io"


@dataclass(frozen=True, slots=True)
class Target:
    """What has the switch: one Application, in its cluster."""

    world: World
    cluster: Cluster
    object: Object

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])

    def patch(self, spec: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """A merge patch of its spec."""
        place = f"application {self.name} -n {self.object['metadata']['namespace']}"
        yield self._kubectl(f"patch {place} --type merge -p {shlex.quote(json.dumps({'spec': spec}))}")

    def configure(self, settings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Settings in argocd-cm, which is made when it is not there."""
        if self.cluster.find("ConfigMap", CONFIG_MAP, "argocd") is None:
            pairs = " ".join(f"--from-literal={shlex.quote(f'{key}={value}')}" for key, value in settings.items())
            yield self._kubectl(f"create configmap {CONFIG_MAP} -n argocd {pairs}")
        else:
            yield self._kubectl(
                f"patch configmap {CONFIG_MAP} -n argocd --type merge -p {shlex.quote(json.dumps({'data': settings}))}"
            )

    def webhook(self, state: str) -> Iterator[dict[str, Any]]:
        url = self.world.argocd_in(self.cluster.name).webhook
        repository = self.world.git.repository(get_path(self.object, ("spec", "source", "repoURL"), ""))
        yield {"do": "webhook", "repo": repository.name, "url": url, "state": state}

    def _kubectl(self, args: str) -> dict[str, Any]:
        return {"do": "kubectl", "args": args, "cluster": self.cluster.name}


@dataclass(frozen=True, slots=True)
class Switch:
    """``read`` makes the value from its text; ``actions`` are what flips the switch of a target; ``doc`` is for people."""

    doc: str
    read: Callable[[str], Any]
    actions: Callable[[Target, Any], Iterator[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Flip:
    """A switch and the value that it gets: ``selfHeal=true``."""

    name: str
    value: Any

    def __str__(self) -> str:
        shown = str(self.value).lower() if isinstance(self.value, bool) else self.value
        return f"{self.name}={shown}"


def read_flip(text: str) -> Flip:
    """``selfHeal=true``. Raises BadInput for an unknown switch, which names the nearest, and for a value that it cannot have."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{text!r} says no value", mend=f"write {name}=VALUE, such as selfHeal=true")
    if name not in SWITCHES:
        raise BadInput(f"no switch {name!r}", mend=nearest(name, SWITCHES))
    try:
        return Flip(name, SWITCHES[name].read(value))
    except BadInput as error:
        raise BadInput(f"{name} cannot be {value!r}: {error.what}", mend=error.mend) from None


def flip(world: World, wanted: Flip, of: str = "") -> None:
    """Flips the switch of an Application now; of the first one when none is named. Raises BadInput when there is none, or when it
    is refused."""
    target = _target(world, of)
    for fields in SWITCHES[wanted.name].actions(target, wanted.value):
        do = fields.pop("do")
        output = world.do(do, by=PLATFORM, **fields)
        if output.exit:
            raise BadInput(f"{wanted} is refused: {str(output).strip()}", where=target.name, mend="choose another value")


def targets(world: World) -> dict[str, Target]:
    """Whatever has switches, by name."""
    found: dict[str, Target] = {}
    for cluster in world.clusters.values():
        try:
            applications = cluster.list(APPLICATIONS)
        except ApiError:
            continue
        for obj in applications:
            found.setdefault(obj["metadata"]["name"], Target(world, cluster, obj))
    return found


def _target(world: World, of: str) -> Target:
    found = targets(world)
    if not found:
        raise BadInput(
            "the switches are those of Argo CD's Applications, and there is none here",
            mend="choose a story with one, such as drift",
        )
    if of and of not in found:
        raise BadInput(f"no Application {of!r} here", mend=nearest(of, found))
    return found[of or next(iter(found))]


# ---------------------------------------------------------------------- the switches


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadInput("it is on or off", mend="write true or false")
    return text == "true"


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _choice(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in values:
            raise BadInput("it is " + " or ".join(values), mend="write one of them")
        return text

    return read


def _pointers(text: str) -> str:
    if not all(part.startswith("/") for part in text.split(",")):
        raise BadInput("fields are named by JSON pointers", mend="write /spec/replicas")
    return text


def _automated(key: str) -> Callable[[Target, Any], Iterator[dict[str, Any]]]:
    def actions(target: Target, value: Any) -> Iterator[dict[str, Any]]:
        return target.patch({"syncPolicy": {"automated": {key: value}}})

    return actions


def _ignore(target: Target, value: str) -> Iterator[dict[str, Any]]:
    return target.patch({"ignoreDifferences": [{"group": "*", "kind": "*", "jsonPointers": value.split(",")}]})


def _interval(target: Target, value: str) -> Iterator[dict[str, Any]]:
    return target.configure({"timeout.reconciliation": value, "timeout.reconciliation.jitter": "0s"})


SWITCHES: dict[str, Switch] = {
    "automated": Switch("auto-sync: whether a new commit is applied without being asked", _flag, _automated("enabled")),
    "selfHeal": Switch("whether auto-sync also undoes changes of the cluster", _flag, _automated("selfHeal")),
    "prune": Switch("whether auto-sync also deletes what Git has no more", _flag, _automated("prune")),
    "ignoreDifferences": Switch("fields that are not compared: /spec/replicas,/spec/paused", _pointers, _ignore),
    "interval": Switch("how often Git is asked, without jitter: 30s, 10m, 0 for never", _duration, _interval),
    "webhook": Switch("whether the forge tells of pushes: on, lost, removed", _choice("on", "lost", "removed"), Target.webhook),
}
"""What there is to flip."""
