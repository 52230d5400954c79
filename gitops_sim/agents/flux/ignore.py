"""``spec.ignore``: fields that others may change without being drift.

Source: fluxcd/pkg ``ssa/jsondiff`` and ``ssa/manager_apply.go``: an ignored field that differs is left to the manager that
applied it; when nobody else did, Flux applies the value that is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops_sim.agents.flux.kustomization import IgnoreRule
from gitops_sim.agents.flux.managers import MANAGER
from gitops_sim.cluster import selectors
from gitops_sim.objects import Object, Path, annotations_of, get_path, group_of, labels_of, with_path, without_path

_ABSENT = object()


def ignored_paths(rules: Sequence[IgnoreRule], obj: Object) -> list[Path]:
    """The paths in an object that its rules name."""
    return [steps for rule in rules if _meant(rule.target, obj) for pointer in rule.paths for steps in _steps(obj, pointer)]


def without_ignored(obj: Any, paths: Sequence[Path]) -> Any:
    for path in paths:
        obj = without_path(obj, path)
    return obj


def with_live_values(wanted: Object, live: Object, paths: Sequence[Path], entries: Sequence[Mapping[str, Any]]) -> Object:
    """What is to be applied so that the ignored fields stay as they are. ``entries`` are the ``managedFields`` of ``live``."""
    for path in paths:
        there = get_path(live, path, _ABSENT)
        if there == get_path(wanted, path, _ABSENT):
            continue
        if there is _ABSENT or any(_applies(entry, path) for entry in entries):
            wanted = without_path(wanted, path)
        else:
            wanted = with_path(wanted, path, there)
    return wanted


def _applies(entry: Mapping[str, Any], path: Path) -> bool:
    """Whether another manager has applied the field."""
    if entry["manager"] == MANAGER or entry["operation"] != "Apply" or entry.get("subresource"):
        return False
    return get_path(entry.get("fieldsV1") or {}, [f"f:{step}" for step in path], _ABSENT) is not _ABSENT


def _meant(target: Mapping[str, str], obj: Object) -> bool:
    group, _, version = str(obj["apiVersion"]).rpartition("/")
    meta = obj["metadata"]
    facts = {"group": group_of(obj["apiVersion"]) or group, "version": version, "kind": obj["kind"]}
    facts |= {"name": meta["name"], "namespace": meta.get("namespace") or ""}
    if not all(_matches(target[name], fact) for name, fact in facts.items() if target.get(name)):
        return False
    for field, held in (("labelSelector", labels_of(obj)), ("annotationSelector", annotations_of(obj))):
        if target.get(field) and not selectors.label_selector(target[field])({"metadata": {"labels": held}}):
            return False
    return True


def _matches(pattern: str, text: str) -> bool:
    """A regular expression that must hold for the whole text; one that cannot be read matches nothing."""
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return False


def _steps(obj: Object, pointer: str) -> Iterator[Path]:
    """A JSON pointer as steps: what is a number in a list is an index."""
    steps: list[str | int] = []
    at: Any = obj
    for part in pointer.lstrip("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        step: str | int = int(name) if isinstance(at, list) and name.isdigit() else name
        steps.append(step)
        at = get_path(at, (step,))
    if steps != [""]:
        yield steps
