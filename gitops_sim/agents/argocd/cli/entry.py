"""The ``argocd`` command line: ``argocd app list|get|sync|wait|history|rollback|set|create|diff|manifests|resources|delete``.

What is not about Applications is in :mod:`gitops_sim.agents.argocd.cli.admin`.

Output, messages and exit codes are those of the real one (3.5), which logs errors as JSON and leaves with 20.
"""

from __future__ import annotations

import json
import shlex

from gitops_sim.agents.argocd.cli.admin import AdminCommands
from gitops_sim.agents.argocd.cli.app import AppCommands
from gitops_sim.agents.argocd.cli.flags import app_parser
from gitops_sim.agents.argocd.cli.parsing import GENERIC, FatalError, UsageError
from gitops_sim.agents.argocd.cli.sync import SyncCommands
from gitops_sim.agents.argocd.cli.waiting import Wait
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.requests import NotInHistoryError, RefusedError, Requests
from gitops_sim.errors import ApiError
from gitops_sim.output import Output

_CODES = {400: "InvalidArgument", 403: "PermissionDenied", 404: "NotFound", 409: "Aborted", 422: "InvalidArgument"}
"""gRPC's words for what the Kubernetes API answers."""
_COMMANDS = ("account", "app", "appset", "cluster", "proj", "project")
"""Of the many that the real one has."""


class CLI:
    """Commands of one person. ``wait(condition, timeout)`` lets time pass for those that wait for an operation to end;
    without it they return at once."""

    def __init__(self, agent: ArgoCD, user: str, wait: Wait | None = None) -> None:
        self._agent = agent
        requests = Requests(agent, user, "argocd CLI")
        self._admin = AdminCommands(agent, user)
        self._app = AppCommands(agent, requests, wait)
        self._sync = SyncCommands(agent, requests, wait)

    def run(self, args: str) -> Output:
        """``app sync web --prune``, with or without ``argocd`` in front."""
        try:
            words = shlex.split(args)
        except ValueError as error:
            return Output(stderr=f"Error: cannot read the command line: {str(error).lower()}\n", exit=1)
        words = words[1:] if words[:1] == ["argocd"] else words
        try:
            return Output(self._answer(words))
        except UsageError as error:
            return Output(stderr=f"Error: {error}\n", exit=1)
        except (RefusedError, NotInHistoryError) as error:
            return Output(stderr=self._log(str(error)), exit=GENERIC)
        except ApiError as error:
            return Output(stderr=self._log(str(RefusedError(_CODES.get(error.code, "Unknown"), error.message))), exit=GENERIC)
        except FatalError as error:
            return Output(error.printed, self._log(str(error), error.level) if str(error) else "", error.code)

    def _answer(self, words: list[str]) -> str:
        first = words[0] if words else ""
        if first not in _COMMANDS:
            raise UsageError(f'unknown command "{first}" for "argocd": this one has {", ".join(_COMMANDS)}')
        if first != "app":
            return self._admin.run(words)
        given = app_parser().parse_args(words)
        name = given.command.replace("-", "_")
        answer: str = getattr(self._sync if hasattr(self._sync, name) else self._app, name)(given)
        return answer

    def _log(self, message: str, level: str = "fatal") -> str:
        entry = {"level": level, "msg": message, "time": self._agent.clock.timestamp()}
        return json.dumps(entry, separators=(",", ":"), ensure_ascii=False) + "\n"
