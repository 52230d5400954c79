"""The status of a source: what source-controller writes when it has something in storage, and when it has not got it.

Source: source-controller ``internal/reconcile/summarize``: what is abnormal is there only while it is so, Ready says the rest.
"""

from __future__ import annotations

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.conditions import READY, RECONCILING, STALLED
from gitops_sim.agents.flux.toolkit import requested
from gitops_sim.objects import Object, condition_of, get_path, with_path

FETCH_FAILED, BUILD_FAILED, STORAGE_FAILED = "FetchFailed", "BuildFailed", "StorageOperationFailed"
INCLUDE_UNAVAILABLE, SOURCE_VERIFIED, IN_STORAGE = "IncludeUnavailable", "SourceVerified", "ArtifactInStorage"
_FAILURES = (FETCH_FAILED, BUILD_FAILED, STORAGE_FAILED, INCLUDE_UNAVAILABLE)


def succeeded(obj: Object, reason: str, message: str, now: str) -> Object:
    """A copy that says that the artifact is in storage."""
    obj = conditions.drop(_cleared(obj), RECONCILING, STALLED)
    for type_ in (IN_STORAGE, READY):
        obj = conditions.mark(obj, type_, "False" if type_ == SOURCE_VERIFIED else "True", reason, message, now)
    return handled(observed(obj))


def failed(obj: Object, type_: str, reason: str, message: str, now: str, *, for_good: bool, stored: bool) -> Object:
    """A copy that says why there is nothing new, in a condition that is abnormal while it is true, or in SourceVerified, which is
    then false. ``for_good`` says that only a change can help; ``stored`` that an older artifact is there."""
    generation, seen = obj["metadata"]["generation"], get_path(obj, ("status", "observedGeneration"), -1)
    obj = _cleared(obj)
    if for_good:
        obj = observed(conditions.stalled(obj, reason, message, now))
    else:
        progress = "reconciliation in progress" if stored else "building artifact"
        if stored and seen != generation:
            progress = f"processing object: new generation {seen} -> {generation}"
        obj = conditions.reconciling(obj, "ProgressingWithRetry", progress, now)
    obj = conditions.mark(obj, type_, "False" if type_ == SOURCE_VERIFIED else "True", reason, message, now)
    return handled(conditions.mark(obj, READY, "False", reason, message, now))


def has_failed(obj: Object) -> bool:
    """Whether the last time there was nothing to be had; a signature that was not good does not count. Source:
    gitRepositoryFailConditions."""
    return any(condition_of(obj, type_) for type_ in _FAILURES)


def observed(obj: Object) -> Object:
    copy: Object = with_path(obj, ("status", "observedGeneration"), obj["metadata"]["generation"])
    return copy


def handled(obj: Object) -> Object:
    """A copy that answers the last request."""
    asked = requested(obj)
    copy: Object = with_path(obj, ("status", "lastHandledReconcileAt"), asked) if asked else obj
    return copy


def _cleared(obj: Object) -> Object:
    verified = condition_of(obj, SOURCE_VERIFIED)
    refused = [SOURCE_VERIFIED] if verified and verified["status"] == "False" else []
    return conditions.drop(obj, *_FAILURES, *refused)
