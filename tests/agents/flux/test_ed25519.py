"""Ed25519, against the vectors of RFC 8032 (7.1)."""

from __future__ import annotations

import pytest

from gitops_sim.agents.flux.ed25519 import is_good

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_good_signatures_are_told_from_bad_ones(key: str, message: str, signature: str) -> None:
    public, text, signed = (bytes.fromhex(part) for part in (key, message, signature))
    assert is_good(public, signed, text)
    assert not is_good(public, signed, text + b"x")
    for at in (0, 40, 63):
        bent = bytearray(signed)
        bent[at] ^= 1
        assert not is_good(public, bytes(bent), text)
    assert not is_good(public, signed[:-1], text)
    assert not is_good(bytes(32), signed, text)


def test_a_factor_beyond_the_order_and_what_is_no_point_are_refused() -> None:
    key, _, signature = VECTORS[0]
    public, signed = bytes.fromhex(key), bytes.fromhex(signature)
    order = 2**252 + 27742317777372353535851937790883648493
    more = (int.from_bytes(signed[32:], "little") + order).to_bytes(32, "little")
    assert not is_good(public, signed[:32] + more, b""), "the same point, written in a second way"
    assert not is_good(bytes([2, *bytes(31)]), signed, b""), "no x goes with this y"
    assert not is_good(b"\xff" * 32, signed, b"")
