"""What a person may ask of Argo CD, through the CLI or the dashboard: the rules of its API server.

Source: ``server/application/application.go`` (Sync, Rollback, Delete).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from gitops_sim.agents.argocd import history, rbac
from gitops_sim.agents.argocd.application import IN_CLUSTER, NAMESPACE, Application, read_application
from gitops_sim.agents.argocd.approval import APPROVED
from gitops_sim.agents.argocd.clusters import UnknownClusterError, UnreachableError
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.desired import LoadFailedError
from gitops_sim.agents.argocd.events import AuditLog
from gitops_sim.agents.argocd.finalizers import BACKGROUND_FINALIZER, CASCADES, FINALIZER
from gitops_sim.agents.argocd.operation import sync_operation
from gitops_sim.agents.argocd.windows import WindowError, can_sync
from gitops_sim.clock import EPOCH
from gitops_sim.cluster.protocol import Propagation
from gitops_sim.errors import GitOpsSimError
from gitops_sim.nearest import nearest
from gitops_sim.objects import Key, Object, get_path, with_path

_COMPONENT = "argocd-server"


class RefusedError(GitOpsSimError):
    """A request that the API server turns down. ``code`` is gRPC's (``FailedPrecondition``); ``mend`` is the way out."""

    def __init__(self, code: str, message: str, *, mend: str = "") -> None:
        super().__init__(f"rpc error: code = {code} desc = {message}")
        self.code, self.message, self.mend = code, message, mend

    @classmethod
    def forbidden(cls, user: str, resource: str, action: str, object: str) -> RefusedError:
        """Everybody signed in when the world began: that is the time in it. Source: ``util/rbac/rbac.go`` (EnforceErr)."""
        since = EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ")
        text = f"permission denied: {resource}, {action}, {object}, sub: {user}, iat: {since}"
        right = f"p, {user}, {resource}, {action}, {object}, allow"
        return cls("PermissionDenied", text, mend=f"the policy.csv of ConfigMap argocd-rbac-cm gives rights, such as: {right}")


class Requests:
    """Everything that one person asks for. Each request leaves a record under the person's name."""

    def __init__(self, agent: ArgoCD, user: str, via: str) -> None:
        self._agent, self._user, self._via = agent, user, via
        self._audit = AuditLog(agent.server, agent.clock)

    def all(self) -> list[Object]:
        """The Applications that this person may see."""
        return [obj for obj in self._agent.applications() if self._may("get", obj)]

    def get(self, name: str, action: str = "get") -> Object:
        """An Application, to do something with. Whether there is one is not said to those who may not: permission denied."""
        namespace, _, plain = name.rpartition("/")
        found = self._agent.server.find("applications.argoproj.io", plain, namespace or NAMESPACE)
        if found is None or not self._may(action, found):
            raise RefusedError("PermissionDenied", "permission denied", mend=self._instead_of(name, action))
        app = self._agent.application(found)
        if not self._agent.takes(app):
            text = f'app is not allowed in project "{app.project}", or the project does not exist'
            raise RefusedError("InvalidArgument", text, mend="argocd proj list shows which there are; kubectl edit names another")
        return found

    def refresh(self, name: str, *, hard: bool = False) -> Object:
        obj = self.get(name)
        self._tell("RefreshRequested", obj, f"asks for a {'hard ' if hard else ''}refresh of {name}", hard=hard)
        self._agent.refresh(obj, hard=hard)
        return self.get(name)

    def sync(
        self,
        name: str,
        *,
        revision: str = "",
        prune: bool = False,
        dry_run: bool = False,
        resources: Iterable[Key] = (),
        options: Sequence[str] | None = None,
        strategy: str = "hook",
        force: bool = False,
        retry: Mapping[str, Any] | None = None,
    ) -> Object:
        """Syncs to the target revision, or to another one, which only an Application without auto-sync allows."""
        obj = self.get(name)
        app = self._agent.application(obj)
        self._window_is_open(app)
        self._demand("sync", obj)
        self._not_deleting(obj)
        target = app.source.target_revision
        if revision and revision != (target or "HEAD") and app.automated is not None and not dry_run:
            text = f"Cannot sync to {revision}: auto-sync currently set to {target}"
            mend = f"leave out the revision, or switch auto-sync off first: argocd app set {name} --sync-policy none"
            raise RefusedError("FailedPrecondition", text, mend=mend)
        try:
            resolved = self._agent.sources.resolve(app.source, revision)
        except LoadFailedError as error:
            raise RefusedError("Unknown", error.message.rpartition("desc = ")[2], mend=error.mend) from None
        chosen = list(resources)
        shown = f"{revision or target or 'HEAD'} ({resolved[:7]})"
        what = "partial sync" if chosen else "sync"
        self._tell(
            "SyncRequested",
            obj,
            f"asks {name} to sync to {shown}{' with prune' if prune else ''}",
            revision=resolved,
            prune=prune,
        )
        self._audit.write(obj, "OperationStarted", f"{self._user} initiated {what} to {shown}", component=_COMPONENT)
        operation = sync_operation(
            app,
            resolved,
            prune=prune,
            retry=retry or (None if app.retry is None else app.retry.raw),
            username=self._user,
            strategy={strategy: {"force": True} if force else {}},
            resources=chosen,
            dry_run=dry_run,
            options=options,
        )
        return self._operate(obj, operation)

    def rollback(self, name: str, id: int | None = None, *, prune: bool = False) -> Object:
        """Syncs what was deployed under a history id, the one before the last when none is given. RefusedError while auto-sync is
        on."""
        obj = self.get(name, "sync")
        app = self._agent.application(obj)
        entries = get_path(obj, ("status", "history")) or []
        entry = history.previous(entries) if id is None else history.find(entries, id)
        if entry is None:
            if id is None:
                text = f"application '{app.name}' should have at least two successful deployments"
                raise NotInHistoryError(text, mend="sync something else first: there is nothing to go back to yet")
            known = ", ".join(str(entry["id"]) for entry in entries) or "none yet"
            text = f"application '{app.name}' does not have deployment id '{id}' in history"
            raise NotInHistoryError(text, mend=f"its ids are {known}: argocd app history {name}")
        self._not_deleting(obj)
        if app.automated is not None:
            self._tell(
                "RollbackRefused",
                obj,
                f"asks {name} to roll back to history id {entry['id']}: refused, auto-sync is on",
                id=entry["id"],
            )
            off = f"argocd app set {name} --sync-policy none"
            mend = f"revert the commit in Git, which lasts; or switch auto-sync off first: {off}"
            raise RefusedError("FailedPrecondition", "rollback cannot be initiated when auto-sync is enabled", mend=mend)
        revision = history.revision_of(entry)
        text = f"asks {name} to roll back to history id {entry['id']} ({revision[:7]})"
        self._tell("RollbackRequested", obj, text, id=entry["id"], revision=revision)
        self._audit.write(obj, "OperationStarted", f"{self._user} initiated rollback to {entry['id']}", component=_COMPONENT)
        operation = sync_operation(
            app,
            revision,
            prune=prune,
            retry=None,
            username=self._user,
            source=history.source_of(entry),
            strategy={"apply": {}},
            rollback=entry["id"],
        )
        return self._operate(obj, operation)

    def terminate(self, name: str) -> None:
        """Ends the operation that is running: its hooks are deleted, what it applied stays."""
        obj = self.get(name, "sync")
        state = get_path(obj, ("status", "operationState"))
        if not obj.get("operation") or state is None:
            why = "Unable to terminate operation. No operation is in progress"
            raise RefusedError("InvalidArgument", why)
        self._tell("TerminationRequested", obj, f"terminates the operation of {name}")
        self._agent.server.update(with_path(obj, ("status", "operationState", "phase"), "Terminating"))
        self._audit.write(obj, "ResourceUpdated", f"{self._user} terminated running operation", component=_COMPONENT)
        self._agent.resume(obj)

    def confirm(self, name: str) -> Object:
        """Approves, from now on, of deleting what asks for it: ``Prune=confirm`` and ``Delete=confirm``."""
        obj = self.get(name, "update")
        self._tell("DeletionApproved", obj, f"approves of what {name} is about to delete")
        now = self._agent.clock.timestamp()
        return self._agent.server.update(with_path(obj, ("metadata", "annotations", APPROVED), now))

    def create(self, app: Object, *, upsert: bool = False, validate: bool = True) -> Literal["created", "unchanged", "updated"]:
        """Makes an Application; the same one again is no mistake, another one of that name only with ``upsert``."""
        name, meta = app["metadata"]["name"], app["metadata"]
        self._demand("create", app)
        self._check(app, "error while validating and normalizing app", manifests=validate)
        before = self._agent.server.find("applications.argoproj.io", name, meta["namespace"])
        if before is None:
            self._tell("ApplicationCreated", app, f"creates Application {name}")
            made = self._agent.server.create(app)
            self._audit.write(made, "ResourceCreated", f"{self._user} created application", component=_COMPONENT)
            return "created"
        parts = ("labels", "annotations", "finalizers")
        same = all((before["metadata"].get(part) or None) == (meta.get(part) or None) for part in parts)
        if same and before.get("spec") == app["spec"]:
            return "unchanged"
        if not upsert:
            mend = f"--upsert makes it what you wrote; argocd app set {name} changes one thing of it"
            text = "existing application spec is different, use upsert flag to force update"
            raise RefusedError("InvalidArgument", text, mend=mend)
        self._demand("update", before)
        self._tell("ApplicationChanged", before, f"changes Application {name}")
        found = {part: meta[part] for part in parts if meta.get(part)}
        kept = {part: value for part, value in before["metadata"].items() if part not in parts}
        self._agent.server.update({**before, "metadata": {**kept, **found}, "spec": app["spec"]})
        return "updated"

    def set_spec(self, name: str, spec: Any, what: str, *, validate: bool) -> Object:
        """Replaces the spec; ``what`` says how, for the trace. Whoever moves it to another project needs the right to create it
        there. ``validate``: Git must have manifests for it."""
        obj = self.get(name, "update")
        changed = {**obj, "spec": spec}
        if get_path(obj, ("spec", "project")) != get_path(changed, ("spec", "project")):
            self._demand("create", changed)
        self._check(changed, "error validating and updating app: error validating and normalizing app", manifests=validate)
        if obj.get("spec") != spec:
            self._tell("ApplicationChanged", obj, what)
            self._agent.server.update(changed)
        return self.get(name)

    def delete(self, name: str, *, cascade: bool = True, background: bool = False) -> None:
        """Deletes an Application; with ``cascade`` everything that it manages goes first."""
        obj = self.get(name)
        self._demand("delete", obj)
        meta = obj["metadata"]
        ours = [BACKGROUND_FINALIZER if background else FINALIZER] if cascade else []
        others = [f for f in meta.get("finalizers") or () if f not in CASCADES]
        finalizers = others + ours
        if finalizers != list(meta.get("finalizers") or ()):
            self._agent.server.update(with_path(obj, ("metadata", "finalizers"), finalizers))
        text = f"deletes Application {name}" + (" and all that it manages" if cascade else ", what it manages stays")
        self._tell("ApplicationDeleted", obj, text, cascade=cascade)
        self._agent.server.delete("applications.argoproj.io", meta["name"], meta["namespace"])

    def delete_resource(self, name: str, key: Key, *, orphan: bool = False, force: bool = False) -> Object:
        """Deletes one object of an Application's tree, and all that it owns after it; ``orphan`` leaves that alone, ``force``
        waits for nothing. Answers with the Application. Source: ``server/application/application.go`` (DeleteResource)."""
        obj = self.get(name)
        self._demand(f"delete/{key.group}/{key.kind}/{key.namespace}/{key.name}", obj)
        app = self._agent.application(obj)
        try:
            place = self._agent.clusters.place(app.destination)
        except (UnknownClusterError, UnreachableError) as error:
            raise RefusedError("InvalidArgument", str(error)) from None
        live = place.fetch(key)
        if live is None or not place.belongs(key, live, app.instance):
            raise RefusedError("InvalidArgument", f"{key.kind} {key.group} {key.name} not found as part of application {name}")
        text = f"deletes {key.kind}/{key.name} of {name}" + (", what it owns stays" if orphan else "")
        self._tell("ResourceDeletionRequested", obj, text, resources=[str(key)])
        self._audit.write(
            obj, "ResourceDeleted", f"{self._user} deleted resource {key.group}/{key.kind} '{key.name}'", component=_COMPONENT
        )
        cluster = self._agent.server if place.server == IN_CLUSTER else place.cluster
        how: Propagation = "Orphan" if orphan else "Background" if force else "Foreground"
        grace = 0 if force and not orphan else None
        cluster.delete(cluster.kind_of(live), key.name, key.namespace, propagation=how, grace_period=grace)
        return self.get(name)

    # ------------------------------------------------------------------ inside

    def _check(self, app: Object, doing: str, *, manifests: bool) -> None:
        """Raises RefusedError for an Application that could not be used. Source: ``validateAndNormalizeApp``."""
        name = app["metadata"]["name"]
        try:
            self._agent.clusters.locate(read_application(app).destination)
            problems = self._agent.problems(app, manifests=manifests)
            text = f"application spec for {name} is invalid: " + ";".join(f"InvalidSpecError: {p}" for p in problems)
        except UnknownClusterError as error:
            problems, text = [str(error)], f"application destination spec for {name} is invalid: {error}"
        if problems:
            mend = "mend it, or add --validate=false: then nobody looks at Git first" if manifests else ""
            raise RefusedError("InvalidArgument", f"{doing}: rpc error: code = InvalidArgument desc = {text}", mend=mend)

    def _operate(self, obj: Object, operation: dict[str, Any]) -> Object:
        if obj.get("operation"):
            name = obj["metadata"]["name"]
            mend = f"wait for it: argocd app wait {name} --operation; or end it: argocd app terminate-op {name}"
            raise RefusedError("FailedPrecondition", "another operation is already in progress", mend=mend)
        return self._agent.operate(obj, operation)

    def _instead_of(self, name: str, action: str) -> str:
        """The way out for a name of which nothing is said. What this person may see is named, nothing else."""
        seen = {_short_name(obj): obj for obj in self.all()}
        known = seen.get(name.removeprefix(f"{NAMESPACE}/"))
        if known is not None:
            asked = f"argocd account can-i {action} applications {_rbac_name(known)}"
            return f"you may see {name}, and not {action} it: {asked}"
        return f"you see no Application {name!r}: " + (nearest(name, seen) if seen else "there is none that you may see")

    def _may(self, action: str, obj: Object) -> bool:
        return self._agent.guard.allows(self._user, "applications", action, _rbac_name(obj))

    def _demand(self, action: str, obj: Object) -> None:
        if not self._may(action, obj):
            raise RefusedError.forbidden(self._user, "applications", action, _rbac_name(obj))

    def _window_is_open(self, app: Application) -> None:
        try:
            if can_sync(self._agent.windows(app), self._agent.clock.now, manual=True):
                return
        except WindowError as error:
            raise RefusedError("PermissionDenied", f"cannot sync: invalid sync window: invalid sync windows: {error}") from None
        mend = f"argocd proj windows list {app.project} shows when it may; a window with manualSync lets people sync at any time"
        raise RefusedError("PermissionDenied", "cannot sync: blocked by sync window", mend=mend)

    @staticmethod
    def _not_deleting(obj: Object) -> None:
        if obj["metadata"].get("deletionTimestamp"):
            raise RefusedError("FailedPrecondition", "application is deleting")

    def _tell(self, event: str, obj: Object, message: str, **data: Any) -> None:
        meta, name = obj["metadata"], _short_name(obj)
        key = Key("argoproj.io", "Application", meta["namespace"], meta["name"])
        self._agent.trace.add(self._user, event, str(key), message, reason=f"by the {self._via}", story=True, app=name, **data)


def _short_name(obj: Object) -> str:
    meta = obj["metadata"]
    return str(meta["name"]) if meta["namespace"] == NAMESPACE else f"{meta['namespace']}/{meta['name']}"


def _rbac_name(obj: Object) -> str:
    meta = obj["metadata"]
    return rbac.named(get_path(obj, ("spec", "project")) or "default", meta.get("namespace") or "", meta["name"])


class NotInHistoryError(GitOpsSimError):
    """A rollback to what is not, or no longer, in the history; ``mend`` is the way out."""

    def __init__(self, message: str, *, mend: str) -> None:
        super().__init__(message)
        self.mend = mend
