"""Label and field selectors, in the syntax and with the error texts of the Kubernetes API.

Source of the grammar: k8s.io/apimachinery ``pkg/labels/selector.go`` and ``pkg/fields/selector.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.names import label_key_problems, label_value_problems
from gitops_sim.errors import bad_request
from gitops_sim.objects import Object, get_path, labels_of

_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^=!(),<>\s]+|$)")
_OPERATORS = {"=": "in", "==": "in", "in": "in", "!=": "notin", "notin": "notin", ">": "gt", "<": "lt"}
_SYMBOLS = frozenset(("=", "==", "!=", "!", "(", ")", ",", "<", ">", ""))


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term. ``operator`` is ``in``, ``notin``, ``exists``, ``absent``, ``gt`` or ``lt``."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        found = self.key in labels
        if self.operator == "exists":
            return found
        if self.operator == "absent":
            return not found
        if self.operator == "notin":
            return not found or labels[self.key] not in self.values
        if not found:
            return False
        if self.operator == "in":
            return labels[self.key] in self.values
        (bound,) = self.values
        if not re.fullmatch(r"[+-]?\d+", labels[self.key]):
            return False
        return int(labels[self.key]) > int(bound) if self.operator == "gt" else int(labels[self.key]) < int(bound)


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """All of its requirements hold for the labels of an object."""

    requirements: tuple[Requirement, ...]

    def __call__(self, obj: Object) -> bool:
        return self.matches(labels_of(obj))

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(requirement.holds(labels) for requirement in self.requirements)


@lru_cache(maxsize=1024)
def label_selector(text: str) -> LabelSelector:
    """Parses ``app=web,tier in (a, b),!old``. Raises ApiError 400 with the server's words."""
    return LabelSelector(tuple(_Parser(text).requirements()))


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        place = 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            assert token is not None
            place = token.end()
            self._tokens.append(token[1])
        self._tokens.append("")
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            token = self._peek()
            if token == "":
                return found
            if token in _SYMBOLS and token != "!":
                raise bad_request(f"found '{token}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            after = self._next()
            if after == "":
                return found
            if after != ",":
                raise bad_request(f"found '{after}', expected: ',' or 'end of string'")
            if self._peek() in _SYMBOLS - {"!"}:
                raise bad_request(f"found '{self._peek()}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        key = self._next()
        absent = key == "!"
        if absent:
            key = self._next()
        if key in _SYMBOLS:
            raise _unparsable(f"found '{key}', expected: identifier")
        for problem in label_key_problems(key):
            raise _unparsable(f'<nil>: Invalid value: "{key}": {problem}')
        if absent:
            return Requirement(key, "absent")
        if self._peek() in ("", ","):
            return Requirement(key, "exists")
        symbol = self._next()
        operator = _OPERATORS.get(symbol)
        if operator is None:
            raise _unparsable(f"found '{symbol}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._list() if symbol in ("in", "notin") else self._exact()
        for value in sorted(values):
            if operator in ("gt", "lt") and not re.fullmatch(r"[+-]?\d+", value):
                raise _unparsable(
                    f"values[0]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
                )
            for problem in label_value_problems(value):
                raise _unparsable(f'values[0][{key}]: Invalid value: "{value}": {problem}')
        return Requirement(key, operator, frozenset(values))

    def _exact(self) -> set[str]:
        if self._peek() in ("", ","):
            return {""}
        value = self._next()
        if value in _SYMBOLS:
            raise _unparsable(f"found '{value}', expected: identifier")
        return {value}

    def _list(self) -> set[str]:
        opening = self._next()
        if opening != "(":
            raise _unparsable(f"found '{opening}' expected: '('")
        values: set[str] = set()
        item = ""
        while True:
            token = self._next()
            if token == ")":
                return values | {item}
            if token == ",":
                values.add(item)
                item = ""
            elif token in _SYMBOLS or item:
                expected = "',' or ')'" if item else "',', ')' or identifier"
                raise _unparsable(f"found '{token}', expected: {expected}")
            else:
                item = token


def _unparsable(why: str) -> Exception:
    return bad_request(f"unable to parse requirement: {why}")


def matches(selector: Any, labels: Mapping[str, str]) -> bool:
    """Whether ``labels`` satisfy a selector of an object: ``matchLabels`` with ``matchExpressions``, or a plain mapping.

    An empty ``{}`` matches everything, None nothing. (A Service without a selector selects nothing: its controller asks first.)
    """
    if not isinstance(selector, Mapping):
        return False
    if not selector:
        return True
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return all(labels.get(key) == value for key, value in selector.items())
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()) and all(
        _expression(term).holds(labels) for term in selector.get("matchExpressions") or ()
    )


def _expression(term: Mapping[str, Any]) -> Requirement:
    operator = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}[term["operator"]]
    return Requirement(term["key"], operator, frozenset(term.get("values") or ()))


# -------------------------------------------------------------------------------------------------------------- fields

_NAMED = {"metadata.name": ("metadata", "name"), "metadata.namespace": ("metadata", "namespace")}
_FIELDS: dict[str, tuple[str, ...]] = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    "Node": ("spec.unschedulable",),
    "Namespace": ("status.phase",),
    "Secret": ("type",),
    "Service": ("spec.clusterIP", "spec.type"),
    "ReplicationController": ("status.replicas",),
    "Job": ("status.successful",),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
}
_STORED_AS = {"status.successful": ("status", "succeeded"), "source": ("source", "component")}
_UNSET = {"spec.hostNetwork": "false", "spec.unschedulable": "false", "status.replicas": "0", "status.successful": "0"}
_TERM = re.compile(r"(.*?)(!=|==|=)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All of its ``(path, value when unset, equal?, value)`` terms hold for an object."""

    terms: tuple[tuple[tuple[str, ...], str, bool, str], ...]

    def __call__(self, obj: Object) -> bool:
        return all((_text(get_path(obj, path), unset) == value) is equal for path, unset, equal, value in self.terms)


def _text(value: Any, unset: str) -> str:
    if value is None:
        return unset
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


@lru_cache(maxsize=1024)
def field_selector(kind: Kind, text: str) -> FieldSelector:
    """Parses ``metadata.name=web,status.phase!=Running``. Raises ApiError 400 for a field that the kind cannot be selected by."""
    terms = []
    for part in text.split(","):
        if not part:
            continue
        term = _TERM.fullmatch(part)
        if term is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        field, operator, value = term.groups()
        terms.append((_path(kind, field), _UNSET.get(field, ""), operator != "!=", value))
    return FieldSelector(tuple(terms))


def _path(kind: Kind, field: str) -> tuple[str, ...]:
    if field in _NAMED:
        return _NAMED[field]
    known = kind.selectable if kind.custom else _FIELDS.get(kind.kind, ())
    if field in known:
        return _STORED_AS.get(field) or tuple(field.split("."))
    if known or kind.custom:
        raise bad_request(f"field label not supported: {field}")
    raise bad_request(f'"{field}" is not a known field selector: only "metadata.name", "metadata.namespace"')
