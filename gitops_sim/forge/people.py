"""Who commits: the persons of a world, by id and by e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitops_sim.forge.raw import Signature


@dataclass(frozen=True, slots=True)
class Person:
    """``id`` is the short name that actions and the trace use (``ana``); ``name`` and ``email`` are what Git records."""

    id: str
    name: str
    email: str


class People:
    """The persons that a forge knows. Nobody has to be introduced: an unknown id is its own name, at ``example.com``."""

    def __init__(self) -> None:
        self._by_id: dict[str, Person] = {}
        self._by_email: dict[str, Person] = {}

    def add(self, person: Person) -> Person:
        """Introduces a person, or replaces the one with this id."""
        self._by_id[person.id] = person
        self._by_email[person.email.lower()] = person
        return person

    def lookup(self, id: str) -> Person:
        return self._by_id.get(id) or Person(id, id, f"{id}@example.com")

    def of(self, signature: Signature) -> Person:
        """The person behind a commit's author line; a stranger's id is the local part of the address, else the name."""
        known = self._by_email.get(signature.email.lower())
        id = signature.email.partition("@")[0] or signature.name or "someone"
        return known or Person(id, signature.name, signature.email)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_id.values())
