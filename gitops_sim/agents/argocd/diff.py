"""Is a live object what Git says? The comparison of Argo CD's default diff, field by field.

Live is compared with what it would become if the manifest were applied: a three-way merge of what was applied last, what Git
wants and what is there, with the API's defaults filled in. So a field that Git never mentions is no difference, and one that
Git dropped is. A field that the API does not know is a difference for ever, for it never arrives. Source:
``gitops-engine/pkg/diff/diff.go`` (ThreeWayDiff, TwoWayDiff, remarshal).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from gitops_sim.agents.argocd.desired import Target
from gitops_sim.agents.argocd.ignoring import NOTHING, Ignored
from gitops_sim.agents.differences import Difference, hidden
from gitops_sim.cluster import defaults, merge
from gitops_sim.cluster.apply import LAST_APPLIED, last_applied
from gitops_sim.cluster.decoding import decode
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, annotations_of, changes, dotted, get_path, with_path, without_path

MANAGER = "argocd-controller"
"""The field manager of all that Argo CD applies."""

_NEVER_COMPARED = frozenset(("creationTimestamp",))
_OF_THE_SERVER = _NEVER_COMPARED | {"managedFields", "resourceVersion", "generation"}
"""Fields of ``metadata`` that do not count: at all, and on the side of the cluster."""


def differences(target: Target, live: Object, ignored: Ignored = NOTHING, after: Object | None = None) -> tuple[Difference, ...]:
    """Every field in which ``live`` is not what Git says, in order of path; nothing when the two agree. ``ignored`` is what does
    not count; where managers of fields are named, ``live`` comes with its ``managedFields``. ``after``: what the server itself
    would make of it. The values of a Secret's data are hidden."""
    known = annotations_of(live).get(LAST_APPLIED) == target.text
    if known and not ignored and after is None and _covers(live, target.object):
        return ()
    found = tuple(_compare(target, live, ignored, predicted(target, live) if after is None else after))
    return found if target.key.kind != "Secret" or target.key.group else tuple(map(hidden, found))


def predicted(target: Target, live: Object) -> Any:
    """What ``live`` would be if the manifest were applied now."""
    kind = target.kind
    config = _normal(kind, target.object)
    original = last_applied(live)
    base = config if original is None else _plain(kind, original)
    if kind.custom:
        return merge.merge_patch(live, merge.three_way(kind, base, config, _shaped_like(live, base)))
    after = merge.strategic_merge(kind, live, merge.three_way(kind, base, config, live))
    try:
        return defaults.default(kind, decode(kind, after, live))
    except ApiError:
        return after  # a value of the wrong type: the server will say so when it is applied


def foreseen(cluster: ClusterAPI, target: Target) -> Object:
    """What the server says that the live object would be, asked by a dry run of a server-side apply. Raises ApiError."""
    place = target.key.name, target.key.namespace
    return cluster.apply(target.kind, *place, target.object, manager=MANAGER, force=True, dry_run=True)


def _compare(target: Target, live: Object, ignored: Ignored, after: Any) -> Iterator[Difference]:
    after, before = ignored.without(_bare(after, _OF_THE_SERVER)), ignored.without(_bare(live, _OF_THE_SERVER))
    for steps, old, new in changes(before, after):
        if not (old in (None, {}) and new in (None, {})) and not ignored.owned(live, steps):
            yield Difference(dotted(steps), new, old)
    for unknown in target.unknown_fields:
        if unknown not in ignored.pointers:
            yield Difference(dotted(unknown), get_path(target.object, unknown), None)


def _covers(live: Any, wanted: Any) -> bool:
    """Whether ``live`` plainly holds all of ``wanted``. False only means that a closer look is needed."""
    if isinstance(wanted, str):
        return type(live) is str and live == wanted
    if isinstance(wanted, dict):
        if not isinstance(live, dict):
            return False
        return all(key in live and _covers(live[key], value) for key, value in wanted.items() if key != "status")
    if isinstance(wanted, list):
        return isinstance(live, list) and len(live) == len(wanted) and all(map(_covers, live, wanted))
    return wanted is not None and type(live) is type(wanted) and bool(live == wanted)


def _normal(kind: Kind, obj: Any) -> Any:
    """A manifest as the API server would write what it states: amounts in their one form, ``stringData`` where it ends up."""
    obj = _plain(kind, obj)
    if kind.custom:
        return obj
    try:
        return _shaped_like(decode(kind, obj), obj)
    except ApiError:
        return obj


def _plain(kind: Kind, obj: Any) -> Any:
    """Without what never counts."""
    obj = _bare(obj, _NEVER_COMPARED)
    text = obj.get("stringData")
    if kind.kind == "Secret" and not kind.group and isinstance(text, dict):
        encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in text.items()}
        obj = with_path(without_path(obj, ("stringData",)), ("data",), {**(obj.get("data") or {}), **encoded})
    return obj


def _bare(obj: Any, fields: frozenset[str]) -> Any:
    """Without its status, some fields of its metadata, and the annotation that remembers the last manifest."""
    kept = {name: value for name, value in obj.items() if name != "status"}
    meta = kept.get("metadata")
    if isinstance(meta, dict):
        kept["metadata"] = meta = {name: value for name, value in meta.items() if name not in fields}
        notes = meta.get("annotations")
        if isinstance(notes, dict) and LAST_APPLIED in notes:
            meta["annotations"] = {name: value for name, value in notes.items() if name != LAST_APPLIED}
    return kept


def _shaped_like(live: Any, base: Any) -> Any:
    """``live`` without the fields that ``base`` does not mention: what a custom resource's own defaulting added is no
    difference."""
    if isinstance(live, dict) and isinstance(base, dict):
        return {key: _shaped_like(live[key], value) for key, value in base.items() if key in live}
    if isinstance(live, list) and isinstance(base, list):
        return [_shaped_like(item, base[i]) if i < len(base) else item for i, item in enumerate(live)]
    return live
