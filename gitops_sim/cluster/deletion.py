"""What a delete request does to an object: it goes at once, or it is marked and waits for what holds it.

Source of the rules: k8s.io/apiserver ``pkg/registry/rest/delete.go`` and ``pkg/registry/generic/registry/store.go``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.clock import Clock, parse_timestamp
from gitops_sim.cluster.custom import establishing
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import Propagation
from gitops_sim.objects import Object, get_path, with_path

_FINALIZERS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}


def marked(kind: Kind, obj: Object, propagation: Propagation, asked: float | None, clock: Clock) -> Object:
    """``obj`` with the marks of a deletion, ``obj`` itself when it has them all; :func:`held` tells whether it stays for now.

    ``asked`` is the grace period of the request, in seconds, for Pods only: it may shorten one that runs, never lengthen it.
    """
    meta = obj["metadata"]
    if establishing.is_definition(kind):
        return obj if meta.get("deletionTimestamp") else establishing.condemned(obj, clock.timestamp())
    changes: dict[str, Any] = {}
    own = meta.get("finalizers") or ()
    finalizers = [name for name in own if propagation == "Background" or name not in _FINALIZERS.values()]
    wanted = _FINALIZERS.get(propagation)
    if wanted is not None:
        finalizers.append(wanted)
    if meta.get("deletionTimestamp") is None and finalizers != list(own):
        changes["finalizers"] = finalizers
    grace = _grace_period(kind, obj, asked)
    if meta.get("deletionTimestamp") is None:
        changes["deletionTimestamp"] = clock.timestamp(clock.now + grace)
        if not _is_namespace(kind):
            changes["deletionGracePeriodSeconds"] = int(grace)
        if kind.generation:
            changes["generation"] = (meta.get("generation") or 0) + 1
    elif grace < (meta.get("deletionGracePeriodSeconds") or 0):
        asked_at = parse_timestamp(meta["deletionTimestamp"]) - meta["deletionGracePeriodSeconds"]
        changes["deletionTimestamp"] = clock.timestamp(max(asked_at + grace, 0))
        changes["deletionGracePeriodSeconds"] = int(grace)
    if not changes:
        return obj
    result: Object = {**obj, "metadata": {**meta, **changes}}
    if _is_namespace(kind):
        result = with_path(result, ("status", "phase"), "Terminating")
    return result


def held(kind: Kind, obj: Object) -> bool:
    """Whether something must happen before the object may go: a finalizer's work, the end of what a namespace holds, or a Pod's
    stop."""
    meta = obj["metadata"]
    if meta.get("finalizers"):
        return True
    if _is_namespace(kind):
        return bool(get_path(obj, ("spec", "finalizers")))
    return bool(meta.get("deletionGracePeriodSeconds"))


def _is_namespace(kind: Kind) -> bool:
    return kind.kind == "Namespace" and not kind.group


def _grace_period(kind: Kind, obj: Object, asked: float | None) -> float:
    """Only a Pod that runs on a node has to be waited for; less than nothing means one second."""
    if kind.kind != "Pod" or kind.group or not get_path(obj, ("spec", "nodeName")):
        return 0
    if get_path(obj, ("status", "phase")) in ("Succeeded", "Failed"):
        return 0
    grace = asked if asked is not None else float(get_path(obj, ("spec", "terminationGracePeriodSeconds"), 30))
    return 1 if grace < 0 else grace
