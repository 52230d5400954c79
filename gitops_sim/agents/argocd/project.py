"""AppProjects: which repositories, places and kinds the Applications of a project may use, and when.

An allow and no deny (``!``) must fit. Kinds without a namespace are forbidden unless listed; kinds in namespaces are allowed
unless there is a list. Source: ``pkg/apis/application/v1alpha1/app_project_types.go`` and ``util/argo/argo.go``
(ValidatePermissions), whose messages are these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE, Application
from gitops_sim.agents.argocd.glob import denies, matches, matches_or_denies, matches_path
from gitops_sim.agents.argocd.windows import Window, read_window
from gitops_sim.agents.frozen import Frozen
from gitops_sim.objects import Key, Object

PROJECTS = "appprojects.argoproj.io"
DEFAULT = "default"

Restriction = tuple[str, str, str]
"""``(group, kind, name)``, patterns all; the name is empty where any will do."""


@dataclass(frozen=True, slots=True)
class Project(Frozen):
    """The rules of a project. ``destinations``: patterns for a cluster's address, its name, and a namespace; ``orphans``: None
    when nobody looks for orphaned resources, else whether it warns of them."""

    name: str
    source_repos: tuple[str, ...]
    source_namespaces: tuple[str, ...]
    destinations: tuple[tuple[str, str, str], ...]
    cluster_allowed: tuple[Restriction, ...]
    cluster_denied: tuple[Restriction, ...]
    namespaced_allowed: tuple[Restriction, ...] | None
    namespaced_denied: tuple[Restriction, ...]
    windows: tuple[Window, ...]
    orphans: bool | None
    orphans_ignored: tuple[Restriction, ...]
    unrestricted: bool
    """Whether it allows every kind everywhere, as the default project does."""

    def permits_source(self, url: str) -> bool:
        wanted, found = normal_url(url), False
        for pattern in self.source_repos:
            pattern = f"!{normal_url(pattern[1:])}" if denies(pattern) else normal_url(pattern)
            fits = matches_or_denies(pattern, wanted, separator="/")
            if not fits and denies(pattern):
                return False
            found = found or fits
        return found

    def permits_destination(self, server: str, name: str, namespace: str) -> bool:
        """A cluster by its address and its name, and a namespace in it."""
        found = False
        for address, title, space in self.destinations:
            fits_server = bool(server) and matches_or_denies(address, server)
            fits_name = bool(name) and matches_or_denies(title, name)
            fits_space = matches_or_denies(space, namespace)
            if (fits_server or fits_name) and fits_space:
                found = True
                continue
            wrong_name = not fits_name and denies(title)
            wrong_server = not fits_server and denies(address) and fits_space
            wrong_space = not fits_space and denies(space) and fits_server
            if wrong_name or wrong_server or wrong_space:
                return False
        return found

    def permits_kind(self, group: str, kind: str, name: str, *, namespaced: bool) -> bool:
        if namespaced:
            allowed = self.namespaced_allowed is None or _listed(self.namespaced_allowed, group, kind, "")
            return allowed and not _listed(self.namespaced_denied, group, kind, "")
        return _listed(self.cluster_allowed, group, kind, name) and not _listed(self.cluster_denied, group, kind, name)

    def refusal(self, key: Key, server: str, name: str, *, namespaced: bool) -> str:
        """Why an object must not be in a cluster, in the words of a failed sync; empty when it may."""
        if self.unrestricted:
            return ""
        if not self.permits_kind(key.group, key.kind, key.name, namespaced=namespaced):
            return f"resource {key.group}:{key.kind} is not permitted in project {self.name}"
        if namespaced and not self.permits_destination(server, name, key.namespace):
            return f"namespace {key.namespace} is not permitted in project '{self.name}'"
        return ""

    def takes(self, app: Application) -> bool:
        """Whether it lets in Applications of that namespace."""
        return app.namespace == NAMESPACE or any(_fits_namespace(p, app.namespace) for p in self.source_namespaces)

    def problems(self, app: Application, server: str, name: str) -> Iterator[str]:
        """Texts for InvalidSpecError: what an Application, whose destination is that cluster, may not use."""
        if not self.takes(app):
            yield f"application '{app.name}' in namespace '{app.namespace}' is not permitted to use project '{self.name}'"
            return
        for source in app.source.parts or (app.source,):
            if not self.permits_source(source.repo_url):
                yield f"application repo {source.repo_url} is not permitted in project '{self.name}'"
        namespace = app.destination.namespace
        if not self.permits_destination(server, name, namespace):
            shown = name if app.destination.name else server
            yield (
                f"application destination server '{shown}' and namespace '{namespace}' do not match any of the allowed "
                f"destinations in project '{self.name}'"
            )

    def windows_of(self, app: Application) -> tuple[Window, ...]:
        """The sync windows that are about an Application."""
        return tuple(window for window in self.windows if window.fits(app))


def read_project(obj: Object, servers: Sequence[str] = ()) -> Project:
    """``servers``: the clusters that are for this project, and that it may use therefore. Never raises: what cannot be read
    permits nothing."""
    spec: Mapping[str, Any] = obj["spec"] if isinstance(obj.get("spec"), Mapping) else {}
    orphans = spec.get("orphanedResources")
    allowed = spec.get("namespaceResourceWhitelist")
    destinations = tuple(
        (str(d.get("server") or ""), str(d.get("name") or ""), str(d.get("namespace") or ""))
        for d in _maps(spec.get("destinations"))
    )
    cluster_allowed = _restrictions(spec.get("clusterResourceWhitelist"))
    cluster_denied = _restrictions(spec.get("clusterResourceBlacklist"))
    namespaced_allowed = None if allowed is None else _restrictions(allowed)
    namespaced_denied = _restrictions(spec.get("namespaceResourceBlacklist"))
    anywhere = len(destinations) == 1 and destinations[0][0] == destinations[0][2] == "*"
    any_kind = ("*", "*", "") in cluster_allowed and namespaced_allowed is None and not cluster_denied and not namespaced_denied
    return Project(
        name=obj["metadata"]["name"],
        source_repos=tuple(map(str, _items(spec.get("sourceRepos")))),
        source_namespaces=tuple(map(str, _items(spec.get("sourceNamespaces")))),
        destinations=(*destinations, *((server, "", "*") for server in servers)),
        cluster_allowed=cluster_allowed,
        cluster_denied=cluster_denied,
        namespaced_allowed=namespaced_allowed,
        namespaced_denied=namespaced_denied,
        windows=tuple(map(read_window, _maps(spec.get("syncWindows")))),
        orphans=orphans.get("warn") is not False if isinstance(orphans, Mapping) else None,
        orphans_ignored=_restrictions(orphans.get("ignore") if isinstance(orphans, Mapping) else None),
        unrestricted=anywhere and any_kind,
    )


def normal_url(url: str) -> str:
    """Repositories are the same whatever the case of their address, with ``.git`` at its end or without it. Source:
    ``util/git/git.go`` (NormalizeGitURL)."""
    plain = url.strip().lower().removesuffix(".git")
    if plain.startswith("git@") and ":" in plain:
        host, _, path = plain.removeprefix("git@").partition(":")
        return f"git@{host}/{path.lstrip('/')}"
    return plain


def _listed(restrictions: Sequence[Restriction], group: str, kind: str, name: str) -> bool:
    return any(matches_path(k, kind) and matches_path(g, group) and (not n or matches_path(n, name)) for g, k, n in restrictions)


def _fits_namespace(pattern: str, namespace: str) -> bool:
    return pattern == namespace or matches(pattern, namespace)


def _restrictions(value: Any) -> tuple[Restriction, ...]:
    return tuple((str(r.get("group") or ""), str(r.get("kind") or ""), str(r.get("name") or "")) for r in _maps(value))


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _items(value) if isinstance(item, Mapping)]


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
