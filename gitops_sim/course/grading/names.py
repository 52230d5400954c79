"""Texts that learners chose, made harmless: on screen, in a spreadsheet, and as names of files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
_RESERVED = {"con", "prn", "aux", "nul", "index", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 60


def identity(text: str) -> str:
    """What two ids have in common that look the same: composed characters, and no spaces around them."""
    return unicodedata.normalize("NFC", text).strip()


def shown(text: str, most: int = 200) -> str:
    """One line in which everything can be seen: what would hide or turn the text around is written out as ``\\u202e``."""
    line = "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in text[: most + 1])
    return line if len(line) <= most else line[: most - 3] + "..."


def shown_lines(text: str) -> str:
    """The same for a text of several lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("".join(_escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in line) for line in lines)


def _escaped(character: str) -> str:
    if character == "\t":
        return "    "
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def csv_text(text: str) -> str:
    """A text for a cell: one that a spreadsheet would take for a formula gets an apostrophe in front.

    See OWASP, "CSV Injection": ``=``, ``+``, ``-``, ``@``, tab and carriage return at the beginning of a cell.
    """
    plain = text.lstrip()
    dangerous = text[:1] in ("\t", "\r", "\n") or plain.startswith(_FORMULA)
    return ("'" if dangerous else "") + shown(text, most=2_000)


def file_names(ids: Iterable[str]) -> dict[str, str]:
    """A name for a file (without an ending) for each id: lower-case letters, digits, ``-``, ``_`` and ``.``; never a path.

    An id that is such a name keeps it. Any other one is followed by the beginning of its digest, so that no two ids meet.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    every = sorted(set(ids))
    for id in (*(id for id in every if _plain(id) == id), *(id for id in every if _plain(id) != id)):
        name = _plain(id)
        if name != id:
            name = f"{name}-{_digest(id)[:8]}".lstrip("-")
        if name in taken:
            name = f"{name[:_LONGEST]}-{_digest(id)}"
        taken.add(name)
        names[id] = name
    return names


def _plain(id: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", id).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9_.-]+", "-", ascii_only)
    name = re.sub(r"\.{2,}", ".", name).strip(".-")[:_LONGEST].rstrip(".-")
    return name + "-" if name.partition(".")[0] in _RESERVED else name


def _digest(id: str) -> str:
    return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key to sort by in which ``week-2`` comes before ``week-10``."""
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+|[0-9]+", text)
    return tuple((0, int(p), p) if p.isdecimal() and p.isascii() and len(p) <= 18 else (1, 0, p) for p in parts)
