"""Why a run of an automation comes to nothing."""

from __future__ import annotations


class RunFailed(Exception):
    """``reason`` and ``message`` are those of the condition, ``mend`` is the way out; ``for_good``: nothing is tried again before
    the spec changes."""

    def __init__(self, reason: str, message: str, mend: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.reason, self.message, self.mend, self.for_good = reason, message, mend, for_good
