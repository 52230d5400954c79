from __future__ import annotations

import copy

from gitops_sim.objects import Key, changes, controller_of, dotted, get_path, key_of, with_path, without_path

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {"replicas": 3, "template": {"spec": {"containers": [{"name": "a", "image": "a:1"}, {"name": "b"}]}}},
}
IMAGE = ("spec", "template", "spec", "containers", 0, "image")


def test_a_write_copies_one_path_and_shares_the_rest():
    before = copy.deepcopy(WEB)
    after = with_path(WEB, IMAGE, "a:2")
    assert before == WEB
    assert get_path(after, IMAGE) == "a:2"
    assert after["metadata"] is WEB["metadata"]
    assert after["spec"]["template"]["spec"]["containers"][1] is WEB["spec"]["template"]["spec"]["containers"][1]


def test_missing_mappings_on_the_way_are_made():
    assert with_path({}, ("a", "b"), 1) == {"a": {"b": 1}}


def test_removing_keeps_siblings_and_can_drop_what_became_empty():
    obj = {"metadata": {"annotations": {"x": "1"}, "name": "web"}}
    assert without_path(obj, ("metadata", "annotations", "x")) == {"metadata": {"annotations": {}, "name": "web"}}
    assert without_path(obj, ("metadata", "annotations", "x"), prune_empty=True) == {"metadata": {"name": "web"}}
    assert without_path(obj, ("metadata", "labels", "y")) is obj
    assert without_path({"l": [1, 2]}, ("l", 0)) == {"l": [2]}
    assert without_path({"l": [{"a": 1, "b": 2}]}, ("l", 0, "a")) == {"l": [{"b": 2}]}


def test_get_path_answers_the_default_for_anything_missing():
    assert get_path(WEB, ("spec", "template", "spec", "containers", 5, "image"), "?") == "?"
    assert get_path(WEB, ("spec", "replicas", "deeper"), "?") == "?"
    assert get_path(WEB, ("metadata", "labels", "app")) == "web"


def test_identity_leaves_the_version_out_and_prints_as_kind_namespace_name():
    assert key_of(WEB) == Key("apps", "Deployment", "shop", "web")
    assert str(key_of(WEB)) == "Deployment/shop/web"
    assert str(Key("", "Namespace", "", "shop")) == "Namespace/shop"


def test_changes_name_every_leaf_that_differs():
    new = with_path(with_path(WEB, ("spec", "replicas"), 10), ("metadata", "labels", "tier"), "front")
    assert [(dotted(path), old, now) for path, old, now in changes(WEB, new)] == [
        (".metadata.labels.tier", None, "front"),
        (".spec.replicas", 3, 10),
    ]
    assert [dotted(p) for p, _, _ in changes(WEB, with_path(WEB, IMAGE, "a:2"))] == [".spec.template.spec.containers[0].image"]
    assert [p for p, _, _ in changes({"l": [1]}, {"l": [1, 2]})] == [("l",)]


def test_the_controlling_owner_is_found_among_others():
    owners = [{"kind": "A", "name": "a"}, {"kind": "B", "name": "b", "controller": True}]
    assert controller_of({"metadata": {"ownerReferences": owners}})["name"] == "b"
    assert controller_of({"metadata": {}}) is None


def test_a_path_is_made_through_what_is_no_mapping():
    assert with_path({"spec": "zz"}, ("spec", "replicas"), 1) == {"spec": {"replicas": 1}}


def test_a_path_of_no_step_takes_nothing_away():
    assert without_path({"spec": 1}, ()) == {"spec": 1}
