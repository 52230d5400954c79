"""Solutions with one thing wrong, as a learner gets one thing wrong. An exercise that passes one has a hole in its checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from gitops_sim.actions import Action, ActionLog
from gitops_sim.course.exercises import Exercise, play
from gitops_sim.errors import BadInput

_LOOKS = re.compile(
    r"(kubectl )?(-n \S+ )?(get|describe|diff|logs|version|api-resources|auth can-i|explain|events|top|cluster-info|wait|"
    r"rollout (status|history))\b|app (get|list|diff|history|manifests|wait|resources)\b|refresh\b"
)
_NUMBERS = (re.compile(r"(replicas[:=] ?)(\d+)"), re.compile(r"(count[:=] ?)(\d+)"))
_IMAGE = re.compile(r"(image: \S+?:|set image .*:)([\w.]+)")


_LINE = re.compile(r"^ +(?:prune|branch|interval|targetNamespace|url|repoURL|path): .*\n", re.MULTILINE)
_FLUX = re.compile(r"toolkit\.fluxcd\.io/v1$", re.MULTILINE)


class Mutant(NamedTuple):
    """``name`` says what is wrong with it."""

    name: str
    log: ActionLog


class Found(NamedTuple):
    """How many there were, and which of them passed every check."""

    count: int
    survivors: list[str]

    @property
    def caught(self) -> float:
        return 1 - len(self.survivors) / self.count


def hunt(exercise: Exercise) -> Found:
    """Plays every mutant."""
    mutants = [*mutants_of(exercise.solution)]
    return Found(len(mutants), [mutant.name for mutant in mutants if _passes(exercise, mutant.log)])


def _passes(exercise: Exercise, log: ActionLog) -> bool:
    try:
        return play(exercise, log).passed
    except BadInput:
        return False


def mutants_of(log: ActionLog) -> Iterator[Mutant]:
    writes = [index for index, action in enumerate(log.actions) if not _only_looks(action)]
    for index in writes:
        action, name = log.actions[index], f"{log.actions[index].do} at {log.actions[index].at:g}"
        rest = [*log.actions[:index], *log.actions[index + 1 :]]
        yield Mutant(f"{name}: left out", replace(log, actions=rest))
        late = [*log.actions[:index], *(replace(later, at=log.ends) for later in log.actions[index:])]
        yield Mutant(f"{name}: done at the very end", replace(log, actions=late))
        for what, fields in _spoiled(action):
            spoiled = [*log.actions[:index], replace(action, fields=fields), *log.actions[index + 1 :]]
            yield Mutant(f"{name}: {what}", replace(log, actions=spoiled))
    for first, second in pairwise(writes):
        swapped = list(log.actions)
        swapped[first] = replace(log.actions[second], at=log.actions[first].at)
        swapped[second] = replace(log.actions[first], at=log.actions[second].at)
        if log.actions[first].do != log.actions[second].do:
            yield Mutant(f"{log.actions[second].do} before {log.actions[first].do}", replace(log, actions=swapped))


def _only_looks(action: Action) -> bool:
    return action.do == "answer" or bool(_LOOKS.match(str(action.get("args", ""))))


def _spoiled(action: Action) -> Iterator[tuple[str, Mapping[str, Any]]]:
    fields = action.fields
    if "args" in fields:
        words = fields["args"].split(" ")
        for index, word in enumerate(words):
            if re.fullmatch(r"--[a-z-]+(=\S*)?", word) and not word.startswith("--replicas"):
                yield f"without {word}", {**fields, "args": " ".join([*words[:index], *words[index + 1 :]])}
        for text, what in _texts_spoiled(fields["args"]):
            yield what, {**fields, "args": text}
        yield "of something else", {**fields, "args": _other_target(words)}
    for path, content in (fields.get("files") or {}).items():
        others = {name: text for name, text in fields["files"].items() if name != path}
        if action.do == "commit":
            yield f"{path} in another folder", {**fields, "files": {**others, f"elsewhere/{path}": content or ""}}
        if others:
            yield f"without {path}", {**fields, "files": others}
        for text, what in _texts_spoiled(content or ""):
            yield f"{path}: {what}", {**fields, "files": {**others, path: text}}
    if "repo" in fields:
        yield "in another repository", {**fields, "repo": f"{fields['repo']}-2"}
        if action.do == "branch":
            yield "of another name", {**fields, "name": "feature"}
        elif action.do == "pr":
            yield from _pull_request_spoiled(fields)
        else:
            yield "on another branch", {**fields, "branch": "feature"}
    if action.do == "revert":
        commit = fields.get("commit", "HEAD")
        yield "of the commit before", {**fields, "commit": f"{commit}~1"}


def _pull_request_spoiled(fields: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "open" in fields:
        yield "into another branch", {**fields, "open": {**fields["open"], "into": "feature"}}
    elif "merge" in fields:
        yield "of another number", {**fields, "merge": {"number": fields["merge"].get("number", 0) + 1}}
        closed = {name: value for name, value in fields.items() if name != "merge"}
        yield "closed instead", {**closed, "close": fields["merge"]}


def _texts_spoiled(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _NUMBERS:
        for found in pattern.finditer(text):
            number = int(found[2]) + 1
            yield text[: found.start(2)] + str(number) + text[found.end(2) :], f"{found[1]}{number}"
    for found in _IMAGE.finditer(text):
        yield text[: found.start(2)] + "0.0.1" + text[found.end(2) :], "image 0.0.1"
    for found in _LINE.finditer(text):
        yield text[: found.start()] + text[found.end() :], f"without {found[0].strip()}"
    for found in _FLUX.finditer(text):
        yield text[: found.end()] + "beta1" + text[found.end() :], f"{found[0]}beta1"


def _other_target(words: list[str]) -> str:
    """The last word that is no flag names what is meant."""
    index = max(index for index, word in enumerate(words) if not word.startswith("-"))
    return " ".join([*words[:index], f"{words[index]}-2", *words[index + 1 :]])
