"""How the words of an ``argocd`` command are read, and how a command gives up.

Source: ``cmd/main.go`` and ``cmd/argocd/commands/{root,plugin}.go``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from gitops_sim.agents.pflag import in_go_words, unknown_flag
from gitops_sim.errors import GitOpsSimError
from gitops_sim.nearest import nearest
from gitops_sim.yaml_out import dump_yaml

GENERIC = 20
"""The exit code for whatever the server refuses."""
_GLOBAL_SWITCHES = ("--core", "--grpc-web", "--insecure", "--plaintext", "--port-forward")
_GLOBAL_VALUES = (
    "--argocd-context",
    "--auth-token",
    "--config",
    "--grpc-web-root-path",
    "--header",
    "--kube-context",
    "--logformat",
    "--loglevel",
    "--port-forward-namespace",
    "--server",
    "-H",
)
"""Flags of every command that say how to reach the server: here everybody is signed in."""
_CHOICES = {
    "output": ("unknown output format: {}", GENERIC),
    "source": ("Unknown source type '{}'", 1),
    "strategy": ("Unknown sync strategy: '{}'", 1),
    "propagation_policy": ("rpc error: code = InvalidArgument desc = invalid propagation policy: {}", GENERIC),
}
"""What is said of a value that is none of the known ones, and the exit code."""


class UsageError(Exception):
    """Words that the command line does not understand. Without a message the real one shows its ``help``; ``mend`` is the way
    out, ``code`` the exit code."""

    def __init__(self, message: str = "", *, help: str = "", mend: str = "", code: int = 1) -> None:
        super().__init__(message)
        self.help, self.mend, self.code = help, mend, code


class FatalError(Exception):
    """The real one's ``log.Fatal``: what was printed so far stays. ``mend`` is the way out."""

    def __init__(self, message: str, *, code: int = 1, printed: str = "", level: str = "fatal", mend: str = "") -> None:
        super().__init__(message)
        self.code, self.printed, self.level, self.mend = code, printed, level, mend


class BrokenOffError(Exception):
    """One of several Applications brought a command to its end: ``printed`` is what it had printed of those before."""

    def __init__(self, printed: str, cause: Exception) -> None:
        super().__init__(str(cause))
        self.printed, self.cause = printed, cause


def each(names: Iterable[str], act: Callable[[str], str]) -> str:
    """What is printed of one after the other. Raises BrokenOffError."""
    text = ""
    for name in names:
        try:
            text += act(name)
        except (FatalError, GitOpsSimError) as error:
            raise BrokenOffError(text, error) from error
    return text


class Parser(argparse.ArgumentParser):
    """``use`` is what stands behind the command in its line of usage (``APPNAME``), ``misuse`` the exit code when it is not
    used so."""

    def __init__(self, *, use: str = "", misuse: int = 1, **more: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **more)
        self.use, self.misuse = use, misuse

    def error(self, message: str) -> NoReturn:
        words = in_go_words(message)
        if words:
            raise UsageError(words, mend=f"write {self.line}")
        mend = f"say {'which command' if self._commands else self.use}"
        raise UsageError(help=self.usage_text, mend=mend, code=self.misuse)

    @property
    def line(self) -> str:
        """How a command is written: ``argocd app rollback APPNAME [ID] [flags]``."""
        return " ".join(word for word in (self.prog, self.use, "[command]" if self._commands else "[flags]") if word)

    @property
    def usage_text(self) -> str:
        text = f"Usage:\n  {self.line}\n"
        return text + "\nAvailable Commands:\n" + "".join(f"  {name}\n" for name in self._commands) if self._commands else text

    @property
    def _commands(self) -> list[str]:
        found = (action.choices for action in self._actions if isinstance(action, argparse._SubParsersAction))
        return sorted(name for choices in found for name in choices)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            mend = f"{self.prog} has no {value!r} here: {nearest(str(value), self._commands)}"
            raise UsageError(help=self.usage_text, mend=mend)
        if action.choices is not None and value not in action.choices:
            words, code = _CHOICES[action.dest]
            raise FatalError(words.format(value), code=code, mend=nearest(str(value), action.choices))


def read(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """The command and its flags. Raises UsageError."""
    given, left = parser.parse_known_args(_without_globals(words))
    if not left:
        return given
    used: Parser = given.parser
    flag = next((word.partition("=")[0] for word in left if word.startswith("-")), "")
    if not flag:
        raise UsageError(help=used.usage_text, mend=f"leave out {' '.join(left)}: write {used.line}", code=used.misuse)
    known = sorted(name for name in used._option_string_actions if name.startswith("--"))
    raise UsageError(unknown_flag(flag), mend=f"{used.prog} has no {flag} here: {nearest(flag, known)}")


def _without_globals(words: Sequence[str]) -> list[str]:
    left, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in _GLOBAL_VALUES:
            skip = True
        elif word not in _GLOBAL_SWITCHES and word.partition("=")[0] not in (*_GLOBAL_VALUES, *_GLOBAL_SWITCHES):
            left.append(word)
    return left


def switch(text: str) -> bool:
    """A flag that may be given as ``--flag``, ``--flag=true`` and ``--flag=false``."""
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"not a switch: {text}")
    return text == "true"


def encoded(value: Any, output: str, *, bare: bool = True) -> str:
    """As ``-o json`` or ``-o yaml`` prints it: objects come from the API server without their kind, so they are printed ``bare``,
    and Go's JSON spells out what HTML would take for its own."""
    shown = value if not bare else [_bare(one) for one in value] if isinstance(value, list) else _bare(value)
    if output == "yaml":
        return dump_yaml(shown, sort_keys=True)
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    return re.sub("[<>&\u2028\u2029]", lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def _bare(value: Any) -> Any:
    if not isinstance(value, dict) or "metadata" not in value:
        return value
    return {key: part for key, part in value.items() if key not in ("apiVersion", "kind")}
