"""The conditions of a HelmRelease, and what is made of them.

Source: helm-controller ``internal/reconcile/release.go`` (summarize) and fluxcd/pkg ``apis/meta/annotations.go``
(HandleAnnotationRequest).
"""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.flux import conditions
from gitops_sim.agents.flux.conditions import READY, STALLED
from gitops_sim.agents.flux.helm.checksums import common_digest, renderers_digest
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.toolkit import requested
from gitops_sim.objects import Object, annotations_of, conditions_of, get_path, with_path, without_path

RELEASED, TESTED, REMEDIATED, DRIFTED = "Released", "TestSuccess", "Remediated", "Drifted"
FORCE_AT, RESET_AT = "reconcile.fluxcd.io/forceAt", "reconcile.fluxcd.io/resetAt"


def summarized(obj: Object, app: HelmRelease, now: str) -> Object:
    """A copy whose Ready says what matters most: that it was remediated, its tests, its release. What is remediated is not
    ready."""
    order = [REMEDIATED, TESTED, RELEASED] if app.tests and not app.ignores_test_failures else [REMEDIATED, RELEASED]
    if not app.tests:
        obj = conditions.drop(obj, TESTED)
    found = [c for c in conditions_of(obj) if c["type"] in order]
    if not found:
        return obj
    first = min(found, key=lambda c: (-int(c.get("observedGeneration", 0)), order.index(c["type"])))
    status: conditions.Truth = "False" if first["type"] == REMEDIATED else first["status"]
    if status == "True":
        obj = conditions.drop(obj, STALLED)
    obj = conditions.mark(obj, READY, status, first["reason"], first["message"], now)
    obj = put(obj, observedPostRenderersDigest=renderers_digest(app))
    return put(obj, observedCommonMetadataDigest=common_digest(app))


def put(obj: Object, **fields: Any) -> Object:
    """A copy with fields of its status set; what is empty is left out, as Go does."""
    for name, value in fields.items():
        obj = without_path(obj, ("status", name)) if value in ("", 0, None) else with_path(obj, ("status", name), value)
    return obj


def attempted(obj: Object) -> Object:
    """A copy whose generation that was tried is the one that was worked off; the spec may have changed meanwhile."""
    return put(obj, observedGeneration=get_path(obj, ("status", "lastAttemptedGeneration")))


def without_failures(obj: Object) -> Object:
    return put(obj, failures=0, installFailures=0, upgradeFailures=0)


def with_failure(obj: Object, counter: str = "failures") -> Object:
    return put(obj, **{counter: int(get_path(obj, ("status", counter), 0)) + 1})


def asked_for(obj: Object, annotation: str, field: str) -> tuple[bool, Object]:
    """Whether a request of a kind is to be answered now: once, and only with a request to reconcile of the same value. The copy
    has it noted either way."""
    wanted, last = annotations_of(obj).get(annotation), get_path(obj, ("status", field), "")
    if wanted is None:
        return False, obj
    fresh = wanted == requested(obj) and get_path(obj, ("status", "lastHandledReconcileAt"), "") != wanted
    return fresh and last != wanted, put(obj, **{field: wanted})
