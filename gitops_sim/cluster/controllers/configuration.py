"""What a Pod needs of its namespace before it can start: the ConfigMaps and Secrets that it mounts or reads into its environment.

Source: k8s.io/kubernetes ``pkg/kubelet/kubelet_pods.go`` (``makeEnvironmentVariables``), ``pkg/volume/configmap``,
``pkg/volume/secret``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.cluster.store import Snapshot
from gitops_sim.objects import Key, Object

_Map = Mapping[str, Any]


def needs(pod: Object) -> Iterator[tuple[str, str, str]]:
    """``(kind, name, key)`` of all that has to be there; the key is empty where the whole object is asked for."""
    spec = pod["spec"]
    for volume in spec.get("volumes") or ():
        for kind, name, source in _sources(volume):
            if not source.get("optional"):
                yield kind, name, ""
                yield from ((kind, name, item["key"]) for item in source.get("items") or ())
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for kind, source in _environment(container):
            if not source.get("optional"):
                yield kind, source["name"], source.get("key", "")


def volume_problem(store: Snapshot, pod: Object) -> str:
    """Why a volume cannot be mounted, in the words of the FailedMount event; empty when all can."""
    namespace = pod["metadata"]["namespace"]
    for volume in pod["spec"].get("volumes") or ():
        for kind, name, source in _sources(volume):
            if source.get("optional"):
                continue
            found = store.get(Key("", kind, namespace, name))
            why = ""
            if found is None:
                why = f'{_resource(kind)} "{name}" not found'
            elif lacking := [item["key"] for item in source.get("items") or () if item["key"] not in _keys(found)]:
                why = f"references non-existent {'config' if kind == 'ConfigMap' else 'secret'} key: {lacking[0]}"
            if why:
                return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {why}'
    return ""


def environment_problem(store: Snapshot, namespace: str, container: _Map) -> str:
    """Why the environment of a container cannot be made; empty when it can."""
    for kind, source in _environment(container):
        if source.get("optional"):
            continue
        found = store.get(Key("", kind, namespace, source["name"]))
        if found is None:
            return f'{_resource(kind)} "{source["name"]}" not found'
        if "key" in source and source["key"] not in _keys(found):
            return f"couldn't find key {source['key']} in {kind} {namespace}/{source['name']}"
    return ""


def _sources(volume: _Map) -> Iterator[tuple[str, str, _Map]]:
    """``(kind, name, source)`` of each ConfigMap and Secret that a volume shows."""
    if "configMap" in volume:
        yield "ConfigMap", volume["configMap"].get("name", ""), volume["configMap"]
    if "secret" in volume:
        yield "Secret", volume["secret"].get("secretName", ""), volume["secret"]
    for source in (volume.get("projected") or {}).get("sources") or ():
        if "configMap" in source:
            yield "ConfigMap", source["configMap"].get("name", ""), source["configMap"]
        if "secret" in source:
            yield "Secret", source["secret"].get("name", ""), source["secret"]


def _environment(container: _Map) -> Iterator[tuple[str, _Map]]:
    for entry in container.get("envFrom") or ():
        if "configMapRef" in entry:
            yield "ConfigMap", entry["configMapRef"]
        if "secretRef" in entry:
            yield "Secret", entry["secretRef"]
    for variable in container.get("env") or ():
        source = variable.get("valueFrom") or {}
        if "configMapKeyRef" in source:
            yield "ConfigMap", source["configMapKeyRef"]
        if "secretKeyRef" in source:
            yield "Secret", source["secretKeyRef"]


def _keys(found: Object) -> set[str]:
    return {*(found.get("data") or {}), *(found.get("binaryData") or {})}


def _resource(kind: str) -> str:
    return kind.lower()
