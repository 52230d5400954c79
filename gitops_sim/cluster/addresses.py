"""Which cluster IP and node ports a Service gets: free ones, dealt by the world's randomness, or those it asks for.

Source of the rules: ``pkg/registry/core/service`` of kubernetes/kubernetes; the ranges are a cluster's defaults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any

from gitops_sim.cluster.validation.causes import wrong
from gitops_sim.cluster.validation.services import is_address
from gitops_sim.errors import ApiError, Cause, invalid
from gitops_sim.objects import Object, with_path

_Map = Mapping[str, Any]
_NETWORK = ip_network("10.96.0.0/12")
_RESERVED = ("10.96.0.1", "10.96.0.10")
_PORTS = range(30000, 32768)


def give(service: Object, old: Object | None, others: Iterable[Object], luck: Random) -> Object:
    """``service`` with the addresses that its type needs and without those that it must not have.

    ``others`` are all the other Services of the cluster. What an update leaves out is taken over from ``old``. Raises ApiError
    422 for an address that is taken or out of range.
    """
    taken = list(others)
    spec = dict(_carried_over(service["spec"], old["spec"]) if old is not None else service["spec"])
    before = old["spec"] if old is not None else {}
    _drop_what_the_type_lacks(spec, before)
    if spec["type"] != "ExternalName":
        _give_ip(service, spec, before, taken, luck)
    spec = _with_node_ports(service, spec, before, taken, luck)
    given: Object = with_path(service, ("spec",), spec)
    return service if given == service else given


def _carried_over(spec: _Map, before: _Map) -> _Map:
    kept = dict(spec)
    if "ExternalName" not in (spec["type"], before["type"]):
        if not spec.get("clusterIP") and not spec.get("clusterIPs"):
            kept.update({name: before[name] for name in ("clusterIP", "clusterIPs") if name in before})
        kept.update({name: before[name] for name in ("ipFamilies", "ipFamilyPolicy") if name in before and name not in spec})
    if spec["type"] in ("NodePort", "LoadBalancer") and before["type"] in ("NodePort", "LoadBalancer"):
        known = {(port["protocol"], port["port"]): port.get("nodePort") for port in before.get("ports") or ()}
        kept["ports"] = [
            {**port, "nodePort": known[port["protocol"], port["port"]]}
            if not port.get("nodePort") and known.get((port["protocol"], port["port"]))
            else port
            for port in spec.get("ports") or ()
        ]
    return kept


def _drop_what_the_type_lacks(spec: dict[str, Any], before: _Map) -> None:
    """Fields that only the former type has go with it, unless the request set them anew."""
    gone: tuple[str, ...] = ()
    if spec["type"] == "ExternalName":
        gone += ("clusterIP", "clusterIPs", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy")
    if spec["type"] in ("ClusterIP", "ExternalName") and not spec.get("externalIPs"):
        gone += ("externalTrafficPolicy",)
    if spec["type"] != "LoadBalancer":
        gone += ("allocateLoadBalancerNodePorts", "loadBalancerClass")
    for field in gone:
        if field in spec and spec[field] == before.get(field):
            del spec[field]


def _give_ip(service: Object, spec: dict[str, Any], before: _Map, taken: list[Object], luck: Random) -> None:
    asked = spec.get("clusterIP") or next(iter(spec.get("clusterIPs") or ()), "")
    if asked == "None":
        spec["clusterIPs"] = ["None"]
        spec["clusterIP"] = "None"
    elif asked and before.get("clusterIP") not in (None, "", asked):
        spec["clusterIPs"] = [asked]
    elif not asked or asked != before.get("clusterIP"):
        used = {other["spec"].get("clusterIP") for other in taken}
        if asked and not is_address(asked):
            spec["clusterIPs"] = [asked]
            return
        if asked and ip_address(asked) not in _NETWORK:
            raise _refused(service, asked, "the provided network does not match the current range")
        if asked in used:
            raise _refused(service, asked, "provided IP is already allocated")
        spec["clusterIP"] = asked or _free_ip(used, luck)
        spec["clusterIPs"] = [spec["clusterIP"]]
    elif not spec.get("clusterIPs"):
        spec["clusterIPs"] = [asked]
    spec.setdefault("clusterIP", spec["clusterIPs"][0])
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")


def _free_ip(used: set[Any], luck: Random) -> str:
    while True:
        address = str(_NETWORK[luck.randrange(1, _NETWORK.num_addresses - 1)])
        if address not in used and address not in _RESERVED:
            return address


def _with_node_ports(service: Object, spec: dict[str, Any], before: _Map, taken: list[Object], luck: Random) -> dict[str, Any]:
    wants = spec["type"] == "NodePort" or (spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts", True))
    ports = spec.get("ports") or ()
    own = {port.get("nodePort") for port in before.get("ports") or ()}
    if not wants:
        if spec["type"] in ("ClusterIP", "ExternalName") and any(port.get("nodePort") in own - {None} for port in ports):
            stripped = [{k: v for k, v in port.items() if k != "nodePort" or v not in own} for port in ports]
            return {**spec, "ports": stripped}
        return spec
    used = {port.get("nodePort") for other in taken for port in other["spec"].get("ports") or ()} - {None}
    given = []
    for index, port in enumerate(ports):
        asked = port.get("nodePort")
        field = f"spec.ports[{index}].nodePort"
        if asked and asked not in own:
            if asked not in _PORTS:
                why = f"provided port is not in the valid range. The range of valid ports is {_PORTS[0]}-{_PORTS[-1]}"
                raise _invalid(service, wrong(field, asked, why))
            if asked in used:
                raise _invalid(service, wrong(field, asked, "provided port is already allocated"))
        if not asked:
            asked = luck.choice([number for number in _PORTS if number not in used])
        used.add(asked)
        given.append(port if port.get("nodePort") == asked else {**port, "nodePort": asked})
    return {**spec, "ports": given} if given else spec


def _refused(service: Object, address: str, why: str) -> ApiError:
    return _invalid(service, wrong("spec.clusterIPs", [address], f"failed to allocate IP {address}: {why}"))


def _invalid(service: Object, cause: Cause) -> ApiError:
    return invalid("Service", service["metadata"]["name"], [cause])
