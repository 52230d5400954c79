"""Takes out of kubectl's output what differs from run to run: ids, versions, addresses, times and ages.

The recordings hold ``<uid-1>``, ``<rv-2>``, ``<time>`` and the like in their place, numbered; tables are aligned around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_AGE = r"(?:\d+[smhdy]\d*[smhd]?|<invalid>|<unknown>)"
_TABLE = re.compile(r"^[A-Z][A-Z0-9()/%:_-]*( [A-Z0-9()/%:_-]+)*( {2,}[A-Z][A-Z0-9()/%:_-]*( [A-Z0-9()/%:_-]+)*)+ *$")
_AGED = ("AGE", "LAST SEEN", "LAST SCHEDULE", "DURATION", "FIRST SEEN")
_FOUND: tuple[tuple[str, str], ...] = (
    ("uid", r"\b()([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b()"),
    ("rv", r'(?m)(\bresourceVersion"?: "|^\s*Resource Version:\s+)(\d+)("|$)'),
    ("rand", rf"(\b[a-z0-9][a-z0-9-]*-[{_SUFFIX}]{{7,10}}-)([{_SUFFIX}]{{5}})(\b)"),
    ("rand", rf"(\b(?:dsx|job1|cron1|sts)-)([{_SUFFIX}]{{5}})(\b)"),
    ("rand", rf"(\bkube-api-access-)([{_SUFFIX}]{{5}})(\b)"),
    ("rand", rf"(?m)(^web-)([{_SUFFIX}]{{5}})( {{3}})"),
    ("ip", r"(?<![\d.])()(10\.(?:0|9[6-9]|10\d|11[01])\.\d{1,3}\.\d{1,3})()(?![\d.])"),
    ("podip", r"(?<![\d.])()(10\.244\.\d{1,3}\.\d{1,3})()(?![\d.])"),
    ("event", r"(\.)(1[0-9a-f]{15})(\b)"),
    ("nodeport", r'(nodePort"?: |NodePort: .*?|:)(3[0-2]\d{3})(\b)'),
)
_TIMES: tuple[tuple[str, str], ...] = (
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "<microtime>"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<date>"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} UTC", "<date>"),
    (r"\b[EIW]\d{4} \d\d:\d\d:\d\d\.\d{6}\s+\d+ ", "<klog> "),
)
_MARK = re.compile(r"<(uid|rv|rand|ip|podip|event|nodeport)[-:]([^>]+)>")


@dataclass
class Values:
    """Which value here stands for which placeholder there, over all steps of a transcript."""

    here: dict[tuple[str, str], str] = field(default_factory=dict)
    there: dict[tuple[str, str], str] = field(default_factory=dict)

    def agree(self, recorded: str, shown: str) -> bool:
        """Whether two masked texts name the same values in the same places; what they name is remembered."""
        marks = list(zip(_MARK.findall(recorded), _MARK.findall(shown), strict=False))
        return all(
            there[0] == here[0]
            and self.here.setdefault(there, here[1]) == here[1]
            and self.there.setdefault(here, there[1]) == there[1]
            for there, here in marks
        )


def marked(text: str) -> str:
    """The text with ``<uid:...>`` and the like around what is random, and ``<time>`` for times."""
    text = re.sub(r"(?m)^( +(?:Container|Image) ID: +).*", r"\1<id>", text)
    for kind, pattern in _FOUND:
        text = re.sub(pattern, rf"\g<1><{kind}:\g<2>>\g<3>", text)
    for pattern, mark in _TIMES:
        text = re.sub(pattern, mark, text)
    return text


def bare(text: str, *, columns: bool = False) -> str:
    """The text with all marks alike, ages masked and tables aligned. ``columns``: it is a table without headers."""
    text = _tables(_MARK.sub(r"<\1>", text))
    if columns:
        text = re.sub(rf"(?m)(?<=  ){_AGE}(?= |$)|^{_AGE}(?=  )", "<age>", text)
        text = re.sub(r" {2,}", "   ", text)
    return text


def _tables(text: str) -> str:
    lines, out, i = text.split("\n"), [], 0
    while i < len(lines):
        if _TABLE.match(lines[i]):
            end = i + 1
            while end < len(lines) and lines[end].strip() and not _TABLE.match(lines[end]):
                end += 1
            out += _table(lines[i:end])
            i = end
        else:
            out.append(_line(lines[i]))
            i += 1
    return "\n".join(out)


def _line(line: str) -> str:
    """A line of a description: events are not aligned, ages go."""
    if re.match(r"^\s+(Normal|Warning)\s+\S+\s+", line):
        line = re.sub(rf"^(\s+(?:Normal|Warning)\s+\S+\s+){_AGE}( \(x\d+ over [^)]*\))?(\s)", r"\1<age>\3", line)
        return "  " + re.sub(r" {2,}", "  ", line.strip())
    if re.match(r"^\s+Type\s+Reason\s+Age\s+From\s+Message", line) or re.match(r"^\s+-{4}\s+-{6}\s+-{3,4}\s", line):
        return "  " + re.sub(r" {2,}", "  ", line.strip())
    if re.match(r"^(Age|Start Time|Started|Last .*Time|Completed At|Duration):", line.strip()):
        return re.sub(rf":(\s+){_AGE}$", r":\1<age>", line)
    return line


def _table(lines: list[str]) -> list[str]:
    heads = re.split(r" {2,}", lines[0].rstrip())
    rows = [re.split(r" {2,}", line.rstrip()) for line in lines[1:]]
    if any(len(row) != len(heads) for row in rows):
        return [re.sub(r" {2,}", "   ", re.sub(rf"(?<= ){_AGE}(?= |$)", "<age>", line)).rstrip() for line in lines]
    mask: Callable[[str, str], str] = lambda head, cell: "<age>" if head in _AGED and re.fullmatch(_AGE, cell) else cell  # noqa: E731
    rows = sorted([mask(head, cell) for head, cell in zip(heads, row, strict=True)] for row in rows)
    widths = [max(len(row[k]) for row in [heads, *rows]) + 3 for k in range(len(heads))]
    return ["".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [heads, *rows]]
