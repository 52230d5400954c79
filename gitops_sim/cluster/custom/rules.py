"""The rules in CEL that a definition states (``x-kubernetes-validations``): what an object breaks of them.

A rule that speaks of ``oldSelf`` is about changes, and holds where there was nothing before. What an update leaves as it was may
go on breaking a rule that is younger than it (ratcheting). Source: apiextensions-apiserver
``pkg/apiserver/schema/cel/validation.go``; the words are as recorded from a 1.36 server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.cluster.custom.expressions import ExpressionError, available, expression
from gitops_sim.cluster.custom.nodes import Node
from gitops_sim.cluster.custom.values import longest_list, value_of
from gitops_sim.cluster.go_text import json_text
from gitops_sim.errors import Cause

RULES = "x-kubernetes-validations"
_BLOCKING = ("FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid")
_ABSENT = object()
_NOT_CHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"
)


def broken(node: Node, new: Any, old: Any = None, *, field: str = "", found: list[Cause]) -> Iterator[Cause]:
    """``old`` is what an update replaces, None for a new object; ``field`` is where the value stands; ``found`` is what is wrong
    with it already: with the wrong type, no rule can be asked."""
    if not node.ruled or not available():
        return
    if any(cause.reason in _BLOCKING for cause in found):
        yield Cause("<nil>", f'Invalid value: "null": {_NOT_CHECKED}')
        return
    yield from _broken(node, new, _ABSENT if old is None else old, field, root=not field)


def _broken(node: Node, new: Any, old: Any, field: str, *, root: bool = False) -> Iterator[Cause]:
    if not node.ruled or new is None:
        return
    rules = node.schema.get(RULES)
    if isinstance(rules, list) and rules:
        seen = {"self": value_of(node, new, root=root)}
        if old is not _ABSENT and old is not None:
            seen["oldSelf"] = value_of(node, old, root=root)
        longest, same = longest_list(new), old is not _ABSENT and new == old
        for rule in rules:
            if isinstance(rule, dict):
                yield from _asked(rule, seen, new, field, longest, same)
    if isinstance(new, dict):
        before = old if isinstance(old, dict) else {}
        for name in sorted(new):
            inner = node.of(name)
            if inner is not None:
                yield from _broken(inner, new[name], before.get(name, _ABSENT), f"{field}.{name}" if field else name)
    elif isinstance(new, list) and node.items is not None:
        for index, item in enumerate(new):
            yield from _broken(node.items, item, _before(node, item, old), f"{field}[{index}]")


def _asked(rule: Mapping[str, Any], seen: Mapping[str, Any], value: Any, field: str, longest: int, same: bool) -> Iterator[Cause]:
    try:
        asked = expression(str(rule.get("rule", "")))
        about_change = asked.uses("oldSelf")
        if about_change and "oldSelf" not in seen and rule.get("optionalOldSelf") is not True:
            return
        if same and not about_change:
            return
        if asked.value(seen, longest):
            return
        why = _message(rule, seen, longest)
    except ExpressionError as error:
        why = str(error)
    place = field + str(rule.get("fieldPath") or "") if field else str(rule.get("fieldPath") or "").removeprefix(".")
    yield _cause(str(rule.get("reason") or "FieldValueInvalid"), place or "<nil>", value, why)


def _message(rule: Mapping[str, Any], seen: Mapping[str, Any], longest: int) -> str:
    made = rule.get("messageExpression")
    if isinstance(made, str) and made:
        try:
            text = str(expression(made).value(seen, longest)).strip()
            if text and "\n" not in text:
                return text
        except ExpressionError:
            pass  # the plain message stands in for it
    message = rule.get("message")
    return str(message).strip() if message else f"failed rule: {str(rule.get('rule', '')).strip()}"


def _cause(reason: str, place: str, value: Any, why: str) -> Cause:
    if reason == "FieldValueForbidden":
        return Cause(place, f"Forbidden: {why}", reason)
    if reason == "FieldValueRequired":
        return Cause(place, f"Required value: {why}", reason)
    word = "Duplicate value" if reason == "FieldValueDuplicate" else "Invalid value"
    if isinstance(value, Mapping | list):
        return Cause(place, f"{word}: {why}" if word == "Invalid value" else word, reason)
    return Cause(place, f"{word}: {json_text(value)}" + (f": {why}" if word == "Invalid value" else ""), reason)


def _before(node: Node, item: Any, old: Any) -> Any:
    """The item of a list before, where its keys tell which one it was."""
    keys = node.schema.get("x-kubernetes-list-map-keys")
    if node.schema.get("x-kubernetes-list-type") != "map" or not isinstance(keys, list) or not isinstance(old, list):
        return _ABSENT
    wanted = [item.get(key) for key in keys] if isinstance(item, dict) else None
    return next((one for one in old if isinstance(one, dict) and [one.get(key) for key in keys] == wanted), _ABSENT)
