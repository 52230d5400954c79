"""The description of any object: all of its fields, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.shapes import text
from gitops_sim.kubectl.describe.page import Page
from gitops_sim.objects import Object

_SKIPPED = frozenset(f".metadata.{field}" for field in ("managedFields", "name", "namespace", "labels", "annotations"))
_ACRONYMS = frozenset(("API", "URL", "UID", "GUID"))


def generic(page: Page, obj: Object) -> None:
    page.field("Name", text(obj, "metadata", "name"))
    page.field("Namespace", text(obj, "metadata", "namespace"))
    page.labels(obj)
    page.annotations(obj)
    _fields(page, obj, "", 0)
    page.events(obj, kind=text(obj, "kind"))


def _fields(page: Page, content: Mapping[str, Any], prefix: str, level: int) -> None:
    for field in sorted(content):
        path, value = f"{prefix}.{field}", content[field]
        if path in _SKIPPED:
            continue
        if isinstance(value, Mapping):
            page.line(f"{label_of(field)}:", level)
            _fields(page, value, path, level + 1)
        elif isinstance(value, list):
            page.line(f"{label_of(field)}:", level)
            for child in value:
                if isinstance(child, Mapping):
                    _fields(page, child, path, level + 1)
                else:
                    page.line(plain(child), level + 1)
        else:
            page.field(label_of(field), plain(value), level)


def label_of(field: str) -> str:
    """``apiVersion`` as ``API Version``, ``lastTransitionTime`` as ``Last Transition Time``."""
    if not re.fullmatch(r"[^\W\d_]*(-[^\W\d_]*)*", field):
        return field
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|-+|[^\W\d_]", field)
    merged: list[str] = []
    for part in parts:
        if merged and len(merged[-1]) >= 2 and merged[-1].isupper() and part[0].isupper():
            merged[-1] += part
        else:
            merged.append(part)
    return " ".join(part.upper() if part.upper() in _ACRONYMS else part.title() if part.islower() else part for part in merged)
