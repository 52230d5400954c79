"""Flux's objects, to look at: whether each is ready, at which revision, what it says, and what it applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux import inventory
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.ages import age
from gitops_sim.objects import Key, Object, get_path, key_of
from gitops_sim.trace import Trace
from gitops_sim.views.applications.decisions import decisions, decisions_html, decisions_text
from gitops_sim.views.applications.nodes import resource_tree
from gitops_sim.views.applications.tiles import columns
from gitops_sim.views.html import el, facts, folded, sign, table, words
from gitops_sim.views.resources import objects_tree
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import Sign
from gitops_sim.views.tree import tree
from gitops_sim.yaml_out import dump_yaml

GROUP = ".toolkit.fluxcd.io"
_LOOKS = {
    "Ready": Sign("check", "good", "Ready"),
    "Not ready": Sign("cross", "bad", "Not ready"),
    "Unknown": Sign("turning", "change", "Unknown"),
    "Suspended": Sign("pause", "calm", "Suspended"),
}
_REVISIONS = (
    ("status", "lastAppliedRevision"),
    ("status", "artifact", "revision"),
    ("status", "history", 0, "chartVersion"),
    ("status", "latestRef", "tag"),
    ("status", "observedSourceRevision"),
)
"""Of a Kustomization, a source, a HelmRelease, an ImagePolicy and an ImageUpdateAutomation."""
_HEADS = ("Object", "State", "Revision", "Message", "Age")


@dataclass(frozen=True, slots=True)
class FluxFact:
    """``state`` is the condition Ready in words, or Suspended."""

    key: Key
    state: str
    revision: str
    message: str
    created: str

    @property
    def label(self) -> str:
        return f"{self.key.kind} {self.key.namespace}/{self.key.name}"


def flux_objects(cluster: Cluster) -> list[FluxFact]:
    """Everything of Flux's kinds, by kind, namespace and name."""
    found = [obj for group, kind in cluster.store.kinds() if group.endswith(GROUP) for obj in cluster.store.list(group, kind)]
    return sorted((_fact(obj) for obj in found), key=lambda fact: fact.label)


def flux_table(found: Sequence[FluxFact], now: float, link: Callable[[Key], str]) -> str:
    """``link`` gives the address of an object's page."""
    rows = [
        [
            el("a", esc(f.label), href=link(f.key)),
            sign(_LOOKS[f.state]),
            el("code", esc(_short(f.revision))),
            esc(f.message),
            age(f.created, now),
        ]
        for f in found
    ]
    return table("Flux's objects", list(_HEADS), rows) + words("Flux's objects", flux_text(found, now))


def flux_text(found: Sequence[FluxFact], now: float) -> str:
    rows = [tuple(head.upper() for head in _HEADS)]
    rows += [(f.label, f.state, _short(f.revision), f.message, age(f.created, now)) for f in found]
    return columns(rows)


def flux_page(cluster: Cluster, obj: Object, trace: Trace) -> str:
    """One of them: its state, the objects that it applied with all that they own, and every decision about it."""
    fact, key, now = _fact(obj), key_of(obj), cluster.clock.now
    told = decisions(trace, "", key)
    applied = list(inventory.read(obj))
    rows = [("Revision", el("code", esc(fact.revision))), ("Message", esc(fact.message)), ("Age", age(fact.created, now))]
    parts = [el("p", sign(_LOOKS[fact.state]), class_="signs"), facts(rows)]
    if applied:
        parts += [el("h2", "Applied objects"), resource_tree(objects_tree(cluster, key.kind, key.name, applied), now)]
    parts += [el("h2", "Decisions"), decisions_html(told), el("h2", "Manifest")]
    parts.append(folded("Manifest and status", el("pre", esc(dump_yaml(obj)), tabindex="0", aria_label="Manifest and status")))
    text = [flux_text([fact], now)]
    if applied:
        text.append(tree(objects_tree(cluster, key.kind, key.name, applied)).text)
    return "".join(parts) + words("This page", "\n\n".join([*text, decisions_text(told)]))


def _fact(obj: Object) -> FluxFact:
    meta = obj["metadata"]
    conditions: Sequence[Mapping[str, Any]] = get_path(obj, ("status", "conditions")) or ()
    ready = next((c for c in conditions if c.get("type") == "Ready"), {})
    state = {"True": "Ready", "False": "Not ready"}.get(str(ready.get("status")), "Unknown")
    if get_path(obj, ("spec", "suspend")) is True:
        state = "Suspended"
    revision = next((found for path in _REVISIONS if (found := get_path(obj, path))), "")
    return FluxFact(key_of(obj), state, str(revision), str(ready.get("message", "")), str(meta.get("creationTimestamp", "")))


def _short(revision: str) -> str:
    """``main@sha1:9f35a33``."""
    name, mark, sha = revision.rpartition("sha1:")
    return f"{name}{mark}{sha[:7]}" if mark else revision
