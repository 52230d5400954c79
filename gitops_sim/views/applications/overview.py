"""The page of one Application: how it stands, what it manages, and what was decided last."""

from __future__ import annotations

from collections.abc import Mapping

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.cluster import Cluster
from gitops_sim.objects import Key, Object
from gitops_sim.trace import Trace
from gitops_sim.views.applications.decisions import decisions, decisions_html, decisions_text
from gitops_sim.views.applications.facts import place_of, read_facts
from gitops_sim.views.applications.nodes import Link, resource_tree
from gitops_sim.views.applications.tiles import panels, panels_text
from gitops_sim.views.html import el, words
from gitops_sim.views.resources import application_tree
from gitops_sim.views.tree import Node, tree

_MOST = 12


def tree_of(argocd: ArgoCD, clusters: Mapping[str, Cluster], obj: Object) -> Node:
    """An Application's resource tree, wherever its objects are. ``clusters`` are those of the world, by name."""
    meta, place = obj["metadata"], place_of(argocd, obj)
    return application_tree(clusters[argocd.cluster.name], meta["name"], meta["namespace"], destination=clusters[place.name])


def resources_of(root: Node) -> dict[str, Key]:
    """The objects of a resource tree by the word for each: ``Deployment/web``."""
    found: dict[str, Key] = {}
    for child in root.children:
        if child.key is not None:
            found[f"{child.kind}/{child.name}"] = child.key
        found |= resources_of(child)
    return found


def overview(argocd: ArgoCD, clusters: Mapping[str, Cluster], obj: Object, trace: Trace, link: Link | None = None) -> str:
    """Markup: panels, resource tree and the last decisions. ``link`` gives the address of an object's page."""
    app, now = read_facts(argocd, obj), argocd.clock.now
    parts = [
        panels(app, now) + words("Panels", panels_text(app, now)),
        el("h2", "Resources") + resource_tree(tree_of(argocd, clusters, obj), now, link),
        el("h2", "Decisions") + decisions_html(decisions(trace, app.ref), most=_MOST),
    ]
    return "".join(parts)


def overview_text(argocd: ArgoCD, clusters: Mapping[str, Cluster], obj: Object, trace: Trace) -> str:
    """The same in words."""
    app = read_facts(argocd, obj)
    told = decisions_text(decisions(trace, app.ref)[-_MOST:])
    drawn = tree(tree_of(argocd, clusters, obj)).text
    return f"{app.ref}\n{panels_text(app, argocd.clock.now)}\n\n{drawn}\n\n{told}".rstrip()
