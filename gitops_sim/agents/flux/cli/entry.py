"""The ``flux`` command line: ``flux get|reconcile|suspend|resume|tree|diff|events|logs``.

Output, messages and exit codes are those of the real one (2.9): what it does goes to standard error behind ``►``, ``◎``, ``✔``
and ``✗``, tables go to standard output. Like the real one it waits for a failing reconciliation until its time is up, for what is
tried again counts as on its way.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NoReturn

from gitops_sim.agents.flux import inventory
from gitops_sim.agents.flux.build import BuildError
from gitops_sim.agents.flux.cli import diff, events
from gitops_sim.agents.flux.cli.kinds import HELM_RELEASE, KUSTOMIZATION, SOURCES, THINGS, Thing, of_kind, thing
from gitops_sim.agents.flux.cli.text import Node, table
from gitops_sim.agents.flux.flux import Flux
from gitops_sim.agents.flux.helm.helmrelease import read_helm_release
from gitops_sim.agents.flux.kstatus import kstatus
from gitops_sim.agents.flux.kustomization import read_kustomization
from gitops_sim.agents.flux.preview import Previewed, preview
from gitops_sim.agents.flux.toolkit import NAMESPACE, REQUESTED
from gitops_sim.clock import EPOCH, parse_duration
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.objects import Key, Object, get_path, key_of
from gitops_sim.output import Output
from gitops_sim.yaml_out import dump_yaml

Wait = Callable[[Callable[[], bool], float], bool]


_REQUESTS = ("force", "reset")
_WITH_SOURCE = (KUSTOMIZATION, HELM_RELEASE)
"""Those that are told with their source, and that have an inventory."""


class _FailedError(Exception):
    """The end of a command: its message behind ``✗``, or behind another ``sign``."""

    def __init__(self, message: str, *, code: int = 1, sign: str = "✗", printed: str = "") -> None:
        super().__init__(message)
        self.message, self.code, self.sign, self.printed = message, code, sign, printed


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _FailedError(message)


class CLI:
    """Commands of one person. ``wait(condition, timeout)`` lets time pass for those that wait for a reconciliation; without it
    they look once. ``files`` are those of the working folder."""

    def __init__(self, agent: Flux, user: str, wait: Wait | None = None, files: Mapping[str, str] | None = None) -> None:
        self._agent, self._wait, self._files = agent, wait, files or {}
        self._cluster = agent.cluster.as_user(user)
        self._said: list[str] = []

    def run(self, args: str) -> Output:
        """``get ks``, with or without ``flux`` in front."""
        try:
            words = shlex.split(args)
        except ValueError as error:
            return Output(stderr=f"✗ cannot read the command line: {str(error).lower()}\n", exit=1)
        words = words[1:] if words[:1] == ["flux"] else words
        try:
            command = next((word for word in words if word in _parsers()), "")
            if not command:
                known = ", ".join(_parsers())
                raise _FailedError(f'unknown command "{" ".join(words[:1])}" for "flux": this one has {known}')
            words.remove(command)
            given = _parsers()[command].parse_intermixed_args(words)
            return Output(getattr(self, f"_{command}")(given), "".join(self._said))
        except _FailedError as error:
            said = f"{error.sign} {error.message}\n" if error.message else ""
            return Output(error.printed, "".join(self._said) + said, error.code)
        except (ApiError, BadInput) as error:
            text = error.message if isinstance(error, ApiError) else error.what
            return Output(stderr="".join(self._said) + f"✗ {text}\n", exit=1)

    # ------------------------------------------------------------------ commands

    def _get(self, given: argparse.Namespace) -> str:
        words = " ".join(given.what)
        for all_, things in (("all", THINGS), ("sources all", SOURCES), ("source all", SOURCES)):
            if words == all_:
                found = [self._rows(known, given, "", all_=True) for known in things]
                return "".join(f"{text}\n" for text in found if text)
        known, name = _named(given.what)
        return self._rows(known, given, name)

    def _rows(self, known: Thing, given: argparse.Namespace, name: str, *, all_: bool = False) -> str:
        found = self._cluster.list(known.resource, "" if given.all_namespaces else given.namespace, labels=given.label_selector)
        found = [obj for obj in found if name in ("", obj["metadata"]["name"])]
        place = "any" if given.all_namespaces else f'"{given.namespace}"'
        if not found:
            if all_:
                return ""
            what = f"{known.kind} object '{name}' not found" if name else f"no {known.kind} objects found"
            raise _FailedError(f"{what} in {place} namespace")
        headers = [*(["Namespace"] if given.all_namespaces else []), "Name"]
        if given.show_source and known in _WITH_SOURCE:
            headers.append("Source")
        rows = [self._row(known, obj, given, all_) for obj in found if _selected(known, obj, given.status_selector)]
        return table([] if given.no_header else [*headers, *known.columns], rows)

    def _row(self, known: Thing, obj: Object, given: argparse.Namespace, all_: bool) -> list[str]:
        meta = obj["metadata"]
        row = [meta["namespace"]] if given.all_namespaces else []
        row.append(f"{known.kind.lower()}/{meta['name']}" if all_ else meta["name"])
        if given.show_source and known in _WITH_SOURCE:
            row.append(_source_of(obj))
        return [*row, *known.row(obj)]

    def _reconcile(self, given: argparse.Namespace) -> str:
        known, name = _named(given.what)
        if not name:
            raise _FailedError(f"{known.kind} name is required")
        obj = self._cluster.get(known.resource, name, given.namespace)
        if known.is_static(obj):
            self._say("✔", "reconciliation not supported by the object")
            return ""
        if get_path(obj, ("spec", "suspend")) is True:
            raise _FailedError("resource is suspended")
        if given.with_source and known.source is not None:
            self._reconcile_source(known.source(obj), given)
        self._request(known, name, given.namespace, given, *_REQUESTS if known is HELM_RELEASE else ())
        return ""

    def _reconcile_source(self, key: Key, given: argparse.Namespace) -> None:
        """A source, after the one that it is taken from itself."""
        known = of_kind(key.kind)
        if known not in SOURCES or known is None:
            raise _FailedError(f"cannot reconcile source of kind {key.kind}")
        found = self._cluster.get(known.resource, key.name, key.namespace)
        if known.is_static(found):
            self._say("✔", "reconciliation not supported by the object")
            return
        if get_path(found, ("spec", "suspend")) is True:
            raise _FailedError("resource is suspended")
        if known.source is not None:
            self._reconcile_source(known.source(found), given)
        self._request(known, key.name, key.namespace, given)

    def _request(self, known: Thing, name: str, namespace: str, given: argparse.Namespace, *more: str) -> None:
        """Asks for a reconciliation and waits for its end. ``more`` are the switches that ask for more than that."""
        before = get_path(self._cluster.get(known.resource, name, namespace), ("status", "lastHandledReconcileAt"), "")
        self._say("►", f"annotating {known.kind} {name} in {namespace} namespace")
        moment = self._moment(before)
        asked = {f"reconcile.fluxcd.io/{switch}At": moment for switch in more if getattr(given, switch)}
        note = {"metadata": {"annotations": {REQUESTED: moment, **asked}}}
        self._cluster.patch(known.resource, name, namespace, note, type="merge", manager="flux")
        self._say("✔", f"{known.kind} annotated")
        self._say("◎", f"waiting for {known.kind} reconciliation")
        self._until(lambda: self._handled(known, name, namespace, before), given.timeout)
        obj = self._cluster.get(known.resource, name, namespace)
        self._say("✔", known.done(obj))

    def _handled(self, known: Thing, name: str, namespace: str, before: str) -> bool:
        obj = self._cluster.get(known.resource, name, namespace)
        if get_path(obj, ("status", "lastHandledReconcileAt"), "") == before:
            return False
        return _settled(obj)

    def _suspend(self, given: argparse.Namespace) -> str:
        for known, name in self._meant(given):
            if self._cluster.find(known.resource, name, given.namespace) is None:
                self._say("✗", f"{known.kind} {name} not found in {given.namespace} namespace")
                continue
            self._say("►", f"suspending {known.human} {name} in {given.namespace} namespace")
            self._switch(known, name, given.namespace, True)
            self._say("✔", f"{known.human} suspended")
        return ""

    def _resume(self, given: argparse.Namespace) -> str:
        resumed = []
        meant = self._meant(given)
        for known, name in meant:
            if self._cluster.find(known.resource, name, given.namespace) is None:
                self._say("✗", f"{known.kind} object '{name}' not found in {given.namespace} namespace")
                continue
            self._say("►", f"resuming {known.human} {name} in {given.namespace} namespace")
            self._switch(known, name, given.namespace, None)
            self._say("✔", f"{known.human} resumed")
            resumed.append((known, name))
        if not (given.wait or (len(meant) == 1 and not given.all)):
            return ""
        failed = sum(not self._awaited(known, name, given) for known, name in resumed)
        if failed:
            raise _FailedError(f"reconciliation failed for {failed} {meant[0][0].kind}(s)")
        return ""

    def _awaited(self, known: Thing, name: str, given: argparse.Namespace) -> bool:
        self._say("◎", f"waiting for {known.kind} reconciliation")
        try:
            self._until(
                lambda: self._is_static(known, name, given) or self._is_ready(known, name, given.namespace), given.timeout
            )
        except _FailedError as error:
            self._say("✗", f"{known.kind} {name} reconciliation failed: {error.message}")
            return False
        self._say("✔", f"{known.kind} {name} reconciliation completed")
        self._say("✔", known.done(self._cluster.get(known.resource, name, given.namespace)))
        return True

    def _is_static(self, known: Thing, name: str, given: argparse.Namespace) -> bool:
        return known.is_static(self._cluster.get(known.resource, name, given.namespace))

    def _is_ready(self, known: Thing, name: str, namespace: str) -> bool:
        obj = self._cluster.get(known.resource, name, namespace)
        observed = get_path(obj, ("status", "observedGeneration"), -1)
        return observed >= obj["metadata"]["generation"] and _settled(obj)

    def _tree(self, given: argparse.Namespace) -> str:
        known, name = _named(given.what)
        if known is not KUSTOMIZATION:
            raise _FailedError(f'unknown command "{given.what[0]}" for "flux tree"')
        if not name:
            raise _FailedError("kustomization name is required")
        obj = self._cluster.get(known.resource, name, given.namespace)
        root = Node(key_of(obj))
        self._grow(root, obj, given.compact)
        if given.output == "json":
            return json.dumps(root.as_json(), indent=2) + "\n"
        return dump_yaml(root.as_json(), sort_keys=True) + "\n" if given.output == "yaml" else root.printed()

    def _grow(self, node: Node, obj: Object, compact: bool) -> None:
        for key in inventory.read(obj):
            if key == node.key or (compact and "toolkit.fluxcd.io" not in key.group):
                continue
            inner = Node(key)
            node.inner.append(inner)
            grows = next((known for known in _WITH_SOURCE if (key.group, key.kind) == _identity(known)), None)
            if grows is not None:
                self._grow(inner, self._cluster.get(grows.resource, key.name, key.namespace), compact)

    def _diff(self, given: argparse.Namespace) -> str:
        known, name = _named(given.what)
        if known is not KUSTOMIZATION or not name:
            raise _FailedError("kustomization name is required")
        obj = self._cluster.get(known.resource, name, given.namespace)
        try:
            found = preview(self._agent.kustomizations, self._cluster, obj, given.path, self._files)
        except BadInput:
            raise _FailedError(f'invalid resource path "{given.path}"', code=2) from None
        except BuildError as error:
            raise _FailedError(error.message, code=2) from None
        out = ""
        for change in found.changes:
            out += f"► {change.key} {change.what}\n"
            if change.what == "drifted":
                out += diff.body(*_sides(change))
        if found.errors:
            raise _FailedError(", ".join(found.errors), code=2, printed=out)
        if any(change.what != "skipped" for change in found.changes):
            text = "identified at least one change, exiting with non-zero exit code"
            raise _FailedError(text, sign="⚠️", printed=out)
        return out

    def _events(self, given: argparse.Namespace) -> str:
        found = events.rows(self._cluster, given, self._agent.clock)
        if not found:
            self._say("✗", "No events found." if given.all_namespaces else f"No events found in {given.namespace} namespace.")
            return ""
        headers = ["Last seen", "Type", "Reason", "Object", "Message"]
        return table(["Namespace", *headers] if given.all_namespaces else headers, found)

    def _logs(self, given: argparse.Namespace) -> str:
        return events.logs(self._agent.log, given, self._agent.clock)

    # ------------------------------------------------------------------ inside

    def _say(self, sign: str, text: str) -> None:
        self._said.append(f"{sign} {text}\n")

    def _meant(self, given: argparse.Namespace) -> list[tuple[Thing, str]]:
        known, names = _names(given.what)
        if names:
            return [(known, name) for name in dict.fromkeys(names)]
        if not given.all:
            raise _FailedError(f"{known.human} name is required")
        return [(known, obj["metadata"]["name"]) for obj in self._cluster.list(known.resource, given.namespace)]

    def _switch(self, known: Thing, name: str, namespace: str, suspend: bool | None) -> None:
        self._cluster.patch(known.resource, name, namespace, {"spec": {"suspend": suspend}}, type="merge", manager="flux")

    def _until(self, condition: Callable[[], bool], timeout: str) -> None:
        done = self._wait(condition, parse_duration(timeout)) if self._wait is not None else condition()
        if not done:
            raise _FailedError("context deadline exceeded")

    def _moment(self, before: str) -> str:
        """Now, as a request says it: never what the last one said."""
        moment = EPOCH + timedelta(seconds=self._agent.clock.now)
        while True:
            text = moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".") + "Z"
            if text != before:
                return text
            moment += timedelta(microseconds=1)


def _sides(change: Previewed) -> tuple[Any, Any]:
    return diff.masked(change.live, change.merged) if change.key.kind == "Secret" else (change.live, change.merged)


def _settled(obj: Object) -> bool:
    """Raises when the object is stalled: nothing more will happen."""
    status, message = kstatus(obj)
    if status not in ("Current", "InProgress"):
        raise _FailedError(message)
    return status == "Current"


def _identity(known: Thing) -> tuple[str, str]:
    return known.resource.partition(".")[2], known.kind


def _source_of(obj: Object) -> str:
    """Of a HelmRelease that which its chart is taken from."""
    chart = get_path(obj, ("spec", "chart", "spec", "sourceRef"))
    if chart is not None:
        return f"{chart['kind']}/{chart.get('namespace') or obj['metadata']['namespace']}/{chart['name']}"
    source = read_helm_release(obj).chart_source if obj["kind"] == "HelmRelease" else read_kustomization(obj).source
    return f"{source.kind}/{source.namespace}/{source.name}"


def _names(words: Sequence[str]) -> tuple[Thing, list[str]]:
    """What a command is about, and the names behind it: ``ks web``, ``source git web``."""
    for length in (2, 1):
        known = thing(" ".join(words[:length]))
        if known is not None:
            return known, list(words[length:])
    raise _FailedError(f'unknown command "{" ".join(words[:1])}" for "flux"')


def _named(words: Sequence[str]) -> tuple[Thing, str]:
    known, names = _names(words)
    return known, names[0] if names else ""


def _selected(known: Thing, obj: Object, selector: str) -> bool:
    """``ready=false`` or ``ready!=true``."""
    if not selector:
        return True
    sign = "!=" if "!=" in selector else "="
    type_, found, wanted = selector.partition(sign)
    if not found:
        what = "expected status selector in type=status or type!=status format, but found"
        raise _FailedError(f"{what}: {selector}")
    held = get_path(obj, ("status", "conditions")) or []
    if known.is_static(obj):
        held = [{"type": "Ready", "status": "True"}]
    state = next((str(c["status"]) for c in held if c["type"].lower() == type_.lower()), "")
    return (state.lower() == wanted.lower()) == (sign == "=")


@cache
def _parsers() -> dict[str, _Parser]:
    """By command. Flags may stand anywhere."""
    made: dict[str, _Parser] = {}

    def command(name: str, *switches: str, about: bool = True) -> _Parser:
        made[name] = parser = _Parser(prog=f"flux {name}", add_help=False, allow_abbrev=False)
        if about:
            parser.add_argument("what", nargs="*")
        parser.add_argument("-n", "--namespace", default=NAMESPACE)
        parser.add_argument("--timeout", default="5m")
        for switch in switches:
            parser.add_argument(*switch.split(), action="store_true")
        return parser

    get = command("get", "-A --all-namespaces", "--no-header", "--show-source")
    get.add_argument("--status-selector", default="")
    get.add_argument("-l", "--label-selector", default="")
    command("reconcile", "--with-source", "--force", "--reset")
    command("suspend", "--all")
    command("resume", "--all", "--wait")
    command("tree", "--compact").add_argument("-o", "--output", choices=("json", "yaml"), default="")
    compared = command("diff")
    compared.add_argument("--path", default="")
    compared.add_argument("--progress-bar", default="true")
    told = command("events", "-A --all-namespaces", about=False)
    told.add_argument("--for", dest="about", default="")
    told.add_argument("--types", default="")
    logs = command("logs", "-A --all-namespaces", about=False)
    for name in ("--kind", "--name", "--level", "--since"):
        logs.add_argument(name, default="")
    logs.add_argument("--tail", type=int, default=-1)
    return made
