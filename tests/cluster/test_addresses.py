"""Cluster IPs and node ports: given out, kept, taken over, and given back."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import without_path


def service(name: str = "s", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(controllers=False)


def test_each_service_gets_an_address_of_its_own_and_the_same_in_every_run() -> None:
    runs = []
    for _ in range(2):
        cluster = Cluster(controllers=False)
        runs.append([cluster.create(service(f"s{number}"))["spec"]["clusterIP"] for number in range(50)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 50
    assert all(ip_address(address) in ip_network("10.96.0.0/12") for address in runs[0])


def test_an_update_without_addresses_keeps_them(cluster: Cluster) -> None:
    stored = cluster.create(service(type="NodePort"))
    again = cluster.update(service(type="NodePort"))
    assert again is stored
    other = cluster.update(service(type="NodePort", ports=[{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]))
    first, second = (port["nodePort"] for port in other["spec"]["ports"])
    assert first == stored["spec"]["ports"][0]["nodePort"] != second


def test_a_headless_service_has_no_address(cluster: Cluster) -> None:
    spec = cluster.create(service(clusterIP="None"))["spec"]
    assert (spec["clusterIP"], spec["clusterIPs"]) == ("None", ["None"])


def test_an_address_that_is_free_again_can_be_asked_for(cluster: Cluster) -> None:
    cluster.create(service("a", clusterIP="10.96.7.7"))
    with pytest.raises(ApiError, match="provided IP is already allocated"):
        cluster.create(service("b", clusterIP="10.96.7.7"))
    cluster.delete("svc", "a")
    assert cluster.create(service("b", clusterIP="10.96.7.7"))["spec"]["clusterIPs"] == ["10.96.7.7"]


def test_turning_into_an_external_name_and_back(cluster: Cluster) -> None:
    cluster.create(service())
    away = cluster.patch("svc", "s", "default", {"spec": {"type": "ExternalName", "externalName": "db.example.org"}})
    assert without_path(away["spec"], ("ports",)) == {
        "externalName": "db.example.org",
        "sessionAffinity": "None",
        "type": "ExternalName",
    }
    back = cluster.patch("svc", "s", "default", {"spec": {"type": "ClusterIP", "externalName": None}})
    assert ip_address(back["spec"]["clusterIP"]) in ip_network("10.96.0.0/12")


def test_a_load_balancer_may_do_without_node_ports(cluster: Cluster) -> None:
    spec = cluster.create(service(type="LoadBalancer", allocateLoadBalancerNodePorts=False))["spec"]
    assert "nodePort" not in spec["ports"][0]


def test_a_node_port_is_given_back_when_the_type_needs_none(cluster: Cluster) -> None:
    asked = cluster.create(service(type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    assert asked["spec"]["ports"][0]["nodePort"] == 30080
    with pytest.raises(ApiError, match="provided port is already allocated"):
        cluster.create(service("t", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    inside = cluster.patch("svc", "s", "default", {"spec": {"type": "ClusterIP"}})
    assert "nodePort" not in inside["spec"]["ports"][0]
    cluster.create(service("t", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
