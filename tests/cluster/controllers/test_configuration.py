"""Pods that need a ConfigMap, a Secret or a volume claim wait for it, say so, and go on by themselves when it comes."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.objects import with_path

from . import stage


def config(home: Cluster, name: str = "conf", kind: str = "ConfigMap", **data: str) -> None:
    field = "data" if kind == "ConfigMap" else "stringData"
    home.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, field: data})


def variable(source: str, **reference: Any) -> dict[str, Any]:
    return {"env": [{"name": "X", "valueFrom": {source: {"name": "conf", "key": "a", **reference}}}]}


@pytest.mark.parametrize(
    ("container", "kind", "why"),
    [
        (variable("configMapKeyRef"), "ConfigMap", 'configmap "conf" not found'),
        (variable("secretKeyRef"), "Secret", 'secret "conf" not found'),
        ({"envFrom": [{"configMapRef": {"name": "conf"}}]}, "ConfigMap", 'configmap "conf" not found'),
        ({"envFrom": [{"secretRef": {"name": "conf"}}]}, "Secret", 'secret "conf" not found'),
    ],
)
def test_an_environment_waits_for_what_it_is_made_of(container: dict[str, Any], kind: str, why: str) -> None:
    home = stage.cluster()
    home.create(stage.pod(container=container))
    home.clock.run_until(30)
    waiting = home.get("Pod", "p")["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting == {"reason": "CreateContainerConfigError", "message": why}
    assert stage.events(home, reason="Failed")[0]["message"] == f"Error: {why}"
    assert home.clock.next_event is None
    config(home, "conf", kind, a="1")
    home.clock.run_until(40)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"


def test_a_missing_key_is_named() -> None:
    home = stage.cluster()
    config(home, b="1")
    home.create(stage.pod(container=variable("configMapKeyRef")))
    home.clock.run_until(30)
    waiting = home.get("Pod", "p")["status"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["message"] == "couldn't find key a in ConfigMap default/conf"
    home.update(with_path(home.get("ConfigMap", "conf"), ("data", "a"), "1"))
    home.clock.run_until(40)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"


VOLUMES = [
    ({"configMap": {"name": "conf"}}, "ConfigMap", 'configmap "conf" not found'),
    ({"secret": {"secretName": "conf"}}, "Secret", 'secret "conf" not found'),
    ({"projected": {"sources": [{"configMap": {"name": "conf"}}]}}, "ConfigMap", 'configmap "conf" not found'),
    ({"projected": {"sources": [{"secret": {"name": "conf"}}]}}, "Secret", 'secret "conf" not found'),
]


@pytest.mark.parametrize(("source", "kind", "why"), VOLUMES)
def test_a_volume_waits_for_what_it_shows(source: dict[str, Any], kind: str, why: str) -> None:
    home = stage.cluster()
    home.create(stage.pod(volumes=[{"name": "v", **source}]))
    home.clock.run_until(30)
    status = home.get("Pod", "p")["status"]
    assert stage.waiting(home.get("Pod", "p")) == "ContainerCreating"
    assert "podIP" not in status
    assert stage.events(home, reason="FailedMount")[0]["message"] == f'MountVolume.SetUp failed for volume "v" : {why}'
    assert stage.events(home, reason="Pulling") == []
    config(home, "conf", kind, a="1")
    home.clock.run_until(40)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"


def test_a_volume_waits_for_its_keys() -> None:
    home = stage.cluster()
    config(home, b="1")
    home.create(stage.pod(volumes=[{"name": "v", "configMap": {"name": "conf", "items": [{"key": "a", "path": "a"}]}}]))
    home.clock.run_until(30)
    message = stage.events(home, reason="FailedMount")[0]["message"]
    assert message == 'MountVolume.SetUp failed for volume "v" : references non-existent config key: a'


def test_what_is_optional_may_be_missing() -> None:
    home = stage.cluster()
    volumes = [{"name": "v", "configMap": {"name": "conf", "optional": True}}]
    home.create(stage.pod(volumes=volumes, container=variable("secretKeyRef", optional=True)))
    home.clock.run_until(30)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"


def test_a_running_pod_keeps_running_without_its_config_until_it_restarts() -> None:
    home = stage.cluster({"nginx:1.24": {"crash": 100}})
    config(home, a="1")
    home.create(stage.pod(container=variable("configMapKeyRef")))
    home.clock.run_until(30)
    home.delete("ConfigMap", "conf")
    home.clock.run_until(60)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"
    home.clock.run_until(110)
    assert stage.waiting(home.get("Pod", "p")) == "CreateContainerConfigError"


def test_a_pod_without_its_volume_claim_is_not_scheduled() -> None:
    home = stage.cluster()
    home.create(stage.pod(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]))
    home.clock.run_until(30)
    message = home.get("Pod", "p")["status"]["conditions"][0]["message"]
    assert message.startswith('0/1 nodes are available: persistentvolumeclaim "data" not found. ')
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    home.create({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": spec})
    home.clock.run_until(40)
    assert home.get("Pod", "p")["status"]["phase"] == "Running"


def test_a_pod_that_waits_for_its_volumes_can_be_deleted() -> None:
    home = stage.cluster()
    home.create(stage.pod(volumes=[{"name": "v", "configMap": {"name": "conf"}}]))
    home.clock.run_until(30)
    home.delete("Pod", "p")
    home.clock.settle()
    assert home.list("Pod") == []
