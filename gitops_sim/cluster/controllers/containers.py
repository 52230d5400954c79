"""The life of one container on a node: pulled, started, probed, crashed, restarted, each at a moment that is known ahead."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from gitops_sim.cluster.controllers.backoff import Backoff, go_duration
from gitops_sim.cluster.controllers.probes import Milestone, failure_text, plan
from gitops_sim.registry import Image, normalise

Role = Literal["init", "sidecar", "app"]
State = Literal["idle", "pulling", "refused", "starting", "running", "stopping", "waiting", "done"]
CONFIG_ERROR = "CreateContainerConfigError"
_SYNC = 2.0
"""Seconds from ErrImagePull to ImagePullBackOff: the kubelet's next look at the Pod."""
_BATCH_RUN = 3.0
"""Seconds that a container of a Job, or an init container, runs when its image does not say."""


class Host(Protocol):
    """What a container needs of the node it runs on. ``name`` is the container's."""

    uid: str
    full_name: str
    address: str

    def image(self, reference: str) -> Image: ...

    def has_image(self, reference: str) -> bool: ...

    def keep_image(self, reference: str) -> None: ...

    def tell(self, container: Container, kind: str, reason: str, message: str, times: int = 1) -> None: ...

    def crashed(self, container: Container, code: int, ran: float) -> None: ...

    def environment_problem(self, container: Container) -> str: ...

    def pull_failed(self, container: Container, error: str) -> None: ...

    def timestamp(self, time: float) -> str: ...


@dataclass
class Container:
    """``due`` is when it next changes by itself; None when it never does.

    ``shown`` is its ``state`` as the API shows it, ``last`` its ``lastState``. ``policy`` is ``Always``, ``OnFailure`` or
    ``Never``.
    """

    spec: Mapping[str, Any]
    role: Role
    policy: str
    batch: bool
    shown: dict[str, Any]
    state: State = "idle"
    due: float | None = None
    last: dict[str, Any] = field(default_factory=dict)
    image: Image = field(default_factory=Image)
    restarts: int = 0
    runs: int = 0
    running_since: float = 0.0
    started: bool = False
    ready: bool = False
    exit_code: int | None = None
    steps: list[Milestone] = field(default_factory=list)
    pulls: Backoff = field(default_factory=Backoff)
    crashes: Backoff = field(default_factory=Backoff)
    _retry_pull: float = 0.0
    _stop_code: int = 0
    _terminated: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        found: str = self.spec["name"]
        return found

    @property
    def reference(self) -> str:
        found: str = self.spec.get("image", "")
        return found

    @property
    def passed(self) -> bool:
        """Whether the containers that come after this init container may start."""
        return (self.state == "done" and self.exit_code == 0) if self.role == "init" else self.started

    @property
    def image_id(self) -> str:
        """Empty before the image was there."""
        return f"{self.reference}@sha256:{_digest(normalise(self.reference))}" if self.runs else ""

    def container_id(self, uid: str) -> str:
        return f"containerd://{_digest(f'{uid}/{self.name}/{self.runs}')}"

    @property
    def lacks(self) -> bool:
        """Whether it waits for a ConfigMap or Secret that its environment is made from."""
        found: str = self.shown.get("waiting", {}).get("reason", "")
        return self.state == "refused" and found == CONFIG_ERROR

    # ------------------------------------------------------------------ moves

    def begin(self, host: Host, now: float) -> None:
        """Gets the image, then starts."""
        policy = self.spec.get("imagePullPolicy", "IfNotPresent")
        present = host.has_image(self.reference)
        if policy == "Never" and not present:
            message = f'Container image "{self.reference}" is not present with pull policy of Never'
            host.tell(self, "Warning", "ErrImageNeverPull", message)
            self._refuse("ErrImageNeverPull", message)
        elif policy == "Always" or not present:
            host.tell(self, "Normal", "Pulling", f'Pulling image "{self.reference}"')
            self.state, self.due = "pulling", now + host.image(self.reference).pull
        else:
            host.tell(
                self,
                "Normal",
                "Pulled",
                f'Container image "{self.reference}" already present on machine and can be accessed by the pod',
            )
            self._create(host, now)

    def advance(self, host: Host) -> None:
        """Does what is due; the moment of it is ``due``, never later."""
        assert self.due is not None
        now = self.due
        if self.state == "pulling":
            self._pulled(host, now)
        elif self.state == "refused":
            self._refused_still(host, now)
        elif self.state == "starting":
            self._run(host, now)
        elif self.state == "running":
            self._step(host, self.steps.pop(0))
        elif self.state == "stopping":
            self._exit(host, now, self._stop_code)
        else:
            self.begin(host, now)

    def change_image(self, host: Host, now: float, spec: Mapping[str, Any]) -> None:
        """The Pod's spec names another image: what runs is stopped first. Source: ``computePodActions``."""
        self.spec = spec
        if self.state == "running":
            host.tell(self, "Normal", "Killing", f"Container {self.name} definition changed, will be restarted")
            self._stop(now, 30)
        elif self.state in ("pulling", "refused", "starting", "waiting"):
            self.begin(host, now)

    def stop_time(self, grace: float) -> float:
        """Seconds from the order to stop until it is gone; 0 when it does not run."""
        if self.state not in ("running", "stopping"):
            return 0.0
        hook = ((self.spec.get("lifecycle") or {}).get("preStop") or {}).get("sleep") or {}
        return min(float(grace), float(hook.get("seconds", 0)) + self.image.stop)

    def finish(self, host: Host, now: float) -> None:
        """Ends for good, because the Pod as a whole has finished."""
        if self.state == "running":
            self._end(host, now, 0)
        self.state, self.due = "done", None

    # ------------------------------------------------------------------ images

    def _pulled(self, host: Host, now: float) -> None:
        self.image = host.image(self.reference)
        if self.image.pull_error:
            error = self.image.pull_error
            host.tell(self, "Warning", "Failed", f'Failed to pull image "{self.reference}": {error}')
            host.tell(self, "Warning", "Failed", "Error: ErrImagePull")
            self._refuse("ErrImagePull", error)
            self._retry_pull = now + self.pulls.failed(now)
            self.due = min(now + _SYNC, self._retry_pull)
            host.pull_failed(self, error)
            return
        took = go_duration(self.image.pull)
        size = 20_000_000 + int(_digest(self.reference)[:7], 16)
        host.tell(
            self,
            "Normal",
            "Pulled",
            f'Successfully pulled image "{self.reference}" in {took} ({took} including waiting). Image size: {size} bytes.',
        )
        host.keep_image(self.reference)
        self._create(host, now)

    def _refused_still(self, host: Host, now: float) -> None:
        if now >= self._retry_pull:
            self.begin(host, now)
            return
        message = f'Back-off pulling image "{self.reference}"'
        host.tell(self, "Normal", "BackOff", message)
        host.tell(self, "Warning", "Failed", "Error: ImagePullBackOff")
        self._refuse("ImagePullBackOff", f"{message}: ErrImagePull: {self.image.pull_error}")
        self.due = self._retry_pull

    def _refuse(self, reason: str, message: str) -> None:
        self.state, self.due = "refused", None
        self.shown = {"waiting": {"reason": reason, "message": message}}

    # ------------------------------------------------------------------ running

    def _create(self, host: Host, now: float) -> None:
        self.image = host.image(self.reference)
        problem = host.environment_problem(self)
        if problem:
            host.tell(self, "Warning", "Failed", f"Error: {problem}")
            self._refuse(CONFIG_ERROR, problem)
            return
        host.tell(self, "Normal", "Created", "Container created")
        self.state, self.due = "starting", now + self.image.start

    def _run(self, host: Host, now: float) -> None:
        host.tell(self, "Normal", "Started", "Container started")
        if self.runs:
            self.restarts += 1
        if self._terminated:
            self.last = {"terminated": self._terminated}
        self.runs += 1
        self.exit_code = None
        self.running_since = now
        self.state, self.shown = "running", {"running": {"startedAt": host.timestamp(now)}}
        self.steps = plan(self.spec, self.image, now, self._exit_plan(now))
        self._schedule()

    def _exit_plan(self, now: float) -> Milestone | None:
        complete = self.image.complete
        if complete is None and self.image.crash is None and (self.batch or self.role == "init"):
            complete = _BATCH_RUN
        ends = []
        if self.image.crash is not None:
            ends.append(Milestone(now + self.image.crash, "exit", code=self.image.exit_code))
        if complete is not None:
            ends.append(Milestone(now + complete, "exit", code=0))
        return min(ends, key=lambda end: end.time, default=None)

    def _step(self, host: Host, step: Milestone) -> None:
        if step.what == "started":
            self.started = True
        elif step.what in ("ready", "unready"):
            self.ready = step.what == "ready"
        elif step.what == "failing":
            text = failure_text(self.spec, step.kind, host.address)
            host.tell(self, "Warning", "Unhealthy", text, step.number - step.told)
            following = step.next_failure()
            end = self.steps[-1] if self.steps and self.steps[-1].what in ("kill", "exit") else None
            if following is not None and (end is None or following.rank < end.rank):
                insort(self.steps, following, key=lambda milestone: milestone.rank)
        elif step.what == "kill":
            message = f"Container {self.name} failed {step.kind.lower()} probe, will be restarted"
            host.tell(self, "Normal", "Killing", message)
            self._stop(step.time, _grace(self.spec, step.kind))
            return
        else:
            self._exit(host, step.time, step.code)
            return
        self._schedule()

    def _stop(self, now: float, grace: float) -> None:
        """Obeys the SIGTERM (exit code 143), unless the SIGKILL at the end of the grace period comes first (137)."""
        took = self.stop_time(grace)
        self._stop_code = 137 if took < self.image.stop else 143
        self.state, self.ready, self.due = "stopping", False, now + took

    def _schedule(self) -> None:
        self.due = self.steps[0].time if self.steps else None

    def _end(self, host: Host, now: float, code: int) -> None:
        self._terminated = {
            "containerID": self.container_id(host.uid),
            "exitCode": code,
            "finishedAt": host.timestamp(now),
            "reason": "Completed" if code == 0 else "Error",
            "startedAt": host.timestamp(self.running_since),
        }
        self.steps, self.ready, self.started, self.exit_code = [], False, False, code
        self.shown = {"terminated": self._terminated}

    def _exit(self, host: Host, now: float, code: int) -> None:
        self._end(host, now, code)
        again = self.policy == "Always" or (self.policy == "OnFailure" and code != 0)
        if code or again:
            host.crashed(self, code, now - self.running_since)
        if not again:
            self.state, self.due = "done", None
            return
        wait = self.crashes.exited(now)
        if not wait:
            self.begin(host, now)
            return
        host.tell(self, "Warning", "BackOff", f"Back-off restarting failed container {self.name} in pod {host.full_name}")
        message = f"back-off {go_duration(wait)} restarting failed container={self.name} pod={host.full_name}"
        self.state, self.due = "waiting", now + wait
        self.last = {"terminated": self._terminated}
        self.shown = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}


def _grace(container: Mapping[str, Any], kind: str) -> float:
    """The grace period of a container that a probe condemned."""
    own = (container.get(f"{kind.lower()}Probe") or {}).get("terminationGracePeriodSeconds")
    return float(own if own is not None else 30)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
