"""Which tag of a repository is the newest: what is allowed, what is ignored, and in which order.

Source: argocd-image-updater ``registry-scanner/pkg/image/{version,options}.go``, ``pkg/tag`` and ``pkg/registry/registry.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.argocd.glob import matches_path
from gitops_sim.agents.image_updater.image import ContainerImage, ImageTag
from gitops_sim.cluster.custom.patterns import PatternError, pattern
from gitops_sim.manifests.versions import Version, readable, satisfies
from gitops_sim.registry import Tag

Strategy = Literal["semver", "newest-build", "alphabetical", "digest"]
_STRATEGIES: tuple[Strategy, ...] = ("semver", "newest-build", "alphabetical", "digest")
_RENAMED: dict[str, Strategy] = {"latest": "newest-build", "name": "alphabetical"}


class TagError(Exception):
    """Why no newest tag can be found, in the words of the real one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tags count. ``constraint`` is the range of ``semver``, and the one tag that ``digest`` follows; ``allow`` is ``any``
    or ``regexp:`` with an expression, ``ignore`` are patterns."""

    strategy: Strategy = "semver"
    constraint: str = ""
    allow: str = ""
    ignore: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.strategy == "semver":
            return f"semver {self.constraint}" if self.constraint else "semver"
        return f"{self.strategy} of {self.constraint}" if self.strategy == "digest" else self.strategy


@dataclass(frozen=True, slots=True)
class Choice:
    """``tag`` is the newest, None when there is none; ``eligible`` of ``total`` tags were considered; ``passed`` are newer tags
    that do not count, newest first, with why; ``note`` is what the real one says where there is none."""

    tag: ImageTag | None
    eligible: int
    total: int
    passed: tuple[tuple[str, str], ...] = ()
    note: str = ""


def read_strategy(text: str) -> tuple[Strategy, str]:
    """The strategy that a text means, and a warning about it."""
    word = text.lower()
    if word in _RENAMED:
        new = _RENAMED[word]
        return new, (
            f'"{word}" strategy has been renamed to "{new}". Please switch to the new convention as support for the old naming '
            "convention will be removed in future versions."
        )
    found = next((strategy for strategy in _STRATEGIES if strategy == word), None)
    return (found, "") if found else ("semver", f"Unknown sort option {text} -- using semver")


def allowing(text: str) -> tuple[Callable[[str], bool], str]:
    """Whether ``allowTags`` lets a tag through, and a warning about it: what cannot be read lets none through."""
    if not text or text.lower() == "any":
        return _every, ""
    word, colon, expression = text.partition(":")
    if not colon:
        return _none, f"Invalid match option syntax '{text}', ignoring"
    if word.lower() != "regexp":
        return _none, f"Unknown match function: {word}"
    try:
        return pattern(expression).found, ""
    except PatternError:
        return _none, f"Could not compile regexp '{expression}'"


def _every(_tag: str) -> bool:
    return True


def _none(_tag: str) -> bool:
    return False


def newest(tags: Sequence[Tag], wanted: Wanted, image: ContainerImage) -> Choice:
    """The newest of the tags that count. Raises TagError."""
    if wanted.strategy == "digest" and not wanted.constraint:
        what = f"cannot use update strategy 'digest' for image '{image}' without a version constraint"
        raise TagError(f"Could not get tags from registry: {what}")
    allow, _ = allowing(wanted.allow)
    reasons = {tag.name: _why_not(tag.name, allow, wanted) for tag in tags}
    known = [tag for tag in tags if reasons[tag.name] not in _FILTERED]
    ordered = _ordered([tag for tag in tags if not reasons[tag.name]], wanted.strategy)
    last = ordered[-1] if ordered else None
    newer = _ordered(tags, wanted.strategy)
    newer = newer[newer.index(last) + 1 :] if last else newer
    passed = tuple((tag.name, reasons[tag.name]) for tag in reversed(newer))
    if last is not None:
        chosen = ImageTag(last.name, last.digest if wanted.strategy == "digest" else "")
        return Choice(chosen, len(ordered), len(tags), passed)
    return Choice(None, 0, len(tags), passed, _note(known, wanted, image))


def _note(known: Sequence[Tag], wanted: Wanted, image: ContainerImage) -> str:
    if not known:
        return f"no tags found for image {image.repository} in registry"
    if not _ordered(known, wanted.strategy):
        return f"no tags for image {image.repository} matched by the {wanted.strategy} strategy"
    return f'no tags for image {image.repository} matched constraint "{wanted.constraint}"'


_FILTERED = ("not allowed by allowTags", "ignored by ignoreTags", "not the tag that is followed")


def _why_not(name: str, allow: Callable[[str], bool], wanted: Wanted) -> str:
    """Why a tag does not count; empty when it does. Raises TagError for a range that is none."""
    if not allow(name):
        return _FILTERED[0]
    if any(matches_path(pattern, name) for pattern in wanted.ignore):
        return _FILTERED[1]
    if wanted.strategy == "digest":
        return "" if name == wanted.constraint else _FILTERED[2]
    if wanted.strategy != "semver":
        return ""
    version, range_ = Version.parse(name), _range(wanted.constraint)
    if version is None:
        return "no semantic version"
    if satisfies(range_, name):
        return ""
    return "a pre-release" if version.pre and satisfies(range_, ".".join(map(str, version.core))) else f"not in {range_}"


def _range(constraint: str) -> str:
    """A range without a constraint is that of all releases."""
    if constraint and not readable(constraint):
        raise TagError(f"Unable to find newest version from available tags: improper constraint: {constraint}")
    return constraint or "*"


def _ordered(tags: Sequence[Tag], strategy: Strategy) -> list[Tag]:
    """Oldest first; what has no place in the order is left out."""
    if strategy == "semver":
        versions = [(version, tag) for tag in tags if (version := Version.parse(tag.name)) is not None]
        return [tag for _, tag in sorted(versions, key=_by_version)]
    if strategy == "newest-build":
        return sorted(tags, key=lambda tag: (tag.pushed, tag.name))
    return sorted(tags, key=lambda tag: tag.name)


def _by_version(item: tuple[Version, Tag]) -> tuple[Any, str]:
    return item[0].order, item[1].name
