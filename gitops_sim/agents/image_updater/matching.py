"""Which rule of an ImageUpdater an Application falls under: the most specific that fits, and only that.

Source: argocd-image-updater ``pkg/argocd/argocd.go`` (calculateSpecificity, FilterApplicationsForUpdate).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.glob import matches_path
from gitops_sim.cluster.selectors import matches
from gitops_sim.manifests.globs import compiled
from gitops_sim.objects import Object, labels_of

Ref = Mapping[str, Any]


class MatchError(Exception):
    """Why no Application can be looked at, in the words of the real one."""


def check_patterns(refs: Sequence[Ref]) -> None:
    """Raises MatchError when there is no rule, or one whose pattern cannot be read: then none counts."""
    if not refs:
        raise MatchError("no application references defined in ImageUpdater CR")
    for ref in refs:
        if compiled(ref["namePattern"].replace("{", r"\{"), "/") is None:
            raise MatchError(f"invalid application name pattern '{ref['namePattern']}': syntax error in pattern")


def most_specific_first(refs: Sequence[Ref]) -> list[Ref]:
    """Of equal ones the first that was written."""
    return sorted(refs, key=lambda ref: -specificity(ref))


def specificity(ref: Ref) -> int:
    """A name without wildcards counts most, then a selector of labels and its terms, then the letters of the pattern."""
    pattern, selector = ref["namePattern"], ref.get("labelSelectors")
    score = 0 if re.search(r"[*?\[\]]", pattern) else 1_000_000
    score += len(re.sub(r"\[.*?]|[*?]", "", pattern))
    if selector is not None:
        terms = len(selector.get("matchLabels") or ()) + len(selector.get("matchExpressions") or ())
        score += 10_000 + 100 * terms
    return score


def fits(ref: Ref, app: Object) -> bool:
    """Whether a rule is about an Application, by its name and its labels."""
    if not matches_path(ref["namePattern"], app["metadata"]["name"]):
        return False
    selector = ref.get("labelSelectors")
    return selector is None or matches(selector, labels_of(app))
