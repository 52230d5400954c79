"""The class list: who should have handed something in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gitops_sim.course.grading.names import identity
from gitops_sim.course.grading.submissions import read_bytes
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest

MOST_BYTES = 5_000_000
MOST_LEARNERS = 20_000
_COLUMNS = ("id", "name", "email")
_MEND = "write a first line 'id,name' or 'id,name,email', and one line for each learner"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One line of a class list."""

    id: str
    name: str
    email: str = ""


def read_roster(path: Path) -> Mapping[str, Enrolled]:
    """The learners by id, in the order of the file: a CSV with the columns id, name and, if wanted, email; other columns are
    passed over. Raises BadInput, with the line, for a file that is none, for a line without an id, and for an id given twice."""
    text = _text(path)
    header, _, _ = text.partition("\n")
    delimiter = ";" if header.count(";") > header.count(",") else "\t" if "\t" in header and "," not in header else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: dict[str, Enrolled] = {}
    lines: dict[str, int] = {}
    try:
        columns = _columns(next(rows, []), path)
        for row in rows:
            line = rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            cells = {name: row[index].strip() if index < len(row) else "" for name, index in columns.items()}
            id = identity(cells["id"])
            where = f"{path}:{line}"
            if not id:
                raise BadInput("a learner without an id", where=where, mend=_MEND)
            if id in found:
                raise BadInput(f"id {id!r} is given twice, first on line {lines[id]}", where=where, mend="keep one of them")
            if len(found) == MOST_LEARNERS:
                raise BadInput(f"holds more than {MOST_LEARNERS} learners", where=where, mend="split the class list")
            found[id], lines[id] = Enrolled(id, cells["name"], cells.get("email", "")), line
    except csv.Error as error:
        raise BadInput(f"is not CSV: {error}", where=f"{path}:{rows.line_num}", mend=_MEND) from None
    if not found:
        raise BadInput("names no learner", where=str(path), mend=_MEND)
    return found


def _columns(header: list[str], path: Path) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in header]
    for name in ("id", "name"):
        if name not in names:
            hint = nearest(name, (n for n in names if n)) if any(names) else ""
            raise BadInput(f"has no column {name!r}", where=f"{path}:1", mend=_MEND + (f" ({hint})" if "mean" in hint else ""))
    return {name: names.index(name) for name in _COLUMNS if name in names}


def _text(path: Path) -> str:
    content, refused = read_bytes(path, MOST_BYTES, links=True)
    if content is None:
        raise BadInput(refused, where=str(path), mend=_MEND)
    if b"\0" in content:
        raise BadInput("is not a text file", where=str(path), mend=_MEND)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8 text", where=str(path), mend="save it as CSV UTF-8") from None
