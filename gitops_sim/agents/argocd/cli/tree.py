"""The resources behind the summary of ``argocd app get``: as a table, or with ``-o tree`` with what grew out of them.

Source: ``cmd/argocd/commands/tree.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitops_sim.agents.argocd.cli.printing import States, qualified, table
from gitops_sim.agents.argocd.cli.printing import resources as table_of
from gitops_sim.agents.argocd.compare import Resource
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.customizations import Customizations
from gitops_sim.clock import parse_timestamp
from gitops_sim.cluster.ages import human_duration
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object

_FIRST, _LAST, _PIPE = "├─", "└─", "│ "
_GROWN = (
    "replicasets.apps",
    "controllerrevisions.apps",
    "jobs.batch",
    "pods",
    "endpointslices.discovery.k8s.io",
)


def resources(agent: ArgoCD, obj: Object, states: States, output: str) -> str:
    """What stands below the summary of an Application; nothing where it has none."""
    if not output.startswith("tree"):
        shown = table_of(states)
    else:
        app, comparison = agent.application(obj), agent.comparison(qualified(obj))
        found = comparison.resources if comparison else ()
        shown = Tree(states, *agent.surroundings(app), agent.clock.now).printed(found, output) if found else ""
    return f"\n{shown}" if shown else ""


class Tree:
    """``states`` are what ``app get`` says of the resources, ``now`` is in simulated seconds."""

    def __init__(self, states: States, cluster: ClusterAPI, customizations: Customizations, now: float) -> None:
        self._states = {f"{state[1]}/{state[3]}": state for state in states}
        self._customizations, self._now = customizations, now
        self._children: dict[str, list[Object]] = {}
        for obj in (obj for kind in _GROWN for obj in cluster.list(kind)):
            for owner in (obj["metadata"].get("ownerReferences") or [])[:1]:
                self._children.setdefault(owner["uid"], []).append(obj)

    def printed(self, resources: Sequence[Resource], output: str) -> str:
        """Children below what owns them; ``tree=detailed`` shows more of each."""
        detailed = output == "tree=detailed"
        found = [row for resource in resources if resource.live is not None for row in self._rows(resource.live, "", detailed)]
        middle, end = (["AGE"], ["REASON"]) if detailed else ([], [])
        return table([["KIND/NAME", "STATUS", "HEALTH", *middle, "MESSAGE", *end], *found]) if found else ""

    def _rows(self, obj: Object, prefix: str, detailed: bool) -> Iterator[list[str]]:
        meta = obj["metadata"]
        name = f"{obj['kind']}/{meta['name']}"
        health, reason = self._customizations.health(obj) or ("", "")
        state = self._states.get(name)
        status, shown, message = (state[4], state[5], state[7]) if state else ("", health, "")
        age = human_duration(self._now - parse_timestamp(meta["creationTimestamp"]))
        yield [_drawn(prefix) + name, status, shown, *([age] if detailed else []), message, *([reason] if detailed else [])]
        grown = self._children.get(meta["uid"], [])
        for number, child in enumerate(grown, 1):
            yield from self._rows(child, prefix + (_LAST if number == len(grown) else _FIRST), detailed)


def _drawn(prefix: str) -> str:
    """Only the last step of the way down is drawn as a branch."""
    steps = [prefix[at : at + 2] for at in range(0, len(prefix), 2)]
    before = "".join(_PIPE if step == _FIRST else "  " for step in steps[:-1])
    return before + (steps[-1] if steps else "")
