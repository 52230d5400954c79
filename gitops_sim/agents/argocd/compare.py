"""Comparing an application: what Git says beside what the cluster has, resource by resource, and what that makes of the whole.

Source: ``controller/state.go`` (CompareAppState) and ``controller/health.go`` (setApplicationHealth) of Argo CD 3.5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.clusters import Place
from gitops_sim.agents.argocd.customizations import Customizations
from gitops_sim.agents.argocd.desired import DesiredState, Target
from gitops_sim.agents.argocd.diff import differences, foreseen
from gitops_sim.agents.argocd.options import COMPARE_OPTIONS, value_of, words
from gitops_sim.agents.argocd.project import Project
from gitops_sim.agents.differences import Difference
from gitops_sim.agents.frozen import Frozen
from gitops_sim.agents.health import Health, HealthStatus, worst
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, key_of

SyncStatus = Literal["Synced", "OutOfSync", "Unknown"]
IGNORE_HEALTH = "argocd.argoproj.io/ignore-healthcheck"


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that a person should look at. ``type`` is the real tool's; there is no status: being there means that it
    holds."""

    type: str
    message: str


@dataclass(frozen=True, slots=True)
class Resource(Frozen):
    """One object in Git, in the cluster, or in both. ``status`` is empty for what does not count: a ``hook`` that was run, and
    what says Skip. ``asks``: a person has to approve before it is deleted with the Application; ``refused`` says why the
    project does not allow it. ``after``: what the server said that applying it would make of it, where it was asked."""

    key: Key
    version: str
    target: Target | None
    live: Object | None
    status: Literal["Synced", "OutOfSync", "Unknown", ""]
    differences: tuple[Difference, ...] = ()
    health: Health | None = None
    hook: bool = False
    wave: int = 0
    asks: bool = False
    refused: str = ""
    after: Object | None = None

    @property
    def requires_pruning(self) -> bool:
        return self.target is None and self.live is not None

    @property
    def missing(self) -> bool:
        return self.live is None

    @property
    def label(self) -> str:
        return f"{self.key.kind}/{self.key.name}"


@dataclass(frozen=True, slots=True)
class Comparison(Frozen):
    """What one look found. ``revision`` is the commit that was compared; ``resources`` are sorted by group, kind, namespace
    and name."""

    revision: str
    resources: tuple[Resource, ...]
    sync: SyncStatus
    health: HealthStatus
    conditions: tuple[Condition, ...] = ()
    tools: tuple[str, ...] = ()
    """What the sources are to Argo CD: ``Directory``, ``Helm`` or ``Kustomize``."""

    @property
    def errors(self) -> list[Condition]:
        """What keeps anything from being synced."""
        return [c for c in self.conditions if c.type in ("ComparisonError", "InvalidSpecError")]

    @property
    def out_of_sync(self) -> list[Resource]:
        return [resource for resource in self.resources if resource.status == "OutOfSync"]

    @property
    def images(self) -> list[str]:
        """The images that the live workloads name, sorted."""
        return sorted({image for resource in self.resources if resource.live for image in images_of(resource.live)})


class Comparer:
    """Compares; what was found for an object is kept until Git's side or the cluster's side of it changes."""

    def __init__(self) -> None:
        self._customizations = Customizations()
        self._kept: dict[Key, dict[Key, tuple[Application | None, Resource]]] = {}

    def compare(
        self,
        app: Application,
        revision: str,
        desired: DesiredState,
        place: Place,
        project: Project,
    ) -> Comparison:
        """With what is at ``place``. What ``project`` does not allow counts as if it were not there."""
        known = self._kept.setdefault(app.key, {})
        fresh: dict[Key, tuple[Application | None, Resource]] = {}
        conditions = [
            Condition("RepeatedResourceWarning", f"Resource {_path(key)} appeared {count} times among application resources.")
            for key, count in desired.repeated
        ]
        conditions += [Condition("InvalidSpecError", problem) for problem in desired.problems]
        failures: list[str] = []
        for key, target in desired.targets.items():
            refused = project.refusal(key, place.server, place.name, namespaced=target.kind.namespaced)
            if refused:
                fresh[key] = None, _refused(target, refused)
                continue
            live = place.cluster.find(target.kind, key.name, key.namespace)
            try:
                fresh[key] = _recall(known.get(key), target, live, app, place.cluster, self._customizations)
            except ApiError as error:
                failures.append(f"{key.kind}/{key.name}: {error.message}")
                fresh[key] = None, Resource(key, target.version, target, live, "Unknown")
            claimed = place.live.owner(key)
            if claimed is not None and claimed != app.instance:
                other = claimed.replace("_", "/") if "_" in claimed else claimed
                text = f"{key.kind}/{key.name} is part of applications {app.namespace}/{app.name} and {other}"
                conditions.append(Condition("SharedResourceWarning", text))
        for key in place.live.owned(app.instance):
            if key not in fresh and not project.refusal(key, place.server, place.name, namespaced=bool(key.namespace)):
                fresh[key] = _recall(known.get(key), None, place.fetch(key), app, place.cluster, self._customizations)
        self._kept[app.key] = fresh
        resources = tuple(sorted((r for _, r in fresh.values()), key=_order))
        if failures:
            text = f"Failed to compare desired state to live state: failed to calculate diff: {'; '.join(failures)}"
            unknown = tuple(replace(r, status="Unknown") for r in resources)
            problem = Condition("ComparisonError", text)
            return Comparison(revision, unknown, "Unknown", aggregate(unknown), (*conditions, problem), desired.tools)
        out = any((r.status == "OutOfSync" and _counts(r)) or r.refused for r in resources)
        return Comparison(
            revision, resources, "OutOfSync" if out else "Synced", aggregate(resources), tuple(conditions), desired.tools
        )

    def cannot_load(self, app: Application, revision: str, message: str, place: Place) -> Comparison:
        """What is left to say when Git's side is not to be had: the live objects, and Unknown."""
        known = self._kept.pop(app.key, {})
        owned = place.live.owned(app.instance)
        found = {key: place.fetch(key) for key in owned} | {key: resource.live for key, (_, resource) in known.items()}
        resources = tuple(
            sorted(
                (
                    Resource(
                        key, live["apiVersion"].rpartition("/")[2], None, live, "Unknown", (), self._customizations.health(live)
                    )
                    for key, live in found.items()
                    if live is not None
                ),
                key=_order,
            )
        )
        condition = Condition("ComparisonError", f"Failed to load target state: {message}")
        return Comparison(revision, resources, "Unknown", aggregate(resources), (condition,))

    def customize(self, customizations: Customizations) -> None:
        """Judges by these from now on."""
        self._customizations = customizations
        self._kept.clear()

    def forget(self, app: Key) -> None:
        self._kept.pop(app, None)


def aggregate(resources: Iterable[Resource]) -> HealthStatus:
    """The worst health of the live resources. What is missing does not lower it, unless nothing is live at all (the rule of
    3.5)."""
    found: list[HealthStatus] = []
    some = live = False
    for resource in resources:
        if resource.hook or (resource.target is not None and resource.status == ""):
            continue
        some = True
        if resource.live is None:
            continue
        live = True
        if resource.health is None or annotations_of(resource.live).get(IGNORE_HEALTH) == "true":
            continue
        if resource.key[:2] != ("argoproj.io", "Application") or resource.health[0] not in ("Missing", "Unknown"):
            found.append(resource.health[0])
    if some and not live:
        found.append("Missing")
    return worst(found)


def images_of(obj: Object) -> list[str]:
    """The container images that a workload names, init containers first."""
    spec = obj.get("spec")
    for step in ("jobTemplate", "spec", "template", "spec"):
        if isinstance(spec, dict) and "containers" not in spec and step in spec:
            spec = spec[step]
    if not isinstance(spec, dict):
        return []
    lists = (spec.get("initContainers"), spec.get("containers"))
    return [str(c["image"]) for part in lists if isinstance(part, list) for c in part if isinstance(c, dict) and c.get("image")]


def _recall(
    known: tuple[Application | None, Resource] | None,
    target: Target | None,
    live: Object | None,
    app: Application,
    cluster: ClusterAPI,
    customizations: Customizations,
) -> tuple[Application | None, Resource]:
    if known is not None:
        rules, before = known
        same = rules is app or (rules is not None and rules.comparing == app.comparing)
        if same and before.target is target and before.live is live:
            return known
    return app, _resource(target, live, app, cluster, customizations)


def _resource(
    target: Target | None, live: Object | None, app: Application, cluster: ClusterAPI, customizations: Customizations
) -> Resource:
    status: Literal["OutOfSync", "Synced", ""] = "OutOfSync"
    asks = any(value_of("Delete", obj, app.sync_options) == "confirm" for obj in (target and target.object, live) if obj)
    if target is not None:
        found: tuple[Difference, ...] = ()
        after: Object | None = None
        if hooks.skipped(target.object):
            status = ""
        elif live is not None:
            ignored = customizations.ignored(app, target.key)
            after = foreseen(cluster, target) if app.compares_on_server(target.object) else None
            shown = cluster.with_managed_fields(live) if ignored.managers else live
            found = differences(target, shown, ignored, after)
            status = "OutOfSync" if found else "Synced"
        health: Health | None = ("Missing", "") if live is None else customizations.health(live)
        wave = hooks.wave(target.object)
        return Resource(target.key, target.version, target, live, status, found, health, wave=wave, asks=asks, after=after)
    assert live is not None
    hook = hooks.is_hook(live)
    wave = hooks.wave(live) if hook else 0
    status = "" if hook or hooks.skipped(live) else "OutOfSync"
    version = live["apiVersion"].rpartition("/")[2]
    return Resource(key_of(live), version, None, live, status, (), customizations.health(live), hook, wave, asks)


def _refused(target: Target, why: str) -> Resource:
    """What the project does not allow. Of a kind that it forbids nothing is known; one in a wrong namespace is just missing."""
    status: Literal["OutOfSync", "Unknown"] = "Unknown" if why.startswith("resource ") else "OutOfSync"
    return Resource(target.key, target.version, target, None, status, (), ("Missing", ""), refused=why)


def _counts(resource: Resource) -> bool:
    """Something extra that says IgnoreExtraneous is shown OutOfSync, but does not make the application so."""
    if not resource.requires_pruning or resource.live is None:
        return True
    return "IgnoreExtraneous" not in words(resource.live, COMPARE_OPTIONS)


def _order(resource: Resource) -> str:
    return _path(resource.key)


def _path(key: Key) -> str:
    return f"{key.group}/{key.kind}/{key.namespace}/{key.name}"
