"""Find the bug in this YAML: choose the line, or the lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.course.quiz.answers import refuse
from gitops_sim.course.quiz.kinds.body import Body
from gitops_sim.course.quiz.result import Judgement, Note, Value
from gitops_sim.scenarios.evidence import Evidence

_NUMBER = re.compile(r"(?:lines?\s*)?(\d{1,4})\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug; naming any one of its ``lines`` (from 1) finds it."""

    lines: Sequence[int]
    why: str


@dataclass(frozen=True, slots=True)
class Decoy:
    """A line that looks suspicious and is right."""

    line: int
    why: str
    belief: str = ""


@dataclass(frozen=True, slots=True)
class FindTheBug(Body):
    """``elsewhere``: why any other line is not the bug."""

    yaml: str
    bugs: Sequence[Bug]
    decoys: Sequence[Decoy]
    elsewhere: str

    @property
    def rule(self) -> str:
        return "each bug found earns its share, each wrong line takes a share away; never below 0"

    @property
    def hint(self) -> str:
        return "line numbers: 4 or 4 9"

    @property
    def lines(self) -> list[str]:
        return self.yaml.rstrip("\n").split("\n")

    def truth(self, evidence: Evidence | None) -> list[int]:
        return [bug.lines[0] for bug in self.bugs]

    def read(self, value: object, dealt: Sequence[str]) -> Value:
        if isinstance(value, str):
            parts: Sequence[object] = [
                p for p in re.split(r"[\s,;]+", value[:1000].strip()) if p and p.lower() not in ("line", "lines", "and")
            ]
        elif isinstance(value, list | tuple | set | frozenset):
            parts = list(value)[:1000]
        else:
            parts = [value]
        if not parts:
            refuse(value, "is no answer", f"give a line number from 1 to {len(self.lines)}")
        return sorted({self._line(part) for part in parts})

    def _line(self, part: object) -> int:
        number = part if isinstance(part, int) and not isinstance(part, bool) else None
        if isinstance(part, str) and (found := _NUMBER.match(part.strip())):
            number = int(found[1])
        if number is None or not 1 <= number <= len(self.lines):
            refuse(part, "is no line here", f"give a line number from 1 to {len(self.lines)}")
        return number

    def judge(self, value: Value, truth: Any, dealt: Sequence[str]) -> Judgement:
        assert isinstance(value, list)
        chosen = [int(line) for line in value]
        found = [any(line in bug.lines for line in chosen) for bug in self.bugs]
        guilty = {line for bug in self.bugs for line in bug.lines}
        wrong = [line for line in chosen if line not in guilty]
        notes = [
            Note(self._shown(next(line for line in chosen if line in bug.lines)), True, bug.why)
            if hit
            else Note(self._shown(bug.lines[0]), False, bug.why, reveals=True, word="missed")
            for bug, hit in zip(self.bugs, found, strict=True)
        ]
        notes += [self._wrong(line) for line in wrong]
        share = max(0.0, (sum(found) - len(wrong)) / len(self.bugs))
        return Judgement(share, notes, self._words(truth), self._words(chosen))

    def _wrong(self, line: int) -> Note:
        for decoy in self.decoys:
            if decoy.line == line:
                return Note(self._shown(line), False, decoy.why, decoy.belief)
        return Note(self._shown(line), False, self.elsewhere)

    def right(self, truth: Any) -> Value:
        return list(truth)

    def _shown(self, line: int) -> str:
        return f"line {line}: {self.lines[line - 1].strip()}"

    def _words(self, lines: Sequence[int]) -> str:
        return f"line{'s' if len(lines) > 1 else ''} " + ", ".join(map(str, lines))
