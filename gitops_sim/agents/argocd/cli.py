"""The ``argocd`` command line: ``argocd app list|get|sync|history|rollback|set|diff|delete``.

What is not about Applications is in :mod:`gitops_sim.agents.argocd.cli_admin`.

Output, messages and exit codes are those of the real one (3.5), which logs errors as JSON and leaves with 20.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gitops_sim.agents.argocd import cli_text
from gitops_sim.agents.argocd.cli_admin import AdminCommands
from gitops_sim.agents.argocd.cli_parsing import GENERIC, FatalError, Parser, UsageError, encoded
from gitops_sim.agents.argocd.compare import Comparison, Resource
from gitops_sim.agents.argocd.diff import predicted
from gitops_sim.agents.argocd.requests import NotInHistoryError, RefusedError, Requests
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, get_path, with_path, without_path
from gitops_sim.output import Output
from gitops_sim.yaml_out import dump_yaml

if TYPE_CHECKING:
    from gitops_sim.agents.argocd.controller import ArgoCD

Wait = Callable[[Callable[[], bool], float], bool]
_AUTOMATED, _MANUAL = ("automated", "automatic", "auto"), ("manual", "none")


class CLI:
    """Commands of one person. ``wait(condition, timeout)`` lets time pass for those that wait for an operation to end;
    without it they return at once."""

    def __init__(self, agent: ArgoCD, user: str, wait: Wait | None = None) -> None:
        self._agent, self._wait = agent, wait
        self._requests = Requests(agent, user, "argocd CLI")
        self._admin = AdminCommands(agent, user)

    def run(self, args: str) -> Output:
        """``app sync web --prune``, with or without ``argocd`` in front."""
        try:
            words = shlex.split(args)
        except ValueError as error:
            return Output(stderr=f"Error: cannot read the command line: {str(error).lower()}\n", exit=1)
        words = words[1:] if words[:1] == ["argocd"] else words
        try:
            if words[:1] != ["app"]:
                return Output(self._admin.run(words))
            given = _parser().parse_args(words)
            return Output(getattr(self, f"_{given.command}")(given))
        except UsageError as error:
            return Output(stderr=f"Error: {error}\n", exit=1)
        except RefusedError as error:
            return Output(stderr=self._log(str(error)), exit=GENERIC)
        except ApiError as error:
            if error.code != 403:
                raise
            return Output(stderr=self._log(str(RefusedError("PermissionDenied", error.message))), exit=GENERIC)
        except NotInHistoryError as error:
            return Output(stderr=self._log(str(error)), exit=GENERIC)
        except FatalError as error:
            return Output(error.printed, self._log(str(error), error.level) if str(error) else "", error.code)

    # ------------------------------------------------------------------ commands

    def _list(self, given: argparse.Namespace) -> str:
        found = self._requests.all()
        if given.output == "name":
            return "".join(f"{cli_text.qualified(obj)}\n" for obj in found)
        if given.output in ("json", "yaml"):
            return encoded(found, given.output)
        return cli_text.applications([(obj, self._agent.application(obj)) for obj in found], wide=given.output == "wide")

    def _get(self, given: argparse.Namespace) -> str:
        obj = self._requests.get(given.app)
        if given.refresh or given.hard_refresh:
            obj = self._requests.refresh(given.app, hard=given.hard_refresh)
        if given.output in ("json", "yaml"):
            return encoded(obj, given.output)
        text = self._summary(obj) + cli_text.conditions(obj)
        if given.show_operation and get_path(obj, ("status", "operationState")):
            text += "\n" + cli_text.operation(obj)
        table = cli_text.resources(self._states(obj))
        return text + (f"\n{table}" if table else "")

    def _sync(self, given: argparse.Namespace) -> str:
        obj = self._requests.get(given.app)
        before = self._states(obj)
        chosen = [key for wanted in given.resource for key in self._chosen(obj, wanted)]
        if given.resource and not chosen:
            raise FatalError(f"No matching app resources found for resource filter: {', '.join(given.resource)}")
        options = [
            option
            for wanted, option in ((given.replace, "Replace=true"), (given.apply_out_of_sync_only, "ApplyOutOfSyncOnly=true"))
            if wanted
        ]
        after = self._requests.sync(
            given.app,
            revision=given.revision,
            prune=given.prune,
            dry_run=given.dry_run,
            resources=chosen,
            options=options or None,
            strategy=given.strategy,
        )
        if given.asynchronous:
            return ""
        text, after = self._waited(given.app, before, after)
        state = get_path(after, ("status", "operationState")) or {}
        if given.dry_run:
            return text
        if state.get("phase") != "Succeeded":
            raise FatalError(f"Operation has completed with phase: {state.get('phase')}", printed=text)
        left = sum(1 for r in get_path(state, ("syncResult", "resources")) or () if r["status"] == "PruneSkipped")
        if left and not chosen and get_path(after, ("status", "sync", "status")) != "Synced":
            raise FatalError(f"{left} resources require pruning", printed=text)
        return text

    def _history(self, given: argparse.Namespace) -> str:
        entries = get_path(self._requests.get(given.app), ("status", "history")) or []
        return "".join(f"{entry['id']}\n" for entry in entries) if given.output == "id" else cli_text.history(entries)

    def _rollback(self, given: argparse.Namespace) -> str:
        before = self._states(self._requests.get(given.app))
        after = self._requests.rollback(given.app, given.id, prune=given.prune)
        return self._waited(given.app, before, after)[0]

    def _set(self, given: argparse.Namespace) -> str:
        obj = self._requests.get(given.app)
        spec, changed = _changed_spec(obj["spec"], given)
        if not changed:
            raise FatalError("Please set at least one option to update", level="error")
        self._requests.set_spec(given.app, spec, f"changes Application {given.app}: {', '.join(changed)}")
        return ""

    def _diff(self, given: argparse.Namespace) -> str:
        if given.refresh or given.hard_refresh:
            self._requests.refresh(given.app, hard=given.hard_refresh)
        comparison = self._comparison(self._requests.get(given.app))
        found = [] if comparison is None else [r for r in comparison.out_of_sync if r.key.kind != "Secret"]
        text = "".join(
            f"\n===== {r.key.group}/{r.key.kind} {r.key.namespace}/{r.key.name} ======\n{cli_text.classic_diff(*_sides(r))}"
            for r in found
        )
        if found:
            raise FatalError("", printed=text)
        return text

    def _delete(self, given: argparse.Namespace) -> str:
        for name in given.apps:
            self._requests.delete(name, cascade=given.cascade, background=given.propagation_policy == "background")
        return "".join(f"application '{name}' deleted\n" for name in given.apps)

    # ------------------------------------------------------------------ inside

    def _waited(self, name: str, before: cli_text.States, after: Object) -> tuple[str, Object]:
        """The output of a command that waits for an operation, and the Application at its end."""
        if after.get("operation") and self._wait is not None:
            self._wait(lambda: not self._requests.get(name).get("operation"), float("inf"))
            after = self._requests.get(name)
        states = self._states(after)
        text = cli_text.stream(before, states, self._agent.clock.timestamp())
        text += "\n" + self._summary(after) + "\n" + cli_text.operation(after)
        table = cli_text.resources(states)
        return text + (f"\n{table}" if table else ""), after

    def _summary(self, obj: Object) -> str:
        app = self._agent.application(obj)
        return cli_text.summary(obj, app, self._agent.windows(app), self._agent.clock.now)

    def _comparison(self, obj: Object) -> Comparison | None:
        return self._agent.comparison(f"{obj['metadata']['namespace']}/{obj['metadata']['name']}")

    def _states(self, obj: Object) -> cli_text.States:
        return cli_text.resource_states(obj, self._comparison(obj))

    def _chosen(self, obj: Object, wanted: str) -> list[Key]:
        """The resources that ``GROUP:KIND:NAME`` means; a part may be ``*``, the name may have its namespace in front."""
        parts = wanted.split(":")
        if len(parts) != 3:
            raise FatalError(f"resource should have GROUP:KIND:NAME, but instead got: {wanted}", code=GENERIC)
        group, kind, name = parts
        namespace, _, name = name.rpartition("/")
        comparison = self._comparison(obj)
        return [
            r.key
            for r in (comparison.resources if comparison else ())
            if group in ("*", r.key.group)
            and kind in ("*", r.key.kind)
            and name in ("*", r.key.name)
            and namespace in ("", r.key.namespace)
        ]

    def _log(self, message: str, level: str = "fatal") -> str:
        entry = {"level": level, "msg": message, "time": self._agent.clock.timestamp()}
        return json.dumps(entry, separators=(",", ":"), ensure_ascii=False) + "\n"


def _changed_spec(spec: Any, given: argparse.Namespace) -> tuple[Any, list[str]]:
    """The spec after ``app set``, and what was changed, in words."""
    changed: list[str] = []
    for flag, path in (("revision", ("source", "targetRevision")), ("path", ("source", "path")), ("repo", ("source", "repoURL"))):
        value = getattr(given, flag)
        if value is not None:
            spec = with_path(spec, path, value)
            changed.append(f"{flag} {value}")
    if given.sync_policy in _MANUAL:
        spec = without_path(spec, ("syncPolicy", "automated"), prune_empty=True)
    elif given.sync_policy in _AUTOMATED:
        spec = with_path(spec, ("syncPolicy", "automated"), {})
    elif given.sync_policy is not None:
        raise FatalError(f"Invalid sync-policy: {given.sync_policy}")
    if given.sync_policy is not None:
        changed.append(f"sync policy {given.sync_policy}")
    for flag, field in (("auto_prune", "prune"), ("self_heal", "selfHeal"), ("allow_empty", "allowEmpty")):
        value = getattr(given, flag)
        if value is None:
            continue
        if get_path(spec, ("syncPolicy", "automated")) is None:
            spec = with_path(spec, ("syncPolicy", "automated"), {"enabled": False})  # set, but of no effect until auto-sync is on
        spec = with_path(spec, ("syncPolicy", "automated", field), value)
        changed.append(f"{field} {'on' if value else 'off'}")
    return spec, changed


def _sides(resource: Resource) -> tuple[str, str]:
    """Live and desired as YAML, as they are compared."""
    live, target = resource.live, resource.target
    desired: Any = None
    if target is not None:
        desired = target.object if live is None else predicted(target, live)
    return tuple("" if obj is None else dump_yaml(_bare(obj), sort_keys=True) for obj in (live, desired))  # type: ignore[return-value]


def _bare(obj: Any) -> Any:
    for path in (("status",), ("metadata", "managedFields"), ("metadata", "annotations", LAST_APPLIED)):
        obj = without_path(obj, path)
    return obj


def _switch(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f'invalid argument "{text}": parsing "{text}": invalid syntax')
    return text == "true"


@cache
def _parser() -> Parser:
    parser = Parser(prog="argocd", add_help=False, allow_abbrev=False)
    rooms = parser.add_subparsers(dest="room", required=True, parser_class=Parser)
    commands = rooms.add_parser("app", add_help=False).add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, *, outputs: Sequence[str] = (), app: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, add_help=False, allow_abbrev=False)
        if app:
            made.add_argument("app")
        if outputs:
            made.add_argument("-o", "--output", choices=outputs, default=outputs[0])
        return made

    def flag(made: argparse.ArgumentParser, *names: str, default: bool | None = False) -> None:
        made.add_argument(*names, nargs="?", const=True, default=default, type=_switch)

    command("list", outputs=("wide", "name", "json", "yaml"), app=False)
    get = command("get", outputs=("wide", "json", "yaml"))
    for name in ("--refresh", "--hard-refresh", "--show-operation"):
        flag(get, name)
    sync = command("sync")
    for name in ("--prune", "--dry-run", "--replace", "--apply-out-of-sync-only"):
        flag(sync, name)
    sync.add_argument("--async", dest="asynchronous", action="store_true")
    sync.add_argument("--revision", default="")
    sync.add_argument("--resource", action="append", default=[])
    sync.add_argument("--strategy", choices=("hook", "apply"), default="hook")
    command("history", outputs=("wide", "id"))
    rollback = command("rollback")
    rollback.add_argument("id", nargs="?", type=int)
    flag(rollback, "--prune")
    changed = command("set")
    for name in ("--sync-policy", "--revision", "--path", "--repo"):
        changed.add_argument(name)
    for name in ("--auto-prune", "--self-heal", "--allow-empty"):
        flag(changed, name, default=None)
    diff = command("diff")
    for name in ("--refresh", "--hard-refresh"):
        flag(diff, name)
    delete = command("delete", app=False)
    delete.add_argument("apps", nargs="+")
    flag(delete, "--cascade", default=True)
    flag(delete, "-y", "--yes")
    delete.add_argument("-p", "--propagation-policy", choices=("foreground", "background"), default="foreground")
    return parser
