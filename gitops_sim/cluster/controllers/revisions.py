"""ControllerRevisions: the former templates of StatefulSets and DaemonSets.

Source: k8s.io/kubernetes ``pkg/controller/history/controller_history.go``.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.cluster.controllers.base import ClusterController, owner_reference
from gitops_sim.cluster.controllers.pods import template_hash
from gitops_sim.objects import Object, with_path

HASH = "controller.kubernetes.io/hash"


def take_revision(controller: ClusterController, owner: Object) -> tuple[Object, list[Object]]:
    """The revision of the owner's present template, created or brought back to the front, and all revisions, oldest first."""
    revisions = sorted(controller.claim(owner, "ControllerRevision"), key=lambda r: (r["revision"], r["metadata"]["name"]))
    template = owner["spec"]["template"]
    data = {"spec": {"template": {**template, "$patch": "replace"}}}
    latest: int = revisions[-1]["revision"] if revisions else 0
    for revision in revisions:
        if revision["data"] == data:
            if revision["revision"] < latest:
                revisions.remove(revision)
                revision = controller.cluster.update(with_path(revision, ("revision",), latest + 1))
                revisions.append(revision)
            return revision, revisions
    digest = template_hash(template)
    meta = owner["metadata"]
    labels = {**((template.get("metadata") or {}).get("labels") or {}), HASH: digest}
    created = controller.cluster.create(
        {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {
                "name": f"{meta['name']}-{digest}",
                "namespace": meta["namespace"],
                "labels": labels,
                "ownerReferences": [owner_reference(owner)],
            },
            "data": data,
            "revision": latest + 1,
        }
    )
    return created, [*revisions, created]


def forget_old(controller: ClusterController, owner: Object, revisions: Sequence[Object], in_use: set[str]) -> None:
    """Deletes the oldest revisions beyond ``revisionHistoryLimit`` that no Pod has."""
    spare = [r for r in revisions if r["metadata"]["name"] not in in_use]
    limit: int = owner["spec"].get("revisionHistoryLimit", 10)
    for revision in spare[: max(0, len(spare) - limit)]:
        meta = revision["metadata"]
        controller.cluster.delete("ControllerRevision", meta["name"], meta["namespace"])
