"""The flags of ``argocd app create`` and ``app set`` that describe an Application's spec.

Source: ``cmd/util/app.go`` (AddAppFlags, SetAppSpecOptions).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any

from gitops_sim.agents.argocd.cli.parsing import FatalError, switch
from gitops_sim.objects import Path, get_path, with_path, without_path

_AUTOMATED, _MANUAL = ("automated", "automatic", "auto"), ("manual", "none")
_TEXTS: dict[str, Path] = {
    "revision": ("source", "targetRevision"),
    "path": ("source", "path"),
    "repo": ("source", "repoURL"),
    "helm-chart": ("source", "chart"),
    "release-name": ("source", "helm", "releaseName"),
    "nameprefix": ("source", "kustomize", "namePrefix"),
    "namesuffix": ("source", "kustomize", "nameSuffix"),
    "kustomize-namespace": ("source", "kustomize", "namespace"),
    "directory-include": ("source", "directory", "include"),
    "directory-exclude": ("source", "directory", "exclude"),
    "dest-server": ("destination", "server"),
    "dest-name": ("destination", "name"),
    "dest-namespace": ("destination", "namespace"),
    "project": ("project",),
}
_NUMBERS: dict[str, Path] = {"revision-history-limit": ("revisionHistoryLimit",)}
_SWITCHES: dict[str, Path] = {
    "directory-recurse": ("source", "directory", "recurse"),
    "sync-retry-refresh": ("syncPolicy", "retry", "refresh"),
}
_LISTS: dict[str, Path] = {
    "values": ("source", "helm", "valueFiles"),
    "kustomize-image": ("source", "kustomize", "images"),
}
_UNESCAPED_COMMA = re.compile(r"([^\\]),")
_TYPES = {"kustomize": "Kustomize", "helm": "Helm", "directory": "Directory", "plugin": "Plugin"}
_POLICY = {"auto-prune": "prune", "self-heal": "selfHeal", "allow-empty": "allowEmpty"}


def add_spec_flags(command: argparse.ArgumentParser) -> None:
    for name in _TEXTS:
        command.add_argument(f"--{name}")
    for name in _NUMBERS:
        command.add_argument(f"--{name}", type=int)
    for name in (*_LISTS, "helm-set", "sync-option"):
        command.add_argument(f"--{name}", action="append", default=[])
    command.add_argument("-p", "--parameter", action="append", default=[])
    command.add_argument("--sync-retry-limit", type=int)
    command.add_argument("--sync-retry-backoff-duration", default="5s")
    command.add_argument("--sync-retry-backoff-max-duration", default="3m0s")
    command.add_argument("--sync-retry-backoff-factor", type=int, default=2)
    command.add_argument("--validate", nargs="?", const=True, default=True, type=switch)
    for name in (*_SWITCHES, *_POLICY):
        command.add_argument(f"--{name}", nargs="?", const=True, default=None, type=switch)
    command.add_argument("--sync-policy")


def changed_spec(spec: Any, given: argparse.Namespace) -> tuple[Any, list[str]]:
    """The spec as the flags want it, and what was changed, in words. Raises FatalError."""
    changed: list[str] = []
    for name, path in (_TEXTS | _NUMBERS | _SWITCHES).items():
        value = getattr(given, name.replace("-", "_"))
        if value is not None:
            spec = with_path(spec, path, value)
            changed.append(f"{name} {_word(value)}")
    for name, path in _LISTS.items():
        for value in getattr(given, name.replace("-", "_")):
            spec = with_path(spec, path, [*(get_path(spec, path) or []), value])
            changed.append(f"{name} {value}")
    spec = _with_helm_parameters(spec, given.helm_set, changed)
    spec = _with_retry(spec, given, changed)
    return _with_policy(spec, given, changed), changed


def with_parameters(spec: Any, texts: Sequence[str], source_type: str, changed: list[str]) -> Any:
    """The spec with ``--parameter``, which only a chart takes; ``source_type`` is what the source was found to be. Raises
    FatalError. Source: ``setParameterOverrides``."""
    if not texts:
        return spec
    explicit = [type_ for tool, type_ in _TYPES.items() if get_path(spec, ("source", tool)) is not None]
    found = explicit[0] if explicit else source_type or ("Helm" if "=" in texts[0] else "")
    if found != "Helm":
        mend = "a kustomization takes --kustomize-image; everything else is changed in Git"
        raise FatalError("Parameters can only be set against Helm applications", mend=mend)
    return _with_helm_parameters(spec, texts, changed)


def _with_helm_parameters(spec: Any, texts: Sequence[str], changed: list[str]) -> Any:
    path = ("source", "helm", "parameters")
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise FatalError(f"expected helm parameter of the form param=value but received: {text}")
        others = [parameter for parameter in get_path(spec, path) or [] if parameter["name"] != name]
        spec = with_path(spec, path, [*others, {"name": name, "value": _UNESCAPED_COMMA.sub(r"\1\\,", value)}])
        changed.append(f"parameter {text}")
    return spec


def _with_retry(spec: Any, given: argparse.Namespace, changed: list[str]) -> Any:
    """The limit brings its back-off along; without one there is no retry at all."""
    limit, path = given.sync_retry_limit, ("syncPolicy", "retry")
    if limit is None:
        return spec
    if limit < 0:
        raise FatalError(f"Invalid sync-retry-limit [{limit}]", mend="give a number, or 0 for no retry")
    changed.append(f"sync-retry-limit {limit}")
    if not limit:
        return without_path(spec, path, prune_empty=True)
    backoff = {
        "duration": given.sync_retry_backoff_duration,
        "factor": given.sync_retry_backoff_factor,
        "maxDuration": given.sync_retry_backoff_max_duration,
    }
    refresh = {"refresh": True} if given.sync_retry_refresh else {}
    return with_path(spec, path, {"limit": limit, "backoff": backoff, **refresh})


def _with_policy(spec: Any, given: argparse.Namespace, changed: list[str]) -> Any:
    if given.sync_policy in _MANUAL:
        spec = without_path(spec, ("syncPolicy", "automated"), prune_empty=True)
    elif given.sync_policy in _AUTOMATED:
        spec = with_path(spec, ("syncPolicy", "automated"), {})
    elif given.sync_policy is not None:
        raise FatalError(f"Invalid sync-policy: {given.sync_policy}")
    if given.sync_policy is not None:
        changed.append(f"sync policy {given.sync_policy}")
    for flag, name in _POLICY.items():
        value = getattr(given, flag.replace("-", "_"))
        if value is None:
            continue
        if get_path(spec, ("syncPolicy", "automated")) is None:
            spec = with_path(spec, ("syncPolicy", "automated"), {"enabled": False})  # set, but of no effect until auto-sync is on
        spec = with_path(spec, ("syncPolicy", "automated", name), value)
        changed.append(f"{name} {_word(value)}")
    path = ("syncPolicy", "syncOptions")
    for text in given.sync_option:
        others = [option for option in get_path(spec, path) or [] if option != text.removeprefix("!")]
        spec = with_path(spec, path, others if text.startswith("!") else [*others, text])
        changed.append(f"sync option {text}")
    return spec


def _word(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
