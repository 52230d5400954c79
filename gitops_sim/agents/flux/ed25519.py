"""Whether a signature by Ed25519 is good. Slow, and only for checking: there is no secret here that time could give away.

Source: RFC 8032, 5.1 (the numbers of the curve, how points are written, and what must hold).
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int]
"""x and y of ``-x² + y² = 1 + d·x²·y²`` modulo p."""


def is_good(key: bytes, signature: bytes, message: bytes) -> bool:
    """``key`` is the public one, of 32 bytes; a ``signature`` has 64."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, drawn = _read(key), _read(signature[:32])
    factor = int.from_bytes(signature[32:], "little")
    if public is None or drawn is None or factor >= _ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _ORDER
    return _times(factor, _BASE) == _sum(drawn, _times(challenge, public))


def _read(data: bytes) -> _Point | None:
    """A point: y in little-endian order, with the lowest bit of x on top; None for what is none."""
    number = int.from_bytes(data, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= _P:
        return None
    x = _x_of(y)
    if x is None or (x == 0 and odd):
        return None
    return (x if x % 2 == odd else _P - x), y


def _x_of(y: int) -> int | None:
    """One of the two x of a point; None when there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_ONE % _P
    return x if x * x % _P == square else None


def _sum(one: _Point, other: _Point) -> _Point:
    (x1, y1), (x2, y2) = one, other
    mixed = _D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + mixed, -1, _P)
    y = (y1 * y2 + x1 * x2) * pow(1 - mixed, -1, _P)
    return x % _P, y % _P


def _times(factor: int, point: _Point) -> _Point:
    total = (0, 1)
    while factor:
        if factor & 1:
            total = _sum(total, point)
        point, factor = _sum(point, point), factor >> 1
    return total


_BASE = _read((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or (0, 1)
