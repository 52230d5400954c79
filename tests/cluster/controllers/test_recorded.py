"""End states that a real control plane came to (recorded), played on the simulated one in several orders of same-time events.

Relaxed: template hashes are other ones (mapped by the image they stand for); the recorded kubelet was a fake one, so ids of
containers and images and messages about unready containers are left out; Pods of one owner may be listed in any order;
managedFields are not compared.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gitops_sim.cluster import Cluster
from gitops_sim.errors import ApiError
from gitops_sim.objects import Object, get_path, labels_of

from . import stage

CASES = json.loads((Path(__file__).parents[2] / "goldens" / "controllers.json").read_text())
IMAGES = {"broken:1": {"pull_error": "not found", "pull": 0.1}, "nginx:1.24": {"complete": "10h"}}
"""nginx serves for hours, in Jobs too: as in the recordings, where the case itself says when a Pod has finished."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_UNCOMPARED = {
    "containerID",
    "imageID",
    "resourceVersion",
    "creationTimestamp",
    "managedFields",
    "fieldPath",
    "reportingInstance",
}


class Play:
    """One case on one cluster: what the recording calls ``<uid-1>``, and the Pods it names, are learned from the answers."""

    def __init__(self, home: Cluster, recorded_hashes: dict[str, str]) -> None:
        self.home, self.names, self.recorded_hashes = home, {"$NS": "golden"}, recorded_hashes
        home.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "golden"}})
        home.clock.settle()

    def resolve(self, value: Any) -> Any:
        text = json.dumps(value)
        for known in sorted(self.names, key=len, reverse=True):
            text = text.replace(known, self.names[known])
        return json.loads(text)

    def run(self, step: dict[str, Any]) -> None:
        if "status" in step:
            with pytest.raises(ApiError) as refusal:
                self.do(step)
            assert refusal.value.code == step["status"]
            if "message" in step:
                assert masked(refusal.value.message, {}) == masked(step["message"], {})
            return
        answer = self.do(step)
        if step["do"] == "POST":
            self.names[step["uid"]] = answer["metadata"]["uid"]

    def do(self, step: dict[str, Any]) -> Any:
        kind, name, body = step["kind"], self.resolve(step.get("name", "")), self.resolve(step.get("body"))
        namespace = "golden"
        if step["do"] == "POST":
            return self.home.create(body, namespace=namespace)
        if step["do"] == "PATCH":
            if step.get("subresource") == "scale":
                return self.home.patch(kind, name, namespace, body, type="merge")
            form = "strategic" if "strategic" in step["type"] else "json" if "json-patch" in step["type"] else "merge"
            return self.home.patch(kind, name, namespace, body, type=form, subresource=step.get("subresource", ""))
        if step["do"] == "DELETE":
            options = {**(body or {}), **step.get("query", {})}
            grace = options.get("gracePeriodSeconds")
            default = "Orphan" if kind == "Job" else "Background"
            deleted = self.home.delete(
                kind,
                name,
                namespace,
                propagation=options.get("propagationPolicy", default),
                grace_period=None if grace is None else float(grace),
            )
            if step.get("object"):
                self.compare([step["object"]], [deleted], step)
            return deleted
        return self.read(step, name, namespace)

    def read(self, step: dict[str, Any], name: str, namespace: str) -> Any:
        query, until = step.get("query", {}), step.get("until")
        if until is not None:
            self.wait(step, name, namespace, until)
        if "items" in step:
            found = self.home.list(
                step["kind"], namespace, labels=query.get("labelSelector", ""), fields=query.get("fieldSelector", "")
            )
            self.compare(step["items"], found, step)
            return found
        found_object = self.home.get(step["kind"], name, namespace)
        if "pick" in step:
            assert masked([get_path(found_object, path) for path in step["pick"]], {}) == masked(step["values"], {})
            return found_object
        self.compare([step["object"]], [found_object], step)
        return found_object

    def wait(self, step: dict[str, Any], name: str, namespace: str, until: dict[str, Any]) -> None:
        """As the recorder waited: for the fields, then until nothing changes any more."""
        clock = self.home.clock
        end = clock.now + 120
        clock.settle()
        while until.get("fields") and not self.holds(step, name, namespace, until["fields"]):
            upcoming = clock.next_event
            assert upcoming is not None, f"{until['fields']} never came"
            assert upcoming < end, f"{until['fields']} did not come in time"
            clock.run_until(upcoming)
        if "stable" in until or not until.get("fields"):
            clock.run_until(clock.now + 60)

    def holds(self, step: dict[str, Any], name: str, namespace: str, fields: list[Any]) -> bool:
        query = step.get("query", {})
        if "items" in step:
            items = self.home.list(
                step["kind"], namespace, labels=query.get("labelSelector", ""), fields=query.get("fieldSelector", "")
            )
            answer: Any = {"items": items}
        else:
            answer = self.home.find(step["kind"], name, namespace)
        return all(_at(answer, path) == self.resolve(value) for path, value in fields)

    def hashes(self) -> dict[str, str]:
        """What the template hashes stand for."""
        known: dict[str, str] = {}
        for replica_set in self.home.list("ReplicaSet"):
            own = replica_set["spec"]["template"]
            mark = " annotated" if own["metadata"].get("annotations") else ""
            digest = labels_of(replica_set).get("pod-template-hash", "")
            known[digest] = own["spec"]["containers"][0]["image"] + mark
        for revision in self.home.list("ControllerRevision"):
            known[revision["metadata"]["labels"]["controller.kubernetes.io/hash"]] = f"revision {revision['revision']}"
        return known

    def compare(self, recorded: list[Any], found: list[Object], step: dict[str, Any]) -> None:
        wanted = [masked(obj, self.recorded_hashes) for obj in recorded]
        actual = [masked(_like(template, obj), self.hashes()) for template, obj in zip(recorded, found, strict=False)]
        assert len(recorded) == len(found), f"{step['kind']}: {[o['metadata']['name'] for o in found]}"
        assert sorted(map(_text, actual)) == sorted(map(_text, wanted))
        for template, obj in zip(recorded, found, strict=True):
            if isinstance(template, dict) and "metadata" in template:
                self.names.setdefault(template["metadata"]["name"], obj["metadata"]["name"])


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _like(template: Any, obj: Any) -> Any:
    """``obj`` cut down to what the trimmed recording shows of its spec."""
    if not isinstance(template, dict) or not isinstance(template.get("metadata"), dict):
        return obj
    shown = dict(obj)
    spec = template.get("spec")
    if spec is None and obj["kind"] != "EndpointSlice":
        shown.pop("spec", None)
        shown.pop("data", None) if template.get("data") is None else None
    elif obj["kind"] == "ReplicaSet":
        image = obj["spec"]["template"]["spec"]["containers"][0]["image"]
        shown["spec"] = {"replicas": obj["spec"]["replicas"], "selector": obj["spec"]["selector"], "image": image}
    elif obj["kind"] in ("Deployment", "Pod"):
        shown["spec"] = {field: obj["spec"][field] for field in obj["spec"] if field in spec or field == "nodeName"}
    elif obj["kind"] == "EndpointSlice":
        shown["metadata"] = {field: value for field, value in obj["metadata"].items() if field != "generation"}
    if "apiVersion" not in template:
        del shown["apiVersion"], shown["kind"]
    return shown


def masked(value: Any, hashes: dict[str, str], field: str = "") -> Any:
    if isinstance(value, dict):
        kept = {k: masked(v, hashes, k) for k, v in value.items() if k not in _UNCOMPARED}
        if kept.get("reason") == "ContainersNotReady":
            kept.pop("message", None)
        if "waiting" in kept and kept["waiting"].get("reason") == "ImagePullBackOff":
            kept["waiting"].pop("message", None)
        return kept
    if isinstance(value, list):
        return [masked(item, hashes) for item in value]
    if not isinstance(value, str):
        return value
    text = _TIME.sub("<time>", value).replace("<microtime>", "<time>")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|<uid-\d+>", "<uid>", text)
    for digest, meaning in hashes.items():
        if digest:
            text = text.replace(digest, f"<{meaning}>")
    text = text.replace("fake-node-1", "node-1").replace("$NS", "golden")
    text = re.sub(r"10\.244\.\d+\.\d+|<podip-\d+>", "<podip>", text)
    text = re.sub(r"\.[0-9a-f]{16}\b|\.<event-\d+>", ".<event>", text)
    text = re.sub(r"(-)(?:<rand-\d+>|[bcdfghjklmnpqrstvwxz2456789]{5})(?=$|[\" .]|\.<)", r"\1<rand>", text)
    return "<certificate>" if text.startswith("-----BEGIN") else text


def _at(value: Any, path: list[Any]) -> Any:
    for step in path:
        if step == "#":
            return len(value or ())
        if isinstance(step, dict):
            value = next((item for item in value or () if all(item.get(k) == v for k, v in step.items())), None)
        else:
            value = get_path(value, (step,)) if value is not None else None
    return value


@pytest.mark.parametrize("shuffle", stage.SHUFFLES)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_ends_as_recorded(case: dict[str, Any], shuffle: int | None) -> None:
    play = Play(stage.cluster(IMAGES, shuffle), case["hashes"])
    for step in case["steps"]:
        play.run(step)
