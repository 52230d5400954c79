"""The ReplicaSets of a Deployment by revision: which is the new one, how it is made, and the number it gets.

Source: k8s.io/kubernetes ``pkg/controller/deployment/sync.go`` (``getNewReplicaSet``), ``util/deployment_util.go``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gitops_sim.cluster.controllers import conditions, rolling
from gitops_sim.cluster.controllers.base import ClusterController, namespace_is_going, owner_reference
from gitops_sim.cluster.controllers.deployment_spec import (
    DESIRED,
    HISTORY,
    MAXIMUM,
    NOT_COPIED,
    REVISION,
    deadline,
    find_new,
    is_rolling,
    limits,
    replicas_of,
    revision_of,
)
from gitops_sim.cluster.controllers.deployment_status import progressing
from gitops_sim.cluster.controllers.pods import HASH_LABEL, template_hash, without_hash
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, annotations_of, controller_of, with_path


@dataclass
class Sets:
    """The Deployment and its ReplicaSets during one sync, each in its current version."""

    deployment: Object
    new: Object | None
    old: list[Object] = field(default_factory=list)

    @property
    def all(self) -> list[Object]:
        return self.old + ([self.new] if self.new is not None else [])

    def replace(self, replica_set: Object) -> None:
        name = replica_set["metadata"]["name"]
        if self.new is not None and self.new["metadata"]["name"] == name:
            self.new = replica_set
        self.old = [replica_set if rs["metadata"]["name"] == name else rs for rs in self.old]


class Revisions:
    """The part of the Deployment controller that deals with revisions; it acts through ``controller``."""

    def __init__(self, controller: ClusterController) -> None:
        self._controller = controller

    def sorted_out(self, deployment: Object, claimed: list[Object]) -> Sets:
        """Which ReplicaSet is the new one; its annotations and the Deployment's revision brought up to date."""
        new = find_new(deployment, claimed)
        old = [rs for rs in claimed if new is None or rs["metadata"]["name"] != new["metadata"]["name"]]
        sets = Sets(deployment, new, old)
        if new is None or "deletionTimestamp" in deployment["metadata"]:
            return sets
        annotations = self._annotations(sets, new)
        wanted = new if annotations == annotations_of(new) else with_path(new, ("metadata", "annotations"), annotations)
        min_ready = deployment["spec"].get("minReadySeconds", 0)
        if new["spec"].get("minReadySeconds", 0) != min_ready:
            wanted = with_path(wanted, ("spec", "minReadySeconds"), min_ready)
        if wanted is not new:
            sets.new = self._controller.cluster.update(wanted)
        name = new["metadata"]["name"]
        self._take_revision(sets, "FoundNewReplicaSet", f'Found new replica set "{name}"', only_first=True)
        return sets

    def ensure_new(self, sets: Sets) -> None:
        if sets.new is not None:
            return
        deployment = sets.deployment
        meta, template = deployment["metadata"], deployment["spec"]["template"]
        collisions = (deployment.get("status") or {}).get("collisionCount", 0)
        digest = template_hash(template, collisions)
        template = with_path(template, ("metadata", "labels", HASH_LABEL), digest)
        name = f"{meta['name']}-{digest}"
        replicas, (surge, _) = replicas_of(deployment), limits(deployment)
        size = replicas
        if is_rolling(deployment):
            size = rolling.grown_new(0, sum(replicas_of(rs) for rs in sets.old), replicas, surge)
        wanted: Object = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": name,
                "namespace": meta["namespace"],
                "labels": template["metadata"]["labels"],
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {
                "replicas": size,
                "selector": with_path(deployment["spec"]["selector"], ("matchLabels", HASH_LABEL), digest),
                "template": template,
            },
        }
        if deployment["spec"].get("minReadySeconds"):
            wanted = with_path(wanted, ("spec", "minReadySeconds"), deployment["spec"]["minReadySeconds"])
        annotations = self._annotations(sets, wanted) | {DESIRED: str(replicas), MAXIMUM: str(replicas + surge)}
        try:
            sets.new = self._controller.cluster.create(with_path(wanted, ("metadata", "annotations"), annotations))
        except ApiError as error:
            self._creation_failed(sets, name, collisions, error)
            raise
        if size:
            self._controller.events.normal(deployment, "ScalingReplicaSet", f"Scaled up replica set {name} from 0 to {size}")
        self._take_revision(sets, "NewReplicaSetCreated", f'Created new replica set "{name}"', only_first=False)

    def _creation_failed(self, sets: Sets, name: str, collisions: int, error: ApiError) -> None:
        """A name that another template already has makes the next try use another hash; other failures show in Progressing."""
        deployment = sets.deployment
        status = deployment.get("status") or {}
        if error.reason == "AlreadyExists":
            taken = self._controller.store.get(Key("apps", "ReplicaSet", deployment["metadata"]["namespace"], name))
            owner = controller_of(taken) if taken is not None else None
            same = taken is not None and without_hash(taken["spec"]["template"]) == deployment["spec"]["template"]
            if not (same and owner is not None and owner["uid"] == deployment["metadata"]["uid"]):
                sets.deployment = self._controller.set_status(deployment, {**status, "collisionCount": collisions + 1})
            return
        if deadline(deployment) is not None and not namespace_is_going(error):
            message = f'Failed to create new replica set "{name}": {error.message}'
            entry = progressing("False", "ReplicaSetCreateError", message, self._controller.clock.timestamp())
            entries = conditions.put(status.get("conditions") or [], entry)
            sets.deployment = self._controller.set_status(deployment, {**status, "conditions": entries})
            self._controller.events.warning(deployment, "ReplicaSetCreateError", message)

    def _annotations(self, sets: Sets, replica_set: Object) -> dict[str, str]:
        """Those of the new ReplicaSet: the Deployment's own ones, and the next revision if it had an older one."""
        annotations = dict(annotations_of(replica_set))
        for name, value in annotations_of(sets.deployment).items():
            if name not in NOT_COPIED:
                annotations[name] = value
        former = revision_of(replica_set)
        revision = max((revision_of(rs) for rs in sets.old), default=0) + 1
        if former < revision:
            annotations[REVISION] = str(revision)
            if former:
                annotations[HISTORY] = ",".join(filter(None, (annotations.get(HISTORY), str(former))))
        return annotations

    def _take_revision(self, sets: Sets, reason: str, message: str, *, only_first: bool) -> None:
        """Copies the new ReplicaSet's revision to the Deployment and notes in Progressing where it came from."""
        assert sets.new is not None
        deployment = sets.deployment
        revision = annotations_of(sets.new).get(REVISION, "")
        wanted = deployment
        if annotations_of(deployment).get(REVISION) != revision:
            wanted = with_path(wanted, ("metadata", "annotations", REVISION), revision)
        status = deployment.get("status") or {}
        known = conditions.find(status.get("conditions") or [], "Progressing")
        if deadline(deployment) is not None and not (only_first and known is not None):
            entry = progressing("True", reason, message, self._controller.clock.timestamp())
            wanted = with_path(wanted, ("status", "conditions"), conditions.put(status.get("conditions") or [], entry))
        if wanted is not deployment:
            sets.deployment = self._controller.cluster.update(wanted, subresource="status")
