"""The page of one Application: how it stands, what it manages, and what was decided last."""

from __future__ import annotations

from gitops_sim.agents.argocd import ArgoCD
from gitops_sim.cluster import Cluster
from gitops_sim.objects import Object
from gitops_sim.trace import Trace
from gitops_sim.views.applications.decisions import decisions, decisions_html, decisions_text
from gitops_sim.views.applications.facts import read_facts
from gitops_sim.views.applications.nodes import Link, resource_tree
from gitops_sim.views.applications.tiles import panels, panels_text
from gitops_sim.views.html import el, words
from gitops_sim.views.resources import application_tree
from gitops_sim.views.tree import tree

_MOST = 12


def overview(argocd: ArgoCD, cluster: Cluster, obj: Object, trace: Trace, link: Link | None = None) -> str:
    """Markup: panels, resource tree and the last decisions. ``link`` gives the address of an object's page."""
    app, now = read_facts(argocd, obj), argocd.clock.now
    root = application_tree(cluster, app.name, app.key.namespace)
    parts = [
        panels(app, now) + words("Panels", panels_text(app, now)),
        el("h2", "Resources") + resource_tree(root, now, link),
        el("h2", "Decisions") + decisions_html(decisions(trace, app.ref), most=_MOST),
    ]
    return "".join(parts)


def overview_text(argocd: ArgoCD, cluster: Cluster, obj: Object, trace: Trace) -> str:
    """The same in words."""
    app = read_facts(argocd, obj)
    told = decisions_text(decisions(trace, app.ref)[-_MOST:])
    drawn = tree(application_tree(cluster, app.name, app.key.namespace)).text
    return f"{app.ref}\n{panels_text(app, argocd.clock.now)}\n\n{drawn}\n\n{told}".rstrip()
