"""YAML as kubectl prints it: keys in natural order, lists not indented, only what would be misread in quotes.

Source: sigs.k8s.io/yaml (the encoder and emitter of go-yaml v2). PyYAML's emitter and that one have a common ancestor; what is
overridden here is where they went apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import yaml

from gitops_sim.cluster.go_text import plain
from gitops_sim.yaml_in import resolve


def to_yaml(value: Any) -> str:
    """One document with a newline at its end."""
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True)
    return text.removesuffix("...\n")


_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_DATE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})([Tt ](\d{1,2}:\d{1,2}:\d{1,2})(\.\d+)?(Z|[-+]\d\d:\d\d)?)?")


def _means_itself(text: str) -> bool:
    """Whether the text, written without quotes, is read back as this text."""
    meaning = resolve(text)
    too_large = meaning in (float("inf"), float("-inf")) and text[-1:].isdigit()
    return (meaning == text or too_large) and not _BASE_60.fullmatch(text) and not _is_time(text)


def _is_time(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    date, rest, time, _, zone = match.groups()
    if rest and (rest[0] == " ") != (zone is None):
        return False
    try:
        datetime.strptime(date, "%Y-%m-%d")
        datetime.strptime(time or "0:0:0", "%H:%M:%S")
    except ValueError:
        return False
    return True


class _Key(str):
    """A string that sorts as go-yaml sorts the keys of a mapping: letters after the rest, digits by the number they spell."""

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


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def analyze_scalar(self, scalar: str) -> Any:
        analysis = super().analyze_scalar(scalar)
        analysis.multiline |= "\r" in scalar
        if any(ord(char) > 0xFFFF for char in scalar):
            analysis.allow_block_plain = analysis.allow_single_quoted = analysis.allow_block = False
        return analysis

    def check_simple_key(self) -> bool:
        """An empty text may be a key."""
        empty = isinstance(self.event, yaml.ScalarEvent) and not self.event.value
        return empty or super().check_simple_key()

    def choose_scalar_style(self) -> Any:
        style = super().choose_scalar_style()
        block = isinstance(self.event, yaml.ScalarEvent) and self.event.style == "|"
        return '"' if style == "'" and block else style


_STRING = "tag:yaml.org,2002:str"
"""The tag of every scalar, so that PyYAML's own resolver, which knows nothing else, neither quotes nor tags any."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    style = "|" if "\n" in value else None if _means_itself(value) else '"'
    return dumper.represent_scalar(_STRING, str(value), style=style)


def _scalar(dumper: yaml.SafeDumper, value: Any) -> yaml.Node:
    return dumper.represent_scalar(_STRING, "null" if value is None else plain(value))


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    whole = value.is_integer() and abs(value) < 2**64
    return _scalar(dumper, int(value) if whole else value)


def _mapping(dumper: yaml.SafeDumper, value: Mapping[str, Any]) -> yaml.Node:
    pairs = [(str(key), value[key]) for key in sorted(map(_Key, value))]
    return dumper.represent_mapping("tag:yaml.org,2002:map", pairs, flow_style=False)


def _sequence(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=False)


_REPRESENTERS: dict[type, Callable[[Any, Any], yaml.Node]] = {
    **dict.fromkeys((int, bool, type(None)), _scalar),
    str: _text,
    float: _float,
    list: _sequence,
    tuple: _sequence,
    dict: _mapping,
}
_Dumper.yaml_implicit_resolvers = {}
for _type, _representer in _REPRESENTERS.items():
    _Dumper.add_representer(_type, _representer)
