"""The inventory of a Kustomization: the objects that it applied last, as ``namespace_name_group_kind``.

Source: fluxcd/cli-utils ``pkg/object/objmetadata.go`` (a colon in the name of an RBAC object is written as two underscores).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitops_sim.objects import Key, Object, get_path

_RBAC = "rbac.authorization.k8s.io"


def id_of(key: Key) -> str:
    name = key.name.replace(":", "__") if key.group == _RBAC else key.name
    return f"{key.namespace}_{name}_{key.group}_{key.kind}"


def key_of_id(text: str) -> Key | None:
    """None for what is no id: somebody wrote into the status."""
    namespace, _, rest = text.partition("_")
    rest, _, kind = rest.rpartition("_")
    name, _, group = rest.rpartition("_")
    if not name or not kind:
        return None
    return Key(group, kind, namespace, name.replace("__", ":"))


def entries(applied: Iterable[tuple[Key, str]]) -> dict[str, Any]:
    """``status.inventory`` of keys with the versions of their kinds."""
    return {"entries": [{"id": id_of(key), "v": version} for key, version in applied]}


def read(obj: Object) -> dict[Key, str]:
    """The versions in an object's inventory, by key."""
    found: dict[Key, str] = {}
    for entry in get_path(obj, ("status", "inventory", "entries")) or ():
        key = key_of_id(str(entry.get("id") or ""))
        if key is not None:
            found[key] = str(entry.get("v") or "")
    return found
