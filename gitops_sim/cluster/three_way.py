"""The patch of ``kubectl apply``: what the manifest dropped since last time, and what it wants otherwise than it is.

Source of the rules: k8s.io/apimachinery ``pkg/util/strategicpatch`` (built-in kinds), ``pkg/util/jsonmergepatch`` (custom ones).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
        return _put_together(_deleted(original or {}, modified), _changed(current, modified))
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
        before, inner = old[key], rule.fields.get(key, PLAIN)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            part = _diff(before, value, inner, deletions=deletions)
            if part:
                patch[key] = part
        elif isinstance(before, list) and isinstance(value, list) and inner.merge:
            _diff_lists(patch, key, before, value, inner, deletions)
        elif not deletions and (before != value or type(before) is not type(value)):
            patch[key] = value
    if deletions:
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
    if all(isinstance(item, Mapping) for item in (*old, *new)):
        items = _diff_mappings(old, new, rule, deletions)
        if items:
            patch[name] = items
        moved = not deletions and [identity(item, rule.key) for item in old] != [identity(item, rule.key) for item in new]
        if new and (items or moved):
            patch[SET_ORDER + name] = [{rule.key: item[rule.key]} for item in new]
        return
    gone = [item for item in old if item not in new] if deletions else []
    added = [item for item in new if item not in old] if not deletions else []
    if added:
        patch[name] = added
    if gone:
        patch[DELETE_FROM + name] = gone
    if new and (gone if deletions else old != new):
        patch[SET_ORDER + name] = new


def _diff_mappings(old: list[Any], new: list[Any], rule: Rule, deletions: bool) -> list[Any]:
    for item in (*old, *new):
        if rule.key not in item:
            raise no_merge_key(item, rule.key)
    before = {identity(item, rule.key): item for item in reversed(old)}
    items: list[Any] = []
    for item in new:
        known = before.get(identity(item, rule.key))
        if known is None:
            if not deletions:
                items.append(item)
            continue
        part = _diff(known, item, Rule(fields=rule.fields, retain_keys=rule.retain_keys), deletions=deletions)
        if part:
            items.append({**part, rule.key: item[rule.key]})
    if deletions:
        kept = {identity(item, rule.key) for item in new}
        items += [{PATCH: "delete", rule.key: item[rule.key]} for item in old if identity(item, rule.key) not in kept]
    return items


def _changed(current: Mapping[str, Any], modified: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in modified.items():
        before = current.get(key)
        if key in current and isinstance(before, Mapping) and isinstance(value, Mapping):
            part = _changed(before, value)
            if part:
                patch[key] = part
        elif value is not None and (key not in current or before != value or type(before) is not type(value)):
            patch[key] = value
    return patch


def _deleted(original: Mapping[str, Any], modified: Mapping[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, before in original.items():
        if modified.get(key) is None:
            patch[key] = None
        elif isinstance(before, Mapping) and isinstance(modified[key], Mapping):
            part = _deleted(before, modified[key])
            if part:
                patch[key] = part
    return patch


def _put_together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for key, value in other.items():
        before = both.get(key)
        both[key] = _put_together(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return both
