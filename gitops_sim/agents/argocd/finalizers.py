"""The finalizers by which an Application takes what it manages with it, and by which its deletion waits for hooks.

Source: ``pkg/apis/application/v1alpha1/types.go`` (CascadedDeletion, GetPropagationPolicy, SetPostDeleteFinalizer).
"""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.desired import DesiredState
from gitops_sim.agents.argocd.hooks import DeletionPhase
from gitops_sim.objects import Object, with_path

FINALIZER = "resources-finalizer.argocd.argoproj.io"
BACKGROUND_FINALIZER = "resources-finalizer.argocd.argoproj.io/background"
FOREGROUND_FINALIZER = "resources-finalizer.argocd.argoproj.io/foreground"
CASCADES = (FINALIZER, BACKGROUND_FINALIZER, FOREGROUND_FINALIZER)
HOOK_FINALIZERS: dict[DeletionPhase, str] = {
    "PreDelete": "pre-delete-finalizer.argocd.argoproj.io",
    "PostDelete": "post-delete-finalizer.argocd.argoproj.io",
}
CLEANUP = "/cleanup"


def with_hook_finalizers(obj: Object, desired: DesiredState) -> Any:
    """An Application with the finalizers that hooks of its deletion need, and without those that none needs."""
    before = list(obj["metadata"].get("finalizers") or ())
    after = before
    for phase, finalizer in HOOK_FINALIZERS.items():
        both = [finalizer, finalizer + CLEANUP]
        needed = any(hooks.of_deletion(target.object, phase) for target in desired.last_hooks)
        after = [f for f in after if f not in both] + (both if needed else [])
    return obj if sorted(after) == sorted(before) else with_path(obj, ("metadata", "finalizers"), after)
