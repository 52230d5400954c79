"""What container images do, as data: how long they take to pull and start, whether they crash, whether they ever get ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
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


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag of a repository means now: the image with that ``digest`` (``sha256:`` and 64 hex digits), since ``pushed``
    (simulated seconds)."""

    name: str
    digest: str
    pushed: float
    image: Image


@dataclass(frozen=True, slots=True)
class Reference:
    """``shop/web:1.5@sha256:...``, taken apart: of ``tag`` and ``digest`` either may be empty."""

    repository: str
    tag: str = ""
    digest: str = ""

    @staticmethod
    def parse(text: str) -> Reference:
        rest, _, digest = text.partition("@")
        folder, slash, last = rest.rpartition("/")
        name, _, tag = last.partition(":")
        return Reference(f"{folder}{slash}{name}", tag, digest)

    def __str__(self) -> str:
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


class Registry:
    """Images by reference (``nginx:1.25``). An image that nobody described starts and runs well, so that any manifest
    can be tried.

    In YAML, a bad release is one line::

        images:
          shop/web:1.5.0: {crash: 3s}
          shop/web:1.6.0: {pull_error: not found}
    """

    def __init__(self, images: Mapping[str, Any] | None = None) -> None:
        self._tags: dict[str, dict[str, Tag]] = {}
        self._digests: dict[tuple[str, str], Image] = {}
        for reference, behaviour in (images or {}).items():
            self.push(reference, behaviour)

    def push(self, reference: str, behaviour: Mapping[str, Any] | Image | None = None, *, at: float = 0.0) -> None:
        """Makes an image available ``at`` that time, or replaces what its tag means; a digest goes on to mean what it meant.
        Raises BadInput for an unknown or ill-typed trait."""
        image = behaviour if isinstance(behaviour, Image) else _image(reference, behaviour or {})
        told = Reference.parse(normalise(reference))
        tags = self._tags.setdefault(told.repository, {})
        digest = told.digest or self._digest(told)
        self._digests[told.repository, digest] = image
        if told.tag:
            tags[told.tag] = Tag(told.tag, digest, at, image)

    def image(self, reference: str) -> Image:
        """How the image behaves that a reference means now; its digest says more than its tag."""
        told = Reference.parse(normalise(reference))
        if told.digest:
            return self._digests.get((told.repository, told.digest), Image())
        tag = self._tags.get(told.repository, {}).get(told.tag)
        return tag.image if tag else Image()

    def tags(self, repository: str) -> list[Tag] | None:
        """The tags of a repository (``shop/web``) by name, as a registry lists them; None when nobody ever pushed to it."""
        found = self._tags.get(repository)
        return None if found is None else [found[name] for name in sorted(found)]

    def _digest(self, told: Reference) -> str:
        """Of the next image that is pushed there. The same pushes give the same digests everywhere."""
        return "sha256:" + sha256(f"{told.repository}:{told.tag} {len(self._digests)}".encode()).hexdigest()


def normalise(reference: str) -> str:
    """``nginx`` means ``nginx:latest``; a digest or a tag stays."""
    told = Reference.parse(reference)
    return reference if told.tag or told.digest else f"{reference}:latest"


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
