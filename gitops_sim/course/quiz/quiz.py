"""Quizzes: the items of a topic, or of the whole course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops_sim.course.quiz.item import Item
from gitops_sim.course.quiz.reading import read_item
from gitops_sim.course.quiz.session import Session
from gitops_sim.course.shipped import shipped
from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest
from gitops_sim.randomness import Randomness
from gitops_sim.scenarios.reading import read_file

MOST_SEED = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Quiz:
    """Items to ask: ``load_quiz("rollback").ask(seed=3)``."""

    topic: str
    title: str
    items: Sequence[Item]

    def item(self, id: str) -> Item:
        """Raises BadInput for an unknown id, which names the nearest."""
        for item in self.items:
            if item.id == id:
                return item
        raise BadInput(f"no item {id!r} in quiz {self.topic!r}", mend=nearest(id, (item.id for item in self.items)))

    def only(self, ids: Iterable[str], *, title: str = "") -> Quiz:
        """The same quiz with these items alone, such as those that were missed. Ids that are gone are passed over."""
        wanted = set(ids)
        return Quiz(self.topic, title or self.title, [item for item in self.items if item.id in wanted])

    def ask(
        self, seed: int = 0, *, exam: bool = False, most: int | None = None, attempts: Iterable[Mapping[str, Any]] = ()
    ) -> Session:
        """Asks all items (or as many as ``most``, chosen by the seed), easy ones first, in an order that the seed deals.

        ``attempts`` are records of an earlier, interrupted session with the same seed and mode: they are taken up. Raises
        BadInput for records that are none, and for a quiz without items.
        """
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MOST_SEED:
            raise BadInput(f"not a seed: {seed!r}", mend="give a whole number, 0 or more")
        if not self.items:
            raise BadInput("there is nothing to ask", mend="choose another topic")
        dealt = list(self.items)
        Randomness(seed).stream(f"quiz/order/{self.topic}").shuffle(dealt)
        dealt = sorted(dealt[:most], key=lambda item: item.difficulty)
        questions = [item.ask(seed) for item in dealt]
        session = Session(questions, seed=seed, exam=exam)
        session.resume(attempts)
        return session


def quiz_topics() -> dict[str, str]:
    """Titles by topic, in the order of the course."""
    return {path.stem.partition("-")[2]: _title(path) for path in _files()}


def load_quiz(topic_or_path: str | Path = "") -> Quiz:
    """A topic of the course, or the whole course when nothing is named, or a file of your own: a path with ``/`` or ``.yaml``.

    Raises BadInput for an unknown topic, which names the nearest, and for a file that is not a quiz.
    """
    text = str(topic_or_path)
    if isinstance(topic_or_path, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        return _read(Path(text), Path(text).stem)
    if not text:
        quizzes = [_read(path, path.stem.partition("-")[2]) for path in _files()]
        items = [item for quiz in quizzes for item in quiz.items]
        _refuse_twins(items)
        return Quiz("all", "The whole module", items)
    for path in _files():
        if path.stem.partition("-")[2] == text:
            return _read(path, text)
    raise BadInput(f"no quiz topic {text!r}", mend=nearest(text, quiz_topics()))


def _files() -> list[Path]:
    return sorted((shipped("exercises") / "quiz").glob("[0-9]*-*.yaml"))


def _title(path: Path) -> str:
    return read_file(path).mapping(("title", "items"), ("section",))["title"].text()


def _read(path: Path, topic: str) -> Quiz:
    entries = read_file(path).mapping(("title", "items"), ("section",))
    items = [read_item(item, topic, entries.get("section"), path.parent / "worlds") for item in entries["items"].items()]
    if not items:
        entries["items"].fail("must hold one item or more")
    _refuse_twins(items)
    return Quiz(topic, entries["title"].text(), items)


def _refuse_twins(items: Sequence[Item]) -> None:
    first: dict[str, str] = {}
    for item in items:
        if item.id in first:
            raise BadInput(f"item {item.id!r} is there already, at {first[item.id]}", where=item.where, mend="give it another id")
        first[item.id] = item.where
