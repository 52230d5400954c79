"""Which objects a patch or a replacement is for: anchored regular expressions, and selectors of labels and annotations.

Source: kustomize ``api/types/selector.go``, ``Select`` in ``api/resmap/reswrangler.go``, ``pkg/labels`` of apimachinery.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.identity import Gvk
from gitops_sim.manifests.kustomize.resource import Resource


@lru_cache(maxsize=1024)
def pattern(text: str) -> re.Pattern[str]:
    """A whole value matches. Raises KustomizeError for what is no regular expression."""
    return go_pattern(f"^(?:{text})$", text)


@lru_cache(maxsize=1024)
def go_pattern(text: str, written: str) -> re.Pattern[str]:
    """A regular expression in Go's syntax; ``$`` is the very end of a text."""
    try:
        return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", text).replace(r"\z", r"\Z"))
    except re.error as error:
        what = f"error parsing regexp: {_go_problem(error, text)}"
        raise KustomizeError(what, where=written, mend="mend the regular expression") from None


def _go_problem(error: re.error, text: str) -> str:
    """What Go says of a pattern that Python refuses."""
    said = error.msg
    if said.startswith("missing ), "):
        return f"missing closing ): `{text}`"
    if said.startswith("unbalanced parenthesis"):
        return f"unexpected ): `{text}`"
    at = error.pos or 0
    if said.startswith("unterminated character set"):
        return f"missing closing ]: `{text[at:]}`"
    if said.startswith("nothing to repeat"):
        return f"missing argument to repetition operator: `{text[at : at + 1]}`"
    if said.startswith("multiple repeat"):
        return f"invalid nested repetition operator: `{text[at - 1 : at + 1]}`"
    return f"{said}: `{text}`"


class Selection:
    """A compiled selector; empty parts match everything."""

    def __init__(self, selector: Mapping[str, Any]) -> None:
        self._parts = {
            key: pattern(selector[key]) for key in ("group", "version", "kind", "name", "namespace") if selector.get(key)
        }
        self.labels = label_selector(selector.get("labelSelector") or "")
        self.annotations = label_selector(selector.get("annotationSelector") or "")
        self.by_labels = bool(selector.get("labelSelector") or selector.get("annotationSelector"))

    @property
    def by_identity(self) -> bool:
        return bool(self._parts)

    def matches(self, part: str, value: str) -> bool:
        found = self._parts.get(part)
        return found is None or found.search(value) is not None

    def matches_gvk(self, gvk: Gvk) -> bool:
        return self.matches("group", gvk[0]) and self.matches("version", gvk[1]) and self.matches("kind", gvk[2])


def select(resources: Sequence[Resource], selector: Mapping[str, Any]) -> list[Resource]:
    """The objects that a patch's ``target`` means, by their first or their present name and namespace."""
    selection = Selection(selector)
    found = []
    for resource in resources:
        now, first = resource.id, resource.original
        if not (
            selection.matches("namespace", first.effective_namespace) or selection.matches("namespace", now.effective_namespace)
        ):
            continue
        if not (selection.matches("name", first.name) or selection.matches("name", now.name)):
            continue
        if selection.matches_gvk(now.gvk) and selection.labels(resource.labels) and selection.annotations(resource.annotations):
            found.append(resource)
    return found


# ---------------------------------------------------------------------- labels

_TOKEN = re.compile(r"\s*(==|!=|[=!(),<>]|[^=!(),<>\s]+|$)")
Test = Callable[[Mapping[str, str]], bool]


@lru_cache(maxsize=1024)
def label_selector(text: str) -> Test:
    """The test that a selector stands for. Raises KustomizeError for what does not parse."""
    tokens = [token for token in _TOKEN.findall(text) if token]
    tests: list[Test] = []
    while tokens:
        tests.append(_requirement(tokens))
        if tokens and tokens.pop(0) != ",":
            raise _unparsable(f"found '{tokens[0] if tokens else text}', expected: ',' or 'end of string'")
        if not tokens and text.rstrip().endswith(","):
            raise _unparsable("found '', expected: identifier after ','")
    return lambda labels: all(test(labels) for test in tests)


def _requirement(tokens: list[str]) -> Test:
    first = tokens.pop(0)
    if first == "!":
        key = _word(tokens)
        return lambda labels: key not in labels
    key = first
    if not re.match(r"[A-Za-z0-9._/-]", key):
        raise _unparsable(f"found '{key}', expected: !, identifier, or 'end of string'")
    if not tokens or tokens[0] == ",":
        return lambda labels: key in labels
    operator = tokens.pop(0)
    if operator in ("in", "notin"):
        values = _values(tokens)
        return (lambda labels: labels.get(key) in values) if operator == "in" else (lambda labels: labels.get(key) not in values)
    if operator in ("=", "==", "!="):
        value = tokens.pop(0) if tokens and tokens[0] != "," else ""
        return (lambda labels: labels.get(key) != value) if operator == "!=" else (lambda labels: labels.get(key) == value)
    if operator in (">", "<"):
        bound = _word(tokens)
        return lambda labels: _compared(labels.get(key), bound, operator)
    raise _unparsable(f"found '{operator}', expected: in, notin, =, ==, !=, gt, lt")


def _compared(value: str | None, bound: str, operator: str) -> bool:
    if value is None or not re.fullmatch(r"[+-]?\d+", value):
        return False
    return int(value) > int(bound) if operator == ">" else int(value) < int(bound)


def _values(tokens: list[str]) -> frozenset[str]:
    if not tokens or tokens[0] != "(":
        raise _unparsable(f"found '{tokens[0] if tokens else ''}' expected: '('")
    tokens.pop(0)
    values: list[str] = []
    while tokens and (token := tokens.pop(0)) != ")":
        if token != ",":
            values.append(token)
    return frozenset(values)


def _word(tokens: list[str]) -> str:
    if not tokens:
        raise _unparsable("found '', expected: identifier")
    return tokens.pop(0)


def _unparsable(detail: str) -> KustomizeError:
    return KustomizeError(f"unable to parse requirement: {detail}", mend="write key=value, key in (a,b), key or !key")
