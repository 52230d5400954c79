"""The actions of Helm: install, upgrade, roll back, uninstall and test a release, a step at a time.

Source: helm 4.2 ``pkg/action`` (``install.go``, ``upgrade.go``, ``rollback.go``, ``uninstall.go``, ``release_testing.go``), with
the options of helm-controller ``internal/action``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.helm import definitions
from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.hooks import Hooks
from gitops_sim.agents.flux.helm.operation import ActionError, Operation, steps_of
from gitops_sim.agents.flux.helm.ownership import objection
from gitops_sim.agents.flux.helm.release import Release, chart_data
from gitops_sim.agents.flux.helm.releases import Releases
from gitops_sim.agents.flux.helm.rendering import RenderError, objects_in, rendered
from gitops_sim.agents.flux.helm.resources import Placed, Resources
from gitops_sim.agents.flux.helm.shelf import FiledChart
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI, Propagation
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.manifests.helm import Values, merge_maps
from gitops_sim.manifests.helm.numbers import floats, plain
from gitops_sim.objects import Key, get_path

_POLL, _CRD_POLL, _CRD_TIMEOUT = 5.0, 2.0, 60.0
_PROPAGATION: dict[str, Propagation] = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}


@dataclass(frozen=True, slots=True)
class Actions:
    """On the release of one HelmRelease, as the user of ``cluster``."""

    app: HelmRelease
    cluster: ClusterAPI
    releases: Releases
    clock: Clock

    # ------------------------------------------------------------------ beginning

    def install(self, filed: FiledChart, values: Values) -> Operation:
        steps = steps_of("crds", "wait for crds", "prepare", "hooks before", "apply", "wait", "hooks after", "finish")
        return Operation("install", self.app.settings("install"), steps, filed=filed, values=values)

    def upgrade(self, filed: FiledChart, values: Values) -> Operation:
        steps = steps_of("crds", "wait for crds", "prepare", "hooks before", "apply", "wait", "hooks after", "finish")
        return Operation("upgrade", self.app.settings("upgrade"), steps, filed=filed, values=values)

    def rollback(self, version: int) -> Operation:
        """To the revision ``version``. Raises ActionError when there is none."""
        last, target = self.releases.last(self.app.release_name), self.releases.get(self.app.release_name, version)
        if last is None or target is None:
            raise ActionError(f"release has no {version} version")
        now = self.clock.timestamp()
        info = {
            "description": f"Rollback to {version}",
            "first_deployed": last.info.get("first_deployed", now),
            "last_deployed": now,
            "notes": target.info.get("notes", ""),
            "status": "pending-rollback",
        }
        hooks = [{**hook, "last_run": {"phase": ""}} for hook in target.hooks]
        made = target.replace(version=last.version + 1, info=info, hooks=hooks)
        steps = steps_of("mark", "hooks before", "apply", "wait", "hooks after", "finish")
        return Operation("rollback", self.app.settings("rollback"), steps, release=made, original=last)

    def uninstall(self) -> Operation:
        """Raises ActionError when there is nothing to uninstall."""
        last = self.releases.last(self.app.release_name)
        settings = self.app.settings("uninstall")
        if last is None:
            raise ActionError(f"uninstall: Release not loaded: {self.app.release_name}: release: not found")
        if last.status == "uninstalled" and settings.raw.get("keepHistory"):
            raise ActionError(f'the release named "{last.name}" is already deleted')
        steps = steps_of("mark", "hooks before", "delete", "wait for deletion", "hooks after", "finish")
        return Operation("uninstall", settings, steps, release=last)

    def test(self) -> Operation:
        """Raises ActionError when there is nothing to test."""
        last = self.releases.last(self.app.release_name)
        if last is None:
            raise ActionError("release: not found")
        return Operation("test", self.app.settings("test"), steps_of("tests", "finish"), release=last)

    # ------------------------------------------------------------------ going on

    def advance(self, operation: Operation) -> float | None:
        """Goes on until it has to wait (the seconds are returned) or is at its end (None). Raises ActionError; then the revision
        is noted as failed, if it was noted at all."""
        steps: dict[str, Callable[[Operation], float | None]] = {
            "crds": self._crds,
            "wait for crds": self._wait_for_crds,
            "prepare": self._prepare,
            "mark": self._mark,
            "hooks before": self._hooks_before,
            "apply": self._apply,
            "delete": self._delete,
            "wait": self._wait,
            "wait for deletion": self._wait_for_deletion,
            "hooks after": self._hooks_after,
            "tests": self._tests,
            "finish": self._finish,
        }
        while operation.steps:
            if not operation.entered:
                operation.since = self.clock.now
            try:
                delay = steps[operation.steps[0]](operation)
            except ActionError as error:
                self._failed(operation, error.message)
                raise
            except ApiError as error:
                self._failed(operation, error.message)
                raise ActionError(error.message) from None
            if delay is not None:
                operation.entered = True
                return delay
            operation.steps.pop(0)
            operation.entered = False
        return None

    # ------------------------------------------------------------------ steps

    def _crds(self, operation: Operation) -> float | None:
        """Custom resources need their definitions first. One that is there is left as it is unless the policy says otherwise."""
        assert operation.filed is not None
        policy = operation.settings.raw.get("crds") or "Create"
        operation.keys = definitions.applied(self._resources, self.app, operation.filed.chart, policy)
        return None

    def _wait_for_crds(self, operation: Operation) -> float | None:
        found = self._resources.look(operation.keys, ())
        timed_out = self.clock.now - operation.since >= _CRD_TIMEOUT
        if found.ready:
            return None
        if timed_out:
            what = found.failure(timed_out=True)
            raise ActionError(
                f"failed to apply CustomResourceDefinitions: failed to wait for CustomResourceDefinition(s): {what}"
            )
        return _CRD_POLL

    def _prepare(self, operation: Operation) -> float | None:
        """Renders the chart and notes the new revision."""
        assert operation.filed is not None
        upgrade, now = operation.action == "upgrade", self.clock.timestamp()
        last = self.releases.last(self.app.release_name)
        if upgrade:
            if last is None:
                raise ActionError(f'"{self.app.release_name}" has no deployed releases')
            operation.original = next(iter(self.releases.deployed(last.name)), last)
        elif last is not None:
            if not operation.settings.raw.get("replace") or last.status not in ("uninstalled", "failed"):
                raise ActionError("release name check failed: cannot reuse a name that is still in use", "set install.replace")
            operation.superseded = last
        version = last.version + 1 if last is not None else 1
        values = operation.values
        if operation.settings.raw.get("preserveValues") and operation.original is not None:
            values = merge_maps(floats(dict(operation.original.config)), values)
        validate = operation.settings.raw.get("disableSchemaValidation") is not True
        try:
            made = rendered(self.app, operation.filed.chart, values, self.cluster, self.clock, version=version, validate=validate)
        except RenderError as error:
            raise ActionError(error.message, error.mend) from None
        self._check_ownership(operation, self._placed(made["manifest"]))
        info: dict[str, Any] = {
            "description": "Preparing upgrade" if upgrade else "Initial install underway",
            "first_deployed": operation.original.info.get("first_deployed", now) if operation.original is not None else now,
            "last_deployed": now,
            "status": "pending-upgrade" if upgrade else "pending-install",
            **({"notes": made["notes"]} if made["notes"] else {}),
        }
        data = {
            "apply_method": "ssa",
            "chart": chart_data(operation.filed.chart),
            "config": plain(values),
            "hooks": made["hooks"],
            "info": info,
            "manifest": made["manifest"],
            "name": self.app.release_name,
            "namespace": self.app.namespace,
            "version": version,
        }
        operation.release = Release(data)
        if not upgrade and self.app.namespace != self.app.key.namespace and operation.settings.raw.get("createNamespace"):
            self._create_namespace()
        self._record_new(operation)
        return None

    def _mark(self, operation: Operation) -> float | None:
        if operation.action == "rollback":
            self._record_new(operation)
            return None
        operation.release = operation.about.with_info(
            "uninstalling", "Deletion in progress (or silently failed)", deleted=self.clock.timestamp()
        )
        self._record(operation, operation.about)
        return None

    def _hooks_before(self, operation: Operation) -> float | None:
        return self._hooks(operation, "pre")

    def _hooks_after(self, operation: Operation) -> float | None:
        return self._hooks(operation, "post")

    def _hooks(self, operation: Operation, when: str) -> float | None:
        if not operation.settings.hooks:
            return None
        event = "delete" if operation.action == "uninstall" else operation.action
        name = f"{when}-{event}"
        try:
            return Hooks(self._resources, self.clock, self.app.test_filters).run(operation, name)
        except ActionError as error:
            prefix = {
                "install": f"failed {name}: ",
                "upgrade": f"{name} hooks failed: ",
                "rollback": f"{name} hooks failed: " if when == "pre" else "",
            }.get(operation.action, "")
            raise ActionError(prefix + error.message, error.mend) from None

    def _apply(self, operation: Operation) -> float | None:
        """Applies all objects, and deletes those that only the revision before had."""
        wanted = self._placed(operation.about.manifest)
        for placed in wanted:
            what = self._resources.apply(placed)
            operation.touched.append((placed.key, what))
            if what == "created":
                operation.created.append(placed.key)
        there = {placed.key for placed in wanted}
        before = operation.original.manifest if operation.original is not None else ""
        for placed in self._resources.known(self._objects(before)):
            if placed.key not in there and not self._resources.is_kept(placed) and self._resources.delete(placed):
                operation.touched.append((placed.key, "deleted"))
        waited = [placed for placed in wanted if not get_path(placed.object, ("spec", "paused"), False)]
        if not operation.settings.waits_for_jobs:
            waited = [placed for placed in waited if placed.key.kind != "Job"]
        operation.keys = tuple(placed.key for placed in waited)
        operation.passing = tuple(placed.key for placed in waited if placed.may_vanish)
        return None

    def _wait(self, operation: Operation) -> float | None:
        if not operation.settings.waits:
            return None
        elapsed = self.clock.now - operation.since
        found = self._resources.look(operation.keys, operation.passing)
        timed_out = elapsed >= operation.settings.timeout
        if found.ready:
            return None
        if timed_out or found.is_over(fail_fast=True):
            raise ActionError(found.failure(timed_out=timed_out))
        return min(_POLL, operation.settings.timeout - elapsed)

    def _delete(self, operation: Operation) -> float | None:
        gone = []
        propagation = _PROPAGATION[operation.settings.raw.get("deletionPropagation") or "background"]
        for placed in reversed(self._resources.known(self._objects(operation.about.manifest))):
            if self._resources.is_kept(placed):
                operation.touched.append((placed.key, "kept"))
            elif self._resources.delete(placed, propagation):
                operation.touched.append((placed.key, "deleted"))
                gone.append(placed.key)
        operation.keys = tuple(gone)
        return None

    def _wait_for_deletion(self, operation: Operation) -> float | None:
        if not operation.settings.waits:
            return None
        left = [key for key in operation.keys if self._is_there(key)]
        if not left:
            return None
        elapsed = self.clock.now - operation.since
        if elapsed >= operation.settings.timeout:
            raise ActionError(f"{left[0]} termination timeout: context deadline exceeded")
        return min(_CRD_POLL, operation.settings.timeout - elapsed)

    def _tests(self, operation: Operation) -> float | None:
        return Hooks(self._resources, self.clock, self.app.test_filters).run(operation, "test")

    def _finish(self, operation: Operation) -> float | None:
        if operation.action == "test":
            self._record(operation, operation.about)
        elif operation.action == "uninstall":
            operation.release = operation.about.with_info("uninstalled", "Uninstallation complete")
            if operation.settings.raw.get("keepHistory"):
                self._record(operation, operation.about)
            else:
                for release in self.releases.history(operation.about.name):
                    self.releases.delete(release)
        else:
            for old in self._superseded(operation):
                self._record(operation, old.with_info("superseded"))
            told = {"install": "Install complete", "upgrade": "Upgrade complete"}.get(operation.action, "")
            operation.release = operation.about.with_info("deployed", told)
            self._record(operation, operation.about)
        return None

    # ------------------------------------------------------------------ inside

    @property
    def _resources(self) -> Resources:
        return Resources(self.cluster, self.app.release_name, self.app.namespace, self.app.health_exprs)

    def _superseded(self, operation: Operation) -> list[Release]:
        if operation.action == "rollback":
            return self.releases.deployed(operation.about.name)
        old = operation.original or operation.superseded
        return [old] if old is not None else []

    def _failed(self, operation: Operation, message: str) -> None:
        """Notes the failure where Helm does."""
        release = operation.release
        if release is None or not (operation.stored or operation.action == "test"):
            return
        name = release.name
        told = {
            "install": f'Release "{name}" failed: {message}',
            "upgrade": f'Upgrade "{name}" failed: {message}',
            "rollback": f'Rollback "{name}" failed: {message}',
        }
        if operation.action == "test":
            self._record(operation, release)
        elif operation.action in told:
            if operation.action == "rollback" and operation.original is not None:
                self._record(operation, operation.original.with_info("superseded"))
            operation.release = release.with_info("failed", told[operation.action])
            self._record(operation, operation.release)
            if operation.settings.raw.get("cleanupOnFail"):
                self._clean_up(operation)

    def _clean_up(self, operation: Operation) -> None:
        for placed in self._resources.known(self._objects(operation.about.manifest)):
            if placed.key in operation.created:
                self._resources.delete(placed)

    def _record_new(self, operation: Operation) -> None:
        self.releases.create(operation.about, self.app.max_history if operation.action != "install" else 0)
        operation.recorded[operation.about.version] = operation.about

    def _record(self, operation: Operation, release: Release) -> None:
        self.releases.update(release)
        operation.recorded[release.version] = release

    def _check_ownership(self, operation: Operation, wanted: list[Placed]) -> None:
        """Whether what is there already, and is not of this release, may be taken over."""
        if not operation.settings.raw.get("disableTakeOwnership"):
            return
        before = operation.original.manifest if operation.original is not None else ""
        own = {placed.key for placed in self._resources.known(self._objects(before))}
        for placed in wanted:
            live = self._resources.find(placed) if placed.key not in own else None
            against = objection(placed, live, self.app.release_name, self.app.namespace) if live is not None else ""
            if against:
                what = "install" if operation.action == "install" else "update"
                raise ActionError(f"unable to continue with {what}: {against}", "let it be taken over, or give it another name")

    def _create_namespace(self) -> None:
        name = self.app.namespace
        if self.cluster.find("namespaces", name) is None:
            meta = {"name": name, "labels": {"name": name}}
            self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})

    def _objects(self, manifest: str) -> tuple[Any, ...]:
        try:
            return objects_in(manifest)
        except BadInput as error:
            what = f"unable to build kubernetes objects from release manifest: {error.what}"
            raise ActionError(what, error.mend) from None

    def _placed(self, manifest: str) -> list[Placed]:
        return self._resources.placed(self._objects(manifest))

    def _is_there(self, key: Key) -> bool:
        kind = self.cluster.kinds.of(key.group, key.kind)
        return kind is not None and self.cluster.find(kind, key.name, key.namespace) is not None
