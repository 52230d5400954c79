"""Objects that SOPS has encrypted. There is no key in a simulation: each value that cannot be read is stood in for by a text that
says which one it is, ``stand-in-password``, and that may stand wherever a name may.

Source: kustomize-controller ``internal/decryptor``: with ``spec.decryption`` the ``sops`` section goes; without it the object is
applied as it is, and the API server refuses the section.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.objects import Object

_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,data:.*,type:(\w+)\]\Z", re.DOTALL)
_OTHER = {"int": 0, "float": 0.0, "bool": False}


def is_encrypted(obj: Object) -> bool:
    return isinstance(obj.get("sops"), Mapping) and "mac" in obj["sops"]


def stood_in(obj: Object) -> Object:
    """The object without its ``sops`` section, every encrypted value replaced."""
    made: dict[str, Any] = {name: _replaced(value, name) for name, value in obj.items() if name not in ("sops", "data")}
    if "data" in obj:
        coded = obj["kind"] == "Secret"
        made["data"] = {name: _datum(value, name, coded=coded) for name, value in (obj["data"] or {}).items()}
    return made


def _datum(value: Any, name: str, *, coded: bool) -> Any:
    plain = _replaced(value, name)
    if not coded or plain == value:
        return plain
    return base64.b64encode(str(plain).encode()).decode()


def _replaced(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _replaced(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, name) for inner in value]
    found = _ENCRYPTED.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "value"
    return _OTHER.get(found[1], f"stand-in-{word}")
