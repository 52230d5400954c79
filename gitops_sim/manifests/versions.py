"""Semantic versions and ranges of them, as Masterminds/semver v3 reads them: ``^1.2``, ``~1.2.3``, ``>=1 <3``, ``1.x``.

A version with a prerelease only satisfies a range in which the comparator names a prerelease itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_VERSION = re.compile(
    r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?\Z"
)
_PART = r"v?([0-9]+|[xX*])(?:\.([0-9]+|[xX*]))?(?:\.([0-9]+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
_COMPARATOR = re.compile(rf"\s*(=>|=<|>=|<=|!=|~>|[=<>^~])?\s*{_PART}\s*,?")
_HYPHEN = re.compile(rf"\s*({_PART})\s+-\s+({_PART})\s*")


@dataclass(frozen=True, slots=True)
class Version:
    """``text`` is the version as it was written; it plays no part in comparing."""

    core: tuple[int, int, int]
    pre: str = ""
    text: str = ""

    @staticmethod
    def parse(text: str) -> Version | None:
        """None for what is no version; ``v1`` and ``1.2`` are filled up with zeros."""
        found = _VERSION.match(text)
        if not found:
            return None
        major, minor, patch = (int(part or 0) for part in found.groups()[:3])
        return Version((major, minor, patch), found[4] or "", text)

    @staticmethod
    def sorting(text: str) -> tuple[bool, Any]:
        """A key that sorts texts by the versions that they are; what is none comes first."""
        version = Version.parse(text)
        return version is not None, version.order if version else ()

    @property
    def order(self) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
        """Sorts versions: a prerelease comes before its release."""
        parts = self.pre.split(".") if self.pre else []
        return self.core, not self.pre, tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in parts)


def satisfies(constraint: str, version: str) -> bool:
    """Whether a version is in a range; False as well when either cannot be read."""
    found, ways = Version.parse(version), _ways(constraint)
    return found is not None and ways is not None and any(all(c.allows(found) for c in way) for way in ways)


def readable(constraint: str) -> bool:
    """Whether a text is a range."""
    return _ways(constraint) is not None


def best(constraint: str, versions: Iterable[str]) -> str | None:
    """The newest version in a range; an empty range is any release."""
    fitting = [v for text in versions if satisfies(constraint or "*", text) and (v := Version.parse(text))]
    return max(fitting, key=lambda v: v.order).text if fitting else None


def example(constraint: str) -> str:
    """A version that is in a range, whatever there is: the range itself when it is one, else the lowest of its bounds that fits,
    or the next one behind it. Empty when there is none."""
    if not constraint.strip():
        return "1.0.0"
    if Version.parse(constraint.strip()) is not None:
        return constraint.strip()
    bounds = [c.version for way in _ways(constraint) or () for c in way]
    for bound in sorted(bounds, key=lambda version: version.order):
        major, minor, patch = bound.core
        after = ((major, minor, patch), (major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0))
        before = ((major, minor, patch - 1), (major, minor - 1, 0), (major - 1, 0, 0))
        tail = f"-{bound.pre}" if bound.pre else ""
        for core in (*after, *before):
            for text in (".".join(map(str, core)), ".".join(map(str, core)) + tail):
                if min(core) >= 0 and satisfies(constraint, text):
                    return text
    return ""


@dataclass(frozen=True, slots=True)
class _Comparator:
    """``given`` says how many numbers of the version were given: of ``1.x`` one."""

    operator: str
    version: Version
    given: int

    def allows(self, found: Version) -> bool:
        if found.pre and not self.version.pre and self.operator != "!=":
            return False
        order, mine = found.order, self.version.order
        if self.operator in ("", "=", "~", "~>", "^"):
            return order >= mine and (self._fixed(found) if self.given or self.operator else True)
        if self.operator == "!=":
            return order != mine if self.given == 3 else found.core[: self.given] != self.version.core[: self.given]
        if self.operator == ">":
            return order > mine if self.given == 3 else found.core[: self.given] > self.version.core[: self.given]
        if self.operator == "<":
            return order < mine
        if self.operator in (">=", "=>"):
            return order >= mine
        return order <= mine if self.given == 3 else found.core[: self.given] <= self.version.core[: self.given]

    def _fixed(self, found: Version) -> bool:
        """Whether the numbers that the operator holds fast are the same."""
        core = self.version.core
        if self.operator == "^":
            held = next((index + 1 for index, part in enumerate(core[: self.given]) if part), self.given)
        elif self.operator in ("~", "~>"):
            held = min(self.given, 2)
        elif self.given == 3:
            return found.core == core and found.pre == self.version.pre
        else:
            held = self.given
        return found.core[:held] == core[:held]


@lru_cache(maxsize=256)
def _ways(constraint: str) -> tuple[tuple[_Comparator, ...], ...] | None:
    ways = []
    for text in constraint.split("||"):
        hyphen = _HYPHEN.fullmatch(text)
        way = _way(f">={hyphen[1]} <={hyphen[6]}" if hyphen else text)
        if way is None:
            return None
        ways.append(way)
    return tuple(ways)


def _way(text: str) -> tuple[_Comparator, ...] | None:
    """Comparators that all must hold."""
    at, found = 0, []
    while at < len(text.rstrip()):
        match = _COMPARATOR.match(text, at)
        if not match:
            return None
        numbers = list(match.groups()[1:4])
        given = next((index for index, part in enumerate(numbers) if part is None or not part.isdigit()), 3)
        core = tuple(int(part) if index < given else 0 for index, part in enumerate(p or "0" for p in numbers))
        found.append(_Comparator(match[1] or "", Version((core[0], core[1], core[2]), match[5] or ""), given))
        at = match.end()
    return tuple(found) or None
