"""What the verbs of a cluster promise beyond single answers."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster.cluster import Cluster
from gitops_sim.errors import ApiError


def widget(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "x.io/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def service(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"type": "NodePort", "ports": [{"port": 80}]},
    }


def generated(kind: str = "ConfigMap") -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"generateName": "a-"}}


def test_a_dry_run_does_not_change_what_comes() -> None:
    def play(*, look_ahead: bool) -> list[Any]:
        cluster = Cluster(controllers=False)
        if look_ahead:
            cluster.create(service("s"), dry_run=True)
            cluster.create(generated(), dry_run=True)
        made = [cluster.create(service("s")), cluster.create(generated())]
        if look_ahead:
            cluster.patch("svc", "s", "default", {"spec": {"ports": [{"port": 81, "name": "b"}]}}, type="merge", dry_run=True)
        return [*made, cluster.create(service("t"))]

    assert play(look_ahead=True) == play(look_ahead=False)


def test_true_is_not_one_in_a_custom_resource() -> None:
    cluster = Cluster(controllers=False)
    before = cluster.create(widget(on=1))
    after = cluster.update(widget(on=True))
    assert after["spec"]["on"] is True
    assert after["metadata"]["resourceVersion"] != before["metadata"]["resourceVersion"]


def test_the_status_of_a_custom_resource_counts_unless_it_has_a_subresource() -> None:
    cluster = Cluster(controllers=False)
    app = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "a"}, "spec": {}}
    cluster.create(app)
    assert cluster.update({**app, "status": {"sync": {"status": "Synced"}}})["metadata"]["generation"] == 2


def test_the_last_version_of_an_object_is_the_one_that_was_deleted() -> None:
    cluster = Cluster(controllers=False)
    held = {**generated(), "metadata": {"name": "c", "finalizers": ["x.io/a"]}}
    cluster.create(held)
    cluster.delete("cm", "c")
    cluster.patch("cm", "c", "default", {"metadata": {"finalizers": None}})
    kinds = [(change.type, "finalizers" in change.object["metadata"]) for change in cluster.store.log[-3:]]
    assert kinds == [("ADDED", True), ("MODIFIED", True), ("DELETED", False)]
    assert cluster.find("cm", "c") is None


def test_nothing_is_made_in_a_namespace_that_goes() -> None:
    cluster = Cluster(controllers=False)
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})
    cluster.delete("ns", "n", "")
    with pytest.raises(ApiError, match="because it is being terminated") as refused:
        cluster.create(generated(), namespace="n")
    assert refused.value.code == 403


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"metadata": {"name": "other"}}, "the name of the object \\(other\\) does not match the name on the URL \\(w\\)"),
        ({"metadata": {"namespace": "other"}}, "the namespace of the provided object does not match"),
        ({"kind": "Gadget"}, "is invalid: patch: Invalid value"),
        ({"metadata": None}, "was undeterminable: name must be provided"),
    ],
)
def test_a_patch_cannot_make_another_object(patch: Any, why: str) -> None:
    cluster = Cluster(controllers=False)
    cluster.create(widget())
    with pytest.raises(ApiError, match=why):
        cluster.patch("widgets.x.io", "w", "default", patch, type="merge")


@pytest.mark.parametrize("result", [None, [], "x", 7])
def test_a_patch_must_leave_an_object(result: Any) -> None:
    cluster = Cluster(controllers=False)
    cluster.create(widget())
    with pytest.raises(ApiError) as refused:
        cluster.patch("widgets.x.io", "w", "default", [{"op": "replace", "path": "", "value": result}], type="json")
    assert refused.value.code == 422
