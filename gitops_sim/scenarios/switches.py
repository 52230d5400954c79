"""The switches of an agent that a counterfactual may flip: each is one thing that a platform team does, as actions.

``selfHeal=true`` is written as in the object that it stands in. What it does is done by ``platform``, with kubectl or at the
forge, so that it stands in the trace and in the action log like anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.clock import parse_duration
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.targets import Act, Agent, Target, find_target, targets
from gitops_sim.world import World

PLATFORM = "platform"
"""Who flips switches."""
Acts = Callable[[Target, Any], Iterator[Act]]


@dataclass(frozen=True, slots=True)
class Switch:
    """``read`` makes the value from its text; ``acts`` are what flips the switch, for each agent that has it; ``doc`` is for
    people."""

    doc: str
    read: Callable[[str], Any]
    acts: Mapping[Agent, Acts]


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
    """Flips the switch of an Application or a Kustomization now; of the first one when none is named. Raises BadInput when there
    is none, when its agent has no such switch, or when it is refused."""
    target = find_target(world, of)
    acts = SWITCHES[wanted.name].acts.get(target.agent)
    if acts is None:
        theirs = [name for name, switch in SWITCHES.items() if target.agent in switch.acts]
        kind = "an Application" if target.agent == "argocd" else "a Kustomization"
        raise BadInput(f"{kind} has no switch {wanted.name}", where=target.name, mend="flip one of " + ", ".join(theirs))
    changed = False
    for fields in acts(target, wanted.value):
        do = fields.pop("do")
        output = world.do(do, by=PLATFORM, **fields)
        if output.exit:
            raise BadInput(f"{wanted} is refused: {str(output).strip()}", where=target.name, mend="choose another value")
        changed = changed or "(no change)" not in str(output)
    if not changed:
        raise BadInput(f"has {wanted} already", where=target.name, mend="give it another value: then there is something to see")


def switches_of(world: World) -> dict[str, Switch]:
    """The switches that something in this world has."""
    agents = {target.agent for target in targets(world).values()}
    return {name: switch for name, switch in SWITCHES.items() if agents & switch.acts.keys()}


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


def _automated(key: str) -> Acts:
    return lambda target, value: target.patch({"syncPolicy": {"automated": {key: value}}})


def _spec(key: str) -> Acts:
    return lambda target, value: target.patch({key: value})


def _ignore(target: Target, value: str) -> Iterator[Act]:
    return target.patch({"ignoreDifferences": [{"group": "*", "kind": "*", "jsonPointers": value.split(",")}]})


def _ignored_by_flux(target: Target, value: str) -> Iterator[Act]:
    return target.patch({"ignore": [{"paths": value.split(",")}]})


_WEBHOOK = _choice("on", "lost", "removed")
SWITCHES: dict[str, Switch] = {
    "automated": Switch(
        "auto-sync: whether a new commit is applied without being asked", _flag, {"argocd": _automated("enabled")}
    ),
    "selfHeal": Switch(
        "whether auto-sync also undoes changes of the cluster (Flux always does)", _flag, {"argocd": _automated("selfHeal")}
    ),
    "prune": Switch("whether what Git has no more is deleted", _flag, {"argocd": _automated("prune"), "flux": _spec("prune")}),
    "ignoreDifferences": Switch(
        "fields that are left alone: /spec/replicas,/spec/paused", _pointers, {"argocd": _ignore, "flux": _ignored_by_flux}
    ),
    "interval": Switch(
        "how often Git is asked (and Flux compares): 30s, 10m", _duration, {"argocd": Target.poll, "flux": Target.poll}
    ),
    "webhook": Switch(
        "whether the forge tells of pushes: on, lost, removed", _WEBHOOK, {"argocd": Target.webhook, "flux": Target.webhook}
    ),
    "wait": Switch("whether Ready waits for the health of all objects (Flux)", _flag, {"flux": _spec("wait")}),
    "suspend": Switch("whether the Kustomization rests (Flux)", _flag, {"flux": _spec("suspend")}),
}
"""What there is to flip."""
