"""Descriptions of configuration, limits, access rights and namespaces."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.shapes import mapping, mappings, text, texts
from gitops_sim.kubectl.describe.page import Page, rfc1123
from gitops_sim.objects import Object


def _head(page: Page, obj: Object, *, namespace: bool = True) -> None:
    page.field("Name", text(obj, "metadata", "name"))
    if namespace:
        page.field("Namespace", text(obj, "metadata", "namespace"))
    page.labels(obj)
    page.annotations(obj)


def config_map(page: Page, obj: Object) -> None:
    _head(page, obj)
    page.line("\nData\n====")
    data = mapping(obj, "data")
    for key in sorted(data):
        page.line(f"{key}:\n----\n{data[key]}\n")
    page.line("\nBinaryData\n====")
    binary = mapping(obj, "binaryData")
    for key in sorted(binary):
        page.line(f"{key}: {_decoded_size(binary[key])} bytes")
    page.line("")
    page.events(obj, kind="ConfigMap")


def secret(page: Page, obj: Object) -> None:
    _head(page, obj)
    page.line(f"\nType:\t{text(obj, 'type')}\n\nData\n====")
    data = mapping(obj, "data")
    for key in sorted(data):
        page.field(key, f"{_decoded_size(data[key])} bytes")


def _decoded_size(value: Any) -> int:
    try:
        return len(base64.b64decode(str(value)))
    except (binascii.Error, ValueError):
        return len(str(value))


def namespace(page: Page, obj: Object) -> None:
    _head(page, obj, namespace=False)
    page.field("Status", text(obj, "status", "phase"))
    conditions = mappings(obj, "status", "conditions")
    if conditions:
        page.line("Conditions:\n  Type\tStatus\tLastTransitionTime\tReason\tMessage")
        page.line("----\t------\t------------------\t------\t-------", 1)
    for condition in conditions:
        since = rfc1123(text(condition, "lastTransitionTime"))
        cells = (text(condition, "type"), text(condition, "status"), since, text(condition, "reason"), text(condition, "message"))
        page.line("\t".join(cells), 1)
    name = text(obj, "metadata", "name")
    page.line("")
    _quotas(page, page.cluster.list("resourcequotas", name))
    page.line("")
    _limit_ranges(page, page.cluster.list("limitranges", name))


def _quotas(page: Page, quotas: Sequence[Object]) -> None:
    page.line("Resource Quotas" if quotas else "No resource quota.")
    for quota in quotas:
        page.field("Name", text(quota, "metadata", "name"), 1)
        _scopes(page, quota, "", 1)
        page.line("Resource\tUsed\tHard\n  --------\t---\t---", 1)
        _amounts(page, quota, 1)


_SCOPES = {
    "Terminating": "all pods that have an active deadline. These pods have a limited lifespan on a node before being actively "
    "terminated by the system.",
    "NotTerminating": "all pods that do not have an active deadline. These pods usually include long running pods whose "
    "container command is not expected to terminate.",
    "BestEffort": "all pods that do not have resource requirements set. These pods have a best effort quality of service.",
    "NotBestEffort": "all pods that have at least one resource requirement set. These pods have a burstable or guaranteed "
    "quality of service.",
}


def _scopes(page: Page, quota: Object, indent: str, level: int) -> None:
    scopes = sorted(texts(quota, "spec", "scopes"))
    if scopes:
        page.field("Scopes", ", ".join(scopes), level)
    for scope in scopes:
        if scope in _SCOPES:
            page.line(f"{indent}* Matches {_SCOPES[scope]}", level)


def _amounts(page: Page, quota: Object, level: int) -> None:
    hard, used = mapping(quota, "status", "hard"), mapping(quota, "status", "used")
    for resource in sorted(hard):
        page.line(f"{resource}\t{text(used, resource) or '0'}\t{text(hard, resource)}", level)


_LIMITS = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio"
_LIMITS_RULE = "----\t--------\t---\t---\t---------------\t-------------\t-----------------------"


def _limit_ranges(page: Page, ranges: Sequence[Object]) -> None:
    if not ranges:
        page.line("No LimitRange resource.")
        return
    page.line(f"Resource Limits\n {_LIMITS}\n {_LIMITS_RULE}")
    for found in ranges:
        _limits(page, found, " ")


def _limits(page: Page, obj: Object, prefix: str) -> None:
    fields = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
    for item in mappings(obj, "spec", "limits"):
        names = sorted({name for field in fields for name in mapping(item, field)})
        for name in names:
            cells = (text(mapping(item, field), name) or "-" for field in fields)
            page.line(f"{prefix}{text(item, 'type')}\t{name}\t" + "\t".join(cells))


def limit_range(page: Page, obj: Object) -> None:
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))
    page.line(f"{_LIMITS}\n{_LIMITS_RULE}")
    _limits(page, obj, "")


def resource_quota(page: Page, obj: Object) -> None:
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))
    _scopes(page, obj, " ", 0)
    page.line("Resource\tUsed\tHard\n--------\t----\t----")
    _amounts(page, obj, 0)


def service_account(page: Page, obj: Object) -> None:
    _head(page, obj)
    names = [text(item, "name") for item in mappings(obj, "imagePullSecrets")]
    page.line(f"Image pull secrets:\t{names[0] if names else '<none>'}")
    for name in names[1:]:
        page.line(f"{'':19}\t{name}")
    page.events(obj, kind="ServiceAccount")


def role(page: Page, obj: Object) -> None:
    _head(page, obj, namespace=False)
    page.line("PolicyRule:\n  Resources\tNon-Resource URLs\tResource Names\tVerbs")
    page.line("---------\t-----------------\t--------------\t-----", 1)
    for resource, urls, names, verbs in compact_rules(mappings(obj, "rules")):
        page.line(f"{resource}\t[{urls}]\t[{names}]\t[{' '.join(verbs)}]", 1)


_Rule = tuple[str, str, str, list[str]]


def compact_rules(rules: Sequence[Mapping[str, Any]]) -> list[_Rule]:
    """One line for each resource and resource name, with all of its verbs; one for each path of each rule. Sorted as the real
    kubectl sorts them."""
    found: dict[tuple[str, str, str], list[str]] = {}
    lines: list[tuple[str, str, str, str, list[str]]] = []
    for rule in rules:
        verbs = texts(rule, "verbs")
        for group in texts(rule, "apiGroups"):
            for resource in texts(rule, "resources"):
                for name in texts(rule, "resourceNames") or [""]:
                    known = found.setdefault((group, resource, name), [])
                    known += [verb for verb in verbs if verb not in known]
        lines += [("", "", "", url, verbs) for url in texts(rule, "nonResourceURLs")]
    lines += [(*key, "", verbs) for key, verbs in found.items()]
    lines.sort(key=lambda line: _as_go_prints(line[4], *line[:4]))
    return [(_with_group(resource, group), url, name, verbs) for group, resource, name, url, verbs in lines]


def _as_go_prints(verbs: Sequence[str], group: str, resource: str, name: str, url: str) -> str:
    """What the lines are sorted by."""
    return f"[{' '.join(verbs)}],APIGroups:[{group}],Resources:[{resource}],ResourceNames:[{name}],NonResourceURLs:[{url}]"


def _with_group(resource: str, group: str) -> str:
    plain, slash, sub = resource.partition("/")
    return plain + (f".{group}" if group else "") + slash + sub


def role_binding(page: Page, obj: Object) -> None:
    _head(page, obj, namespace=False)
    page.line("Role:")
    page.field("Kind", text(obj, "roleRef", "kind"), 1)
    page.field("Name", text(obj, "roleRef", "name"), 1)
    page.line("Subjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------")
    for subject in mappings(obj, "subjects"):
        page.line(f"{text(subject, 'kind')}\t{text(subject, 'name')}\t{text(subject, 'namespace')}", 1)
