"""What a person should look at after a run: each thing with its cause, so that many of one cause are told together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gitops_sim.objects import Key
from gitops_sim.trace import Record
from gitops_sim.views.tree import Node
from gitops_sim.world import World

_FAILED = ("SyncFailed", "ComparisonFailed")
_QUIET_KINDS = ("ReplicaSet", "Pod")
_FOREIGN = "is not healthy: its operator, or what a chart would bring, is not at work here"
_NOTED = ("OptionIgnored",)
_WAITING = re.compile(r"dependency '[^']+' is not ready|unable to get '[^']+' dependency")
_PARTS = (
    (re.compile(r'"[^"]*"'), '"…"'),
    (re.compile(r"'[^']*'"), "'…'"),
    (re.compile(r"(?<=>)/[^\s'`]+"), "/…"),
    (re.compile(r"\b([A-Z]\w+)/[\w.-]+(?:/[\w.-]+)?"), r"\1/…"),
    (re.compile(r"(?<![\w/…])[a-z0-9][\w.-]*/[\w./-]+"), "…"),
    (re.compile(r"\b[0-9a-f]{7,40}\b"), "…"),
    (re.compile(r"#\d+ at [\d:]+[AP]M"), "#…"),
)
"""What differs between messages of one cause."""
_MOST_OF_A_PATTERN = 200
_TELLING = {
    "SyncFailed": "a sync failed",
    "SyncSkipped": "a sync was skipped",
    "ComparisonFailed": "the desired state cannot be loaded",
    "PipelineFailed": "the pipeline failed",
    "PruneSkipped": "nothing was pruned",
    "OptionIgnored": "says something that is not simulated",
    "FieldDropped": "has fields that the API server drops",
}


Sort = Literal["problem", "stand-in", "note"]


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that a person should look at: what, about which object, and why. ``cause`` is what it has in common with others;
    without one it stands alone. ``sort``: a ``problem`` is not well, a ``stand-in`` takes the place of something, a ``note`` is
    what the run left out or did for a person."""

    subject: str
    what: str
    why: str = ""
    cause: str = ""
    sort: Sort = "problem"


def grouped(found: Sequence[Attention]) -> list[tuple[str, list[Attention]]]:
    """By cause, in the order in which each cause came first."""
    groups: dict[str, list[Attention]] = {}
    for number, item in enumerate(found):
        groups.setdefault(item.cause or f"\0{number}", []).append(item)
    return [(cause if not cause.startswith("\0") else "", items) for cause, items in groups.items()]


def alike(who: str, message: str) -> str:
    """What messages of one cause have in common: without names, paths and numbers of attempts."""
    if _WAITING.search(message):
        return f"{who}: waits for another one that is not ready"
    text = " ".join(message.split())
    for part, instead in _PARTS:
        text = part.sub(instead, text)
    return f"{who}: {text[:_MOST_OF_A_PATTERN]}"


def from_trace(world: World, settled: Iterable[str] = (), told: Iterable[str] = ()) -> Iterator[Attention]:
    """What went wrong, each kind of trouble with an object once: the last time tells how it ended. ``settled`` are subjects whose
    skipped syncs were made up for, ``told`` are those whose failures are told otherwise."""
    done, known = frozenset(settled), frozenset(told)
    last: dict[tuple[str, str], Record] = {}
    for record in world.trace.find(event=tuple(_TELLING)):
        last.pop((record.subject, record.event), None)
        last[record.subject, record.event] = record
    for record in last.values():
        if (record.event == "SyncSkipped" and record.subject in done) or (record.event in _FAILED and record.subject in known):
            continue
        why = record.reason if record.reason not in record.message else ""
        sort: Sort = "note" if record.event in _NOTED else "problem"
        yield Attention(record.subject, record.message, why, _TELLING[record.event], sort)


def unhealthy(node: Node, apart: frozenset[Key] = frozenset(), foreign: frozenset[str] = frozenset()) -> Iterator[Attention]:
    """The objects under ``node`` that are not as they should be. ``apart`` are told elsewhere; ``foreign`` are the kinds that
    nobody in this cluster works on."""
    for child in node.children:
        if child.key in apart:
            continue
        if child.kind in foreign and child.sync in ("", "Synced"):
            if child.health not in ("", "Healthy"):
                yield Attention(f"{child.kind}/{child.name}", f"is {child.health}", cause=_FOREIGN)
            continue
        states = [child.health] if child.health not in ("", "Healthy") and child.kind not in _QUIET_KINDS else []
        states += [child.sync] if child.sync not in ("", "Synced") else []
        if states:
            what = f"is {' and '.join(states)}"
            yield Attention(f"{child.kind}/{child.name}", what, _why(child), f"{child.kind} {what}")
        yield from unhealthy(child, apart, foreign)


def _why(node: Node) -> str:
    """What the drawing says beside it, and what is the matter with the first Pod that is not well."""
    pods = (one for one in _below(node) if one.kind == "Pod" and one.health not in ("", "Healthy"))
    return ", ".join(note for note in (node.note, next((pod.note for pod in pods), "")) if note)


def _below(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _below(child)


def flattened(found: Iterable[Iterable[Attention]]) -> list[Attention]:
    """All of it, each thing once."""
    return list(dict.fromkeys(item for items in found for item in items))
