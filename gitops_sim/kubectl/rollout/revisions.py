"""The past Pod templates of an object, by revision: of a Deployment in its ReplicaSets, of a DaemonSet or StatefulSet in
ControllerRevisions.

Source: k8s.io/kubectl ``pkg/polymorphichelpers/history.go`` and ``rollback.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster import Cluster
from gitops_sim.cluster.merge import strategic_merge
from gitops_sim.cluster.shapes import mapping, number, text
from gitops_sim.errors import ApiError
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.replica_sets import REVISION, owned, revision_of
from gitops_sim.kubectl.requests import CHANGE_CAUSE
from gitops_sim.objects import Object, controller_of, with_path

_IN_REVISIONS = ("DaemonSet", "StatefulSet")
_VISITED = {("batch", "Job"), ("batch", "CronJob"), ("", "Pod"), ("apps", "ReplicaSet"), ("", "ReplicationController")}


@dataclass(frozen=True, slots=True)
class Revision:
    """``holder`` is the ReplicaSet or ControllerRevision; ``whole`` the object that holds the template."""

    number: int
    holder: Object
    whole: Object

    @property
    def cause(self) -> str:
        return text(self.holder, "metadata", "annotations", CHANGE_CAUSE)

    @property
    def template(self) -> Mapping[str, Any]:
        """The template, with the cause of a ReplicaSet among its annotations."""
        template = mapping(self.whole, "spec", "template")
        if self.cause and self.holder is self.whole:
            annotated: Mapping[str, Any] = with_path(template, ("metadata", "annotations", CHANGE_CAUSE), self.cause)
            return annotated
        return template


def revisions(cluster: Cluster, info: Info, viewer: str, doing: str) -> list[Revision]:
    """Oldest first. ``viewer`` and ``doing`` word the KubectlError for a kind without a history."""
    kind = (info.kind.group, info.kind.kind)
    if kind == ("apps", "Deployment"):
        found = [Revision(revision_of(rs), rs, rs) for rs in owned(cluster, info.object) if _numbered(rs)]
    elif info.kind.group == "apps" and info.kind.kind in _IN_REVISIONS:
        found = [Revision(number(held, "revision"), held, _restored(info, held)) for held in _controlled(cluster, info)]
    else:
        shown = info.kind.kind + (f".{info.kind.group}" if info.kind.group else "")
        if kind in _VISITED:
            raise KubectlError(f'no {viewer} has been implemented for "{shown}"')
        raise KubectlError(
            f'error retrieving {doing} for "{shown}", no visitor method exists for {{{info.kind.group} {info.kind.kind}}}'
        )
    return sorted(found, key=lambda revision: revision.number)


def _numbered(replica_set: Object) -> bool:
    value = mapping(replica_set, "metadata", "annotations").get(REVISION)
    return value is None or revision_of(replica_set) > 0 or value == "0"


def _controlled(cluster: Cluster, info: Info) -> list[Object]:
    uid = text(info.object, "metadata", "uid")
    held = cluster.list("controllerrevisions", info.namespace)
    return [revision for revision in held if (controller_of(revision) or {}).get("uid") == uid]


def _restored(info: Info, revision: Object) -> Object:
    """The object with the template of a past revision."""
    try:
        return strategic_merge(info.kind, info.object, revision.get("data"))
    except ApiError:
        raise KubectlError(f"unable to parse history {text(revision, 'metadata', 'name')}") from None
