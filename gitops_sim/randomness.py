"""Chance, owned by the world: one seed, one named stream for each actor that rolls dice."""

from __future__ import annotations

import uuid
from random import Random

_SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


class Randomness:
    """Deals one random stream per name, each fixed by ``(seed, name)`` alone.

    Separate streams keep counterfactuals comparable: switching self-heal on does not change when the next poll comes.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._streams: dict[str, Random] = {}

    def stream(self, name: str) -> Random:
        if name not in self._streams:
            self._streams[name] = Random(f"gitops-sim/{self.seed}/{name}")
        return self._streams[name]

    def uid(self, name: str) -> str:
        """A UUID, version 4, from the stream ``name``."""
        return str(uuid.UUID(int=self.stream(name).getrandbits(128), version=4))

    def suffix(self, name: str, length: int = 5) -> str:
        """The ending of a generated name; the alphabet is k8s.io/apimachinery ``util/rand``."""
        stream = self.stream(name)
        return "".join(stream.choice(_SUFFIX_ALPHABET) for _ in range(length))
