"""What image-reflector-controller remembers of its scans: the tags of each repository of images.

Two ImageRepositories of one name share them. Source: image-reflector-controller ``internal/database/badger.go``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from zlib import adler32


class TagDatabase:
    """Tags by the canonical name of the images, the last of the alphabet first."""

    def __init__(self) -> None:
        self._tags: dict[str, tuple[str, ...]] = {}

    def put(self, name: str, tags: Sequence[str]) -> str:
        """Replaces the tags and returns their checksum."""
        self._tags[name] = tuple(tags)
        return str(adler32(json.dumps(list(tags), separators=(",", ":")).encode()))

    def tags(self, name: str) -> tuple[str, ...]:
        """Empty when nothing was scanned, or nothing was found."""
        return self._tags.get(name, ())
