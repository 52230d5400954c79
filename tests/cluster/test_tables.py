"""Tables against those that a real API server printed, and the rules that no recording shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_sim.cluster.kinds import Kind, Kinds
from gitops_sim.cluster.tables import make_table, scale_table

RECORDED = json.loads((Path(__file__).parents[1] / "goldens" / "tables.json").read_text())
KINDS = Kinds()
NOW = 5.0


def kind_named(name: str) -> Kind:
    found = KINDS.find(name)
    assert found is not None
    return found


def cells(kind: str, obj: dict[str, Any], now: float = NOW) -> dict[str, Any]:
    """The cells of one object by column name."""
    table = make_table(kind_named(kind), [obj], now)
    return dict(zip([column.name for column in table.columns], table.rows[0].cells, strict=True))


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["name"])
def test_columns_and_cells_are_those_of_a_real_api_server(case: dict[str, Any]) -> None:
    definition = case.get("definition")
    kind = Kinds().learn(definition) if definition else KINDS.of_object(case["objects"][0])
    table = make_table(kind, case["objects"], NOW, definition)
    assert [[c.name, c.type, c.format, c.priority] for c in table.columns] == case["columns"]
    assert [list(row.cells) for row in table.rows] == case["rows"]


def pod(*statuses: dict[str, Any], phase: str = "Running", init: tuple[dict[str, Any], ...] = (), **parts: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": "p", "creationTimestamp": "2026-01-05T09:00:00Z", **parts.get("metadata", {})},
        "spec": {
            "containers": [{"name": f"c{i}"} for i in range(len(statuses) or 1)],
            "initContainers": [{"name": f"i{i}", **spec} for i, spec in enumerate(parts.get("inits", [{}] * len(init)))],
        },
        "status": {
            "phase": phase,
            "conditions": [{"type": t, "status": "True"} for t in parts.get("true", ())],
            "containerStatuses": [{"name": f"c{i}", **s} for i, s in enumerate(statuses)],
            "initContainerStatuses": [{"name": f"i{i}", **s} for i, s in enumerate(init)],
        },
    }


RUNS = {"ready": True, "state": {"running": {}}}
STARTS = {"ready": False, "state": {"running": {}}}
DONE = {"state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}


def waits(reason: str) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason}}}


def ended(**how: Any) -> dict[str, Any]:
    return {"state": {"terminated": how}}


@pytest.mark.parametrize(
    ("obj", "ready", "status"),
    [
        (pod(RUNS), "1/1", "Running"),
        (pod(RUNS, STARTS), "1/2", "Running"),
        (pod(phase="Pending"), "0/1", "Pending"),
        (pod(waits("ContainerCreating"), phase="Pending"), "0/1", "ContainerCreating"),
        (pod(waits("CrashLoopBackOff")), "0/1", "CrashLoopBackOff"),
        (pod(waits("ImagePullBackOff"), RUNS), "1/2", "ImagePullBackOff"),
        (pod(ended(exitCode=137, reason="OOMKilled")), "0/1", "OOMKilled"),
        (pod(ended(exitCode=3)), "0/1", "ExitCode:3"),
        (pod(ended(exitCode=0, signal=9)), "0/1", "Signal:9"),
        (pod(DONE, phase="Succeeded"), "0/1", "Completed"),
        (pod(DONE, RUNS, true=("Ready",)), "1/2", "Running"),
        (pod(DONE, RUNS), "1/2", "NotReady"),
        (pod(RUNS, metadata={"deletionTimestamp": "2026-01-05T09:00:30Z"}), "1/1", "Terminating"),
        (pod(DONE, phase="Succeeded", metadata={"deletionTimestamp": "2026-01-05T09:00:30Z"}), "0/1", "Completed"),
        (pod(waits("PodInitializing"), init=(STARTS,), phase="Pending"), "0/1", "Init:0/1"),
        (pod(init=(DONE, waits("PodInitializing")), phase="Pending"), "0/1", "Init:1/2"),
        (pod(init=(waits("ErrImagePull"),), phase="Pending"), "0/1", "Init:ErrImagePull"),
        (pod(init=(ended(exitCode=1, reason="Error"),), phase="Pending"), "0/1", "Init:Error"),
        (pod(init=(ended(exitCode=2),), phase="Pending"), "0/1", "Init:ExitCode:2"),
        (pod(RUNS, init=(DONE,)), "1/1", "Running"),
        (pod(RUNS, init=({"started": True, **RUNS},), inits=[{"restartPolicy": "Always"}]), "2/2", "Running"),
    ],
)
def test_the_status_of_a_pod_says_what_holds_it_up(obj: dict[str, Any], ready: str, status: str) -> None:
    shown = cells("pods", obj)
    assert (shown["Ready"], shown["Status"]) == (ready, status)


def test_a_lost_or_gated_pod_says_so() -> None:
    lost = pod(RUNS, metadata={"deletionTimestamp": "2026-01-05T09:00:30Z"})
    lost["status"]["reason"] = "NodeLost"
    assert cells("pods", lost)["Status"] == "Unknown"
    gated = pod(phase="Pending")
    gated["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]
    assert cells("pods", gated)["Status"] == "SchedulingGated"


def test_restarts_tell_when_the_last_one_was() -> None:
    crashed = {**waits("CrashLoopBackOff"), "restartCount": 3}
    crashed["lastState"] = {"terminated": {"finishedAt": "2026-01-05T09:00:10Z"}}
    assert cells("pods", pod(crashed), now=130.0)["Restarts"] == "3 (2m ago)"
    assert cells("pods", pod({**RUNS, "restartCount": 1}))["Restarts"] == "1"
    assert cells("pods", pod(init=({**waits("CrashLoopBackOff"), "restartCount": 2},)))["Restarts"] == "2"


def test_wide_columns_of_a_pod() -> None:
    obj = pod(RUNS, true=("a.example.com/up",))
    obj["spec"] |= {"nodeName": "n1", "readinessGates": [{"conditionType": "a.example.com/up"}, {"conditionType": "b"}]}
    obj["status"] |= {"podIPs": [{"ip": "10.1.2.3"}]}
    shown = cells("pods", obj)
    assert [shown[name] for name in ("IP", "Node", "Nominated Node", "Readiness Gates")] == ["10.1.2.3", "n1", "<none>", "1/2"]


@pytest.mark.parametrize(
    ("kind", "spec", "status", "column", "cell"),
    [
        ("svc", {"type": "LoadBalancer"}, {}, "External-IP", "<pending>"),
        ("svc", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, "External-IP", "1.2.3.4"),
        ("svc", {"type": "ExternalName", "externalName": "x.org"}, {}, "External-IP", "x.org"),
        ("svc", {"type": "ClusterIP", "externalIPs": ["9.9.9.9"]}, {}, "External-IP", "9.9.9.9"),
        (
            "svc",
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30001, "protocol": "TCP"}]},
            {},
            "Port(s)",
            "80:30001/TCP",
        ),
        ("ing", {"rules": [{"host": ""}]}, {}, "Hosts", "*"),
        (
            "hpa",
            {"metrics": [_m := {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}}]},
            {},
            "Targets",
            "cpu: <unknown>/80%",
        ),
        (
            "hpa",
            {"metrics": [_m]},
            {"currentMetrics": [{"type": "Resource", "resource": {"current": {"averageUtilization": 40}}}]},
            "Targets",
            "cpu: 40%/80%",
        ),
        ("hpa", {"metrics": [_m, _m, _m]}, {}, "Targets", "cpu: <unknown>/80%, cpu: <unknown>/80% + 1 more..."),
        ("hpa", {"metrics": [{"type": "Pods", "pods": {"target": {"averageValue": "10"}}}]}, {}, "Targets", "<unknown>/10"),
        (
            "hpa",
            {"metrics": [{"type": "External", "external": {"target": {"averageValue": "10"}}}]},
            {},
            "Targets",
            "<unknown>/10 (avg)",
        ),
        ("hpa", {"metrics": [{"type": "Object", "object": {"target": {"value": "10"}}}]}, {}, "Targets", "<unknown>/10"),
        ("hpa", {"metrics": [{"type": "?"}]}, {}, "Targets", "<unknown type>"),
        ("hpa", {}, {}, "Targets", "<none>"),
        ("job", {"parallelism": 3}, {"succeeded": 1}, "Completions", "1/1 of 3"),
        ("job", {"completions": 2}, {"conditions": [{"type": "Failed", "status": "True"}]}, "Status", "Failed"),
        ("job", {}, {"conditions": [{"type": "Suspended", "status": "True"}]}, "Status", "Suspended"),
        ("job", {}, {"startTime": "2026-01-05T09:00:00Z", "completionTime": "2026-01-05T09:00:03Z"}, "Duration", "3s"),
        (
            "pv",
            {"accessModes": ["ReadWriteMany", "ReadWriteOnce"], "claimRef": {"namespace": "a", "name": "b"}},
            {},
            "Access Modes",
            "RWO,RWX",
        ),
        ("pvc", {"volumeName": "v"}, {"capacity": {"storage": "1Gi"}}, "Capacity", "1Gi"),
        (
            "no",
            {"unschedulable": True},
            {"conditions": [{"type": "Ready", "status": "True"}]},
            "Status",
            "Ready,SchedulingDisabled",
        ),
        ("no", {}, {"conditions": [{"type": "Ready", "status": "Unknown"}]}, "Status", "NotReady"),
        ("no", {}, {"addresses": [{"type": "InternalIP", "address": "10.1.0.1"}]}, "Internal-IP", "10.1.0.1"),
        ("quota", {}, {"hard": {"pods": "4", "limits.cpu": "2"}, "used": {"pods": "1"}}, "Limit", "limits.cpu: 0/2"),
        (
            "deploy",
            {"selector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["y", "x"]}]}},
            {},
            "Selector",
            "a in (x,y)",
        ),
        ("ds", {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}, {}, "Node Selector", "disk=ssd"),
        (
            "ingressclasses",
            {"controller": "c", "parameters": {"apiGroup": "g", "kind": "K", "name": "n"}},
            {},
            "Parameters",
            "K.g/n",
        ),
        ("apiservices", {}, {}, "Available", "Unknown"),
        (
            "apiservices",
            {"service": {"namespace": "a", "name": "b"}},
            {"conditions": [{"type": "Available", "status": "False", "reason": "Gone"}]},
            "Available",
            "False (Gone)",
        ),
        ("leases", {"holderIdentity": "me"}, {}, "Holder", "me"),
        (
            "validatingadmissionpolicies",
            {"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}},
            {},
            "ParamKind",
            "v1/ConfigMap",
        ),
        ("validatingadmissionpolicybindings", {"paramRef": {"name": "x"}}, {}, "ParamRef", "*/x"),
        (
            "applications",
            {"project": "p"},
            {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}},
            "Health Status",
            "Healthy",
        ),
    ],
)
def test_a_cell_that_people_look_at(kind: str, spec: dict[str, Any], status: dict[str, Any], column: str, cell: Any) -> None:
    assert cells(kind, {"metadata": {"name": "x"}, "spec": spec, "status": status})[column] == cell


def test_roles_of_a_node_and_who_is_bound_to_a_role() -> None:
    node = {"metadata": {"name": "n", "labels": {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "infra"}}}
    assert cells("nodes", node)["Roles"] == "control-plane,infra"
    binding = {
        "metadata": {"name": "b"},
        "roleRef": {"kind": "ClusterRole", "name": "admin"},
        "subjects": [{"kind": "User", "name": "ana"}, {"kind": "ServiceAccount", "name": "bot", "namespace": "ci"}],
    }
    shown = cells("rolebindings", binding)
    assert (shown["Role"], shown["Users"], shown["ServiceAccounts"]) == ("ClusterRole/admin", "ana", "ci/bot")


def test_long_lists_of_endpoints_are_cut() -> None:
    subset = {"addresses": [{"ip": f"10.0.0.{i}"} for i in range(5)], "ports": [{"port": 80}]}
    assert (
        cells("ep", {"metadata": {"name": "e"}, "subsets": [subset]})["Endpoints"]
        == "10.0.0.0:80,10.0.0.1:80,10.0.0.2:80 + 2 more..."
    )
    slice_ = {"metadata": {"name": "e"}, "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"name": "http"}, {}]}
    assert cells("endpointslices", slice_)["Ports"] == "http,*"


def test_a_kind_nobody_described_shows_name_and_age_and_a_scale_its_numbers() -> None:
    widget = {
        "apiVersion": "example.org/v1",
        "kind": "Widget",
        "metadata": {"name": "w", "creationTimestamp": "2026-01-05T09:00:00Z"},
    }
    table = make_table(KINDS.of_object(widget), [widget], NOW)
    assert ([c.name for c in table.columns], table.rows[0].cells) == (["Name", "Age"], ("w", "5s"))
    scale = scale_table({"metadata": {"name": "web"}, "spec": {"replicas": 3}, "status": {"replicas": 2}}, NOW)
    assert scale.rows[0].cells == ("web", 3, 2, "<unknown>")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["metadata", "name", "spec", "status", "containers", "conditions", "type", "template", "ports", "rules", "state"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(
    st.sampled_from(sorted(KINDS, key=lambda kind: kind.resource)),
    st.dictionaries(st.sampled_from(["metadata", "spec", "status", "subsets", "subjects", "data", "endpoints", "series"]), JSON),
)
def test_an_object_of_any_shape_has_a_line(kind: Kind, obj: dict[str, Any]) -> None:
    table = make_table(kind, [obj], NOW)
    assert len(table.rows[0].cells) == len(table.columns)
