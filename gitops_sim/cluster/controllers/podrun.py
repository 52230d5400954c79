"""One Pod as its node runs it: init containers in order, then the others, until it is told to stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gitops_sim.cluster.controllers import configuration
from gitops_sim.cluster.controllers.containers import Container, Role
from gitops_sim.cluster.events import EventRecorder, EventType
from gitops_sim.objects import Object, controller_of
from gitops_sim.registry import Image, normalise

if TYPE_CHECKING:
    from gitops_sim.cluster.cluster import Cluster


class PodRun:
    """The :class:`~gitops_sim.cluster.controllers.containers.Host` of the Pod's containers.

    ``images`` is the node's store of images, shared by all Pods on it.
    """

    def __init__(
        self, pod: Object, cluster: Cluster, events: EventRecorder, images: dict[str, None], address: str, now: float
    ) -> None:
        meta, spec = pod["metadata"], pod["spec"]
        self.uid: str = meta["uid"]
        self.full_name = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
        self.address = address
        self.begun = now
        self.gone_at: float | None = None
        self.grace = 0.0
        self.policy: str = spec.get("restartPolicy", "Always")
        self.facts: list[dict[str, Any]] = []
        self.mounted = False
        self._mount_problem = ""
        self._cluster, self._events, self._images, self._pod = cluster, events, images, pod
        self.inits = [
            self._container(c, "sidecar" if c.get("restartPolicy") == "Always" else "init")
            for c in _listed(spec, "initContainers")
        ]
        self.apps = [self._container(c, "app") for c in _listed(spec, "containers")]

    @property
    def containers(self) -> list[Container]:
        return self.inits + self.apps

    @property
    def due(self) -> float | None:
        return min((c.due for c in self.containers if c.due is not None), default=None)

    @property
    def lacks(self) -> bool:
        """Whether it waits for a ConfigMap or Secret."""
        return not self.mounted or any(container.lacks for container in self.containers)

    @property
    def initialised(self) -> bool:
        return all(container.passed for container in self.inits)

    @property
    def finished(self) -> bool:
        """Whether it has run to its end: its containers are done, or an init container failed for good."""
        failed = any(c.role == "init" and c.state == "done" and c.exit_code != 0 for c in self.inits)
        return failed or all(container.state == "done" for container in self.apps)

    @property
    def succeeded(self) -> bool:
        return all(c.exit_code == 0 for c in self.containers if c.role != "sidecar")

    def advance(self, now: float, pod: Object) -> None:
        """Does everything that is due up to ``now``."""
        self._pod = pod
        if not self._mount():
            return
        for container in self.containers:
            if container.lacks and not self.environment_problem(container):
                container.begin(self, now)
        for container, spec in zip(self.apps, _listed(pod["spec"], "containers"), strict=False):
            if spec.get("image", "") != container.reference:
                container.change_image(self, now, spec)
        while not self.finished:
            for container in self._next_up():
                container.begin(self, now)
            due = [c for c in self.containers if c.due is not None and c.due <= now]
            if not due:
                return
            min(due, key=lambda c: c.due or 0.0).advance(self)
        for container in self.containers:
            container.finish(self, now)

    def stop(self, now: float, grace: float, pod: Object) -> float:
        """Orders the containers to stop; returns when the last of them will be gone. Later orders may only hurry it."""
        self._pod = pod
        if self.gone_at is None:
            for container in self.containers:
                if container.state == "running":
                    self.tell(container, "Normal", "Killing", f"Stopping container {container.name}")
            self.gone_at = now + max((c.stop_time(grace) for c in self.containers), default=0.0)
        elif grace < self.grace:
            self.gone_at = min(self.gone_at, now + grace)
        self.grace = grace
        return self.gone_at

    def _mount(self) -> bool:
        """Mounts the volumes, once, before anything starts."""
        if self.mounted:
            return True
        problem = configuration.volume_problem(self._cluster.store, self._pod)
        self.mounted = not problem
        if problem and problem != self._mount_problem:
            self._events.warning(self._pod, "FailedMount", problem)
        self._mount_problem = problem
        return self.mounted

    def _next_up(self) -> Iterator[Container]:
        """Idle containers whose turn has come: the first init container that has not passed, or all others when all have."""
        for container in self.inits:
            if container.state == "idle":
                yield container
            if not container.passed:
                return
        yield from (container for container in self.apps if container.state == "idle")

    def _container(self, spec: Any, role: Role) -> Container:
        policy = self.policy
        if role == "sidecar":
            policy = "Always"
        elif role == "init" and policy == "Always":
            policy = "OnFailure"
        owner = controller_of(self._pod)
        batch = role == "app" and owner is not None and owner["kind"] == "Job"
        reason = "PodInitializing" if self._pod["spec"].get("initContainers") else "ContainerCreating"
        return Container(spec, role, policy, batch, {"waiting": {"reason": reason}})

    # ------------------------------------------------------------------ what containers ask of their host

    def image(self, reference: str) -> Image:
        return self._cluster.registry.image(reference)

    def has_image(self, reference: str) -> bool:
        return normalise(reference) in self._images

    def keep_image(self, reference: str) -> None:
        self._images[normalise(reference)] = None

    def environment_problem(self, container: Container) -> str:
        return configuration.environment_problem(self._cluster.store, self._pod["metadata"]["namespace"], container.spec)

    def tell(self, container: Container, kind: str, reason: str, message: str, times: int = 1) -> None:
        part = "containers" if container.role == "app" else "initContainers"
        event_type: EventType = "Warning" if kind == "Warning" else "Normal"
        self._events.record(self._pod, event_type, reason, message, field=f"spec.{part}{{{container.name}}}", times=times)

    def crashed(self, container: Container, code: int, ran: float) -> None:
        self.facts.append({"event": "PodCrashed", "container": container, "code": code, "ran": ran})

    def pull_failed(self, container: Container, error: str) -> None:
        self.facts.append({"event": "ImagePullFailed", "container": container, "error": error})

    def timestamp(self, time: float) -> str:
        return self._cluster.clock.timestamp(time)


def _listed(spec: Any, field: str) -> list[Any]:
    return list(spec.get(field) or ())
