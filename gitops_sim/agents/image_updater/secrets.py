"""Where the image updater finds credentials: for Git in Secrets of Argo CD or in one of its own, for a registry in pull secrets.

A world's forge and registry take any of them: what counts is that there are some. Source: argocd-image-updater
``pkg/argocd/gitcreds.go``, ``registry-scanner/pkg/image/credentials.go`` and argo-cd ``util/db/repository_secrets.go``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, get_path

_TYPE = "argocd.argoproj.io/secret-type"
_CREDENTIALS = (
    "username",
    "password",
    "bearerToken",
    "sshPrivateKey",
    "tlsClientCertData",
    "githubAppPrivateKey",
    "gcpServiceAccountKey",
)
_SSH = re.compile(r"(ssh://)?([^/:]*@)?[^@/]+:.*")
_APP = ("githubAppID", "githubAppInstallationID", "githubAppPrivateKey")


class SecretError(Exception):
    """Why there are no credentials, in the words of the real one."""


def check_git_credentials(cluster: ClusterAPI, said: str, url: str, app: Object) -> None:
    """Raises SecretError when nothing opens a repository: ``said`` is ``repocreds`` or ``secret:`` and a name."""
    if said == "repocreds":
        project = str(get_path(app, ("spec", "project")) or "default")
        if not any(_opens(secret, url, project) for secret in cluster.list("secrets", NAMESPACE, labels=_TYPE)):
            raise SecretError(f"credentials for '{url}' are not configured in Argo CD settings")
        return
    reference = said.removeprefix("secret:")
    namespace, slash, name = reference.partition("/")
    home = app["metadata"]["namespace"]
    if slash and namespace != home:
        raise SecretError(f"secret namespace '{namespace}' differs from app namespace '{home}'")
    data = _secret(cluster, home, name if slash else reference)
    wanted: tuple[str, ...]
    if url.startswith("https://"):
        if "githubAppID" not in data and "username" not in data:
            raise SecretError(f"invalid repository credentials in secret {reference}: does not contain githubAppID or username")
        wanted = _APP if "githubAppID" in data else ("password",)
    elif _SSH.fullmatch(url):
        wanted = ("sshPrivateKey",)
    else:
        raise SecretError("unknown repository type")
    for field in wanted:
        if field not in data:
            raise SecretError(f"invalid secret {reference}: does not contain field {field}")


def check_pull_secret(cluster: ClusterAPI, said: str, app: Object) -> None:
    """Raises SecretError when a ``pullSecret`` names nothing that holds credentials."""
    if not said:
        return
    kind, colon, reference = said.partition(":")
    namespace, slash, rest = reference.partition("/")
    home = app["metadata"]["namespace"]
    if kind in ("pullsecret", "secret") and slash and namespace != home:
        what = f"commonUpdateSettings.pullSecret namespace '{namespace}' differs from app namespace '{home}'"
        raise SecretError(what)
    doing = "Could not set registry endpoint credentials: "
    if not colon or not reference or ":" in reference:
        raise SecretError(f"{doing}invalid credential spec: {said}")
    if kind.lower() not in ("pullsecret", "secret"):
        return
    name, mark, field = rest.partition("#")
    if not slash or not name or (kind.lower() == "secret") != bool(mark and field):
        raise SecretError(f"{doing}invalid secret definition: {reference}")
    field = field or ".dockerconfigjson"
    fetching = f"{doing}could not fetch secret '{name}' from namespace '{namespace}' (field: '{field}'): "
    try:
        data = _secret(cluster, namespace, name)
    except SecretError as error:
        raise SecretError(f"{fetching}{error}") from None
    if field not in data:
        raise SecretError(f"{fetching}secret '{namespace}/{name}' does not have a field '{field}'")


def _secret(cluster: ClusterAPI, namespace: str, name: str) -> Mapping[str, str]:
    try:
        return cluster.get("secrets", name, namespace).get("data") or {}
    except ApiError as error:
        raise SecretError(error.message) from None


def _opens(secret: Object, url: str, project: str) -> bool:
    """Whether a Secret of Argo CD is about a repository, or about all whose addresses begin so, and holds credentials."""
    kind = get_path(secret, ("metadata", "labels", _TYPE))
    data = {name: base64.b64decode(value).decode("utf-8", "replace") for name, value in (secret.get("data") or {}).items()}
    known, wanted = _normal(data.get("url", "")), _normal(url)
    if not known or not any(data.get(field) for field in _CREDENTIALS) or data.get("project", "") not in ("", project):
        return False
    return known == wanted if kind == "repository" else kind == "repo-creds" and wanted.startswith(known)


def _normal(url: str) -> str:
    return url.strip().lower().rstrip("/").removesuffix(".git")
