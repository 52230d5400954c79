"""The words of a ``flux`` command: which command, which kind, which names, which flags."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

from gitops_sim.agents.flux.cli.kinds import THINGS, Thing, thing
from gitops_sim.agents.flux.toolkit import NAMESPACE
from gitops_sim.agents.pflag import in_go_words, unknown_flag
from gitops_sim.nearest import nearest, similar

_NOT_BUILT_IN = (
    "bootstrap", "build", "check", "completion", "create", "debug", "delete", "envsubst", "export", "install", "list", "migrate",
    "pull", "push", "stats", "tag", "trace", "uninstall", "version",
)  # fmt: skip


class FailedError(Exception):
    """The end of a command: its message behind ``✗``, or behind another ``sign``; ``mend`` is the way out."""

    def __init__(self, message: str, *, code: int = 1, sign: str = "✗", printed: str = "", mend: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.sign, self.printed, self.mend = message, code, sign, printed, mend


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        left = message.removeprefix("unrecognized arguments: ")
        if left != message:
            flag = left.split(" ")[0]
            known = sorted(name for name in self._option_string_actions if name.startswith("--"))
            raise FailedError(unknown_flag(flag), mend=f"{self.prog} has no {flag} here: {nearest(flag, known)}")
        raise FailedError(in_go_words(message) or message)


def command_of(words: Sequence[str]) -> tuple[str, argparse.Namespace]:
    """The command that the words name, and its arguments and flags. Raises FailedError."""
    left, made = list(words), _parsers()
    command = next((word for word in left if word in made), "")
    if not command:
        word, has = " ".join(left[:1]), f"the flux of this simulator has {', '.join(made)}"
        if word in _NOT_BUILT_IN:
            raise FailedError(f"flux {word} is not built in", mend=has)
        meant = "".join(f"\t{name}\n" for name in similar(word, sorted([*made, *_NOT_BUILT_IN]))) if word else ""
        raise FailedError(
            f'unknown command "{word}" for "flux"' + (f"\n\nDid you mean this?\n{meant}" if meant else ""), mend=has
        )
    left.remove(command)
    return command, made[command].parse_intermixed_args(left)


def names_of(words: Sequence[str]) -> tuple[Thing, list[str]]:
    """What a command is about, and the names behind it: ``ks web``, ``source git web``."""
    for length in (2, 1):
        known = thing(" ".join(words[:length]))
        if known is not None:
            return known, list(words[length:])
    word = " ".join(words[:1])
    kinds = [name for known in THINGS for name in known.words]
    firsts = {name.partition(" ")[0] for name in kinds if " " in name}
    mend = nearest(" ".join(words[:2]), kinds) if word in firsts else nearest(word, sorted({*firsts, *kinds}))
    raise FailedError(f'unknown command "{word}" for "flux"', mend=mend)


def named(words: Sequence[str]) -> tuple[Thing, str]:
    known, names = names_of(words)
    return known, names[0] if names else ""


@cache
def _parsers() -> dict[str, Parser]:
    """By command. Flags may stand anywhere."""
    made: dict[str, Parser] = {}

    def command(name: str, *switches: str, about: bool = True) -> Parser:
        made[name] = parser = Parser(prog=f"flux {name}", add_help=False, allow_abbrev=False)
        if about:
            parser.add_argument("what", nargs="*")
        parser.add_argument("-n", "--namespace", default=NAMESPACE)
        parser.add_argument("--timeout", default="5m")
        for switch in switches:
            parser.add_argument(*switch.split(), action="store_true")
        return parser

    get = command("get", "-A --all-namespaces", "--no-header", "--show-source")
    get.add_argument("--status-selector", default="")
    get.add_argument("-l", "--label-selector", default="")
    command("reconcile", "--with-source", "--force", "--reset")
    command("suspend", "--all")
    command("resume", "--all", "--wait")
    command("tree", "--compact").add_argument("-o", "--output", choices=("json", "yaml"), default="")
    compared = command("diff")
    compared.add_argument("--path", default="")
    compared.add_argument("--progress-bar", default="true")
    told = command("events", "-A --all-namespaces", about=False)
    told.add_argument("--for", dest="about", default="")
    told.add_argument("--types", default="")
    logs = command("logs", "-A --all-namespaces", about=False)
    for name in ("--kind", "--name", "--level", "--since"):
        logs.add_argument(name, default="")
    logs.add_argument("--tail", type=int, default=-1)
    return made
