"""What came of a run, as text: what the agent works on, the objects, the timeline, and what needs attention.

Long lists are folded: of hundreds of resources only their kinds are counted, and what is not well is named.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitops_sim.reconcile.attention import Attention, grouped
from gitops_sim.reconcile.result import AgentObject, Reconciled
from gitops_sim.trace import Record
from gitops_sim.views.story import Finding, Style, tell_run
from gitops_sim.views.tree import Node, tree

_BOLD = "\033[1m"
_AGENTS = {
    "argocd": "Argo CD, auto-sync with prune and selfHeal",
    "push": "a push pipeline",
    "flux": "Flux",
}
_SOURCES = ("GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket", "ExternalArtifact")
_MOST_NODES, _MOST_RECORDS, _MOST_OF_A_CAUSE, _MOST_MESSAGE = 60, 60, 5, 300


def report(done: Reconciled, style: Style) -> Iterator[str]:
    """Blocks of lines."""
    agent = "Argo CD" if done.agent == "argocd" and done.objects else _AGENTS[done.agent]
    yield style.paint(f"{done.name} at {done.commit[:7]}, {done.path or 'all folders'} · {agent}", _BOLD)
    for line in done.why:
        yield _wrapped(line, style, "  ", "    ")
    yield ""
    if done.objects:
        yield from _objects(done, style)
    else:
        yield textwrap.indent(tree(done.tree).text, "  ")
    yield ""
    yield from _timeline(done, style)
    yield ""
    yield from _attention(done.attention, style)


@dataclass(frozen=True, slots=True)
class _Timeline:
    heading: str
    records: Sequence[Record]
    title: str = ""
    begins: int = 0
    expectations: Sequence[Finding] = ()


def _timeline(done: Reconciled, style: Style) -> Iterator[str]:
    records = list(done.world.trace)
    told = len(done.timeline)
    if style.verbose or told <= _MOST_RECORDS:
        yield tell_run(_Timeline("timeline", records), style)
        return
    last = done.timeline[_MOST_RECORDS - 1].seq
    yield tell_run(_Timeline("timeline", records[: last + 1]), style)
    yield f"  and {told - _MOST_RECORDS} more: --verbose tells them all"


def _objects(done: Reconciled, style: Style) -> Iterator[str]:
    states = Counter((obj.kind, obj.state) for obj in done.objects)
    for kind in dict.fromkeys(kind for kind, _ in states):
        parts = [f"{count} {state}" for (of, state), count in sorted(states.items()) if of == kind]
        yield f"  {kind}: " + " · ".join(parts)
    yield ""
    folded = not style.verbose and len(done.tree) > _MOST_NODES
    hidden = 0
    for obj in done.objects:
        if folded and obj.well and obj.kind in _SOURCES:
            hidden += 1
        else:
            yield from _object(obj, style, folded=folded)
    if hidden:
        yield f"  and {hidden} sources that are Ready"


def _object(obj: AgentObject, style: Style, *, folded: bool) -> Iterator[str]:
    name = f"{obj.namespace}/{obj.name}" if obj.ready else obj.name
    yield style.paint(f"  {obj.kind} {name}  {obj.state}", _BOLD) + _counts(obj.tree, folded)
    if obj.message and not obj.well:
        yield _wrapped(_short(obj.message), style, "      ", "      ")
    if not folded:
        yield from (f"      {line}" for child in obj.tree.children for line in tree(child).text.splitlines())
        return
    for child in obj.tree.children:
        if (child.health and child.health != "Healthy") or (child.sync and child.sync != "Synced"):
            yield f"      {tree(child).text.splitlines()[0]}"


def _counts(node: Node, folded: bool) -> str:
    """``  3 Deployment, 2 Service``."""
    if not folded or not node.children:
        return ""
    kinds = Counter(child.kind for child in node.children)
    return "  " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(8)) + (", ..." if len(kinds) > 8 else "")


def _attention(found: Sequence[Attention], style: Style) -> Iterator[str]:
    if not found:
        yield "needs your attention: nothing"
        return
    yield style.paint(f"needs your attention: {len(found)}", _BOLD)
    for cause, items in grouped(found):
        if len(items) < 3:
            for item in items:
                yield _wrapped(_line(item), style, "  ! ", "    ")
            continue
        yield _wrapped(f"{len(items)} × {cause}", style, "  ! ", "    ")
        shown = items if style.verbose else items[:_MOST_OF_A_CAUSE]
        for item in shown:
            yield _wrapped(_line(item, cause), style, "      ", "        ")
        if len(shown) < len(items):
            yield f"      and {len(items) - len(shown)} more: --verbose or --json names them all"


def _line(item: Attention, cause: str = "") -> str:
    what = "" if item.what == cause else _short(item.what)
    text = f"{item.subject}: {what}" if what else item.subject
    return text + (f" ({item.why})" if item.why else "")


def _short(text: str) -> str:
    text = " ".join(text.split())
    half = _MOST_MESSAGE // 2
    return text if len(text) <= _MOST_MESSAGE else f"{text[:half]} ... {text[-half:]}"


def _wrapped(text: str, style: Style, first: str, rest: str) -> str:
    return textwrap.fill(text, style.width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
