"""Expressions in CEL: what Flux takes for healthy, and when it takes a dependency for ready."""

from __future__ import annotations

from typing import Any

import pytest

from tests.agents.flux.helmlab import HelmLab, chart, helm_release
from tests.agents.flux.lab import FluxLab, config_map, git_repository, kustomization

WIDGETS = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {}\n"
FILES = {"manifests/crd.yaml": WIDGETS, "manifests/w.yaml": WIDGET}
CHECK = {"apiVersion": "example.com/v1", "kind": "Widget"}
CURRENT = "status.phase == 'Up'"
TERMINAL = "Reconciliation failed terminally due to configuration error: "


def widgets(**exprs: str) -> FluxLab:
    return FluxLab(FILES).start(wait=True, timeout="1m", healthCheckExprs=[{**CHECK, "current": CURRENT, **exprs}])


def say(lab: FluxLab, phase: str) -> None:
    lab.cluster.patch("widgets", "w", "default", {"status": {"phase": phase}}, type="merge", subresource="status")


def test_a_custom_resource_is_waited_for_until_its_expression_holds() -> None:
    lab = widgets()
    assert lab.ready()[0] == "Unknown"
    say(lab, "Starting")
    lab.run("20s")
    assert lab.ready()[0] == "Unknown"
    say(lab, "Up")
    lab.run("6s")
    assert lab.ready()[:2] == ("True", "ReconciliationSucceeded")


def test_an_attribute_that_is_not_there_makes_the_status_unknown_and_the_wait_time_out() -> None:
    lab = widgets()
    lab.run("2m")
    assert lab.ready() == (
        "False",
        "HealthCheckFailed",
        "health check failed after 1m0s: timeout waiting for: [Widget/default/w status: 'Unknown': "
        f"failed to evaluate the CEL expression '{CURRENT}': no such attribute(s): status]",
    )


def test_a_failure_that_an_expression_sees_ends_the_wait_early() -> None:
    lab = widgets(failed="has(status.phase) && status.phase == 'Broken'")
    say(lab, "Broken")
    lab.run("6s")
    assert lab.ready()[2].endswith("failed early due to stalled resources: [Widget/default/w status: 'Failed']")


def test_in_progress_goes_before_failed_and_failed_before_current() -> None:
    lab = widgets(inProgress="status.phase == 'Odd'", failed="status.phase in ['Odd', 'Bad']", current="true")
    say(lab, "Odd")
    lab.run("10s")
    assert lab.ready()[0] == "Unknown"
    say(lab, "Bad")
    lab.run("6s")
    assert lab.ready()[0] == "False"


def test_without_an_expression_a_widget_counts_as_current() -> None:
    assert FluxLab(FILES).start(wait=True).ready()[0] == "True"


def test_a_check_without_a_kind_speaks_of_its_whole_group() -> None:
    checks = [{"apiVersion": "example.com/v1", "current": CURRENT}]
    lab = FluxLab(FILES).start(wait=True, healthCheckExprs=checks)
    say(lab, "Starting")
    lab.run("10s")
    assert lab.ready()[0] == "Unknown"


def test_an_expression_that_cannot_be_read_stalls_until_the_spec_changes() -> None:
    lab = widgets(failed="status.phase ==")
    status, reason, message = lab.ready()
    assert (status, reason) == ("False", "InvalidCELExpression")
    assert message.startswith(
        f"{TERMINAL}failed to create custom status evaluator for healthchecks[0]: failed to parse the expression Failed: "
        "failed to parse the CEL expression 'status.phase ==': ERROR: <input>:1:1: Syntax error"
    )
    assert lab.conditions()["Stalled"][:2] == ("True", "InvalidCELExpression")
    assert lab.events()[-1][:2] == ("Warning", "InvalidCELExpression")
    told = len(lab.world.trace)
    lab.run("1h")
    assert not [record for record in lab.world.trace[told:] if record.actor == "flux"], "nothing is tried again"
    lab.spec(healthCheckExprs=None)
    assert lab.ready()[0] == "True"
    assert "Stalled" not in lab.conditions()


def test_two_checks_for_one_kind_are_refused() -> None:
    check = {**CHECK, "current": "true"}
    lab = FluxLab(FILES).start(wait=True, healthCheckExprs=[check, check])
    assert lab.ready()[2] == f"{TERMINAL}duplicate custom health check for GroupKind Widget.example.com at healthchecks[1]"


# ---------------------------------------------------------------------- dependencies

APART = {"a/cm.yaml": config_map("a"), "b/cm.yaml": config_map("b")}
SAME_VERSION = "dep.metadata.labels['version'] == self.metadata.labels['version']"


def two(expression: str, *, first: dict[str, Any], labels: tuple[str, str] = ("1", "1")) -> FluxLab:
    """``b`` depends on ``a``."""
    one, other = (
        kustomization("a", path="a", **first),
        kustomization("b", path="b", dependsOn=[{"name": "a", "readyExpr": expression}]),
    )
    for obj, version in zip((one, other), labels, strict=True):
        obj["metadata"]["labels"] = {"version": version}
    return FluxLab(APART).start(git_repository(), one, other)


def test_a_ready_expression_takes_the_place_of_the_built_in_check() -> None:
    assert two(SAME_VERSION, first={"suspend": True}).ready("b")[0] == "True", "a never was Ready, and nobody asked"


def test_a_dependency_that_is_not_ready_by_its_expression_is_looked_at_again() -> None:
    lab = two(SAME_VERSION, first={}, labels=("2", "1"))
    assert lab.ready("b") == (
        "False",
        "DependencyNotReady",
        "dependency 'flux-system/a' is not ready according to readyExpr eval",
    )
    lab.kubectl("label ks a version=1 --overwrite -n flux-system")
    lab.run("31s")
    assert lab.ready("b")[0] == "True"


def test_the_conditions_of_a_dependency_can_be_asked_for() -> None:
    ready = "dep.status.conditions.filter(c, c.type == 'Ready').all(c, c.status == 'True') && dep.metadata.generation == 1"
    assert two(ready, first={}).ready("b")[0] == "True"


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("dep.metadata.name ==", "failed to parse the CEL expression 'dep.metadata.name ==': ERROR: <input>:1:1: Syntax error"),
        ("other.metadata.name == 'a'", "failed to parse the CEL expression 'other.metadata.name == 'a'': undeclared reference"),
    ],
)
def test_a_ready_expression_that_cannot_be_read_stalls(expression: str, told: str) -> None:
    lab = two(expression, first={})
    status, reason, message = lab.ready("b")
    assert (status, reason) == ("False", "InvalidCELExpression")
    assert message.startswith(f"{TERMINAL}failed to evaluate dependency a: {told}")


# ---------------------------------------------------------------------- releases


def test_a_release_waits_for_what_its_expressions_say() -> None:
    files = chart(crds__w=WIDGETS, templates__w=WIDGET)
    lab = HelmLab(files).release(healthCheckExprs=[{**CHECK, "current": "has(spec.done)"}], timeout="5m")
    assert lab.ready("web", "hr")[0] == "Unknown"
    lab.kubectl('patch widgets w --type merge -p \'{"spec":{"done":true}}\'')
    lab.run("10s")
    assert lab.ready("web", "hr")[:2] == ("True", "InstallSucceeded")


def test_a_release_with_an_expression_that_cannot_be_read_stalls() -> None:
    lab = HelmLab().release(healthCheckExprs=[{**CHECK, "current": "("}])
    assert lab.ready("web", "hr")[1] == "InvalidCELExpression"
    assert lab.conditions("web", "hr")["Stalled"][0] == "True"
    assert lab.history() == []


def test_a_release_that_depends_on_another_by_an_expression() -> None:
    first = helm_release("first", values={"replicas": 1})
    lab = HelmLab().start(
        git_repository(), first, helm_release(dependsOn=[{"name": "first", "readyExpr": "dep.spec.values.replicas > 1"}])
    )
    lab.run("1m")
    assert lab.ready("web", "hr")[2] == "dependency 'flux-system/first' is not ready according to readyExpr eval"
    lab.set("first", values={"replicas": 2})
    lab.run("1m")
    assert lab.ready("web", "hr")[0] == "True"
