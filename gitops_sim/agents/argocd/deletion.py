"""Deleting an Application: with its finalizer everything that it manages goes first, without it everything stays.

PreDelete hooks run before, PostDelete hooks after; waves go from the highest to the lowest, each when the one before is gone.
Source: docs/user-guide/app_deletion.md, ``controller/appcontroller.go`` (finalizeApplicationDeletion), ``controller/hook.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.argocd import hooks, status, story
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.approval import approved
from gitops_sim.agents.argocd.clusters import UnknownClusterError, UnreachableError
from gitops_sim.agents.argocd.compare import Condition
from gitops_sim.agents.argocd.desired import LoadFailedError
from gitops_sim.agents.argocd.finalizers import BACKGROUND_FINALIZER, CASCADES, CLEANUP, HOOK_FINALIZERS
from gitops_sim.agents.argocd.hooks import DeletionPhase
from gitops_sim.agents.argocd.memory import Memory
from gitops_sim.agents.argocd.options import value_of, words
from gitops_sim.agents.argocd.order import kind_order
from gitops_sim.agents.argocd.refresh import Workshop
from gitops_sim.agents.health import HealthStatus, worst
from gitops_sim.cluster.protocol import Propagation
from gitops_sim.objects import Key, Object, with_path

Live = Mapping[Key, Object]


class HooksFailedError(Exception):
    """Hooks of a deletion failed; they are deleted, so that they are tried again."""


class Deletion:
    """One step of the deletion of one Application. Who takes a step whenever something changes sees it to its end."""

    def __init__(self, shop: Workshop, obj: Object, app: Application, memory: Memory) -> None:
        self._shop, self._obj, self._app, self._memory = shop, obj, app, memory
        self._finalizers = list(obj["metadata"].get("finalizers") or ())

    def step(self) -> None:
        ours = [f for f in self._finalizers if f in CASCADES or f.removesuffix(CLEANUP) in HOOK_FINALIZERS.values()]
        if not ours:
            return
        try:
            self._place = self._shop.clusters.place(self._app.destination)
            self._live = self._permitted()
            done = self._work()
        except UnknownClusterError:
            done = ours
        except UnreachableError as error:
            self._tell("DeletionFailed", f"cannot delete what {self._app.name} manages: {error}")
            return
        except HooksFailedError as error:
            self._complain(str(error))
            return
        rest = [finalizer for finalizer in self._finalizers if finalizer not in done]
        if done:
            self._shop.cluster.update(with_path(self._obj, ("metadata", "finalizers"), rest))

    # ------------------------------------------------------------------ the parts, in their order

    def _work(self) -> list[str]:
        """The finalizers that have done their work now."""
        before, after = HOOK_FINALIZERS["PreDelete"], HOOK_FINALIZERS["PostDelete"]
        if before in self._finalizers:
            return [before] if self._run("PreDelete") else []
        cascade = [finalizer for finalizer in self._finalizers if finalizer in CASCADES]
        if cascade:
            return cascade if self._cascade(cascade) else []
        if after in self._finalizers:
            return [after] if self._run("PostDelete") else []
        for phase, finalizer in HOOK_FINALIZERS.items():
            if finalizer + CLEANUP in self._finalizers:
                return [finalizer + CLEANUP] if self._clean_up(phase) else []
        return []

    def _cascade(self, finalizers: list[str]) -> bool:
        """Deletes the highest wave that is left; says whether nothing is."""
        left = {key: live for key, live in self._live.items() if _goes(self._app, key, live)}
        if not left:
            return True
        if any(live["metadata"].get("deletionTimestamp") for live in self._live.values()):
            return False
        asking = [key for key, live in left.items() if value_of("Delete", live, self._app.sync_options) == "confirm"]
        if asking and not approved(self._obj, self._obj["metadata"]["deletionTimestamp"]):
            self._ask(asking)
            return False
        highest = max(map(hooks.wave, left.values()))
        going = sorted((key for key, live in left.items() if hooks.wave(live) == highest), key=kind_order, reverse=True)
        self._tell(
            "ResourcesDeleted",
            f"deletes what {self._app.name} manages: {_named(going)}",
            reason=f"the Application has the finalizer {finalizers[0]}",
            resources=[str(key) for key in going],
            wave=highest,
        )
        for key in going:
            self._delete(key, "Background" if BACKGROUND_FINALIZER in finalizers else "Foreground")
        return all(self._place.fetch(key) is None for key in left)

    def _run(self, phase: DeletionPhase) -> bool:
        """Makes the hooks that are not there yet; says whether all are done. Raises HooksFailedError."""
        sources = self._shop.sources
        try:
            desired = sources.load(self._app, sources.resolve(self._app.source))
        except LoadFailedError as error:
            raise HooksFailedError(error.message) from None
        wanted = [target for target in desired.last_hooks if hooks.of_deletion(target.object, phase)]
        missing = [target for target in wanted if target.key not in self._live]
        for target in missing:
            self._place.cluster.create(target.object)
        if missing:
            names = _named([target.key for target in missing])
            self._tell("DeletionHooksRun", f"runs the {phase} hooks of {self._app.name}: {names}", phase=phase)
            return False
        health = {key: self._health(live) for key, live in self._live.items() if hooks.of_deletion(live, phase)}
        failed = [key for key, found in health.items() if found == "Degraded"]
        for key in failed:
            self._delete(key, "Background")
        if failed:
            names = ", ".join(f"{key.namespace}/{key.name}" for key in failed)
            where = "error executing pre-delete hooks: " if phase == "PreDelete" else ""
            raise HooksFailedError(f"{where}{phase} hook(s) failed: {names}")
        return "Progressing" not in health.values()

    def _clean_up(self, phase: DeletionPhase) -> bool:
        """Deletes the hooks whose policy says so; says whether all of these are gone."""
        found = {key: live for key, live in self._live.items() if hooks.of_deletion(live, phase)}
        policy = {"Degraded": "HookFailed", "Healthy": "HookSucceeded"}.get(worst(map(self._health, found.values())), "")
        going = {key: live for key, live in found.items() if policy in hooks.delete_policies(live)}
        for key, live in going.items():
            if not live["metadata"].get("deletionTimestamp"):
                self._delete(key, "Background")
        return not going

    # ------------------------------------------------------------------ inside

    def _permitted(self) -> Live:
        """What the Application manages and its project lets it touch."""
        place, project = self._place, self._shop.project(self._app)
        return {
            key: live
            for key in place.live.owned(self._app.instance)
            if project is None or not project.refusal(key, place.server, place.name, namespaced=bool(key.namespace))
            if (live := place.fetch(key)) is not None
        }

    def _health(self, live: Object) -> HealthStatus:
        return (self._shop.customizations.health(live) or ("Healthy", ""))[0]

    def _delete(self, key: Key, propagation: Propagation) -> None:
        kind = self._place.cluster.kind_of(self._live[key])
        self._place.cluster.delete(kind, key.name, key.namespace, propagation=propagation)

    def _ask(self, asking: list[Key]) -> None:
        if self._memory.once(f"asks {_named(asking)}"):
            text = f"waits for a person to approve of deleting {_named(asking)}{self._shop.journal.called(self._app, 'of')}"
            self._tell("DeletionWaiting", text, reason="it is marked Delete=confirm", resources=[str(key) for key in asking])

    def _complain(self, message: str) -> None:
        before = status.of(self._obj)
        complaint = Condition("DeletionError", message)
        conditions = status.set_conditions(before.get("conditions") or [], [complaint], self._shop.clock.timestamp())
        if conditions != before.get("conditions"):
            self._shop.cluster.update({**self._obj, "status": {**before, "conditions": conditions}})
            text = f"Unable to delete application resources: {message}"
            self._shop.audit.write(self._obj, "StatusRefreshed", text, warning=True)
            self._tell("DeletionFailed", f"cannot delete {self._app.name}: {message}")

    def _tell(self, event: str, message: str, *, reason: str = "", **data: Any) -> None:
        self._shop.journal.add(self._app, event, message, reason=reason, **data)


def _goes(app: Application, key: Key, live: Object) -> bool:
    """Definitions of kinds stay, and what says that it is to be kept."""
    kept = value_of("Delete", live, app.sync_options) == "false" or "keep" in words(live, "helm.sh/resource-policy")
    return not kept and key.kind != "CustomResourceDefinition" and key != app.key


def _named(keys: list[Key]) -> str:
    return story.listed([f"{key.kind}/{key.name}" for key in keys])
