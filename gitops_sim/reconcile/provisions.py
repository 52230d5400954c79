"""What a cluster has before the agents come, or what somebody brings along by hand: namespaces, projects, Secrets and ConfigMaps.

Nothing is guessed ahead. When an agent or a Pod has waited for something for a minute, and nothing has brought it, a stand-in
takes its place, as somebody would make it who tries things out; what waited is told to look again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.refresh import REFRESH
from gitops_sim.agents.flux.decryption import stood_in
from gitops_sim.agents.flux.toolkit import REQUESTED
from gitops_sim.clock import Priority
from gitops_sim.cluster.controllers.configuration import needs
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.forge import Tree
from gitops_sim.objects import Object, get_path, group_of, with_path
from gitops_sim.reconcile.kinds import Used, definition
from gitops_sim.reconcile.substitutes import LABEL
from gitops_sim.world import World
from gitops_sim.yaml_in import load_documents

_EVERY = 60.0
_AUTHOR = "platform"
_WAITERS = {
    "applications.argoproj.io": REFRESH,
    "applicationsets.argoproj.io": REFRESH,
    "kustomizations.kustomize.toolkit.fluxcd.io": REQUESTED,
    "helmreleases.helm.toolkit.fluxcd.io": REQUESTED,
    "gitrepositories.source.toolkit.fluxcd.io": REQUESTED,
    "helmrepositories.source.toolkit.fluxcd.io": REQUESTED,
    "receivers.notification.toolkit.fluxcd.io": REQUESTED,
}
"""Whose status tells what they wait for, and the annotation that makes them look again."""
_NAMESPACE = re.compile(r'namespaces "([^"]+)" not found')
_PROJECT = re.compile(r"referenc\w+ project (\S+) which does not exist")
_CONFIGURATION = re.compile(r'(secret|configmap)s? "([^"]+)" not found')
_VARIABLE = re.compile(rb"\$\{([_A-Za-z][_A-Za-z0-9]*)\}")
_KINDS = {"secret": "Secret", "configmap": "ConfigMap"}
_USUAL_KEYS = {"Receiver": ("token",), "GitRepository": ("username", "password"), "HelmRepository": ("username", "password")}
_MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is waited for: an object by its kind, and of a Secret or a ConfigMap a key that it has to have. ``api`` is
    its version where the kind does not tell."""

    kind: str
    namespace: str
    name: str
    key: str = ""
    api: str = ""


class Provisions:
    """Looks around in the cluster of a world every minute. ``made`` is told what was made, as ``Secret web/tls``."""

    def __init__(self, world: World, tree: Tree, made: Callable[[str], None]) -> None:
        self._world, self._tree, self._made = world, tree, made
        self._cluster = world.cluster().as_user(_AUTHOR)
        self._waited: set[Lack] = set()
        self._variables: dict[str, str] = {}
        world.clock.after(_EVERY, self._look, priority=Priority.AGENT)

    def _look(self) -> None:
        self._world.clock.after(_EVERY, self._look, priority=Priority.AGENT)
        seen = dict.fromkeys(self._lacks_of_pods())
        told: dict[Lack, list[tuple[str, Object]]] = {}
        for plural in _WAITERS:
            if self._cluster.kinds.find(plural) is None:
                continue
            for obj in self._cluster.list(plural):
                for lack in (*_lacks_of(obj), *self._unseen(obj)):
                    told.setdefault(lack, []).append((plural, obj))
        for lack in [*seen, *told]:
            if lack in self._waited and self._provide(lack, [obj for _, obj in told.get(lack, ())]):
                for plural, obj in told.get(lack, ()):
                    self._tell(plural, obj)
        self._waited = {*seen, *told}

    def _unseen(self, obj: Object) -> Iterator[Lack]:
        """Custom resources whose health a Kustomization waits for, and that a chart would bring."""
        for ref in (get_path(obj, ("spec", "healthChecks")) or ()) if obj["kind"] == "Kustomization" else ():
            group = group_of(str(ref.get("apiVersion") or ""))
            kind = self._cluster.kinds.of(group, str(ref.get("kind") or ""))
            if "." not in group or group.endswith(("fluxcd.io", "k8s.io")):
                continue
            namespace = str(ref.get("namespace") or "") if kind is None or kind.namespaced else ""
            if kind is None or self._cluster.find(kind, str(ref.get("name")), namespace) is None:
                yield Lack(str(ref["kind"]), namespace, str(ref["name"]), api=str(ref["apiVersion"]))

    def _lacks_of_pods(self) -> Iterator[Lack]:
        for pod in self._cluster.list("pods"):
            if get_path(pod, ("status", "phase")) != "Pending":
                continue
            namespace = pod["metadata"]["namespace"]
            for kind, name, key in needs(pod):
                found = self._cluster.find(kind, name, namespace)
                if found is None or (key and key not in (found.get("data") or {}) and key not in (found.get("binaryData") or {})):
                    yield Lack(kind, namespace, name, key)

    # ------------------------------------------------------------------ making

    def _provide(self, lack: Lack, waiting: list[Object]) -> bool:
        """Whether it is there now."""
        title = f"{lack.namespace}/{lack.name}" if lack.namespace else lack.name
        try:
            if lack.api and self._cluster.kinds.of(group_of(lack.api), lack.kind) is None:
                use = Used([lack.api], namespaced=bool(lack.namespace))
                self._cluster.create(definition(group_of(lack.api), lack.kind, use))
            found = self._cluster.find(lack.kind, lack.name, lack.namespace)
            if found is not None and not lack.key:
                return True
            if found is not None:
                self._cluster.update(with_path(found, ("data", lack.key), self._value(lack.kind, lack.key)))
                self._made(f"key {lack.key} of {lack.kind} {title}")
            else:
                made = self._object(lack, waiting)
                self._cluster.create(made)
                self._made(f"{lack.kind} {title}")
        except ApiError:  # a name that cannot be: whoever waits will say so
            return False
        return True

    def _object(self, lack: Lack, waiting: list[Object]) -> Object:
        meta: dict[str, Any] = {"name": lack.name, "labels": {LABEL: "true"}}
        if lack.namespace:
            meta["namespace"] = lack.namespace
        if lack.api:
            return {"apiVersion": lack.api, "kind": lack.kind, "metadata": meta}
        if lack.kind == "Namespace":
            return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        if lack.kind == "AppProject":
            everywhere = [{"server": "*", "namespace": "*"}]
            kinds = [{"group": "*", "kind": "*"}]
            spec = {"sourceRepos": ["*"], "destinations": everywhere, "clusterResourceWhitelist": kinds}
            return {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": meta, "spec": spec}
        field = "stringData" if lack.kind == "Secret" else "data"
        data: dict[str, str] = {lack.key: f"stand-in-{_word(lack.key)}"} if lack.key else {}
        known = self._in_the_repository(lack)
        content = {name: known[name] for name in ("data", "stringData") if name in known}
        for obj in waiting if not content else ():
            data |= self._asked(obj, lack)
        content[field] = {**data, **(content.get(field) or {})}
        return {"apiVersion": "v1", "kind": lack.kind, "metadata": meta, **content}

    def _asked(self, obj: Object, lack: Lack) -> dict[str, str]:
        """What a waiting object will read: variables, values, credentials."""
        kind = obj["kind"]
        if get_path(obj, ("spec", "decryption", "secretRef", "name")) == lack.name:
            return {"stand-in.agekey": "stand-in"}
        if get_path(obj, ("spec", "decryption", "secretRef", "name")) == lack.name:
            return {"stand-in.agekey": "stand-in"}
        if kind == "Kustomization":
            known = set(self._set_otherwise(obj))
            return {name: text for name, text in self._all_variables().items() if name not in known}
        refs = get_path(obj, ("spec", "valuesFrom")) if kind == "HelmRelease" else ()
        mine = [ref for ref in refs or () if (ref.get("kind"), ref.get("name")) == (lack.kind, lack.name)]
        made = {str(ref.get("valuesKey") or "values.yaml"): "stand-in" if ref.get("targetPath") else "" for ref in mine}
        return made | {key: f"stand-in-{key}" for key in _USUAL_KEYS.get(kind, ())}

    def _set_otherwise(self, app: Object) -> Iterator[str]:
        """The variables that a Kustomization has from elsewhere."""
        build = get_path(app, ("spec", "postBuild")) or {}
        yield from build.get("substitute") or {}
        for ref in build.get("substituteFrom") or ():
            found = self._cluster.find(ref["kind"], ref["name"], app["metadata"]["namespace"])
            yield from (found or {}).get("data") or {}

    def _all_variables(self) -> dict[str, str]:
        """Every variable that manifests of the repository use and that has no default there, with a value that says which one it
        is."""
        if not self._variables:
            names = {name.decode() for content in self._manifests(b"${") for name in _VARIABLE.findall(content)}
            self._variables = {name: f"stand-in-{_word(name)}" for name in sorted(names)}
        return self._variables

    def _in_the_repository(self, lack: Lack) -> Mapping[str, Any]:
        """The object, if a manifest has it that nothing deploys: with stand-ins for what SOPS has encrypted."""
        for content in self._manifests(lack.name.encode()):
            if lack.kind.encode() not in content:
                continue
            try:
                documents = load_documents(content, where="")
            except BadInput:
                continue
            for document in documents:
                obj = document.value
                if isinstance(obj, dict) and obj.get("kind") == lack.kind and get_path(obj, ("metadata", "name")) == lack.name:
                    return stood_in(obj)
        return {}

    def _manifests(self, with_text: bytes) -> Iterator[bytes]:
        for file in self._tree.files():
            if file.endswith((".yaml", ".yml")):
                try:
                    content = self._tree.read(file) if self._tree.size(file) <= _MOST_BYTES else b""
                except BadInput:  # a link to nothing
                    continue
                if with_text in content:
                    yield content

    @staticmethod
    def _value(kind: str, key: str) -> str:
        text = f"stand-in-{_word(key)}"
        return text if kind == "ConfigMap" else base64.b64encode(text.encode()).decode()

    # ------------------------------------------------------------------ telling

    def _tell(self, plural: str, obj: Object) -> None:
        """Makes an object look again, as its command line does; an Application whose sync had given up is synced once more."""
        meta, annotation = obj["metadata"], _WAITERS[plural]
        now = self._cluster.find(plural, meta["name"], meta["namespace"])
        if now is None:
            return
        value = "normal" if annotation == REFRESH else self._world.clock.timestamp()
        told = with_path(now, ("metadata", "annotations"), {**(meta.get("annotations") or {}), annotation: value})
        if get_path(now, ("status", "operationState", "phase")) in ("Failed", "Error"):
            told = {**told, "operation": {"initiatedBy": {"username": _AUTHOR}, "sync": {"prune": True}}}
        self._cluster.update(told)


def _lacks_of(obj: Object) -> Iterator[Lack]:
    namespace = obj["metadata"]["namespace"]
    argo = group_of(obj["apiVersion"]) == "argoproj.io"
    message = " ".join(_messages(obj))
    yield from (Lack("Namespace", "", name) for name in dict.fromkeys(_NAMESPACE.findall(message)))
    yield from (Lack("AppProject", namespace, name) for name in dict.fromkeys(_PROJECT.findall(message)))
    if not argo:
        for kind, name in dict.fromkeys(_CONFIGURATION.findall(message)):
            yield Lack(_KINDS[kind], namespace, name)


def _messages(obj: Object) -> Iterator[str]:
    for condition in get_path(obj, ("status", "conditions")) or ():
        if condition.get("status") != "True" or group_of(obj["apiVersion"]) == "argoproj.io":
            yield str(condition.get("message") or "")
    operation = get_path(obj, ("status", "operationState")) or {}
    if operation.get("phase") != "Succeeded":
        yield str(operation.get("message") or "")


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "value"
