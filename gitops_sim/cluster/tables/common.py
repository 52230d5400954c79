"""What the cells of several kinds have in common.

Source: k8s.io/kubernetes ``pkg/printers/internalversion/printers.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.cluster.ages import age
from gitops_sim.cluster.shapes import mapping, mappings, number, text, texts
from gitops_sim.objects import Object


def name_of(obj: Object) -> str:
    return text(obj, "metadata", "name")


def age_of(obj: Object, now: float) -> str:
    return age(text(obj, "metadata", "creationTimestamp"), now)


def format_labels(labels: Any) -> str:
    """``app=web,tier=front``; ``<none>`` without any."""
    pairs = labels if isinstance(labels, Mapping) else {}
    return ",".join(f"{key}={pairs[key]}" for key in sorted(pairs)) or "<none>"


def format_selector(selector: Any) -> str:
    """A LabelSelector in kubectl's syntax: ``app=web,tier in (a,b),!old``; empty when it selects everything or nothing."""
    terms = [(key, f"{key}={value}") for key, value in mapping(selector, "matchLabels").items()]
    for term in mappings(selector, "matchExpressions"):
        key, values = text(term, "key"), ",".join(sorted(texts(term, "values")))
        shown = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key, "DoesNotExist": f"!{key}"}
        terms.append((key, shown.get(text(term, "operator"), key)))
    return ",".join(shown for _, shown in sorted(terms, key=lambda pair: pair[0]))


def at_most(shown: Sequence[str], limit: int, *, empty: str, separator: str = ",") -> str:
    """The first ``limit`` of a list, and how many more there are."""
    more = f" + {len(shown) - limit} more..." if len(shown) > limit else ""
    return separator.join(shown[:limit]) + more or empty


def containers(template: Any) -> list[str]:
    found = mappings(template, "spec", "containers")
    return [",".join(text(c, "name") for c in found), ",".join(text(c, "image") for c in found)]


def counts(obj: Object, *paths: tuple[str, ...]) -> list[int]:
    return [number(obj, *path) for path in paths]
