"""Objects that SOPS has encrypted. There is no key in a simulation: each value that cannot be read is stood in for by a text that
says which one it is, ``stand-in-password``, and that may stand wherever a name may.

Source: kustomize-controller ``internal/decryptor``: with ``spec.decryption`` the ``sops`` section goes; without it a Secret is
refused, and any other object applied as it is, for the API server to refuse the section.
"""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.flux.kustomization import GROUP, Kustomization
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, annotations_of, key_of

_ENCRYPTED = re.compile(r"ENC\[[A-Z0-9_]+,data:.*,type:(\w+)\]\Z", re.DOTALL)
_OPTS_OUT = f"{GROUP}/decrypt"
_KEY_FILES = (".asc", ".agekey")
_KEY_NAMES = ("sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms")
_NO_KEY = "cannot get sops data key: Failed to get the data key required to decrypt the SOPS file."
_OTHER = {"int": 0, "float": 0.0, "bool": False}


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
        if self._wanted is None or not _is_encrypted(obj) or _opts_out(obj):
            return obj
        if not self._has_keys:
            meta = obj["metadata"]
            whose = f"'{meta.get('namespace', '')}/{meta.get('name', '')}' {obj['kind']}"
            names = f"*{', *'.join(_KEY_FILES)}, {', '.join(_KEY_NAMES)}"
            raise DecryptionError(f"failed to decrypt and format {whose} data: {_NO_KEY}", f"name the key in its Secret {names}")
        return stood_in(obj)


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


def _is_encrypted(obj: Object) -> bool:
    return isinstance(obj.get("sops"), Mapping) and bool(obj["sops"].get("mac"))


def _opts_out(obj: Object) -> bool:
    return str(annotations_of(obj).get(_OPTS_OUT, "")).lower() == "disabled"


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
