"""``kubectl create service`` and ``kubectl create ingress``.

Source: k8s.io/kubectl ``pkg/cmd/create/create_service.go`` and ``create_ingress.go``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gitops_sim.cluster.go_text import quoted
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.generate import FLAGS, command
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.objects import Object

_RULE = re.compile(
    r"(?P<host>[\w*.-]*)(?P<path>/[^=]*)=(?P<name>[\w.-]+):(?P<port>[\w-]+)(?P<tls>,tls(?:=(?P<secret>[\w.-]+))?)?", re.ASCII
)
_BACKEND = re.compile(r"(?P<name>[\w.-]+):(?P<port>[\w-]+)", re.ASCII)


def _service(type_: str) -> Callable[[Invocation], Object]:
    def make(inv: Invocation) -> Object:
        name, spec = inv.args[0], dict[str, Any]()
        if type_ == "ExternalName":
            spec["externalName"] = inv["external-name"]
        headless = type_ == "ClusterIP" and inv["clusterip"] == "None"
        if not inv["tcp"] and type_ != "ExternalName" and not headless:
            raise KubectlError("at least one tcp port specifier must be provided")
        ports = [_port(inv, text) for text in inv["tcp"]]
        if ports:
            spec["ports"] = ports
        if type_ == "ClusterIP" and inv["clusterip"]:
            spec["clusterIP"] = inv["clusterip"]
        labels = {"app": name}
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"labels": labels, "name": name},
            "spec": {**spec, "selector": labels, "type": type_},
            "status": {"loadBalancer": {}},
        }

    return make


def _port(inv: Invocation, text: str) -> dict[str, Any]:
    """One of ``PORT`` and ``PORT:TARGET``, where the target may be a name."""
    first, _, second = text.partition(":")
    port = _number(first)
    target = port if not second else _number(second) if re.fullmatch(r"[+-]?[0-9]+", second) else second
    made: dict[str, Any] = {"name": text.replace(":", "-"), "port": port, "protocol": "TCP", "targetPort": target}
    if "node-port" in inv.flags and inv["node-port"]:
        made["nodePort"] = inv["node-port"]
    return made


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text, re.ASCII):
        raise KubectlError(f"strconv.ParseUint: parsing {quoted(text)}: invalid syntax")
    if not 1 <= int(text) <= 65535:
        raise KubectlError("must be between 1 and 65535, inclusive")
    return int(text)


def _ingress(inv: Invocation) -> Object:
    if not inv["rule"] and not inv["default-backend"]:
        what = "every ingress has to either specify a default-backend (which catches all traffic) or a list of rules"
        raise KubectlError(f"not enough information provided: {what} (which catch specific paths)")
    spec: dict[str, Any] = {}
    if inv["default-backend"]:
        found = _BACKEND.fullmatch(inv["default-backend"])
        if found is None:
            raise KubectlError("default-backend should be in format servicename:serviceport")
        spec["defaultBackend"] = _backend(found)
    if inv["class"]:
        spec["ingressClassName"] = inv["class"]
    paths: dict[str, list[dict[str, Any]]] = {}
    hosts: dict[str, list[str]] = {}
    for text in inv["rule"]:
        found = _RULE.fullmatch(text)
        if found is None:
            raise KubectlError(f"rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")
        paths.setdefault(found["host"], []).append(_path(found))
        if found["tls"] and found["host"] not in hosts.setdefault(found["secret"] or "", []):
            hosts[found["secret"] or ""].append(found["host"])
    if paths:
        spec["rules"] = [{**({"host": host} if host else {}), "http": {"paths": inner}} for host, inner in paths.items()]
    if hosts:
        spec["tls"] = [{"hosts": named, **({"secretName": secret} if secret else {})} for secret, named in hosts.items()]
    annotations = dict(text.split("=", 1) for text in inv["annotation"] if "=" in text)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**({"annotations": annotations} if annotations else {}), "name": inv.args[0]},
        "spec": spec,
        "status": {"loadBalancer": {}},
    }


def _path(rule: re.Match[str]) -> dict[str, Any]:
    prefix = rule["path"].endswith("*")
    path = rule["path"].removesuffix("*")
    return {"backend": _backend(rule), "path": path, "pathType": "Prefix" if prefix else "Exact"}


def _backend(found: re.Match[str]) -> dict[str, Any]:
    port = found["port"]
    return {"service": {"name": found["name"], "port": {"number": int(port)} if port.isdigit() else {"name": port}}}


_TCP = Flag("tcp", "list", about="PORT or PORT:TARGET")
COMMANDS = (
    Command(
        "create service clusterip",
        command(_service("ClusterIP"), "ClusterIP service:"),
        "Create a Service inside the cluster",
        "NAME --tcp=PORT[:TARGET]",
        (*FLAGS, _TCP, Flag("clusterip", about="None for a headless Service")),
        example="kubectl create service clusterip web --tcp=80:8080",
    ),
    Command(
        "create service nodeport",
        command(_service("NodePort"), "NodePort service:"),
        "Create a Service on a port of every node",
        "NAME --tcp=PORT[:TARGET] [--node-port=PORT]",
        (*FLAGS, _TCP, Flag("node-port", "int", about="the port of the nodes")),
        example="kubectl create service nodeport web --tcp=80:8080",
    ),
    Command(
        "create service loadbalancer",
        command(_service("LoadBalancer"), "LoadBalancer service:"),
        "Create a Service with a load balancer",
        "NAME --tcp=PORT[:TARGET]",
        (*FLAGS, _TCP),
        example="kubectl create service loadbalancer web --tcp=80:8080",
    ),
    Command(
        "create service externalname",
        command(_service("ExternalName"), "ExternalName service:"),
        "Create a Service that stands for a name elsewhere",
        "NAME --external-name=NAME",
        (*FLAGS, _TCP, Flag("external-name", required=True, about="the name elsewhere")),
        example="kubectl create service externalname db --external-name=db.example.com",
    ),
    Command(
        "create ingress",
        command(_ingress, "ingress:"),
        "Create an Ingress",
        "NAME --rule=HOST/PATH=SERVICE:PORT[,tls[=SECRET]]",
        (
            *FLAGS,
            Flag("rule", "array", about="HOST/PATH=SERVICE:PORT[,tls[=SECRET]]; a path with * at its end is a prefix"),
            Flag("class", about="the class of the controller"),
            Flag("default-backend", about="SERVICE:PORT for everything else"),
            Flag("annotation", "array", about="KEY=VALUE"),
        ),
        aliases=("ing",),
        example="kubectl create ingress front --rule=shop.example/=web:80",
    ),
)
