"""The flags of ``argocd app create`` and ``app set`` that describe an Application's spec.

Source: ``cmd/util/app.go`` (AddAppFlags, SetAppSpecOptions).
"""

from __future__ import annotations

import argparse
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
    "sync-retry-backoff-duration": ("syncPolicy", "retry", "backoff", "duration"),
    "sync-retry-backoff-max-duration": ("syncPolicy", "retry", "backoff", "maxDuration"),
}
_NUMBERS: dict[str, Path] = {
    "revision-history-limit": ("revisionHistoryLimit",),
    "sync-retry-limit": ("syncPolicy", "retry", "limit"),
    "sync-retry-backoff-factor": ("syncPolicy", "retry", "backoff", "factor"),
}
_SWITCHES: dict[str, Path] = {
    "directory-recurse": ("source", "directory", "recurse"),
    "sync-retry-refresh": ("syncPolicy", "retry", "refresh"),
}
_LISTS: dict[str, Path] = {
    "values": ("source", "helm", "valueFiles"),
    "kustomize-image": ("source", "kustomize", "images"),
}
_PARAMETERS = ("helm-set", "parameter")
_POLICY = {"auto-prune": "prune", "self-heal": "selfHeal", "allow-empty": "allowEmpty"}


def add_spec_flags(command: argparse.ArgumentParser) -> None:
    for name in _TEXTS:
        command.add_argument(f"--{name}")
    for name in _NUMBERS:
        command.add_argument(f"--{name}", type=int)
    for name in (*_LISTS, *_PARAMETERS, "sync-option"):
        command.add_argument(*(("-p",) if name == "parameter" else ()), f"--{name}", action="append", default=[])
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
    spec = _with_parameters(spec, [text for name in _PARAMETERS for text in getattr(given, name.replace("-", "_"))], changed)
    return _with_policy(spec, given, changed), changed


def _with_parameters(spec: Any, texts: list[str], changed: list[str]) -> Any:
    path = ("source", "helm", "parameters")
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise FatalError(f"Expected parameter of the form: param=value. Received: {text}")
        others = [parameter for parameter in get_path(spec, path) or [] if parameter["name"] != name]
        spec = with_path(spec, path, [*others, {"name": name, "value": value}])
        changed.append(f"parameter {text}")
    return spec


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
