"""Every function that a chart's template may call, but ``include`` and ``tpl``: Go's own, sprig's and helm's.

Sprig comes from gotpl. What reads a clock or rolls dice is given the world's; what would need other chance (keys, certificates,
salts) is refused with the way out. ``env`` and ``expandenv`` helm itself leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from gotpl._compat.gofmt.go import sprintf
from gotpl.funcs.sprig import text_func_map

from gitops_sim.manifests.helm.calls import Function, function_of
from gitops_sim.manifests.helm.comparing import builtins
from gitops_sim.manifests.helm.go import Struct, is_true, kind_name, text_of, type_name
from gitops_sim.manifests.helm.go_yaml import conversions
from gitops_sim.manifests.helm.numbers import Int64
from gitops_sim.manifests.versions import Version, readable, satisfies

REFUSED = {
    "it needs keys made by chance, which the simulator has none of: give the certificate as a value": (
        "genPrivateKey",
        "genCA",
        "genCAWithKey",
        "genSelfSignedCert",
        "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey",
        "buildCustomCert",
    ),
    "it needs a salt made by chance, which the simulator has none of: give the hash as a value": ("bcrypt", "htpasswd"),
    "the simulator does not have it": (
        *("toToml", "mustToToml", "fromToml", "mustToDuration", "durationSeconds", "durationMilliseconds"),
        *("durationMicroseconds", "durationNanoseconds", "durationMinutes", "durationHours", "durationDays", "durationWeeks"),
        *("durationRoundTo", "durationTruncateTo"),
    ),
}
"""Functions that are known but fail, by why: helm has them."""
_BY_TIME = (
    *("date", "date_in_zone", "date_modify", "now", "htmlDate", "htmlDateInZone", "dateInZone", "dateModify"),
    *("randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "uuidv4", "env", "expandenv", "getHostByName"),
    *("genPrivateKey", "derivePassword", "buildCustomCert", "genCA", "genCAWithKey", "genSelfSignedCert"),
    *("genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey"),
)
"""Functions that say something else at another time or place. Source: sprig ``functions.go`` (nonhermeticFunctions)."""
_FIRST_IS_A_MAP = ("get", "set", "unset", "hasKey", "pick", "omit", "values")
_MAPS = ("merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite")


class HelmFailure(Exception):
    """What ``fail`` and ``required`` raise: helm shows their text alone, with the place."""


def functions(now: datetime, random: Random, lookup: Callable[..., Any] | None) -> dict[str, Function]:
    """The functions by name. ``now`` is the time that templates see; ``random`` is where all their chance comes from."""
    sprig = text_func_map(clock=lambda: now, entropy=random.randbytes, randbelow=random.randrange)
    found = {name: function_of(run) for name, run in sprig.items() if name not in ("env", "expandenv")}
    found = builtin_functions() | found | conversions() | _about_types() | _maps(found)
    for why, names in REFUSED.items():
        found |= {name: _refused(name, why) for name in names}
    in_zone: Any = sprig["dateInZone"]
    to_int: Any = sprig["int64"]
    found |= {
        "date": Function(lambda layout, date: in_zone(layout, date, "UTC"), ("string", "any")),
        "htmlDate": Function(lambda date: in_zone("2006-01-02", date, "UTC"), ("any",)),
        "getHostByName": Function(lambda _name: "", ("string",)),
        "lookup": Function(lookup or (lambda *_: {}), ("string", "string", "string", "string")),
        "required": Function(_required, ("string", "any")),
        "fail": Function(_fail, ("string",)),
        "semverCompare": Function(_semver_compare, ("string", "string")),
        "semver": Function(lambda text: _Semver(sprig["semver"](text)), ("string",)),
        "int64": Function(lambda value: Int64(to_int(value)), ("any",)),
        "int": Function(lambda value: int(to_int(value)), ("any",)),
        "toString": Function(_to_string, ("any",)),
        "default": Function(lambda default, *given: given[0] if given and is_true(given[0]) else default, ("any",), "any"),
    }
    return found


def builtin_functions() -> dict[str, Function]:
    """Those of Go's ``text/template`` alone."""
    return builtins(_sprintf)


@cache
def hermetic_functions() -> Mapping[str, Function]:
    """Those of Go and of sprig that always say the same."""
    names = {*builtin_functions(), *text_func_map()}.difference(_BY_TIME)
    return {name: run for name, run in functions(datetime.min, Random(0), None).items() if name in names}


def _sprintf(form: str, *values: Any) -> str:
    return str(sprintf(form, *(str(value) if isinstance(value, Struct) else value for value in values)))


def _to_string(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "<nil>" if value is None else text_of(value)


def _semver_compare(constraint: str, version: str) -> bool:
    if not readable(constraint):
        raise ValueError(f"improper constraint: {constraint}")
    if Version.parse(version) is None:
        raise ValueError("invalid semantic version")
    return satisfies(constraint, version)


def _required(message: str, value: Any) -> Any:
    if value is None or value == "":
        raise HelmFailure(message)
    return value


def _fail(message: str) -> str:
    raise HelmFailure(message)


def _refused(name: str, why: str) -> Function:
    def refuse(*_values: Any) -> Any:
        raise ValueError(f"{name} is not offered here: {why}")

    return Function(refuse, (), "any")


def _about_types() -> dict[str, Function]:
    return {
        "kindOf": Function(kind_name, ("any",)),
        "kindIs": Function(lambda kind, value: kind == kind_name(value), ("string", "any")),
        "typeOf": Function(_type_of, ("any",)),
        "typeIs": Function(lambda name, value: name == _type_of(value), ("string", "any")),
        "typeIsLike": Function(lambda name, value: _type_of(value) in (name, f"*{name}"), ("string", "any")),
    }


def _type_of(value: Any) -> str:
    return "<nil>" if value is None else type_name(value)


def _maps(sprig: dict[str, Function]) -> dict[str, Function]:
    """The functions of sprig on maps, with the types that Go checks; nil is a map without keys."""
    found = {}
    for name in _FIRST_IS_A_MAP:
        function = sprig[name]
        found[name] = Function(_nil_is_empty(function.run), ("map", *function.kinds[1:]), function.rest)
    for name in _MAPS:
        found[name] = Function(_nil_is_empty(sprig[name].run), ("map",), "map")
    found["keys"] = Function(_nil_is_empty(sprig["keys"].run), (), "map")
    found["pluck"] = Function(sprig["pluck"].run, ("string",), "map")
    return found


def _nil_is_empty(run: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: run(*({} if value is None else value for value in values))


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


class _Semver(Struct):
    """What ``semver`` gives: the parts of a version, to read and to compare."""

    go_type = "*semver.Version"

    def __init__(self, result: Any) -> None:
        if result.error is not None:
            raise result.error
        version = self._version = result.value
        values: dict[str, Any] = {
            "Major": version.Major,
            "Minor": version.Minor,
            "Patch": version.Patch,
            "Prerelease": version.Prerelease(),
            "Metadata": version.Metadata(),
            "Original": version.Original(),
            "String": str(version),
        }
        constants = {name: Function(_constant(value)) for name, value in values.items()}
        self.go_methods = constants | {
            "Compare": Function(lambda other: version.Compare(other._version), ("any",)),
            "LessThan": Function(lambda other: version < other._version, ("any",)),
            "GreaterThan": Function(lambda other: version > other._version, ("any",)),
            "Equal": Function(lambda other: version == other._version, ("any",)),
        }

    def __str__(self) -> str:
        return str(self._version)
