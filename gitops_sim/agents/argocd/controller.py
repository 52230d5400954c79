"""Argo CD: watches Applications and the cluster, polls Git, and decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.agents.argocd.accounts import (
    CONTROLLER_USER,
    DEFAULT_PROJECT,
    NOTIFICATIONS_USER,
    SERVER_USER,
    SETS_USER,
    accounts,
)
from gitops_sim.agents.argocd.application import IN_CLUSTER, KIND, NAMESPACE, Application, Destination, Source, read_application
from gitops_sim.agents.argocd.appsets import ApplicationSets
from gitops_sim.agents.argocd.clusters import Clusters
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.agents.argocd.customizations import Customizations, read_customizations
from gitops_sim.agents.argocd.definitions import definitions
from gitops_sim.agents.argocd.desired import DesiredState, LoadFailedError
from gitops_sim.agents.argocd.journal import Journal
from gitops_sim.agents.argocd.memory import Cause, Level
from gitops_sim.agents.argocd.notifications import Notifications
from gitops_sim.agents.argocd.notifications.catalog import CONFIG as NOTIFICATIONS
from gitops_sim.agents.argocd.project import DEFAULT, PROJECTS
from gitops_sim.agents.argocd.rbac import Guard
from gitops_sim.agents.argocd.refresh import REFRESH, Workshop
from gitops_sim.agents.argocd.settings import CMD_PARAMS, CONFIG_MAP, Polling, build_options
from gitops_sim.agents.argocd.source import Sources
from gitops_sim.agents.argocd.turns import Turns, application_key
from gitops_sim.agents.argocd.windows import Window
from gitops_sim.agents.credentials import Credential
from gitops_sim.clock import Clock, parse_duration
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.errors import BadInput
from gitops_sim.forge import Delivery, Forge
from gitops_sim.objects import Key, Object, get_path, with_path
from gitops_sim.randomness import Randomness
from gitops_sim.trace import Trace

_SETTINGS, _CMD_PARAMS, _NOTIFICATIONS = (
    Key("", "ConfigMap", NAMESPACE, name) for name in (CONFIG_MAP, CMD_PARAMS, NOTIFICATIONS)
)


class ArgoCD:
    """An Argo CD that runs in ``cluster`` and manages it. All that it is told, it reads from Application objects.

    It asks Git for a revision every ``resync`` seconds and up to ``jitter`` more (0 switches polling off), unless its ConfigMap
    argocd-cm says otherwise; a webhook to :attr:`webhook` makes it ask at once. What changes in the cluster it is told at once.
    ``fleet``: the clusters of the world by name, its own among them, that it reaches once a Secret says where.
    """

    def __init__(
        self,
        cluster: ClusterAPI,
        forge: Forge,
        clock: Clock,
        trace: Trace,
        randomness: Randomness,
        *,
        resync: float | str = 120.0,
        jitter: float | str = 60.0,
        name: str = "argocd",
        fleet: Mapping[str, ClusterAPI] | None = None,
    ) -> None:
        self.name, self.clock, self.trace = name, clock, trace
        cluster.furnish([*accounts(), *definitions()])
        self.cluster = cluster.as_user(CONTROLLER_USER).informed()
        self.server = cluster.as_user(SERVER_USER).informed()
        self._home = cluster
        self.guard = Guard(self.server, self._groups_of)
        self._standard = Polling(parse_duration(resync), parse_duration(jitter))
        self._forge = forge
        self._install()
        self.clusters = Clusters(self.cluster, fleet or {}, self._live_changed)
        self.clusters.place(Destination(IN_CLUSTER, "", "", {}))  # its own is watched from the start
        self.sources = Sources(forge, self._cluster_of)
        self.journal = Journal(trace, name, cluster.name)
        self._shop = Workshop(self.cluster, self.sources, self.clusters, clock, self.journal)
        self._turns = Turns(self._shop, forge, randomness, self._standard)
        self._configure(self.cluster.find("ConfigMap", CONFIG_MAP, NAMESPACE))
        forge.webhooks.listen(self._delivered)
        self.sets = ApplicationSets(cluster.as_user(SETS_USER).informed(), forge, self.clusters, clock, trace, randomness, name)
        self.notifications = Notifications(cluster.as_user(NOTIFICATIONS_USER).informed(), clock, trace, randomness, name)
        self.cluster.watch(self._on_change)
        for obj in self.cluster.list(KIND):
            self._turns.adopt(obj)

    # ------------------------------------------------------------------ what others may ask

    def find(self, name: str) -> Object:
        """An Application by name, or by ``namespace/name``. Raises BadInput when there is none."""
        namespace, _, plain = name.rpartition("/")
        found = self.cluster.find(KIND, plain, namespace or NAMESPACE)
        if found is None:
            names = ", ".join(obj["metadata"]["name"] for obj in self.applications())
            raise BadInput(f"no Application {name!r}", mend=f"there are {names}" if names else "create one with kubectl apply")
        return found

    def applications(self) -> list[Object]:
        return self.cluster.list(KIND)

    def application(self, obj: Object) -> Application:
        """What an Application asks for, defaults filled in."""
        return self._turns.recall(application_key(obj)).read(obj)

    def comparison(self, name: str) -> Comparison | None:
        """What the last look at an Application found; None before the first, and while its spec cannot be used."""
        return self._turns.recall(application_key(self.find(name))).comparison

    def windows(self, app: Application) -> tuple[Window, ...]:
        """The sync windows of its project that are about an Application."""
        project = self._shop.project(app)
        return () if project is None else project.windows_of(app)

    def takes(self, app: Application) -> bool:
        """Whether there is the project of an Application, and it lets in what is in that namespace."""
        project = self._shop.project(app)
        return project is not None and project.takes(app)

    def next_poll(self, app: str) -> float | None:
        """When it next asks Git about an Application by itself (simulated seconds); None when polling is off."""
        return self._turns.polls.next(application_key(self.find(app)))

    @property
    def polling(self) -> Polling:
        """How often it asks Git."""
        return self._turns.polls.settings

    @property
    def webhook(self) -> str:
        """The address that a Git host's webhook is to call."""
        return f"https://argocd.{self.cluster.name}.example/api/webhook"

    def credentials(self) -> list[Credential]:
        """Which keys it holds, and where."""
        sources = [self.application(obj).source for obj in self.applications()]
        repos = sorted({part.repo_url for source in sources for part in source.parts or (source,) if part.repo_url})
        return [
            Credential(self.name, "inside cluster", f"cluster/{self.cluster.name}", "write", "applies and prunes what Git says"),
            *(Credential(self.name, "inside cluster", url, "read", "fetches the manifests") for url in repos),
        ]

    def refresh(self, obj: Object, *, hard: bool = False) -> None:
        """Looks at an Application now, at Git too, as its refresh annotation would make it do."""
        key = application_key(obj)
        if hard:
            self.sources.forget(key)
        self._turns.recall(key).ask(Level.FORCE, "refresh")
        self._turns.look_now(key)

    def operate(self, obj: Object, operation: dict[str, Any]) -> Object:
        """Puts an operation on an Application, as the API server does, and runs it as far as it goes at once. Returns the
        Application afterwards."""
        key = application_key(obj)
        self.server.update({**obj, "operation": operation})
        self._turns.operate_now(key)
        self._turns.look_now(key)
        return self.find(f"{key.namespace}/{key.name}")

    def resume(self, obj: Object) -> None:
        """Goes on with an operation now."""
        self._turns.operate_now(application_key(obj))

    def problems(self, obj: Object, *, manifests: bool = True) -> list[str]:
        """Why an Application could not be used as it is here; ``manifests``: Git is asked for them, too."""
        app = read_application(obj)
        found = self._shop.problems(app)
        if found or not manifests:
            return found
        try:
            self.sources.load(app, self.sources.resolve(app.source))
        except LoadFailedError as error:
            return [f"Unable to generate manifests in {app.source.path}: {error.why}"]
        finally:
            if self.cluster.find(KIND, app.name, app.namespace) is None:
                self.sources.forget(app.key)
        return []

    def orphans(self, name: str) -> list[Key]:
        """What lies in the namespace of an Application and belongs to none; nothing where its project does not ask for it."""
        comparison = self.comparison(name)
        return self._shop.orphans(self.application(self.find(name)), comparison) if comparison else []

    def surroundings(self, app: Application) -> tuple[ClusterAPI, Customizations]:
        """The cluster that an Application is in, and how its objects are judged."""
        return self._shop.clusters.place(app.destination).cluster, self._shop.customizations

    def desired(self, obj: Object, revision: str = "") -> DesiredState:
        """What Git says of an Application now, or at another revision. Raises LoadFailedError."""
        app = self.application(obj)
        return self.sources.load(app, self.sources.resolve(app.source, revision))

    # ------------------------------------------------------------------ what it is told

    def _delivered(self, url: str, delivery: Delivery) -> bool:
        """A webhook: every Application that follows the branch is asked to refresh, as ``util/webhook/webhook.go`` does it. It
        never carries manifests."""
        if url != self.webhook:
            return False
        for obj in self.applications():
            source = self.application(obj).source
            if any(self._follows(part, delivery) for part in source.parts or (source,)):
                self.server.update(with_path(obj, ("metadata", "annotations", REFRESH), "normal"))
        self.sets.delivered(delivery)
        return True

    def _follows(self, source: Source, delivery: Delivery) -> bool:
        try:
            repository = self._forge.repository(source.repo_url)
        except BadInput:
            return False
        wanted = source.target_revision.removeprefix("refs/heads/") or "HEAD"
        branch = repository.default_branch if wanted == "HEAD" else wanted
        return repository.name == delivery.repo and branch == delivery.branch

    def _configure(self, config_map: Object | None) -> None:
        """Polls and judges as argocd-cm says from now on."""
        before, customizations = self.polling, read_customizations(config_map)
        polling, problems = self._standard.changed(config_map)
        self._shop.grace, self.journal.polling = polling.resync + polling.jitter, polling.words
        options, self.sources.build_options = self.sources.build_options, build_options(config_map)
        if self._shop.customize(customizations) or options != self.sources.build_options:
            self._look_at_all("settings")
        for problem in (*problems, *customizations.problems):
            self.trace.add(self.name, "SettingIgnored", f"ConfigMap/{NAMESPACE}/{CONFIG_MAP}", problem, story=True)
        if polling == before:
            return
        self._turns.poll_as(polling)
        text = f"asks Git {polling.words} from now on" if polling.resync else "does not poll Git any more"
        self.trace.add(self.name, "PollingChanged", f"ConfigMap/{NAMESPACE}/{CONFIG_MAP}", text, story=True)

    def _on_change(self, change: Change) -> None:
        if change.key.kind == "ConfigMap":
            if change.key == _SETTINGS:
                self._configure(None if change.type == "DELETED" else change.object)
            elif change.key == _CMD_PARAMS:
                self.sets.configure(None if change.type == "DELETED" else change.object)
            elif change.key == _NOTIFICATIONS:
                self.notifications.on_change(change)
        elif change.key.kind == "Secret":
            if self.clusters.on_change(change):
                self._look_at_all("cluster")
                self.sets.clusters_changed()
        elif change.key.group != "argoproj.io":
            return
        elif change.key.kind == "Application":
            self._turns.application_changed(change)
            self.sets.on_change(change)
            self.notifications.on_change(change)
        elif change.key.kind == "ApplicationSet":
            self.sets.on_change(change)
        elif change.key.kind == "AppProject":
            self._look_at_all("project", change.key.name)
            self.notifications.on_change(change)

    def _look_at_all(self, cause: Cause, project: str = "") -> None:
        """At the Applications of a project, or at all: what they are held to changed."""
        for obj in self.cluster.list(KIND):
            if project in ("", get_path(obj, ("spec", "project")) or DEFAULT):
                self._turns.ask(application_key(obj), 0.0, Level.LATEST, cause)

    # ------------------------------------------------------------------ inside

    def _live_changed(self, key: Key, instances: Iterable[str]) -> None:
        self._turns.live_changed(key, instances)

    def _cluster_of(self, app: Application) -> ClusterAPI:
        return self.clusters.place(app.destination).cluster

    def _groups_of(self, user: str) -> tuple[str, ...]:
        people: Mapping[str, tuple[str, ...]] = getattr(self._home, "people", {})  # a real cluster knows nobody of the world
        return people.get(user, ())

    def _install(self) -> None:
        if self.cluster.find("Namespace", NAMESPACE) is None:
            self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        if self.cluster.find(PROJECTS, DEFAULT, NAMESPACE) is None:
            self.cluster.create(DEFAULT_PROJECT)
