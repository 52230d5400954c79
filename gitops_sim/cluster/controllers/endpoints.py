"""The endpoint controllers: Endpoints and an EndpointSlice for every Service with a selector.

Source: k8s.io/kubernetes ``pkg/controller/endpoint``, ``pkg/controller/endpointslice``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController, owner_reference
from gitops_sim.cluster.controllers.pods import is_finished, is_ready
from gitops_sim.cluster.selectors import matches
from gitops_sim.cluster.store import Change
from gitops_sim.objects import Key, Object, get_path, key_of, labels_of, with_path

_CHANGED = "endpoints.kubernetes.io/last-change-trigger-time"
_HEADLESS = "service.kubernetes.io/headless"


class EndpointsController(ClusterController):
    """Ready Pods are endpoints. Pods that are stopping, or not ready, are shown as such in the slice and serve nobody."""

    name = "endpointslice-controller"
    own = ("", "Service")
    watches = (("", "Service"), ("", "Pod"), ("", "Endpoints"), ("discovery.k8s.io", "EndpointSlice"))

    def concerned(self, change: Change) -> Iterable[Key]:
        key = change.key
        if key.kind == "Service":
            return [key]
        if key.kind == "Pod":
            if change.old is not None and _facts(change.old) == _facts(change.object) and change.type == "MODIFIED":
                return []
            labels = [labels_of(pod) for pod in (change.object, change.old) if pod is not None]
            services = self.store.list("", "Service", key.namespace)
            return [key_of(s) for s in services if any(_selects(s, found) for found in labels)]
        if change.type != "DELETED":
            return []
        service = key.name if key.kind == "Endpoints" else labels_of(change.object).get("kubernetes.io/service-name", "")
        return [Key("", "Service", key.namespace, service)]

    def sync(self, key: Key) -> None:
        service = self.store.get(key)
        if service is None or not service["spec"].get("selector") or service["spec"].get("type") == "ExternalName":
            if service is None and self.store.get(key._replace(kind="Endpoints")) is not None:
                self.cluster.delete("Endpoints", key.name, key.namespace)
            return
        if "deletionTimestamp" in service["metadata"]:
            return
        pods = [
            pod
            for pod in self.store.list("", "Pod", key.namespace)
            if _selects(service, labels_of(pod)) and _address(pod) and not is_finished(pod)
        ]
        self._write_endpoints(key, service, pods)
        self._write_slice(service, pods)

    def _write_endpoints(self, key: Key, service: Object, pods: Sequence[Object]) -> None:
        subsets: list[dict[str, Any]] = []
        keep_unready = service["spec"].get("publishNotReadyAddresses")
        serving = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        for ports, members in _by_ports(service, serving):
            subset: dict[str, Any] = {}
            for field, wanted in (("addresses", True), ("notReadyAddresses", False)):
                chosen = [pod for pod in members if (is_ready(pod) or bool(keep_unready)) == wanted]
                if chosen:
                    subset[field] = [_endpoint_address(pod) for pod in sorted(chosen, key=_numeric_address)]
            if subset:
                subsets.append({**subset, **({"ports": ports} if ports else {})})
        labels = {**labels_of(service), "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
        if service["spec"].get("clusterIP") == "None":
            labels[_HEADLESS] = ""
        current = self.store.get(key._replace(kind="Endpoints"))
        if current is not None and (current.get("subsets") or []) == subsets and labels_of(current) == labels:
            return
        meta: dict[str, Any] = {"name": key.name, "namespace": key.namespace, "labels": labels}
        if pods:
            meta["annotations"] = {_CHANGED: self.clock.timestamp()}
        wanted_object = {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta, **({"subsets": subsets} if subsets else {})}
        if current is None:
            self.cluster.create(wanted_object)
        else:
            self.cluster.update(wanted_object)

    def _write_slice(self, service: Object, pods: Sequence[Object]) -> None:
        """One slice a Service: more than 1000 endpoints, or Pods that map a named port differently, share it here."""
        groups = _by_ports(service, pods)
        ports = groups[0][0] if groups else []
        endpoints = [_endpoint(service, pod) for pod in sorted(pods, key=lambda pod: str(pod["metadata"]["name"]))]
        current = self._slice_of(service)
        content = {
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": [{**port, "name": port.get("name", "")} for port in ports],
        }
        if current is not None:
            if all(current.get(field) == value for field, value in content.items()):
                return
            updated = with_path({**current, **content}, ("metadata", "annotations"), {_CHANGED: self.clock.timestamp()})
            self.cluster.update(updated)
            return
        labels = {
            **labels_of(service),
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": service["metadata"]["name"],
        }
        if service["spec"].get("clusterIP") == "None":
            labels[_HEADLESS] = ""
        meta: dict[str, Any] = {
            "generateName": service["metadata"]["name"] + "-",
            "namespace": service["metadata"]["namespace"],
            "labels": labels,
            "ownerReferences": [owner_reference(service)],
        }
        if pods:
            meta["annotations"] = {_CHANGED: self.clock.timestamp()}
        self.cluster.create({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta, **content})

    def _slice_of(self, service: Object) -> Object | None:
        for key in self.relations.dependents(service["metadata"]["uid"]):
            if key.kind == "EndpointSlice":
                return self.store.get(key)
        return None


def _selects(service: Object, labels: Mapping[str, str]) -> bool:
    selector = service["spec"].get("selector")
    return bool(selector) and matches(selector, labels)


def _facts(pod: Object) -> tuple[Any, ...]:
    """All that endpoints depend on."""
    return (is_ready(pod), _address(pod), is_finished(pod), "deletionTimestamp" in pod["metadata"], labels_of(pod))


def _address(pod: Object) -> str:
    found: str = get_path(pod, ("status", "podIP"), "")
    return found


def _numeric_address(pod: Object) -> tuple[int, ...]:
    return tuple(int(part) for part in _address(pod).split("."))


def _target(pod: Object) -> dict[str, Any]:
    meta = pod["metadata"]
    return {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"]}


def _endpoint_address(pod: Object) -> dict[str, Any]:
    return {"ip": _address(pod), "nodeName": pod["spec"]["nodeName"], "targetRef": _target(pod)}


def _endpoint(service: Object, pod: Object) -> dict[str, Any]:
    ready, terminating = is_ready(pod), "deletionTimestamp" in pod["metadata"]
    counts = (ready and not terminating) or bool(service["spec"].get("publishNotReadyAddresses"))
    return {
        "addresses": [_address(pod)],
        "conditions": {"ready": counts, "serving": ready, "terminating": terminating},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": _target(pod),
    }


def _by_ports(service: Object, pods: Sequence[Object]) -> list[tuple[list[dict[str, Any]], list[Object]]]:
    """The Pods grouped by the port numbers that the Service's ports come to in them."""
    groups: list[tuple[list[dict[str, Any]], list[Object]]] = []
    for pod in pods:
        ports = [found for port in service["spec"].get("ports") or () if (found := _port(port, pod)) is not None]
        for known, members in groups:
            if known == ports:
                members.append(pod)
                break
        else:
            groups.append((ports, [pod]))
    return groups


def _port(port: Mapping[str, Any], pod: Object) -> dict[str, Any] | None:
    protocol = port.get("protocol", "TCP")
    target = port.get("targetPort") or port["port"]
    if isinstance(target, str) and not target.isdigit():
        named = [
            entry["containerPort"]
            for container in pod["spec"]["containers"]
            for entry in container.get("ports") or ()
            if entry.get("name") == target and entry.get("protocol", "TCP") == protocol
        ]
        if not named:
            return None
        target = named[0]
    found: dict[str, Any] = {"port": int(target), "protocol": protocol}
    if port.get("name"):
        found["name"] = port["name"]
    if port.get("appProtocol"):
        found["appProtocol"] = port["appProtocol"]
    return found
