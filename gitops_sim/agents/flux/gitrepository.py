"""A GitRepository's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.objects import Key, Object, key_of

GROUP, KIND = "source.toolkit.fluxcd.io", "gitrepositories.source.toolkit.fluxcd.io"
DEFAULT_BRANCH = "master"
_NOT_SIMULATED = ("verify", "recurseSubmodules", "sparseCheckout", "include", "proxySecretRef", "provider", "serviceAccountName")


@dataclass(frozen=True, slots=True)
class Reference:
    """What to fetch. Of several the first that is given counts: commit, name, semver, tag, branch. Source: the API reference of
    GitRepositoryRef."""

    commit: str = ""
    name: str = ""
    semver: str = ""
    tag: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class GitRepository:
    """``interval`` and ``timeout`` are in seconds; ``unsupported`` are the fields that are not honoured here."""

    key: Key
    url: str
    interval: float
    timeout: float
    reference: Reference
    ignore: str | None
    secret: str
    suspended: bool
    unsupported: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.key.name


def read_git_repository(obj: Object) -> GitRepository:
    spec: Mapping[str, Any] = obj.get("spec") or {}
    ref = spec.get("ref") or {}
    return GitRepository(
        key=key_of(obj),
        url=spec["url"],
        interval=seconds_of(spec.get("interval")),
        timeout=seconds_of(spec.get("timeout") or "60s"),
        reference=Reference(**{name: ref.get(name) or "" for name in ("commit", "name", "semver", "tag", "branch")}),
        ignore=spec.get("ignore"),
        secret=(spec.get("secretRef") or {}).get("name") or "",
        suspended=spec.get("suspend") is True,
        unsupported=tuple(f"spec.{name}" for name in _NOT_SIMULATED if spec.get(name) not in (None, "generic", False)),
    )
