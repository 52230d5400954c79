"""Strategic merge: a patch in the shape of the object, whose lists merge by key.

Source of the rules: k8s.io/apimachinery ``pkg/util/strategicpatch``, the order of merged lists included: what the patch brings
stays in the patch's order, what only the server has is woven in before the first item that used to come after it; so a new item
goes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.merge_keys import PLAIN, Rule
from gitops_sim.errors import ApiError, bad_request

PATCH = "$patch"
RETAIN_KEYS = "$retainKeys"
SET_ORDER = "$setElementOrder/"
DELETE_FROM = "$deleteFromPrimitiveList/"
_MISSING = object()


def merge_mapping(current: Mapping[str, Any], patch: Mapping[str, Any], rule: Rule, *, client: bool = False) -> dict[str, Any]:
    """``current`` with ``patch`` merged in. ``client``: two patches are being put together, so nulls and directives are kept for
    the server."""
    if PATCH in patch:
        return _directed_mapping(patch)
    merged = dict(current)
    patch = dict(patch)
    if RETAIN_KEYS in patch and not client:
        _retain_keys(merged, patch)
    for key in [k for k in patch if k.startswith(SET_ORDER)]:
        _ordered_list(merged, patch, key, rule, client)
    for key, value in patch.items():
        name, deletes = key, False
        if key.startswith("$"):
            if client and _is_directive(key):
                merged[key] = value
                continue
            deletes = key.startswith(DELETE_FROM)
            name = key[len(DELETE_FROM) :] if deletes else key
        if value is None:
            merged.pop(name, None)
            if client:
                merged[name] = None
            continue
        inner = rule.fields.get(name, PLAIN)
        old = merged.get(name, _MISSING)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[name] = merge_mapping(old, value, inner, client=client)
        elif isinstance(old, list) and isinstance(value, list):
            merged[name] = _merge_list(old, value, inner, deletes=deletes, client=client)
        elif not deletes:
            merged[name] = value if client else without_directives(value)
    return merged


def _directed_mapping(patch: Mapping[str, Any]) -> dict[str, Any]:
    if patch[PATCH] == "replace":
        return {k: v for k, v in patch.items() if k != PATCH}
    if patch[PATCH] == "delete":
        return {}
    raise _unknown_directive(patch)


def _retain_keys(merged: dict[str, Any], patch: dict[str, Any]) -> None:
    retained = patch.pop(RETAIN_KEYS)
    if not isinstance(retained, list) or any(
        key not in retained for key, value in patch.items() if value is not None and not key.startswith((DELETE_FROM, SET_ORDER))
    ):
        raise bad_request("invalid patch format of retainKeys")
    for key in [k for k in merged if k not in retained]:
        del merged[key]


def _ordered_list(merged: dict[str, Any], patch: dict[str, Any], directive: str, rule: Rule, client: bool) -> None:
    """Merges the list that a ``$setElementOrder/...`` of the patch is about, and takes both out of the patch."""
    order = patch.pop(directive)
    if client:
        merged[directive] = order
    name = directive[len(SET_ORDER) :]
    inner = rule.fields.get(name, PLAIN)
    wanted = patch.pop(name, _MISSING)
    current = merged.get(name, _MISSING)
    if wanted is None:
        merged.pop(name, None)
        return
    if not isinstance(order, list):
        raise bad_request("invalid patch format of setElementOrder list")
    if isinstance(wanted, list):
        _check_order(wanted, order, inner.key)
    if isinstance(wanted, list) and isinstance(current, list):
        items = _merge_list(current, wanted, inner, client=client)
    elif wanted is not _MISSING:
        items = wanted if client else without_directives(wanted)
    else:
        items = current
    if isinstance(items, list):
        if not (wanted if isinstance(wanted, list) else ()) and not (current if isinstance(current, list) else ()):
            raise ApiError(500, "", "no elements in any of the given slices")
        before = _overwritten(current, items, inner.key) if isinstance(current, list) else []
        merged[name] = _in_order(items, order, before, inner.key)


def _overwritten(before: list[Any], merged: list[Any], key: str) -> list[Any]:
    """The order of ``before`` as the real server reads it after merging: new items have taken the places of deleted ones, as Go's
    slices share their memory."""
    places = {identity(item, key) for item in before}
    left = {identity(item, key) for item in merged}
    kept = [item for item in before if identity(item, key) in left]
    new = [item for item in merged if identity(item, key) not in places]
    return (kept + new)[: len(before)]


def _check_order(items: list[Any], order: list[Any], key: str) -> None:
    kept = [item for item in items if not (isinstance(item, dict) and PATCH in item)]
    rest = iter(order)
    if not all(any(_same_item(item, other, key) for other in rest) for item in kept):
        raise ApiError(
            500, "", f"The order in patch list:\n{plain(items)}\n doesn't match $setElementOrder list:\n{plain(order)}\n"
        )


def _merge_list(current: list[Any], patch: list[Any], rule: Rule, *, deletes: bool = False, client: bool = False) -> list[Any]:
    if not rule.merge and not deletes:
        return without_directives(patch) if not client else patch
    if not current and not patch:
        return current
    samples = (*current, *patch)
    if all(isinstance(item, dict) for item in samples):
        if not rule.key:
            raise ApiError(500, "", "cannot merge lists without merge key")
        return _merge_mappings(current, patch, rule, client)
    if any(isinstance(item, dict | list) for item in samples):
        raise bad_request("lists of lists are not supported")
    if deletes:
        return [item for item in current if item not in patch]
    merged = list(dict.fromkeys((*current, *patch)))
    return _in_order(merged, patch, current, "")


def _merge_mappings(current: list[Any], patch: list[Any], rule: Rule, client: bool) -> list[Any]:
    server, wanted, replace = current, [], False
    for item in patch:
        directive = item.get(PATCH)
        if directive is None:
            wanted.append(item)
        elif directive == "delete":
            if rule.key not in item:
                raise no_merge_key(item, rule.key)
            server = [other for other in server if other.get(rule.key, _MISSING) != item[rule.key]]
        elif directive == "replace":
            replace = True
        elif directive == "merge":
            raise ApiError(500, "", "merging lists cannot yet be specified in the patch")
        else:
            raise _unknown_directive(item)
    if replace:
        return wanted
    merged = list(server)
    for item in wanted:
        if rule.key not in item:
            raise no_merge_key(item, rule.key)
        place = next((i for i, other in enumerate(merged) if other.get(rule.key, _MISSING) == item[rule.key]), None)
        if place is None:
            merged.append(item if client else without_directives(item, new_item=True))
        else:
            merged[place] = merge_mapping(merged[place], item, rule, client=client)
    return _in_order(merged, wanted, server, rule.key)


def _in_order(items: list[Any], wanted: list[Any], before: list[Any], key: str) -> list[Any]:
    """``items``: those of ``wanted`` in its order, and the others, in the order of ``before``, each in front of the first wanted
    item that used to come after it."""
    places = {identity(item, key): place for place, item in reversed(list(enumerate(wanted)))}
    listed = sorted((item for item in items if identity(item, key) in places), key=lambda item: places[identity(item, key)])
    others = [item for item in items if identity(item, key) not in places]
    if not others or not listed:
        return listed or others
    stood = {identity(item, key): place for place, item in reversed(list(enumerate(before)))}
    others.sort(key=lambda item: stood.get(identity(item, key), len(stood)))
    woven: list[Any] = []
    waiting = iter(others)
    other = next(waiting, _MISSING)
    for item in listed:
        place = stood.get(identity(item, key))
        while other is not _MISSING and place is not None and stood.get(identity(other, key), place) < place:
            woven.append(other)
            other = next(waiting, _MISSING)
        woven.append(item)
    return woven if other is _MISSING else [*woven, other, *waiting]


def identity(item: Any, key: str) -> Any:
    """What tells an item of a merging list from the others; something that can be a key of a dict."""
    value = item.get(key) if key and isinstance(item, dict) else item
    return value if isinstance(value, str | int | float | bool | None) else plain(value)


def _same_item(one: Any, other: Any, key: str) -> bool:
    return bool(identity(one, key) == identity(other, key))


def without_directives(value: Any, *, new_item: bool = False) -> Any:
    """The plain value of a piece of a patch that meets nothing to be merged with: directives and nulls vanish, and so do items
    that carry a directive. Inside of a ``new_item`` of a list they stay, as in the real server."""
    if isinstance(value, dict):
        plain_items = value.items()
        return {k: without_directives(v, new_item=new_item) for k, v in plain_items if v is not None and not _is_directive(k)}
    if isinstance(value, list):
        kept = value if new_item else [item for item in value if not (isinstance(item, dict) and PATCH in item)]
        return [without_directives(item, new_item=new_item) for item in kept]
    return value


def _is_directive(key: str) -> bool:
    return key in (PATCH, RETAIN_KEYS) or key.startswith((SET_ORDER, DELETE_FROM))


def _unknown_directive(patch: Mapping[str, Any]) -> ApiError:
    return ApiError(500, "", f"unknown patch type: {plain(patch[PATCH])} in map: {plain(patch)}")


def no_merge_key(item: Mapping[str, Any], key: str) -> ApiError:
    return ApiError(500, "", f"map: {plain(item)} does not contain declared merge key: {key}")
