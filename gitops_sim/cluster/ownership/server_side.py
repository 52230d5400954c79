"""Server-side apply of one configuration: checked, merged, and its fields taken over.

Source: k8s.io/apimachinery ``pkg/util/managedfields`` (``fieldmanager.go``, ``lastappliedmanager.go``, ``scalehandler.go``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.cluster.go_text import json_text
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.ownership import typed
from gitops_sim.cluster.ownership.history import ignored_by
from gitops_sim.cluster.ownership.managers import Conflicts, Owned, Owners, applied, first, manager
from gitops_sim.cluster.ownership.paths import NONE, Fields
from gitops_sim.cluster.ownership.shapes import LEAF, Shape
from gitops_sim.errors import ApiError, bad_request
from gitops_sim.objects import Object, annotations_of, get_path, with_path, without_path

KUBECTL = "kubectl"
_REPLICAS = ("f:spec", "f:replicas")
_SCALE_VERSION = "autoscaling/v1"
_SCALE = Shape("map", lambda: {"spec": Shape("map", lambda: {"replicas": LEAF})})


def checked(kind: Kind, shape: Shape, name: str, namespace: str, config: Any) -> Object:
    """The configuration, if it is one for this object. Raises ApiError 400, or 500 for what the schema does not allow."""
    given = config.get("metadata")
    meta: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    api_version, found = str(config.get("apiVersion") or ""), str(config.get("kind") or "")
    if (api_version, found) != (kind.api_version, kind.kind):
        group, _, version = api_version.rpartition("/")
        raise bad_request(f"invalid object type: {group}/{version}, Kind={found}")
    if meta.get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    wrong = list(typed.check(shape, config))
    if wrong:
        group, _, version = api_version.rpartition("/")
        whose = f"{meta.get('namespace') or ''}/{meta.get('name') or ''}; {group}/{version}, Kind={found}"
        text = wrong[0] if len(wrong) == 1 else "errors:\n" + "\n".join(f"  {line}" for line in wrong)
        raise ApiError(500, "", f"failed to create typed patch object ({whose}): {text}")
    if not meta.get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if meta["name"] != name:
        raise bad_request(f"the name of the object ({meta['name']}) does not match the name on the URL ({name})")
    if kind.namespaced and meta.get("namespace") not in (None, "", namespace):
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    obj: Object = config
    return obj


class Apply:
    """One apply by ``name``. ``time`` is the timestamp of now."""

    def __init__(self, kind: Kind, shape: Shape, name: str, subresource: str, force: bool, time: str) -> None:
        self._kind, self._shape, self._force, self._time = kind, shape, force, time
        self._name, self._subresource = name, subresource
        self._who = manager(name, "Apply", kind.api_version, subresource)
        self._ignored = ignored_by(kind, subresource)

    def created(self, config: Object) -> Owners:
        """The managers of an object that the configuration makes."""
        return applied({}, self._shape, {}, config, self._who, self._kind.api_version, self._time, self._ignored, True)[1]

    def merged(self, owners: Owners, live: Object, config: Object) -> tuple[Object, Owners]:
        """The object and its managers afterwards. Raises ApiError 409."""
        owners = owners or first(self._shape, live, self._kind.api_version, self._subresource, self._ignored)
        try:
            new, after = self._tried(owners, live, config, self._force)
        except Conflicts as conflicts:
            left = conflicts.without(self._remembered(live))
            if left.found:
                raise left.error() from None
            new, after = self._tried(owners, live, config, True)
        if self._name == KUBECTL and not self._subresource and LAST_APPLIED in annotations_of(new):
            note = ("metadata", "annotations", LAST_APPLIED)
            new = with_path(new, note, json_text(without_path(config, note, prune_empty=True)) + "\n")
        return new, after

    def _tried(self, owners: Owners, live: Object, config: Object, force: bool) -> tuple[Object, Owners]:
        version = self._kind.api_version
        if self._subresource == "status":
            config = {name: value for name, value in config.items() if name in ("apiVersion", "kind", "metadata", "status")}
        return applied(owners, self._shape, live, config, self._who, version, self._time, self._ignored, force)

    def _remembered(self, live: Object) -> Fields:
        """What kubectl applied as a client, and what still has that value: kubectl may take it over without force."""
        text = annotations_of(live).get(LAST_APPLIED)
        if self._name != KUBECTL or not text:
            return NONE
        try:
            config = json.loads(text)
            fields = typed.fields_of(self._shape, config)
            other = typed.Difference(self._shape, live, typed.merged(self._shape, live, config))
        except (ValueError, RecursionError, typed.Mistyped):
            return NONE
        return fields - (other.added | other.modified)


def scaled(kind: Kind, owners: Owners, live: Object, wanted: Any, name: str, force: bool, time: str) -> Owners:
    """The managers after an apply of a Scale with ``wanted`` replicas. Raises ApiError 409."""
    number = get_path(live, ("spec", "replicas"))
    here = {"spec": {"replicas": number}}
    mine = {who._replace(version=_SCALE_VERSION if who.version else ""): owned for who, owned in owners.items() if _has(owned)}
    mine = {who: owned._replace(fields=frozenset({_REPLICAS})) for who, owned in mine.items()}
    who = manager(name, "Apply", _SCALE_VERSION, "scale")
    held = mine or dict(first(_SCALE, here, _SCALE_VERSION, "scale", NONE))
    try:
        after = applied(held, _SCALE, here, {"spec": {"replicas": wanted}}, who, kind.api_version, time, NONE, force)[1]
    except Conflicts as conflicts:
        raise conflicts.error() from None
    left: dict[Any, Owned] = {}
    for other, owned in owners.items():
        seen = other._replace(version=_SCALE_VERSION if other.version else "")
        fields = owned.fields if seen in after else owned.fields - {_REPLICAS}
        if fields and other != who:
            left[other] = owned._replace(fields=fields)
    return {**left, who: Owned(frozenset({_REPLICAS}), kind.api_version, time)}


def _has(owned: Owned) -> bool:
    return _REPLICAS in owned.fields


def same_owners(one: Owners, other: Owners) -> bool:
    """Whether two sets of managers differ in nothing but times."""
    return {who: (o.fields, o.version) for who, o in one.items()} == {who: (o.fields, o.version) for who, o in other.items()}
