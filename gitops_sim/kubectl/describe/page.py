"""The page that a description is written on: lines of cells, and the parts that most descriptions share.

Source of all descriptions: k8s.io/kubectl ``pkg/describe/describe.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from gitops_sim.clock import EPOCH
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.ages import age, moment
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.shapes import mapping, mappings, number, text
from gitops_sim.kubectl.table_printer import terminal_safe
from gitops_sim.kubectl.tabwriter import align
from gitops_sim.objects import Object

_LONGEST_ANNOTATION = 140


class Page:
    """Collects the lines of one description; a tab ends a cell. ``show_events`` says whether events belong to it."""

    def __init__(self, cluster: Cluster, now: float, *, show_events: bool) -> None:
        self.cluster, self.now, self.show_events = cluster, now, show_events
        self._text: list[str] = []

    def write(self, text: str, level: int = 0) -> None:
        """Text as it stands, indented."""
        self._text.append("  " * level + terminal_safe(text))

    def line(self, text: str, level: int = 0) -> None:
        self.write(text + "\n", level)

    def field(self, title: str, value: Any, level: int = 0) -> None:
        self.line(f"{title}:\t{value}", level)

    def render(self) -> str:
        return align(self.unaligned())

    def unaligned(self) -> str:
        """The text with its tabs."""
        return "".join(self._text)

    # ------------------------------------------------------------------ parts

    def labels(self, obj: Object, title: str = "Labels") -> None:
        self.pairs(title, mapping(obj, "metadata", "labels"))

    def pairs(self, title: str, pairs: Mapping[str, Any]) -> None:
        """``title: a=1`` and the other pairs below."""
        self.column(title, [f"{key}={pairs[key]}" for key in sorted(pairs)])

    def column(self, title: str, values: Sequence[str]) -> None:
        """Values below each other; ``<none>`` without any."""
        self.field(title, values[0] if values else "<none>")
        for value in values[1:]:
            self.line(f"\t{value}")

    def annotations(self, obj: Object, title: str = "Annotations") -> None:
        found = {key: str(value) for key, value in mapping(obj, "metadata", "annotations").items() if key != LAST_APPLIED}
        if not found:
            self.field(title, "<none>")
            return
        self.write(f"{title}:\t")
        for index, key in enumerate(sorted(found)):
            value = found[key].removesuffix("\n")
            indent = "\t" if index else ""
            if len(value) + len(key) + 2 > _LONGEST_ANNOTATION or "\n" in value:
                self.line(f"{indent}{key}:")
                for part in value.split("\n"):
                    self.line("\t  " + (part[: _LONGEST_ANNOTATION - 2] + "..." if len(part) > _LONGEST_ANNOTATION - 2 else part))
            else:
                self.line(f"{indent}{key}: {value}")

    def tolerations(self, tolerations: Sequence[Mapping[str, Any]], title: str = "Tolerations") -> None:
        self.column(title, [_toleration(item) for item in sorted(tolerations, key=lambda item: text(item, "key"))])

    def conditions(self, obj: Object) -> None:
        """Type, status and reason of each condition; nothing without any."""
        found = mappings(obj, "status", "conditions")
        if found:
            self.line("Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------")
            for condition in found:
                self.line(f"{text(condition, 'type')} \t{text(condition, 'status')}\t{text(condition, 'reason')}", 1)

    def events(self, obj: Object, *, kind: str = "") -> None:
        """What happened to the object, oldest first, if events are shown."""
        if not self.show_events:
            return
        found = sorted(events_of(self.cluster, obj, kind=kind), key=lambda e: moment(text(e, "lastTimestamp")) or -1e18)
        if not found:
            self.field("Events", "<none>")
            return
        self.line("Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------")
        for event in found:
            where = text(event, "involvedObject", "fieldPath")
            message = (f"{where}: " if where else "") + text(event, "message").strip()
            source = text(event, "source", "component") or text(event, "reportingComponent")
            cells = (text(event, "type"), text(event, "reason"), interval(event, self.now), source, message)
            self.line("\t".join(cells), 1)

    def controlled_by(self, obj: Object) -> None:
        owner = next((o for o in mappings(obj, "metadata", "ownerReferences") if o.get("controller")), None)
        if owner is not None:
            self.field("Controlled By", f"{text(owner, 'kind')}/{text(owner, 'name')}")


def _toleration(item: Mapping[str, Any]) -> str:
    key, value, effect = text(item, "key"), text(item, "value"), text(item, "effect")
    shown = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if item.get("operator") == "Exists" and not value:
        shown += " op=Exists" if key or effect else "op=Exists"
    if item.get("tolerationSeconds") is not None:
        shown += f" for {number(item, 'tolerationSeconds')}s"
    return shown


def interval(event: Object, now: float) -> str:
    """How long ago an event was, and how often: ``5s (x3 over 2m)``."""
    first = age(text(event, "eventTime") or text(event, "firstTimestamp"), now)
    series = mapping(event, "series")
    if series:
        return f"{age(text(series, 'lastObservedTime'), now)} (x{number(series, 'count')} over {first})"
    if number(event, "count") > 1:
        return f"{age(text(event, 'lastTimestamp'), now)} (x{number(event, 'count')} over {first})"
    return first


def events_of(cluster: Cluster, obj: Object, *, kind: str = "") -> list[Object]:
    """The events about one object: same name, namespace, uid, and kind if one is named."""
    wanted = {
        "name": text(obj, "metadata", "name"),
        "namespace": text(obj, "metadata", "namespace"),
        "uid": text(obj, "metadata", "uid"),
    } | ({"kind": kind} if kind else {})
    return [
        event
        for event in cluster.list("events", wanted["namespace"])
        if all(text(event, "involvedObject", field) == value for field, value in wanted.items())
    ]


def rfc1123(timestamp: Any) -> str:
    """``Mon, 05 Jan 2026 09:00:00 +0000``."""
    then = moment(timestamp)
    if then is None:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    return (EPOCH + timedelta(seconds=then)).strftime("%a, %d %b %Y %H:%M:%S +0000")
