"""Expressions in CEL, the language of the rules in a definition.

A library evaluates them; what Kubernetes adds to the language is here. Source of the additions: the documentation of Kubernetes,
"Common Expression Language in Kubernetes" (lists, strings, regular expressions, quantities).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

from gitops_sim.cluster.quantity import QuantityError, amount

_LOOPS = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(")
_MOST_STEPS = 200_000
"""How often the inmost part of an expression may be looked at: a real server has a budget too."""
_LONGEST = 10_000


class ExpressionError(Exception):
    """An expression that cannot be read, or has no value."""


def available() -> bool:
    """Whether the library is there: it comes with the extra ``cel``."""
    return find_spec("celpy") is not None


@dataclass(frozen=True, slots=True)
class Expression:
    """One that was read. ``loops``: how many times it goes over lists."""

    text: str
    program: Any
    loops: int

    def uses(self, name: str) -> bool:
        return re.search(rf"\b{name}\b", self.text) is not None

    def value(self, variables: Mapping[str, Any], longest: int = 0) -> Any:
        """The value, as a Python one. ``variables`` hold values made by :func:`gitops_sim.cluster.custom.values.value_of`;
        ``longest`` is the length of the longest list in them. Raises ExpressionError when there is none."""
        if longest > 1 and longest**self.loops > _MOST_STEPS:
            raise ExpressionError("validation failed due to running out of cost budget, no further validation rules will be run")
        try:
            return self.program.evaluate(dict(variables))
        except Exception as error:  # whatever a stranger's expression makes the library raise is about the expression
            raise ExpressionError(_reason(error)) from None


@lru_cache(maxsize=1024)
def expression(text: str) -> Expression:
    """Reads an expression. Raises ExpressionError with the reason for what is none."""
    import celpy

    if len(text) > _LONGEST:
        raise ExpressionError(f"an expression of {len(text)} characters is too long")
    try:
        environment = celpy.Environment()
        program = environment.program(environment.compile(text), functions=_functions())
    except Exception as error:
        raise ExpressionError(f"compilation failed: ERROR: <input>:1:1: Syntax error: {_reason(error)}") from None
    return Expression(text, program, len(_LOOPS.findall(text)))


def _reason(error: Exception) -> str:
    """What a library's error says, without the dump of its state."""
    if isinstance(error, RecursionError):
        return "expression recursion limit exceeded"
    words = error.args[0] if error.args and isinstance(error.args[0], str) else type(error).__name__
    missing = re.match(r"no such member in mapping: '(.*)'", words)
    return f"no such key: {missing[1]}" if missing else words.partition(" (in activation")[0].strip().partition("\n")[0]


# ---------------------------------------------------------------------- what Kubernetes adds


@lru_cache(maxsize=1)
def _functions() -> dict[str, Callable[..., Any]]:
    from celpy import celtypes as cel

    def boolean(found: bool) -> Any:
        return cel.BoolType(found)

    def texts(found: list[str]) -> Any:
        return cel.ListType([cel.StringType(one) for one in found])

    def total(items: Any) -> Any:
        numbers = list(items)
        found = numbers[0] if numbers else cel.IntType(0)
        for number in numbers[1:]:
            found = found + number
        return found

    def index_of(where: Any, what: Any, start: int = 0) -> Any:
        if isinstance(where, str):
            return cel.IntType(where.find(what, start))
        return cel.IntType(next((index for index, one in enumerate(where) if one == what), -1))

    def last_index_of(where: Any, what: Any, end: int | None = None) -> Any:
        if isinstance(where, str):
            return cel.IntType(where.rfind(what) if end is None else where.rfind(what, 0, end + len(what)))
        return cel.IntType(next((index for index in range(len(where) - 1, -1, -1) if where[index] == what), -1))

    def find(text: str, wanted: str) -> Any:
        return cel.StringType(next(iter(_found(text, wanted, 1)), ""))

    def find_all(text: str, wanted: str, most: int = -1) -> Any:
        return texts(_found(text, wanted, most))

    def replace(text: str, old: str, new: str, most: int = -1) -> Any:
        return cel.StringType(text.replace(old, new, most))

    def split(text: str, by: str, most: int = -1) -> Any:
        parts = list(text) if not by else text.split(by, most - 1 if most > 0 else -1)
        return texts([] if most == 0 else parts)

    def join(items: Any, by: str = "") -> Any:
        return cel.StringType(by.join(items))

    def is_quantity(text: str) -> Any:
        try:
            amount(text)
        except QuantityError:
            return boolean(False)
        return boolean(True)

    def compare(one: Any, other: Any) -> Any:
        return cel.IntType((one.amount > other.amount) - (one.amount < other.amount))

    def add(one: Any, other: Any) -> Any:
        return _Quantity(one.amount + (other.amount if isinstance(other, _Quantity) else int(other)))

    def sub(one: Any, other: Any) -> Any:
        return _Quantity(one.amount - (other.amount if isinstance(other, _Quantity) else int(other)))

    return {
        "isSorted": lambda items: boolean(all(not (b < a) for a, b in pairwise(items))),
        "sum": total,
        "min": lambda items: min(items),
        "max": lambda items: max(items),
        "indexOf": index_of,
        "lastIndexOf": last_index_of,
        "find": find,
        "findAll": find_all,
        "charAt": lambda text, at: cel.StringType(text[at : at + 1]),
        "lowerAscii": lambda text: cel.StringType(text.lower() if text.isascii() else _ascii(text, str.lower)),
        "upperAscii": lambda text: cel.StringType(text.upper() if text.isascii() else _ascii(text, str.upper)),
        "replace": replace,
        "split": split,
        "join": join,
        "substring": lambda text, start, end=None: cel.StringType(text[start:end]),
        "trim": lambda text: cel.StringType(text.strip()),
        "quantity": lambda text: _Quantity(amount(text)),
        "isQuantity": is_quantity,
        "compareTo": compare,
        "isGreaterThan": lambda one, other: boolean(one.amount > other.amount),
        "isLessThan": lambda one, other: boolean(one.amount < other.amount),
        "add": add,
        "sub": sub,
        "sign": lambda one: cel.IntType((one.amount > 0) - (one.amount < 0)),
        "isInteger": lambda one: boolean(one.amount.denominator == 1),
        "asInteger": lambda one: cel.IntType(int(one.amount)),
        "asApproximateFloat": lambda one: cel.DoubleType(float(one.amount)),
    }


@dataclass(frozen=True, slots=True)
class _Quantity:
    """``quantity("1Gi")``: equal when the amounts are."""

    amount: Fraction


def _ascii(text: str, change: Callable[[str], str]) -> str:
    return "".join(change(one) if one.isascii() else one for one in text)


def _found(text: str, wanted: str, most: int) -> list[str]:
    """What a pattern of RE2, which needs no more than linear time, finds one after the other."""
    import re2

    found = [match.group() for match in re2.finditer(wanted, text)]
    return found if most < 0 else found[:most]
