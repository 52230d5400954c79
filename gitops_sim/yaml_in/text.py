"""The text before it is read: how much of it there may be, and what it may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput


@dataclass(frozen=True, slots=True)
class Limits:
    """``bytes`` of text; ``documents`` in it; ``depth`` of nesting; ``values`` that it holds once every alias is expanded (a long
    string counts as one value for every 64 characters)."""

    bytes: int = 10_000_000
    documents: int = 10_000
    depth: int = 100
    values: int = 2_000_000


DEFAULT_LIMITS = Limits()
"""10 MB is what Argo CD takes for all manifests of a folder together; etcd takes objects of 1.5 MiB."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its content as JSON-like data, and the line on which that starts (from 1)."""

    value: Any
    line: int


def check_size(size: int, *, where: str, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raises BadInput when a file of ``size`` bytes is not even to be read."""
    if size > limits.bytes:
        raise BadInput(
            f"is {_megabytes(size)} large; the limit is {_megabytes(limits.bytes)}",
            where=where,
            mend="split it, or move what is not a manifest out of the folder",
        )


def decode(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """The text without a byte order mark. Raises BadInput when it is too large, not UTF-8, or holds control characters."""
    check_size(len(text), where=where, limits=limits)
    if isinstance(text, bytes):
        if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise BadInput("is UTF-16 text", where=where, mend="save it as UTF-8")
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line, column = _position(error.object[: error.start].decode("latin-1"), error.start)
            what = f"is not UTF-8 text: byte 0x{error.object[error.start]:02x}"
            raise BadInput(what, where=f"{where}:{line}:{column}", mend="save it as UTF-8") from None
    text = text.removeprefix("\ufeff")
    bad = _UNPRINTABLE.search(text)
    if bad:
        line, column = _position(text, bad.start())
        raise BadInput(
            f"holds the control character U+{ord(bad.group()):04X}",
            where=f"{where}:{line}:{column}",
            mend="remove it, or write it as an escape in double quotes",
        )
    return text


_UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.1 does not allow in a text, and a byte order mark in its middle."""


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB".replace(".0 ", " ") if size >= 500_000 else f"{size} bytes"
