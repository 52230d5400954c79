"""The questions of the notebooks, from ``stops.yaml`` and ``questions/``: kept out of the cells, so that no cell gives its answer
away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.reading import Reader, read_file

NEVER = (-1.0, -1.0)
"""The range of what never comes."""


@dataclass(frozen=True, slots=True)
class Option:
    """``text`` is what the learner reads and, without ``seconds``, the value itself; ``but`` answers a wrong choice."""

    text: str
    seconds: tuple[float, float] | None = None
    but: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A question, what may come of it, and the reason behind what does."""

    ask: str
    options: Sequence[Option]
    why: str = ""
    kind: str = "Predict"


def stop(name: str) -> Stop:
    """By name. Raises BadInput, with the nearest one, where there is none of that name."""
    known = _all()
    if name not in known:
        raise BadInput(f"no question {name!r}", mend=nearest(name, known))
    return known[name]


def stop_names() -> list[str]:
    """In the order of the notebooks."""
    return list(_all())


def questions_of(notebook: str) -> list[str]:
    """The names of a notebook's questions, in order; ``notebook`` is the name of its file in ``questions/``, or ``stops`` for the
    first. Raises BadInput for any other."""
    known = _files()
    if notebook not in known:
        raise BadInput(f"no questions {notebook!r}", mend=nearest(notebook, known))
    return list(known[notebook])


def _all() -> dict[str, Stop]:
    return {name: stop for stops in _files().values() for name, stop in stops.items()}


@cache
def _files() -> dict[str, dict[str, Stop]]:
    with as_file(files(__package__)) as folder:
        paths = [folder / "stops.yaml", *sorted((folder / "questions").glob("*.yaml"))]
        return {path.stem: {name: _stop(value) for name, value in read_file(path).entries().items()} for path in paths}


def _stop(value: Reader) -> Stop:
    entries = value.mapping(("ask", "options", "why"), ("kind",))
    options = [_option(item) for item in entries["options"].items()]
    if len(options) < 2:
        entries["options"].fail("must hold two options or more")
    kind = entries["kind"].text() if "kind" in entries else "Predict"
    return Stop(entries["ask"].text(), options, entries["why"].text(), kind)


def _option(value: Reader) -> Option:
    entries = value.mapping(("is",), ("seconds", "but"))
    but = entries["but"].text() if "but" in entries else ""
    return Option(str(entries["is"].plain()), _seconds(entries["seconds"]) if "seconds" in entries else None, but)


def _seconds(value: Reader) -> tuple[float, float]:
    if not value.is_list:
        value.choice(("never",))
        return NEVER
    low, high = (item.number() for item in value.items())
    return low, high
