"""Texts that SOPS has encrypted: values one by one, and files that a Secret holds whole.

Source: kustomize-controller ``internal/decryptor``: of a Secret the entries are looked at, too, for a generator may have put
encrypted files there; the files that a generator reads are decrypted before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml

_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,data:.*,type:(\w+)\]\Z", re.DOTALL)
_OTHER = {"int": 0, "float": 0.0, "bool": False}
_JSON, _YAML, _DOTENV = '"mac": "ENC[', "mac: ENC[", "sops_mac=ENC["
_SECTION, _MAC, _OWN = "sops", "sops_mac", "sops_"
"""What SOPS adds: a section of a document, or variables of an env file."""


def stood_in_value(value: Any, name: str) -> Any:
    """A value, all that is encrypted in it replaced by a text that says which value it was."""
    if isinstance(value, Mapping):
        return {key: stood_in_value(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [stood_in_value(inner, name) for inner in value]
    found = _ENCRYPTED.match(value) if isinstance(value, str) else None
    if found is None:
        return value
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "value"
    return _OTHER.get(found[1], f"stand-in-{word}")


def stood_in_entries(entries: Mapping[str, str]) -> dict[str, str]:
    """The entries of a Secret, which may be encrypted files, or the variables of one."""
    if _MAC not in entries:
        return {name: _file(text, name) for name, text in entries.items()}
    return {name: str(stood_in_value(text, name)) for name, text in entries.items() if not name.startswith(_OWN)}


def _file(text: str, name: str) -> str:
    if _DOTENV in text:
        pairs = [line.partition("=") for line in text.splitlines() if not line.startswith(_OWN)]
        return "".join(f"{key}{sign}{stood_in_value(value, key)}\n" for key, sign, value in pairs)
    try:
        if _JSON in text:
            document = json.loads(text)
            if set(document) == {"data", _SECTION}:
                return str(stood_in_value(document["data"], name))
            return json.dumps(_without_section(document), indent="\t")
        if _YAML in text:
            return dump_yaml(_without_section(load_document(text, where=name)))
    except (BadInput, ValueError):  # it only looks like one
        pass
    return text


def _without_section(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    return {key: stood_in_value(value, key) for key, value in document.items() if key != _SECTION}
