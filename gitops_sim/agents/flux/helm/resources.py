"""What Helm does to the objects of a release: to apply them, to delete them, to see whether they are ready.

Source: helm ``pkg/kube/client.go`` and ``pkg/action/validate.go``; helm-controller always forces conflicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitops_sim.agents.flux import health
from gitops_sim.agents.flux.cel import BUILT_IN, HealthCheckExpressions
from gitops_sim.agents.flux.health import Look
from gitops_sim.agents.flux.helm.operation import ActionError
from gitops_sim.agents.flux.kstatus import Status
from gitops_sim.agents.flux.normalize import with_common
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import ClusterAPI, Propagation
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, get_path, key_of, with_path, without_path

MANAGER = "helm-controller"
KEEP = "helm.sh/resource-policy"


@dataclass(frozen=True, slots=True)
class Placed:
    """One object of a manifest with its kind, and its namespace if its kind has one."""

    kind: Kind
    key: Key
    object: Object

    @property
    def may_vanish(self) -> bool:
        """Whether it is a Job that is deleted some time after its end."""
        return self.key.kind == "Job" and get_path(self.object, ("spec", "ttlSecondsAfterFinished")) is not None

    @property
    def described(self) -> str:
        """``default/web apps/v1, Kind=Deployment``."""
        where = f"{self.key.namespace}/{self.key.name}"
        return f"{where} {self.kind.api_version}, Kind={self.kind.kind}"


@dataclass(frozen=True, slots=True)
class Resources:
    """As the user of ``cluster``, in the ``namespace`` of a release called ``name``; ``expressions`` judge their health."""

    cluster: ClusterAPI
    name: str
    namespace: str
    expressions: HealthCheckExpressions = BUILT_IN

    def placed(self, objects: Iterable[Object]) -> list[Placed]:
        """Raises ActionError for kinds that the cluster does not know."""
        return [self._placed(obj) for obj in objects]

    def known(self, objects: Iterable[Object]) -> list[Placed]:
        """Those of kinds that the cluster knows."""
        found = []
        for obj in objects:
            try:
                found.append(self._placed(obj))
            except ActionError:
                continue
        return found

    def find(self, placed: Placed) -> Object | None:
        try:
            return self.cluster.find(placed.kind, placed.key.name, placed.key.namespace)
        except ApiError:
            return None

    def owned(self, obj: Object) -> Object:
        """A copy that says which release it belongs to."""
        notes = {"meta.helm.sh/release-name": self.name, "meta.helm.sh/release-namespace": self.namespace}
        return with_common(obj, {"app.kubernetes.io/managed-by": "Helm"}, notes)

    def apply(self, placed: Placed) -> str:
        """Applies on the server; returns what became of it. Raises ActionError in Helm's words."""
        before = self.find(placed)
        try:
            made = self.cluster.apply(
                placed.kind, placed.key.name, placed.key.namespace, self.owned(placed.object), manager=MANAGER, force=True
            )
        except ApiError as error:
            raise ActionError(f"server-side apply failed for object {placed.described}: {error.message}") from None
        if before is None:
            return "created"
        same = before["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
        return "unchanged" if same else "configured"

    def create(self, placed: Placed) -> None:
        """Raises ActionError."""
        try:
            self.cluster.create(placed.object, manager=MANAGER)
        except ApiError as error:
            raise ActionError(error.message) from None

    def delete(self, placed: Placed, propagation: Propagation = "Background") -> bool:
        """Whether it was there. Raises ActionError."""
        try:
            self.cluster.delete(placed.kind, placed.key.name, placed.key.namespace, propagation=propagation)
        except ApiError as error:
            if error.code == 404:
                return False
            raise ActionError(error.message) from None
        return True

    def is_kept(self, placed: Placed) -> bool:
        """Whether it, or what is there of it, says that it is to stay."""
        live = self.find(placed)
        return any(annotations_of(obj).get(KEEP) == "keep" for obj in (placed.object, live) if obj is not None)

    def look(self, keys: Sequence[Key], passing: Sequence[Key]) -> Look:
        return health.look(self.cluster, keys, passing, self.expressions)

    def look_at_hook(self, placed: Placed) -> Look:
        """Of a hook only Jobs and Pods are waited for, until they are done, and what expressions speak of."""
        if self.expressions.speak_of(placed.key):
            return health.look(self.cluster, [placed.key], (), self.expressions)
        if placed.key.kind not in ("Job", "Pod"):
            return Look({placed.key: ("Current", "")}, {})
        if placed.key.kind == "Job":
            return health.look(self.cluster, [placed.key], [placed.key] if placed.may_vanish else [])
        live = self.find(placed)
        phase = get_path(live, ("status", "phase"), "") if live is not None else ""
        ends: dict[str, tuple[Status, str]] = {"Succeeded": ("Current", ""), "Failed": ("Failed", "")}
        status = ends.get(str(phase), ("InProgress", "")) if live is not None else ("NotFound", "")
        return Look({placed.key: status}, {placed.key: str(phase) or "not there"})

    # ------------------------------------------------------------------ inside

    def _placed(self, obj: Object) -> Placed:
        key = key_of(obj)
        kind = self.cluster.kinds.of(key.group, key.kind)
        if kind is None or kind.guessed:
            what = f'resource mapping not found for name: "{key.name}" namespace: "{key.namespace}" from ""'
            what += f': no matches for kind "{key.kind}" in version "{obj["apiVersion"]}"\nensure CRDs are installed first'
            raise ActionError(f"unable to build kubernetes objects from release manifest: {what}", "install the CRDs first")
        if obj["apiVersion"] != kind.api_version:
            kind = self.cluster.kind_of(obj)
        if not kind.namespaced:
            return Placed(kind, key._replace(namespace=""), without_path(obj, ("metadata", "namespace")))
        if key.namespace:
            return Placed(kind, key, obj)
        return Placed(kind, key._replace(namespace=self.namespace), with_path(obj, ("metadata", "namespace"), self.namespace))
