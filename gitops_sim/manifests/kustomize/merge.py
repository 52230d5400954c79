"""Strategic merge patches, as kyaml walks two trees at once.

Not the merge of the API server: new items of a list come first, a merge visits the whole object (so that a field that is null
without saying so, ``emptyDir:``, goes away), and what is added is the patch's own node.

Source: kyaml ``yaml/merge2/merge2.go``, ``smpdirective.go``, ``yaml/walk/*.go``, ``ElementSetter`` in ``yaml/fns.go``.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.merge_rules import Rule, Rules
from gitops_sim.manifests.kustomize.nodes import MAPPING, NONE, SCALAR, SEQUENCE, Node, missing, require, set_field
from gitops_sim.manifests.kustomize.scalars import NULL

_PATCH = "$patch"


def merge(target: Node, patch: Node, rules: Rules) -> Node | None:
    """The target, changed by the patch (which is used up); None when the patch deletes it."""
    rule = None
    for node in (target, patch):
        kind, version = node.text_at("kind"), node.text_at("apiVersion")
        if kind and version and (rule := rules.get((version, kind))) is not None:
            break
    return _walk(target, patch, rule)


def _walk(dest: Node | None, origin: Node | None, rule: Rule | None) -> Node | None:
    present = dest if not missing(dest) else origin if not missing(origin) else None
    kind = present.kind if present is not None else NONE
    if kind in (MAPPING, NONE):
        if kind == MAPPING:
            require(dest, MAPPING)
            require(origin, MAPPING)
        return _walk_mapping(dest, origin, rule)
    require(dest, kind)
    require(origin, kind)
    if kind == SEQUENCE and rule is not None and rule.merge:
        return _walk_list(dest, origin, rule)
    return origin if origin is not None else dest


def _walk_mapping(dest: Node | None, origin: Node | None, rule: Rule | None) -> Node | None:
    result = _visit_mapping(dest, origin)
    if result is None:
        return None
    names = {*(result.fields if result.kind == MAPPING else ()), *(origin.fields if origin is not None else ())}
    for name in sorted(names):
        inner = rule.field(name) if rule is not None else None
        value = _walk(result.get(name), origin.get(name) if origin is not None else None, inner)
        set_field(result, name, value, quoted=True)
    return result


def _visit_mapping(dest: Node | None, origin: Node | None) -> Node | None:
    if dest is None or dest.tag == NULL:
        if origin is not None and origin.kind == MAPPING and _directive(origin, lenient=True) == "delete":
            return None
        if origin is None and dest is not None and dest.text:
            kept = Node(SCALAR, dest.text, NULL)
            kept.keep = True
            return kept
        return origin
    if origin is not None and origin.tag == NULL:
        return None
    return _by_directive(dest, origin)


def _by_directive(dest: Node, origin: Node | None) -> Node | None:
    directive = _directive(origin) if origin is not None else "merge"
    if directive == "delete":
        return None
    return origin if directive == "replace" else dest


def _directive(patch: Node, *, lenient: bool = False) -> str:
    """What ``$patch`` says, taken out of the patch."""
    if patch.kind == SEQUENCE:
        return _list_directive(patch)
    said = patch.get(_PATCH)
    if said is None:
        return "merge"
    if said.text not in ("delete", "replace", "merge"):
        if lenient:
            return "merge"
        raise KustomizeError(f"unknown patch strategy '{said.text}'", mend="write $patch: delete, replace or merge")
    patch.clear(_PATCH)
    return said.text


def _list_directive(patch: Node) -> str:
    holder = next((item for item in patch.items if item.get(_PATCH) is not None), None)
    if holder is None or len(holder.fields) > 1:
        return "merge"
    said = holder.fields[_PATCH].text
    if said not in ("delete", "replace", "merge"):
        raise KustomizeError(f"unknown patch strategy '{said}'", mend="write $patch: delete, replace or merge")
    _set_element(patch, (_PATCH,), (said,), None)
    return said


# ---------------------------------------------------------------------- lists that merge


def _walk_list(dest: Node | None, origin: Node | None, rule: Rule) -> Node | None:
    if dest is None or dest.tag == NULL:
        result = origin
    elif origin is not None and origin.tag == NULL:
        result = None
    else:
        result = _by_directive(dest, origin)
    if result is None:
        return None
    sources = (result, origin)
    if rule.keys:
        return _merge_items(sources, _key_values(sources, rule.keys), rule.keys, rule, result)
    values: list[tuple[str, ...]] = [
        (text,) for text in dict.fromkeys(item.text for source in (origin, result) if source is not None for item in source.items)
    ]
    return _merge_items(sources, values, ("",), rule, result)


_Sources = tuple[Node | None, Node | None]


def _key_values(sources: _Sources, keys: Sequence[str]) -> list[tuple[str, ...]]:
    """The values of the keys of all items, the patch's first, each once."""
    found: dict[tuple[str, ...], None] = {}
    for source in (sources[1], sources[0]):
        for item in source.items if source is not None else ():
            found[tuple(_key_text(item, key) for key in keys)] = None
    return list(found)


def _key_text(item: Node, key: str) -> str:
    field = item.get(key)
    return field.text if field is not None and not field.empty else ""


def _merge_items(sources: _Sources, values: list[tuple[str, ...]], keys: Sequence[str], rule: Rule, dest: Node) -> Node | None:
    added = Node(SEQUENCE)
    inner = Rule()
    inner.fields, inner.each = rule.fields, rule.each
    all_values: list[tuple[str, ...]] = _merged_values(values) if len(keys) > 1 else values
    valid: Sequence[str] = ()
    for present in all_values:
        valid, wanted = _valid_keys(all_values, present, keys)
        lookup_keys, lookup_values = _valid_keys([tuple(wanted)], wanted, valid)
        pair = [_find(source, lookup_keys, lookup_values) for source in sources]
        value = _walk(pair[0], pair[1], inner)
        gone = missing(value) or (value is not None and value.kind == MAPPING and not value.fields)
        if gone or value is None:
            _set_element(dest, valid, wanted, None)
            continue
        for key, text in zip(valid, wanted, strict=False):
            if key and text and value.kind == MAPPING and key not in value.fields:
                set_field(value, key, Node(SCALAR, text))
        _set_element(added, valid, wanted, value)
    if all_values:
        dest = _append(added, dest, valid)
    return None if dest.tag == NULL else dest


def _append(into: Node, more: Node, keys: Sequence[str]) -> Node:
    """The new items, then those of the target that are not among them."""
    for item in more.items:
        if not keys or not keys[0]:
            _set_element(into, ("",), (item.text,), item)
            continue
        values: list[str] = []
        for key in keys:
            field = item.get(key)
            require(item, MAPPING)
            if field is None:
                into.items.append(item)
                continue
            values.append(field.text)
        if len(keys) > 1:
            _set_element(into, keys, values, None)
        _set_element(into, keys, values, item)
    return into


def _valid_keys(
    every: Sequence[Sequence[str]], values: Sequence[str], keys: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """The keys that some item has, with this item's values."""
    used = {keys[at] for row in every for at, text in enumerate(row) if text}
    if not used:
        return keys, values
    return (
        [key for key in keys if key in used],
        [text for at, text in enumerate(values) if text or keys[at] in used],
    )


def _merged_values(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows that agree where both say something become one: a port with its protocol and the same port without."""
    rows = list(rows)
    for one in range(len(rows)):
        first = rows[one]
        for other, second in enumerate(rows):
            united = _united(first, second)
            if united is not None:
                rows[one] = rows[other] = united
    return rows


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    if len(one) != len(other) or any(a and b and a != b for a, b in zip(one, other, strict=True)):
        return None
    if not any(a == b for a, b in zip(one, other, strict=True)):
        return None
    return tuple(a or b for a, b in zip(one, other, strict=True))


def _find(source: Node | None, keys: Sequence[str], values: Sequence[str]) -> Node | None:
    """The first item whose keys have the values; of plain values, the one that is the value."""
    if source is None or source.kind != SEQUENCE:
        return None
    if not keys or not keys[0]:
        return next((item for item in source.items if item.text == (values[0] if values else "")), None)
    if len(keys) != len(values):
        return None
    for item in source.items:
        if item.kind == MAPPING and all(_matches(item, key, text) for key, text in zip(keys, values, strict=True)):
            return item
    return None


def _matches(item: Node, key: str, text: str) -> bool:
    field = item.fields.get(key)
    return field is not None and field.text == text


def _set_element(owner: Node, keys: Sequence[str], values: Sequence[str], element: Node | None) -> None:
    """Replaces the item whose keys have the values, appends it when there is none; None removes it. Empty items go away."""
    require(owner, SEQUENCE)
    keys = keys or ("",)
    by_field = bool(keys[0]) and bool(values) and bool(values[0])
    kept: list[Node] = []
    found = False
    for item in owner.items:
        if item.tag == NULL or (item.kind == MAPPING and not item.fields):
            continue
        if item.kind != MAPPING and by_field:
            kept.append(item)
            continue
        if not _is_element(item, keys, values):
            if values:
                kept.append(item)
            continue
        found = True
        if element is not None:
            kept.append(element)
    owner.items = kept
    if element is not None and element.tag != NULL and not found:
        owner.items.append(element)


def _is_element(item: Node, keys: Sequence[str], values: Sequence[str]) -> bool:
    for at, key in enumerate(keys):
        if at >= len(values):
            continue
        text = values[at]
        if not key:
            require(item, SCALAR)
            if item.text != text:
                return False
        elif item.kind != MAPPING or key not in item.fields or (text and item.fields[key].text != text):
            return False
    return True
