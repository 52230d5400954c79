"""Taints and tolerations. Source: k8s.io/component-helpers ``scheduling/corev1/helpers.go``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_Map = Mapping[str, Any]
UNREACHABLE, NOT_READY, UNSCHEDULABLE = (f"node.kubernetes.io/{word}" for word in ("unreachable", "not-ready", "unschedulable"))


def tolerates(toleration: _Map, taint: _Map) -> bool:
    if toleration.get("effect") not in (None, "", taint.get("effect")):
        return False
    exists = toleration.get("operator") == "Exists"
    if not toleration.get("key"):
        return exists
    same = toleration["key"] == taint["key"]
    return same and (exists or (toleration.get("value") or "") == (taint.get("value") or ""))


def tolerated(tolerations: Iterable[_Map], taint: _Map) -> bool:
    return any(tolerates(toleration, taint) for toleration in tolerations)


def untolerated(tolerations: Iterable[_Map], taints: Iterable[_Map], effects: tuple[str, ...]) -> bool:
    """Whether there is a taint with one of the effects that none of the tolerations tolerates."""
    known = list(tolerations)
    return any(taint.get("effect") in effects and not tolerated(known, taint) for taint in taints)
