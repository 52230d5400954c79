"""What a manifest becomes when it is read: types checked, empty fields gone, unknown ones named."""

from __future__ import annotations

from typing import Any

import pytest

from gitops_sim.cluster.decoding import decode, unknown_fields
from gitops_sim.cluster.kinds import Kinds
from gitops_sim.errors import ApiError

KINDS = Kinds()
META = "json: cannot unmarshal {} into Go struct field ObjectMeta.metadata.{} of type {}"


def read(obj: dict[str, Any]) -> Any:
    return decode(KINDS.of_object(obj), obj)


def config(**fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, **fields}


def test_empty_fields_vanish_pointers_to_zero_stay() -> None:
    obj = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {}, "annotations": None},
        "spec": {"replicas": 0, "paused": False, "minReadySeconds": 0, "selector": {}, "template": {"spec": {"containers": []}}},
    }
    assert read(obj) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 0, "selector": {}, "strategy": {}, "template": {"metadata": {}, "spec": {"containers": None}}},
        "status": {},
    }


def test_an_object_in_its_final_form_is_shared_not_copied() -> None:
    obj = config(data={"a": "1"})
    assert read(obj) is obj


def test_unknown_fields_are_dropped_and_named_with_their_place() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "nmae": "x"},
        "spec": {"containers": [{"name": "a", "image": "x", "imagePullPolcy": "Always"}], "apiVersion": "v1"},
    }
    kind = KINDS.of_object(pod)
    assert unknown_fields(kind, pod) == ["metadata.nmae", "spec.containers[0].imagePullPolcy", "spec.apiVersion"]
    assert "imagePullPolcy" not in str(decode(kind, pod))


def test_custom_resources_and_other_versions_keep_all_they_hold() -> None:
    spec = {"anything": [1, {"a": None}], "replicas": "many"}
    for api_version, kind in (("x.io/v1", "Widget"), ("apps/v1beta2", "Deployment")):
        obj = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "w", "labels": {}}, "spec": spec}
        assert read(obj) == {**obj, "metadata": {"name": "w"}}
        assert unknown_fields(KINDS.of_object(obj), obj) == []


@pytest.mark.parametrize(
    ("obj", "why"),
    [
        (config(data="x"), "json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string"),
        (config(metadata={"finalizers": {}}), META.format("object", "finalizers", "[]string")),
        (config(metadata={"finalizers": [1]}), META.format("number", "finalizers", "string")),
        (config(immutable="yes"), "json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool"),
        (config(binaryData={"a": "x"}), "illegal base64 data at input byte 0"),
        (config(binaryData={"a": "AAAA$"}), "illegal base64 data at input byte 4"),
        (config(binaryData={"a": 1}), "json: cannot unmarshal number into Go struct field ConfigMap.binaryData of type []uint8"),
        (config(metadata={"creationTimestamp": 5}), META.format("number", "creationTimestamp", "string")),
        (config(metadata={"creationTimestamp": "2026-13-45T00:00:00Z"}), 'parsing time "2026-13-45T00:00:00Z": day out of range'),
        (config(metadata={"generation": 2**63}), META.format("number 9223372036854775808", "generation", "int64")),
        (
            {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"resources": {"limits": {"cpu": "a lot"}}}]}},
            r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {}, "spec": []},
            "json: cannot unmarshal array into Go struct field HorizontalPodAutoscaler.spec of type"
            " v2.HorizontalPodAutoscalerSpec",
        ),
    ],
)
def test_a_wrong_type_is_told_as_the_server_tells_it(obj: dict[str, Any], why: str) -> None:
    with pytest.raises(ApiError) as refused:
        read(obj)
    version = obj["apiVersion"].rpartition("/")[2]
    start = f'{obj["kind"]} in version "{version}" cannot be handled as a {obj["kind"]}: '
    assert (refused.value.code, refused.value.message) == (400, start + why)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z"),
        ("2026-01-05T11:00:00+01:00", "2026-01-05T10:00:00Z"),
        ("2026-01-05T10:00:00.999Z", "2026-01-05T10:00:00Z"),
    ],
)
def test_times_are_kept_in_whole_seconds_of_utc(given: str, kept: str) -> None:
    assert read(config(metadata={"creationTimestamp": given}))["metadata"]["creationTimestamp"] == kept


def test_micro_times_keep_six_digits() -> None:
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": {"renewTime": "2026-01-05T10:00:00.5Z"}}
    assert read(lease)["spec"]["renewTime"] == "2026-01-05T10:00:00.500000Z"
    with pytest.raises(ApiError, match="parsing time"):
        read({**lease, "spec": {"renewTime": "soon"}})


def test_nulls_in_maps_and_lists_are_zeros() -> None:
    assert read(config(data={"a": None}))["data"] == {"a": ""}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": [None], "nodeSelector": {"a": None}}}
    assert read(pod)["spec"] == {"containers": [{"name": "", "resources": {}}], "nodeSelector": {"a": ""}}
