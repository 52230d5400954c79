"""What a learner may do in an exercise, and a refusal that says why not."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_sim.actions import FIELDS, MOST_ACTIONS, Action
from gitops_sim.apicalls import command_of
from gitops_sim.clock import format_duration
from gitops_sim.commandwords import plain
from gitops_sim.errors import BadInput
from gitops_sim.scenarios.reading import Reader

ANY = "any"
_WITH_VERBS = ("kubectl", "argocd", "dashboard", "flux", "pipeline", "registry")
_TAKES_VALUE = ("-n", "--namespace", "--context", "-s", "--server", "--as", "--kubeconfig", "-v")


class Refused(BadInput):
    """Something that the exercise does not let the learner do. Nothing has happened."""


@dataclass(frozen=True, slots=True)
class Rules:
    """``verbs`` holds, for each ``do`` that is allowed, the beginnings of the commands that are; none named means all.

    ``reason`` is the author's, for whoever tries something else. ``ends`` is the last second in which there is something to do.
    """

    verbs: Mapping[str, tuple[str, ...]]
    reason: str
    ends: float

    def check(self, action: Action, done: int, *, where: str = "") -> None:
        """Raises Refused for an action that is not allowed, or one too many after ``done`` others."""
        do = "kubectl" if action.do == "api" else self._pushed_as(action) if action.do == "push" else action.do
        if do not in self.verbs:
            self._refuse(f"this exercise is done without {do!r}", f"use {', '.join(self.verbs)}", where)
        if "by" in action.fields:
            raise Refused(f"you cannot act as {action.by}", where=where, mend="leave 'by' out: what you do is done by you")
        if done >= MOST_ACTIONS:
            raise Refused(f"{MOST_ACTIONS} actions are done: there can be no more", where=where, mend="undo some, or start again")
        if action.at > self.ends:
            raise Refused(
                f"the exercise ends after {format_duration(self.ends)}",
                where=where,
                mend="check and submit, undo, or start again",
            )
        words = list(command_of(action)) if action.do == "api" else _plain_words(str(action.get("args", "")), do)
        if not self.allows(do, words):
            named = f"{do} {words[0]}" if words else do
            self._refuse(f"this exercise is done without {named!r}", f"use {do} with {', '.join(self.verbs[do])}", where)

    def allows(self, do: str, words: Sequence[str]) -> bool:
        """Whether a command may be given: its words without the tool's name, resource types by any of their names."""
        verbs, said = self.verbs.get(do), plain(words)
        return verbs is not None and (
            not verbs or any(said[: len(wanted)] == wanted for wanted in (plain(verb.split()) for verb in verbs))
        )

    @property
    def refusals(self) -> dict[str, str]:
        """In which words pushes of the real git are refused: those that bring a ``commit``, make or delete a ``branch``, or take
        one elsewhere (``reset``). Those that are not named are allowed."""
        found: dict[str, str] = {}
        for do in ("commit", "branch", "reset"):
            if do not in self.verbs and "push" not in self.verbs:
                try:
                    self._refuse(f"this exercise is done without {do!r}", f"use {', '.join(self.verbs)}", "")
                except Refused as refused:
                    found[do] = f"error: {refused}"
        return found

    def _pushed_as(self, action: Action) -> str:
        """What a push of the real git comes to. Where the branch was before is known to whoever received it (:attr:`refusals`);
        a rewritten history is judged by checks."""
        if "push" in self.verbs or action.get("commits"):
            return "push" if "push" in self.verbs else "commit"
        return next((do for do in ("branch", "merge", "reset") if do in self.verbs), "branch")

    def _refuse(self, what: str, mend: str, where: str) -> None:
        raise Refused(what + (f": {self.reason}" if self.reason else ""), where=where, mend=mend)


def _plain_words(args: str, tool: str) -> list[str]:
    """The command without the tool's name and without flags in front of the verb."""
    try:
        words = shlex.split(args)
    except ValueError:
        words = args.split()
    words = words[1:] if words[:1] == [tool] else words
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in _TAKES_VALUE else words[1:]
    return words


def read_allowed(value: Reader) -> dict[str, tuple[str, ...]]:
    """``[kubectl, commit]``, or ``{kubectl: [get, scale], commit: any}``. Raises BadInput."""
    if value.is_list:
        found: dict[str, tuple[str, ...]] = {item.choice(FIELDS): () for item in value.items()}
    else:
        found = {}
        for do, inner in value.entries().items():
            if do not in FIELDS:
                Reader(inner.node, inner.source, value.field).fail(f"unknown action {do!r}", "use some of " + ", ".join(FIELDS))
            if inner.is_list and do not in _WITH_VERBS:
                inner.fail(f"{do!r} has no verbs", f"write '{do}: any'")
            found[do] = inner.texts() if inner.is_list else ()
            if not inner.is_list:
                inner.choice((ANY,))
    if not found:
        value.fail("allows nothing", "name what the learner may do: kubectl, commit, argocd ...")
    return found
