"""A stand-in for the cluster that ApplicationSets look for by its labels: the one cluster that is here gets them.

An ApplicationSet whose cluster generator finds nothing gets the labels that its first selector asks for, and the annotations that
its template reads. Labels that an ApplicationSet before it wants otherwise are left: that one has its Applications already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gitops_sim.agents.argocd.application import IN_CLUSTER, IN_CLUSTER_NAME, NAMESPACE
from gitops_sim.agents.argocd.clusters import SECRET_TYPE
from gitops_sim.clock import Priority
from gitops_sim.cluster.store import Change
from gitops_sim.forge import Repository
from gitops_sim.objects import Key, Object, get_path
from gitops_sim.reconcile.substitutes import LABEL, slug
from gitops_sim.world import World

_AFTER = 20.0
_SETS, _NAME = "applicationsets.argoproj.io", "stand-in-cluster"
_ANNOTATION = re.compile(r"metadata\.annotations\.([\w.-]+)|metadata\.annotations \\?\"([^\"\\]+)")


class LabelledCluster:
    """Watches the cluster of a world. ``made`` is told of every label and annotation."""

    def __init__(self, world: World, this: Repository, made: Callable[[str], None]) -> None:
        self._world, self._this, self._made = world, this, made
        self._absent: set[str] = set()
        world.cluster().watch(self._on_change)

    def _on_change(self, change: Change) -> None:
        key = change.key
        if (key.group, key.kind, key.namespace) == ("argoproj.io", "ApplicationSet", NAMESPACE) and change.type == "ADDED":
            self._world.clock.after(_AFTER, self._look, key, priority=Priority.AGENT)

    def _look(self, key: Key) -> None:
        cluster = self._world.cluster().as_user("platform")
        obj = cluster.find(_SETS, key.name, key.namespace)
        if obj is None or get_path(obj, ("status", "resources")):
            return
        selector = next(_selectors(get_path(obj, ("spec", "generators"))), None)
        if selector is None:
            return
        wanted, absent = _wishes(selector)
        there = cluster.find("secrets", _NAME, NAMESPACE) or _secret()
        meta = there["metadata"]
        labels = meta["labels"]
        if self._absent & wanted.keys() or absent & labels.keys() or any(labels.get(k, v) != v for k, v in wanted.items()):
            return
        self._absent |= absent
        annotations = {name: self._value(name) for name in _annotations(obj)} | dict(meta.get("annotations") or {})
        for name in sorted(wanted.keys() - labels.keys()):
            self._made(f"cluster label {name}={wanted[name]}")
        for name in sorted(annotations.keys() - (meta.get("annotations") or {}).keys()):
            self._made(f"cluster annotation {name}={annotations[name]}")
        told = {**there, "metadata": {**meta, "labels": {**labels, **wanted}, "annotations": annotations}}
        if "uid" in meta:
            cluster.update(told)
        else:
            cluster.create(told)

    def _value(self, name: str) -> str:
        """Addresses mean this repository, paths its top."""
        if "url" in name:
            return self._this.url
        if name.endswith("path"):
            return ""
        return "HEAD" if "revision" in name else f"stand-in-{slug(name)}"


def _selectors(value: Any) -> Iterator[Mapping[str, Any]]:
    """Those of cluster generators, wherever they are nested."""
    if isinstance(value, list):
        for inner in value:
            yield from _selectors(inner)
    elif isinstance(value, Mapping):
        selector = get_path(value, ("clusters", "selector"))
        if isinstance(selector, Mapping):
            yield selector
        for name in ("matrix", "merge"):
            yield from _selectors(get_path(value, (name, "generators")))


def _wishes(selector: Mapping[str, Any]) -> tuple[dict[str, str], set[str]]:
    """The labels that fit, and those that must not be there."""
    wanted = {str(name): str(value) for name, value in (selector.get("matchLabels") or {}).items()}
    absent = set()
    for rule in selector.get("matchExpressions") or ():
        name, operator, values = str(rule.get("key")), rule.get("operator"), rule.get("values") or ()
        if operator == "In" and values:
            wanted.setdefault(name, str(values[0]))
        elif operator == "Exists":
            wanted.setdefault(name, "true")
        elif operator == "DoesNotExist":
            absent.add(name)
    return wanted, absent


def _annotations(obj: Object) -> list[str]:
    text = json.dumps(obj["spec"])
    return list(dict.fromkeys(found[1] or found[2] for found in _ANNOTATION.finditer(text)))


def _secret() -> dict[str, Any]:
    meta = {"name": _NAME, "namespace": NAMESPACE, "labels": {SECRET_TYPE: "cluster", LABEL: "true"}}
    content = {"name": IN_CLUSTER_NAME, "server": IN_CLUSTER, "config": "{}"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": content}
