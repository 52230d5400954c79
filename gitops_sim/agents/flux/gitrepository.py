"""A GitRepository's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.objects import Key, Object, key_of

GROUP, KIND = "source.toolkit.fluxcd.io", "gitrepositories.source.toolkit.fluxcd.io"
DEFAULT_BRANCH = "master"
_NOT_SIMULATED = ("recurseSubmodules", "proxySecretRef", "provider", "serviceAccountName")


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
class Include:
    """Files of the GitRepository ``name``: those below ``source`` (as written), put at ``place``."""

    name: str
    source: str
    place: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What must be signed, and the Secret with the keys of those who may sign. Source: GetMode and its neighbours of
    source-controller's API."""

    mode: Literal["HEAD", "Tag", "TagAndHEAD"]
    secret: str

    @property
    def of_tag(self) -> bool:
        return self.mode != "HEAD"

    @property
    def of_commit(self) -> bool:
        return self.mode != "Tag"

    def is_due(self, verified: str) -> bool:
        """Whether a revision that was ``verified`` in that mode (empty for never) must be looked at again."""
        return not verified or verified not in (self.mode, "TagAndHEAD")


@dataclass(frozen=True, slots=True)
class GitRepository:
    """``interval`` and ``timeout`` are in seconds; ``folders`` (as written; none for all) are those that are checked out;
    ``unsupported`` are the fields that are not honoured here."""

    key: Key
    url: str
    interval: float
    timeout: float
    reference: Reference
    ignore: str | None
    secret: str
    folders: tuple[str, ...]
    includes: tuple[Include, ...]
    verification: Verification | None
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
        folders=tuple(spec.get("sparseCheckout") or ()),
        includes=tuple(map(_include, spec.get("include") or ())),
        verification=_verification(spec["verify"]) if spec.get("verify") else None,
        suspended=spec.get("suspend") is True,
        unsupported=tuple(f"spec.{name}" for name in _NOT_SIMULATED if spec.get(name) not in (None, "generic", False)),
    )


def _include(wanted: Mapping[str, Any]) -> Include:
    name = wanted["repository"]["name"]
    return Include(name, wanted.get("fromPath") or "", wanted.get("toPath") or name)


def _verification(wanted: Mapping[str, Any]) -> Verification:
    mode = wanted.get("mode")
    return Verification(mode if mode in ("Tag", "TagAndHEAD") else "HEAD", wanted["secretRef"]["name"])
