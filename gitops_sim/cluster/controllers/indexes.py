"""The indexes of Indexed Jobs: each Pod is told which part of the work is its own.

Source: k8s.io/kubernetes ``pkg/controller/job/indexed_job_utils.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.objects import Object, labels_of

INDEX = "batch.kubernetes.io/job-completion-index"
_VARIABLE = "JOB_COMPLETION_INDEX"
_RUN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def is_indexed(job: Object) -> bool:
    return bool(job["spec"].get("completionMode") == "Indexed")


def index_of(pod: Object) -> int:
    """The index of a Pod; -1 for one that has none."""
    said = labels_of(pod).get(INDEX, "")
    return int(said) if said.isascii() and said.isdigit() else -1


def done_in(job: Object, status: Mapping[str, Any]) -> set[int]:
    """The indexes that ``completedIndexes`` names, ``0,2-4``; whatever else stands there is passed over."""
    found: set[int] = set()
    end = job["spec"].get("completions") or 0
    for part in str(status.get("completedIndexes") or "").split(","):
        match = _RUN.fullmatch(part)
        if match is not None:
            found.update(range(int(match[1]), min(int(match[2] or match[1]) + 1, end)))
    return found


def shown(indexes: Iterable[int]) -> str:
    """Runs of three or more are shown by their ends, of two as both."""
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}{',' if len(run) == 2 else '-'}{run[-1]}" for run in runs)


def free(taken: Iterable[int], completions: int, count: int) -> list[int]:
    """The lowest indexes that nobody works on and that are not done."""
    known, found = set(taken), list[int]()
    for index in range(completions):
        if len(found) >= count:
            break
        if index not in known:
            found.append(index)
    return found


def marked(pod: dict[str, Any], job: Object, index: int) -> dict[str, Any]:
    """A Pod that is made for one index: it is in its name, its host name, a label, an annotation and a variable."""
    name, meta, spec = job["metadata"]["name"], dict(pod["metadata"]), dict(pod["spec"])
    meta["generateName"] = f"{name}-{index}-"
    for field in ("labels", "annotations"):
        meta[field] = {**meta.get(field, {}), INDEX: str(index)}
    spec["hostname"] = f"{name}-{index}"
    variable = {"name": _VARIABLE, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": f"metadata.labels['{INDEX}']"}}}
    for field in ("initContainers", "containers"):
        if spec.get(field):
            spec[field] = [_told(container, variable) for container in spec[field]]
    return {**pod, "metadata": meta, "spec": spec}


def _told(container: dict[str, Any], variable: dict[str, Any]) -> dict[str, Any]:
    known = container.get("env") or []
    return container if any(entry["name"] == _VARIABLE for entry in known) else {**container, "env": [*known, variable]}
