"""What a click in Argo CD's web page does."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitops_sim.agents.argocd.requests import NotInHistoryError, RefusedError, Requests
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.objects import Object, get_path, with_path
from gitops_sim.output import Output

if TYPE_CHECKING:
    from gitops_sim.agents.argocd.controller import ArgoCD

_ENABLED = ("syncPolicy", "automated", "enabled")


class Dashboard:
    """The buttons of an Application's page, pressed by ``user``. Every click leaves a record with the person's name.

    Unlike the CLI, the page does not refuse a rollback while auto-sync is on: it asks, and on yes switches auto-sync off
    first, keeping prune and selfHeal for when it is switched on again. Source: ``ui/src/app/applications/components``.
    """

    def __init__(self, agent: ArgoCD, user: str = "you") -> None:
        self._agent = agent
        self._requests = Requests(agent, user, "dashboard")

    def rollback(self, app: str, id: int | None = None, *, prune: bool = False) -> Object:
        """History and Rollback -> Rollback, and yes to the question. Raises RefusedError or NotInHistoryError."""
        if self._agent.application(self._requests.get(app)).automated is not None:
            self._switch(app, on=False)
        return self._requests.rollback(app, id, prune=prune)

    def sync(self, app: str, *, prune: bool = False) -> Object:
        """Sync -> Synchronize."""
        return self._requests.sync(app, prune=prune)

    def refresh(self, app: str, *, hard: bool = False) -> Object:
        """Refresh, or Hard Refresh from its menu."""
        return self._requests.refresh(app, hard=hard)

    def enable_auto_sync(self, app: str) -> Object:
        """Details -> Sync Policy -> Enable Auto-Sync: prune and selfHeal are again what they were."""
        return self._switch(app, on=True)

    def disable_auto_sync(self, app: str) -> Object:
        """Details -> Sync Policy -> Disable Auto-Sync."""
        return self._switch(app, on=False)

    def click(self, args: str) -> Output:
        """One click in words: ``sync web``, ``sync web --prune``, ``refresh web --hard``, ``rollback web 0``,
        ``enable-auto-sync web``, ``disable-auto-sync web``. Raises BadInput for anything else."""
        try:
            words = shlex.split(args)
        except ValueError:
            raise BadInput(f"a quote in {args!r} is not closed", mend="write one of: " + "; ".join(_BUTTONS.values())) from None
        flags = {word for word in words if word.startswith("--")}
        plain = [word for word in words if word not in flags]
        button, rest = (plain[0], plain[1:]) if plain else ("", [])
        allowed = {"sync": {"--prune"}, "rollback": {"--prune"}, "refresh": {"--hard"}}.get(button, set())
        most = 2 if button == "rollback" else 1
        if button not in _BUTTONS or not 1 <= len(rest) <= most or flags - allowed or (len(rest) > 1 and not rest[1].isdigit()):
            raise BadInput(f"the dashboard has no button for {args!r}", mend="write one of: " + "; ".join(_BUTTONS.values()))
        app, id = rest[0], int(rest[1]) if len(rest) > 1 else None
        try:
            if button == "rollback":
                found = self.rollback(app, id, prune="--prune" in flags)
            elif button == "sync":
                found = self.sync(app, prune="--prune" in flags)
            elif button == "refresh":
                found = self.refresh(app, hard="--hard" in flags)
            else:
                found = self._switch(app, on=button == "enable-auto-sync")
        except RefusedError as error:
            return Output(stderr=f"{error.message}\n", exit=1)
        except ApiError as error:
            if error.code != 403:
                raise
            return Output(stderr=f"{error.message}\n", exit=1)
        except NotInHistoryError as error:
            return Output(stderr=f"{error}\n", exit=1)
        sync, health = (get_path(found, ("status", axis, "status"), "Unknown") for axis in ("sync", "health"))
        return Output(f"{app}: {sync}, {health}\n")

    def _switch(self, app: str, *, on: bool) -> Object:
        spec = self._requests.get(app)["spec"]
        text = f"switches auto-sync of {app} {'on' if on else 'off'} in the dashboard"
        return self._requests.set_spec(app, with_path(spec, _ENABLED, on), text)


_BUTTONS = {
    "sync": "sync APP [--prune]",
    "refresh": "refresh APP [--hard]",
    "rollback": "rollback APP [ID] [--prune]",
    "enable-auto-sync": "enable-auto-sync APP",
    "disable-auto-sync": "disable-auto-sync APP",
}
