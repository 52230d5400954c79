"""What the objects of Argo CD and Flux hold, in our own words: what their definitions say, and clusters without them.

``application.txt`` and its neighbours have a field a line, below and indented more than what it is in: ``name type: text``. A
type is one of the schema's (``string``), ``Time``, ``Duration``, ``Object`` (any fields are kept: no manifest that the real
definition takes is refused or cut), ``object`` (just those below), ``Any`` (whatever it is), ``a|b`` (one of these words; ``|a``
where there is but one), ``@file`` or ``@file.field`` (what is said there, and what is below besides), ``[]type`` or ``{}type``,
and may have behind it: ``(1..63)`` (how long a text may be), ``=value`` (the default), ``!`` (it must be there). The first line
speaks of the whole. Source of the fields: Argo CD's operator manual (``application.yaml``, ``project.yaml``,
``applicationset.yaml``), its definition of ApplicationSets, and the API reference of Flux 2.9.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

_TYPE = re.compile(r"(?P<name>[^(=!]+)(\((?P<least>\d+)\.\.(?P<most>\d+)\))?(=(?P<default>[^!]+))?(?P<needed>!)?")


@cache
def custom_schema(name: str) -> Schema:
    """The schema that ``<name>.txt`` describes. It is not to be changed."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    root, _, about = lines[0].partition(": ")
    whole: Schema = {"description": about, **({"type": "object"} if root == "object" else _OPEN)}
    open_ = [whole]
    for line in lines[1:]:
        depth = (len(line) - len(line.lstrip())) // 2
        head, _, about = line.strip().partition(": ")
        field, type_ = head.split(" ")
        del open_[depth + 1 :]
        owner = open_[-1]
        made, needed = _field(type_, about)
        owner.setdefault("properties", {})[field] = made
        if needed:
            owner.setdefault("required", []).append(field)
        open_.append(made.get("items", made))
    return whole


def _field(text: str, about: str) -> tuple[Schema, bool]:
    """The schema of a field, and whether it must be there."""
    parts = _TYPE.fullmatch(text)
    assert parts is not None, text
    made = {"description": about, **_type(parts["name"])}
    if parts["least"]:
        made |= {"minLength": int(parts["least"]), "maxLength": int(parts["most"])}
    if parts["default"]:
        made["default"] = {"true": True, "false": False}.get(parts["default"], parts["default"])
    return made, bool(parts["needed"])


_OPEN: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_NAMED: dict[str, Schema] = {
    "Object": _OPEN,
    "Any": {"x-kubernetes-preserve-unknown-fields": True},
    "IntOrString": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True},
    "Time": {"format": "date-time", "type": "string"},
    "Duration": {"pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$", "type": "string"},
    "Timeout": {"pattern": r"^([0-9]+(\.[0-9]+)?(ms|s|m))+$", "type": "string"},
    "Address": {"pattern": "^(http|https|ssh)://.*$", "type": "string"},
    "Repository": {"pattern": "^(http|https|oci)://.*$", "type": "string"},
    "int64": {"format": "int64", "type": "integer"},
}


def _type(name: str) -> Schema:
    if name.startswith("[]"):
        return {"items": _type(name[2:]), "type": "array"}
    if name.startswith("{}"):
        return {"additionalProperties": _type(name[2:]), "type": "object"}
    if name.startswith("@"):
        return _referred(name[1:])
    if "|" in name:
        return {"enum": name.strip("|").split("|"), "type": "string"}
    return dict(_NAMED.get(name) or {"type": name})


def _referred(place: str) -> Schema:
    """What a file says of the whole or of one field, to be added to."""
    file, _, field = place.partition(".")
    said = custom_schema(file)
    found = dict(said["properties"][field] if field else said)
    del found["description"]
    return {**found, "properties": dict(found["properties"])}
