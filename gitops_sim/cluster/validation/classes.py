"""PriorityClasses, IngressClasses and RuntimeClasses.

Source: ``pkg/apis/{scheduling,networking,node}/validation`` of kubernetes/kubernetes.
"""

from __future__ import annotations

import re

from gitops_sim.cluster.names import dns_label_problems, dns_subdomain_problems
from gitops_sim.cluster.validation.causes import forbidden, one_of, required, too_long, unsupported, wrong, wrong_for
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_SYSTEM = {"system-node-critical": 2000001000, "system-cluster-critical": 2000000000}
_HIGHEST = 1000000000
_IMMUTABLE = "field is immutable"


def priority_class(obj: Object) -> list[Cause]:
    name, value = obj["metadata"].get("name") or "", obj["value"]
    causes: list[Cause] = []
    if name.startswith("system-"):
        why = _not_known(name, value, bool(obj.get("globalDefault")))
        if why:
            said = f"priority class names with 'system-' prefix are reserved for system use only. error: {why}"
            causes.append(forbidden("metadata.name", said))
    elif value > _HIGHEST:
        causes.append(forbidden("value", f"maximum allowed value of a user defined priority is {_HIGHEST}"))
    return causes + one_of("preemptionPolicy", obj["preemptionPolicy"], ("PreemptLowerPriority", "Never"))


def _not_known(name: str, value: int, default: bool) -> str:
    if name not in _SYSTEM:
        return f"{name} is not a known system priority class"
    if value != _SYSTEM[name]:
        return f"value of {name} PriorityClass must be {_SYSTEM[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if default else ""


def priority_class_update(new: Object, old: Object) -> list[Cause]:
    causes = [] if new["value"] == old["value"] else [forbidden("value", "may not be changed in an update.")]
    if new["preemptionPolicy"] != old["preemptionPolicy"]:
        causes.append(wrong("preemptionPolicy", new["preemptionPolicy"], _IMMUTABLE))
    return causes


_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")


def ingress_class(obj: Object) -> list[Cause]:
    spec, field = obj.get("spec") or {}, "spec.controller"
    name = spec.get("controller") or ""
    causes: list[Cause] = []
    if not name:
        causes.append(required(field))
    else:
        causes += [too_long(field, 250)] if len(name) > 250 else []
        causes += _domain_path(field, name)
    parameters, field = spec.get("parameters"), "spec.parameters"
    if parameters is None:
        return causes
    if parameters.get("apiGroup") is not None:
        causes += wrong_for(f"{field}.apiGroup", parameters["apiGroup"], dns_subdomain_problems(parameters["apiGroup"]))
    causes += [required(f"{field}.{part}") for part in ("kind", "name") if not parameters[part]]
    scope, namespace = parameters["scope"], parameters.get("namespace")
    if scope not in ("Cluster", "Namespace"):
        causes.append(unsupported(f"{field}.scope", scope, ("Cluster", "Namespace")))
    elif scope == "Namespace" and namespace is None:
        causes.append(required(f"{field}.namespace", "`parameters.scope` is set to 'Namespace'"))
    elif scope == "Namespace":
        causes += wrong_for(f"{field}.namespace", namespace, dns_label_problems(namespace or ""))
    elif namespace is not None:
        causes.append(forbidden(f"{field}.namespace", "`parameters.scope` is set to 'Cluster'"))
    return causes


def _domain_path(field: str, name: str) -> list[Cause]:
    """``example.org/controller``."""
    domain, slash, path = name.partition("/")
    if not slash or not domain or not path:
        return [wrong(field, name, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    causes = wrong_for(field, domain, dns_subdomain_problems(domain))
    if not _PATH.fullmatch(path):
        why = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"
        causes.append(wrong(field, path, why))
    return causes


def ingress_class_update(new: Object, old: Object) -> list[Cause]:
    after, before = (obj.get("spec", {}).get("controller") or "" for obj in (new, old))
    return [] if after == before else [wrong("spec.controller", after, _IMMUTABLE)]


def runtime_class(obj: Object) -> list[Cause]:
    return wrong_for("handler", obj["handler"], dns_label_problems(obj["handler"]))


def runtime_class_update(new: Object, old: Object) -> list[Cause]:
    return [] if new["handler"] == old["handler"] else [wrong("handler", new["handler"], _IMMUTABLE)]
