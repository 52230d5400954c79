"""Short help: what a command does, how to call it, one example."""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.kubectl.invocation import Command
from gitops_sim.kubectl.tabwriter import align


def overview(commands: Sequence[Command]) -> str:
    """All commands, a line each."""
    lines = "".join(f"  {command.path}\t{command.about}\n" for command in sorted(commands, key=lambda c: c.path))
    return (
        "kubectl for the simulated cluster: the most used commands of the real one, with its output.\n\n"
        f"Commands:\n{align(lines)}\nUse 'kubectl COMMAND --help' for more about a command.\n"
    )


def group_help(path: tuple[str, ...], commands: Sequence[Command]) -> str:
    name = " ".join(path)
    inner = [command for command in commands if command.path.startswith(f"{name} ")]
    lines = "".join(f"  {command.path.removeprefix(name + ' ')}\t{command.about}\n" for command in inner)
    return f"Usage:\n  kubectl {name} COMMAND\n\nCommands:\n{align(lines)}"


def command_help(command: Command) -> str:
    example = f"\nExample:\n  {command.example}\n" if command.example else ""
    flags = "".join(f"  {flag.shown}\t{flag.about}\n" for flag in command.flags if flag.about)
    options = f"\nOptions:\n{align(flags)}" if flags else ""
    return f"{command.about}\n\nUsage:\n  kubectl {command.path} {command.use}\n{example}{options}"
