"""What a check may look at: the world as it ended, what was done and answered, and every state on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gitops_sim.actions import Action
from gitops_sim.clock import format_duration
from gitops_sim.cluster import Cluster
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Key, Object
from gitops_sim.output import Output
from gitops_sim.verbs import LEARNER
from gitops_sim.world import World


@dataclass(frozen=True, slots=True)
class Performed:
    """One action as it was done: it began at ``start`` and, if it had to wait for something, came back at ``end``."""

    action: Action
    start: float
    end: float
    output: Output


class Span(NamedTuple):
    """A condition held, or not, from ``start`` until ``end`` (simulated seconds)."""

    start: float
    end: float
    holds: bool


class Step(NamedTuple):
    """An object from ``time`` on; None while it does not exist."""

    time: float
    object: Object | None


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object by kind, namespace and name, before anyone knows the kind: ``Deployment/web``, ``deploy/shop/web``."""

    kind: str
    namespace: str
    name: str
    cluster: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass
class Evidence:
    """A world that was played, from its beginning until ``world.now``."""

    world: World
    performed: Sequence[Performed] = ()
    _steps: dict[tuple[str, Key], list[Step]] = field(default_factory=dict, repr=False)

    @property
    def end(self) -> float:
        return self.world.now

    def cluster(self, name: str = "") -> Cluster:
        return self.world.cluster(name)

    def is_person(self, user: str) -> bool:
        """Whether a cluster's user is a person: one who acted, or whom the forge knows; not a controller, nor an agent."""
        known = {person.id for person in self.world.git.people} | {p.action.by or LEARNER for p in self.performed}
        return user in known

    def key(self, ref: ObjectRef) -> Key:
        """Raises BadInput for a kind that the cluster does not know."""
        cluster = self.cluster(ref.cluster)
        kind = cluster.kinds.find(ref.kind)
        if kind is None:
            raise BadInput(
                f"cluster {cluster.name!r} has no kind {ref.kind!r}", mend=nearest(ref.kind, (k.kind for k in cluster.kinds))
            )
        return Key(kind.group, kind.kind, (ref.namespace or "default") if kind.namespaced else "", ref.name)

    def object_at(self, ref: ObjectRef, time: float) -> Object | None:
        """The state in force at ``time``, after all that happened in that instant."""
        return step_at(self.steps(ref), time)

    def steps(self, ref: ObjectRef) -> list[Step]:
        """Every state of the object in which time passed: of several changes in one instant, the last one."""
        cluster, key = self.cluster(ref.cluster), self.key(ref)
        known = self._steps.get((cluster.name, key))
        if known is None:
            known = [Step(0.0, None)]
            for change in cluster.store.history(key):
                step = Step(change.time, None if change.type == "DELETED" else change.object)
                if known[-1].time == step.time:
                    known[-1] = step
                else:
                    known.append(step)
            self._steps[cluster.name, key] = known
        return known


def spans(breaks: Sequence[float], end: float, holds: Callable[[float], bool]) -> list[Span]:
    """Cuts ``[0, end]`` at ``breaks``, and joins neighbours in which ``holds(start)`` is the same."""
    result: list[Span] = []
    times = sorted({0.0, *(b for b in breaks if b <= end)})
    for start, stop in zip(times, [*times[1:], end], strict=True):
        value = holds(start)
        if result and result[-1].holds is value:
            result[-1] = Span(result[-1].start, stop, value)
        else:
            result.append(Span(start, stop, value))
    return result


def step_at(steps: Sequence[Step], time: float) -> Object | None:
    """The state in force at ``time``."""
    found: Object | None = None
    for step in steps:
        if step.time > time:
            break
        found = step.object
    return found


def seconds(value: float) -> str:
    """For people: ``2.5 s``, ``28 s``, ``49m58s``."""
    return f"{round(value, 1 if value < 10 else None):g} s" if value < 60 else format_duration(value)
