"""``kubectl scale``.

Source: k8s.io/kubectl ``pkg/cmd/scale`` and ``pkg/scale``.
"""

from __future__ import annotations

from gitops_sim.cluster.shapes import number, text
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import with_path


def scale(inv: Invocation) -> None:
    """Sets the number of replicas."""
    show = printer_for(inv, "scaled")
    if inv["replicas"] < 0:
        raise KubectlError("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
    if inv["current-replicas"] < -1:
        raise KubectlError("The --current-replicas must specify an integer of -1 or greater")
    found = look_up(inv, Query(inv.args, selector=inv["selector"], everything=inv["all"], fetch="lazy"))
    if inv["resource-version"] and len(found.infos) > 1:
        raise KubectlError("cannot use --resource-version with multiple resources")
    if not found.infos:
        raise_all(found.errors)
        raise KubectlError("no objects passed to scale")
    for info in found.infos:
        if inv.dry_run != "client":
            _scale(inv, info)
        show(with_path(info.object, ("spec", "replicas"), inv["replicas"]))
    raise_all(found.errors)


def _scale(inv: Invocation, info: Info) -> None:
    current = inv.cluster.get(info.kind, info.name, info.namespace)
    for what, wanted, actual in (
        ("replicas", inv["current-replicas"], number(current, "spec", "replicas")),
        ("resource version", inv["resource-version"], text(current, "metadata", "resourceVersion")),
    ):
        if wanted not in (-1, "") and wanted != actual:
            raise KubectlError(f"Expected {what} to be {wanted}, was {actual}")
    replicas: int = inv["replicas"]
    patch = {"spec": {"replicas": replicas}}
    requests.patch(inv, info, patch, "merge", subresource="scale")
    requests.note(inv, info, current)
    if inv["timeout"] and inv.dry_run == "none" and not inv.wait(lambda: _has(inv, info, replicas), inv["timeout"]):
        raise KubectlError(f'timed out waiting for "{info.name}" to be synced')


def _has(inv: Invocation, info: Info, replicas: int) -> bool:
    obj = inv.cluster.get(info.kind, info.name, info.namespace)
    return number(obj, "spec", "replicas") != replicas or number(obj, "status", "replicas") == replicas


COMMANDS = (
    Command(
        "scale",
        scale,
        "Set the number of replicas",
        "--replicas=COUNT (TYPE NAME ... | TYPE/NAME ... | -f FILE)",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.SELECTOR,
            flags.ALL,
            flags.DRY_RUN,
            flags.RECORD,
            flags.TIMEOUT,
            Flag("replicas", "int", required=True, about="how many there shall be"),
            Flag("current-replicas", "int", default=-1, about="only if there are so many now"),
            Flag("resource-version", about="only if the object has this version"),
        ),
        example="kubectl scale deployment web --replicas=3",
    ),
)
