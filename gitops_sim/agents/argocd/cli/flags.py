"""The words of ``argocd app ...``: commands and their flags."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from typing import Protocol

from gitops_sim.agents.argocd.cli.parsing import Parser, switch
from gitops_sim.agents.argocd.cli.spec import add_spec_flags

_TREES = ("tree", "tree=detailed")


class _Command(Protocol):
    def __call__(
        self, name: str, *, outputs: Sequence[str] = (), use: str = "APPNAME", misuse: int = 1
    ) -> argparse.ArgumentParser: ...


@cache
def app_parser() -> Parser:
    parser = Parser(prog="argocd")
    rooms = parser.add_subparsers(dest="room", required=True, parser_class=Parser)
    commands = rooms.add_parser("app").add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, *, outputs: Sequence[str] = (), use: str = "APPNAME", misuse: int = 1) -> argparse.ArgumentParser:
        made: Parser = commands.add_parser(name, use=use, misuse=misuse)
        made.set_defaults(parser=made)
        made.add_argument("-N", "--app-namespace", default="")
        if use.startswith("APPNAME"):
            made.add_argument("app")
        if outputs:
            made.add_argument("-o", "--output", choices=outputs, default=outputs[0])
        return made

    found = command("list", outputs=("wide", "name", "json", "yaml"), use="")
    found.add_argument("-p", "--project", action="append", default=[])
    found.add_argument("-l", "--selector", default="")
    found.add_argument("-r", "--repo", default="")
    found.add_argument("-c", "--cluster", default="")
    found.add_argument("-P", "--path", default="")
    _switches(command("get", outputs=("wide", "json", "yaml", *_TREES)), "--refresh", "--hard-refresh", "--show-operation")
    diff = command("diff", misuse=2)
    _switches(diff, "--refresh", "--hard-refresh")
    diff.add_argument("--exit-code", nargs="?", const=True, default=True, type=switch)
    diff.add_argument("--revision", default="")
    manifests = command("manifests")
    manifests.add_argument("--source", choices=("git", "live"), default="git")
    manifests.add_argument("--revision", default="")
    command("resources").add_argument("--orphaned", nargs="?", const=True, default=None, type=switch)
    command("history", outputs=("wide", "id"))
    _add_changing(command)
    _add_waiting(command)
    return parser


def in_namespace(given: argparse.Namespace) -> argparse.Namespace:
    """With every Application by its full name, where ``--app-namespace`` says its namespace."""
    place = given.app_namespace
    if place:
        for part, names in vars(given).items():
            if part == "app":
                given.app = names if "/" in names else f"{place}/{names}"
            elif part == "apps":
                given.apps = [name if "/" in name else f"{place}/{name}" for name in names]
    return given


def _add_changing(command: _Command) -> None:
    add_spec_flags(command("set"))
    create = command("create")
    add_spec_flags(create)
    _switches(create, "--upsert", "--set-finalizer")
    create.add_argument("-l", "--label", action="append", default=[])
    create.add_argument("--annotations", action="append", default=[])
    command("terminate-op")
    command("confirm-deletion")
    delete = command("delete", use="[APPNAME... | -l selector]")
    delete.add_argument("apps", nargs="*")
    delete.add_argument("--cascade", nargs="?", const=True, default=True, type=switch)
    delete.add_argument("-y", "--yes", nargs="?", const=True, default=False, type=switch)
    delete.add_argument("-l", "--selector", default="")
    _switches(delete, "--wait")
    delete.add_argument("-p", "--propagation-policy", choices=("foreground", "background"), default="foreground")


def _add_waiting(command: _Command) -> None:
    outputs = ("wide", "json", "yaml", *_TREES)
    sync = command("sync", outputs=outputs, use="[APPNAME... | -l selector | --project project-name]")
    sync.add_argument("apps", nargs="*")
    sync.add_argument("--project", action="append", default=[])
    sync.add_argument("-l", "--selector", default="")
    _switches(sync, "--prune", "--dry-run", "--replace", "--apply-out-of-sync-only", "--server-side", "--force")
    sync.add_argument("--async", dest="asynchronous", action="store_true")
    sync.add_argument("--revision", default="")
    sync.add_argument("--resource", action="append", default=[])
    sync.add_argument("--strategy", choices=("hook", "apply"), default="hook")
    sync.add_argument("--timeout", type=int, default=0)
    sync.add_argument("--retry-limit", type=int, default=0)
    sync.add_argument("--retry-backoff-duration", default="5s")
    sync.add_argument("--retry-backoff-max-duration", default="3m0s")
    sync.add_argument("--retry-backoff-factor", type=int, default=2)
    _switches(sync, "--retry-refresh")
    rollback = command("rollback", outputs=outputs, use="APPNAME [ID]")
    rollback.add_argument("id", nargs="?")
    rollback.add_argument("--timeout", type=int, default=0)
    _switches(rollback, "--prune")
    wait = command("wait", outputs=outputs, use="[APPNAME.. | -l selector]")
    wait.add_argument("apps", nargs="*")
    wait.add_argument("-l", "--selector", default="")
    wait.add_argument("--resource", action="append", default=[])
    wait.add_argument("--timeout", type=int, default=0)
    _switches(wait, "--sync", "--health", "--suspended", "--degraded", "--operation", "--delete")


def _switches(command: argparse.ArgumentParser, *names: str) -> None:
    for name in names:
        command.add_argument(name, nargs="?", const=True, default=False, type=switch)
