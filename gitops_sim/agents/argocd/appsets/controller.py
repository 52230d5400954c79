"""The ApplicationSet controller: makes, mends and deletes Applications as their set says.

It looks when the set, one of its Applications or a cluster Secret changes, when a webhook tells of a push, and by itself every
three minutes for Git and every thirty for pull requests. Source: ``applicationset/controllers/applicationset_controller.go``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.agents.argocd.appsets.applications import Applications
from gitops_sim.agents.argocd.appsets.checking import unrecognized
from gitops_sim.agents.argocd.appsets.ending import Ending, TakesTooLongError
from gitops_sim.agents.argocd.appsets.generators import Workbench, again_after, mentions, repositories
from gitops_sim.agents.argocd.appsets.keeping import KIND, asked, current, label, owned_parts, progress
from gitops_sim.agents.argocd.appsets.making import wanted
from gitops_sim.agents.argocd.appsets.params import GenerationError
from gitops_sim.agents.argocd.appsets.progress import standings
from gitops_sim.agents.argocd.appsets.rendering import Renderer, option_texts
from gitops_sim.agents.argocd.appsets.reporting import Reporter
from gitops_sim.agents.argocd.appsets.rollout import LOOK_AGAIN, Operations, Rollouts, without_auto_sync
from gitops_sim.agents.argocd.appsets.strategy import Strategy, read_strategy
from gitops_sim.agents.argocd.clusters import Clusters
from gitops_sim.agents.argocd.project import DEFAULT, PROJECTS
from gitops_sim.agents.argocd.settings import CMD_PARAMS, PROGRESSIVE_SYNCS, progressive_syncs
from gitops_sim.clock import Clock, Priority
from gitops_sim.cluster.controller import WorkQueue
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.errors import BadInput
from gitops_sim.forge import Delivery, Forge
from gitops_sim.objects import Key, Object, controller_of, get_path, key_of
from gitops_sim.randomness import Randomness
from gitops_sim.trace import Trace

_AGAIN_AFTER_ERROR = 180.0


class ApplicationSets:
    """``actor`` is the name in the trace. Its turns come last in an instant: what changes at once is looked at together."""

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
        self._reporter = Reporter(cluster, clock, trace, actor)
        self._applications = Applications(cluster, clusters, self._reporter)
        self._rollouts = Rollouts(clock, self._reporter)
        self._ending = Ending(cluster, clock, self._reporter)
        self._progressive = False
        self._queue = WorkQueue(clock, self._turn, priority=Priority.OBSERVER)
        self.configure(cluster.find("ConfigMap", CMD_PARAMS, NAMESPACE))
        self._look_at_all()

    def generated(self, appset: Object) -> list[dict[str, Any]]:
        """The Applications that a set would make. Raises GenerationError."""
        found, failure = wanted(appset, self._bench(appset))
        if failure is not None:
            raise GenerationError(failure[1])
        return found

    # ------------------------------------------------------------------ what it is told

    def configure(self, config_map: Object | None) -> None:
        """What ``argocd-cmd-params-cm`` says counts at once, as if whoever changes it restarted the controller."""
        progressive, problems = progressive_syncs(config_map)
        where = f"ConfigMap/{NAMESPACE}/{CMD_PARAMS}"
        for problem in problems:
            self._trace.add(self._actor, "SettingIgnored", where, problem, story=True)
        if progressive != self._progressive:
            self._progressive = progressive
            text = "from now on" if progressive else "no more"
            self._trace.add(self._actor, "ProgressiveSyncsChanged", where, f"honours RollingSync {text}", story=True)
            self._look_at_all()

    def on_change(self, change: Change) -> None:
        """Of a set, or of an Application that one made."""
        if change.key.kind == "ApplicationSet":
            if change.type == "DELETED":
                self._queue.forget(change.key)
            elif change.old is None or asked(change.object) != asked(change.old):
                self._queue.add(change.key)
            elif self._progressive and standings(change.object) != standings(change.old):
                self._queue.add(change.key, LOOK_AGAIN)
        elif change.key.kind == "Application":
            owner = controller_of(change.object)
            if owner is not None and owner.get("kind") == "ApplicationSet" and self._concerns(change):
                self._queue.add(Key("argoproj.io", "ApplicationSet", change.key.namespace, str(owner["name"])))

    def _concerns(self, change: Change) -> bool:
        if change.type != "MODIFIED" or change.old is None or owned_parts(change.object) != owned_parts(change.old):
            return True
        return self._progressive and progress(change.object) != progress(change.old)

    def clusters_changed(self) -> None:
        """Those with a cluster generator look again."""
        for obj in self._cluster.list(KIND):
            if mentions(obj["spec"].get("generators"), "clusters"):
                self._queue.add(key_of(obj))

    def delivered(self, delivery: Delivery) -> None:
        """A webhook: those whose Git generator reads the repository look again."""
        for obj in self._cluster.list(KIND):
            for url in repositories(obj["spec"].get("generators")):
                try:
                    if self._forge.repository(url).name == delivery.repo:
                        self._queue.add(key_of(obj))
                except BadInput:
                    continue

    def _look_at_all(self) -> None:
        for obj in self._cluster.list(KIND):
            self._queue.add(key_of(obj))

    # ------------------------------------------------------------------ its turns

    def _turn(self, key: Key) -> None:
        appset = self._cluster.find(KIND, key.name, key.namespace)
        if appset is None or key.namespace != NAMESPACE:
            return
        if appset["metadata"].get("deletionTimestamp"):
            self._end(key, appset)
            return
        if self._progressive:
            appset = self._ending.prepared(appset)
        unknown = unrecognized(appset)
        if unknown:
            self._reporter.once("GeneratorIgnored", appset, unknown, reason="the API server dropped what it does not know")
        applications, failure = wanted(appset, self._bench(appset))
        if failure is not None:
            self._reporter.failed(appset, failure, generated=False)
            self._queue.add(key, _AGAIN_AFTER_ERROR)
            return
        problems = self._applications.problems(appset, applications)
        strategy = read_strategy(appset)
        operations = self._roll(appset, strategy, applications)
        if self._progressive and strategy.steps:
            applications = [without_auto_sync(app) for app in applications]
        if problems:
            *_, last = (problems[name] for name in sorted(problems))
            message = f"{last} (and {len(problems) - 1} more)" if len(problems) > 1 else last
            self._reporter.failed(appset, ("ApplicationValidationError", message), generated=True)
        valid = sorted(
            (app for number, app in enumerate(applications) if label(app, number) not in problems),
            key=lambda app: str(app["metadata"]["name"]),
        )
        failure = self._applications.make(appset, valid, operations) or self._applications.delete(appset, applications)
        if failure is not None:
            self._reporter.failed(appset, failure, generated=True)
            self._queue.retry(key)
            return
        self._queue.succeed(key)
        self._reporter.finished(appset, complete=not problems)
        again = again_after(appset["spec"].get("generators")) or (_AGAIN_AFTER_ERROR if problems else 0.0)
        if again:
            self._queue.add(key, again)

    def _roll(self, appset: Object, strategy: Strategy, applications: list[dict[str, Any]]) -> Operations:
        if self._progressive and strategy.rolling:
            changed = self._applications.changed(appset, [without_auto_sync(app) for app in applications])
            return self._rollouts.advance(appset, strategy, current(self._cluster, appset), applications, changed)
        if strategy.rolling:
            text = (
                f"does not honour RollingSync of ApplicationSet {appset['metadata']['name']}: all Applications are synced at once"
            )
            why = f'progressive syncs are off; {CMD_PARAMS} switches them on with {PROGRESSIVE_SYNCS}: "true"'
            self._reporter.once("OptionIgnored", appset, text, reason=why, options=["strategy RollingSync"])
        self._rollouts.stop(appset)
        return {}

    def _end(self, key: Key, appset: Object) -> None:
        try:
            again = self._ending.step(appset)
        except TakesTooLongError:
            self._queue.retry(key)
            return
        if again:
            self._queue.add(key, again)

    # ------------------------------------------------------------------ inside

    def _bench(self, appset: Object) -> Workbench:
        spec = appset["spec"]
        options = option_texts(spec.get("goTemplateOptions"))
        renderer = Renderer(spec.get("goTemplate") is True, options, self._clock, self._randomness)
        project, problem = str(get_path(spec, ("template", "spec", "project")) or DEFAULT), ""
        if "{{" not in project and self._cluster.find(PROJECTS, project, NAMESPACE) is None:
            problem = f'error getting project {project}: appprojects.argoproj.io "{project}" not found'
        return Workbench(renderer, self._forge, self._clusters, problem)
