"""What the ``set`` commands have in common: change the Pod template of objects and send what changed.

Source: k8s.io/kubectl ``pkg/cmd/set/helper.go`` and ``pkg/polymorphichelpers/updatepodspec.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests
from gitops_sim.kubectl.changes import send
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.outputs import Printer
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object, with_path

Container = Mapping[str, Any]
Spec = Mapping[str, Any]
CONTAINERS = ("containers", "initContainers")
FLAGS = (*flags.PRINT, *flags.FILENAME, flags.SELECTOR, flags.ALL, flags.DRY_RUN, flags.FIELD_MANAGER, flags.LOCAL)
CHOICE = Flag("containers", short="c", default="*", about="only containers with this name; * stands for anything")

_TEMPLATE = ("spec", "template", "spec")
_PLACES = {
    ("", "Pod"): ("spec",),
    ("", "ReplicationController"): _TEMPLATE,
    **{("apps", kind): _TEMPLATE for kind in ("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet")},
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
}


def find(inv: Invocation, args: Iterable[str]) -> list[Info]:
    """The objects to change. Raises what could not be found."""
    if inv["local"]:
        raise KubectlError("--local is not built in: use --dry-run=client")
    selector = inv["selector"] if "selector" in inv.flags else ""
    return look_up(inv, Query(list(args), selector=selector, everything=inv["all"])).all()


def place_of(kind: Kind) -> tuple[str, ...]:
    """Where a kind keeps the spec of its Pods. Raises KubectlError for a kind that has none."""
    place = _PLACES.get((kind.group, kind.kind))
    if place is None:
        group = kind.group.partition(".")[0]
        shown = f"*{kind.version}.{kind.kind}" if not group or not kind.custom else f"*unstructured.{kind.kind}"
        raise KubectlError(f"the object is not a pod or does not have a pod template: {shown}")
    return place


def with_spec(info: Info, change: Callable[[Spec], Spec]) -> Object:
    place = place_of(info.kind)
    changed: Object = with_path(info.object, place, change(mapping(info.object, *place)))
    return changed


def with_containers(spec: Spec, choice: str, change: Callable[[Container], Container]) -> Spec:
    """The spec with every container changed whose name fits."""
    return {
        **spec,
        **{
            field: [change(item) if fnmatchcase(text(item, "name"), choice) else item for item in mappings(spec, field)]
            for field in CONTAINERS
            if field in spec
        },
    }


@dataclass(frozen=True, slots=True)
class Sending:
    """How changed objects are sent. ``failed`` comes before an error of the server; ``always`` sends what is unchanged, too."""

    show: Printer
    failed: str
    always: bool = False

    def run(self, inv: Invocation, infos: list[Info], change: Callable[[Info], Object | None]) -> list[GitOpsSimError]:
        """Changes each object; None leaves it out. Returns what went wrong."""
        errors: list[GitOpsSimError] = []
        changed: list[tuple[Info, Object]] = []
        for info in infos:
            try:
                new = change(info)
            except KubectlError as error:
                errors.append(KubectlError(f"error: {info.title} {error}\n"))
                continue
            if new is not None:
                changed.append((info, requests.recorded(inv, new)))
        for info, new in changed:
            if new == info.object and not self.always:
                continue
            try:
                self.show(new if inv.dry_run == "client" else send(inv, info, new))
            except ApiError as error:
                errors.append(KubectlError(f"{self.failed} {error}"))
        return errors


def chosen(info: Info, choice: str) -> list[Container]:
    """The containers whose name fits, as they are."""
    spec = mapping(info.object, *place_of(info.kind))
    return [item for field in CONTAINERS for item in mappings(spec, field) if fnmatchcase(text(item, "name"), choice)]
