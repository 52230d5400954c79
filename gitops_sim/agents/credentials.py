"""Who holds which key: what an agent must be able to open to do its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["inside cluster", "outside cluster"]
Access = Literal["read", "write", "admin"]


@dataclass(frozen=True, slots=True)
class Credential:
    """``holder`` keeps, at ``place``, a key that opens ``target`` for ``access``; ``why`` says what it needs it for."""

    holder: str
    place: Place
    target: str
    access: Access
    why: str
