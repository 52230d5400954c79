"""The command line itself: which command the words mean, its flags, and what becomes of its errors.

Source of rules and error texts: github.com/spf13/cobra and k8s.io/kubectl ``pkg/cmd``.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.access.impersonation import impersonated
from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl.commands import COMMANDS, GROUPS, NOT_BUILT_IN, REAL_ORDER
from gitops_sim.kubectl.common_flags import GLOBAL
from gitops_sim.kubectl.files import Files, MemoryFiles
from gitops_sim.kubectl.flags import FALSE, TRUE, parse
from gitops_sim.kubectl.help import command_help, group_help, overview
from gitops_sim.kubectl.invocation import Command, Invocation, Wait
from gitops_sim.kubectl.problems import BareError, Exit, FlagError, KubectlError, report, usage
from gitops_sim.kubectl.surrogates import whole
from gitops_sim.nearest import similar
from gitops_sim.output import Output

_BY_PATH: dict[tuple[str, ...], Command] = {
    (*command.path.split()[:-1], name): command for command in COMMANDS for name in (command.path.split()[-1], *command.aliases)
}
_GROUPS = {tuple(path.split()) for path in GROUPS}


class Kubectl:
    """A kubectl that talks to a cluster in memory, prints what the real one prints, and knows its most used commands.

    ``namespace`` is the one of commands that name none. ``wait`` lets time pass for commands that block (``rollout status``,
    ``wait``, ``delete``): it is given a condition and a number of simulated seconds, and says whether the condition came to hold.
    Without it they report what is.
    """

    def __init__(self, cluster: Cluster, *, namespace: str = "default", wait: Wait | None = None) -> None:
        self._cluster, self._namespace, self._wait = cluster, namespace, wait

    def run(self, args: str | Sequence[str], *, files: Mapping[str, str] | Files | None = None, stdin: str = "") -> Output:
        """Runs one command, given as a line (with the quotes of a shell) or as words, with or without ``kubectl`` in front.

        ``files`` are the files of the working folder: texts by path, or anything that can list and read. Nothing else is read.
        """
        try:
            words = _words(args)
            return self._run(words, files if isinstance(files, Files) else MemoryFiles(files), stdin)
        except GitOpsSimError as error:
            return Output("", report(error), 1)

    def _run(self, words: list[str], files: Files, stdin: str) -> Output:
        path, rest = _find(words)
        command = _BY_PATH.get(path)
        if command is None:
            return _without_command(path, words, rest)
        name = f"kubectl {command.path}"
        try:
            flags, arguments = parse((*GLOBAL, *command.flags), rest)
        except FlagError as error:
            if command.failure > 1:
                return Output("", report(usage(name, str(error))), command.failure)
            return Output("", f"error: {error}\nSee '{name} --help' for usage.\n", 1)
        if flags["help"]:
            return Output(command_help(command))
        cluster = self._cluster
        if flags["as"] or flags["as-group"]:
            try:
                cluster = impersonated(cluster, flags["as"], flags["as-group"])
            except GitOpsSimError as error:
                return Output("", report(error), command.failure)
        inv = Invocation(
            name,
            cluster,
            flags,
            arguments,
            default_namespace=self._namespace,
            files=files,
            stdin=stdin,
            wait=self._wait,
        )
        code = 0
        try:
            _check_flags(inv, command)
            command.run(inv)
        except Exit as end:
            code = end.code
        except GitOpsSimError as error:
            inv.warn(report(error))
            code = command.failure
        except RecursionError:
            inv.warn("error: what was given is nested too deeply\n")
            code = command.failure
        out, err = inv.output()
        return Output(out, err, code)


_SHELL = frozenset(("|", "||", "&&", ";", ">", ">>", "<", "&", "2>&1"))


def _words(args: str | Sequence[str]) -> list[str]:
    args = whole(args if isinstance(args, str) else list(args))
    if isinstance(args, str):
        try:
            words = shlex.split(args)
        except ValueError as error:
            raise KubectlError(f"cannot read the command line: {str(error).lower()}") from None
        foreign = next((word for word in words if word in _SHELL), None)
        if foreign:
            raise KubectlError(f"{foreign!r} is for a shell, and this is none: give one kubectl command by itself")
    else:
        words = list(args)
    return words[1:] if words[:1] == ["kubectl"] else words


def _find(words: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The command that the words name, as deep as they name one, and the words without its name."""
    path: tuple[str, ...] = ()
    rest = list(words)
    while place := _first_argument(rest):
        index = place - 1
        longer = (*path, rest[index])
        if longer not in _BY_PATH and longer not in _GROUPS:
            break
        path = longer
        del rest[index]
    return path, rest


def _first_argument(words: Sequence[str]) -> int:
    """The number (from 1) of the first word that is neither a flag nor the value of one; 0 when there is none."""
    takes_value = {f"--{flag.name}" for flag in GLOBAL if flag.without_value is None}
    takes_value |= {f"-{flag.short}" for flag in GLOBAL if flag.short and flag.without_value is None}
    skip = False
    for number, word in enumerate(words, 1):
        if skip:
            skip = False
        elif word == "--":
            return 0
        elif word.startswith("-"):
            skip = word in takes_value
        elif word:
            return number
    return 0


def _without_command(path: tuple[str, ...], words: Sequence[str], rest: Sequence[str]) -> Output:
    """What kubectl says when the words name no command."""
    name = " ".join(("kubectl", *path))
    if path:
        try:
            flags, arguments = parse(GLOBAL, rest)
        except FlagError as error:
            return Output("", f"error: {error}\nSee '{name} --help' for usage.\n", 1)
        if arguments:
            return Output("", f"error: unknown command \"{' '.join(arguments)}\"\nSee '{name} -h' for help and examples\n", 1)
        text = group_help(path, COMMANDS)
        if flags["help"]:
            return Output(text)
        return Output(text, "", 1) if path == ("rollout",) else Output("", text, 1)  # where the real one prints it
    place = _first_argument(rest)
    if not place:
        try:
            parse(GLOBAL, rest)
        except FlagError as error:
            return Output("", f"error: {error}\nSee 'kubectl --help' for usage.\n", 1)
        return Output(overview(COMMANDS))
    unknown = rest[place - 1]
    if unknown in NOT_BUILT_IN:
        return Output("", f"error: kubectl {unknown} is not built in: {NOT_BUILT_IN[unknown]}\n", 1)
    if words[0].startswith("-"):
        return Output("", f"Error: flags cannot be placed before plugin name: {words[0]}\n", 1)
    meant = "".join(f"\t{known}\n" for known in _similar(unknown, REAL_ORDER))
    hint = f"\n\nDid you mean this?\n{meant}" if meant else "\n"
    return Output("", f'error: unknown command "{unknown}" for "kubectl"{hint}', 1)


def _similar(typed: str, known: Sequence[str]) -> list[str]:
    near = similar(typed, known)
    also_called = {"get": ("list", "ls"), "delete": ("rm",), "replace": ("update",), "scale": ("resize",)}
    return [name for name in known if name in near or typed.lower() in also_called.get(name, ())]


_NAMESPACE_FIRST = frozenset(("get", "describe", "delete", "label", "patch", "scale", "rollout", "events", "logs", "top"))
"""Commands that want to know the namespace of the context before they connect, and so complain of it otherwise."""


def _check_flags(inv: Invocation, command: Command) -> None:
    """What holds for the flags of every command: some are required, some are on their way out."""
    if inv.flags.given("record"):
        inv.warn("Flag --record has been deprecated, --record will be removed in the future\n")
    missing = [flag.name for flag in command.flags if flag.required and not inv.flags.given(flag.name)]
    if missing:
        raise KubectlError('required flag(s) "{}" not set'.format('", "'.join(missing)))
    context = inv["context"]
    if context and context != inv.cluster.name:
        if command.path == "set image" or command.path.split()[0] in _NAMESPACE_FIRST:
            raise BareError(f"Error in configuration: context was not found for specified context: {context}")
        raise KubectlError(f'context "{context}" does not exist')
    dry_run = inv["dry-run"] if "dry-run" in inv.flags else ""
    if dry_run == "unchanged":
        inv.warn(inv.log_line("W", "helpers.go:704", "--dry-run is deprecated and can be replaced with --dry-run=client."))
    elif dry_run in TRUE | FALSE:
        strategy = "client" if dry_run in TRUE else "none"
        why = f"is deprecated (boolean value) and can be replaced with --dry-run={strategy}."
        inv.warn(inv.log_line("W", "helpers.go:708", f"--dry-run={dry_run} {why}"))
