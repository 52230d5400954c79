"""Our own words on the types and fields that learners meet first, from ``descriptions.txt``.

A line is ``TYPE: text`` or, below its type and indented, ``FIELD: text``. What is not in the file has no description.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path


def description(name: str) -> str:
    """Of a type (``apps.v1.Deployment``) or a field (``apps.v1.DeploymentSpec.replicas``); empty when there is none."""
    return _read().get(name, "")


@cache
def _read() -> Mapping[str, str]:
    found, owner = {}, ""
    for line in Path(__file__).with_name("descriptions.txt").read_text(encoding="utf-8").splitlines():
        name, _, text = line.strip().partition(": ")
        if line.startswith(" "):
            found[f"{owner}.{name}"] = text
        elif line:
            owner = name.rstrip(":")
            found[owner] = text
    return found
