"""Who signed what is fetched: ``spec.verify`` of a GitRepository.

A signature is there or not, and of a kind for which the Secret has keys or not. One by SSH must be by one of these keys, and with
Ed25519, which is what ``ssh-keygen`` makes, it must speak of just this commit (with the extra ``serve``, which brings the library
along). Others are not calculated: they count as good, and ``unchecked`` says so.

Source: source-controller ``internal/controller/gitrepository_controller.go`` (verifySignature, verifyGitObject) and fluxcd/pkg
``git/signature``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gitops_sim.agents.flux.fetch import FetchError, Head
from gitops_sim.agents.flux.gitrepository import Verification
from gitops_sim.agents.flux.source_status import SOURCE_VERIFIED
from gitops_sim.agents.flux.ssh_signature import read_signature
from gitops_sim.forge import Repository, Signed

_KINDS = {"PGP SIGNATURE": "openpgp", "SSH SIGNATURE": "ssh", "SIGNED MESSAGE": "x509"}
_SSH, _PGP = ".sshpub", ".asc"
_KEY_KINDS = ("ssh-", "ecdsa-", "sk-")
_SIGN = "have it signed with a key whose public half is in the Secret"


class _BadSignatureError(Exception):
    """Why a signature does not count."""


def refused(reason: str, message: str, mend: str = _SIGN, *, for_good: bool = False) -> FetchError:
    return FetchError(message, reason=reason, condition=SOURCE_VERIFIED, mend=mend, for_good=for_good)


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies with the data of a Secret; ``unchecked`` is told of each kind of signature that is not calculated."""

    secret: Mapping[str, str]
    unchecked: Callable[[str], None]

    def verified(self, repository: Repository, wanted: Verification, head: Head) -> str:
        """What was verified, in the words of the condition. Raises FetchError."""
        done = []
        if wanted.of_tag:
            done.append(self._tag(repository, head))
        if wanted.of_commit:
            try:
                key = self._key(repository.signed(head.commit), "commit")
            except _BadSignatureError as error:
                what = f"signature verification of commit '{head.commit}' failed: {error}"
                raise refused("InvalidCommitSignature", what) from None
            done.append(f"commit '{head.commit}' with key '{key}'")
        return "".join(["verified signature of", *(f"\n\t- {each}" for each in done)])

    def _tag(self, repository: Repository, head: Head) -> str:
        if not head.tag:
            what = "cannot verify tag object's signature if a tag reference is not specified"
            raise refused("InvalidVerificationMode", what, "name a tag in spec.ref, or use mode: HEAD", for_good=True)
        found = repository.signed_tag(head.tag)
        name = f"{head.tag}@{found[0]}" if found else head.tag
        if found is None or not found[1].signature:
            raise refused("InvalidGitObject", f"cannot verify signature of tag '{name}' since it is not signed")
        try:
            return f"tag '{name}' with key '{self._key(found[1], 'tag')}'"
        except _BadSignatureError as error:
            raise refused("InvalidTagSignature", f"signature verification of tag '{name}' failed: {error}") from None

    def _key(self, signed: Signed, what: str) -> str:
        """The name of the key that signed. Raises _BadSignatureError."""
        kind = _kind(signed.signature)
        if kind not in ("openpgp", "ssh"):
            raise _BadSignatureError(f"unsupported signature type: {kind}")
        suffix, word = (_SSH, "SSH") if kind == "ssh" else (_PGP, "PGP")
        keys = [text for name, text in sorted(self.secret.items()) if name.endswith(_SSH) == (kind == "ssh")]
        if not keys:
            why = f"{word} signature detected but no {word} public keys found in secret (keys with {suffix} suffix)"
            raise _BadSignatureError(why)
        if kind == "ssh":
            return self._ssh_key(signed, keys, f"unable to verify Git {what} SSH signature: ")
        self.unchecked("PGP")
        return "(not read)"

    def _ssh_key(self, signed: Signed, texts: Sequence[str], failed: str) -> str:
        """The fingerprint of the key, which must be in one of the texts: lines as in ``authorized_keys``."""
        try:
            signature = read_signature(signed.signature)
        except ValueError as error:
            raise _BadSignatureError(f"{failed}unable to unarmor SSH signature: {error}") from None
        faults: dict[str, None] = {}
        unreadable = 0
        for text in texts:
            try:
                known = list(_authorized(text))
            except ValueError:
                unreadable += 1
                continue
            for key in known:
                fault = signature.fault(key, signed.payload)
                if not fault:
                    if signature.unchecked:
                        self.unchecked(signature.unchecked)
                    return signature.fingerprint
                faults[fault] = None
        if unreadable == len(texts):
            raise _BadSignatureError(
                f"{failed}unable to parse authorized keys: unable to parse authorized key: ssh: no key found"
            )
        none = f"{failed}unable to verify payload with any of the given authorized keys: no matching key"
        raise _BadSignatureError("\n".join([none, *faults]))


def _authorized(text: str) -> Iterator[bytes]:
    """The keys of a text as in ``authorized_keys``. Raises ValueError for a line that has none."""
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith("#"):
            words = line.split()
            kind = next(at for at, word in enumerate([*words, "ssh-"]) if word.startswith(_KEY_KINDS))
            if kind + 1 >= len(words):
                raise ValueError("no key found")
            yield base64.b64decode(words[kind + 1], validate=True)


def _kind(signature: str) -> str:
    if not signature:
        return "empty"
    text = signature.strip()
    return next((kind for armour, kind in _KINDS.items() if text.startswith(f"-----BEGIN {armour}-----")), "unknown")
