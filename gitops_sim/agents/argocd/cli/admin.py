"""The ``argocd`` commands that are not about one Application: ``proj``, ``cluster``, ``repo``, ``account can-i``.

Source: ``cmd/argocd/commands/{project,projectwindows,cluster,repo,account}.go``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from typing import Any

from gitops_sim.agents.argocd import rbac
from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.agents.argocd.cli.parsing import FatalError, Parser, encoded, read
from gitops_sim.agents.argocd.cli.printing import table
from gitops_sim.agents.argocd.cli.projects import project_page, projects_table, windows_table
from gitops_sim.agents.argocd.cli.repositories import repositories_table, repository_json, same_url
from gitops_sim.agents.argocd.clusters import Registered, address_of, cluster_secret
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.desired import LoadFailedError
from gitops_sim.agents.argocd.project import DEFAULT, PROJECTS
from gitops_sim.agents.argocd.repositories import Repository, repositories
from gitops_sim.agents.argocd.requests import RefusedError
from gitops_sim.cluster.controllers.nodes import VERSION
from gitops_sim.nearest import nearest
from gitops_sim.objects import Object, get_path

_NOT_WATCHED = "Cluster has no applications and is not being monitored."


class AdminCommands:
    """Commands of one person."""

    def __init__(self, agent: ArgoCD, user: str) -> None:
        self._agent, self._user = agent, user

    def run(self, words: Sequence[str]) -> str:
        """Raises what :meth:`CLI.run` turns into an exit code."""
        given = read(_parser(), words)
        output: str = getattr(self, f"_{given.does}")(given)
        return output

    # ------------------------------------------------------------------ projects

    def _projects(self, given: argparse.Namespace) -> str:
        found = self._seen_projects()
        if given.output == "name":
            return "".join(f"{_name(obj)}\n" for obj in found)
        return encoded(found, given.output) if given.output != "wide" else projects_table(found)

    def _seen_projects(self) -> list[Object]:
        return [obj for obj in self._agent.server.list(PROJECTS, NAMESPACE) if self._may("projects", "get", _name(obj))]

    def _project(self, given: argparse.Namespace) -> str:
        obj = self._find_project(given.name)
        if given.output != "wide":
            return encoded(obj, given.output)
        scoped = [known.server for known in self._agent.clusters.all() if known.project == given.name]
        return project_page(obj, scoped)

    def _windows(self, given: argparse.Namespace) -> str:
        found = self._find_project(given.name)
        if given.output == "wide":
            return windows_table(found, self._agent.clock.now)
        return encoded(list(get_path(found, ("spec", "syncWindows")) or ()), given.output)

    def _find_project(self, name: str) -> Object:
        self._demand("projects", "get", name)
        found = self._agent.server.find(PROJECTS, name, NAMESPACE)
        if found is None:
            mend = nearest(name, map(_name, self._seen_projects()))
            raise RefusedError("NotFound", f'appprojects.argoproj.io "{name}" not found', mend=mend)
        return found

    def _delete_project(self, given: argparse.Namespace) -> str:
        self._demand("projects", "delete", given.name)
        if given.name == DEFAULT:
            raise RefusedError("InvalidArgument", f"name '{given.name}' is reserved and cannot be deleted")
        self._find_project(given.name)
        users = [obj for obj in self._agent.applications() if self._agent.application(obj).project == given.name]
        if users:
            mend = f"delete or move these first: {', '.join(_name(obj) for obj in users)}"
            raise RefusedError("InvalidArgument", f"project is referenced by {len(users)} applications", mend=mend)
        self._agent.server.delete(PROJECTS, given.name, NAMESPACE)
        self._tell("ProjectDeleted", f"project/{given.name}", f"deletes project {given.name}")
        return ""

    # ------------------------------------------------------------------ clusters

    def _clusters(self, given: argparse.Namespace) -> str:
        found = [known for known in self._agent.clusters.all() if self._may("clusters", "get", _rbac_name(known))]
        if given.output == "server":
            return "".join(f"{known.server}\n" for known in found)
        rows = [["SERVER", "NAME", "VERSION", "STATUS", "MESSAGE", "PROJECT"]]
        rows += [[known.server, known.name, *self._standing(known), known.project] for known in found]
        if given.output != "wide":
            return encoded([{"name": row[1], "server": row[0]} for row in rows[1:]], given.output)
        return table(rows)

    def _standing(self, known: Registered) -> tuple[str, str, str]:
        """Version, status and message. Nobody looks at a cluster to which nothing is deployed."""
        used = any(self._leads_to(obj, known) for obj in self._agent.applications())
        if not used:
            return "", "Unknown", _NOT_WATCHED
        if self._agent.clusters.reach(known.server) is None:
            return "", "Failed", f'failed to get cluster info for "{known.server}"'
        return VERSION.removeprefix("v").rpartition(".")[0], "Successful", ""

    def _leads_to(self, obj: Object, known: Registered) -> bool:
        destination = self._agent.application(obj).destination
        return known.server == destination.server or (bool(destination.name) and known.name == destination.name)

    def _add_cluster(self, given: argparse.Namespace) -> str:
        server = address_of(given.context)
        self._demand("clusters", "create", server)
        if self._agent.clusters.reach(server) is None:
            mend = nearest(given.context, self._agent.clusters.reachable)
            raise FatalError(f"Context {given.context} does not exist in kubeconfig", mend=mend)
        secret = cluster_secret(given.name or given.context, server)
        if self._agent.server.find("secrets", secret["metadata"]["name"], NAMESPACE) is None:
            self._agent.server.create(secret)
            self._tell("ClusterAdded", f"cluster/{given.context}", f"adds cluster {given.context} to Argo CD: {server}")
        return f"Cluster '{server}' added\n"

    def _remove_cluster(self, given: argparse.Namespace) -> str:
        known = next((k for k in self._agent.clusters.all() if given.cluster in (k.server, k.name) and k.secret), None)
        if known is None:
            names = [k.name for k in self._agent.clusters.all() if k.secret]
            raise RefusedError("PermissionDenied", "permission denied", mend=nearest(given.cluster, names))
        self._demand("clusters", "delete", _rbac_name(known))
        self._agent.server.delete("secrets", known.secret, NAMESPACE)
        self._tell("ClusterRemoved", f"cluster/{known.name}", f"removes cluster {known.name} from Argo CD")
        return f"Cluster '{given.cluster}' removed\n"

    # ------------------------------------------------------------------ repositories

    def _repos(self, given: argparse.Namespace) -> str:
        return self._shown([known for known in repositories(self._agent.server) if self._may_read(known)], given.output)

    def _repo(self, given: argparse.Namespace) -> str:
        seen = [known for known in repositories(self._agent.server) if self._may_read(known)]
        found = next((known for known in seen if same_url(known.url, given.repo)), None)
        if found is None:
            mend = nearest(given.repo, [known.url for known in seen])
            raise RefusedError("PermissionDenied", "permission denied", mend=mend)
        return self._shown(found, given.output)

    def _shown(self, found: Repository | list[Repository], output: str) -> str:
        several = found if isinstance(found, list) else [found]
        if output == "url":
            return "".join(f"{known.url}\n" for known in several)
        states = {known: self._state(known) for known in several}
        if output == "wide":
            return repositories_table(states)
        now = self._agent.clock.timestamp()
        plain = [repository_json(known, *state, now) for known, state in states.items()]
        return encoded(plain if isinstance(found, list) else plain[0], output)

    def _state(self, known: Repository) -> tuple[str, str]:
        try:
            self._agent.sources.test(known.url, charts=known.type == "helm")
        except LoadFailedError as error:
            return "Failed", f"Unable to connect to repository: {error.why}"
        return "Successful", ""

    def _may_read(self, known: Repository) -> bool:
        return self._may("repositories", "get", known.rbac_name)

    def _tell(self, event: str, subject: str, text: str) -> None:
        self._agent.trace.add(self._user, event, subject, text, reason="by the argocd CLI", story=True)

    # ------------------------------------------------------------------ rights

    def _can_i(self, given: argparse.Namespace) -> str:
        for word, known in ((given.action, rbac.ACTIONS), (given.resource, rbac.RESOURCES)):
            if word not in known:
                text = f"{rbac.listed(known)} does not contain {word}"
                raise RefusedError("InvalidArgument", text, mend=nearest(word, known))
        action = "sync" if given.action == "rollback" else given.action
        return "yes\n" if self._may(given.resource, action, given.object) else "no\n"

    def _may(self, resource: str, action: str, object: str) -> bool:
        return self._agent.guard.allows(self._user, resource, action, object)

    def _demand(self, resource: str, action: str, object: str) -> None:
        if not self._may(resource, action, object):
            raise RefusedError.forbidden(self._user, resource, action, object)


def _rbac_name(known: Registered) -> str:
    return f"{known.project}/{known.server}" if known.project else known.server


def _name(obj: Object) -> str:
    name: str = obj["metadata"]["name"]
    return name


@cache
def _parser() -> Parser:
    parser = Parser(prog="argocd")
    rooms = parser.add_subparsers(dest="room", required=True, parser_class=Parser)

    def room(*names: str) -> Any:
        made = rooms.add_parser(names[0], aliases=names[1:])
        return made.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(place: Any, name: str, does: str, *words: str, outputs: Sequence[str] = ()) -> argparse.ArgumentParser:
        made: Parser = place.add_parser(name, use=" ".join(word.partition("=")[2] or word.upper() for word in words))
        made.set_defaults(does=does, parser=made)
        for word in words:
            made.add_argument(word.partition("=")[0])
        if outputs:
            made.add_argument("-o", "--output", choices=outputs, default=outputs[0])
        return made

    projects = room("proj", "project")
    command(projects, "list", "projects", outputs=("wide", "name", "json", "yaml"))
    command(projects, "get", "project", "name=PROJECT", outputs=("wide", "json", "yaml"))
    command(projects, "delete", "delete_project", "name=PROJECT")
    windows = projects.add_parser("windows").add_subparsers(dest="part", required=True, parser_class=Parser)
    command(windows, "list", "windows", "name=PROJECT", outputs=("wide", "json", "yaml"))
    clusters = room("cluster")
    command(clusters, "list", "clusters", outputs=("wide", "server", "json", "yaml"))
    added = command(clusters, "add", "add_cluster", "context")
    added.add_argument("--name", default="")
    for made in (added, command(clusters, "rm", "remove_cluster", "cluster=SERVER/NAME")):
        made.add_argument("-y", "--yes", action="store_true")
    repos = room("repo")
    command(repos, "list", "repos", outputs=("wide", "url", "json", "yaml"))
    command(repos, "get", "repo", "repo", outputs=("wide", "url", "json", "yaml"))
    command(room("account"), "can-i", "can_i", "action", "resource", "object=SUBRESOURCE")
    return parser
