"""Which ReplicaSet of a Deployment is the new one, and their revisions.

Source: k8s.io/kubectl ``pkg/util/deployment``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.shapes import mapping, text
from gitops_sim.objects import Object, annotations_of, controller_of, without_path

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"


def owned(cluster: Cluster, deployment: Object) -> list[Object]:
    """The ReplicaSets that the Deployment controls, by name."""
    uid = text(deployment, "metadata", "uid")
    found = cluster.list("replicasets", text(deployment, "metadata", "namespace"))
    return [rs for rs in found if (controller_of(rs) or {}).get("uid") == uid]


def new_and_old(cluster: Cluster, deployment: Object) -> tuple[Object | None, list[Object]]:
    """The oldest ReplicaSet that has the Deployment's present template, and all others."""
    template = bare_template(deployment)
    every = owned(cluster, deployment)
    same = [rs for rs in every if bare_template(rs) == template]
    new = min(same, key=lambda rs: text(rs, "metadata", "creationTimestamp"), default=None)
    return new, [rs for rs in every if rs is not new]


def bare_template(obj: Object) -> Any:
    """The Pod template without the label that the controller adds to it."""
    return without_path(mapping(obj, "spec", "template"), ("metadata", "labels", HASH), prune_empty=True)


def revision_of(obj: Object) -> int:
    """The number in the annotation; 0 without one."""
    value = annotations_of(obj).get(REVISION, "")
    return int(value) if value.isdigit() and len(value) < 19 else 0
