"""The CustomResourceDefinitions of a chart's ``crds/``: they are not part of the release.

What else lies there is left out. Source: helm-controller ``internal/action/crds.go``, where the policy is Create if nothing is
said, for upgrades as well.
"""

from __future__ import annotations

from gitops_sim.agents.flux.helm.helmrelease import GROUP, HelmRelease
from gitops_sim.agents.flux.helm.operation import ActionError
from gitops_sim.agents.flux.helm.resources import MANAGER, Resources
from gitops_sim.agents.flux.normalize import with_common
from gitops_sim.errors import ApiError, BadInput
from gitops_sim.manifests.helm import Chart
from gitops_sim.manifests.manifest import load_manifests
from gitops_sim.objects import Key

_FAILED = "failed to apply CustomResourceDefinitions"


def applied(resources: Resources, app: HelmRelease, chart: Chart, policy: str) -> tuple[Key, ...]:
    """The keys of those that were made or changed. Raises ActionError."""
    if policy == "Skip":
        return ()
    labels = {f"{GROUP}/name": app.name, f"{GROUP}/namespace": app.key.namespace}
    touched = []
    for path, content in chart.crds():
        try:
            found = [one.object for one in load_manifests(content, where=path)]
        except BadInput as error:
            what = f"{_FAILED}: failed to parse CustomResourceDefinitions from {path}: {error.what}"
            raise ActionError(what, error.mend) from None
        for placed in resources.placed(obj for obj in found if obj["kind"] == "CustomResourceDefinition"):
            obj, name = with_common(placed.object, labels, {}), placed.key.name
            if policy == "Create" and resources.find(placed) is not None:
                continue
            try:
                resources.cluster.apply(placed.kind, name, "", obj, manager=MANAGER, force=True)
            except ApiError as error:
                what = f"failed to create CustomResourceDefinition {name}: {error.message}"
                raise ActionError(f"{_FAILED}: {what}") from None
            touched.append(placed.key)
    return tuple(touched)
