"""What a chart in Git asks for on behalf of a HelmRelease, whether or not it was released: for those who compare."""

from __future__ import annotations

import posixpath

from gitops_sim.agents.flux.helm.helmrelease import HelmRelease
from gitops_sim.agents.flux.helm.rendering import RenderError, objects_in, rendered
from gitops_sim.agents.flux.helm.values import ValuesError, composed
from gitops_sim.clock import Clock
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.manifests import Files
from gitops_sim.manifests.helm import load_chart
from gitops_sim.objects import Object


def chart_folder(app: HelmRelease) -> str:
    """Where the chart is in the files of its GitRepository; only for a HelmRelease with a template."""
    assert app.template is not None
    return posixpath.normpath(f"/{app.template['spec']['chart']}").lstrip("/")


def desired_objects(app: HelmRelease, files: Files, cluster: ClusterAPI, clock: Clock) -> tuple[Object, ...]:
    """The objects, with the values as they are now. Raises BadInput."""
    chart = load_chart(files, chart_folder(app))
    try:
        made = rendered(app, chart, composed(cluster, app), cluster, clock, version=1, validate=False)
    except (RenderError, ValuesError) as error:
        raise BadInput(error.message, mend=error.mend) from None
    return objects_in(made["manifest"])
