"""What stands around the Pods: endpoints, load balancers, ingresses, volumes, budgets."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.objects import Object, with_path

from . import stage


def service(name: str = "web", **spec: Any) -> dict[str, Any]:
    wanted = {"selector": {"app": "web"}, "ports": [{"port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": wanted}


def slice_of(home: Cluster, name: str = "web") -> Object:
    (found,) = home.list("EndpointSlice", "default", labels=f"kubernetes.io/service-name={name}")
    return found


def states(home: Cluster) -> list[tuple[bool, bool, bool]]:
    """Ready, serving, terminating of each endpoint."""
    conditions = [endpoint["conditions"] for endpoint in slice_of(home)["endpoints"]]
    return sorted((c["ready"], c["serving"], c["terminating"]) for c in conditions)


def addresses(home: Cluster, field: str = "addresses") -> int:
    return sum(len(subset.get(field, ())) for subset in home.get("Endpoints", "web").get("subsets", ()))


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
def test_only_ready_pods_serve(shuffle: int | None) -> None:
    home = stage.cluster({"nginx:1.24": {"ready": 10, "stop": 5}}, shuffle)
    home.create(service())
    home.create(stage.deployment(replicas=2, container=stage.READINESS))
    home.clock.run_until(5)
    assert states(home) == [(False, False, False)] * 2
    assert (addresses(home), addresses(home, "notReadyAddresses")) == (0, 2)
    home.clock.run_until(20)
    assert states(home) == [(True, True, False)] * 2
    assert addresses(home) == 2
    home.delete("Pod", home.list("Pod")[0]["metadata"]["name"])
    home.clock.run_until(22)
    assert states(home) == [(False, False, False), (False, True, True), (True, True, False)]
    assert addresses(home) == 1
    home.clock.run_until(60)
    assert states(home) == [(True, True, False)] * 2


def test_unready_pods_serve_where_they_are_to_be_published() -> None:
    home = stage.cluster({"nginx:1.24": {"never_ready": True}})
    home.create(service(publishNotReadyAddresses=True, clusterIP="None"))
    home.create(stage.deployment(replicas=1, container=stage.READINESS))
    home.clock.run_until(5)
    assert states(home) == [(True, False, False)]
    assert addresses(home) == 1
    assert slice_of(home)["metadata"]["labels"]["service.kubernetes.io/headless"] == ""


def test_named_ports_follow_the_pods() -> None:
    home = stage.cluster()
    home.create(
        service(
            ports=[
                {"name": "http", "port": 80, "targetPort": "web", "appProtocol": "http"},
                {"name": "x", "port": 9, "targetPort": "none"},
            ]
        )
    )
    home.create(stage.deployment(replicas=1, container={"ports": [{"name": "web", "containerPort": 8080}]}))
    home.clock.run_until(5)
    assert slice_of(home)["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP", "appProtocol": "http"}]


def test_endpoints_go_with_the_service_and_come_back_when_deleted_alone() -> None:
    home = stage.cluster()
    home.create(service())
    home.create(stage.deployment(replicas=1))
    home.clock.run_until(5)
    home.delete("Endpoints", "web")
    home.delete("EndpointSlice", slice_of(home)["metadata"]["name"])
    home.clock.run_until(10)
    assert (addresses(home), states(home)) == (1, [(True, True, False)])
    home.delete("Service", "web")
    home.clock.run_until(20)
    assert home.find("Endpoints", "web") is None
    assert home.list("EndpointSlice", "default", labels="kubernetes.io/service-name=web") == []


def test_a_pod_that_changes_its_label_leaves_the_service() -> None:
    home = stage.cluster()
    home.create(service())
    home.create(stage.pod(labels={"app": "web"}))
    home.clock.run_until(5)
    assert addresses(home) == 1
    home.update(with_path(home.get("Pod", "p"), ("metadata", "labels", "app"), "other"))
    home.clock.run_until(10)
    assert addresses(home) == 0
    assert slice_of(home)["endpoints"] in (None, [])


def test_a_service_without_selector_is_left_to_people() -> None:
    home = stage.cluster()
    home.create({**service(), "spec": {"ports": [{"port": 80}]}})
    home.clock.run_until(5)
    assert home.find("Endpoints", "web") is None


def test_a_load_balancer_gets_an_address_and_loses_it() -> None:
    home = stage.cluster()
    home.create(service(type="LoadBalancer"))
    home.clock.run_until(5)
    (entry,) = home.get("Service", "web")["status"]["loadBalancer"]["ingress"]
    assert entry["ip"].startswith("192.0.2.")
    assert [e["reason"] for e in stage.events(home, "Service")] == ["EnsuringLoadBalancer", "EnsuredLoadBalancer"]
    home.update(with_path(home.get("Service", "web"), ("spec", "type"), "ClusterIP"))
    home.clock.run_until(10)
    assert home.get("Service", "web")["status"] == {"loadBalancer": {}}


def test_an_ingress_gets_an_address() -> None:
    home = stage.cluster()
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    spec = {"defaultBackend": backend}
    home.create({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"}, "spec": spec})
    home.clock.run_until(5)
    assert home.get("Ingress", "i")["status"]["loadBalancer"]["ingress"] == [{"ip": "192.0.2.1"}]


def claim(name: str = "c", **spec: Any) -> dict[str, Any]:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": wanted}


def volume(name: str, **spec: Any) -> dict[str, Any]:
    wanted = {"capacity": {"storage": "5Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": wanted}


def test_claims_are_bound_at_once_and_their_volumes_go_with_them() -> None:
    home = stage.cluster()
    home.create(claim(storageClassName="gp3"))
    home.clock.settle()
    found = home.get("PersistentVolumeClaim", "c")
    assert found["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "2Gi"}}
    bound = home.get("PersistentVolume", found["spec"]["volumeName"], "")
    assert (bound["status"]["phase"], bound["spec"]["storageClassName"]) == ("Bound", "gp3")
    home.delete("PersistentVolumeClaim", "c")
    home.clock.settle()
    assert home.list("PersistentVolume") == []


def test_a_claim_without_class_waits_for_a_volume_made_by_hand() -> None:
    home = stage.cluster()
    home.create(claim(storageClassName=""))
    home.create(claim("named", volumeName="later"))
    home.clock.run_until(5)
    assert {c["status"]["phase"] for c in home.list("PersistentVolumeClaim")} == {"Pending"}
    home.create(volume("mine"))
    home.create(volume("later", storageClassName="slow"))
    home.clock.run_until(10)
    assert home.get("PersistentVolumeClaim", "c")["spec"]["volumeName"] == "mine"
    assert home.get("PersistentVolumeClaim", "named")["status"]["phase"] == "Bound"
    home.delete("PersistentVolumeClaim", "c")
    home.clock.run_until(20)
    assert home.get("PersistentVolume", "mine", "")["status"]["phase"] == "Released"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 1}, (1, 2, 3)),
        ({"minAvailable": "50%"}, (2, 1, 3)),
        ({"maxUnavailable": 1}, (2, 1, 3)),
        ({"maxUnavailable": "100%"}, (0, 3, 3)),
    ],
)
def test_disruption_budgets_count(spec: dict[str, Any], expected: tuple[int, int, int]) -> None:
    home = stage.cluster()
    home.create(stage.deployment(replicas=3))
    budget = {**spec, "selector": {"matchLabels": {"app": "web"}}}
    home.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": budget})
    home.clock.run_until(10)
    status = stage.status(home, "PodDisruptionBudget", "b")
    assert (status["desiredHealthy"], status["disruptionsAllowed"], status["expectedPods"]) == expected


def test_a_budget_without_pods_says_so() -> None:
    home = stage.cluster()
    budget = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    home.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": budget})
    home.clock.run_until(10)
    assert stage.events(home, "PodDisruptionBudget", "NoPods")[0]["message"] == "No matching pods found"


def test_the_api_server_is_a_service_too() -> None:
    found = stage.cluster().get("Service", "kubernetes")
    assert found["spec"]["clusterIP"] == "10.96.0.1"
