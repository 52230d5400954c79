"""The kinds that the ``flux`` CLI knows: how they are called, and what it prints of them.

Source: flux2 ``cmd/flux/*.go`` (get_*, reconcile_*, resume_*).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gitops_sim.agents.flux import conditions
from gitops_sim.objects import Object, get_path

_HEX = re.compile(r"\b[a-f0-9]{40,128}\b")


@dataclass(frozen=True, slots=True)
class Thing:
    """``words`` are what it may be called behind a verb, such as ``ks``, or ``source git``; ``human`` is its name in messages of
    suspend and resume, ``kind`` in all others. ``columns`` are those between NAME and the end; ``static`` has no controller.
    ``done`` says what a reconciliation has brought."""

    words: Sequence[str]
    resource: str
    kind: str
    human: str
    columns: Sequence[str]
    row: Callable[[Object], list[str]]
    done: Callable[[Object], str]
    static: bool = False


def shortened(text: str) -> str:
    """Every long hexadecimal number by its first eight digits."""
    return _HEX.sub(lambda match: match.group()[:8], text)


def _state(obj: Object) -> list[str]:
    ready = conditions.find(obj, "Ready")
    return [str(ready["status"]), str(ready["message"])] if ready else ["False", "waiting to be reconciled"]


def _suspended(obj: Object) -> str:
    return str(get_path(obj, ("spec", "suspend")) is True)


def _applied(obj: Object) -> list[str]:
    ready, message = _state(obj)
    return [shortened(get_path(obj, ("status", "lastAppliedRevision"), "")), _suspended(obj), ready, shortened(message)]


def _fetched(obj: Object) -> list[str]:
    ready, message = _state(obj)
    return [shortened(get_path(obj, ("status", "artifact", "revision"), "")), _suspended(obj), ready, shortened(message)]


_REVISION = ("Revision", "Suspended", "Ready", "Message")
KUSTOMIZATION = Thing(
    ("kustomization", "ks", "kustomizations"),
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "Kustomization",
    "kustomization",
    _REVISION,
    _applied,
    lambda obj: f"applied revision {get_path(obj, ('status', 'lastAppliedRevision'), '')}",
)
GIT_REPOSITORY = Thing(
    ("source git", "sources git"),
    "gitrepositories.source.toolkit.fluxcd.io",
    "GitRepository",
    "source git",
    _REVISION,
    _fetched,
    lambda obj: f"fetched revision {get_path(obj, ('status', 'artifact', 'revision'), '')}",
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
    static=True,
)
_ALERT = Thing(
    ("alert", "alerts"),
    "alerts.notification.toolkit.fluxcd.io",
    "Alert",
    "alert",
    ("Suspended", "Ready", "Message"),
    lambda obj: [_suspended(obj), "True", "Alert is Ready"],
    lambda obj: f"alert {obj['metadata']['name']} reconciled",
    static=True,
)
SOURCES = (GIT_REPOSITORY,)
THINGS = (GIT_REPOSITORY, KUSTOMIZATION, _RECEIVER, _PROVIDER, _ALERT)
"""In the order of ``flux get all``."""


def thing(words: str) -> Thing | None:
    """By what it is called: ``ks``, ``source git``."""
    return next((known for known in THINGS if words in known.words), None)


def of_kind(kind: str) -> Thing | None:
    """By its kind, however it is spelt in capitals and small letters."""
    return next((known for known in THINGS if known.kind.lower() == kind.lower()), None)
