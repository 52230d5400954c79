"""Reading items from YAML, strictly: every complaint names the file, the line, the item, the field and the way to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gitops_sim.course.curriculum import BELIEFS, CONCEPTS, SECTIONS
from gitops_sim.course.quiz.answers import LETTERS
from gitops_sim.course.quiz.cases import filled, read_cases
from gitops_sim.course.quiz.item import VARIABLE, Content, Item
from gitops_sim.course.quiz.kinds import Body, Choice, FindTheBug, FreeText, Match, Numeric, Option, Order
from gitops_sim.course.quiz.kinds.bug import Bug, Decoy
from gitops_sim.course.quiz.kinds.free import Idea, Misreading
from gitops_sim.course.quiz.kinds.match import Pair, Spare
from gitops_sim.course.quiz.kinds.numeric import Mistake
from gitops_sim.course.quiz.kinds.order import Step
from gitops_sim.course.quiz.probes import PROBES
from gitops_sim.course.quiz.runs import read_run
from gitops_sim.scenarios.checks import CHECKS, Call, read_call
from gitops_sim.scenarios.checks.when import When, read_event, read_when
from gitops_sim.scenarios.reading import Reader

_REQUIRED = ("id", "concepts", "difficulty", "kind", "prompt", "explanation", "source")
_OPTIONAL = ("version", "section", "points", "run", "cases")
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def read_item(value: Reader, topic: str, section: Reader | None, worlds: Path) -> Item:
    """One item. ``section`` is the topic's, for items that name none. Raises BadInput."""
    entries = value.entries()
    id = _id(entries["id"]) if "id" in entries else value.fail("'id' is missing", "add 'id: ...'")
    value = Reader(value.node, value.source, f"item {id!r}")
    kind = _kind(value)
    fields = value.mapping((*_REQUIRED, *_KINDS[kind][0]), (*_OPTIONAL, *_KINDS[kind][1]))
    place = fields.get("section", section) or value.fail("'section' is missing", "add 'section: ...', here or for the whole file")
    cases = [_content(filled(value, case), kind, worlds) for case in read_cases(fields)]
    difficulty = fields["difficulty"].whole(least=1)
    if difficulty > 3:
        fields["difficulty"].fail("must be 1 (recall), 2 (apply) or 3 (find out)")
    points = fields["points"].number() if "points" in fields else 1.0
    if points <= 0:
        fields["points"].fail("must be more than 0")
    return Item(
        id=id,
        version=fields["version"].whole(least=1) if "version" in fields else 1,
        topic=topic,
        section=place.choice(SECTIONS),
        concepts=_concepts(fields["concepts"]),
        difficulty=difficulty,
        kind=kind,
        source=" ".join(fields["source"].text().split()),
        points=points,
        cases=cases,
        where=f"{value.source}:{value.node.start_mark.line + 1}",
    )


def _id(value: Reader) -> str:
    text = value.text()
    if not _ID.match(text) or len(text) < 2:
        value.fail(f"not an id: {text!r}", "use small letters, digits and single hyphens, two characters or more")
    return text


def _kind(value: Reader) -> str:
    entries = value.entries()
    if "kind" not in entries:
        value.fail("'kind' is missing", "add 'kind: " + "', or '".join(_KINDS) + "'")
    return entries["kind"].choice(_KINDS)


def _concepts(value: Reader) -> tuple[str, ...]:
    concepts = tuple(item.choice(CONCEPTS) for item in value.items())
    if not concepts or len(set(concepts)) != len(concepts):
        value.fail("must name one concept or more, each once")
    return concepts


def _content(value: Reader, kind: str, worlds: Path) -> Content:
    fields = value.entries()
    run = read_run(fields["run"], worlds) if "run" in fields else None
    body = _KINDS[kind][2](fields, run is not None)
    known = run.facts if run else {}
    texts = fields["prompt"].text() + fields["explanation"].text()
    for name in VARIABLE.findall(texts):
        if name not in known:
            fields["prompt"].fail(f"nothing says what ${name} is", "name it in 'cases' or in the run's 'facts'")
    for name in known:
        if name not in VARIABLE.findall(texts):
            fields["run"].fail(f"fact {name!r} is not told", f"write ${name} in the prompt")
    return Content(fields["prompt"].text(), fields["explanation"].text(), body, run)


# ---------------------------------------------------------------------- kinds


def _belief(entries: Mapping[str, Reader]) -> str:
    return entries["belief"].choice(BELIEFS) if "belief" in entries else ""


def _line(value: Reader) -> str:
    return " ".join(value.text().split())


def _why(entries: Mapping[str, Reader]) -> str:
    return _line(entries["why"])


def _named(value: Reader, least: int) -> dict[str, Reader]:
    """A mapping by id, of at least so many things, and at most one for each letter."""
    entries = value.entries()
    for name, inner in entries.items():
        if not _ID.match(name) or len(name) < 2:
            inner.fail(f"not an id: {name!r}", "use small letters, digits and single hyphens, two characters or more")
    if not least <= len(entries) <= len(LETTERS):
        value.fail(f"must hold from {least} to {len(LETTERS)} of them, not {len(entries)}")
    return entries


def _different(value: Reader, texts: Sequence[str]) -> None:
    plain = [" ".join(text.casefold().split()) for text in texts]
    if len(set(plain)) != len(plain):
        value.fail("two of them say the same", "word them differently")


def _choice(fields: Mapping[str, Reader], computed: bool, *, several: bool) -> Choice:
    place = fields["options"]
    options = {name: _option(inner, computed) for name, inner in _named(place, 2).items()}
    _different(place, [option.text for option in options.values()])
    right = sum(option.right for option in options.values())
    if not computed and right == 0:
        place.fail("no option is right", "mark one with 'right: true'")
    if right > 1 and not several:
        place.fail(f"{right} options are right", "keep one, or make it 'kind: multiple'")
    if right == len(options):
        place.fail("every option is right", "add one that is wrong")
    return Choice(options, several)


def _single(fields: Mapping[str, Reader], computed: bool) -> Choice:
    return _choice(fields, computed, several=False)


def _multiple(fields: Mapping[str, Reader], computed: bool) -> Choice:
    return _choice(fields, computed, several=True)


def _option(value: Reader, computed: bool) -> Option:
    entries = value.mapping(("text",), ("why", "belief", "right", *(("when",) if computed else ())))
    right = entries["right"].flag() if "right" in entries else False
    if right and "when" in entries:
        value.fail("'right' and 'when' exclude each other", "keep 'when': the run decides")
    if not right and "why" not in entries:
        value.fail("a wrong option without 'why'", "say why somebody who chose it is mistaken")
    if right and "belief" in entries:
        value.fail("a right option shows no wrong belief", "drop 'belief'")
    when = _call(entries["when"], "check") if "when" in entries else None
    return Option(_line(entries["text"]), _why(entries) if "why" in entries else "", _belief(entries), right, when)


def _call(value: Reader, key: str) -> Call:
    entries = value.entries()
    if key not in entries:
        value.fail(f"{key!r} is missing", f"write {{{key}: ..., ...}}")
    return read_call(entries, key, CHECKS if key == "check" else PROBES)


def _amount(value: Reader, computed: bool) -> float | Call:
    if not value.is_mapping:
        return value.number()
    return _call(value, "probe") if computed else value.fail("a probe needs a run", "add 'run:', or write a number")


def _numeric(fields: Mapping[str, Reader], computed: bool) -> Numeric:
    mistakes = []
    for item in fields["mistakes"].items():
        entries = item.mapping(("value", "why"), ("belief",))
        mistakes.append(Mistake(_amount(entries["value"], computed), _why(entries), _belief(entries)))
    answer = _amount(fields["answer"], computed)
    if computed and not isinstance(answer, Call):
        fields["answer"].fail("is written down, although there is a run", "write {probe: ...}, so that the run answers")
    tolerance = fields["tolerance"].number() if "tolerance" in fields else 0.0
    if tolerance < 0:
        fields["tolerance"].fail("must not be negative")
    if not isinstance(answer, Call):
        for mistake, item in zip(mistakes, fields["mistakes"].items(), strict=True):
            if not isinstance(mistake.value, Call) and abs(mistake.value - answer) <= tolerance:
                item.fail("this mistake is right, within the tolerance")
    return Numeric(answer, fields["unit"].text() if "unit" in fields else "", tolerance, mistakes)


def _order(fields: Mapping[str, Reader], computed: bool) -> Order:
    steps = {}
    for name, inner in _named(fields["steps"], 3).items():
        entries = inner.mapping(("text", "why", *(("event",) if computed else ())))
        steps[name] = Step(_line(entries["text"]), _why(entries), _happening(entries["event"]) if computed else None)
    _different(fields["steps"], [step.text for step in steps.values()])
    return Order(steps)


def _happening(value: Reader) -> When:
    """``CommitPushed``, or ``{event: ..., actor: ..., message: ..., nth: 2}``."""
    return read_when(value) if value.is_mapping else When(event=read_event(value))


def _match(fields: Mapping[str, Reader], computed: bool) -> Match:
    _refuse_run(fields, computed)
    pairs = {}
    for name, inner in _named(fields["pairs"], 2).items():
        entries = inner.mapping(("left", "right", "why"))
        pairs[name] = Pair(_line(entries["left"]), _line(entries["right"]), _why(entries))
    _different(fields["pairs"], [pair.left for pair in pairs.values()])
    spares = {}
    for name, inner in _named(fields["spares"], 1).items() if "spares" in fields else ():
        entries = inner.mapping(("right", "why"), ("belief",))
        if name in pairs:
            inner.fail(f"{name!r} is the id of a pair already", "give it another id")
        spares[name] = Spare(_line(entries["right"]), _why(entries), _belief(entries))
    _different(fields["pairs"], [*{pair.right for pair in pairs.values()}, *(spare.right for spare in spares.values())])
    return Match(pairs, spares)


def _bug(fields: Mapping[str, Reader], computed: bool) -> FindTheBug:
    _refuse_run(fields, computed)
    text = fields["yaml"].text()
    bugs = []
    for item in fields["bugs"].items():
        entries = item.mapping(("lines", "why"))
        bugs.append(Bug(tuple(_numbered(place, text) for place in entries["lines"].items()), _why(entries)))
    guilty = [line for bug in bugs for line in bug.lines]
    if not guilty or len(set(guilty)) != len(guilty):
        fields["bugs"].fail("must name one bug or more, each with its own lines")
    decoys = []
    for item in fields["decoys"].items():
        entries = item.mapping(("line", "why"), ("belief",))
        line = _numbered(entries["line"], text)
        if line in guilty:
            item.fail("this line is a bug, not a decoy")
        decoys.append(Decoy(line, _why(entries), _belief(entries)))
    return FindTheBug(text, bugs, decoys, _line(fields["elsewhere"]))


def _numbered(place: Reader, text: str) -> int:
    """The number of the one line that reads like this (spaces at its ends aside)."""
    wanted = place.text().strip()
    found = [number for number, line in enumerate(text.split("\n"), 1) if line.strip() == wanted]
    if len(found) != 1:
        place.fail(f"{len(found)} lines of 'yaml' read {wanted!r}", "copy one whole line that is there only once")
    return found[0]


def _free(fields: Mapping[str, Reader], computed: bool) -> FreeText:
    _refuse_run(fields, computed)
    ideas = {}
    for name, inner in _named(fields["rubric"], 1).items():
        entries = inner.mapping(("idea", "any"))
        ideas[name] = Idea(_line(entries["idea"]), _phrases(entries["any"]))
    misreadings = []
    for item in fields["misreadings"].items() if "misreadings" in fields else ():
        entries = item.mapping(("any", "why"), ("belief",))
        misreadings.append(Misreading(_phrases(entries["any"]), _why(entries), _belief(entries)))
    need = fields["need"].whole(least=1)
    if need > len(ideas):
        fields["need"].fail(f"needs {need} ideas of {len(ideas)}")
    return FreeText(ideas, need, _line(fields["model"]), misreadings)


def _phrases(value: Reader) -> tuple[str, ...]:
    return value.texts() or value.fail("must hold one phrase or more")


def _refuse_run(fields: Mapping[str, Reader], computed: bool) -> None:
    if computed:
        fields["run"].fail("this kind cannot be computed", "use single, multiple, numeric or order, or leave 'run' out")


_KINDS: Mapping[str, tuple[Sequence[str], Sequence[str], Callable[[Mapping[str, Reader], bool], Body]]] = {
    "single": (("options",), (), _single),
    "multiple": (("options",), (), _multiple),
    "numeric": (("answer", "mistakes"), ("unit", "tolerance"), _numeric),
    "order": (("steps",), (), _order),
    "match": (("pairs",), ("spares",), _match),
    "bug": (("yaml", "bugs", "decoys", "elsewhere"), (), _bug),
    "free": (("rubric", "need", "model"), ("misreadings",), _free),
}
"""Each kind: its own required and optional fields, and its reader."""
