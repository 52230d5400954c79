"""One object that a command is about, before and after it was fetched."""

from __future__ import annotations

from dataclasses import dataclass, field

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.kinds import Kind
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object


@dataclass(slots=True)
class Info:
    """``object`` is what a file says or the cluster holds, empty before it was fetched; ``source`` is the file it comes from."""

    kind: Kind
    namespace: str
    name: str
    object: Object = field(default_factory=dict)
    source: str = ""

    @property
    def title(self) -> str:
        """``deployments/web``, the form in warnings and time-outs."""
        return f"{self.kind.plural}/{self.name}"

    @property
    def shown(self) -> str:
        """``deployment.apps/web``, the form in messages."""
        return f"{self.kind.qualified}/{self.name}"

    @property
    def described(self) -> str:
        """Two lines, as they stand in the middle of some errors."""
        version = f"{self.kind.group}/{self.kind.version}"
        kind = f'Resource: "{version}, Resource={self.kind.plural}", GroupVersionKind: "{version}, Kind={self.kind.kind}"'
        return f'{kind}\nName: "{self.name}", Namespace: "{self.namespace}"'

    def fetch(self, cluster: Cluster) -> Object:
        """Looks the object up. An object that is not there in a namespace that is not there either is blamed on the namespace."""
        try:
            self.object = cluster.get(self.kind, self.name, self.namespace)
        except ApiError as error:
            if error.reason == "NotFound" and self.namespace not in ("", "default"):
                cluster.get("namespaces", self.namespace)
            raise
        return self.object
