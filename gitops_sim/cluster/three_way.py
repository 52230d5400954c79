"""The patch of ``kubectl apply``: what the manifest dropped since last time, and what it wants otherwise than it is.

Source of the rules: k8s.io/apimachinery ``pkg/util/strategicpatch`` (built-in kinds), ``pkg/util/jsonmergepatch`` (custom ones).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.merge_keys import PLAIN, Rule, rules
from gitops_sim.cluster.strategic import DELETE_FROM, PATCH, RETAIN_KEYS, SET_ORDER, identity, merge_mapping, no_merge_key
from gitops_sim.objects import Object


def three_way(kind: Kind, original: Object | None, modified: Object, current: Object) -> dict[str, Any]:
    """The patch that turns ``current`` into what ``modified`` says, ``original`` being what was applied last.

    A field of ``original`` that ``modified`` lacks is deleted; one that neither mentions stays. It is a strategic merge patch for
    a built-in kind, a JSON merge patch for a custom one; ``{}`` when there is nothing to do.
    """
    if kind.custom:
        deletions = _part(_merge_diff(original or {}, modified), nulls=True)
        return _put_together(deletions, _part(_merge_diff(current, modified), nulls=False))
    rule = rules(kind)
    deletions = _diff(original or {}, modified, rule, deletions=True)
    return merge_mapping(deletions, _diff(current, modified, rule, deletions=False), rule, client=True)


def _diff(old: Mapping[str, Any], new: Mapping[str, Any], rule: Rule, *, deletions: bool) -> dict[str, Any]:
    """Either only what ``new`` no longer has, or only what it adds and changes."""
    patch: dict[str, Any] = {}
    for key, value in new.items():
        if key not in old:
            if not deletions:
                patch[key] = value
            continue
        before = old[key]
        if isinstance(before, dict) and isinstance(value, dict):
            part = _diff(before, value, rule.fields.get(key, PLAIN), deletions=deletions)
            if part:
                patch[key] = part
        elif isinstance(before, list) and isinstance(value, list) and (inner := rule.fields.get(key, PLAIN)).merge:
            _diff_lists(patch, key, before, value, inner, deletions)
        elif not deletions and not same(before, value):
            patch[key] = value
    if deletions and not old.keys() <= new.keys():
        patch.update((key, None) for key in old if key not in new)
    if rule.retain_keys and (patch or old.keys() - new.keys()):
        retained = sorted(key for key, value in new.items() if value is not None)
        if retained:
            patch[RETAIN_KEYS] = retained
    return patch


def _diff_lists(patch: dict[str, Any], name: str, old: list[Any], new: list[Any], rule: Rule, deletions: bool) -> None:
    if not old:
        if new and not deletions:
            patch[name] = new
        return
    if all(isinstance(item, dict) for item in (*old, *new)):
        items = _diff_mappings(old, new, rule, deletions)
        if items:
            patch[name] = items
        moved = not deletions and [identity(item, rule.key) for item in old] != [identity(item, rule.key) for item in new]
        if new and (items or moved):
            patch[SET_ORDER + name] = [{rule.key: item[rule.key]} for item in new]
        return
    gone = sorted((item for item in old if item not in new), key=plain) if deletions else []
    added = [item for item in new if item not in old] if not deletions else []
    if added:
        patch[name] = added
    if gone:
        patch[DELETE_FROM + name] = gone
    # kubectl has sorted the old list by now: equal lists that are not in order get a directive all the same
    if new and (gone if deletions else sorted(old, key=plain) != new):
        patch[SET_ORDER + name] = new


def _diff_mappings(old: list[Any], new: list[Any], rule: Rule, deletions: bool) -> list[Any]:
    """Items are paired in the order of their merge keys: of two with one key (a port for TCP and UDP) the first meet."""
    for item in (*old, *new):
        if rule.key not in item:
            raise no_merge_key(item, rule.key)
    before = sorted(old, key=lambda item: plain(item[rule.key]))
    after = sorted(new, key=lambda item: plain(item[rule.key]))
    items: list[Any] = []
    gone: list[Any] = []
    inner = Rule(fields=rule.fields, retain_keys=rule.retain_keys)
    while before or after:
        one = plain(before[0][rule.key]) if before else ""
        other = plain(after[0][rule.key]) if after else ""
        if before and after and one == other:
            item = after.pop(0)
            part = _diff(before.pop(0), item, inner, deletions=deletions)
            if part:
                items.append({**part, rule.key: item[rule.key]})
        elif not before or (after and one > other):
            items += [] if deletions else [after[0]]
            del after[0]
        else:
            gone += [{PATCH: "delete", rule.key: before[0][rule.key]}] if deletions else []
            del before[0]
    places = {identity(item, rule.key): place for place, item in reversed(list(enumerate(new)))}
    return sorted(items, key=lambda item: places[identity(item, rule.key)]) + gone


def _merge_diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch from ``old`` to ``new``."""
    patch: dict[str, Any] = {}
    for key, value in new.items():
        before = old.get(key)
        if key in old and isinstance(before, dict) and isinstance(value, dict):
            part = _merge_diff(before, value)
            if part:
                patch[key] = part
        elif key not in old or not same(before, value):
            patch[key] = value
    patch.update((key, None) for key in old if key not in new)
    return patch


def _part(patch: Mapping[str, Any], *, nulls: bool) -> dict[str, Any]:
    """Only the nulls of a patch, or all but them. An empty mapping counts as a value."""
    kept: dict[str, Any] = {}
    for key, value in patch.items():
        if isinstance(value, dict) and value:
            inner = _part(value, nulls=nulls)
            if inner:
                kept[key] = inner
        elif (value is None) is nulls:
            kept[key] = value
    return kept


def same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: ``true`` is not 1."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def _put_together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for key, value in other.items():
        before = both.get(key)
        both[key] = _put_together(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return both
