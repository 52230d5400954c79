"""LimitRanges: what containers get that ask for nothing, and what is too little or too much.

Source: k8s.io/kubernetes ``plugin/pkg/admission/limitranger/admission.go``. The real one tells problems in an order of chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.cluster.amounts import Amount, Amounts, added, largest, of_list, shown
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.cluster.store import Snapshot
from gitops_sim.errors import forbidden
from gitops_sim.objects import Object, with_path, without_path

_Map = Mapping[str, Any]
_NOTE = "kubernetes.io/limit-ranger"
_FIELDS = (("containers", "container"), ("initContainers", "init container"))


def filled(store: Snapshot, pod: Object) -> Object:
    """The Pod with the defaults of the LimitRanges of its namespace, and a note of what they gave."""
    notes: list[str] = []
    for found in store.list("", "LimitRange", pod["metadata"]["namespace"]):
        for item in mappings(found, "spec", "limits"):
            if item.get("type") != "Container":
                continue
            for field, word in _FIELDS:
                if pod["spec"].get(field):
                    containers = [_filled(container, item, word, notes) for container in pod["spec"][field]]
                    pod = with_path(pod, ("spec", field), containers)
    if notes:
        pod = with_path(pod, ("metadata", "annotations", _NOTE), "LimitRanger plugin set: " + "; ".join(notes))
        pod = without_path(pod, ("status", "qosClass"))  # it may be another one now
    return pod


def _filled(container: _Map, item: _Map, word: str, notes: list[str]) -> _Map:
    resources = dict(mapping(container, "resources"))
    for part, default in (("requests", "defaultRequest"), ("limits", "default")):
        given = mapping(resources, part)
        lacking = {name: value for name, value in mapping(item, default).items() if name not in given}
        if lacking:
            resources[part] = {**given, **lacking}
            notes.append(f"{', '.join(sorted(lacking))} {part.removesuffix('s')} for {word} {container['name']}")
    return {**container, "resources": resources} if resources else container


def check(store: Snapshot, kind: Kind, obj: Object) -> None:
    """Raises ApiError 403 for a new Pod or claim that a LimitRange of its namespace does not allow."""
    if kind.group or kind.kind not in ("Pod", "PersistentVolumeClaim"):
        return
    meta = obj["metadata"]
    for found in store.list("", "LimitRange", meta["namespace"]):
        problems = list(
            dict.fromkeys(problem for item in mappings(found, "spec", "limits") for problem in _problems(item, kind, obj))
        )
        if problems:
            why = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
            raise forbidden(kind.plural, meta["name"], why=why)


def _problems(item: _Map, kind: Kind, obj: Object) -> Iterator[str]:
    scope = text(item, "type")
    if kind.kind == "PersistentVolumeClaim":
        if scope == kind.kind:
            asked = of_list(mapping(obj, "spec", "resources", "requests"))
            yield from _too_little(scope, item, asked, {})
            for name, most in sorted(of_list(mapping(item, "max")).items()):
                start = f"maximum {name} usage per {scope} is {shown(most)}"
                if name not in asked:
                    yield f"{start}.  No request is specified"
                elif asked[name][0] > most[0]:
                    yield f"{start}, but request is {shown(asked[name])}"
        return
    if scope == "Container":
        for field, _ in _FIELDS:
            for container in mappings(obj, "spec", field):
                asked, capped = (of_list(mapping(container, "resources", part)) for part in ("requests", "limits"))
                yield from _of(scope, item, asked, capped)
    if scope == "Pod":
        yield from _of(scope, item, _together(obj, "requests"), _together(obj, "limits"))


def _together(pod: Object, part: str) -> Amounts:
    total: Amounts = {}
    for container in mappings(pod, "spec", "containers"):
        total = added(total, of_list(mapping(container, "resources", part)))
    for container in mappings(pod, "spec", "initContainers"):
        own = of_list(mapping(container, "resources", part))
        total = added(total, own) if container.get("restartPolicy") == "Always" else largest(total, own)
    return total


def _of(scope: str, item: _Map, asked: Amounts, capped: Amounts) -> Iterator[str]:
    yield from _too_little(scope, item, asked, capped)
    for name, most in sorted(of_list(mapping(item, "max")).items()):
        start = f"maximum {name} usage per {scope} is {shown(most)}"
        if name not in capped:
            yield f"{start}.  No limit is specified"
        elif capped[name][0] > most[0]:
            yield f"{start}, but limit is {shown(capped[name])}"
        elif name in asked and asked[name][0] > most[0]:
            yield f"{start}, but request is {shown(asked[name])}"
    for name, ratio in sorted(of_list(mapping(item, "maxLimitRequestRatio")).items()):
        start = f"{name} max limit to request ratio per {scope} is {shown(ratio)}"
        if not _some(asked, name):
            yield f"{start}, but no request is specified or request is 0"
        elif not _some(capped, name):
            yield f"{start}, but no limit is specified or limit is 0"
        elif capped[name][0] / asked[name][0] > ratio[0]:
            yield f"{start}, but provided ratio is {float(capped[name][0] / asked[name][0]):f}"


def _too_little(scope: str, item: _Map, asked: Amounts, capped: Amounts) -> Iterator[str]:
    for name, least in sorted(of_list(mapping(item, "min")).items()):
        start = f"minimum {name} usage per {scope} is {shown(least)}"
        if name not in asked:
            yield f"{start}.  No request is specified"
        elif asked[name][0] < least[0]:
            yield f"{start}, but request is {shown(asked[name])}"
        elif name in capped and capped[name][0] < least[0]:
            yield f"{start}, but limit is {shown(capped[name])}"


def _some(amounts: Amounts, name: str) -> bool:
    found: Amount | None = amounts.get(name)
    return found is not None and found[0] != 0
