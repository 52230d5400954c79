"""What container images do, as data: how long they take to pull and start, whether they crash, whether they ever get ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from gitops_sim.clock import parse_duration
from gitops_sim.errors import BadInput


@dataclass(frozen=True, slots=True)
class Image:
    """How one image behaves. All times in simulated seconds.

    ``pull``: to pull it onto a node; ``pull_error``: why it can't be pulled (then nothing else matters); ``start``: from
    pulled to running;
    ``ready``: from running until its probes pass (readiness, startup and liveness alike); ``never_ready``: no probe ever passes;
    ``hang``: from running until no probe passes any more (None: never), while the process lives on; ``crash``: from
    running to a failed
    exit (None: it runs on), every time it is started; ``exit_code``: what it exits with then; ``complete``: from running to a
    successful exit (None: it is a server; in a Job or an init container it takes 3 s all the same); ``stop``: from
    SIGTERM to exit.

    A container without a readiness probe is ready as soon as it runs, whatever the image does: nobody asks it.
    """

    pull: float = 1.0
    pull_error: str = ""
    start: float = 1.0
    ready: float = 0.0
    never_ready: bool = False
    hang: float | None = None
    crash: float | None = None
    exit_code: int = 1
    complete: float | None = None
    stop: float = 2.0


class Registry:
    """Images by reference (``nginx:1.25``). An image that nobody described starts and runs well, so that any manifest
    can be tried.

    In YAML, a bad release is one line::

        images:
          shop/web:1.5.0: {crash: 3s}
          shop/web:1.6.0: {pull_error: not found}
    """

    def __init__(self, images: Mapping[str, Any] | None = None) -> None:
        self._images: dict[str, Image] = {}
        for reference, behaviour in (images or {}).items():
            self.push(reference, behaviour)

    def push(self, reference: str, behaviour: Mapping[str, Any] | Image | None = None) -> None:
        """Makes an image available, or replaces what its tag means. Raises BadInput for an unknown or ill-typed trait."""
        self._images[normalise(reference)] = behaviour if isinstance(behaviour, Image) else _image(reference, behaviour or {})

    def image(self, reference: str) -> Image:
        return self._images.get(normalise(reference), Image())

    def references(self) -> list[str]:
        return sorted(self._images)


def normalise(reference: str) -> str:
    """``nginx`` means ``nginx:latest``; a digest or a tag stays."""
    last = reference.rpartition("/")[2]
    return reference if ":" in last or "@" in last else f"{reference}:latest"


_TRAITS = {f.name for f in fields(Image)}


def _image(reference: str, behaviour: Mapping[str, Any]) -> Image:
    where = f"images.{reference}"
    if not isinstance(behaviour, Mapping):
        raise BadInput(f"must be a mapping of traits, not {behaviour!r}", where=where, mend="write {crash: 3s}, or {}")
    values: dict[str, Any] = {}
    for trait, value in behaviour.items():
        if trait not in _TRAITS:
            raise BadInput(f"unknown trait {trait!r}", where=where, mend="use one of " + ", ".join(sorted(_TRAITS)))
        if trait == "pull_error":
            values[trait] = str(value)
        elif trait == "never_ready":
            if not isinstance(value, bool):
                raise BadInput(f"must be true or false, not {value!r}", where=f"{where}.{trait}")
            values[trait] = value
        elif trait == "exit_code":
            if not isinstance(value, int) or isinstance(value, bool):
                raise BadInput(f"must be a whole number, not {value!r}", where=f"{where}.{trait}")
            values[trait] = value
        elif trait in ("crash", "complete", "hang") and value is None:
            values[trait] = None
        else:
            values[trait] = parse_duration(value, where=f"{where}.{trait}")
    return Image(**values)
