"""Where new images of an Application are written: to the Application itself, or to which file of which branch.

Source: argocd-image-updater ``pkg/argocd/argocd.go`` (newWBCFromSettings), ``update.go`` (parseGitConfig, parseTarget).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.agents.argocd.overrides import PREFIX as OVERRIDES
from gitops_sim.agents.image_updater.sources import SourceType, place_of, source_of, type_of
from gitops_sim.objects import Object, get_path

Target = Literal["overrides", "kustomization", "helmvalues"]
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class WriteBackError(Exception):
    """What a ``writeBackConfig`` says cannot be, in the words of the real one."""


@dataclass(frozen=True, slots=True)
class WriteBack:
    """``path`` is a file, of a ``kustomization`` its folder; ``type`` is what the images are set as. ``branch`` is the one to
    start from, empty for that of the Application; ``push_to`` a template of the one to write to, empty for the same.
    ``credentials``: ``repocreds`` or ``secret:`` and its name."""

    git: bool
    target: Target
    path: str
    type: SourceType
    repository: str = ""
    branch: str = ""
    push_to: str = ""
    credentials: str = "repocreds"
    pull_request: bool = False

    @property
    def key(self) -> str:
        """Eight hex digits by which branches of pull requests name the place."""
        return sha256(f"{self.repository}|{self.branch}|{self.path}".encode()).hexdigest()[:8]


def write_back_of(app: Object, config: Mapping[str, Any]) -> WriteBack:
    """What a ``writeBackConfig`` means for an Application. Raises WriteBackError."""
    meta, plain_type = app["metadata"], type_of(app)
    source = get_path(app, place_of(app, plain_type))
    if not source:
        raise WriteBackError(f"application source is not defined for {meta['namespace']}/{meta['name']}")
    folder = str(source.get("path") or "")
    prefix = "" if meta["namespace"] == NAMESPACE else f"{meta['namespace']}_"
    overrides = _joined(folder, f"{OVERRIDES}-{prefix}{meta['name']}.yaml")
    method = str(config.get("method") or "argocd").strip()
    if method == "argocd":
        return WriteBack(False, "overrides", overrides, plain_type)
    word, colon, credentials = method.partition(":")
    if word != "git":
        raise WriteBackError(f"invalid update mechanism: {config['method']}")
    git: Mapping[str, Any] = config.get("gitConfig") or {}
    target, path = _target(str(git.get("writeBackTarget") or ""), folder, overrides)
    type_ = _type(target, path, plain_type)
    branch, push_to = _branches(git)
    _check_credentials(credentials if colon else "repocreds")
    return WriteBack(
        True,
        target,
        path,
        type_,
        repository=str(git.get("repository") or source_of(app, type_).get("repoURL") or ""),
        branch=branch,
        push_to=push_to,
        credentials=credentials if colon else "repocreds",
        pull_request=_pull_request(git),
    )


def _target(said: str, folder: str, overrides: str) -> tuple[Target, str]:
    if not said:
        return "overrides", overrides
    if said.startswith("kustomization"):
        return "kustomization", _placed(said.removeprefix("kustomization")[1:] or ".", folder)
    if said.startswith("helmvalues"):
        return "helmvalues", _placed(said.removeprefix("helmvalues")[1:] or "values.yaml", folder)
    if posixpath.basename(said) in _KUSTOMIZATIONS:
        raise WriteBackError(
            f'git write-back target "{said}" looks like a standard kustomization file; writing image parameter overrides to it '
            'would discard its existing content. Use writeBackTarget: "kustomization:<path>" to update it in place instead, or '
            "point the target at a dedicated override file"
        )
    helm = said.endswith((".yaml", ".yml")) and not posixpath.basename(said).startswith(f"{OVERRIDES}-")
    return "helmvalues" if helm else "overrides", posixpath.normpath(said).lstrip("/")


def _type(target: Target, path: str, plain: SourceType) -> SourceType:
    if target == "kustomization":
        return "Kustomize"
    return "Helm" if target == "helmvalues" and path.endswith((".yaml", ".yml")) else plain


def _placed(path: str, folder: str) -> str:
    """Relative to the folder of the Application, with a slash in front to the repository."""
    return posixpath.normpath(path[1:]) if path.startswith("/") else _joined(folder, path)


def _joined(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def _branches(git: Mapping[str, Any]) -> tuple[str, str]:
    """``base:target``."""
    said = str(git.get("branch") or "")
    parts = said.strip().split(":")
    if len(parts) > 2:
        raise WriteBackError(f"invalid format for git-branch: {said}")
    return parts[0], parts[1] if len(parts) == 2 else ""


def _check_credentials(said: str) -> None:
    if said != "repocreds" and not said.startswith("secret:"):
        known = "'repocreds', 'secret:<secret>' or 'secret:<namespace>/<secret>'"
        what = f"unexpected credentials format. Expected {known} but got '{said}'"
        raise WriteBackError(f"invalid git credentials source: {what}")


def _pull_request(git: Mapping[str, Any]) -> bool:
    said = git.get("pullRequest")
    if said is None:
        return False
    if ":" in str(git.get("branch") or ""):
        raise WriteBackError(
            f'pullRequest mode does not support colon branch format "{git["branch"]}": specify only the PR base branch '
            '(e.g. "main")'
        )
    providers = [name for name in ("github", "gitlab") if said.get(name) is not None]
    if len(providers) != 1:
        raise WriteBackError(f"pullRequest must have exactly one provider configured, got {len(providers)}")
    return True
