"""Choosing one of many tags: the newest version in a range, the last of the alphabet, the greatest number.

Source: image-reflector-controller ``internal/policy``. ``asc`` is up, and the last one is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux.images.imagepolicy import ImagePolicy
from gitops_sim.agents.flux.images.patterns import compiled, extracted
from gitops_sim.cluster.custom.patterns import PatternError, pattern
from gitops_sim.manifests.versions import Version, readable, satisfies

_WHOLE = re.compile(r"v?\d+\.\d+\.\d+(?:[-+]|\Z)")
_NUMBER = re.compile(r"(?i:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan))\Z")


class InvalidPolicy(Exception):
    """A policy that can choose nothing, whatever there is."""


class NoChoice(Exception):
    """Nothing can be chosen of what there is."""


@dataclass(frozen=True, slots=True)
class Choice:
    """``tag`` is the one; ``fitting`` those that it was chosen from, the best first, ``left_out`` those that were none."""

    tag: str
    fitting: tuple[str, ...]
    left_out: tuple[str, ...]


def check(policy: ImagePolicy) -> None:
    """Raises InvalidPolicy. What is wrong with its filter comes out when it is used."""
    if not policy.order:
        raise InvalidPolicy("invalid policy: given ImagePolicyChoice object is invalid")
    if policy.order == "semver" and not readable(policy.argument):
        raise InvalidPolicy(f"invalid policy: improper constraint: {policy.argument}")


def chosen(policy: ImagePolicy, tags: Sequence[str]) -> Choice:
    """The tag that a policy wants. Raises InvalidPolicy and NoChoice."""
    original = _filtered(policy, tags)
    if not original:
        raise NoChoice("version list argument cannot be empty")
    ranked = {"semver": _by_version, "alphabetical": _by_alphabet, "numerical": _by_number}[policy.order](
        list(original), policy.argument
    )
    if not ranked:
        raise NoChoice("unable to determine latest version from provided list")
    fitting = tuple(original[text] for text in ranked)
    return Choice(fitting[0], fitting, tuple(tag for tag in tags if tag not in fitting))


def _filtered(policy: ImagePolicy, tags: Sequence[str]) -> dict[str, str]:
    """What is compared, and the tag that it stands for."""
    if policy.pattern is None:
        return {tag: tag for tag in tags}
    try:
        expression = pattern(policy.pattern)
        found = [tag for tag in tags if expression.found(tag)]
        if not policy.extract:
            return {tag: tag for tag in found}
        groups = compiled(policy.pattern)
    except PatternError as error:
        what = f"invalid regular expression pattern '{policy.pattern}': error parsing regexp: {error}"
        raise InvalidPolicy(f"failed to filter tags: {what}") from None
    matches = {tag: match for tag in found if (match := groups.search(tag))}
    return {extracted(policy.extract, match): tag for tag, match in matches.items()}


def _by_version(texts: list[str], range_: str) -> list[str]:
    """Whole versions alone: ``1.5`` is none."""
    fitting = [text for text in texts if _WHOLE.match(text) and satisfies(range_, text)]
    return sorted(fitting, key=_order_of_version, reverse=True)


def _order_of_version(text: str) -> Any:
    version = Version.parse(text)
    assert version is not None
    return version.order


def _by_alphabet(texts: list[str], order: str) -> list[str]:
    return sorted(texts, reverse=order != "desc")


def _by_number(texts: list[str], order: str) -> list[str]:
    wrong = next((text for text in texts if not _NUMBER.match(text)), None)
    if wrong is not None:
        raise NoChoice(f"failed to parse invalid numeric value '{wrong}'")
    return sorted(texts, key=float, reverse=order != "desc")
