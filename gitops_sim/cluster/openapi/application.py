"""What the objects of Argo CD hold, in our own words: what its definitions say, and clusters without them.

``application.txt`` and its neighbours have a field a line, below and indented more than what it is in: ``name type: text``,
with ``!`` behind the
type of what must be there. The first line speaks of the whole. Other fields are allowed and kept: no manifest that the real
definitions take is refused or cut. Source of the fields: Argo CD's operator manual (``application.yaml``, ``project.yaml``,
``applicationset.yaml``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]


@cache
def application(name: str = "application") -> Schema:
    """The schema of an Application, or of an ``appproject`` or ``applicationset``. It is not to be changed."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    whole: Schema = {"description": lines[0].partition(": ")[2], **_OPEN}
    open_ = [whole]
    for line in lines[1:]:
        depth = (len(line) - len(line.lstrip())) // 2
        head, _, about = line.strip().partition(": ")
        name, type_ = head.split(" ")
        del open_[depth + 1 :]
        owner = open_[-1]
        owner.setdefault("properties", {})[name] = made = _field(type_.rstrip("!"), about)
        if type_.endswith("!"):
            owner.setdefault("required", []).append(name)
        open_.append(made.get("items", made))
    return whole


def _field(type_: str, about: str) -> Schema:
    if type_.startswith("[]"):
        return {"description": about, "items": _type(type_[2:]), "type": "array"}
    return {"description": about, **_type(type_)}


_OPEN: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _type(name: str) -> Schema:
    return dict(_OPEN) if name == "Object" else {"type": name}
