"""The ApplicationSet controller: makes, mends and deletes Applications as their set says.

It looks when the set, one of its Applications or a cluster Secret changes, when a webhook tells of a push, and by itself every
three minutes for Git and every thirty for pull requests. Source: ``applicationset/controllers/applicationset_controller.go``.
"""

from __future__ import annotations

from typing import Any, Literal

from gitops_sim.agents.argocd.application import NAMESPACE, Application, read_application
from gitops_sim.agents.argocd.appsets import status
from gitops_sim.agents.argocd.appsets.generators import Workbench, again_after, mentions, repositories
from gitops_sim.agents.argocd.appsets.keeping import REFRESH, asked, is_of, kept, label, owned, owned_parts, parts_that_differ
from gitops_sim.agents.argocd.appsets.making import Failure, wanted
from gitops_sim.agents.argocd.appsets.rendering import Renderer, option_texts
from gitops_sim.agents.argocd.clusters import Clusters, UnknownClusterError
from gitops_sim.agents.argocd.events import AuditLog
from gitops_sim.agents.argocd.finalizers import FINALIZER
from gitops_sim.agents.argocd.project import DEFAULT, PROJECTS
from gitops_sim.clock import Clock, Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Delivery, Forge
from gitops_sim.objects import Key, Object, annotations_of, controller_of, get_path, with_path, without_path
from gitops_sim.randomness import Randomness
from gitops_sim.trace import Trace

Verb = Literal["created", "updated", "Deleted"]
KIND = "applicationsets.argoproj.io"
APPLICATIONS = "applications.argoproj.io"
_COMPONENT = "applicationset-controller"
_NO_NAME = "a name must be set in the template's metadata.name or via a templatePatch (generateName is not supported)"
_AGAIN_AFTER_ERROR = 180.0
_UPDATES = ("sync", "create-update", "")
_DELETES = ("sync", "create-delete", "")


class ApplicationSets:
    """``actor`` is the name in the trace."""

    def __init__(
        self,
        cluster: ClusterAPI,
        forge: Forge,
        clusters: Clusters,
        clock: Clock,
        trace: Trace,
        randomness: Randomness,
        actor: str,
    ) -> None:
        self._cluster, self._forge, self._clusters, self._clock, self._trace = cluster, forge, clusters, clock, trace
        self._randomness, self._actor = randomness, actor
        self._audit = AuditLog(cluster, clock)
        self._told: set[tuple[Key, str]] = set()
        self._queue = WorkQueue(clock, self._turn, priority=Priority.AGENT)
        for obj in cluster.list(KIND):
            self._queue.add(_key(obj))

    # ------------------------------------------------------------------ what it is told

    def on_change(self, change: Change) -> None:
        """Of a set, or of an Application that one made."""
        if change.key.kind == "ApplicationSet":
            if change.type == "DELETED":
                self._queue.forget(change.key)
            elif change.old is None or asked(change.object) != asked(change.old):
                self._queue.add(change.key)
        elif change.key.kind == "Application":
            owner = controller_of(change.object)
            if owner is None or owner.get("kind") != "ApplicationSet":
                return
            if change.type != "MODIFIED" or change.old is None or owned_parts(change.object) != owned_parts(change.old):
                self._queue.add(Key("argoproj.io", "ApplicationSet", change.key.namespace, str(owner["name"])))

    def clusters_changed(self) -> None:
        """Those with a cluster generator look again."""
        for obj in self._cluster.list(KIND):
            if mentions(obj["spec"].get("generators"), "clusters"):
                self._queue.add(_key(obj))

    def delivered(self, delivery: Delivery) -> None:
        """A webhook: those whose Git generator reads the repository look again."""
        for obj in self._cluster.list(KIND):
            for url in repositories(obj["spec"].get("generators")):
                try:
                    if self._forge.repository(url).name == delivery.repo:
                        self._queue.add(_key(obj))
                except BadInput:
                    continue

    # ------------------------------------------------------------------ its turns

    def _turn(self, key: Key) -> None:
        appset = self._cluster.find(KIND, key.name, key.namespace)
        if appset is None:
            return
        if appset["metadata"].get("deletionTimestamp"):
            self._let_go(appset)
            return
        self._say_unsupported(key, appset)
        applications, failure = wanted(appset, self._bench(appset))
        if failure is not None:
            self._report(appset, failure, generated=False)
            self._queue.add(key, _AGAIN_AFTER_ERROR)
            return
        problems = self._problems(appset, applications)
        if problems:
            *_, last = (problems[name] for name in sorted(problems))
            message = f"{last} (and {len(problems) - 1} more)" if len(problems) > 1 else last
            self._report(appset, ("ApplicationValidationError", message), generated=True)
        valid = sorted(
            (app for number, app in enumerate(applications) if label(app, number) not in problems),
            key=lambda app: str(app["metadata"]["name"]),
        )
        failure = self._make(appset, valid)
        if failure is None and self._policy(appset) in _DELETES:
            failure = self._delete(appset, applications)
        if failure is not None:
            self._report(appset, failure, generated=True)
            self._queue.retry(key)
            return
        self._queue.succeed(key)
        self._finish(appset, complete=not problems)
        again = min(filter(None, (again_after(raw) for raw in appset["spec"].get("generators") or ())), default=0.0)
        again = again or (_AGAIN_AFTER_ERROR if problems else 0.0)
        if again:
            self._queue.add(key, again)

    def _let_go(self, appset: Object) -> None:
        """A set that goes and must not delete leaves its Applications behind, without an owner."""
        if self._policy(appset) not in _DELETES:
            for app in self._current(appset):
                self._cluster.update(without_path(app, ("metadata", "ownerReferences")))
        finalizers = list(appset["metadata"].get("finalizers") or ())
        if FINALIZER in finalizers:
            self._cluster.update(with_path(appset, ("metadata", "finalizers"), [f for f in finalizers if f != FINALIZER]))

    def _problems(self, appset: Object, applications: list[dict[str, Any]]) -> dict[str, str]:
        """What is wrong with each Application that cannot be."""
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

    def _make(self, appset: Object, applications: list[dict[str, Any]]) -> Failure | None:
        """Creates what is missing and mends what differs, as far as the policy goes; the first failure by name."""
        updates = self._policy(appset) in _UPDATES
        failures: dict[str, str] = {}
        for app in applications:
            name = app["metadata"]["name"]
            try:
                found = self._cluster.find(APPLICATIONS, name, app["metadata"]["namespace"])
                if found is None:
                    self._cluster.create(owned(app, appset))
                    self._told_of(appset, "created", name)
                elif updates or not is_of(found, appset):
                    self._mend(appset, found, app)
            except ApiError as error:
                failures[name] = error.message
        reason = "UpdateApplicationError" if updates else "CreateApplicationError"
        return (reason, failures[min(failures)]) if failures else None

    def _mend(self, appset: Object, found: Object, app: dict[str, Any]) -> None:
        owner = controller_of(found)
        if owner is not None and not is_of(found, appset):
            meta, other = found["metadata"], f"another {owner['kind']} controller {owner['name']}"
            raise ApiError(409, "Conflict", f"Object {meta['namespace']}/{meta['name']} is already owned by {other}")
        desired = owned(kept(app, found, appset), appset)
        if desired != found:
            self._cluster.update(desired)
            self._told_of(appset, "updated", app["metadata"]["name"], parts_that_differ(found, desired))

    def _delete(self, appset: Object, applications: list[dict[str, Any]]) -> Failure | None:
        names = {app["metadata"]["name"] for app in applications}
        for obj in self._current(appset):
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
            self._told_of(appset, "Deleted", meta["name"])
        return None

    # ------------------------------------------------------------------ what it leaves

    def _report(self, appset: Object, failure: Failure, *, generated: bool) -> None:
        reason, message = failure
        if self._write(appset, failure, generated=generated, complete=False):
            name = appset["metadata"]["name"]
            text = f"cannot make all Applications of ApplicationSet {name}: {message}"
            self._tell("ApplicationSetFailed", appset, text, reason=reason, error=message)

    def _finish(self, appset: Object, *, complete: bool) -> None:
        latest = self._cluster.find(KIND, appset["metadata"]["name"], appset["metadata"]["namespace"])
        if latest is None:
            return
        if REFRESH in annotations_of(latest):
            latest = self._cluster.update(without_path(latest, ("metadata", "annotations", REFRESH), prune_empty=True))
        if complete:
            self._write(latest, None, generated=True, complete=True)

    def _write(self, appset: Object, failure: Failure | None, *, generated: bool, complete: bool) -> bool:
        """The new status; says whether the conditions changed."""
        latest = self._cluster.find(KIND, appset["metadata"]["name"], appset["metadata"]["namespace"])
        if latest is None:
            return False
        before = latest.get("status") or {}
        now = self._clock.timestamp()
        found = status.conditions(before.get("conditions") or (), failure, generated=generated, complete=complete, now=now)
        made = status.resources(self._current(latest))
        after = {**before, "conditions": found, "health": status.health(found), "resources": made, "resourcesCount": len(made)}
        if after != before:
            self._cluster.update({**latest, "status": after}, subresource="status")
        return found != before.get("conditions")

    def _told_of(self, appset: Object, verb: Verb, name: str, what: str = "") -> None:
        self._audit.write(appset, verb, f'{verb} Application "{name}"', component=_COMPONENT)
        own = appset["metadata"]["name"]
        text = {
            "created": f"makes Application {name}, as ApplicationSet {own} says",
            "updated": f"puts {what} of Application {name} back to what ApplicationSet {own} says",
            "Deleted": f"deletes Application {name}: ApplicationSet {own} does not make it any more",
        }[verb]
        event = {"created": "ApplicationGenerated", "updated": "ApplicationMended", "Deleted": "ApplicationDeleted"}[verb]
        self._tell(event, appset, text, app=name)

    def _tell(self, event: str, appset: Object, text: str, *, reason: str = "", **data: Any) -> None:
        where = {"appset": appset["metadata"]["name"], "cluster": self._cluster.name}
        self._trace.add(self._actor, event, str(_key(appset)), text, reason=reason, story=True, **where, **data)

    def _say_unsupported(self, key: Key, appset: Object) -> None:
        if get_path(appset, ("spec", "strategy", "type")) == "RollingSync" and (key, "strategy") not in self._told:
            self._told.add((key, "strategy"))
            text = "does not honour (not simulated): strategy RollingSync: all Applications are synced at once"
            self._trace.add(self._actor, "OptionIgnored", str(key), text, options=["strategy RollingSync"])

    # ------------------------------------------------------------------ inside

    def _bench(self, appset: Object) -> Workbench:
        spec = appset["spec"]
        options = option_texts(spec.get("goTemplateOptions"))
        renderer = Renderer(spec.get("goTemplate") is True, options, self._clock, self._randomness)
        project, problem = str(get_path(spec, ("template", "spec", "project")) or DEFAULT), ""
        if "{{" not in project and self._cluster.find(PROJECTS, project, NAMESPACE) is None:
            problem = f'error getting project {project}: appprojects.argoproj.io "{project}" not found'
        return Workbench(renderer, self._forge, self._clusters, problem)

    def _policy(self, appset: Object) -> str:
        return str(get_path(appset, ("spec", "syncPolicy", "applicationsSync")) or "")

    def _current(self, appset: Object) -> list[Object]:
        found = self._cluster.list(APPLICATIONS, appset["metadata"]["namespace"])
        return [obj for obj in found if is_of(obj, appset)]


def _key(obj: Object) -> Key:
    meta = obj["metadata"]
    return Key("argoproj.io", "ApplicationSet", meta["namespace"], meta["name"])
