"""Objects that SOPS has encrypted. There is no key in a simulation: each value that cannot be read is stood in for by a text that
says which one it is, ``stand-in-password``, and that may stand wherever a name may.

Source: kustomize-controller ``internal/decryptor``: with ``spec.decryption`` the ``sops`` section goes; without it a Secret is
refused, and any other object applied as it is, for the API server to refuse the section.
"""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.flux.kustomization import GROUP, Kustomization
from gitops_sim.agents.flux.sops_files import stood_in_entries, stood_in_value
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, annotations_of, key_of

_OPTS_OUT = f"{GROUP}/decrypt"
_KEY_FILES = (".asc", ".agekey")
_KEY_NAMES = ("sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms")
_NO_KEY = "cannot get sops data key: Failed to get the data key required to decrypt the SOPS file."


class Decryptor:
    """Decrypts for one Kustomization. ``cluster`` is where its keys are. Raises ApiError when their Secret is missing."""

    def __init__(self, cluster: ClusterAPI, app: Kustomization) -> None:
        self._wanted, self._has_keys = app.decryption, True
        if app.decryption and app.decryption.secret:
            data = cluster.get("secrets", app.decryption.secret, app.key.namespace).get("data") or {}
            self._has_keys = any(posixpath.splitext(name)[1] in _KEY_FILES or name in _KEY_NAMES for name in data)

    @property
    def does(self) -> tuple[bool, bool]:
        """Whether it decrypts, and whether it could: what comes of objects depends on these alone."""
        return self._wanted is not None, self._has_keys

    def decrypted(self, obj: Object) -> Object:
        """The object as it is to be applied. Raises DecryptionError."""
        if self._wanted is None or _opts_out(obj):
            return obj
        plain = stood_in(obj) if _is_encrypted(obj) else _with_entries(obj)
        if plain is not obj and not self._has_keys:
            meta = obj["metadata"]
            what = f"'{meta.get('namespace', '')}/{meta.get('name', '')}' {obj['kind']}"
            what += " data" if _is_encrypted(obj) else f" field '{_first_changed(obj, plain)}'"
            names = f"*{', *'.join(_KEY_FILES)}, {', '.join(_KEY_NAMES)}"
            raise DecryptionError(f"failed to decrypt and format {what}: {_NO_KEY}", f"name the key in its Secret {names}")
        return plain


class DecryptionError(Exception):
    """An object cannot be read; ``mend`` is the way out."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


def refused(obj: Object) -> str:
    """Why a Secret that is still encrypted is not applied; empty for all others. Source: IsEncryptedSecret."""
    if (obj["apiVersion"], obj["kind"]) != ("v1", "Secret") or "sops" not in obj or _opts_out(obj):
        return ""
    return f"{key_of(obj)} is SOPS encrypted, configuring decryption is required for this secret to be reconciled"


def _with_entries(obj: Object) -> Object:
    """A Secret whose entries may be encrypted files; any other object as it is."""
    if obj["kind"] != "Secret" or not isinstance(obj.get("data"), Mapping):
        return obj
    try:
        plain = {name: base64.b64decode("".join(coded.split()), validate=True).decode() for name, coded in obj["data"].items()}
    except (AttributeError, ValueError):  # the API server will say what is wrong with it
        return obj
    found = stood_in_entries(plain)
    if found == plain:
        return obj
    return {**obj, "data": {name: base64.b64encode(text.encode()).decode() for name, text in found.items()}}


def _first_changed(old: Object, new: Object) -> str:
    return next(str(name) for name, text in old["data"].items() if new["data"].get(name) != text)


def _is_encrypted(obj: Object) -> bool:
    return isinstance(obj.get("sops"), Mapping) and bool(obj["sops"].get("mac"))


def _opts_out(obj: Object) -> bool:
    return str(annotations_of(obj).get(_OPTS_OUT, "")).lower() == "disabled"


def hides_all(obj: Object) -> bool:
    """Whether not even the kind can be read, so that nothing can stand in for it."""
    return _is_encrypted(obj) and stood_in_value(obj["kind"], "kind") != obj["kind"]


def stood_in(obj: Object) -> Object:
    """The object without its ``sops`` section, every encrypted value replaced."""
    made: dict[str, Any] = {name: stood_in_value(value, name) for name, value in obj.items() if name not in ("sops", "data")}
    if "data" in obj:
        coded = obj["kind"] == "Secret"
        made["data"] = {name: _datum(value, name, coded=coded) for name, value in (obj["data"] or {}).items()}
    return made


def _datum(value: Any, name: str, *, coded: bool) -> Any:
    plain = stood_in_value(value, name)
    if not coded or plain == value:
        return plain
    return base64.b64encode(str(plain).encode()).decode()
