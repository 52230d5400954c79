"""Everything on one page: Git, the agent, the cluster, and who did what."""

from __future__ import annotations

from gitops_sim.views.svg import tag
from gitops_sim.views.view import View, panel

WIDTH = 912
_GAP = 12


def dashboard(log: View, agent: View, tree: View, timeline: View, *, title: str = "Dashboard") -> View:
    """Four views as panels of one page: Git and the agent side by side, the resources under them, then the timeline."""
    agent_width = 366.0
    log_width = WIDTH - _GAP - agent_width
    top = max(_height(log, log_width), _height(agent, agent_width))
    parts = [_at(0, 0, panel(log, log_width, top)), _at(log_width + _GAP, 0, panel(agent, agent_width, top))]
    y = top + _GAP
    for view in (tree, timeline):
        height = _height(view, WIDTH)
        parts.append(_at(0, y, panel(view, WIDTH, height)))
        y += height + _GAP
    views = (log, agent, tree, timeline)
    text = "\n\n".join(f"{view.title.upper()}\n{view.text}" for view in views)
    return View(title, text, "".join(parts), WIDTH, y - _GAP, "; ".join(f"{view.title}: {view.summary}" for view in views))


def _height(view: View, width: float) -> float:
    scale = min(1.0, (width - 28) / view.width)
    return max(84.0, view.height * scale + 54)


def _at(x: float, y: float, body: str) -> str:
    return tag("g", body, transform=f"translate({x:g} {y:g})")
