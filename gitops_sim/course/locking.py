"""One writer at a time in a folder: between programs, and between the threads of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import IO


class _Held:
    """How often this process holds the lock of a folder."""

    def __init__(self) -> None:
        self.threads, self.depth = RLock(), 0
        self.file: IO[bytes] | None = None


_HERE: dict[Path, _Held] = {}
_GUARD = RLock()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Waits until nobody else writes into the folder, which must be there. Whoever has it already may take it again.

    The operating system lets go of the lock when a program ends, however it ends. Raises OSError where it cannot be had.
    """
    with _GUARD:
        held = _HERE.setdefault(folder.resolve(), _Held())
    with held.threads:
        if held.depth == 0:
            held.file = (folder / ".lock").open("ab")
            _take(held.file)
        held.depth += 1
        try:
            yield
        finally:
            held.depth -= 1
            if held.depth == 0 and held.file is not None:
                held.file.close()
                held.file = None


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
