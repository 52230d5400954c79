"""The ``flux`` command line: ``flux get|reconcile|suspend|resume|tree|diff|events|logs``.

Output, messages and exit codes are those of the real one (2.9): what it does goes to standard error behind ``►``, ``◎``, ``✔``
and ``✗``, tables go to standard output. Like the real one it waits for a failing reconciliation until its time is up, for what is
tried again counts as on its way.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from gitops_sim.agents.flux import inventory
from gitops_sim.agents.flux.build import BuildError
from gitops_sim.agents.flux.cli import diff, events
from gitops_sim.agents.flux.cli.kinds import HELM_RELEASE, IMAGES, KUSTOMIZATION, SOURCES, THINGS, Thing, of_kind
from gitops_sim.agents.flux.cli.parsing import FailedError, command_of, named, names_of
from gitops_sim.agents.flux.cli.text import Node, table
from gitops_sim.agents.flux.flux import Flux
from gitops_sim.agents.flux.helm.helmrelease import read_helm_release
from gitops_sim.agents.flux.kstatus import kstatus
from gitops_sim.agents.flux.kustomization import read_kustomization
from gitops_sim.agents.flux.preview import Previewed, preview
from gitops_sim.agents.flux.toolkit import REQUESTED
from gitops_sim.clock import EPOCH, parse_duration
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.nearest import nearest
from gitops_sim.objects import Key, Object, get_path, key_of
from gitops_sim.output import Output
from gitops_sim.yaml_out import dump_yaml

Wait = Callable[[Callable[[], bool], float], bool]


_ALL = {"all": THINGS, "sources all": SOURCES, "source all": SOURCES, "images all": IMAGES, "image all": IMAGES}
_REQUESTS = ("force", "reset")
_WITH_SOURCE = (KUSTOMIZATION, HELM_RELEASE)
"""Those that are told with their source, and that have an inventory."""


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
            return Output(stderr=f"✗ cannot read the command line: {str(error).lower()}\n", exit=1, mend="close the quotes")
        words = words[1:] if words[:1] == ["flux"] else words
        try:
            command, given = command_of(words)
            return Output(getattr(self, f"_{command}")(given), "".join(self._said))
        except FailedError as error:
            said = f"{error.sign} {error.message}\n" if error.message else ""
            return Output(error.printed, "".join(self._said) + said, error.code, error.mend)
        except (ApiError, BadInput) as error:
            text, mend = (error.message, "") if isinstance(error, ApiError) else (error.what, error.mend)
            return Output(stderr="".join(self._said) + f"✗ {text}\n", exit=1, mend=mend)

    # ------------------------------------------------------------------ commands

    def _get(self, given: argparse.Namespace) -> str:
        words = " ".join(given.what)
        for all_, things in _ALL.items():
            if words == all_:
                found = [self._rows(known, given, "", all_=True) for known in things]
                return "".join(f"{text}\n" for text in found if text)
        known, name = named(given.what)
        return self._rows(known, given, name)

    def _rows(self, known: Thing, given: argparse.Namespace, name: str, *, all_: bool = False) -> str:
        found = self._cluster.list(known.resource, "" if given.all_namespaces else given.namespace, labels=given.label_selector)
        found = [obj for obj in found if name in ("", obj["metadata"]["name"])]
        place = "any" if given.all_namespaces else f'"{given.namespace}"'
        if not found:
            if all_:
                return ""
            what = f"{known.kind} object '{name}' not found" if name else f"no {known.kind} objects found"
            raise FailedError(f"{what} in {place} namespace", mend=self._instead_of(known, name, given.namespace))
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
        known, name = named(given.what)
        if not name:
            raise FailedError(f"{known.kind} name is required", mend=self._instead_of(known, "", given.namespace))
        obj = self._obj(known, name, given.namespace)
        if known.is_static(obj):
            self._say("✔", "reconciliation not supported by the object")
            return ""
        if get_path(obj, ("spec", "suspend")) is True:
            raise FailedError("resource is suspended", mend=f"flux resume {known.words[0]} {name}")
        if given.with_source and known.source is not None:
            self._reconcile_source(known.source(obj), given)
        self._request(known, name, given.namespace, given, *_REQUESTS if known is HELM_RELEASE else ())
        return ""

    def _reconcile_source(self, key: Key, given: argparse.Namespace) -> None:
        """A source, after the one that it is taken from itself."""
        known = of_kind(key.kind)
        if known not in SOURCES or known is None:
            raise FailedError(f"cannot reconcile source of kind {key.kind}")
        found = self._obj(known, key.name, key.namespace)
        if known.is_static(found):
            self._say("✔", "reconciliation not supported by the object")
            return
        if get_path(found, ("spec", "suspend")) is True:
            raise FailedError("resource is suspended", mend=f"flux resume {known.words[0]} {key.name}")
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
        self._until(lambda: self._handled(known, name, namespace, before), given.timeout, known, name)
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
            mend = f"flux get {meant[0][0].words[0]} says why"
            raise FailedError(f"reconciliation failed for {failed} {meant[0][0].kind}(s)", mend=mend)
        return ""

    def _awaited(self, known: Thing, name: str, given: argparse.Namespace) -> bool:
        self._say("◎", f"waiting for {known.kind} reconciliation")
        try:
            self._until(
                lambda: self._is_static(known, name, given) or self._is_ready(known, name, given.namespace),
                given.timeout,
                known,
                name,
            )
        except FailedError as error:
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
        known, name = named(given.what)
        if known is not KUSTOMIZATION:
            raise FailedError(f'unknown command "{given.what[0]}" for "flux tree"')
        if not name:
            raise FailedError("kustomization name is required", mend=self._instead_of(KUSTOMIZATION, "", given.namespace))
        obj = self._obj(known, name, given.namespace)
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
        known, name = named(given.what)
        if known is not KUSTOMIZATION or not name:
            raise FailedError("kustomization name is required", mend=self._instead_of(KUSTOMIZATION, "", given.namespace))
        obj = self._obj(known, name, given.namespace)
        try:
            found = preview(self._agent.kustomizations, self._cluster, obj, given.path, self._files)
        except BadInput:
            raise FailedError(f'invalid resource path "{given.path}"', code=2) from None
        except BuildError as error:
            raise FailedError(error.message, code=2) from None
        out = ""
        for change in found.changes:
            out += f"► {change.key} {change.what}\n"
            if change.what == "drifted":
                out += diff.body(*_sides(change))
        if found.errors:
            raise FailedError(", ".join(found.errors), code=2, printed=out)
        if any(change.what != "skipped" for change in found.changes):
            text = "identified at least one change, exiting with non-zero exit code"
            raise FailedError(text, sign="⚠️", printed=out)
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

    def _obj(self, known: Thing, name: str, namespace: str) -> Object:
        """Raises FailedError where there is none of that name, and ApiError where it may not be seen."""
        try:
            return self._cluster.get(known.resource, name, namespace)
        except ApiError as error:
            if error.code != 404:
                raise
            raise FailedError(error.message, mend=self._instead_of(known, name, namespace)) from None

    def _instead_of(self, known: Thing, name: str, namespace: str) -> str:
        """The way out for a name that is not there, or missing."""
        found = self._cluster.list(known.resource)
        places = [obj["metadata"]["namespace"] for obj in found if obj["metadata"]["name"] == name]
        if places:
            return f"it is in another namespace: -n {places[0]}"
        names = [obj["metadata"]["name"] for obj in found if obj["metadata"]["namespace"] == namespace]
        if not names:
            return f"there is no {known.kind} in {namespace}" + (": -A lists those of all namespaces" if found else " yet")
        return nearest(name, names) if name else f"name one of {', '.join(names)}"

    def _say(self, sign: str, text: str) -> None:
        self._said.append(f"{sign} {text}\n")

    def _meant(self, given: argparse.Namespace) -> list[tuple[Thing, str]]:
        known, names = names_of(given.what)
        if names:
            return [(known, name) for name in dict.fromkeys(names)]
        if not given.all:
            raise FailedError(f"{known.human} name is required", mend=self._instead_of(known, "", given.namespace))
        return [(known, obj["metadata"]["name"]) for obj in self._cluster.list(known.resource, given.namespace)]

    def _switch(self, known: Thing, name: str, namespace: str, suspend: bool | None) -> None:
        self._cluster.patch(known.resource, name, namespace, {"spec": {"suspend": suspend}}, type="merge", manager="flux")

    def _until(self, condition: Callable[[], bool], timeout: str, known: Thing, name: str) -> None:
        done = self._wait(condition, parse_duration(timeout)) if self._wait is not None else condition()
        if not done:
            mend = f"look at what it waits for: flux get {known.words[0]} {name}, flux events --for {known.kind}/{name}"
            raise FailedError("context deadline exceeded", mend=mend)

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
        raise FailedError(message)
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


def _selected(known: Thing, obj: Object, selector: str) -> bool:
    """``ready=false`` or ``ready!=true``."""
    if not selector:
        return True
    sign = "!=" if "!=" in selector else "="
    type_, found, wanted = selector.partition(sign)
    if not found:
        what = "expected status selector in type=status or type!=status format, but found"
        raise FailedError(f"{what}: {selector}")
    held = get_path(obj, ("status", "conditions")) or []
    if known.is_static(obj):
        held = [{"type": "Ready", "status": "True"}]
    state = next((str(c["status"]) for c in held if c["type"].lower() == type_.lower()), "")
    return (state.lower() == wanted.lower()) == (sign == "=")
