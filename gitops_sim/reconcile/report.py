"""What came of a run, as text: what the agent works on, the objects, the timeline, and what needs attention.

Long lists are folded: of hundreds of resources only their kinds are counted, and what is not well is named.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitops_sim.reconcile.attention import Attention, Sort, grouped
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
_HEADINGS: dict[Sort, str] = {"problem": "not well", "stand-in": "stood in for", "note": "also"}
_SAYS_WHERE, _WAITS = ("is not here: ", "is left out"), "waits for another one"
_MOST_NODES, _MOST_RECORDS, _MOST_OF_A_CAUSE, _MOST_MESSAGE, _MOST_NAMES, _TOGETHER = 60, 60, 3, 300, 12, 2


def report(done: Reconciled, style: Style) -> Iterator[str]:
    """Blocks of lines: what came of it in all and what is not well, what was stood in for, then every object and the timeline."""
    agent = "Argo CD" if done.agent == "argocd" and done.objects else _AGENTS[done.agent]
    yield style.paint(f"{done.name} at {done.commit[:7]}, {done.path or 'all folders'} · {agent}", _BOLD)
    for line in done.why:
        yield _wrapped(line, style, "  ", "    ")
    yield ""
    if done.objects:
        yield from _states(done.objects)
        yield ""
    yield from _attention(done.attention, style)
    yield ""
    if done.objects:
        yield from _objects(done, style)
    else:
        yield textwrap.indent(tree(done.tree).text, "  ")
    yield ""
    yield from _timeline(done, style)


def _states(objects: Sequence[AgentObject]) -> Iterator[str]:
    states = Counter((obj.kind, obj.state) for obj in objects)
    for kind in dict.fromkeys(kind for kind, _ in states):
        parts = [f"{count} {state}" for (of, state), count in sorted(states.items()) if of == kind]
        yield f"  {kind}: " + " · ".join(parts)
    nodes = [node for obj in objects for node in obj.tree.children]
    unwell = sum(node.health not in ("", "Healthy") or node.sync not in ("", "Synced") for node in nodes)
    if nodes:
        yield f"  resources: {len(nodes)}, " + (f"of which {unwell} are not as they should be" if unwell else "all of them well")


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
    """Problems one by one, or together where many have one cause; stand-ins and notes by their cause alone."""
    for sort, heading in _HEADINGS.items():
        items = [item for item in found if item.sort == sort]
        if items or sort == "problem":
            yield style.paint(f"{heading}: {len(items) or 'nothing'}", _BOLD)
        groups = grouped(items)
        for cause, members in sorted(groups, key=lambda group: _WAITS in group[0]):
            yield from _group(cause, members, style, together=1 if sort != "problem" else _TOGETHER)


def _group(cause: str, items: Sequence[Attention], style: Style, *, together: int) -> Iterator[str]:
    if len(items) < together + 1 or not cause:
        for item in items:
            yield _wrapped(_line(item), style, "  ! ", "    ")
        return
    yield _wrapped(f"{len(items)} × {cause}", style, "  ! ", "    ")
    if all(item.what in ("", cause) or item.what.startswith(_SAYS_WHERE) for item in items) and not style.verbose:
        subjects = list(dict.fromkeys(item.subject for item in items))
        more = f" and {len(subjects) - _MOST_NAMES} more" if len(subjects) > _MOST_NAMES else ""
        yield _wrapped(", ".join(subjects[:_MOST_NAMES]) + more, style, "      ", "      ")
        return
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
