"""Variables in manifests: ``${name}``, ``${name:=default}`` and the other forms of the shell that Flux takes.

Source: fluxcd/pkg ``envsubst`` and ``kustomize/kustomize_varsub.go``. A variable that is not set and has no default is an error
(the gate StrictPostBuildSubstitutions is on by default since kustomize-controller 1.9). ``$${`` stands for ``${``.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, annotations_of, labels_of
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml

OPT_OUT = "kustomize.toolkit.fluxcd.io/substitute"
_NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")
_NAME_RULE = "^[_[:alpha:]][_[:alpha:][:digit:]]*$"
_OPERATOR = re.compile(r":[-=?+]|\^\^?|,,?|##?|%%?|//|/#|/%|/|:|[=]")
_FALLBACK = ("=", ":=", ":-", ":?", ":+")


class SubstitutionError(Exception):
    """``message`` is what Flux reports behind ``post build failed for ...:``."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def opts_out(obj: Object) -> bool:
    """Whether an object says that nothing is to be substituted in it."""
    return "disabled" in (labels_of(obj).get(OPT_OUT), annotations_of(obj).get(OPT_OUT))


def substituted(obj: Object, values: Mapping[str, str]) -> Object:
    """An object with its variables replaced, in all of its text. Raises SubstitutionError.

    As the text is read again as YAML, ``replicas: ${count}`` becomes a number.
    """
    for name in values:
        if not _NAME.fullmatch(name):
            raise SubstitutionError(f"envsubst error: '{name}' var name is invalid, must match '{_NAME_RULE}'")
    text = dump_yaml(obj, width=2**30)
    if "${" not in text:
        return obj
    try:
        made = _Text(text, values).all()
    except SubstitutionError as error:
        raise SubstitutionError(f"envsubst error: variable substitution failed: {error.message}") from None
    try:
        found: Any = load_document(made, where="substituted")
    except BadInput as error:
        raise SubstitutionError(f"envsubst error: YAMLToJSON: {error.what}") from None
    if not isinstance(found, dict):
        raise SubstitutionError("UnmarshalJSON: the result is not an object")
    return found


class _Text:
    """One pass over a text."""

    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        self._text, self._values, self._at = text, values, 0

    def all(self) -> str:
        out = []
        while self._at < len(self._text):
            if self._text.startswith("$${", self._at):
                out.append("${")
                self._at += 3
            elif self._text.startswith("${", self._at):
                self._at += 2
                out.append(self._expression())
            else:
                out.append(self._text[self._at])
                self._at += 1
        return "".join(out)

    def _expression(self) -> str:
        """What stands behind ``${``, up to and with its brace."""
        length = self._take("#")
        name = _NAME.match(self._text, self._at)
        if name is None:
            raise SubstitutionError("bad substitution" if length else "unable to parse variable name")
        self._at = name.end()
        found = _OPERATOR.match(self._text, self._at)
        operator = "" if length or found is None else found.group()
        self._at += len(operator)
        arguments = self._arguments(operator) if operator else []
        if not self._take("}"):
            raise SubstitutionError("bad substitution" if operator else "missing closing brace")
        value = self._values.get(name.group())
        if value is None and operator not in _FALLBACK:
            raise SubstitutionError(f'variable not set (strict mode): "{name.group()}"')
        if length:
            return str(len((value or "").encode()))
        return _FUNCTIONS.get(operator, _plain)(value or "", arguments)

    def _arguments(self, operator: str) -> list[str]:
        if operator in ("^", "^^", ",", ",,"):
            return []
        apart = "/" if operator.startswith("/") else ":" if operator == ":" else ""
        found = [self._argument(apart)]
        if apart and self._take(apart):
            found.append(self._argument(""))
        return found

    def _argument(self, apart: str) -> str:
        out = []
        while self._at < len(self._text) and self._text[self._at] not in ("}", apart):
            if self._text.startswith("${", self._at):
                self._at += 2
                out.append(self._expression())
            else:
                self._at += self._text[self._at] == "\\" and apart == "/"
                out.append(self._text[self._at : self._at + 1])
                self._at += 1
        return "".join(out)

    def _take(self, mark: str) -> bool:
        there = self._text.startswith(mark, self._at)
        self._at += len(mark) * there
        return there


def _plain(value: str, arguments: list[str]) -> str:
    """Every operator that Flux does not know another meaning for is one of a default, whatever the shell says."""
    return value or "".join(arguments)


def _slice(value: str, arguments: list[str]) -> str:
    try:
        start = int(arguments[0])
        length = int(arguments[1]) if len(arguments) > 1 else None
    except ValueError:
        return value
    start = max(0, len(value) + start) if start < 0 else start
    return value[start:] if length is None else value[start : start + length]


def _replace_first(value: str, arguments: list[str]) -> str:
    old, new = [*arguments, ""][:2]
    return value.replace(old, new, 1)


def _replace_all(value: str, arguments: list[str]) -> str:
    old, new = [*arguments, ""][:2]
    return value.replace(old, new)


def _replace_prefix(value: str, arguments: list[str]) -> str:
    return _replace_first(value, arguments) if len(arguments) == 2 and value.startswith(arguments[0]) else value


def _replace_suffix(value: str, arguments: list[str]) -> str:
    fits = len(arguments) == 2 and value.endswith(arguments[0])
    return value.removesuffix(arguments[0]) + arguments[1] if fits else value


def _cut_prefix(value: str, pattern: str, *, longest: bool) -> str:
    ends = range(len(value), 0, -1) if longest else range(1, len(value) + 1)
    end = next((end for end in ends if fnmatch.fnmatchcase(value[:end], pattern)), 0)
    return value[end:]


def _cut_suffix(value: str, pattern: str, *, longest: bool) -> str:
    starts = range(len(value)) if longest else range(len(value) - 1, -1, -1)
    start = next((start for start in starts if fnmatch.fnmatchcase(value[start:], pattern)), len(value))
    return value[:start]


_FUNCTIONS: dict[str, Callable[[str, list[str]], str]] = {
    ",": lambda value, _: value[:1].lower() + value[1:],
    ",,": lambda value, _: value.lower(),
    "^": lambda value, _: value[:1].upper() + value[1:],
    "^^": lambda value, _: value.upper(),
    "#": lambda value, arguments: _cut_prefix(value, arguments[0], longest=False),
    "##": lambda value, arguments: _cut_prefix(value, arguments[0], longest=True),
    "%": lambda value, arguments: _cut_suffix(value, arguments[0], longest=False),
    "%%": lambda value, arguments: _cut_suffix(value, arguments[0], longest=True),
    ":": _slice,
    "/": _replace_first,
    "//": _replace_all,
    "/#": _replace_prefix,
    "/%": _replace_suffix,
}
