"""Addresses of the wide world under which a forge knows its own repositories: one repository has many spellings.

``git@github.com:acme/shop.git``, ``ssh://git@github.com/acme/shop`` and ``https://github.com/acme/shop`` are one address.
"""

from __future__ import annotations

import re

_SCHEME = re.compile(r"(?:git::)?[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_COPY = re.compile(r"(?:[^@/:]+@)?([^/:]+):(?!\d+/)(.+)\Z", re.DOTALL)


def normal(url: str) -> str:
    """``github.com/acme/shop`` for all spellings of it: without scheme, user, port of ssh, ``.git`` and a slash at the end."""
    text = url.strip()
    scheme = _SCHEME.match(text)
    if scheme:
        text = text[scheme.end() :].rpartition("@")[2] if "@" in text.split("/")[2] else text[scheme.end() :]
        host, slash, path = text.partition("/")
        text = re.sub(r":(22|443|80)\Z", "", host) + slash + path
    else:
        copied = _COPY.match(text)
        text = f"{copied[1]}/{copied[2].lstrip('/')}" if copied else text
    return text.rstrip("/").removesuffix(".git").lower()


class Addresses:
    """Which repository, by its name, answers at which address; and whose files are served below which address."""

    def __init__(self) -> None:
        self._repositories: dict[str, str] = {}
        self._published: dict[str, str] = {}

    def add(self, url: str, name: str) -> None:
        self._repositories[normal(url)] = name

    def publish(self, url: str, name: str) -> None:
        self._published[url.rstrip("/")] = name

    def repository(self, url: str) -> str:
        """The name; empty for an address that nobody has."""
        return self._repositories.get(normal(url), "")

    def file(self, url: str) -> tuple[str, str] | None:
        """The name of the repository below whose address a file lies, and the file's path in it."""
        place = url
        while "/" in place:
            place = place.rpartition("/")[0]
            if place in self._published:
                return self._published[place], url[len(place) + 1 :]
        return None
