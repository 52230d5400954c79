"""What of an Application belongs to its set, and what is left as people and other controllers made it.

Source: ``applicationset/controllers/applicationset_controller.go`` (createOrUpdateInCluster).
"""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.argocd import status
from gitops_sim.agents.argocd.finalizers import HOOK_FINALIZERS
from gitops_sim.agents.argocd.ignoring import IgnoreRule, read_rule, with_live_values
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.objects import Object, annotations_of, controller_of, get_path, labels_of, with_path

KIND = "applicationsets.argoproj.io"
APPLICATIONS = "applications.argoproj.io"
REFRESH = "argocd.argoproj.io/application-set-refresh"
_KEPT_ANNOTATIONS = ("notified.notifications.argoproj.io", "argocd.argoproj.io/refresh", "argocd.argoproj.io/hydrate")
_KEPT_FINALIZERS = tuple(HOOK_FINALIZERS.values())


def kept(app: dict[str, Any], found: Object, appset: Object) -> Any:
    """``found`` as the set wants it, but for what is to be left alone."""
    preserved = get_path(appset, ("spec", "preservedFields")) or {}
    meta: dict[str, Any] = {**found["metadata"]}
    names = {
        "annotations": (*(preserved.get("annotations") or ()), *_KEPT_ANNOTATIONS),
        "labels": tuple(preserved.get("labels") or ()),
    }
    for part, keys in names.items():
        here = annotations_of(found) if part == "annotations" else labels_of(found)
        _put(meta, part, {**(app["metadata"].get(part) or {}), **{key: here[key] for key in keys if key in here}})
    going = [f for f in found["metadata"].get("finalizers") or () if f.startswith(_KEPT_FINALIZERS)]
    _put(meta, "finalizers", [*(app["metadata"].get("finalizers") or ()), *going])
    desired: Any = {**found, "metadata": meta, "spec": app["spec"]}
    for rule in _ignored(appset, []):
        if rule.name in ("", found["metadata"]["name"]):
            desired = with_live_values(desired, found, rule.ignored)
    return desired


def ignore_problems(appset: Object) -> list[str]:
    """What cannot be followed of ``ignoreApplicationDifferences``."""
    problems: list[str] = []
    _ignored(appset, problems)
    return problems


def _ignored(appset: Object, problems: list[str]) -> list[IgnoreRule]:
    return [read_rule(rule, problems) for rule in get_path(appset, ("spec", "ignoreApplicationDifferences")) or ()]


def _put(meta: dict[str, Any], part: str, value: Any) -> None:
    if value:
        meta[part] = value
    else:
        meta.pop(part, None)


def owned(app: Any, appset: Object) -> Any:
    """With the reference by which the set's end is the Application's, too."""
    meta = appset["metadata"]
    reference = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "name": meta["name"],
        "uid": meta["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    others = [ref for ref in app["metadata"].get("ownerReferences") or () if ref.get("uid") != meta["uid"]]
    return with_path(app, ("metadata", "ownerReferences"), [*others, reference])


def is_of(obj: Object, appset: Object) -> bool:
    owner = controller_of(obj)
    return owner is not None and owner.get("uid") == appset["metadata"]["uid"]


def current(cluster: ClusterAPI, appset: Object) -> list[Object]:
    """The Applications that are a set's, by name."""
    return [obj for obj in cluster.list(APPLICATIONS, appset["metadata"]["namespace"]) if is_of(obj, appset)]


def asked(appset: Object) -> tuple[Any, ...]:
    """What a set is looked at for when it changes."""
    meta = appset["metadata"]
    finalizers = meta.get("finalizers") or []
    return appset.get("spec"), annotations_of(appset).get(REFRESH), meta.get("deletionTimestamp"), labels_of(appset), finalizers


def owned_parts(app: Object) -> tuple[Any, ...]:
    """What a set says about an Application."""
    return app.get("spec"), annotations_of(app), labels_of(app), app["metadata"].get("finalizers") or []


def progress(app: Object) -> tuple[Any, ...]:
    """What a RollingSync watches of an Application."""
    found = status.of(app)
    axes = (("sync", "status"), ("health", "status"), ("operationState", "phase"), ("operationState", "startedAt"))
    return tuple(get_path(found, axis) for axis in axes)


def parts_that_differ(old: Object, new: Object) -> str:
    parts = ("spec", "annotations", "labels", "finalizers", "owner")
    before = (*owned_parts(old), old["metadata"].get("ownerReferences"))
    after = (*owned_parts(new), new["metadata"].get("ownerReferences"))
    return " and ".join(part for part, one, other in zip(parts, before, after, strict=True) if one != other)


def label(app: dict[str, Any], number: int) -> str:
    """What is wrong is kept by this: two of one name are two."""
    return f"{app['metadata']['namespace']}/{app['metadata']['name']}#{number:06}"
