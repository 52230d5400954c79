"""``kubectl expose``.

Source: k8s.io/kubectl ``pkg/cmd/expose`` and ``pkg/polymorphichelpers``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.shapes import mapping, mappings, number, text
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.generate import create_made
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.kubectl.run import parse_labels
from gitops_sim.objects import Object

_TEMPLATED = {("apps", "Deployment"), ("apps", "ReplicaSet"), ("", "ReplicationController")}
_LONGEST_NAME = 63


def expose(inv: Invocation) -> None:
    """Creates a Service that selects the Pods of another object."""
    show = printer_for(inv, "exposed")
    found = look_up(inv, Query(inv.args))
    for info in found.infos:
        show(create_made(inv, _service(inv, info)))
    raise_all(found.errors)


def _service(inv: Invocation, info: Info) -> Object:
    kind = (info.kind.group, info.kind.kind)
    if kind not in _TEMPLATED | {("", "Pod"), ("", "Service")}:
        raise KubectlError(f"cannot expose a {info.kind.kind}" + (f".{info.kind.group}" if info.kind.group else ""))
    selector = parse_labels(inv["selector"]) or _selector(info)
    ports = _ports(inv, info)
    labels = parse_labels(inv["labels"]) or dict(mapping(info.object, "metadata", "labels"))
    spec: dict[str, Any] = {"ports": ports, "selector": selector}
    for flag, field in (("type", "type"), ("session-affinity", "sessionAffinity"), ("cluster-ip", "clusterIP")):
        if inv[flag]:
            spec[field] = inv[flag]
    if inv["external-ip"]:
        spec["externalIPs"] = [inv["external-ip"]]
    if inv["load-balancer-ip"] and inv["type"] == "LoadBalancer":
        spec["loadBalancerIP"] = inv["load-balancer-ip"]
    if inv["session-affinity"] not in ("", "None", "ClientIP"):
        raise KubectlError(f"unknown session affinity: {inv['session-affinity']}")
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": inv["name"] or info.name[:_LONGEST_NAME], **({"labels": labels} if labels else {})},
        "spec": spec if ports else {"selector": selector},
        "status": {"loadBalancer": {}},
    }


def _selector(info: Info) -> Mapping[str, Any]:
    why = ""
    if info.kind.kind == "Pod":
        labels = mapping(info.object, "metadata", "labels")
        why = "the pod has no labels and cannot be exposed"
    elif info.kind.kind == "Service":
        labels, why = mapping(info.object, "spec", "selector"), "the service has no pod selector set"
    elif info.kind.kind == "ReplicationController":
        labels, why = mapping(info.object, "spec", "selector"), "the replication controller has no selector set"
    else:
        labels = mapping(info.object, "spec", "selector", "matchLabels")
        why = f"invalid {info.kind.singular}: no selectors, therefore cannot be exposed"
        if mappings(info.object, "spec", "selector", "matchExpressions"):
            labels, why = {}, "couldn't convert expressions to map-based selector format"
    if not labels:
        raise KubectlError(f"couldn't retrieve selectors via --selector flag or introspection: {why}")
    return labels


def _ports(inv: Invocation, info: Info) -> list[dict[str, Any]]:
    known = _known_ports(info)
    wanted = inv["port"].split(",") if inv["port"] else list(known)
    if not wanted and inv["cluster-ip"] != "None":
        raise KubectlError("couldn't find port via --port flag or introspection")
    ports: list[dict[str, Any]] = []
    for place, port in enumerate(wanted, 1):
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", port):
            raise KubectlError(f"strconv.Atoi: parsing {quoted(port)}: invalid syntax")
        protocols = [inv["protocol"]] if inv["protocol"] else known.get(port) or ["TCP"]
        for protocol in protocols:
            entry: dict[str, Any] = {"port": int(port), "protocol": protocol, "targetPort": _target(inv, port)}
            if len(protocols) > 1:
                entry["name"] = f"port-{place}-{protocol.lower()}"
            elif len(wanted) > 1:
                entry["name"] = f"port-{place}"
            ports.append(entry)
    return ports


def _target(inv: Invocation, port: str) -> int | str:
    target = str(inv["target-port"] or port)
    return int(target) if re.fullmatch(r"[+-]?[0-9]{1,9}", target) else target


def _known_ports(info: Info) -> dict[str, list[str]]:
    """The ports that the object itself tells of, each with its protocols."""
    if info.kind.kind == "Service":
        pairs = [(number(port, "port"), text(port, "protocol")) for port in mappings(info.object, "spec", "ports")]
    else:
        path = ("spec",) if info.kind.kind == "Pod" else ("spec", "template", "spec")
        containers = mappings(info.object, *path, "containers")
        pairs = [(number(p, "containerPort"), text(p, "protocol")) for c in containers for p in mappings(c, "ports")]
    found: dict[str, list[str]] = {}
    for port, protocol in pairs:
        protocols = found.setdefault(str(port), [])
        if (protocol or "TCP") not in protocols:
            protocols.append(protocol or "TCP")
    return found


COMMANDS = (
    Command(
        "expose",
        expose,
        "Create a Service for the Pods of another object",
        "(TYPE NAME | TYPE/NAME | -f FILE) [--port=PORT] [--target-port=PORT]",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.DRY_RUN,
            flags.FIELD_MANAGER,
            flags.SAVE_CONFIG,
            flags.RECORD,
            Flag("port", about="the port of the Service"),
            Flag("target-port", about="the port of the Pods: a number or a name"),
            Flag("protocol", about="TCP, UDP or SCTP"),
            Flag("name", about="the name of the Service"),
            Flag("type", about="ClusterIP, NodePort or LoadBalancer"),
            Flag("selector", about="the labels of the Pods"),
            Flag("labels", short="l", about="the labels of the Service"),
            Flag("external-ip"),
            Flag("load-balancer-ip"),
            Flag("session-affinity"),
            Flag("cluster-ip", about="None for a headless Service"),
        ),
        example="kubectl expose deployment web --port=80 --target-port=8080",
    ),
)
