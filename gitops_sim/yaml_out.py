"""Writing YAML the way ``kubectl -o yaml`` does: block style, quotes only where a reader would otherwise see something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import yaml

from gitops_sim.yaml_in import resolve

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOOKS_TYPED = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z|\d{4}-\d\d?-\d\d?([Tt ].*)?\Z|<<\Z")
"""Strings that other readers of YAML 1.1 take for a base-60 number, a date, or a merge key."""


class _Dumper(_Base):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag that a reader gives a plain scalar: our reader, not PyYAML's."""
        if kind is yaml.ScalarNode and implicit[0]:
            return "tag:yaml.org,2002:" + _TAGS[type(resolve(value))]
        return str(super().resolve(kind, value, implicit))


_TAGS = {str: "str", bool: "bool", int: "int", float: "float", type(None): "null"}


def _string(dumper: Any, text: str) -> Any:
    typed = not isinstance(resolve(text), str) or _LOOKS_TYPED.match(text)
    style = "|" if "\n" in text else '"' if typed else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _float(dumper: Any, number: float) -> Any:
    """As Go's ``%g``: an exponent from a million on."""
    exact = Decimal(repr(number)).normalize()
    exponent = exact.adjusted()
    if -4 <= exponent < 6:
        text = f"{exact:f}"
    else:
        text = f"{exact.scaleb(-exponent):f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(str, _string)
_Dumper.add_representer(float, _float)


def dump_yaml(value: Any, *, sort_keys: bool = False, width: int = 80) -> str:
    """One document of JSON-like data, without a leading ``---``.

    Keys keep their order unless ``sort_keys``, as ``kubectl`` sorts them. Plain text longer than ``width`` is folded at its
    spaces, again as ``kubectl`` does it.
    """
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=sort_keys, width=width, default_flow_style=False, allow_unicode=True)
    return str(text).removesuffix("...\n")


def dump_all(values: Sequence[Any], *, sort_keys: bool = False) -> str:
    """Several documents, with ``---`` between them."""
    return "---\n".join(dump_yaml(value, sort_keys=sort_keys) for value in values)
