"""Signatures by SSH keys, as git makes them.

Source: OpenSSH ``PROTOCOL.sshsig`` (how they are written, and what they speak of) and hiddeco/sshsig ``verify.go`` (what is
looked at, and in which order).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

NAMESPACE = "git"
_MAGIC = b"SSHSIG"
_HASHES = ("sha256", "sha512")
_ED25519 = b"ssh-ed25519"
_TOO_SHORT = "invalid SSH signature: it ends too early"


@dataclass(frozen=True, slots=True)
class SshSignature:
    """``key`` is the public key that it names, and ``value`` the signature itself, both as SSH writes them."""

    key: bytes
    namespace: str
    hash: str
    value: bytes

    @property
    def fingerprint(self) -> str:
        return f"SHA256:{base64.b64encode(hashlib.sha256(self.key).digest()).decode().rstrip('=')}"

    @property
    def unchecked(self) -> str:
        """Why it is not calculated here; empty when it is."""
        if next(_strings(self.key), b"") != _ED25519:
            return "SSH, but not with Ed25519"
        return "" if find_spec("cryptography") is not None else "SSH, without the library of the extra serve"

    def fault(self, key: bytes, payload: bytes) -> str:
        """Why this is no signature of ``payload`` by ``key``; empty when it is one. What cannot be checked counts as good."""
        if key != self.key:
            return "public key does not match"
        if self.namespace != NAMESPACE:
            return "namespace does not match"
        if not self.unchecked and not self._is_good(payload):
            return "ssh: signature did not verify"
        return ""

    def _is_good(self, payload: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        digest = hashlib.new(self.hash, payload).digest()
        said = (self.namespace.encode(), b"", self.hash.encode(), digest)
        message = _MAGIC + b"".join(len(part).to_bytes(4) + part for part in said)
        (_, key), (_, value) = tuple(_strings(self.key)), tuple(_strings(self.value))
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(value, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_signature(text: str) -> SshSignature:
    """Raises ValueError for a text that is none."""
    data = base64.b64decode("".join(text.strip().splitlines()[1:-1]), validate=True)
    if not data.startswith(_MAGIC):
        raise ValueError("invalid SSH signature: it does not begin as one")
    key, namespace, _, hash, value = _strings(data[len(_MAGIC) + 4 :])
    if hash.decode() not in _HASHES:
        raise ValueError(f"unsupported hash algorithm {hash.decode()!r}")
    if next(_strings(key), b"") == _ED25519 and (len(tuple(_strings(key))), len(tuple(_strings(value)))) != (2, 2):
        raise ValueError(_TOO_SHORT)
    return SshSignature(key, namespace.decode(), hash.decode(), value)


def _strings(data: bytes) -> Iterator[bytes]:
    """The parts of what SSH writes: each with its length before it, in four bytes. Raises ValueError when it ends too early."""
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4])
        if end > len(data):
            raise ValueError(_TOO_SHORT)
        yield data[at + 4 : end]
        at = end
