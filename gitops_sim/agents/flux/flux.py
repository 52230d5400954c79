"""Flux, installed in a cluster: its controllers, their accounts and their kinds."""

from __future__ import annotations

from gitops_sim.agents.credentials import Credential
from gitops_sim.agents.flux.alerts import PROVIDERS, Notifier
from gitops_sim.agents.flux.artifact import Storage
from gitops_sim.agents.flux.definitions import definitions
from gitops_sim.agents.flux.events import Recorder, Told, Wire
from gitops_sim.agents.flux.helm.chart_controller import ChartController
from gitops_sim.agents.flux.helm.helmrelease import KIND as HELM_RELEASES
from gitops_sim.agents.flux.helm.journal import HelmJournal
from gitops_sim.agents.flux.helm.release_controller import ReleaseController
from gitops_sim.agents.flux.helm.repository_controller import RepositoryController
from gitops_sim.agents.flux.helm.shelf import Shelf
from gitops_sim.agents.flux.helm.sources import CHARTS, REPOSITORIES
from gitops_sim.agents.flux.images.automation import AUTOMATIONS, read_automation
from gitops_sim.agents.flux.images.automation_controller import AutomationController
from gitops_sim.agents.flux.images.database import TagDatabase
from gitops_sim.agents.flux.images.imagepolicy import IMAGE_POLICIES
from gitops_sim.agents.flux.images.imagerepository import IMAGE_REPOSITORIES
from gitops_sim.agents.flux.images.journal import ImageJournal
from gitops_sim.agents.flux.images.policy_controller import ImagePolicyController
from gitops_sim.agents.flux.images.repository_controller import ImageRepositoryController
from gitops_sim.agents.flux.journal import Journal
from gitops_sim.agents.flux.kustomization import GROUP, KIND, read_kustomization
from gitops_sim.agents.flux.kustomize_controller import KustomizeController
from gitops_sim.agents.flux.log import Log
from gitops_sim.agents.flux.receivers import KIND as RECEIVERS
from gitops_sim.agents.flux.receivers import ReceiverController
from gitops_sim.agents.flux.source_controller import SourceController
from gitops_sim.agents.flux.toolkit import NAMESPACE, Desk
from gitops_sim.clock import Clock
from gitops_sim.cluster.access.accounts import EVERYTHING, account, binding, cluster_role
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.objects import Key, Object, get_path
from gitops_sim.registry import Registry
from gitops_sim.trace import Trace

GIT_REPOSITORIES = "gitrepositories.source.toolkit.fluxcd.io"
_CONTROLLERS = (
    "source-controller",
    "kustomize-controller",
    "helm-controller",
    "notification-controller",
    "image-reflector-controller",
    "image-automation-controller",
)
_CRD_ROLE, _APPLIERS = "crd-controller-flux-system", "cluster-reconciler-flux-system"


class Flux:
    """A Flux that runs in ``cluster`` and manages it. All that it is told, it reads from its custom resources.

    How often it asks Git, and how often it compares, each of them says in its ``interval``; no jitter is added here. What it
    applies, it applies with the rights of ``spec.serviceAccountName``, or of a cluster administrator.
    """

    def __init__(
        self, cluster: ClusterAPI, forge: Forge, registry: Registry, clock: Clock, trace: Trace, *, name: str = "flux"
    ) -> None:
        self.name, self.clock, self.trace = name, clock, trace
        cluster.furnish([*_accounts(), *definitions()])
        self.cluster = cluster
        if cluster.find("Namespace", NAMESPACE) is None:
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        self.storage, journal, self.log = Storage(forge), Journal(trace, name, cluster), Log(clock)
        self._wire = Wire(self._heard)
        desk, events = self._desk("source-controller", GIT_REPOSITORIES)
        self.sources = SourceController(desk, forge, self.storage, events, journal)
        desk, events = self._desk("kustomize-controller", KIND)
        self.kustomizations = KustomizeController(desk, forge, self.storage, events, journal)
        self.shelf, helm = Shelf(), HelmJournal(trace, name, cluster)
        desk, events = self._desk("source-controller", REPOSITORIES)
        self.repositories = RepositoryController(desk, forge, self.shelf, events, helm)
        desk, events = self._desk("source-controller", CHARTS)
        self.charts = ChartController(desk, forge, self.storage, self.shelf, events, helm)
        desk, events = self._desk("helm-controller", HELM_RELEASES)
        self.releases = ReleaseController(desk, self.shelf, events, helm)
        self._scan_and_update(forge, registry, ImageJournal(trace, name, cluster))
        desk, events = self._desk("notification-controller", PROVIDERS, aloud=False)
        self.notifier = Notifier(desk, events, journal)
        desk, events = self._desk("notification-controller", RECEIVERS, aloud=False)
        self.receivers = ReceiverController(desk, events, journal, f"https://flux.{cluster.name}.example")
        forge.webhooks.listen(self.receivers.delivered)

    # ------------------------------------------------------------------ what others may ask

    def find(self, name: str) -> Object:
        """A Kustomization by name, or by ``namespace/name``. Raises BadInput when there is none."""
        namespace, _, plain = name.rpartition("/")
        found = self.cluster.find(KIND, plain, namespace or NAMESPACE)
        if found is None:
            names = ", ".join(obj["metadata"]["name"] for obj in self.cluster.list(KIND))
            raise BadInput(f"no Kustomization {name!r}", mend=f"there are {names}" if names else "create one with kubectl apply")
        return found

    def all_kustomizations(self) -> list[Object]:
        return self.cluster.list(KIND)

    def source_of(self, kustomization: Object) -> str:
        """The address of what a Kustomization applies; empty when its source is not there."""
        app = read_kustomization(kustomization)
        source = self.cluster.find(GIT_REPOSITORIES, app.source.name, app.source.namespace)
        return str(get_path(source, ("spec", "url"), "")) if source is not None else ""

    def next_run(self, name: str) -> float | None:
        """When a Kustomization is compared next by itself (simulated seconds); None while it is suspended, or at work."""
        meta = self.find(name)["metadata"]
        return self.kustomizations.next_run(Key(GROUP, "Kustomization", meta["namespace"], meta["name"]))

    def webhook(self, receiver: str) -> str:
        """The address that a Git host's webhook is to call for a Receiver of ``flux-system``; empty before it is ready."""
        return self.receivers.address(self.cluster.get(RECEIVERS, receiver, NAMESPACE))

    def credentials(self) -> list[Credential]:
        """Which keys it holds, and where."""
        urls = sorted({get_path(obj, ("spec", "url"), "") for obj in self.cluster.list(GIT_REPOSITORIES)})
        registry = ["registry"] if self.cluster.list(IMAGE_REPOSITORIES) else []
        charts = sorted({get_path(obj, ("spec", "url"), "") for obj in self.cluster.list(REPOSITORIES)})
        return [
            Credential(self.name, "inside cluster", f"cluster/{self.cluster.name}", "write", "applies and prunes what Git says"),
            *(Credential(self.name, "inside cluster", url, "read", "fetches the manifests") for url in urls),
            *(Credential(self.name, "inside cluster", url, "read", "fetches charts") for url in charts),
            *(Credential(self.name, "inside cluster", url, "write", "commits new images") for url in self._written()),
            *(Credential(self.name, "inside cluster", name, "read", "lists the tags of images") for name in registry),
        ]

    # ------------------------------------------------------------------ inside

    def _scan_and_update(self, forge: Forge, registry: Registry, journal: ImageJournal) -> None:
        """The controllers of image automation, which ``flux bootstrap --components-extra`` brings."""
        database = TagDatabase()
        desk, events = self._desk("image-reflector-controller", IMAGE_REPOSITORIES)
        self.image_repositories = ImageRepositoryController(desk, registry, database, events, journal)
        desk, events = self._desk("image-reflector-controller", IMAGE_POLICIES)
        self.image_policies = ImagePolicyController(desk, registry, database, events, journal)
        desk, events = self._desk("image-automation-controller", AUTOMATIONS)
        self.automations = AutomationController(desk, forge, events, journal)

    def _written(self) -> list[str]:
        """The addresses of the repositories that automations push to."""
        keys = [read_automation(obj).source for obj in self.cluster.list(AUTOMATIONS)]
        found = [self.cluster.find(GIT_REPOSITORIES, key.name, key.namespace) for key in keys]
        return sorted({str(obj["spec"]["url"]) for obj in found if obj is not None})

    def _desk(self, who: str, kind: str, *, aloud: bool = True) -> tuple[Desk, Recorder]:
        """How the controller ``who`` works on its objects of a kind, and tells of them."""
        user = self.cluster.as_user(f"system:serviceaccount:{NAMESPACE}:{who}").informed()
        return Desk(user, self.clock, kind, who, self.log), Recorder(user, self.clock, who, self._wire, aloud=aloud)

    def _heard(self, told: Told) -> None:
        """What a controller told goes to notification-controller."""
        self.notifier.hear(told)


def _accounts() -> list[Object]:
    """The ServiceAccounts that its controllers act as. Source: flux2 ``manifests/rbac``: all that is applied without a
    serviceAccountName is applied by a cluster administrator."""
    found = [account(NAMESPACE, name) for name in _CONTROLLERS]
    found.append(cluster_role(_CRD_ROLE, EVERYTHING))
    found += [binding(f"{_CRD_ROLE}-{name}", _CRD_ROLE, NAMESPACE, name) for name in _CONTROLLERS]
    appliers = [binding(_APPLIERS, "cluster-admin", NAMESPACE, f"{name}-controller") for name in ("kustomize", "helm")]
    return [*found, {**appliers[0], "subjects": [subject for one in appliers for subject in one["subjects"]]}]
