"""The Applications of a set in the cluster: which can be, and making, mending and deleting them as far as its policy goes.

Source: ``applicationset/controllers/applicationset_controller.go`` (validateGeneratedApplications, createOrUpdateInCluster,
createInCluster, deleteInCluster).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE, Application, read_application
from gitops_sim.agents.argocd.appsets.keeping import (
    APPLICATIONS,
    current,
    ignore_problems,
    is_of,
    kept,
    label,
    owned,
    parts_that_differ,
)
from gitops_sim.agents.argocd.appsets.making import Failure
from gitops_sim.agents.argocd.appsets.reporting import Reporter
from gitops_sim.agents.argocd.clusters import Clusters, UnknownClusterError
from gitops_sim.agents.argocd.finalizers import FINALIZER
from gitops_sim.agents.argocd.project import PROJECTS
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, controller_of, get_path, with_path

_NO_NAME = "a name must be set in the template's metadata.name or via a templatePatch (generateName is not supported)"
_UPDATES = ("sync", "create-update", "")
_DELETES = ("sync", "create-delete", "")


class Applications:
    def __init__(self, cluster: ClusterAPI, clusters: Clusters, reporter: Reporter) -> None:
        self._cluster, self._clusters, self._reporter = cluster, clusters, reporter

    def problems(self, appset: Object, applications: Sequence[dict[str, Any]]) -> dict[str, str]:
        """What is wrong with each Application that cannot be, by its label."""
        found: dict[str, str] = {}
        names: set[str] = set()
        own = appset["metadata"]["name"]
        for number, obj in enumerate(applications):
            app, which = read_application(obj), label(obj, number)
            if not app.name:
                found[which] = f"ApplicationSet {own} contains an application with no name; {_NO_NAME}"
            elif app.name in names:
                found[which] = f"ApplicationSet {own} contains applications with duplicate name: {app.name}"
            else:
                names.add(app.name)
                problem = self._problem(app)
                if problem:
                    found[which] = problem
        return found

    def _problem(self, app: Application) -> str:
        if self._cluster.find(PROJECTS, app.project, NAMESPACE) is None:
            return f"application references project {app.project} which does not exist"
        try:
            self._clusters.locate(app.destination)
        except UnknownClusterError as error:
            return f"application destination spec is invalid: {error}"
        return ""

    def changed(self, appset: Object, applications: Sequence[dict[str, Any]]) -> set[str]:
        """The names of those that are there with another spec than the set wants."""
        wanted = {app["metadata"]["name"]: app for app in applications}
        found = set[str]()
        for obj in current(self._cluster, appset):
            app = wanted.get(obj["metadata"]["name"])
            if app is not None and kept(app, obj, appset)["spec"] != obj.get("spec"):
                found.add(obj["metadata"]["name"])
        return found

    def make(
        self, appset: Object, applications: Sequence[dict[str, Any]], operations: Mapping[str, dict[str, Any]]
    ) -> Failure | None:
        """Creates what is missing and mends what differs, as far as the policy goes, and begins the syncs of ``operations``;
        answers with the first failure by name."""
        updates = policy(appset) in _UPDATES
        reason = "UpdateApplicationError" if updates else "CreateApplicationError"
        for problem in ignore_problems(appset):
            return reason, f"failed to build ignore diff config: {problem}"
        failures: dict[str, str] = {}
        for app in applications:
            name = app["metadata"]["name"]
            try:
                found = self._cluster.find(APPLICATIONS, name, app["metadata"]["namespace"])
                if found is None:
                    self._cluster.create(owned(app, appset))
                    self._reporter.did(appset, "created", name)
                elif updates or not is_of(found, appset):
                    self._mend(appset, found, app, operations.get(name))
            except ApiError as error:
                failures[name] = error.message
        return (reason, failures[min(failures)]) if failures else None

    def _mend(self, appset: Object, found: Object, app: dict[str, Any], operation: dict[str, Any] | None) -> None:
        owner = controller_of(found)
        if owner is not None and not is_of(found, appset):
            meta, other = found["metadata"], f"another {owner['kind']} controller {owner['name']}"
            raise ApiError(409, "Conflict", f"Object {meta['namespace']}/{meta['name']} is already owned by {other}")
        name, desired = app["metadata"]["name"], owned(kept(app, found, appset), appset)
        begins = operation is not None and not found.get("operation")
        if begins:
            desired = {**desired, "operation": operation}
        if desired == found:
            return
        self._cluster.update(desired)
        what = parts_that_differ(found, desired)
        if what:
            self._reporter.did(appset, "updated", name, what)
        if begins:
            self._reporter.begun(appset, name)

    def delete(self, appset: Object, applications: Sequence[dict[str, Any]]) -> Failure | None:
        """Those that the set does not make any more, as far as the policy goes."""
        if not deletes(appset):
            return None
        names = {app["metadata"]["name"] for app in applications}
        for obj in current(self._cluster, appset):
            meta = obj["metadata"]
            if meta["name"] in names or meta.get("deletionTimestamp"):
                continue
            try:
                self._clusters.locate(read_application(obj).destination)
            except UnknownClusterError:  # its finalizer would wait for ever
                rest = [f for f in meta.get("finalizers") or () if f != FINALIZER]
                self._cluster.update(with_path(obj, ("metadata", "finalizers"), rest))
            try:
                self._cluster.delete(APPLICATIONS, meta["name"], meta["namespace"])
            except ApiError as error:
                return "DeleteApplicationError", error.message
            self._reporter.did(appset, "Deleted", meta["name"])
        return None


def policy(appset: Object) -> str:
    return str(get_path(appset, ("spec", "syncPolicy", "applicationsSync")) or "")


def deletes(appset: Object) -> bool:
    """Whether a set may delete what it made."""
    return policy(appset) in _DELETES
