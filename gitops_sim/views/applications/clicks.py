"""The buttons and what they ask, in words: the texts that people read, and the click that the action log keeps.

Source of the choices: ``ui/src/app/applications/components`` (application-sync-panel, application-sync-options, utils).
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable

from gitops_sim.errors import BadInput
from gitops_sim.objects import Key
from gitops_sim.views.applications.facts import Facts

FLAGS = (
    ("prune", "Prune: also delete what Git has no more"),
    ("dry-run", "Dry run: change nothing"),
    ("apply-only", "Apply only: run no hooks"),
    ("force", "Force: delete and create again what cannot be changed"),
)
OPTIONS = (
    ("Validate=false", "Skip schema validation"),
    ("CreateNamespace=true", "Auto-create namespace"),
    ("PruneLast=true", "Prune last"),
    ("ApplyOutOfSyncOnly=true", "Apply out of sync only"),
    ("RespectIgnoreDifferences=true", "Respect ignore differences"),
    ("ServerSideApply=true", "Server-side apply"),
    ("Replace=true", "Replace"),
)
PROPAGATIONS = (
    ("", "as usual: foreground"),
    ("PrunePropagationPolicy=foreground", "foreground"),
    ("PrunePropagationPolicy=background", "background"),
    ("PrunePropagationPolicy=orphan", "orphan"),
)
CASCADES = (
    ("foreground", "Foreground: what it manages goes first, each with all that it owns"),
    ("background", "Background: what it manages goes first, what that owns is cleared away later"),
    ("none", "Non-cascading: only the Application goes, what it manages stays"),
)
WAYS = (
    ("", "Foreground: what it owns goes first"),
    ("force", "Force: at once, with no time to end"),
    ("orphan", "Non-cascading: what it owns stays"),
)
"""How one object is deleted."""


def sync(
    app: Facts,
    *,
    revision: str = "",
    flags: Collection[str] = (),
    options: Collection[str] | None = None,
    resources: Iterable[str] | None = None,
) -> str:
    """``sync web --prune --resource apps:Deployment:default/web``. ``options`` None are the Application's own; ``resources``
    None are all. Raises BadInput when none is chosen."""
    words = ["sync", app.ref, *(f"--{flag}" for flag, _ in FLAGS if flag in flags)]
    if revision and revision != app.target:
        words.append(f"--revision={revision}")
    if options is not None and set(options) != set(app.options):
        words.append(f"--options={','.join(options)}")
    if resources is not None:
        chosen = [f"--resource={text}" for text in resources]
        if not chosen:
            raise BadInput("no resource is ticked", mend="tick those that are to be synchronized")
        words += chosen
    return shlex.join(words)


def refresh(app: Facts, *, hard: bool = False) -> str:
    return shlex.join(["refresh", app.ref, *(["--hard"] if hard else [])])


def rollback(app: Facts, id: str, *, prune: bool = False) -> str:
    return shlex.join(["rollback", app.ref, id, *(["--prune"] if prune else [])])


def delete(app: Facts, cascade: str) -> str:
    return shlex.join(["delete", app.ref, f"--cascade={cascade}"])


def auto_sync(app: Facts, *, on: bool) -> str:
    return shlex.join([f"{'enable' if on else 'disable'}-auto-sync", app.ref])


def delete_resource(app: Facts, resource: str, way: str = "") -> str:
    return shlex.join(["delete-resource", app.ref, resource, *([f"--{way}"] if way else [])])


def terminate(app: Facts) -> str:
    return shlex.join(["terminate", app.ref])


def confirm(app: Facts) -> str:
    return shlex.join(["confirm", app.ref])


def rollback_question(app: Facts) -> tuple[str, str, str]:
    """What is asked before a rollback, what that means, and the word for yes. With auto-sync on it would be undone at once."""
    if app.automated:
        return (
            f"Auto-sync is on. Are you sure you want to disable auto-sync and roll back application {app.name}?",
            "Prune and self-heal keep their settings. When auto-sync is switched on again, it rolls forward to what Git says.",
            "Disable auto-sync and roll back",
        )
    return (
        f"Are you sure you want to roll back application {app.name}?",
        "Git is left as it is: where it says something else, the Application is OutOfSync afterwards.",
        "Roll back",
    )


def resource_word(key: Key) -> str:
    """How a click names a resource: ``apps:Deployment:default/web``."""
    return f"{key.group}:{key.kind}:{key.namespace}/{key.name}"
