"""The StatefulSet controller: Pods with a number, made in order and updated from the highest down.

Source: k8s.io/kubernetes ``pkg/controller/statefulset/stateful_set_control.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster.controllers.base import ClusterController
from gitops_sim.cluster.controllers.deployment_spec import replicas_of
from gitops_sim.cluster.controllers.pods import available_at, from_template, is_finished, is_ready
from gitops_sim.cluster.controllers.revisions import forget_old, take_revision
from gitops_sim.objects import Key, Object, get_path, labels_of, with_path, without_path

_HASH = "controller-revision-hash"
Pods = dict[int, Object]


class StatefulSetController(ClusterController):
    """One step a sync. Under OrderedReady (the default) a Pod that does not get ready holds up all that come after it, even when
    a later template would mend it: then only deleting the Pod by hand helps, as on a real cluster.
    """

    name = "statefulset-controller"
    own = ("apps", "StatefulSet")
    watches = (("apps", "StatefulSet"), ("", "Pod"))

    def sync(self, key: Key) -> None:
        owner = self.store.get(key)
        if owner is None or "deletionTimestamp" in owner["metadata"]:
            return
        revision, revisions = take_revision(self, owner)
        update = revision["metadata"]["name"]
        known = {r["metadata"]["name"]: r for r in revisions}
        current = (owner.get("status") or {}).get("currentRevision") or update
        if current not in known:
            current = update
        pods = self._pods(owner)
        self._retain_claims(owner, pods)
        self._step(owner, pods, known, current, update)
        pods = self._pods(owner)
        owner = self._write_status(owner, pods, current, update)
        in_use = {update, current, *(labels_of(pod).get(_HASH, "") for pod in pods.values())}
        forget_old(self, owner, revisions, in_use)
        self._wait_for_availability(key, owner, pods)

    def _pods(self, owner: Object) -> Pods:
        prefix = owner["metadata"]["name"] + "-"
        found: Pods = {}
        for pod in self.claim(owner, "Pod"):
            name = pod["metadata"]["name"]
            if name.startswith(prefix) and name[len(prefix) :].isdigit():
                found[int(name[len(prefix) :])] = pod
        return dict(sorted(found.items()))

    # ------------------------------------------------------------------ one step

    def _step(self, owner: Object, pods: Pods, known: Mapping[str, Object], current: str, update: str) -> None:
        start = get_path(owner, ("spec", "ordinals", "start"), 0)
        wanted = range(start, start + replicas_of(owner))
        ordered = owner["spec"].get("podManagementPolicy", "OrderedReady") == "OrderedReady"
        partition = start + get_path(owner, ("spec", "updateStrategy", "rollingUpdate", "partition"), 0)
        for number in wanted:
            pod = pods.get(number)
            if pod is not None and is_finished(pod) and "deletionTimestamp" not in pod["metadata"]:
                self._delete(owner, pod)
                pod = pods[number] = self.store.get(Key("", "Pod", pod["metadata"]["namespace"], pod["metadata"]["name"])) or pod
            if pod is None:
                revision = current if number < partition and current != update else update
                self._create(owner, number, known[revision])
                if ordered:
                    return
            elif ordered and not self._is_healthy(owner, pod):
                return
        for number in sorted((n for n in pods if n not in wanted), reverse=True):
            pod = pods[number]
            if "deletionTimestamp" not in pod["metadata"]:
                self._delete(owner, pod)
            if ordered:
                return
        if get_path(owner, ("spec", "updateStrategy", "type"), "RollingUpdate") != "RollingUpdate":
            return
        for number in reversed(wanted):
            pod = pods.get(number)
            if pod is None or number < partition:
                return
            if labels_of(pod).get(_HASH) != update and "deletionTimestamp" not in pod["metadata"]:
                self._delete(owner, pod)
                return
            if not self._is_healthy(owner, pod):
                return

    def _is_healthy(self, owner: Object, pod: Object) -> bool:
        return "deletionTimestamp" not in pod["metadata"] and self._is_available(owner, pod)

    def _is_available(self, owner: Object, pod: Object) -> bool:
        at = available_at(pod, owner["spec"].get("minReadySeconds", 0))
        return at is not None and at <= self.clock.now

    def _create(self, owner: Object, number: int, revision: Object) -> None:
        meta, spec = owner["metadata"], owner["spec"]
        name = f"{meta['name']}-{number}"
        template = {k: v for k, v in revision["data"]["spec"]["template"].items() if k != "$patch"}
        pod = from_template(owner, template, name)
        pod["metadata"]["labels"] = {
            **pod["metadata"].get("labels", {}),
            _HASH: revision["metadata"]["name"],
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(number),
        }
        pod["spec"] = {**pod["spec"], "hostname": name}
        if spec.get("serviceName"):
            pod["spec"]["subdomain"] = spec["serviceName"]
        claims = spec.get("volumeClaimTemplates") or []
        if claims:
            volumes = [v for v in pod["spec"].get("volumes") or () if v["name"] not in {c["metadata"]["name"] for c in claims}]
            for claim in claims:
                claim_name = self._ensure_claim(owner, claim, name, number)
                volumes.append({"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name}})
            pod["spec"]["volumes"] = volumes
        self.cluster.create(pod)
        self.events.normal(owner, "SuccessfulCreate", f"create Pod {name} in StatefulSet {meta['name']} successful")

    def _ensure_claim(self, owner: Object, claim: Mapping[str, Any], pod: str, number: int) -> str:
        """Claims outlive their Pods, and by default the StatefulSet too."""
        meta = owner["metadata"]
        name = f"{claim['metadata']['name']}-{meta['name']}-{number}"
        if self.store.get(Key("", "PersistentVolumeClaim", meta["namespace"], name)) is None:
            labels = {**(claim["metadata"].get("labels") or {}), **(owner["spec"]["selector"].get("matchLabels") or {})}
            claim_meta = {"name": name, "namespace": meta["namespace"], "labels": labels}
            if claim["metadata"].get("annotations"):
                claim_meta["annotations"] = claim["metadata"]["annotations"]
            self.cluster.create(
                {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": claim_meta, "spec": claim["spec"]}
            )
            self.events.normal(owner, "SuccessfulCreate", f"create Claim {name} Pod {pod} in StatefulSet {meta['name']} success")
        return name

    def _retain_claims(self, owner: Object, pods: Pods) -> None:
        """Claims that are to go with the StatefulSet are owned by it, those to go with a Pod that is too many by that Pod: the
        garbage collector does the rest. Source: ``pkg/controller/statefulset/stateful_set_utils.go``."""
        policy = owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
        deleted, scaled = (policy.get(field, "Retain") == "Delete" for field in ("whenDeleted", "whenScaled"))
        claims = owner["spec"].get("volumeClaimTemplates") or ()
        start = get_path(owner, ("spec", "ordinals", "start"), 0)
        for number, pod in pods.items():
            excess = not start <= number < start + replicas_of(owner)
            wanted = pod if scaled and excess else owner if deleted else None
            for template in claims:
                meta = owner["metadata"]
                name = f"{template['metadata']['name']}-{meta['name']}-{number}"
                claim = self.store.get(Key("", "PersistentVolumeClaim", meta["namespace"], name))
                if claim is not None:
                    self._own_claim(claim, owner, pod, wanted)

    def _own_claim(self, claim: Object, owner: Object, pod: Object, wanted: Object | None) -> None:
        known = claim["metadata"].get("ownerReferences") or []
        ours = (owner["metadata"]["uid"], pod["metadata"]["uid"])
        references = [reference for reference in known if reference["uid"] not in ours]
        if wanted is not None:
            meta = wanted["metadata"]
            own = {"apiVersion": wanted["apiVersion"], "kind": wanted["kind"], "name": meta["name"], "uid": meta["uid"]}
            references.append({**own, "controller": True})
        if [r["uid"] for r in references] != [r["uid"] for r in known]:
            path = ("metadata", "ownerReferences")
            self.cluster.update(with_path(claim, path, references) if references else without_path(claim, path))

    def _delete(self, owner: Object, pod: Object) -> None:
        meta = pod["metadata"]
        self.cluster.delete("Pod", meta["name"], meta["namespace"])
        self.events.normal(
            owner, "SuccessfulDelete", f"delete Pod {meta['name']} in StatefulSet {owner['metadata']['name']} successful"
        )

    # ------------------------------------------------------------------ status

    def _write_status(self, owner: Object, pods: Pods, current: str, update: str) -> Object:
        living = [pod for pod in pods.values() if "deletionTimestamp" not in pod["metadata"]]

        def on(revision: str) -> int:
            return sum(labels_of(pod).get(_HASH) == revision for pod in living)

        replicas, ready = len(pods), sum(is_ready(pod) for pod in pods.values())
        updated = on(update)
        if updated == replicas == ready == replicas_of(owner) and self._rolls_out(owner):
            current = update
        counts = {"currentReplicas": on(current), "updatedReplicas": updated, "readyReplicas": ready}
        return self.set_status(
            owner,
            {
                "observedGeneration": owner["metadata"].get("generation", 0),
                "replicas": replicas,
                **{field: count for field, count in counts.items() if count},
                "availableReplicas": sum(self._is_available(owner, pod) for pod in pods.values()),
                "currentRevision": current,
                "updateRevision": update,
                "collisionCount": 0,
            },
        )

    @staticmethod
    def _rolls_out(owner: Object) -> bool:
        strategy = owner["spec"].get("updateStrategy") or {}
        return bool(strategy.get("type", "RollingUpdate") == "RollingUpdate")

    def _wait_for_availability(self, key: Key, owner: Object, pods: Pods) -> None:
        due = [at for pod in pods.values() if (at := available_at(pod, owner["spec"].get("minReadySeconds", 0))) is not None]
        upcoming = [at for at in due if at > self.clock.now]
        if upcoming:
            self.queue.add(key, min(upcoming) - self.clock.now)
