"""What holds of server-side apply whatever is applied."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.cluster.ownership.paths import decoded, encoded
from gitops_sim.cluster.ownership.shapes import shape_of
from gitops_sim.cluster.ownership.typed import fields_of
from gitops_sim.objects import Object, without_path

_WORDS = st.sampled_from(("a", "b", "c", "d"))
_ENTRIES = st.dictionaries(_WORDS, st.sampled_from(("1", "2")), min_size=1)
_ENV = st.lists(
    st.fixed_dictionaries({"name": _WORDS, "value": st.sampled_from(("1", "2"))}), unique_by=lambda item: item["name"]
)


def _deployment(labels: dict[str, str], env: list[dict[str, str]], replicas: int | None) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "web", "image": "nginx:1.24", **({"env": env} if env else {})}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": labels},
        "spec": {**spec, **({"replicas": replicas} if replicas else {})},
    }


_DEPLOYMENTS = st.builds(_deployment, _ENTRIES, _ENV, st.sampled_from((None, 1, 3)))


def _cluster() -> Cluster:
    return Cluster(clock=Clock(), controllers=False)


def _apply(cluster: Cluster, config: Object, manager: str, *, force: bool = True) -> Object:
    return cluster.apply(config["kind"], config["metadata"]["name"], "default", config, manager=manager, force=force)


def _bare(obj: Object) -> Object:
    for name in ("uid", "resourceVersion", "generation", "creationTimestamp"):
        obj = without_path(obj, ("metadata", name))
    return obj


@settings(deadline=None, max_examples=40)
@given(_DEPLOYMENTS)
def test_the_same_twice_changes_nothing(config: Object) -> None:
    cluster = _cluster()
    first = _apply(cluster, config, "alice")
    assert _apply(cluster, config, "alice", force=False) is first


@settings(deadline=None, max_examples=40)
@given(_DEPLOYMENTS, _DEPLOYMENTS)
def test_what_is_dropped_is_as_if_it_never_was(first: Object, second: Object) -> None:
    one, other = _cluster(), _cluster()
    _apply(one, first, "alice")
    assert _bare(_apply(one, second, "alice")) == _bare(_apply(other, second, "alice"))


@settings(deadline=None, max_examples=40)
@given(_ENTRIES, _ENTRIES)
def test_two_managers_of_different_fields_meet_in_the_same_object(first: dict[str, str], second: dict[str, str]) -> None:
    def config(data: dict[str, str], prefix: str) -> Object:
        named = {prefix + key: value for key, value in data.items()}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": named}

    one, other = _cluster(), _cluster()
    _apply(one, config(first, "x"), "alice", force=False)
    _apply(other, config(second, "y"), "bob", force=False)
    here = _bare(_apply(one, config(second, "y"), "bob", force=False))
    assert here == _bare(_apply(other, config(first, "x"), "alice", force=False))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(("alice", "bob", "editor")), _DEPLOYMENTS), min_size=1, max_size=4))
def test_nobody_owns_what_is_not_there(steps: list[tuple[str, Object]]) -> None:
    cluster = _cluster()
    for manager, config in steps:
        if manager == "editor" and cluster.find("deploy", "web") is not None:
            cluster.update({**config, "metadata": {**config["metadata"], "namespace": "default"}}, manager=manager)
        else:
            _apply(cluster, config, manager)
        live = cluster.get("deploy", "web")
        there = fields_of(shape_of(cluster.kind("deploy"), None), live)
        for entry in cluster.with_managed_fields(live)["metadata"]["managedFields"]:
            owned = decoded(entry["fieldsV1"])
            assert owned
            assert encoded(owned) == entry["fieldsV1"]
            for path in owned:
                assert any(known[: len(path)] == path for known in there), path
