"""The resource tree as nested lists, so that each object can be gone to, by mouse, by keyboard and with a screen reader."""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.cluster.ages import age
from gitops_sim.objects import Key
from gitops_sim.views.html import el, sign, words
from gitops_sim.views.svg import esc
from gitops_sim.views.theme import Sign, health_sign, sync_sign
from gitops_sim.views.tree import Node, tree

Link = Callable[[Key], str]


def resource_tree(root: Node, now: float, link: Link | None = None) -> str:
    """The tree with kinds, signs and ages, and its twin in words. ``link`` gives the address of an object's page."""
    drawn = el("ul", _item(root, now, link, top=True), class_="tree", aria_label=f"Resources of {root.name}")
    return el("div", drawn, class_="wide", tabindex="0", role="region", aria_label="Resource tree") + words(
        "Resource tree", tree(root).text
    )


def _item(node: Node, now: float, link: Link | None, *, top: bool = False) -> str:
    signs: list[tuple[str, Sign]] = []
    if node.sync:
        signs.append(("sync", sync_sign(node.sync)))
    if node.health:
        signs.append(("health", health_sign(node.health)))
    name = esc(node.name)
    if link is not None and node.key is not None and not top:
        name = el("a", name, href=link(node.key))
    parts = [
        el("span", esc(node.kind) + (f" · {esc(node.note)}" if node.note else ""), class_="soft"),
        el("span", name, class_="name"),
        el("span", *(sign(found, axis) for axis, found in signs), class_="signs") if signs else "",
        el("span", f"age {age(node.created, now)}", class_="soft") if node.created else "",
    ]
    tones = [found.tone for _, found in signs]
    edge = next((tone for tone in ("bad", "warn", "odd", "change") if tone in tones), "")
    inner = el("ul", *(_item(child, now, link) for child in node.children)) if node.children else ""
    return el("li", el("div", *parts, class_=f"node {edge}".strip()), inner)
