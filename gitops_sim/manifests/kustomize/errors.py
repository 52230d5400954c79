"""The one error of this room."""

from __future__ import annotations

from gitops_sim.errors import BadInput


class KustomizeError(BadInput):
    """What the real tool would say, word for word, as ``what``; ``where`` and ``mend`` teach.

    ``malformed`` marks a text that is no YAML: a caller that also tried it as a folder reports only this. ``warnings`` are what
    a build had warned of before it failed.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "", malformed: bool = False) -> None:
        super().__init__(what, where=where, mend=mend)
        self.malformed = malformed
        self.warnings: tuple[str, ...] = ()

    def within(self, prefix: str) -> KustomizeError:
        """The same trouble, seen from further out: ``prefix: ...``."""
        return KustomizeError(f"{prefix}: {self.what}", where=self.where, mend=self.mend, malformed=self.malformed)

    def reworded(self, what: str) -> KustomizeError:
        return KustomizeError(what, where=self.where, mend=self.mend, malformed=self.malformed)
