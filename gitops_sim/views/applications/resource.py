"""The page of one object: desired beside live, field by field, and everything that was decided about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.agents.argocd.compare import Resource
from gitops_sim.agents.argocd.diff import predicted
from gitops_sim.agents.differences import HIDDEN, shown
from gitops_sim.agents.health import argocd_health
from gitops_sim.cluster.ages import age
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.kubectl.unified import unified
from gitops_sim.objects import Key, Object, get_path, with_path, without_path
from gitops_sim.trace import Trace
from gitops_sim.views.applications.decisions import Decision, decisions, decisions_html, decisions_text
from gitops_sim.views.applications.explain import SERVERS, FieldFact, explain, explain_text, verdict_text
from gitops_sim.views.applications.facts import place_of, ref_of
from gitops_sim.views.html import el, folded, picture, sign, table, words
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import health_sign, sync_sign
from gitops_sim.yaml_out import dump_yaml

_LOOKS = {"differs": ("differs", "warn"), "same": ("check", "good"), "ignored": ("eye", "calm"), "not in Git": ("absent", "calm")}


@dataclass(frozen=True, slots=True)
class EventFact:
    type: str
    reason: str
    message: str
    count: int
    last: str


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """``sync`` is empty for what a controller made; manifests are YAML, empty where that side has nothing, without the values of
    Secrets."""

    key: Key
    sync: str
    health: str
    message: str
    source: str
    verdict: str
    desired: str
    live: str
    diff: str
    fields: Sequence[FieldFact] = ()
    events: Sequence[EventFact] = ()
    decided: Sequence[Decision] = ()


def read_resource(argocd: ArgoCD, app: Object, key: Key, trace: Trace) -> ResourceFacts | None:
    """What there is to say about an object of an Application; None when neither Git nor the cluster has it."""
    wishes, ref = argocd.application(app), ref_of(app)
    comparison = argocd.comparison(f"{wishes.namespace}/{wishes.name}")
    compared = next((r for r in comparison.resources if r.key == key), None) if comparison else None
    cluster = place_of(argocd, app)
    kind = cluster.kinds.of(key.group, key.kind)
    live = compared.live if compared else cluster.find(kind, key.name, key.namespace) if kind is not None else None
    if compared is None and live is None:
        return None
    health = argocd_health(live) if live is not None else None
    told = decisions(trace, ref, key)
    if compared is None:
        verdict = "A controller made it: it has no manifest of its own in Git and is not compared."
        return ResourceFacts(
            key,
            "",
            *_health(health),
            "",
            verdict,
            "",
            _yaml(live),
            "",
            events=_events(cluster, live, argocd.clock.now),
            decided=told,
        )
    target = compared.target
    return ResourceFacts(
        key,
        compared.status,
        *(("Missing", "") if compared.missing else _health(health)),
        target.where if target else "",
        verdict_text(compared),
        _yaml(target.object) if target else "",
        _yaml(live),
        diff_of(compared),
        explain(compared, wishes, trace, cluster.with_managed_fields(live) if live is not None else None),
        _events(cluster, live, argocd.clock.now),
        told,
    )


def diff_of(resource: Resource) -> str:
    """What a sync would change, as a unified diff from live to desired; empty when nothing."""
    live, target = resource.live, resource.target
    if resource.status != "OutOfSync":
        return ""
    after = None if target is None else target.object if live is None else resource.after or predicted(target, live)
    before, desired = ("" if side is None else _yaml(_stated(side)) for side in (live, after))
    return unified(before, desired)


def resource_html(found: ResourceFacts) -> str:
    parts = [el("p", *_signs(found), class_="signs"), el("p", esc(found.verdict))]
    if found.message:
        parts.append(el("p", esc(found.message), class_="soft"))
    if found.source:
        parts.append(el("p", "comes from ", el("code", esc(found.source)), class_="soft"))
    if found.fields:
        parts += [el("h2", "Desired and live"), fields_table(found.fields)]
    if found.diff:
        parts += [el("h2", "Diff"), diff_html(found.diff)]
    parts += [el("h2", "Decisions"), decisions_html(found.decided)]
    if found.events:
        rows = [[esc(e.type), esc(e.reason), esc(e.last), str(e.count), esc(e.message)] for e in found.events]
        parts += [el("h2", "Events"), table("Events", ["Type", "Reason", "Last seen", "Count", "Message"], rows)]
    parts.append(el("h2", "Manifests"))
    for title, text in (("Desired manifest", found.desired), ("Live manifest", found.live)):
        if text:
            parts.append(folded(title, el("pre", esc(text), tabindex="0", aria_label=title)))
    return "".join(parts) + words("This page", resource_text(found))


def resource_text(found: ResourceFacts) -> str:
    """The whole page in words."""
    parts = [f"{found.key}  " + ", ".join(word for word in (found.sync, found.health) if word), found.verdict]
    if found.fields:
        parts += ["", explain_text(found.fields)]
    if found.diff:
        parts += ["", found.diff.rstrip("\n")]
    parts += ["", decisions_text(found.decided)]
    if found.events:
        parts += ["", *(f"{e.last} {e.type} {e.reason} x{e.count} {e.message}" for e in found.events)]
    return "\n".join(parts).rstrip("\n")


def fields_table(fields: Sequence[FieldFact]) -> str:
    """What differs and what is ignored in the open, what is equal or no business of Git's folded away."""
    heads = ["Field", "Desired (Git)", "Live (cluster)", "Verdict", "Rule", "Last written"]
    telling = [f for f in fields if f.verdict == "differs" or (f.verdict == "ignored" and f.rule.startswith("spec."))]
    rest = [f for f in fields if f not in telling]
    parts = []
    if telling:
        tones = ["warn" if f.verdict == "differs" else "" for f in telling]
        parts.append(
            table("Fields that differ or are ignored by a rule of the Application", heads, list(map(_row, telling)), tones=tones)
        )
    if rest:
        parts.append(
            folded(f"{len(rest)} fields that are no difference, and why", table("All other fields", heads, list(map(_row, rest))))
        )
    return "".join(parts)


def diff_html(diff: str) -> str:
    """A unified diff; the signs at the start of lines say what the colours say."""
    lines = []
    for line in diff.rstrip("\n").split("\n"):
        name = {"-": "gone", "+": "come"}.get(line[:1], "") if not line.startswith(("---", "+++")) else ""
        lines.append(el("span", esc(line), class_=name or None))
    return el("pre", "\n".join(lines), class_="diff", tabindex="0", aria_label="Diff from live to desired")


def _row(fact: FieldFact) -> list[str]:
    icon, tone = _LOOKS[fact.verdict]
    said = picture(icon, tone) + el("b", esc(fact.verdict))
    sides = [
        el("code", esc(shown(side))) if side is not None else el("span", "nothing", class_="soft")
        for side in (fact.desired, fact.live)
    ]
    return [el("code", esc(fact.path)), *sides, el("span", said, class_="sign"), esc(fact.rule), esc(fact.by)]


def _signs(found: ResourceFacts) -> list[str]:
    signs = [sign(sync_sign(found.sync), "sync")] if found.sync else []
    return [*signs, sign(health_sign(found.health), "health")] if found.health else signs


def _health(health: Any) -> tuple[str, str]:
    return (str(health[0]), str(health[1])) if health else ("", "")


def _yaml(obj: Any) -> str:
    """A manifest to read: without bookkeeping, and without what a Secret hides."""
    if obj is None:
        return ""
    for path in (("metadata", "managedFields"), ("metadata", "annotations", LAST_APPLIED)):
        obj = without_path(obj, path)
    if obj.get("kind") == "Secret":
        for part in ("data", "stringData"):
            values = obj.get(part)
            if isinstance(values, dict):
                obj = with_path(obj, (part,), dict.fromkeys(values, HIDDEN))
    return dump_yaml(obj)


def _stated(obj: Any) -> Any:
    """Without what only the server and controllers write."""
    for path in (("status",), *(("metadata", name) for name in SERVERS)):
        obj = without_path(obj, path)
    return obj


def _events(cluster: ClusterAPI, live: Object | None, now: float) -> list[EventFact]:
    """The Kubernetes events about an object, oldest first."""
    if live is None:
        return []
    meta = live["metadata"]
    found = [
        event
        for event in cluster.list("events", meta.get("namespace") or "default")
        if get_path(event, ("involvedObject", "uid")) == meta.get("uid")
    ]
    found.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
    return [
        EventFact(
            str(e.get("type", "")),
            str(e.get("reason", "")),
            str(e.get("message", "")),
            int(e.get("count") or 1),
            age(e.get("lastTimestamp") or e.get("eventTime"), now) + " ago",
        )
        for e in found
    ]
