"""Values that copies of a world share."""

from __future__ import annotations

from typing import Any, Self


class Frozen:
    """A value in which nothing ever changes, so that a deep copy is the value itself: forking a world copies no desired state."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self
