"""Who signed what is fetched: ``spec.verify`` of a GitRepository.

A signature is there or not, and of a kind for which the Secret has keys or not. Of those by SSH, the key must be one of the
Secret's. The arithmetic is left out: a signature by such a key counts as good, and so does one by PGP, whose keys are not read.

Source: source-controller ``internal/controller/gitrepository_controller.go`` (verifySignature, verifyGitObject) and fluxcd/pkg
``git/signature``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence

from gitops_sim.agents.flux.fetch import FetchError, Head
from gitops_sim.agents.flux.gitrepository import Verification
from gitops_sim.agents.flux.source_status import SOURCE_VERIFIED
from gitops_sim.forge import Repository

UNCHECKED = "the arithmetic of signatures (a signature that names a key of the Secret counts as good)"
_KINDS = {"PGP SIGNATURE": "openpgp", "SSH SIGNATURE": "ssh", "SIGNED MESSAGE": "x509"}
_SSH, _PGP = ".sshpub", ".asc"
_SIGN = "have it signed with a key whose public half is in the Secret"
_MAGIC = b"SSHSIG"


class _BadSignatureError(Exception):
    """Why a signature does not count."""


def verified(repository: Repository, wanted: Verification, head: Head, secret: Mapping[str, str]) -> str:
    """What was verified, in the words of the condition; ``secret`` is the Secret's data. Raises FetchError."""
    done = []
    if wanted.of_tag:
        done.append(_tag(repository, head, secret))
    if wanted.of_commit:
        try:
            key = _key(repository.signed(head.commit).signature, secret, "commit")
        except _BadSignatureError as error:
            what = f"signature verification of commit '{head.commit}' failed: {error}"
            raise refused("InvalidCommitSignature", what) from None
        done.append(f"commit '{head.commit}' with key '{key}'")
    return "".join(["verified signature of", *(f"\n\t- {each}" for each in done)])


def refused(reason: str, message: str, mend: str = _SIGN, *, for_good: bool = False) -> FetchError:
    return FetchError(message, reason=reason, condition=SOURCE_VERIFIED, mend=mend, for_good=for_good)


def _tag(repository: Repository, head: Head, secret: Mapping[str, str]) -> str:
    if not head.tag:
        what = "cannot verify tag object's signature if a tag reference is not specified"
        raise refused("InvalidVerificationMode", what, "name a tag in spec.ref, or use mode: HEAD", for_good=True)
    found = repository.signed_tag(head.tag)
    name = f"{head.tag}@{found[0]}" if found else head.tag
    if found is None or not found[1].signature:
        raise refused("InvalidGitObject", f"cannot verify signature of tag '{name}' since it is not signed")
    try:
        return f"tag '{name}' with key '{_key(found[1].signature, secret, 'tag')}'"
    except _BadSignatureError as error:
        raise refused("InvalidTagSignature", f"signature verification of tag '{name}' failed: {error}") from None


def _key(signature: str, secret: Mapping[str, str], what: str) -> str:
    """The name of the key that signed. Raises _BadSignatureError."""
    kind = _kind(signature)
    if kind not in ("openpgp", "ssh"):
        raise _BadSignatureError(f"unsupported signature type: {kind}")
    suffix, word = (_SSH, "SSH") if kind == "ssh" else (_PGP, "PGP")
    keys = [text for name, text in sorted(secret.items()) if name.endswith(_SSH) == (kind == "ssh")]
    if not keys:
        raise _BadSignatureError(
            f"{word} signature detected but no {word} public keys found in secret (keys with {suffix} suffix)"
        )
    return _ssh_key(signature, keys, what) if kind == "ssh" else "(not read)"


def _kind(signature: str) -> str:
    if not signature:
        return "empty"
    text = signature.strip()
    return next((kind for armour, kind in _KINDS.items() if text.startswith(f"-----BEGIN {armour}-----")), "unknown")


def _ssh_key(signature: str, texts: Sequence[str], what: str) -> str:
    """The fingerprint of the key, which must be in one of the texts: lines as in ``authorized_keys``."""
    failed = f"unable to verify Git {what} SSH signature: "
    try:
        signer = _signer(signature)
    except (binascii.Error, ValueError) as error:
        raise _BadSignatureError(f"{failed}unable to unarmor SSH signature: {error}") from None
    lines = [line.strip() for text in texts for line in text.splitlines()]
    known = [line.split() for line in lines if line and not line.startswith("#")]
    if not any(signer in parts for parts in known):
        none = "unable to verify payload with any of the given authorized keys: no matching key"
        raise _BadSignatureError(f"{failed}{none}\npublic key does not match" if known else f"{failed}{none}")
    digest = hashlib.sha256(base64.b64decode(signer)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _signer(signature: str) -> str:
    """The public key that a signature names, in base64. Source: the format of OpenSSH's PROTOCOL.sshsig."""
    body = "".join(signature.strip().splitlines()[1:-1])
    data = base64.b64decode(body, validate=True)
    start = len(_MAGIC) + 8
    if not data.startswith(_MAGIC) or len(data) < start:
        raise ValueError("not an SSH signature")
    length = int.from_bytes(data[start - 4 : start])
    return base64.b64encode(data[start : start + length]).decode()
