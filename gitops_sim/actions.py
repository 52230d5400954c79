"""The action log: what people did, as data. Recorded from notebooks and terminals; played by stories, solutions and grading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import yaml

from gitops_sim.clock import format_duration, parse_duration
from gitops_sim.errors import BadInput
from gitops_sim.yaml_in import Limits, decode, load_document
from gitops_sim.yaml_out import dump_yaml

LIMITS = Limits(bytes=2_000_000, documents=1, depth=40, values=200_000)
"""What one log may hold."""
MOST_ACTIONS = 2_000
LONGEST = 30 * 86_400.0
"""The longest simulated time of a log, in seconds: 30 days."""
VERSION = 1


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that somebody did: ``do`` names it, ``fields`` holds what it needs (see :data:`FIELDS`).

    ``at`` is in simulated seconds. ``line`` is where it stands in the file that it was read from; 0 when it was not read.
    """

    at: float
    do: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    line: int = field(default=0, compare=False)

    @property
    def by(self) -> str:
        """The id of the person who did it; empty for the learner."""
        return str(self.fields.get("by", ""))

    @property
    def cluster(self) -> str:
        """The name of the cluster that is meant; empty for the first one."""
        return str(self.fields.get("cluster", ""))

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field."""
        return self.fields.get(name, default)


@dataclass(frozen=True, slots=True)
class ActionLog:
    """Everything that was done in one world, in order. ``exercise`` is ``{id, version}``; the world runs until ``ends``, in
    simulated seconds. ``learner`` is ``{id, name}``, and ``help`` is ``{hints, solution}``: how many hints were read, and whether
    the solution was. Both are empty in solutions and stories."""

    actions: Sequence[Action] = ()
    ends: float = 0.0
    seed: int = 0
    exercise: Mapping[str, Any] = field(default_factory=dict)
    learner: Mapping[str, str] = field(default_factory=dict)
    help: Mapping[str, int | bool] = field(default_factory=dict)
    version: int = VERSION


# ---------------------------------------------------------------------- what there is to do


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "must be text"


def _name(value: Any) -> str:
    return "" if isinstance(value, str) and value else "must be text, not empty"


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _count(value: Any) -> str:
    return "" if isinstance(value, int) and not isinstance(value, bool) and value > 0 else "must be a number, 1 or more"


def _texts(value: Any) -> str:
    fits = isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())
    return "" if fits else "must be a mapping of file names to text"


def _files(value: Any) -> str:
    if isinstance(value, Mapping) and not value:
        return "must name at least one file"
    fits = isinstance(value, Mapping) and all(v is None or isinstance(v, str) for v in value.values())
    return "" if fits else "must be a mapping of file names to text, or to null to delete one"


def _commits(value: Any) -> str:
    fits = isinstance(value, list) and all(isinstance(v, Mapping) for v in value)
    return "" if fits else "must be a list of commits"


def _mapping(value: Any) -> str:
    return "" if isinstance(value, Mapping) else "must be a mapping"


def _anything(value: Any) -> str:
    return ""


WEBHOOK_STATES = ("on", "lost", "removed")


def _webhook_state(value: Any) -> str:
    return "" if value in WEBHOOK_STATES else f"must be one of {', '.join(WEBHOOK_STATES)}"


VERDICTS = ("approve", "request-changes")


def _verdict(value: Any) -> str:
    return "" if value in VERDICTS else f"must be {' or '.join(VERDICTS)}"


Check = Callable[[Any], str]
"""Says what is wrong with a value; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one kind of action, or of a mapping inside it. ``one_of``: exactly one of these is needed as well."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    one_of: Mapping[str, Check | Shape] = field(default_factory=dict)

    def all(self) -> dict[str, Check | Shape]:
        return {**self.required, **self.one_of, **self.optional, **_EVERYWHERE}


_EVERYWHERE: dict[str, Check] = {"by": _name, "cluster": _name}
_COMMAND = Shape({"args": _name})
_WHICH: dict[str, Check] = {"number": _count, "branch": _name}
_PULL_REQUEST: dict[str, Shape] = {
    "open": Shape({"branch": _name, "title": _name}, {"into": _name, "body": _text}),
    "review": Shape({"verdict": _verdict}, {"text": _text}, one_of=_WHICH),
    "comment": Shape({"text": _name}, one_of=_WHICH),
    "merge": Shape({}, {"message": _name}, one_of=_WHICH),
    "close": Shape({}, {"text": _text}, one_of=_WHICH),
}

FIELDS: dict[str, Shape] = {
    "kubectl": Shape({"args": _name}, {"files": _texts, "stdin": _text}),
    "commit": Shape({"repo": _name, "message": _name, "files": _files}, {"branch": _name}),
    "branch": Shape({"repo": _name, "name": _name}, {"from": _name}),
    "merge": Shape({"repo": _name, "branch": _name}, {"into": _name, "message": _name, "fastForward": _flag}),
    "revert": Shape({"repo": _name}, {"commit": _name, "branch": _name, "mainline": _count}),
    "reset": Shape({"repo": _name, "branch": _name, "to": _name}),
    "push": Shape({"repo": _name, "ref": _name, "commits": _commits}, {"to": _name}),
    "pr": Shape({"repo": _name}, one_of=_PULL_REQUEST),
    "webhook": Shape({"repo": _name, "url": _name}, {"state": _webhook_state}),
    "argocd": Shape({"args": _name}, {"files": _texts}),
    "dashboard": _COMMAND,
    "flux": Shape({"args": _name}, {"files": _texts}),
    "registry": Shape({"args": _name}, {"image": _mapping}),
    "node": _COMMAND,
    "load": Shape({"workload": _name}, {"cpu": _name, "memory": _name, "namespace": _name}),
    "pipeline": Shape({"args": _name}, {"name": _name}),
    "api": Shape(
        {"method": _name, "path": _name},
        {"contentType": _name, "body": _anything, "command": _name, "continues": _flag, "as": _name},
    ),
    "answer": Shape({"question": _name, "value": _anything}),
}
"""What there is to do, and the fields of each. Any action may also have ``by`` (a person's id) and ``cluster``."""


def check_action(do: str, fields: Mapping[str, Any], *, where: str = "") -> None:
    """Raises BadInput for an unknown ``do``, and for a field that is missing, unknown or of the wrong type."""
    shape = FIELDS.get(do)
    if shape is None:
        raise BadInput(f"unknown action {do!r}", where=where, mend=_nearest(do, FIELDS))
    known = shape.all()
    for name in fields:
        if name not in known:
            raise BadInput(f"unknown field {name!r} of {do!r}", where=where, mend=_nearest(name, known))
    if shape.one_of and len(shape.one_of.keys() & fields.keys()) != 1:
        raise BadInput(f"{do!r} needs one of {', '.join(shape.one_of)}", where=where, mend="give exactly one of them")
    for name, value in fields.items():
        rule = known[name]
        if isinstance(rule, Shape):
            _check_inside(rule, value, name, do, where)
            continue
        wrong = rule(value)
        if wrong:
            raise BadInput(f"{name!r} of {do!r} {wrong}, not {_shown(value)}", where=where, mend=_example(do))
    for name in shape.required:
        if name not in fields:
            raise BadInput(f"{do!r} needs {name!r}", where=where, mend=_example(do))


def _check_inside(shape: Shape, value: Any, name: str, do: str, where: str) -> None:
    """The same for a mapping that is a field."""
    of, known = f"{name!r} of {do!r}", {**shape.one_of, **shape.required, **shape.optional}
    mend = f"write {name}: {{" + ", ".join(f"{key}: ..." for key in [*[*shape.one_of][:1], *shape.required]) + "}"
    if not isinstance(value, Mapping):
        raise BadInput(f"{of} must be a mapping, not {_shown(value)}", where=where, mend=mend)
    for key, inner in value.items():
        if key not in known:
            raise BadInput(f"unknown field {key!r} in {of}", where=where, mend=_nearest(str(key), known))
        rule = known[key]
        wrong = "" if isinstance(rule, Shape) else rule(inner)
        if wrong:
            raise BadInput(f"{key!r} in {of} {wrong}, not {_shown(inner)}", where=where, mend=mend)
    for key in shape.required:
        if key not in value:
            raise BadInput(f"{of} needs {key!r}", where=where, mend=mend)
    if shape.one_of and len(shape.one_of.keys() & value.keys()) != 1:
        raise BadInput(f"{of} needs one of {', '.join(shape.one_of)}", where=where, mend=mend)


# ---------------------------------------------------------------------- reading


def load_actions(text: str | bytes, where: str) -> ActionLog:
    """An action log from YAML or JSON. Raises BadInput, with the file, the line and the action, for anything that is not one, and
    for what exceeds the limits of this module: size, count, simulated time, nesting."""
    data = load_document(text, where=where, limits=LIMITS)
    if not isinstance(data, dict):
        raise BadInput("is not an action log", where=where, mend="an action log is a mapping: version, seed, actions, ends")
    known = ("version", "exercise", "learner", "help", "seed", "actions", "ends")
    for name in data:
        if name not in known:
            raise BadInput(f"unknown field {name!r}", where=where, mend=_nearest(name, known))
    version = data.get("version")
    if version != VERSION or isinstance(version, bool):
        raise BadInput(f"version must be {VERSION}, not {_shown(version)}", where=where, mend=f"write 'version: {VERSION}'")
    exercise = _header(data, "exercise", ("id", "version"), where)
    learner = _header(data, "learner", ("id", "name"), where)
    help = _help(data.get("help"), where)
    seed = data.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise BadInput(f"seed must be a whole number, 0 or more, not {_shown(seed)}", where=where, mend="write 'seed: 0'")
    actions = _actions(data.get("actions"), _lines(text, where), where)
    last = actions[-1].at if actions else 0.0
    ends = _time(data.get("ends", last), f"{where}: ends")
    if ends < last:
        mend = f"end at {last:g} or later"
        raise BadInput(f"ends at {ends:g} s, before its last action at {last:g} s", where=f"{where}: ends", mend=mend)
    return ActionLog(actions, ends, seed, exercise, learner, help)


def _header(data: Mapping[str, Any], name: str, fields: tuple[str, str], where: str) -> dict[str, Any]:
    value = data.get(name)
    if value is None:
        return {}
    example = f"write {name}: {{{': ..., '.join(fields)}: ...}}"
    if not isinstance(value, dict):
        raise BadInput(f"{name} must be a mapping, not {_shown(value)}", where=where, mend=example)
    for key, content in value.items():
        if key not in fields:
            raise BadInput(f"unknown field {key!r} of {name}", where=where, mend=_nearest(key, fields))
        if not (_is_whole(content) if key == "version" else isinstance(content, str)):
            wanted = "a whole number" if key == "version" else "text"
            raise BadInput(f"{name}.{key} must be {wanted}, not {_shown(content)}", where=where, mend="put texts in quotes")
    if "id" not in value:
        raise BadInput(f"{name} needs an id", where=where, mend=example)
    return value


def _help(value: Any, where: str) -> dict[str, int | bool]:
    if value is None:
        return {}
    fits = (
        isinstance(value, dict)
        and set(value) == {"hints", "solution"}
        and _is_whole(value["hints"])
        and value["hints"] >= 0
        and isinstance(value["solution"], bool)
    )
    if not fits:
        raise BadInput("help must say how many hints were read, and whether the solution was", where=where, mend=_HELP_EXAMPLE)
    return dict(value)


_HELP_EXAMPLE = "write help: {hints: 0, solution: false}"


def _actions(items: Any, lines: Sequence[int], where: str) -> tuple[Action, ...]:
    if items is None:
        return ()
    if not isinstance(items, list):
        raise BadInput(f"actions must be a list, not {_shown(items)}", where=where, mend="write '- {at: 0, do: ...}' lines")
    if len(items) > MOST_ACTIONS:
        what = f"holds {len(items)} actions; the limit is {MOST_ACTIONS}"
        raise BadInput(what, where=where, mend="leave out what is not needed")
    actions: list[Action] = []
    for index, item in enumerate(items):
        line = lines[index] if index < len(lines) else 0
        at = (f"{where}:{line}" if line else where) + f": actions[{index}]"
        if not isinstance(item, dict):
            raise BadInput(f"must be a mapping, not {_shown(item)}", where=at, mend="write {at: 0, do: ..., ...}")
        do = item.get("do")
        if not isinstance(do, str):
            what = "an action without 'do'" if do is None else f"'do' must be text, not {_shown(do)}"
            raise BadInput(what, where=at, mend="use one of " + ", ".join(FIELDS))
        if "at" not in item:
            raise BadInput("an action without 'at'", where=at, mend="say when: seconds since the beginning, or 90s, 3m, 1h30m")
        time = _time(item["at"], f"{at}.at")
        if actions and time < actions[-1].at:
            what = f"at {time:g} s comes after an action at {actions[-1].at:g} s"
            raise BadInput(what, where=at, mend="put the actions in the order of time")
        fields = {name: value for name, value in item.items() if name not in ("at", "do")}
        check_action(do, fields, where=at)
        actions.append(Action(time, do, fields, line))
    return tuple(actions)


def _time(value: Any, where: str) -> float:
    seconds = parse_duration(value, where=where)
    if seconds > LONGEST:
        mend = f"stay within {format_duration(LONGEST)}"
        raise BadInput(f"{format_duration(seconds)} of simulated time are too many", where=where, mend=mend)
    return round(seconds, 6)


def _lines(text: str | bytes, where: str) -> list[int]:
    """The line of every action, from 1; empty for JSON that YAML cannot read."""
    try:
        root = yaml.compose(decode(text, where=where, limits=LIMITS), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return []
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    items = next((value for key, value in pairs if key.value == "actions"), None)
    return [item.start_mark.line + 1 for item in items.value] if isinstance(items, yaml.SequenceNode) else []


# ---------------------------------------------------------------------- writing


def dump_actions(log: ActionLog) -> str:
    """The log as YAML, one line a field, always the same for the same log: read and written again it gives the same bytes."""
    header: dict[str, Any] = {"version": log.version}
    if log.exercise:
        header["exercise"] = {key: log.exercise[key] for key in ("id", "version") if key in log.exercise}
    if log.learner:
        header["learner"] = {key: log.learner[key] for key in ("id", "name") if key in log.learner}
    if log.help:
        header["help"] = {key: log.help[key] for key in ("hints", "solution") if key in log.help}
    items = [{"at": _number(action.at), "do": action.do, **_ordered(action)} for action in log.actions]
    whole = {**header, "seed": log.seed, "actions": items, "ends": _number(log.ends)}
    return dump_yaml(whole, width=2**30)


def _ordered(action: Action) -> dict[str, Any]:
    order = FIELDS[action.do].all()
    return {name: action.fields[name] for name in order if name in action.fields}


def _number(seconds: float) -> int | float:
    return int(seconds) if float(seconds).is_integer() else seconds


# ---------------------------------------------------------------------- words


def _nearest(word: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return (f"did you mean {close[0]!r}? " if close else "") + "Use one of " + ", ".join(known)


def _example(do: str) -> str:
    shape = FIELDS[do]
    needed = [*shape.required, *(["|".join(shape.one_of)] if shape.one_of else [])]
    return f"write {{at: ..., do: {do}, " + ", ".join(f"{name}: ..." for name in needed) + "}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping | list):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    text = repr(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 40 else text[:37] + "..."


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
