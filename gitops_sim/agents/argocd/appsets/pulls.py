"""The pull request generator: a set of parameters for every pull request of a repository that is open.

Source: ``applicationset/generators/pull_request.go`` and ``applicationset/services/pull_request/*.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.argocd.appsets.params import GenerationError, Params, slug
from gitops_sim.forge import Forge

_PROVIDERS = {
    "github": ("owner", "repo"),
    "gitea": ("owner", "repo"),
    "gitlab": ("", "project"),
    "bitbucketServer": ("project", "repo"),
}
"""Where each names whose repository it is, and which."""


def pull_requests(raw: Mapping[str, Any], forge: Forge, *, go: bool) -> list[Params]:
    """A set of parameters for each that is open and fits a filter. Raises GenerationError."""
    provider = next((name for name in _PROVIDERS if isinstance(raw.get(name), Mapping)), "")
    if not provider:
        raise GenerationError(
            "failed to select pull request service provider: no Pull Request provider implementation configured"
        )
    owner, name = (str(raw[provider].get(part) or "") if part else "" for part in _PROVIDERS[provider])
    repo = next((r.name for r in forge.repositories if r.name in (name, f"{owner}/{name}")), "")
    if not repo:
        if raw.get("continueOnRepoNotFoundError") is True:
            return []
        shown = f"{owner}/{name}".strip("/")
        raise GenerationError(f"error listing repos: error listing pull requests for {shown}: 404 Not Found")
    if raw[provider].get("labels"):
        return []  # pull requests of the forge have no labels
    filters = [one for one in raw.get("filters") or [] if isinstance(one, Mapping)]
    found = []
    for pull in forge.pull_requests.of(repo):
        texts = {"branchMatch": pull.head, "targetBranchMatch": pull.base, "titleMatch": pull.title}
        if pull.state != "open" or (filters and not any(_fits(one, texts) for one in filters)):
            continue
        params: Params = {
            "number": str(pull.number),
            "title": pull.title,
            "branch": pull.head,
            "branch_slug": slug(pull.head),
            "target_branch": pull.base,
            "target_branch_slug": slug(pull.base),
            "head_sha": pull.commit,
            "head_short_sha": pull.commit[:8],
            "head_short_sha_7": pull.commit[:7],
            "author": pull.author,
        }
        if go:
            params["labels"] = []
        found.append(params)
    return found


def _fits(one: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    for name, text in texts.items():
        try:
            if one.get(name) is not None and not re.search(str(one[name]), text):
                return False
        except re.error as error:
            shown = f"{name[0].upper()}{name[1:]}"
            raise GenerationError(f'error listing repos: error compiling {shown} regexp "{one[name]}": {error}') from None
    return True
