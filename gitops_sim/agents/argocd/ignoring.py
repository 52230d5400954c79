"""``ignoreDifferences``: fields that others may change without the Application being OutOfSync.

They are named by JSON pointers, by jq paths, or by the managers that own them. A sync applies what Git says all the same, unless
``RespectIgnoreDifferences=true``. Source: ``util/argo/normalizers/diff_normalizer.go`` and ``util/argo/managedfields``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd import jq
from gitops_sim.agents.frozen import Frozen
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, Path, changes, get_path, with_path, without_path

Pointer = tuple[str, ...]
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Ignored(Frozen):
    """What does not count in one object. Pointers are paths already split."""

    pointers: tuple[Pointer, ...] = ()
    expressions: tuple[jq.Expression, ...] = ()
    managers: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.pointers or self.expressions or self.managers)

    def without(self, obj: Any) -> Any:
        """``obj`` without the fields that are named; those of managers are another matter."""
        for pointer in self.pointers:
            obj = without_path(obj, _steps(obj, pointer))
        for expression in self.expressions:
            for path in reversed(expression.paths(obj)):
                obj = without_path(obj, path)
        return obj

    def owned(self, obj: Object, path: Path) -> bool:
        """Whether one of the managers owns a field of ``obj``, which is shown with its ``managedFields``."""
        entries = obj["metadata"].get("managedFields") or ()
        return any(entry["manager"] in self.managers and _reaches(entry.get("fieldsV1") or {}, path, obj) for entry in entries)


NOTHING = Ignored()


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Which objects it is about, and what does not count in them."""

    group: str
    kind: str
    name: str
    namespace: str
    ignored: Ignored

    def fits(self, key: Key) -> bool:
        return (
            self.group in ("*", key.group)
            and self.kind in ("*", key.kind)
            and self.name in ("", key.name)
            and self.namespace in ("", key.namespace)
        )


def read_rule(rule: Mapping[str, Any], problems: list[str]) -> IgnoreRule:
    """What cannot be followed goes to ``problems``."""
    expressions = []
    for text in _texts(rule, "jqPathExpressions", problems):
        try:
            expressions.append(jq.parse(text))
        except BadInput as error:
            problems.append(f"spec.ignoreDifferences.jqPathExpressions: {error.what}")
    return IgnoreRule(
        str(rule.get("group") or ""),
        str(rule.get("kind") or ""),
        str(rule.get("name") or ""),
        str(rule.get("namespace") or ""),
        Ignored(
            tuple(split_pointer(text) for text in _texts(rule, "jsonPointers", problems)),
            tuple(expressions),
            frozenset(_texts(rule, "managedFieldsManagers", problems)),
        ),
    )


def together(rules: Sequence[IgnoreRule], key: Key) -> Ignored:
    """What all rules that fit an object say."""
    found = [rule.ignored for rule in rules if rule.fits(key)]
    if len(found) < 2:
        return found[0] if found else NOTHING
    return Ignored(
        tuple(pointer for one in found for pointer in one.pointers),
        tuple(expression for one in found for expression in one.expressions),
        frozenset(manager for one in found for manager in one.managers),
    )


def split_pointer(pointer: str) -> Pointer:
    """The steps of a JSON pointer (RFC 6901): ``/spec/replicas``, ``/metadata/annotations/example.com~1owner``."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def with_live_values(target: Any, live: Object, ignored: Ignored) -> Any:
    """The manifest with the live values in the ignored fields, as ``RespectIgnoreDifferences`` applies it; ``status`` is
    never copied."""
    for there, here in _pairs(target, live, ignored):
        value = get_path(live, there, _ABSENT)
        if value is _ABSENT:
            target = without_path(target, here)
        elif isinstance(get_path(target, here[:-1]), Mapping):
            target = with_path(target, here, value)
    return target


def _pairs(target: Any, live: Object, ignored: Ignored) -> Iterator[tuple[Path, Path]]:
    """Where an ignored field is in the cluster and in the manifest."""
    for pointer in ignored.pointers:
        if pointer[:1] != ("status",):
            yield _steps(live, pointer), _steps(target, pointer)
    for expression in ignored.expressions:
        there, here = expression.paths(live), expression.paths(target)
        if len(there) == len(here):
            yield from zip(there, here, strict=True)
        else:
            yield from ((path, path) for path in there if not any(isinstance(step, int) for step in path))
    if ignored.managers:
        for path, _, wanted in changes(live, target):
            if wanted is not None and ignored.owned(live, path):
                yield path, path


def _steps(obj: Any, pointer: Pointer) -> Path:
    """A JSON pointer writes the indexes of lists as text; a path has numbers there."""
    steps: list[str | int] = []
    for step in pointer:
        index = int(step) if isinstance(obj, list) and str(step).isdigit() else step
        steps.append(index)
        obj = get_path(obj, (index,))
    return steps


def _reaches(fields: Mapping[str, Any], path: Path, obj: Any) -> bool:
    """Whether a set of fields, as ``fieldsV1`` writes it, holds the field at ``path`` or something around it."""
    for number, step in enumerate(path):
        if not fields:
            return number > 0  # the whole of what is around it
        inner = get_path(obj, (step,))
        below = fields.get(f"f:{step}") if isinstance(step, str) else _item(fields, inner)
        if below is None:
            return False
        fields, obj = below, inner
    return True


def _item(fields: Mapping[str, Any], item: Any) -> Mapping[str, Any] | None:
    """The part of a set of fields that is about one item of a list, which is known by its keys or by its value."""
    for name, below in fields.items():
        how, _, text = name.partition(":")
        if how == "v" and json.loads(text) == item:
            return dict(below)
        if how == "k" and isinstance(item, Mapping) and json.loads(text).items() <= item.items():
            return dict(below)
    return None


def _texts(rule: Mapping[str, Any], way: str, problems: list[str]) -> Sequence[str]:
    value = rule.get(way)
    if value is None:
        return ()
    if not isinstance(value, list):
        problems.append(f"spec.ignoreDifferences.{way} must be a list, not {value!r}")
        return ()
    return [str(text) for text in value]
