"""``argocd app get -o tree``: what an Application manages, with what grew out of it.

Source: ``cmd/argocd/commands/tree.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_sim.agents.argocd.cli.printing import States, table
from gitops_sim.agents.argocd.compare import Resource
from gitops_sim.agents.argocd.customizations import Customizations
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


def tree(resources: tuple[Resource, ...], states: States, cluster: ClusterAPI, customizations: Customizations) -> str:
    """KIND/NAME, STATUS, HEALTH and MESSAGE, children below what owns them."""
    known = {f"{state[1]}/{state[3]}": state for state in states}
    children: dict[str, list[Object]] = {}
    for obj in (obj for kind in _GROWN for obj in cluster.list(kind)):
        for owner in (obj["metadata"].get("ownerReferences") or [])[:1]:
            children.setdefault(owner["uid"], []).append(obj)

    def rows(obj: Object, prefix: str) -> Iterator[list[str]]:
        name = f"{obj['kind']}/{obj['metadata']['name']}"
        state = known.get(name)
        health = customizations.health(obj)
        cells = [state[4], state[5], state[7]] if state else ["", health[0] if health else "", ""]
        yield [_shown(prefix) + name, *cells]
        grown = children.get(obj["metadata"]["uid"], [])
        for number, child in enumerate(grown, 1):
            yield from rows(child, prefix + (_LAST if number == len(grown) else _FIRST))

    found = [row for resource in resources if resource.live is not None for row in rows(resource.live, "")]
    return table([["KIND/NAME", "STATUS", "HEALTH", "MESSAGE"], *found]) if found else ""


def _shown(prefix: str) -> str:
    """Only the last step of the way down is drawn as a branch."""
    steps = [prefix[at : at + 2] for at in range(0, len(prefix), 2)]
    before = "".join(_PIPE if step == _FIRST else "  " for step in steps[:-1])
    return before + (steps[-1] if steps else "")
