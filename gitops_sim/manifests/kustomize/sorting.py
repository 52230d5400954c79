"""The order in which a build prints its objects.

Source: kustomize ``api/internal/builtins/SortOrderTransformer.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cmp_to_key, partial
from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import ORDER_FIRST, ORDER_LAST
from gitops_sim.manifests.kustomize.identity import Gvk, Id
from gitops_sim.manifests.kustomize.resource import Resource


def in_order(resources: Sequence[Resource], options: Mapping[str, Any] | None) -> list[Resource]:
    """Sorted by ``sortOptions``: ``legacy`` (also when there are none) by kind, ``fifo`` as they came."""
    first, last = ORDER_FIRST, ORDER_LAST
    if options is not None:
        order, own = options.get("order", ""), options.get("legacySortOptions")
        if order not in ("fifo", "legacy"):
            raise KustomizeError(
                "the field 'sortOptions.order' must be one of [fifo, legacy]", mend="write order: fifo or legacy"
            )
        if order == "fifo":
            if own is not None:
                what = f"the field 'sortOptions.legacySortOptions' is set but the selected sort order is '{order}', not 'legacy'"
                raise KustomizeError(what, mend="drop legacySortOptions, or write order: legacy")
            return list(resources)
        if own is not None:
            first, last = own.get("orderFirst") or [], own.get("orderLast") or []
    ranks = {kind: at - len(first) for at, kind in enumerate(first)} | {kind: at + 1 for at, kind in enumerate(last)}
    order_of = cmp_to_key(partial(_compare, ranks))
    pairs = sorted(((order_of(resource.id), at) for at, resource in enumerate(resources)))
    return [resources[at] for _, at in pairs]


def _compare(ranks: Mapping[str, int], one: Id, other: Id) -> int:
    if one[:3] != other[:3]:
        return -1 if _before(one.gvk, other.gvk, ranks) else 1
    mine, theirs = _text(one), _text(other)
    return (mine > theirs) - (mine < theirs)


def _before(one: Gvk, other: Gvk, ranks: Mapping[str, int]) -> bool:
    first, second = ranks.get(one.kind, 0), ranks.get(other.kind, 0)
    if first != second:
        return first < second
    if one.kind == other.kind == "Namespace" and not (one.group and other.group):
        return one.sort_text > other.sort_text
    return one.sort_text < other.sort_text


def _text(identity: Id) -> str:
    return f"{identity.gvk}|{identity.namespace or '~X'}|{identity.name or '~N'}"
