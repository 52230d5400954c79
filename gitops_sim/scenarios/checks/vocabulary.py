"""The closed vocabulary: what a check is called, which parameters it takes, and how a call in YAML becomes one in Python."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.evidence import Evidence, seconds
from gitops_sim.scenarios.reading import Reader


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. ``at`` is the simulated second that decided, where there is one."""

    passed: bool
    expected: str
    actual: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a measure found: a number that can be compared (seconds, or how many), or only words."""

    value: float | None
    text: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: what it is, how it is read, and whether it may be left out."""

    doc: str
    read: Callable[[Reader], Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the vocabulary. ``unit`` is ``s`` or empty, for measures."""

    name: str
    doc: str
    params: Mapping[str, Param]
    function: Callable[..., Any]
    measures: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A word with its parameters, as a file states it; ``where`` is the place in that file."""

    word: Word
    arguments: Mapping[str, Any]
    where: str = ""

    def check(self, evidence: Evidence) -> Verdict:
        verdict: Verdict = self._call(evidence)
        return verdict

    def measure(self, evidence: Evidence) -> Measured:
        measured: Measured = self._call(evidence)
        return measured

    def _call(self, evidence: Evidence) -> Any:
        try:
            return self.word.function(evidence, **self.arguments)
        except BadInput as error:
            raise BadInput(error.what, where=error.where or self.where, mend=error.mend) from None


CHECKS: dict[str, Word] = {}
MEASURES: dict[str, Word] = {}


def check(**params: Param) -> Callable[[Callable[..., Verdict]], Callable[..., Verdict]]:
    """Adds a function ``(evidence, **parameters) -> Verdict`` to the vocabulary, under its own name."""

    def add(function: Callable[..., Verdict]) -> Callable[..., Verdict]:
        CHECKS[function.__name__] = Word(function.__name__, _doc_line(function), params, function)
        return function

    return add


def measure(unit: str = "", **params: Param) -> Callable[[Callable[..., Measured]], Callable[..., Measured]]:
    """Adds a function ``(evidence, **parameters) -> Measured``: as a measure, and as a check of its value with bounds."""

    def add(function: Callable[..., Measured]) -> Callable[..., Measured]:
        name, doc = function.__name__, _doc_line(function)
        MEASURES[name] = Word(name, doc, params, function, measures=True, unit=unit)
        bounds = _SECONDS if unit == "s" else _COUNTS
        CHECKS[name] = Word(name, doc, {**params, **bounds}, _Bounded(function, unit), measures=True, unit=unit)
        return function

    return add


@dataclass(frozen=True, slots=True)
class _Bounded:
    """A measure as a check: its value must keep to the bounds that are given."""

    function: Callable[..., Measured]
    unit: str

    def __call__(
        self,
        evidence: Evidence,
        *,
        at_least: float | None = None,
        at_most: float | None = None,
        equals: float | None = None,
        reads: str | None = None,
        **arguments: Any,
    ) -> Verdict:
        found = self.function(evidence, **arguments)
        bounds = ((at_least, "at least"), (at_most, "at most"), (equals, "exactly"))
        texts = [f"{word} {self._shown(bound)}" for bound, word in bounds if bound is not None]
        if reads is not None:
            texts.append(reads)
        value = found.value
        passed = (
            (at_least is None or (value is not None and value >= at_least))
            and (at_most is None or (value is not None and value <= at_most))
            and (equals is None or value == equals)
            and (reads is None or reads in found.text)
        )
        return Verdict(passed, " and ".join(texts) or "measured", found.text, found.at)

    def _shown(self, bound: float) -> str:
        return seconds(bound) if self.unit == "s" else f"{bound:g}"


_SECONDS = {
    "at_least": Param("the least time that passes", Reader.duration),
    "at_most": Param("the most time that passes", Reader.duration),
    "equals": Param("exactly this time", Reader.duration),
    "reads": Param("text that the finding holds", Reader.text),
}
_COUNTS = {
    "at_least": Param("the least number that passes", Reader.number),
    "at_most": Param("the most that passes", Reader.number),
    "equals": Param("exactly this number", Reader.number),
    "reads": Param("text that the finding holds", Reader.text),
}


def read_call(entries: Mapping[str, Reader], key: str, words: Mapping[str, Word]) -> Call:
    """Reads ``{check: field_equals, object: ..., ...}``, where ``key`` is ``check`` or ``measure``. Raises BadInput."""
    name = entries[key]
    word = words.get(name.text())
    if word is None:
        name.fail(f"unknown {key} {name.text()!r}", nearest(name.text(), words))
    arguments: dict[str, Any] = {}
    for parameter, value in entries.items():
        if parameter == key:
            continue
        if parameter not in word.params:
            value.fail(f"{word.name} has no parameter {parameter!r}", nearest(parameter, word.params))
        if not value.is_null or parameter == "value":
            arguments[parameter] = word.params[parameter].read(value)
    if isinstance(word.function, _Bounded) and not arguments.keys() & _COUNTS.keys():
        name.fail(f"{word.name} needs a bound", "add one of " + ", ".join(_COUNTS))
    for parameter, declared in word.params.items():
        if declared.required and parameter not in arguments:
            name.fail(f"{word.name} needs {parameter!r}", f"add '{parameter}: ...' ({declared.doc})")
    return Call(word, arguments, name.where)


def _doc_line(function: Callable[..., Any]) -> str:
    doc = (inspect.getdoc(function) or "").splitlines()
    assert doc, f"{function.__name__} needs a doc line"
    return doc[0]
