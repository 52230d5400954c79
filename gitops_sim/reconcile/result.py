"""What came of a run, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.reconcile.attention import Attention
from gitops_sim.reconcile.standins import StandIn
from gitops_sim.trace import Record
from gitops_sim.views.tree import Node
from gitops_sim.world import World


@dataclass(frozen=True, slots=True)
class AgentObject:
    """One Application, Kustomization, HelmRelease or source, with what it brought. ``sync`` and ``health`` are Argo CD's words,
    ``ready`` is what Flux says (``Ready``, ``Not ready``, ``Unknown``, ``Suspended``, ``Not run``); those of the other agent are
    empty."""

    kind: str
    namespace: str
    name: str
    revision: str
    message: str
    tree: Node
    sync: str = ""
    health: str = ""
    ready: str = ""

    @property
    def well(self) -> bool:
        return self.ready == "Ready" if self.ready else (self.sync, self.health) == ("Synced", "Healthy")

    @property
    def state(self) -> str:
        return self.ready or ", ".join(word for word in (self.sync, self.health) if word) or "not looked at"

    def as_json(self) -> dict[str, Any]:
        fields = {
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "sync": self.sync,
            "health": self.health,
            "ready": self.ready,
            "revision": self.revision,
            "message": self.message,
        }
        resources = [
            {
                "group": n.key.group,
                "kind": n.kind,
                "namespace": n.key.namespace,
                "name": n.name,
                "sync": n.sync,
                "health": n.health,
            }
            for n in self.tree.children
            if n.key is not None
        ]
        return fields | {"resources": resources}


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it. ``sync`` and ``health`` are Argo CD's words, the worst of all Applications; Flux and a push pipeline know
    no sync status, it is empty then. ``why`` says why this agent, and where it began; ``objects`` are those that the agent works
    on, when the repository has some of its own."""

    world: World
    name: str
    path: str
    commit: str
    agent: str
    tree: Node
    sync: str
    health: str
    attention: list[Attention]
    why: Sequence[str] = ()
    objects: Sequence[AgentObject] = ()
    stand_ins: Sequence[StandIn] = ()

    @property
    def timeline(self) -> list[Record]:
        return self.world.trace.story()

    def as_json(self) -> dict[str, Any]:
        return {
            "repository": self.name,
            "path": self.path,
            "revision": self.commit,
            "agent": self.agent,
            "why": list(self.why),
            "sync": self.sync,
            "health": self.health,
            "agent_objects": [obj.as_json() for obj in self.objects],
            "stand_ins": [{"what": made.what, "url": made.url} for made in self.stand_ins],
            "tree": _node_json(self.tree),
            "attention": [
                {"sort": a.sort, "subject": a.subject, "what": a.what, "why": a.why, "cause": a.cause} for a in self.attention
            ],
            "timeline": [
                {"time": r.time, "actor": r.actor, "event": r.event, "message": r.message, "reason": r.reason}
                for r in self.timeline
            ],
            "trace_digest": self.world.trace.digest(),
            "simulated_seconds": self.world.now,
        }


def _node_json(node: Node) -> Mapping[str, Any]:
    fields = {"kind": node.kind, "name": node.name, "sync": node.sync, "health": node.health, "note": node.note}
    return {k: v for k, v in fields.items() if v} | {"children": [_node_json(child) for child in node.children]}
