"""The namespace controllers: what every namespace has from the start, and how a deleted one is emptied.

Source: k8s.io/kubernetes ``pkg/controller/namespace/deletion``, ``pkg/controller/serviceaccount``,
``pkg/controller/certificates/rootcacertpublisher``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.conditions import Condition
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, with_path

CA = "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVkIGNsdXN0ZXIsIG5vIHNlY3JldHM=\n-----END CERTIFICATE-----\n"
_CA_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal "
    "service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
)


class NamespaceController(ClusterController):
    """Sees all changes: whatever is deleted in a namespace that is going may be what it waited for."""

    name = "namespace-controller"
    own = ("", "Namespace")
    watches = ()

    def concerned(self, change: Change) -> Iterable[Key]:
        key = change.key
        if key.kind == "Namespace" and not key.group:
            return [key]
        if change.type == "ADDED" or not key.namespace:
            return []
        home = Key("", "Namespace", "", key.namespace)
        if change.type == "DELETED" and (key.kind, key.name) in (
            ("ServiceAccount", "default"),
            ("ConfigMap", "kube-root-ca.crt"),
        ):
            return [home]
        namespace = self.store.get(home)
        return [home] if namespace is not None and "deletionTimestamp" in namespace["metadata"] else []

    def sync(self, key: Key) -> None:
        namespace = self.store.get(key)
        if namespace is None:
            return
        if "deletionTimestamp" in namespace["metadata"]:
            self._empty(namespace)
        else:
            self._furnish(key.name)

    def _furnish(self, name: str) -> None:
        if self.store.get(Key("", "ServiceAccount", name, "default")) is None:
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
            self.cluster.create(account)
        if self.store.get(Key("", "ConfigMap", name, "kube-root-ca.crt")) is None:
            meta = {
                "name": "kube-root-ca.crt",
                "namespace": name,
                "annotations": {"kubernetes.io/description": _CA_DESCRIPTION},
            }
            self.cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"ca.crt": CA}})

    def _empty(self, namespace: Object) -> None:
        if not get_path(namespace, ("spec", "finalizers")):
            return
        for obj in self._content(namespace["metadata"]["name"]):
            meta = obj["metadata"]
            if "deletionTimestamp" not in meta:
                self.cluster.delete(self.cluster.kind_of(obj), meta["name"], meta["namespace"])
        left = self._content(namespace["metadata"]["name"])
        status = {"phase": "Terminating", "conditions": self._conditions(namespace, left)}
        namespace = self.set_status(namespace, status)
        if not left:
            finalizers = [name for name in namespace["spec"]["finalizers"] if name != "kubernetes"]
            spec = {**namespace["spec"], "finalizers": finalizers} if finalizers else {}
            self.cluster.update(with_path(namespace, ("spec",), spec), subresource="finalize")

    def _content(self, name: str) -> list[Object]:
        return [
            obj
            for group, kind in self.store.kinds()
            for obj in self.store.list(group, kind, name)
            if obj["metadata"].get("namespace")
        ]

    def _conditions(self, namespace: Object, left: list[Object]) -> list[Condition]:
        resources: dict[str, int] = {}
        finalizers: dict[str, int] = {}
        for obj in left:
            resource = self.cluster.kind_of(obj).resource
            resources[resource] = resources.get(resource, 0) + 1
            for finalizer in obj["metadata"].get("finalizers") or ():
                finalizers[finalizer] = finalizers.get(finalizer, 0) + 1
        remaining = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(resources.items()))
        held = ", ".join(f"{name} in {count} resource instances" for name, count in sorted(finalizers.items()))
        entries = [
            ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
            ("NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions", "All legacy kube types successfully parsed"),
            (
                "NamespaceDeletionContentFailure",
                "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization",
            ),
            (
                "NamespaceContentRemaining",
                "SomeResourcesRemain" if remaining else "ContentRemoved",
                f"Some resources are remaining: {remaining}" if remaining else "All content successfully removed",
            ),
            (
                "NamespaceFinalizersRemaining",
                "SomeFinalizersRemain" if held else "ContentHasNoFinalizers",
                f"Some content in the namespace has finalizers remaining: {held}"
                if held
                else "All content-preserving finalizers finished",
            ),
        ]
        known: dict[str, Any] = {c["type"]: c for c in get_path(namespace, ("status", "conditions")) or ()}
        now = self.clock.timestamp()
        conditions: list[Condition] = []
        for kind, reason, message in entries:
            status = "True" if reason.startswith("Some") else "False"
            former = known.get(kind)
            since = former["lastTransitionTime"] if former is not None and former["status"] == status else now
            conditions.append({"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since})
        return conditions
