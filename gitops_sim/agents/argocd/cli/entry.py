"""The ``argocd`` command line: ``argocd app list|get|sync|wait|history|rollback|set|create|diff|manifests|resources|delete``.

What is not about Applications is in :mod:`gitops_sim.agents.argocd.cli.admin`, and in
:mod:`gitops_sim.agents.argocd.cli.appset_commands`.

Output, messages and exit codes are those of the real one (3.5), which logs errors as JSON and leaves with 20.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace

from gitops_sim.agents.argocd.cli.admin import AdminCommands
from gitops_sim.agents.argocd.cli.app import AppCommands
from gitops_sim.agents.argocd.cli.appset_commands import AppSetCommands
from gitops_sim.agents.argocd.cli.flags import app_parser, in_namespace
from gitops_sim.agents.argocd.cli.parsing import GENERIC, BrokenOffError, FatalError, UsageError, read
from gitops_sim.agents.argocd.cli.sync import SyncCommands
from gitops_sim.agents.argocd.cli.waiting import Wait
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.requests import NotInHistoryError, RefusedError, Requests
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.nearest import similar
from gitops_sim.output import Output

_CODES = {400: "InvalidArgument", 403: "PermissionDenied", 404: "NotFound", 409: "Aborted", 422: "InvalidArgument"}
"""gRPC's words for what the Kubernetes API answers."""
_COMMANDS = ("account", "app", "appset", "cluster", "proj", "project", "repo")
"""Of the many that the real one has."""
_REAL = (
    "account", "admin", "app", "appset", "cert", "cluster", "completion", "configure", "context", "gpg", "login", "logout",
    "proj", "relogin", "repo", "repocreds", "version",
)  # fmt: skip


class CLI:
    """Commands of one person. ``wait(condition, timeout)`` lets time pass for those that wait for an operation to end;
    without it they return at once. ``files`` are those of the working folder."""

    def __init__(self, agent: ArgoCD, user: str, wait: Wait | None = None, files: Mapping[str, str] | None = None) -> None:
        self._agent = agent
        requests = Requests(agent, user, "argocd CLI")
        self._admin = AdminCommands(agent, user)
        self._appset = AppSetCommands(agent, user, files or {})
        self._app = AppCommands(agent, requests, wait)
        self._sync = SyncCommands(agent, requests, wait)

    def run(self, args: str) -> Output:
        """``app sync web --prune``, with or without ``argocd`` in front."""
        try:
            words = shlex.split(args)
        except ValueError as error:
            return Output(stderr=f"Error: cannot read the command line: {str(error).lower()}\n", exit=1, mend="close the quotes")
        words = words[1:] if words[:1] == ["argocd"] else words
        try:
            answer = self._answer(words)
            return Output(answer, mend=self._app.mend) if isinstance(answer, str) else answer
        except UsageError as error:
            return Output(f"Error: {error}\n" if str(error) else error.help, exit=error.code, mend=error.mend)
        except BrokenOffError as error:
            failed = self._failed(error.cause)
            return replace(failed, stdout=error.printed + failed.stdout)
        except (FatalError, GitOpsSimError) as error:
            return self._failed(error)

    def _failed(self, error: Exception) -> Output:
        if isinstance(error, RefusedError | NotInHistoryError):
            return Output(stderr=self._log(str(error)), exit=GENERIC, mend=error.mend)
        if isinstance(error, ApiError):
            return Output(stderr=self._log(str(RefusedError(_CODES.get(error.code, "Unknown"), error.message))), exit=GENERIC)
        if isinstance(error, FatalError):
            return Output(error.printed, self._log(str(error), error.level) if str(error) else "", error.code, error.mend)
        raise error

    def _answer(self, words: list[str]) -> Output | str:
        first = words[0] if words else ""
        if first not in _COMMANDS:
            raise _unknown(first)
        if first != "app":
            return self._appset.run(words) if first == "appset" else self._admin.run(words)
        given = in_namespace(read(app_parser(), words))
        name = given.command.replace("-", "_")
        answer: str = getattr(self._sync if hasattr(self._sync, name) else self._app, name)(given)
        return answer

    def _log(self, message: str, level: str = "fatal") -> str:
        entry = {"level": level, "msg": message, "time": self._agent.clock.timestamp()}
        return json.dumps(entry, separators=(",", ":"), ensure_ascii=False) + "\n"


def _unknown(word: str) -> UsageError:
    has = f"the argocd of this simulator has {', '.join(_COMMANDS)}"
    if not word:
        return UsageError(help="Usage:\n  argocd [command]\n", mend=has)
    if word in _REAL:
        return UsageError(f"argocd {word} is not built in", mend=has)
    meant = "".join(f"\t{name}\n" for name in similar(word, _REAL))
    asked = f"\n\nDid you mean this?\n{meant}" if meant else ""
    return UsageError(f'unknown command "{word}" for "argocd"{asked}\nRun \'argocd --help\' for usage.', mend=has)
