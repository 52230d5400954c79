"""What a click in Argo CD's web page does."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from functools import cache
from typing import NoReturn

from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.requests import NotInHistoryError, RefusedError, Requests
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.objects import Key, Object, get_path, with_path
from gitops_sim.output import Output

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

    def sync(
        self,
        app: str,
        *,
        revision: str = "",
        prune: bool = False,
        dry_run: bool = False,
        apply_only: bool = False,
        force: bool = False,
        resources: Sequence[str] = (),
        options: Sequence[str] | None = None,
    ) -> Object:
        """Sync -> Synchronize, with what is ticked in its panel.

        ``resources`` are ``GROUP:KIND:NAMESPACE/NAME``; none of them means all. ``options`` (``Replace=true``) take the place of
        those of the Application; None leaves it its own. ``apply_only`` runs no hooks.
        """
        return self._requests.sync(
            app,
            revision=revision,
            prune=prune,
            dry_run=dry_run,
            strategy="apply" if apply_only else "hook",
            force=force,
            resources=[_key(text) for text in resources],
            options=options,
        )

    def refresh(self, app: str, *, hard: bool = False) -> Object:
        """Refresh, or Hard Refresh from its menu."""
        return self._requests.refresh(app, hard=hard)

    def enable_auto_sync(self, app: str) -> Object:
        """Details -> Sync Policy -> Enable Auto-Sync: prune and selfHeal are again what they were."""
        return self._switch(app, on=True)

    def disable_auto_sync(self, app: str) -> Object:
        """Details -> Sync Policy -> Disable Auto-Sync."""
        return self._switch(app, on=False)

    def delete(self, app: str, *, cascade: str = "foreground") -> None:
        """Delete, with the propagation policy that its question asks for: ``foreground``, ``background``, or ``none``, which
        leaves alone what the Application manages."""
        self._requests.delete(app, cascade=cascade != "none", background=cascade == "background")

    def delete_resource(self, app: str, resource: str, *, orphan: bool = False, force: bool = False) -> Object:
        """Delete in the menu of one object of the tree (``apps:Deployment:default/web``)."""
        return self._requests.delete_resource(app, _key(resource), orphan=orphan, force=force)

    def terminate(self, app: str) -> Object:
        """Sync Status -> Terminate, while an operation is running."""
        self._requests.terminate(app)
        return self._requests.get(app)

    def confirm(self, app: str) -> Object:
        """Confirm Pruning, or Confirm Deletion: what asks for it may go now."""
        return self._requests.confirm(app)

    def click(self, args: str) -> Output:
        """One click in words: ``sync web --prune``, ``refresh web --hard``, ``rollback web 0``, ``delete web --cascade none``,
        ``enable-auto-sync web``. Raises BadInput for anything else."""
        given = _read(args)
        try:
            found = self._press(given)
        except RefusedError as error:
            return Output(stderr=f"{error.message}\n", exit=1)
        except ApiError as error:
            if error.code != 403:
                raise
            return Output(stderr=f"{error.message}\n", exit=1)
        except NotInHistoryError as error:
            return Output(stderr=f"{error}\n", exit=1)
        if found is None:
            return Output(f"{given.app}: deleted\n")
        sync, health = (get_path(found, ("status", axis, "status"), "Unknown") for axis in ("sync", "health"))
        return Output(f"{given.app}: {sync}, {health}\n")

    def _press(self, given: argparse.Namespace) -> Object | None:
        """The Application afterwards; None when it is deleted."""
        app = given.app
        match given.button:
            case "sync":
                options = None if given.options is None else [word for word in given.options.split(",") if word]
                return self.sync(
                    app,
                    revision=given.revision,
                    prune=given.prune,
                    dry_run=given.dry_run,
                    apply_only=given.apply_only,
                    force=given.force,
                    resources=given.resource,
                    options=options,
                )
            case "rollback":
                return self.rollback(app, given.id, prune=given.prune)
            case "refresh":
                return self.refresh(app, hard=given.hard)
            case "delete-resource":
                return self.delete_resource(app, given.resource, orphan=given.orphan, force=given.force)
            case "terminate":
                return self.terminate(app)
            case "confirm":
                return self.confirm(app)
            case "delete":
                self.delete(app, cascade=given.cascade)
                return None
        return self._switch(app, on=given.button == "enable-auto-sync")

    def _switch(self, app: str, *, on: bool) -> Object:
        spec = self._requests.get(app)["spec"]
        text = f"switches auto-sync of {app} {'on' if on else 'off'} in the dashboard"
        return self._requests.set_spec(app, with_path(spec, _ENABLED, on), text, validate=False)


_BUTTONS = {
    "sync": "sync APP [--prune] [--dry-run] [--apply-only] [--force] [--revision R] [--resource GROUP:KIND:NAMESPACE/NAME] "
    "[--options KEY=VALUE,...]",
    "refresh": "refresh APP [--hard]",
    "rollback": "rollback APP [ID] [--prune]",
    "terminate": "terminate APP",
    "confirm": "confirm APP",
    "delete": "delete APP [--cascade foreground|background|none]",
    "delete-resource": "delete-resource APP GROUP:KIND:NAMESPACE/NAME [--orphan | --force]",
    "enable-auto-sync": "enable-auto-sync APP",
    "disable-auto-sync": "disable-auto-sync APP",
}


class _NoSuchButtonError(Exception):
    """Words that are on no button."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _NoSuchButtonError(message)


def _read(args: str) -> argparse.Namespace:
    mend = "write one of: " + "; ".join(_BUTTONS.values())
    try:
        return _parser().parse_args(shlex.split(args))
    except _NoSuchButtonError:
        raise BadInput(f"the dashboard has no button for {args!r}", mend=mend) from None
    except ValueError:
        raise BadInput(f"a quote in {args!r} is not closed", mend=mend) from None


@cache
def _parser() -> _Parser:
    parser = _Parser(prog="dashboard", add_help=False)
    buttons = parser.add_subparsers(dest="button", required=True, parser_class=_Parser)
    made = {}
    for name in _BUTTONS:
        made[name] = buttons.add_parser(name, add_help=False, allow_abbrev=False)
        made[name].add_argument("app")
    for flag in ("--prune", "--dry-run", "--apply-only", "--force"):
        made["sync"].add_argument(flag, action="store_true")
    made["sync"].add_argument("--revision", default="")
    made["sync"].add_argument("--resource", action="append", default=[])
    made["sync"].add_argument("--options")
    made["refresh"].add_argument("--hard", action="store_true")
    made["rollback"].add_argument("id", nargs="?", type=_id)
    made["rollback"].add_argument("--prune", action="store_true")
    made["delete-resource"].add_argument("resource")
    made["delete-resource"].add_argument("--orphan", action="store_true")
    made["delete-resource"].add_argument("--force", action="store_true")
    made["delete"].add_argument("--cascade", choices=("foreground", "background", "none"), default="foreground")
    return parser


def _id(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise _NoSuchButtonError(text)
    return int(text)


def _key(text: str) -> Key:
    """Raises BadInput for a text that names no resource."""
    group, _, rest = text.partition(":")
    kind, _, name = rest.partition(":")
    namespace, _, name = name.rpartition("/")
    if not kind or not name:
        raise BadInput(f"{text!r} names no resource", mend="write GROUP:KIND:NAMESPACE/NAME, such as apps:Deployment:default/web")
    return Key(group, kind, namespace, name)
