"""Query parameters and option objects of requests, checked as the API server checks them.

Source: k8s.io/apimachinery ``pkg/apis/meta/v1/validation`` and ``pkg/apis/meta/internalversion/validation``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from gitops_sim.api import bodies
from gitops_sim.api.request import Request
from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.protocol import Propagation
from gitops_sim.cluster.strictness import Level
from gitops_sim.errors import ApiError, Cause, bad_request, invalid

APPLY = "application/apply-patch+yaml"
_META = "meta.k8s.io"
_POLICIES = ("Foreground", "Background", "Orphan")


@dataclass(frozen=True, slots=True)
class WriteOptions:
    dry_run: bool
    level: Level
    manager: str
    force: bool = False


def write_options(request: Request, kind: str) -> WriteOptions:
    """``kind`` is ``CreateOptions``, ``UpdateOptions`` or ``PatchOptions``. Raises ApiError 422."""
    causes: list[Cause] = []
    for value in request.query.get("dryRun", ()):
        if value != "All":
            causes.append(_not_one_of("dryRun", value, ("All",)))
    manager = request.option("fieldManager")
    if kind == "PatchOptions" and request.content_type == APPLY:
        if not manager:
            causes.append(Cause("fieldManager", "Required value: is required for apply patch", "FieldValueRequired"))
    elif request.flag("force"):
        causes.append(Cause("force", "Forbidden: may not be specified for non-apply patch", "FieldValueForbidden"))
    for place, letter in enumerate(manager):
        if not letter.isprintable():
            why = f"Invalid value: {quoted(manager)}: invalid character U+{ord(letter):04X} (at position {place})"
            causes.append(Cause("fieldManager", why))
    if len(manager) > 128:
        causes.append(Cause("fieldManager", "Too long: may not be more than 128 bytes", "FieldValueTooLong"))
    level = request.option("fieldValidation")
    if level not in ("", "Ignore", "Strict", "Warn"):
        causes.append(_not_one_of("fieldValidation", level, ("", "Ignore", "Strict", "Warn")))
    if causes:
        raise invalid(kind, "", causes, _META)
    return WriteOptions("dryRun" in request.query, cast(Level, level or "Warn"), request.manager, request.flag("force"))


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    propagation: Propagation | None
    grace_period: float | None
    dry_run: bool
    uid: str = ""
    version: str = ""


def delete_options(request: Request) -> DeleteOptions:
    """From the body, else from the query. An unknown field is no error. Raises ApiError 400 or 422."""
    given: dict[str, Any] = {}
    if request.body:
        bodies.check_size(request.body)
        body, _ = bodies.read_object(request, "DeleteOptions")
        if body is not None and not isinstance(body, Mapping):
            raise bad_request("the object provided is unrecognized (must be of type DeleteOptions)")
        given = dict(body or {})
    else:
        for name in ("propagationPolicy", "gracePeriodSeconds", "orphanDependents"):
            if request.option(name):
                given[name] = request.option(name)
        given["dryRun"] = list(request.query.get("dryRun", ()))
    return _checked(given)


def _checked(given: Mapping[str, Any]) -> DeleteOptions:
    causes: list[Cause] = []
    policy = given.get("propagationPolicy")
    orphan = given.get("orphanDependents")
    if policy is not None and not isinstance(policy, str):
        raise _wrong_type("DeleteOptions", "propagationPolicy", "v1.DeletionPropagation")
    if policy and orphan is not None:
        why = "Invalid value: orphanDependents and deletionPropagation cannot be both set"
        causes.append(Cause("propagationPolicy", why))
    elif policy and policy not in _POLICIES:
        causes.append(_not_one_of("propagationPolicy", policy, (*_POLICIES, "nil")))
    if orphan is not None and not policy:
        policy = "Orphan" if orphan in (True, "true", "1") else "Background"
    dry = given.get("dryRun") or []
    if not isinstance(dry, list) or not all(isinstance(item, str) for item in dry):
        raise _wrong_type("DeleteOptions", "dryRun", "[]string")
    causes += [_not_one_of("dryRun", item, ("All",)) for item in dry if item != "All"]
    if causes:
        raise invalid("DeleteOptions", "", causes, _META)
    conditions = given.get("preconditions") or {}
    if not isinstance(conditions, Mapping):
        raise _wrong_type("DeleteOptions", "preconditions", "v1.Preconditions")
    uid, version = conditions.get("uid") or "", conditions.get("resourceVersion") or ""
    if not isinstance(uid, str) or not isinstance(version, str):
        raise _wrong_type("Preconditions", "preconditions", "string")
    return DeleteOptions(
        cast("Propagation | None", policy or None), _grace(given.get("gracePeriodSeconds")), bool(dry), uid, version
    )


def _grace(value: Any) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return float(whole_number(value))
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong_type("DeleteOptions", "gracePeriodSeconds", "int64")
    return float(max(-1, min(value, 2**31)))


@dataclass(frozen=True, slots=True)
class ListOptions:
    """``version`` is the ``resourceVersion`` asked for and ``match`` how it is meant."""

    labels: str
    fields: str
    limit: int
    token: str
    version: str
    match: str
    timeout: float | None
    bookmarks: bool
    initial: bool | None


def list_options(request: Request, *, watch: bool) -> ListOptions:
    """Raises ApiError 400 or 422."""
    option = request.option
    limit, timeout = (whole_number(option(name)) if option(name) else 0 for name in ("limit", "timeoutSeconds"))
    version, match = option("resourceVersion"), option("resourceVersionMatch")
    initial = request.flag("sendInitialEvents") if "sendInitialEvents" in request.query else None
    causes = _match_causes(version, match, watch, initial)
    if causes:
        raise invalid("ListOptions", "", causes, _META)
    return ListOptions(
        option("labelSelector"),
        option("fieldSelector"),
        max(0, limit),
        option("continue"),
        version,
        match,
        float(timeout) if timeout > 0 else None,
        request.flag("allowWatchBookmarks"),
        initial,
    )


def _match_causes(version: str, match: str, watch: bool, initial: bool | None) -> list[Cause]:
    field = "resourceVersionMatch"
    if watch or initial is not None:
        if not watch:
            return [Cause("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list", "FieldValueForbidden")]
        if initial is not None and match != "NotOlderThan":
            why = 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to "NotOlderThan"'
            return [Cause(field, why, "FieldValueForbidden")]
        if initial is None and match:
            why = "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            return [Cause(field, why, "FieldValueForbidden")]
        return []
    if not match:
        return []
    if not version:
        return [
            Cause(field, "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided", "FieldValueForbidden")
        ]
    if match not in ("Exact", "NotOlderThan"):
        return [_not_one_of(field, match, ("Exact", "NotOlderThan", ""))]
    if match == "Exact" and version == "0":
        why = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        return [Cause(field, why, "FieldValueForbidden")]
    return []


def whole_number(text: str) -> int:
    """Raises ApiError 400 in Go's words."""
    if not re.fullmatch(r"[+-]?\d{1,19}", text, re.ASCII):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def revision_of(version: str) -> int | None:
    """The number in a ``resourceVersion``; None for what is none."""
    return int(version) if version.isascii() and version.isdigit() and len(version) < 20 else None


def no_number(version: str) -> str:
    """What is wrong with a ``resourceVersion`` that is no number."""
    return f'resourceVersion: Invalid value: "{version}": strconv.ParseUint: parsing "{version}": invalid syntax'


def _not_one_of(field: str, value: str, known: tuple[str, ...]) -> Cause:
    listed = ", ".join(f'"{word}"' for word in known)
    return Cause(field, f'Unsupported value: "{value}": supported values: {listed}', "FieldValueNotSupported")


def _wrong_type(struct: str, field: str, type_: str) -> ApiError:
    return bad_request(f"json: cannot unmarshal into Go struct field {struct}.{field} of type {type_}")
