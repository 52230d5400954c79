"""Words in annotations and sync policies: ``Key=value``, several with commas between.

An object's own annotation beats what the Application says for all. Source: docs/user-guide/sync-options.md and
``gitops-engine/pkg/sync/resource/annotations.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitops_sim.objects import Object, annotations_of

SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
COMPARE_OPTIONS = "argocd.argoproj.io/compare-options"

_SWITCHES = (
    "ApplyOutOfSyncOnly",
    "ClientSideApplyMigration",
    "CreateNamespace",
    "FailOnSharedResource",
    "Force",
    "PruneLast",
    "Replace",
    "RespectIgnoreDifferences",
    "ServerSideApply",
    "SkipDryRunOnMissingResource",
    "Validate",
)
_CHOICES = {
    "Delete": ("confirm", "false", "true"),
    "Prune": ("confirm", "false", "true"),
    "PrunePropagationPolicy": ("background", "foreground", "orphan"),
} | dict.fromkeys(_SWITCHES, ("false", "true"))


def words(obj: Object, annotation: str) -> tuple[str, ...]:
    """What an annotation lists, each word once."""
    text = annotations_of(obj).get(annotation)
    if not isinstance(text, str):
        return ()
    return tuple(dict.fromkeys(word for part in text.split(",") if (word := part.strip())))


def options_of(obj: Object) -> tuple[str, ...]:
    """The sync options that an object's own annotation states."""
    return words(obj, SYNC_OPTIONS)


def value_of(name: str, obj: Object, options: Sequence[str]) -> str:
    """What ``name`` (``Prune``, ``Delete``) is set to by the object, or else by ``options`` of the Application; or ""."""
    prefix = f"{name}="
    for option in (*options_of(obj), *options):
        if option.startswith(prefix):
            return option[len(prefix) :]
    return ""


def unknown(options: Iterable[str]) -> list[str]:
    """Options that Argo CD does not know: it takes no notice of them."""
    split = ((option, *option.partition("=")[::2]) for option in options)
    return [option for option, name, value in split if value not in _CHOICES.get(name, ())]
