"""The clusters that an Argo CD knows: its own, and those that a Secret in its namespace introduces.

Such a Secret has the label ``argocd.argoproj.io/secret-type: cluster`` and the keys ``name`` and ``server``. Source:
``util/db/cluster.go`` and ``util/argo/argo.go`` (GetDestinationCluster), whose messages these are.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitops_sim.agents.argocd.application import IN_CLUSTER, IN_CLUSTER_NAME, NAMESPACE, Destination
from gitops_sim.agents.argocd.tracking import Changed, LiveState
from gitops_sim.cluster.access.accounts import EVERYTHING, account, binding, cluster_role
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, annotations_of, get_path, group_of, labels_of

SECRET_TYPE = "argocd.argoproj.io/secret-type"
MANAGER, MANAGER_HOME = "argocd-manager", "kube-system"
"""The ServiceAccount that ``argocd cluster add`` makes in a cluster, for Argo CD to act as."""


def address_of(name: str) -> str:
    """The address of the API server of a cluster of the world."""
    return f"https://{name}.example:6443"


class UnknownClusterError(Exception):
    """A destination that leads nowhere, in the real words."""


class UnreachableError(Exception):
    """A cluster at whose address nothing answers, in the real words."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A cluster that Argo CD was told of. ``project``: the one that it was introduced for, if any."""

    server: str
    name: str
    project: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    secret: str = ""


class Place:
    """A cluster that is worked on, and what is known of the objects in it."""

    def __init__(self, registered: Registered, cluster: ClusterAPI, changed: Changed) -> None:
        self.server, self.name = registered.server, registered.name
        self.cluster = cluster
        self.live = LiveState(cluster, changed)

    def fetch(self, key: Key) -> Object | None:
        kind = self.cluster.kinds.of(key.group, key.kind)
        return None if kind is None else self.cluster.find(kind, key.name, key.namespace)

    def belongs(self, key: Key, obj: Object, instance: str) -> bool:
        """Whether an object is an Application's, or is owned by one of its objects, directly or not."""
        if self.live.owner(key) == instance:
            return True
        for owner in obj["metadata"].get("ownerReferences") or ():
            above = Key(group_of(owner["apiVersion"]), owner["kind"], key.namespace, owner["name"])
            found = self.fetch(above)
            if found is not None and found["metadata"]["uid"] == owner["uid"] and self.belongs(above, found, instance):
                return True
        return False


class Clusters:
    """``hub``: the cluster that Argo CD runs in; ``fleet``: the clusters of the world by name, which it can reach when it knows
    their address; ``changed`` is told of every change of a managed object."""

    def __init__(self, hub: ClusterAPI, fleet: Mapping[str, ClusterAPI], changed: Changed) -> None:
        self._hub, self._fleet, self._changed = hub, fleet, changed
        self._secrets: dict[str, Registered] = {}
        self._by_server: dict[str, Registered] = {}
        self._places: dict[str, Place] = {}
        for secret in hub.list("secrets", NAMESPACE):
            self._learn(secret)
        self._sort()

    def on_change(self, change: Change) -> bool:
        """Takes note of a Secret; says whether it changed what clusters there are."""
        if change.key.kind != "Secret" or change.key.group or change.key.namespace != NAMESPACE:
            return False
        before = self._secrets.pop(change.key.name, None)
        if change.type != "DELETED":
            self._learn(change.object)
        self._sort()
        return self._secrets.get(change.key.name) != before

    def all(self) -> list[Registered]:
        """In the order of the Secrets' names; Argo CD's own last, unless a Secret names it."""
        return list(self._by_server.values())

    @property
    def reachable(self) -> list[str]:
        """The names of those that it could be told of."""
        return list(self._fleet)

    def locate(self, destination: Destination) -> Registered:
        """The cluster that a destination means. Raises UnknownClusterError."""
        server, name = destination.server, destination.name
        if server and name:
            raise UnknownClusterError(f"application destination can't have both name and server defined: {name} {server}")
        if server:
            found = self._by_server.get(server)
            if found is None:
                why = f'rpc error: code = NotFound desc = cluster "{server}" not found'
                raise UnknownClusterError(f'error getting cluster by server "{server}": {why}')
            return found
        if not name:
            raise UnknownClusterError("Destination server missing from app spec")
        named = [known for known in self._by_server.values() if known.name == name]
        if not named:
            raise UnknownClusterError(f"there are no clusters with this name: {name}")
        if len(named) > 1:
            servers = " ".join(known.server for known in named)
            raise UnknownClusterError(f"there are {len(named)} clusters with the same name: [{servers}]")
        return named[0]

    def place(self, destination: Destination) -> Place:
        """Where a destination is; watched from the first call on. Raises UnknownClusterError and UnreachableError."""
        registered = self.locate(destination)
        place = self._places.get(registered.server)
        if place is None:
            cluster = self.reach(registered.server)
            if cluster is None:
                raise UnreachableError(_unreachable(registered.server))
            place = self._places[registered.server] = Place(registered, cluster, self._changed)
        return place

    def reach(self, server: str) -> ClusterAPI | None:
        """The cluster at an address, as the account that Argo CD has there."""
        if server == IN_CLUSTER:
            return self._hub
        name = next((name for name in self._fleet if address_of(name) == server), None)
        if name is None:
            return None
        cluster = self._fleet[name]
        role = cluster_role(f"{MANAGER}-role", EVERYTHING)
        cluster.furnish(
            [account(MANAGER_HOME, MANAGER), role, binding(f"{MANAGER}-role-binding", f"{MANAGER}-role", MANAGER_HOME, MANAGER)]
        )
        return cluster.as_user(f"system:serviceaccount:{MANAGER_HOME}:{MANAGER}").informed()

    # ------------------------------------------------------------------ inside

    def _learn(self, secret: Object) -> None:
        if labels_of(secret).get(SECRET_TYPE) == "cluster":
            name, server, project = (decoded(secret, part) for part in ("name", "server", "project"))
            server = server.rstrip("/")
            found = Registered(server, name, project, labels_of(secret), annotations_of(secret), secret["metadata"]["name"])
            self._secrets[secret["metadata"]["name"]] = found

    def _sort(self) -> None:
        self._by_server = {known.server: known for _, known in sorted(self._secrets.items())}
        self._by_server.setdefault(IN_CLUSTER, Registered(IN_CLUSTER, IN_CLUSTER_NAME))


def _unreachable(server: str) -> str:
    host = server.partition("//")[2].partition("/")[0].partition(":")[0]
    text = f'Get "{server}/version?timeout=32s": dial tcp: lookup {host}: no such host'
    return f'failed to get cluster info for "{server}": error synchronizing cache state : {text}'


def cluster_secret(name: str, server: str) -> Object:
    """What ``argocd cluster add`` leaves in Argo CD's namespace."""
    host = server.partition("//")[2].partition(":")[0]
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"cluster-{host}-{_fnv(server)}",
            "namespace": NAMESPACE,
            "labels": {SECRET_TYPE: "cluster"},
            "annotations": {"managed-by": "argocd.argoproj.io"},
        },
        "type": "Opaque",
        "data": {
            key: base64.b64encode(value.encode()).decode()
            for key, value in (("name", name), ("server", server), ("config", '{"tlsClientConfig":{"insecure":false}}'))
        },
    }


def _fnv(text: str) -> int:
    """FNV-1a, 32 bits: what the real one puts at the end of the Secret's name (``util/db/secrets.go``)."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 % 2**32
    return value


def decoded(secret: Object, key: str) -> str:
    """One value of a Secret as text; empty where it is none."""
    try:
        return base64.b64decode(str(get_path(secret, ("data", key), "")), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
