"""Objects as ``-o yaml`` prints them: YAML whose keys are in natural order.

Source: sigs.k8s.io/yaml, which hands maps to the encoder of go-yaml v2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gitops_sim.yaml_out import dump_yaml


def to_yaml(value: Any) -> str:
    """One document with a newline at its end."""
    return dump_yaml(_ordered(value))


def _ordered(value: Any) -> Any:
    """The same value with sorted keys; a whole float is an integer, as it is in JSON."""
    if isinstance(value, Mapping):
        return {str(key): _ordered(value[key]) for key in sorted(map(_Key, value))}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**64:
        return int(value)
    return value


class _Key(str):
    """A string that sorts as go-yaml sorts the keys of a map: letters after the rest, digits by the number they spell."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        for at, (mine, theirs) in enumerate(zip(self, other, strict=False)):
            if mine == theirs:
                continue
            if mine.isalpha() or theirs.isalpha():
                return mine < theirs if mine.isalpha() and theirs.isalpha() else theirs.isalpha()
            start = str(self)[:at]
            leading = "1" if "0" in (mine, theirs) and re.search(r"[1-9]\d*$", start) else "0"
            one, two = (re.match(r"\d*", text[at:]) for text in (str(self), str(other)))
            assert one is not None
            assert two is not None
            numbers = int(leading + one[0]), int(leading + two[0])
            if numbers[0] != numbers[1]:
                return numbers[0] < numbers[1]
            return len(one[0]) < len(two[0]) if len(one[0]) != len(two[0]) else mine < theirs
        return len(self) < len(other)
