"""How much one submission may cost: what keeps a hostile file from the next one, and from the machine."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import ModuleType

from gitops_sim.clock import Bounds

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """``records`` and ``events`` are counted in the replayed world, so that they stop the same run at the same point on every
    machine. ``cpu_seconds``, ``memory`` and ``file`` (bytes) are kept by the operating system where it can; ``wall_seconds`` by
    the grader. Those are only for what slips through the first two."""

    records: int = 6_000
    events: int = 100_000
    cpu_seconds: int = 20
    memory: int = 1_000 * MEGABYTE
    file: int = 64 * MEGABYTE
    wall_seconds: float = 45.0

    @property
    def bounds(self) -> Bounds:
        return Bounds(records=self.records, events=self.events)

    def apply(self) -> None:
        """Binds this process, and what it starts, for good. Does nothing where the operating system has no such limits."""
        limits = _resource()
        if limits is None:
            return
        wanted = (
            (limits.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 2),
            (limits.RLIMIT_AS, self.memory, self.memory),
            (limits.RLIMIT_FSIZE, self.file, self.file),
            (limits.RLIMIT_CORE, 0, 0),
        )
        for kind, soft, hard in wanted:
            _, most = limits.getrlimit(kind)
            if most != limits.RLIM_INFINITY:
                soft, hard = min(soft, most), min(hard, most)
            limits.setrlimit(kind, (soft, hard))

    def as_json(self) -> dict[str, float]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, float]) -> Budget:
        return cls(**data)  # type: ignore[arg-type]


def _resource() -> ModuleType | None:
    return None if sys.platform == "win32" else importlib.import_module("resource")
