"""The kinds that the ``flux`` CLI knows: how they are called, and what it prints of them.

Source: flux2 ``cmd/flux/*.go`` (get_*, reconcile_*, resume_*).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gitops_sim.agents.flux.helm.helmrelease import read_helm_release
from gitops_sim.agents.flux.helm.sources import read_helm_chart
from gitops_sim.agents.flux.images.automation import AUTOMATIONS
from gitops_sim.agents.flux.images.imagepolicy import IMAGE_POLICIES, image_text
from gitops_sim.agents.flux.images.imagerepository import IMAGE_REPOSITORIES
from gitops_sim.agents.flux.kustomization import read_kustomization
from gitops_sim.objects import Key, Object, condition_of, get_path


def _never(obj: Object) -> bool:
    return False


def _always(obj: Object) -> bool:
    return True


_HEX = re.compile(r"\b[a-f0-9]{40,128}\b")


@dataclass(frozen=True, slots=True)
class Thing:
    """``words`` are what it may be called behind a verb, such as ``ks``, or ``source git``; ``human`` is its name in messages of
    suspend and resume, ``kind`` in all others. ``columns`` are those between NAME and the end; ``done`` says what a
    reconciliation has brought, ``source`` where an object comes from, ``is_static`` whether no controller looks at it."""

    words: Sequence[str]
    resource: str
    kind: str
    human: str
    columns: Sequence[str]
    row: Callable[[Object], list[str]]
    done: Callable[[Object], str]
    source: Callable[[Object], Key] | None = None
    is_static: Callable[[Object], bool] = _never


def shortened(text: str) -> str:
    """Every long hexadecimal number by its first eight digits."""
    return _HEX.sub(lambda match: match.group()[:8], text)


def _state(obj: Object) -> list[str]:
    ready = condition_of(obj, "Ready")
    return [str(ready["status"]), str(ready["message"])] if ready else ["False", "waiting to be reconciled"]


def _suspended(obj: Object) -> str:
    return str(get_path(obj, ("spec", "suspend")) is True)


def _applied(obj: Object) -> list[str]:
    ready, message = _state(obj)
    return [shortened(get_path(obj, ("status", "lastAppliedRevision"), "")), _suspended(obj), ready, shortened(message)]


def _fetched(obj: Object) -> list[str]:
    ready, message = _state(obj)
    return [shortened(get_path(obj, ("status", "artifact", "revision"), "")), _suspended(obj), ready, shortened(message)]


def _charted(obj: Object) -> list[str]:
    """The version of a chart is left whole."""
    ready, message = _state(obj)
    return [get_path(obj, ("status", "artifact", "revision"), ""), _suspended(obj), ready, shortened(message)]


def _indexed(obj: Object) -> list[str]:
    if _is_oci(obj):
        return ["", _suspended(obj), "True", "Helm repository is Ready"]
    return _fetched(obj)


def _is_oci(obj: Object) -> bool:
    return bool(get_path(obj, ("spec", "type")) == "oci")


def _released(obj: Object) -> str:
    """The version of the chart that was released last, or tried."""
    history = get_path(obj, ("status", "history")) or []
    return str(history[0]["chartVersion"] if history else get_path(obj, ("status", "lastAttemptedRevision"), ""))


def _has_fetched(obj: Object) -> str:
    return f"fetched revision {get_path(obj, ('status', 'artifact', 'revision'), '')}"


def _scanned(obj: Object) -> list[str]:
    return [get_path(obj, ("status", "lastScanResult", "scanTime"), ""), _suspended(obj), *_state(obj)]


def _chosen(obj: Object) -> list[str]:
    latest = get_path(obj, ("status", "latestRef")) or {}
    return [latest.get("name", ""), latest.get("tag", ""), *_state(obj)]


def _ran(obj: Object) -> list[str]:
    return [get_path(obj, ("status", "lastAutomationRunTime"), ""), _suspended(obj), *_state(obj)]


_REVISION = ("Revision", "Suspended", "Ready", "Message")
KUSTOMIZATION = Thing(
    ("kustomization", "ks", "kustomizations"),
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "Kustomization",
    "kustomization",
    _REVISION,
    _applied,
    lambda obj: f"applied revision {get_path(obj, ('status', 'lastAppliedRevision'), '')}",
    lambda obj: read_kustomization(obj).source,
)
GIT_REPOSITORY = Thing(
    ("source git", "sources git"),
    "gitrepositories.source.toolkit.fluxcd.io",
    "GitRepository",
    "source git",
    _REVISION,
    _fetched,
    _has_fetched,
)
_HELM_REPOSITORY = Thing(
    ("source helm", "sources helm"),
    "helmrepositories.source.toolkit.fluxcd.io",
    "HelmRepository",
    "source helm",
    _REVISION,
    _indexed,
    _has_fetched,
    is_static=_is_oci,
)
_HELM_CHART = Thing(
    ("source chart", "sources chart"),
    "helmcharts.source.toolkit.fluxcd.io",
    "HelmChart",
    "source chart",
    _REVISION,
    _charted,
    _has_fetched,
    lambda obj: read_helm_chart(obj).source,
)
HELM_RELEASE = Thing(
    ("helmrelease", "hr", "helmreleases"),
    "helmreleases.helm.toolkit.fluxcd.io",
    "HelmRelease",
    "helmrelease",
    _REVISION,
    lambda obj: [_released(obj), _suspended(obj), *_state(obj)],
    lambda obj: f"applied revision {_released(obj)}",
    lambda obj: read_helm_release(obj).chart_source,
)
_IMAGE_REPOSITORY = Thing(
    ("image repository", "images repository"),
    IMAGE_REPOSITORIES,
    "ImageRepository",
    "image repository",
    ("Last scan", "Suspended", "Ready", "Message"),
    _scanned,
    lambda obj: f"scan fetched {get_path(obj, ('status', 'lastScanResult', 'tagCount'), 0)} tags",
)
_IMAGE_POLICY = Thing(
    ("image policy", "images policy"),
    IMAGE_POLICIES,
    "ImagePolicy",
    "image policy",
    ("Image", "Tag", "Ready", "Message"),
    _chosen,
    lambda obj: f"selected ref {image_text(obj['status']['latestRef'])}",
)
_IMAGE_UPDATE = Thing(
    ("image update", "images update"),
    AUTOMATIONS,
    "ImageUpdateAutomation",
    "image update automation",
    ("Last run", "Suspended", "Ready", "Message"),
    _ran,
    lambda obj: _state(obj)[1],
)
_RECEIVER = Thing(
    ("receiver", "receivers"),
    "receivers.notification.toolkit.fluxcd.io",
    "Receiver",
    "receiver",
    ("Suspended", "Ready", "Message"),
    lambda obj: [_suspended(obj), *_state(obj)],
    lambda obj: f"receiver {obj['metadata']['name']} reconciled",
)
_PROVIDER = Thing(
    ("alert-provider", "alert-providers"),
    "providers.notification.toolkit.fluxcd.io",
    "Provider",
    "alert provider",
    ("Ready", "Message"),
    lambda obj: ["True", "Provider is Ready"],
    lambda obj: f"provider {obj['metadata']['name']} reconciled",
    is_static=_always,
)
_ALERT = Thing(
    ("alert", "alerts"),
    "alerts.notification.toolkit.fluxcd.io",
    "Alert",
    "alert",
    ("Suspended", "Ready", "Message"),
    lambda obj: [_suspended(obj), "True", "Alert is Ready"],
    lambda obj: f"alert {obj['metadata']['name']} reconciled",
    is_static=_always,
)
SOURCES = (GIT_REPOSITORY, _HELM_REPOSITORY, _HELM_CHART)
IMAGES = (_IMAGE_REPOSITORY, _IMAGE_POLICY, _IMAGE_UPDATE)
THINGS = (*SOURCES, *IMAGES, HELM_RELEASE, KUSTOMIZATION, _RECEIVER, _PROVIDER, _ALERT)
"""In the order of ``flux get all``."""


def thing(words: str) -> Thing | None:
    """By what it is called: ``ks``, ``source git``."""
    return next((known for known in THINGS if words in known.words), None)


def of_kind(kind: str) -> Thing | None:
    """By its kind, however it is spelt in capitals and small letters."""
    return next((known for known in THINGS if known.kind.lower() == kind.lower()), None)
