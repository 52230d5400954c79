"""When an object is synced: the phases that make it a hook, the policies by which a hook goes again, and its wave.

Helm's annotations count where Argo CD's own say nothing: ``pre-install`` and ``pre-upgrade`` are PreSync, ``post-install`` and
``post-upgrade`` PostSync, ``hook-weight`` is the wave; tests and rollback hooks are never run. Source:
``gitops-engine/pkg/sync/hook``, ``pkg/sync/syncwaves`` and ``controller/hook.go``.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

from gitops_sim.agents.argocd.options import words
from gitops_sim.objects import Object, annotations_of

SyncPhase = Literal["PreSync", "Sync", "PostSync", "SyncFail"]
DeletionPhase = Literal["PreDelete", "PostDelete"]
DeletePolicy = Literal["BeforeHookCreation", "HookSucceeded", "HookFailed"]

PHASES: tuple[SyncPhase, ...] = get_args(SyncPhase)
HOOK = "argocd.argoproj.io/hook"
HELM_HOOK = "helm.sh/hook"
SYNC_WAVE = "argocd.argoproj.io/sync-wave"

_DELETE_POLICY, _HELM_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy", "helm.sh/hook-delete-policy"
_HELM_WEIGHT = "helm.sh/hook-weight"
_HELM_PHASES: dict[str, SyncPhase] = {
    "pre-install": "PreSync",
    "pre-upgrade": "PreSync",
    "post-install": "PostSync",
    "post-upgrade": "PostSync",
}
_HELM_DELETION: dict[DeletionPhase, str] = {"PreDelete": "pre-delete", "PostDelete": "post-delete"}
_POLICIES: dict[str, DeletePolicy] = {
    "BeforeHookCreation": "BeforeHookCreation",
    "HookSucceeded": "HookSucceeded",
    "HookFailed": "HookFailed",
}
_HELM_POLICIES: dict[str, DeletePolicy] = {
    "before-hook-creation": "BeforeHookCreation",
    "hook-succeeded": "HookSucceeded",
    "hook-failed": "HookFailed",
}
_NUMBER = re.compile(r"[+-]?[0-9]+\Z")


def phases(obj: Object) -> tuple[SyncPhase, ...]:
    """The phases in which an object is applied: Sync, its hook's, or none at all for what is skipped or never run."""
    if is_hook(obj):
        return _hook_phases(obj)
    return () if skipped(obj) else ("Sync",)


def is_hook(obj: Object) -> bool:
    """Whether an object is run rather than kept in sync. A hook of no phase that Argo CD knows is never run at all."""
    notes = annotations_of(obj)
    if HOOK in notes:
        return not skipped(obj)
    return notes.get(HELM_HOOK, "crd-install") != "crd-install"


def skipped(obj: Object) -> bool:
    """``hook: Skip``: left alone, and no part of the comparison."""
    notes = annotations_of(obj)
    return HOOK in notes and [word for word in words(obj, HOOK) if word in PHASES or word == "Skip"] == ["Skip"]


def of_deletion(obj: Object, phase: DeletionPhase) -> bool:
    """Whether an object is a hook that runs when its Application is deleted."""
    notes = annotations_of(obj)
    if HOOK not in notes and HELM_HOOK not in notes:
        return False
    return phase in words(obj, HOOK) or _HELM_DELETION[phase] in words(obj, HELM_HOOK)


def delete_policies(obj: Object) -> frozenset[DeletePolicy]:
    """When a hook is deleted; before it is made anew, if it does not say."""
    found = {_POLICIES[word] for word in words(obj, _DELETE_POLICY) if word in _POLICIES}
    found |= {_HELM_POLICIES[word] for word in words(obj, _HELM_DELETE_POLICY) if word in _HELM_POLICIES}
    return frozenset(found or {"BeforeHookCreation"})


def wave(obj: Object) -> int:
    """0 for what does not say, and for what is no number."""
    notes = annotations_of(obj)
    for annotation in (SYNC_WAVE, _HELM_WEIGHT):
        text = notes.get(annotation)
        if text is not None and _NUMBER.match(str(text)):
            return int(text)
    return 0


def _hook_phases(obj: Object) -> tuple[SyncPhase, ...]:
    named = words(obj, HOOK)
    found = {phase for phase in PHASES if phase in named}
    if not found and "Skip" not in named:
        found = {_HELM_PHASES[word] for word in words(obj, HELM_HOOK) if word in _HELM_PHASES}
    return tuple(phase for phase in PHASES if phase in found)
