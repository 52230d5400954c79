"""What must be there before a release can be made: dependencies, a chart, and values.

Source: helm-controller ``internal/controller/helmrelease_controller.go`` (reconcileRelease, checkDependencies) and
``internal/reconcile/helmchart_template.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux import cel, conditions
from gitops_sim.agents.flux.cel import InvalidExpressionError
from gitops_sim.agents.flux.conditions import READY, STALLED
from gitops_sim.agents.flux.durations import go_duration
from gitops_sim.agents.flux.events import Recorder
from gitops_sim.agents.flux.helm import values as composing
from gitops_sim.agents.flux.helm.helmrelease import GROUP, KIND, HelmRelease
from gitops_sim.agents.flux.helm.resources import MANAGER
from gitops_sim.agents.flux.helm.shelf import FiledChart, Shelf
from gitops_sim.agents.flux.helm.sources import CHART_SOURCES, CHARTS
from gitops_sim.agents.flux.helm.status import put
from gitops_sim.agents.flux.helm.values import ValuesError
from gitops_sim.agents.flux.toolkit import DEPENDENCY_WAIT, Desk
from gitops_sim.errors import ApiError
from gitops_sim.manifests.helm import Values
from gitops_sim.objects import Key, Object, annotations_of, condition_of, get_path, labels_of

_COPIED = ("chart", "version", "reconcileStrategy", "valuesFiles", "ignoreMissingValuesFiles", "verify")


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why it cannot start. ``event`` is the trace's word for it; a ``wait`` of 0 is a failure, which is tried again by and by.
    ``warns`` says that an Event tells it; ``stalls``, that nothing is tried again before the spec changes."""

    reason: str
    message: str
    event: str
    wait: float = 0.0
    mend: str = ""
    tells: bool = False
    warns: bool = False
    stalls: bool = False


def stalled(error: InvalidExpressionError) -> Blocked:
    return Blocked("InvalidCELExpression", str(error), "ReconciliationStalled", warns=True, stalls=True)


class Prerequisites:
    """Reads as the controller itself."""

    def __init__(self, desk: Desk, shelf: Shelf, events: Recorder) -> None:
        self._desk, self._shelf, self._events = desk, shelf, events

    # ------------------------------------------------------------------ the HelmChart

    def own_chart(self, obj: Object, app: HelmRelease) -> Object:
        """The HelmRelease with its HelmChart made, changed or deleted as its template says. Raises ApiError."""
        wanted = f"{app.chart_source.namespace}/{app.chart_source.name}" if app.template is not None else ""
        noted = str(get_path(obj, ("status", "helmChart"), ""))
        if noted and noted != wanted:
            obj = self.delete_chart(obj)
        if app.template is None:
            return obj
        self._apply_chart(obj, app, app.template)
        return put(obj, helmChart=wanted)

    def delete_chart(self, obj: Object) -> Object:
        """Deletes the HelmChart that was made for it. Raises ApiError."""
        namespace, _, name = str(get_path(obj, ("status", "helmChart"), "")).partition("/")
        if name and self._desk.cluster.find(CHARTS, name, namespace) is not None:
            self._desk.cluster.delete(CHARTS, name, namespace)
            self._events.normal(obj, "HelmChartDeleted", f"deleted HelmChart '{namespace}/{name}'")
        return put(obj, helmChart="")

    def _apply_chart(self, obj: Object, app: HelmRelease, template: Mapping[str, Any]) -> None:
        key, wish = app.chart_source, template["spec"]
        spec = {name: wish[name] for name in _COPIED if name in wish}
        spec["sourceRef"] = {"kind": wish["sourceRef"]["kind"], "name": wish["sourceRef"]["name"]}
        spec["interval"] = wish.get("interval") or app.spec["interval"]
        meta: Mapping[str, Any] = template.get("metadata") or {}
        labels = {
            **(meta.get("labels") or {}),
            f"{GROUP}/name": app.name,
            f"{GROUP}/namespace": app.key.namespace,
        }
        notes = {"annotations": dict(meta["annotations"])} if meta.get("annotations") else {}
        chart = {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "HelmChart",
            "metadata": {"name": key.name, "namespace": key.namespace, "labels": labels, **notes},
            "spec": spec,
        }
        before = self._desk.cluster.find(CHARTS, key.name, key.namespace)
        if before is not None and _says(before, chart):
            return
        self._desk.cluster.apply(CHARTS, key.name, key.namespace, chart, manager=MANAGER, force=True)
        verb = "Created" if before is None else "Configured"
        source = f"{spec['sourceRef']['kind']}/{key.namespace}/{spec['sourceRef']['name']}"
        message = f"{verb} HelmChart/{key.namespace}/{key.name} with SourceRef '{source}'"
        self._events.normal(obj, f"HelmChart{verb}", message)
        self._desk.log.info(app.key, message)

    # ------------------------------------------------------------------ all that is needed

    def gathered(self, obj: Object, app: HelmRelease) -> tuple[FiledChart, Values] | Blocked:
        """The chart and the values."""
        for key, expression in zip(app.depends_on, app.ready_exprs, strict=True):
            try:
                unmet = self._unmet(obj, key, expression)
            except InvalidExpressionError as error:
                return stalled(error)
            if unmet:
                return Blocked("DependencyNotReady", unmet, "DependencyNotReady", DEPENDENCY_WAIT, tells=True)
        filed = self._chart(app)
        if isinstance(filed, Blocked):
            return filed
        try:
            return filed, composing.composed(self._desk.cluster, app)
        except ValuesError as error:
            return Blocked("ValuesError", error.message, "SyncFailed", mend=error.mend, warns=True)

    def _unmet(self, obj: Object, key: Key, expression: str) -> str:
        """What a dependency lacks; a ``readyExpr`` takes the place of the built-in check. Raises InvalidExpressionError."""
        name = f"{key.namespace}/{key.name}"
        found = self._desk.cluster.find(KIND, key.name, key.namespace)
        if found is None:
            return f"unable to get '{name}' dependency: {KIND} \"{key.name}\" not found"
        if expression:
            return cel.unready(expression, obj, found)
        observed = get_path(found, ("status", "observedGeneration"))
        if observed != found["metadata"].get("generation") or not conditions.is_true(found, READY):
            return f"dependency '{name}' is not ready"
        return ""

    def _chart(self, app: HelmRelease) -> FiledChart | Blocked:
        key = app.chart_source
        plural = CHART_SOURCES.get(key.kind, "")
        if not plural or self._desk.cluster.kinds.of(key.group, key.kind) is None:
            what = f"could not get Source object: charts of a {key.kind} are not simulated"
            return Blocked("ArtifactFailed", what, "SourceMissing", mend="name a HelmChart")
        try:
            chart = self._desk.cluster.get(f"{plural}.{key.group}", key.name, key.namespace)
        except ApiError as error:
            what = f"could not get Source object: {error.message}"
            return Blocked("ArtifactFailed", what, "SourceMissing", mend="create the HelmChart, or mend chartRef")
        filed, text = self._shelf.chart(key), ""
        ready = condition_of(chart, READY) or {}
        if get_path(chart, ("status", "observedGeneration")) != chart["metadata"]["generation"]:
            text = "latest generation of object has not been reconciled"
            text = str(ready["message"]) if ready.get("status") == "False" else text
        elif conditions.is_true(chart, STALLED):
            text = str((condition_of(chart, STALLED) or {})["message"])
        elif filed is None:
            text = "does not have an artifact"
        if filed is None or text:
            what = f"{key.kind} '{key.namespace}/{key.name}' is not ready: {text}"
            return Blocked("SourceNotReady", what, "SourceMissing", DEPENDENCY_WAIT)
        return filed


def _says(live: Object, chart: Object) -> bool:
    """Whether a HelmChart says what is wanted of it; what others added to it does not matter."""
    there, spec = live["spec"], chart["spec"]
    same = all(there.get(name) == spec.get(name) for name in (*_COPIED, "sourceRef", "interval"))
    return (
        same
        and labels_of(live).items() >= labels_of(chart).items()
        and annotations_of(live).items() >= annotations_of(chart).items()
    )


def blocked_log(blocked: Blocked) -> str:
    """What the controller logs."""
    if blocked.reason != "DependencyNotReady":
        return blocked.message
    wait = go_duration(blocked.wait)
    return f"dependencies do not meet ready condition ({blocked.message}): retrying in {wait}"
