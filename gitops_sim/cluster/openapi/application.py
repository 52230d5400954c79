"""What an Application of Argo CD holds, for clusters without its definition, in our own words.

``application.txt`` has a field a line, below and indented more than what it is in: ``name type: text``, with ``!`` behind the
type of what must be there. The first line speaks of the whole. Other fields are allowed. Source of the fields: Argo CD's
operator manual (``application.yaml``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]


@cache
def application() -> Schema:
    lines = Path(__file__).with_name("application.txt").read_text(encoding="utf-8").splitlines()
    whole: Schema = {"description": lines[0].partition(": ")[2], "type": "object", "x-kubernetes-preserve-unknown-fields": True}
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
        return {"description": about, "items": {"type": type_[2:].lower()}, "type": "array"}
    return {"description": about, "type": type_.lower()}
