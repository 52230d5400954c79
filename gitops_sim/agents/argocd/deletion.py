"""Deleting an Application: with its finalizer everything that it manages goes first, without it everything stays.

Source: docs/user-guide/app_deletion.md and ``controller/appcontroller.go`` (finalizeApplicationDeletion).
"""

from __future__ import annotations

from gitops_sim.agents.argocd import story
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.clusters import UnknownClusterError, UnreachableError
from gitops_sim.agents.argocd.order import apply_order
from gitops_sim.agents.argocd.refresh import Workshop
from gitops_sim.agents.argocd.source import options_of
from gitops_sim.cluster.protocol import Propagation
from gitops_sim.objects import Object, with_path

FINALIZER = "resources-finalizer.argocd.argoproj.io"
BACKGROUND_FINALIZER = "resources-finalizer.argocd.argoproj.io/background"


def finalize(shop: Workshop, obj: Object, app: Application) -> None:
    """One step of a cascading deletion: deletes what is left; takes the finalizer away when nothing is. Objects marked
    ``Delete=false`` stay."""
    finalizers = list(obj["metadata"].get("finalizers") or ())
    ours = [f for f in finalizers if f in (FINALIZER, BACKGROUND_FINALIZER)]
    if not ours:
        return
    propagation: Propagation = "Background" if ours == [BACKGROUND_FINALIZER] else "Foreground"
    try:
        place = shop.clusters.place(app.destination)
    except UnknownClusterError:
        _release(shop, app, finalizers, ours)
        return
    except UnreachableError as error:
        shop.journal.add(app, "DeletionFailed", f"cannot delete what {app.name} manages: {error}")
        return
    project = shop.project(app)
    found = (
        (key, place.fetch(key))
        for key in place.live.owned(app.instance)
        if project is None or not project.refusal(key, place.server, place.name, namespaced=bool(key.namespace))
    )
    left = {key: live for key, live in found if live is not None and "Delete=false" not in options_of(live)}
    going = [key for key in sorted(left, key=apply_order, reverse=True) if not left[key]["metadata"].get("deletionTimestamp")]
    if going:
        names = story.listed([f"{key.kind}/{key.name}" for key in going])
        shop.journal.add(
            app,
            "ResourcesDeleted",
            f"deletes what {app.name} manages: {names}",
            reason=f"the Application has the finalizer {ours[0]}",
            resources=[str(key) for key in going],
        )
    for key in going:
        place.cluster.delete(place.cluster.kind_of(left[key]), key.name, key.namespace, propagation=propagation)
    if not any(place.fetch(key) is not None for key in left):
        _release(shop, app, finalizers, ours)


def _release(shop: Workshop, app: Application, finalizers: list[str], ours: list[str]) -> None:
    """Takes the finalizer away: nothing is left, or the cluster in which it would be is not known any more."""
    rest = [f for f in finalizers if f not in ours]
    current = shop.cluster.find("applications.argoproj.io", app.name, app.namespace)
    if current is not None:
        shop.cluster.update(with_path(current, ("metadata", "finalizers"), rest))
