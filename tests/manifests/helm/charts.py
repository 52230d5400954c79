"""Charts in memory."""

from __future__ import annotations

from gitops_sim.manifests.helm import RenderedChart, Values, load_archive, pack, render_chart

CHART = "apiVersion: v2\nname: x\nversion: 1.0.0\n"


def packed(files: dict[str, str], chart: str = CHART) -> bytes:
    return pack({name: text.encode() for name, text in {"Chart.yaml": chart, **files}.items()}, "x")


def render(template: str, values: Values | None = None, **files: str) -> RenderedChart:
    """A chart of one template; ``helpers`` and ``defaults`` are its ``_helpers.tpl`` and ``values.yaml``."""
    names = {"helpers": "templates/_helpers.tpl", "defaults": "values.yaml"}
    more = {names[name]: text for name, text in files.items()}
    return render_chart(load_archive(packed({"templates/a.yaml": template, **more})), values=values)
