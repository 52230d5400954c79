"""The repositories that Argo CD is told of: Secrets of type ``repository``, and of type ``repo-creds`` for many at once.

A public repository needs none of them. Source: ``util/db/repository_secrets.go``, ``server/repository/repository.go``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.agents.argocd.clusters import SECRET_TYPE, decoded
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, get_path

_CREDENTIALS = ("username", "password", "bearerToken", "sshPrivateKey", "tlsClientCertData", "githubAppPrivateKey")


@dataclass(frozen=True, slots=True)
class Repository:
    """``creds`` says whether there are credentials for it, and whether they are those of many (``inherited``)."""

    type: str
    name: str
    url: str
    project: str
    insecure: bool
    oci: bool
    lfs: bool
    creds: Literal["true", "false", "inherited"]

    @property
    def rbac_name(self) -> str:
        """How a policy calls it."""
        return f"{self.project}/{self.url}" if self.project else self.url


def repositories(server: ClusterAPI) -> list[Repository]:
    """Sorted by project and address."""
    secrets = server.list("secrets", NAMESPACE, labels=SECRET_TYPE)
    patterns = [decoded(secret, "url") for secret in secrets if _type(secret) == "repo-creds"]
    found = [_read(secret, patterns) for secret in secrets if _type(secret) == "repository"]
    return sorted(found, key=lambda repository: f"{repository.project}/{repository.url}")


def _read(secret: Object, patterns: list[str]) -> Repository:
    url = decoded(secret, "url")
    own = any(decoded(secret, field) for field in _CREDENTIALS)
    inherits = not own and any(pattern and url.startswith(pattern) for pattern in patterns)
    insecure, ignores_key, oci, lfs = (
        decoded(secret, field) == "true" for field in ("insecure", "insecureIgnoreHostKey", "enableOCI", "enableLfs")
    )
    return Repository(
        decoded(secret, "type") or "git",
        decoded(secret, "name"),
        url,
        decoded(secret, "project"),
        insecure or ignores_key,
        oci,
        lfs,
        "inherited" if inherits else "true" if own else "false",
    )


def _type(secret: Object) -> str:
    return str(get_path(secret, ("metadata", "labels", SECRET_TYPE), ""))
