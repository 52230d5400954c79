"""How the ``argocd`` CLI prints repositories. Source: ``cmd/argocd/commands/repo.go``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.argocd.cli.printing import table
from gitops_sim.agents.argocd.repositories import Repository

_HEADERS = ("TYPE", "NAME", "REPO", "INSECURE", "OCI", "LFS", "CREDS", "STATUS", "MESSAGE", "PROJECT")


def repositories_table(states: Mapping[Repository, tuple[str, str]]) -> str:
    """``states``: whether each can be reached (``Successful``, ``Failed``), and why not."""
    rows = [list(_HEADERS)]
    for known, state in states.items():
        switches = (str(on).lower() for on in (known.insecure, known.oci, known.lfs))
        rows.append([known.type, known.name, known.url, *switches, known.creds, *state, known.project])
    return table(rows)


def repository_json(known: Repository, status: str, message: str, moment: str) -> dict[str, Any]:
    """``moment`` is when it was tried. What says nothing is left out."""
    found = {
        "repo": known.url,
        "connectionState": {"status": status, "message": message, "attemptedAt": moment},
        "insecure": known.insecure,
        "enableLfs": known.lfs,
        "type": known.type,
        "name": known.name,
        "inheritedCreds": known.creds == "inherited",
        "enableOCI": known.oci,
        "project": known.project,
    }
    return {field: value for field, value in found.items() if value}


def same_url(one: str, two: str) -> bool:
    """However it ends, and in whatever letters. Source: ``util/git/git.go`` (NormalizeGitURL)."""
    plain, other = (url.strip().lower().rstrip("/").removesuffix(".git") for url in (one, two))
    return plain == other
