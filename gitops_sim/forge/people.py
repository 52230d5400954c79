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
        self._committed: set[str] = set()
        self.guest = ""
        """The id of whoever commits with the real git from an address that nobody here has; empty: each is somebody else."""

    def add(self, person: Person) -> Person:
        """Introduces a person, or replaces the one with this id."""
        self._by_id[person.id] = person
        self._by_email[person.email.lower()] = person
        return person

    def lookup(self, id: str) -> Person:
        """The person of this id, who is going to commit."""
        person = self._by_id.get(id) or Person(id, id, f"{id}@example.com")
        self._committed.add(person.email.lower())
        return person

    def signing(self, name: str, email: str) -> Person:
        """Who is going to commit under a name and an address, such as a robot: nobody's guest."""
        self._committed.add(email.lower())
        return Person(self.of(Signature(name, email, 0)).id, name, email)

    def of(self, signature: Signature) -> Person:
        """The person behind a commit's author line; a stranger is the :attr:`guest`, else their id is the local part of the
        address, or the name."""
        email = signature.email.lower()
        id = "" if email in self._committed else self.guest
        id = id or signature.email.partition("@")[0] or signature.name or "someone"
        return self._by_email.get(email) or Person(id, signature.name, signature.email)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_id.values())
