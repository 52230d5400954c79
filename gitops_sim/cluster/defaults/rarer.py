"""Kinds that installers of add-ons bring along: drivers, admission policies, API services, and templates of Pods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.defaults.filling import each, fill, within
from gitops_sim.cluster.defaults.pods import template
from gitops_sim.objects import Object

_Map = Mapping[str, Any]


def pod_template(obj: Object) -> Object:
    return within(obj, "template", template)


def api_service(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: within(spec, "service", lambda service: fill(service, port=443)))


def flow_schema(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: fill(spec, matchingPrecedence=1000))


def csi_driver(obj: Object) -> Object:
    return within(obj, "spec", _csi_driver_spec)


def _csi_driver_spec(obj: _Map) -> _Map:
    return fill(
        obj,
        attachRequired=True,
        fsGroupPolicy="ReadWriteOnceWithFSType",
        podInfoOnMount=False,
        requiresRepublish=False,
        storageCapacity=False,
        volumeLifecycleModes=["Persistent"],
    )


def admission_policy(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: within(fill(spec, failurePolicy="Fail"), "matchConstraints", _match))


def admission_binding(obj: Object) -> Object:
    return within(obj, "spec", lambda spec: within(spec, "matchResources", _match))


def _match(obj: _Map) -> _Map:
    obj = fill(obj, matchPolicy="Equivalent", namespaceSelector={}, objectSelector={})
    return each(each(obj, "resourceRules", _rule), "excludeResourceRules", _rule)


def _rule(obj: _Map) -> _Map:
    return fill(obj, scope="*")
