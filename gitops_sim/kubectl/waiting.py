"""Blocking until something holds for one object: ``kubectl wait``, and ``delete`` until an object is gone.

Source: k8s.io/kubectl ``pkg/cmd/wait``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError
from gitops_sim.cluster.shapes import mapping, mappings, number, text
from gitops_sim.errors import ApiError, GitOpsSimError, not_found
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import PATIENCE, Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.kubectl.sorting import relaxed
from gitops_sim.objects import Object

Check = Callable[[Object], bool]


def wait(inv: Invocation) -> None:
    """Waits for every object in turn until all that ``--for`` names holds."""
    show = printer_for(inv, "condition met")
    wanted = inv["for"]
    checks = [_check(condition) for condition in wanted]
    if not checks:
        raise KubectlError("unrecognized condition: []")
    deadline = inv.now + (inv["timeout"] if inv["timeout"] >= 0 else PATIENCE)
    if any(condition.lower() == "create" for condition in wanted):
        _until_created(inv, deadline)
    for_delete = any(condition.lower() == "delete" for condition in wanted)
    found = look_up(inv, _query(inv))
    errors: list[GitOpsSimError] = [error for error in found.errors if not (for_delete and _is_not_found(error))]
    for info in found.infos:
        try:
            for check in checks:
                show(check(inv, info, deadline))
        except GitOpsSimError as error:
            errors.append(error)
    if not found.infos and not errors and not for_delete:
        raise KubectlError("no matching resources found")
    raise_all(errors)


def _query(inv: Invocation) -> Query:
    return Query(
        inv.args,
        selector=inv["selector"],
        fields=inv["field-selector"],
        all=inv["all"],
        all_namespaces=inv["all-namespaces"],
    )


def _is_not_found(error: GitOpsSimError) -> bool:
    return isinstance(error, ApiError) and error.reason == "NotFound"


_Wait = Callable[[Invocation, Info, float], Object]


def _check(condition: str) -> _Wait:
    """What one ``--for`` asks for. Raises KubectlError when it asks for nothing known."""
    if condition.lower() == "delete":
        return until_gone
    if condition.lower() == "create":
        return _is_there
    kind, _, rest = condition.partition("=")
    if kind == "condition" and "=" in condition:
        name, _, value = rest.partition("=")
        return _until(_has_condition(name, value if "=" in rest else "true"))
    if kind == "jsonpath" and "=" in condition:
        return _until(_has_value(rest))
    raise KubectlError(f'unrecognized condition: "{condition}"')


def _is_there(inv: Invocation, info: Info, deadline: float) -> Object:
    return info.object


def _until_created(inv: Invocation, deadline: float) -> None:
    def created() -> bool:
        found = look_up(inv, _query(inv))
        if found.errors and not all(map(_is_not_found, found.errors)):
            raise_all(found.errors)
        return bool(found.infos)

    if not inv.wait(created, max(0.0, deadline - inv.now)):
        raise KubectlError("timed out waiting for the condition")


def _until(check: Check) -> _Wait:
    def until(inv: Invocation, info: Info, deadline: float) -> Object:
        def holds() -> bool:
            obj = inv.cluster.find(info.kind, info.name, info.namespace)
            if obj is None:
                raise not_found(info.kind.plural, info.name, info.kind.group)
            info.object = obj
            return check(obj)

        left = max(0.0, deadline - inv.now)
        if not inv.wait(holds, left):
            never = inv["timeout"] == 0
            raise KubectlError(f"condition not met for {info.title}" if never else _timed_out(info))
        return info.object

    return until


def until_gone(inv: Invocation, info: Info, deadline: float) -> Object:
    """Waits until the object, or its namesake of the same uid, is no longer there. Raises KubectlError when it stays."""
    uid = mapping(info.object, "metadata").get("uid")

    def gone() -> bool:
        obj = inv.cluster.find(info.kind, info.name, info.namespace)
        return obj is None or (uid is not None and obj["metadata"].get("uid") != uid)

    if not gone() and not inv.wait(gone, max(0.0, deadline - inv.now)):
        raise KubectlError(_timed_out(info))
    return info.object


def _timed_out(info: Info) -> str:
    return f"timed out waiting for the condition on {info.title}"


# ---------------------------------------------------------------------- conditions


def _has_condition(name: str, value: str) -> Check:
    def check(obj: Object) -> bool:
        for condition in mappings(obj, "status", "conditions"):
            if text(condition, "type").casefold() != name.casefold() or not isinstance(condition.get("status"), str):
                continue
            generation = mapping(obj, "metadata").get("generation")
            observed = condition.get("observedGeneration", mapping(obj, "status").get("observedGeneration"))
            if generation is not None and isinstance(observed, int) and observed < number(obj, "metadata", "generation"):
                return False
            return text(condition, "status").casefold() == value.casefold()
        return False

    return check


def _has_value(expression: str) -> Check:
    path_text, value = _split(expression)
    try:
        path = JSONPath(relaxed(path_text))
    except JSONPathError as error:
        raise KubectlError(str(error)) from None

    def check(obj: Object) -> bool:
        try:
            found = path.find(obj)
        except JSONPathError as error:
            raise KubectlError(str(error)) from None
        if not found or not found[0]:
            return False
        return _matches(found, value)

    return check


def _split(expression: str) -> tuple[str, str]:
    """The path and the value of ``PATH=VALUE``; ``==`` belongs to the path. The value is empty when any will do."""
    parts, rest = [""], expression
    while rest:
        if rest.startswith("=="):
            parts[-1], rest = parts[-1] + "==", rest[2:]
        elif rest[0] == "=":
            parts.append("")
            rest = rest[1:]
        else:
            parts[-1], rest = parts[-1] + rest[0], rest[1:]
    if len(parts) > 2:
        form = "--for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'"
        raise KubectlError(f"jsonpath wait format must be {form}")
    if not parts[0]:
        raise KubectlError("jsonpath expression cannot be empty")
    value = parts[1].strip("'\"") if len(parts) == 2 else ""
    if len(parts) == 2 and not value:
        raise KubectlError("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3")
    return parts[0], value


def _matches(found: Sequence[Sequence[Any]], wanted: str) -> bool:
    if len(found) > 1:
        raise KubectlError("given jsonpath expression matches more than one list")
    if len(found[0]) > 1:
        raise KubectlError("given jsonpath expression matches more than one value")
    value = found[0][0]
    if not wanted:
        return True
    if isinstance(value, Mapping | list):
        raise KubectlError("jsonpath leads to a nested object or list which is not supported")
    return plain(value).strip() == wanted.strip()


COMMANDS = (
    Command(
        "wait",
        wait,
        "Let time pass until objects are in a state",
        "(TYPE/NAME ... | TYPE -l SELECTOR | TYPE --all) --for=condition=NAME|jsonpath='{...}'=VALUE|create|delete",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.SELECTOR,
            flags.FIELD_SELECTOR,
            flags.ALL,
            flags.ALL_NAMESPACES,
            flags.LOCAL,
            Flag("for", "array", about="condition=Available, jsonpath='{.status.phase}'=Running, create or delete"),
            Flag("timeout", "duration", default=30.0, about="how long to wait: 30s, 5m"),
        ),
        example="kubectl wait --for=condition=Available deploy/web --timeout=60s",
    ),
)
