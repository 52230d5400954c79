"""What only Pods have: logs, eviction and binding."""

from __future__ import annotations

from typing import Any

from gitops_sim.api import bodies, options
from gitops_sim.api.subresources import success
from gitops_sim.api.writes import Writer
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.errors import Cause, bad_request, conflict, invalid
from gitops_sim.objects import Object, get_path, key_of, with_path

_PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName")
NO_LOGS = "Nothing runs inside the simulated Pods: they write no logs. See 'kubectl describe pod' and 'kubectl events'.\n"


def log(pod: Object, container: str) -> str:
    """What the container wrote. Raises ApiError 400 for one that there is not, and for one that waits to start.

    Source of the texts: kubelet ``pkg/kubelet/kubelet_pods.go`` and ``pkg/registry/core/pod/strategy.go``.
    """
    name = pod["metadata"]["name"]
    regular = [text(item, "name") for item in mappings(pod, "spec", "containers")]
    initial = [text(item, "name") for item in mappings(pod, "spec", "initContainers")]
    if not container:
        if len(regular) > 1:
            choose = f"choose one of: [{' '.join([*initial, *regular])}]"
            raise bad_request(f"a container name must be specified for pod {name}, {choose}")
        container = regular[0]
    if container not in (*regular, *initial):
        raise bad_request(f"container {container} is not valid for pod {name}")
    statuses = [*mappings(pod, "status", "containerStatuses"), *mappings(pod, "status", "initContainerStatuses")]
    status = next((status for status in statuses if text(status, "name") == container), {})
    waiting = mapping(status, "state", "waiting")
    if status and (not waiting or mapping(status, "lastState", "terminated")):
        return NO_LOGS
    reason = text(waiting, "reason") or "ContainerCreating"
    why = "trying and failing to pull image" if reason in _PULLING else reason
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {why}')


def evict(writer: Writer) -> Any:
    """Deletes a Pod unless a budget forbids it."""
    chosen = options.write_options(writer.request, "CreateOptions")
    body, _ = bodies.read_object(writer.request, "Eviction")
    asked = mapping(body, "deleteOptions")
    dry_run = chosen.dry_run or bool(asked.get("dryRun"))
    grace = asked.get("gracePeriodSeconds")
    writer.reach(dry_run)
    seconds = float(grace) if isinstance(grace, int) else None
    writer.cluster.evict(writer.target.name, writer.target.namespace, grace_period=seconds, dry_run=dry_run)
    return success(201)


def bind(writer: Writer) -> Any:
    """Puts a Pod on a node, once. Source: ``pkg/registry/core/pod/storage/storage.go``."""
    chosen = options.write_options(writer.request, "CreateOptions")
    body, _ = bodies.read_object(writer.request, "Binding")
    node = text(body, "target", "name")
    name, namespace = writer.target.name, writer.target.namespace
    if not node:
        raise invalid("Binding", name, [Cause("target.name", "Required value", "FieldValueRequired")])
    pod = writer.cluster.get("pods", name, namespace)
    given = get_path(pod, ("spec", "nodeName"))
    if given:
        why = f'pod {name} is already assigned to node "{given}"'
        raise conflict("pods/binding", name, why=why)
    if not chosen.dry_run:
        writer.reach(False)
        cluster = writer.cluster
        entry = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": cluster.clock.timestamp()}
        others = [c for c in get_path(pod, ("status", "conditions")) or () if c["type"] != "PodScheduled"]
        bound = with_path(with_path(pod, ("spec", "nodeName"), node), ("status", "conditions"), [*others, entry])
        cluster.store.put(key_of(pod), bound, cluster.user)
    return success(201)
