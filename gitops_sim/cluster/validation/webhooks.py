"""Configurations of admission webhooks.

Source: ``pkg/apis/admissionregistration/validation`` of kubernetes/kubernetes and k8s.io/apiserver ``pkg/util/webhook``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from gitops_sim.cluster.names import dns_1035_problems, dns_subdomain_problems
from gitops_sim.cluster.validation.causes import duplicate, one_of, required, wrong, wrong_for
from gitops_sim.cluster.validation.metadata import selector
from gitops_sim.errors import Cause
from gitops_sim.objects import Object

_Map = Mapping[str, Any]
_VERSIONS = ("v1", "v1beta1")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_FORM = "desired format: https://host[/path]"


def configuration(obj: Object) -> list[Cause]:
    causes: list[Cause] = []
    names: set[str] = set()
    for index, hook in enumerate(obj.get("webhooks") or ()):
        field = f"webhooks[{index}]"
        causes += _hook(field, hook) + _review_versions(f"{field}.admissionReviewVersions", hook["admissionReviewVersions"] or ())
        if hook["name"] in names:
            causes.append(duplicate(f"{field}.name", hook["name"]))
        names.update([hook["name"]] if hook["name"] else [])
    return causes


def _hook(field: str, hook: _Map) -> list[Cause]:
    causes = _name(f"{field}.name", hook["name"])
    for index, rule in enumerate(hook.get("rules") or ()):
        causes += _rule(f"{field}.rules[{index}]", rule)
    causes += one_of(f"{field}.failurePolicy", hook["failurePolicy"], ("Fail", "Ignore"))
    causes += one_of(f"{field}.matchPolicy", hook["matchPolicy"], ("Equivalent", "Exact"))
    if hook["sideEffects"] is None:
        causes.append(required(f"{field}.sideEffects", f"must specify one of {', '.join(_SIDE_EFFECTS)}"))
    else:
        causes += one_of(f"{field}.sideEffects", hook["sideEffects"], _SIDE_EFFECTS)
    if not 1 <= hook["timeoutSeconds"] <= 30:
        why = "the timeout value must be between 1 and 30 seconds"
        causes.append(wrong(f"{field}.timeoutSeconds", hook["timeoutSeconds"], why))
    for name in ("namespaceSelector", "objectSelector"):
        causes += selector(f"{field}.{name}", hook.get(name) or {})
    if "reinvocationPolicy" in hook:
        causes += one_of(f"{field}.reinvocationPolicy", hook["reinvocationPolicy"], ("IfNeeded", "Never"))
    return causes + _client(f"{field}.clientConfig", hook["clientConfig"])


def _name(field: str, name: str) -> list[Cause]:
    if not name:
        return [required(field)]
    problems = dns_subdomain_problems(name)
    if problems:
        return [wrong(field, name, ",".join(problems))]
    why = "should be a domain with at least three segments separated by dots"
    return [] if name.count(".") >= 2 else [wrong(field, name, why)]


def _rule(field: str, rule: _Map) -> list[Cause]:
    operations, causes = rule.get("operations") or [], list[Cause]()
    if not operations:
        causes.append(required(f"{field}.operations"))
    if len(operations) > 1 and "*" in operations:
        causes.append(wrong(f"{field}.operations", operations, "if '*' is present, must not specify other operations"))
    for index, operation in enumerate(operations):
        causes += one_of(f"{field}.operations[{index}]", operation, _OPERATIONS)
    for name, word in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = rule.get(name) or []
        if not values:
            causes.append(required(f"{field}.{name}"))
        if len(values) > 1 and "*" in values:
            causes.append(wrong(f"{field}.{name}", values, f"if '*' is present, must not specify other {word}"))
    causes += [required(f"{field}.apiVersions[{i}]") for i, value in enumerate(rule.get("apiVersions") or ()) if not value]
    causes += _resources(f"{field}.resources", rule.get("resources") or [])
    return causes + one_of(f"{field}.scope", rule["scope"], ("*", "Cluster", "Namespaced"))


def _resources(field: str, names: Sequence[str]) -> list[Cause]:
    causes = [] if names else [required(field)]
    causes += [required(f"{field}[{index}]") for index, name in enumerate(names) if not name]
    if len(names) > 1 and "*/*" in names:
        causes.append(wrong(field, names, "if '*/*' is present, must not specify other resources"))
    if "*" in names and any(name and "/" not in name and name != "*" for name in names):
        causes.append(wrong(field, names, "if '*' is present, must not specify other resources without subresources"))
    return causes


def _client(field: str, client: _Map) -> list[Cause]:
    url: Any = client.get("url")
    service: Any = client.get("service")
    if (url is None) == (service is None):
        return [required(field, "exactly one of url or service is required")]
    if url is not None:
        return _url(f"{field}.url", url)
    causes = [
        required(f"{field}.service.{name}", f"service {name} is required") for name in ("name", "namespace") if not service[name]
    ]
    if not 1 <= service["port"] <= 65535:
        why = "port is not valid: must be between 1 and 65535, inclusive"
        causes.append(wrong(f"{field}.service.port", service["port"], why))
    path = service.get("path")
    if path and not path.startswith("/"):
        causes.append(wrong(f"{field}.service.path", path, "must start with a '/'"))
    return causes


def _url(field: str, url: str) -> list[Cause]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return [required(field, f'url must be a valid URL: parse "{url}"; {_FORM}')]
    causes: list[Cause] = []
    if parts.scheme != "https":
        causes.append(wrong(field, parts.scheme, f"'https' is the only allowed URL scheme; {_FORM}"))
    if not host:
        causes.append(wrong(field, parts.netloc, f"host must be specified; {_FORM}"))
    if parts.username is not None:
        causes.append(wrong(field, parts.username, f"user information is not permitted in the URL; {_FORM}"))
    if parts.fragment:
        causes.append(wrong(field, parts.fragment, f"fragments are not permitted in the URL; {_FORM}"))
    if parts.query:
        causes.append(wrong(field, parts.query, f"query parameters are not permitted in the URL; {_FORM}"))
    return causes


def _review_versions(field: str, versions: Sequence[str]) -> list[Cause]:
    if not versions:
        return [required(field, f"must specify one of {', '.join(_VERSIONS)}")]
    causes: list[Cause] = []
    for index, version in enumerate(versions):
        if version in versions[:index]:
            causes.append(wrong(f"{field}[{index}]", version, "duplicate version"))
        else:
            causes += wrong_for(f"{field}[{index}]", version, dns_1035_problems(version))
    if not any(version in _VERSIONS for version in versions):
        causes.append(wrong(field, list(versions), f"must include at least one of {', '.join(_VERSIONS)}"))
    return causes
