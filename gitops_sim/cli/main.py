"""The command group, and how a command ends.

Exit codes: 0 done, 1 the answer or expectation is wrong, 2 bad input or usage, 3 the tool itself broke.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import NoReturn

import click

from gitops_sim.errors import BadInput
from gitops_sim.nearest import nearest

_COMMANDS: dict[str, str] = {
    "demo": "Play the stories in the terminal, told step by step.",
    "scenarios": "List the stories.",
    "what-if": "Play a story once more, with one switch flipped.",
    "reconcile": "Let an agent deploy your own repository into an empty cluster.",
    "health": "See what Argo CD and Flux think of an object, and why.",
    "render": "Print what kustomize or helm would make of a folder, and say where a field came from.",
    "serve": "Serve a cluster to kubectl, helm and any other client.",
    "exercise": "Act in a world that somebody else left behind, be checked, hand in.",
    "quiz": "Answer questions; the simulator knows some of the answers.",
    "progress": "See where you stand: done, shaky, next.",
    "grade": "Grade what a class handed in.",
    "agent": "Let the agent work on a real kind cluster.",
    "parity": "Compare the simulated cluster with a real kind cluster.",
    "lab": "Open the course in JupyterLab.",
}
"""Every command and its one line; its module is imported when it is called."""


class _LazyGroup(click.Group):
    """Knows its commands by name, so that ``--help`` and a typing error import none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"gitops_sim.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise BadInput(f"no command {args[0]!r}", mend=nearest(args[0], _COMMANDS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(
    cls=_LazyGroup,
    epilog="Begin with: gitops-sim demo",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="gitops-sim", prog_name="gitops-sim")
def group() -> None:
    """Learn GitOps by running it: a simulated Kubernetes cluster, real Git, agents, and a clock that you command."""


def main(args: list[str] | None = None) -> NoReturn:
    """Runs one command and exits with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without ✓ shows ? instead of a traceback
    try:
        code = group.main(args, prog_name="gitops-sim", standalone_mode=False)
        sys.stdout.flush()
    except BadInput as error:
        _stop(f"gitops-sim: {error}", 2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code if error.exit_code != 1 else 2)
    except (click.Abort, KeyboardInterrupt):
        _stop("gitops-sim: interrupted", 130)
    except BrokenPipeError:
        sys.stdout = None  # whoever read has gone; nothing is left to say
        sys.exit(0)
    except Exception:
        traceback.print_exc()
        _stop("gitops-sim: this is a bug in gitops-sim, not in what you did. Please report it with the lines above.", 3)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(code)
