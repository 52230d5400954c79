"""Functions that a template can call, with the types of their parameters as Go checks them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.manifests.helm.go import NO_VALUE, type_name
from gitops_sim.manifests.helm.numbers import Int64

_GO = {
    "string": "string",
    "int": "int",
    "float64": "float64",
    "bool": "bool",
    "map": "map[string]interface {}",
    "list": "[]interface {}",
}
_CLASSES: dict[str, type] = {"string": str, "int": int, "float64": float, "bool": bool, "map": dict, "list": list}


@dataclass(frozen=True, slots=True)
class Function:
    """``kinds`` of the parameters (``any``, ``string``, ``int``, ``float64``, ``bool``, ``map``, ``list``), ``rest`` for any
    number more. ``inside`` functions get the walk that calls them first."""

    run: Callable[..., Any]
    kinds: tuple[str, ...] = ()
    rest: str | None = None
    inside: bool = False

    @property
    def least(self) -> int:
        return len(self.kinds)

    def kind(self, index: int) -> str:
        return self.kinds[index] if index < len(self.kinds) else self.rest or "any"

    def call(self, walk: Any, values: Sequence[Any]) -> Any:
        """Raises whatever the function raises."""
        result = self.run(walk, *values) if self.inside else self.run(*values)
        error = getattr(result, "error", None)
        if type(result).__name__ == "FunctionResult":
            if error is not None:
                raise error
            return result.value
        return result


def validated(value: Any, kind: str) -> tuple[str, Any]:
    """What is wrong with passing a value to a parameter (empty when nothing is), and what is passed."""
    if value is NO_VALUE:
        return ("", None) if kind in ("any", "map", "list") else (f"invalid value; expected {_GO[kind]}", None)
    if kind == "any":
        return "", value
    fits = isinstance(value, _CLASSES[kind]) and not (kind == "int" and isinstance(value, bool | Int64))
    return ("" if fits else f"wrong type for value; expected {_GO[kind]}; got {type_name(value)}"), value


def function_of(run: Callable[..., Any]) -> Function:
    """A function of gotpl with the types that its annotations state; a parameter of another type takes anything."""
    kinds, rest = [], None
    for parameter in inspect.signature(run).parameters.values():
        kind = _KINDS.get(str(getattr(parameter.annotation, "__name__", parameter.annotation)), "any")
        if parameter.kind is parameter.VAR_POSITIONAL:
            rest = kind
        elif parameter.kind is not parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
            kinds.append(kind)
    return Function(run, tuple(kinds), rest)


_KINDS = {"str": "string", "int": "int", "float": "float64", "bool": "bool", "dict[str, object]": "map"}
