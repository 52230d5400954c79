"""``argocd app list|get|diff|manifests|resources|history|set|create|terminate-op|delete``.

Source: ``cmd/argocd/commands/app.go`` and ``app_resources.go``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from gitops_sim.agents.argocd.application import IN_CLUSTER, NAMESPACE
from gitops_sim.agents.argocd.cli import printing
from gitops_sim.agents.argocd.cli.parsing import GENERIC, FatalError, UsageError, each, encoded
from gitops_sim.agents.argocd.cli.spec import changed_spec, with_parameters
from gitops_sim.agents.argocd.cli.tree import resources
from gitops_sim.agents.argocd.cli.waiting import Wait
from gitops_sim.agents.argocd.compare import Comparison, Resource
from gitops_sim.agents.argocd.controller import ArgoCD
from gitops_sim.agents.argocd.desired import LoadFailedError
from gitops_sim.agents.argocd.diff import predicted
from gitops_sim.agents.argocd.finalizers import FINALIZER
from gitops_sim.agents.argocd.requests import Requests
from gitops_sim.cluster import selectors
from gitops_sim.cluster.apply import LAST_APPLIED
from gitops_sim.objects import Object, get_path, without_path
from gitops_sim.yaml_out import dump_yaml


class AppCommands:
    """Each command takes its flags and returns what it prints. ``mend`` says what is left to do after one that went well."""

    def __init__(self, agent: ArgoCD, requests: Requests, wait: Wait | None) -> None:
        self._agent, self._requests, self._wait, self.mend = agent, requests, wait, ""

    def list(self, given: argparse.Namespace) -> str:
        fits = selectors.label_selector(given.selector)
        pairs = [(obj, self._agent.application(obj)) for obj in self._requests.all() if fits(obj)]
        pairs = [
            (obj, app)
            for obj, app in pairs
            if (not given.project or app.project in given.project)
            and given.repo in ("", app.source.repo_url)
            and given.cluster in ("", app.destination.server, app.destination.name)
            and given.path in ("", app.source.path)
        ]
        found = [obj for obj, _ in pairs]
        if given.output == "name":
            return "".join(f"{printing.qualified(obj)}\n" for obj in found)
        if given.output in ("json", "yaml"):
            return encoded(found, given.output)
        return printing.applications(pairs, wide=given.output == "wide")

    def get(self, given: argparse.Namespace) -> str:
        obj = self._looked_at(given)
        if given.output in ("json", "yaml"):
            return encoded(obj, given.output)
        app, now = self._agent.application(obj), self._agent.clock.now
        text = printing.summary(obj, app, self._agent.windows(app), now) + printing.conditions(obj)
        if given.show_operation and get_path(obj, ("status", "operationState")):
            text += "\n" + printing.operation(obj, now)
        states = printing.resource_states(obj, self._comparison(obj))
        return text + resources(self._agent, obj, states, given.output)

    def diff(self, given: argparse.Namespace) -> str:
        obj = self._looked_at(given)
        compared = self._at(obj, given.revision) if given.revision else self._resources(obj)
        compared = sorted(compared, key=lambda resource: printing.in_full(resource.key))
        found = [(r, *_sides(r)) for r in compared if r.key.kind != "Secret" and not r.hook]
        text = "".join(
            f"\n===== {r.key.group}/{r.key.kind} {r.key.namespace}/{r.key.name} ======\n{printing.classic_diff(live, desired)}"
            for r, live, desired in found
            if live != desired and (r.status == "OutOfSync" or given.revision)
        )
        if text and given.exit_code:
            raise FatalError("", printed=text)
        return text

    def manifests(self, given: argparse.Namespace) -> str:
        obj = self._requests.get(given.app)
        if given.source == "live":
            objects: Iterable[Any] = (r.live for r in self._resources(obj) if r.live is not None)
        elif given.revision:
            objects = (target.object for target in self._targets(obj, given.revision))
        else:
            objects = (r.target.object for r in self._resources(obj) if r.target is not None)
        return "".join(f"---\n{dump_yaml(found, sort_keys=True)}\n" for found in objects)

    def resources(self, given: argparse.Namespace) -> str:
        obj = self._requests.get(given.app)
        own = [r.key for r in self._resources(obj) if r.live is not None]
        orphans = [] if given.orphaned is False else self._agent.orphans(printing.qualified(obj))
        return printing.app_resources([] if given.orphaned else own, orphans)

    def history(self, given: argparse.Namespace) -> str:
        entries = get_path(self._requests.get(given.app), ("status", "history")) or []
        return "".join(f"{entry['id']}\n" for entry in entries) if given.output == "id" else printing.history(entries)

    def set(self, given: argparse.Namespace) -> str:
        obj = self._requests.get(given.app)
        if obj["spec"].get("sources"):
            text = "Source position should be specified and must be greater than 0 for applications with multiple sources"
            mend = "change the Application itself: kubectl edit application, or in Git"
            raise FatalError(text, code=GENERIC, mend=mend)
        spec, changed = changed_spec(obj["spec"], given)
        if not changed and not given.parameter:
            help, mend = given.parser.usage_text, "say what to set, such as --revision main or --sync-policy none"
            raise FatalError("Please set at least one option to update", level="error", printed=help, mend=mend)
        spec = with_parameters(spec, given.parameter, get_path(obj, ("status", "sourceType"), ""), changed)
        what = f"changes Application {given.app}: {', '.join(changed)}"
        self._requests.set_spec(given.app, spec, what, validate=given.validate)
        return ""

    def create(self, given: argparse.Namespace) -> str:
        spec, changed = changed_spec({"project": "default", "source": {"repoURL": ""}, "destination": {}}, given)
        spec = with_parameters(spec, given.parameter, "", changed)
        if not spec["destination"].get("server") and not spec["destination"].get("name"):
            spec = {**spec, "destination": {"server": IN_CLUSTER, **spec["destination"]}}
        namespace, _, name = given.app.rpartition("/")
        meta: dict[str, Any] = {"name": name, "namespace": namespace or NAMESPACE}
        for part, texts in (("labels", given.label), ("annotations", given.annotations)):
            if texts:
                meta[part] = dict(text.split("=", 1) if "=" in text else (text, "") for text in texts)
        if given.set_finalizer:
            meta["finalizers"] = [FINALIZER]
        app = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": meta, "spec": spec}
        done = self._requests.create(app, upsert=given.upsert, validate=given.validate)
        return f"application '{name}' {done}\n"

    def terminate_op(self, given: argparse.Namespace) -> str:
        self._requests.terminate(given.app)
        return f"Application '{given.app.rpartition('/')[2]}' operation terminating\n"

    def confirm_deletion(self, given: argparse.Namespace) -> str:
        self._requests.confirm(given.app)
        return f"Application '{given.app.rpartition('/')[2]}' updated successfully\n"

    def delete(self, given: argparse.Namespace) -> str:
        if not given.apps and not given.selector:
            raise UsageError(help=given.parser.usage_text, mend="say which: by name, or with -l")
        fits = selectors.label_selector(given.selector)
        names = [printing.qualified(obj) for obj in self._requests.all() if fits(obj)] if given.selector else given.apps
        if not names:
            raise FatalError(f"no apps match selector {given.selector}", code=GENERIC)
        return each(names, lambda name: self._delete(name, given))

    # ------------------------------------------------------------------ inside

    def _delete(self, name: str, given: argparse.Namespace) -> str:
        asking = _asking(self._requests.get(name)) if given.cascade else []
        self._requests.delete(name, cascade=given.cascade, background=given.propagation_policy == "background")
        if asking:
            self.mend = f"say that {', '.join(asking)} may go: argocd app confirm-deletion {name}"
        if given.wait and self._wait is not None:
            self._wait(_Gone(self._requests, name).look, float("inf"))
        return f"application '{name}' deleted\n"

    def _looked_at(self, given: argparse.Namespace) -> Object:
        obj = self._requests.get(given.app)
        if given.refresh or given.hard_refresh:
            return self._requests.refresh(given.app, hard=given.hard_refresh)
        return obj

    def _comparison(self, obj: Object) -> Comparison | None:
        return self._agent.comparison(printing.qualified(obj))

    def _resources(self, obj: Object) -> tuple[Resource, ...]:
        comparison = self._comparison(obj)
        return comparison.resources if comparison else ()

    def _targets(self, obj: Object, revision: str) -> Iterable[Any]:
        try:
            return self._agent.desired(obj, revision).targets.values()
        except LoadFailedError as error:
            raise FatalError(error.why, code=GENERIC) from None

    def _at(self, obj: Object, revision: str) -> Sequence[Resource]:
        """The resources with what another revision says of them."""
        left = {r.key: r for r in self._resources(obj)}
        found = []
        for target in self._targets(obj, revision):
            known = left.pop(target.key, None)
            blank = Resource(target.key, target.version, target, None, "OutOfSync")
            found.append(blank if known is None else replace(known, target=target, after=None))
        return [*found, *(replace(r, target=None) for r in left.values())]


class _Gone:
    def __init__(self, requests: Requests, name: str) -> None:
        self._requests, self._name = requests, name

    def look(self) -> bool:
        return self._name not in {
            name for obj in self._requests.all() for name in (printing.qualified(obj), obj["metadata"]["name"])
        }


def _asking(app: Object) -> list[str]:
    """What of an Application is not deleted before a person approves of it."""
    resources = get_path(app, ("status", "resources")) or []
    return [f"{r['kind']}/{r['name']}" for r in resources if r.get("requiresDeletionConfirmation")]


def _sides(resource: Resource) -> tuple[str, str]:
    """Live and desired as YAML, as they are compared."""
    live, target = resource.live, resource.target
    desired: Any = resource.after
    if desired is None and target is not None:
        desired = target.object if live is None else predicted(target, live)
    before, after = ("" if obj is None else dump_yaml(_bare(obj), sort_keys=True) for obj in (live, desired))
    return before, after


def _bare(obj: Any) -> Any:
    for path in (("status",), ("metadata", "managedFields"), ("metadata", "annotations", LAST_APPLIED)):
        obj = without_path(obj, path)
    return obj
