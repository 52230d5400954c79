"""Plays transcripts of the real kubectl through the built-in one, on a cluster whose clock the player turns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gitops_sim.clock import Clock
from gitops_sim.cluster import Cluster
from gitops_sim.kubectl import Kubectl
from gitops_sim.output import Output
from gitops_sim.registry import Registry
from tests.goldens.masking import Values, bare, marked

FOLDER = Path(__file__).parent.parent / "goldens" / "kubectl"
NAMESPACE = "golden"
HASHES = {"nginx:1.24": "64b868657d", "nginx:1.25": "57794f8f99"}
"""The real hash of the one template in all transcripts, by image: ours are others."""

IMAGES = {"broken:1": {"pull_error": "not found"}, "busybox:1": {"complete": "1h"}}
"""What the real images did: one does not exist, one ran on."""

PAUSE = 0.5
_PATIENCE = 120.0
_OTHERWISE = (
    (r"(?m)^.* kubelet(  .*)?$\n?", ""),
    (r"\bnode-1\b", "fake-node-1"),
)
"""What is otherwise on the cluster of the recordings: its kubelet is a fake that tells of no events."""


_APART = (
    (r"   [/.well-known/*]   []   [get]\n   [/.well-known/openid", r"   [/.well-known/openid"),
    (r"   [/.well-known]   []   [get]\n", ""),
    (r"Username    admin\nUID         admin\n", r"Username    kubernetes-admin\n"),
)
"""What only the recorded server lets everybody read, and how its administrator was called."""


def load(name: str) -> dict[str, Any]:
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    for recorded, here in _APART:
        text = text.replace(recorded, here)
    transcript: dict[str, Any] = json.loads(text)
    return transcript


def run_clock(clock: Clock, condition: Callable[[], bool], timeout: float) -> bool:
    """Turns a clock until a condition holds, at most so many seconds."""
    end = clock.now + timeout
    while not condition():
        upcoming = clock.next_event
        if upcoming is None or upcoming > end:
            clock.run_until(end)
            return condition()
        clock.run_until(upcoming)
    return True


@dataclass
class Player:
    """One transcript on a fresh cluster."""

    transcript: dict[str, Any]
    cluster: Cluster = field(default_factory=lambda: Cluster(registry=Registry(IMAGES)))
    values: Values = field(default_factory=Values)
    hashes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kubectl = Kubectl(
            self.cluster, namespace=NAMESPACE, wait=lambda condition, timeout: run_clock(self.cluster.clock, condition, timeout)
        )
        self.files = {path: text.replace("$NS", NAMESPACE) for path, text in self.transcript["files"].items()}
        self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        self._pass(5.0)

    def play(self, step: dict[str, Any]) -> list[str]:
        """What differs from the recording, as lines to read."""
        shown = self._run(step)
        if "exit" not in step:
            return []
        differences = [] if shown.exit == step["exit"] else [f"exit: recorded {step['exit']}, here {shown.exit}"]
        columns = "--no-headers" in step["cmd"] or "custom-columns" in step["cmd"]
        out = "\n".join(sorted(shown.stdout.splitlines())) + "\n" if step.get("sortLines") else shown.stdout
        for name, recorded, here in (("stdout", step["stdout"], out), ("stderr", step["stderr"], shown.stderr)):
            differences += self._compare(name, recorded, self._masked(here), columns=columns)
        return differences

    def _run(self, step: dict[str, Any]) -> Output:
        command = step["cmd"].replace("$NS", NAMESPACE)
        until = step.get("untilStdout", "").replace("$NS", NAMESPACE)
        command, _, rest = command.partition(" | head -")
        command, _, echo = command.partition("; echo ")
        end = self.cluster.clock.now + _PATIENCE
        self._pass(PAUSE)
        while True:
            shown = self.kubectl.run(command, files=self.files)
            if rest:
                shown = Output("".join(shown.stdout.splitlines(keepends=True)[: int(rest)]), shown.stderr, shown.exit)
            if echo:
                shown = Output(f"{shown.stdout}{echo}\n", shown.stderr, 0)
            if not until or re.search(until, shown.stdout):
                return shown
            assert self.cluster.clock.now < end, f"{command} never prints {until}: {shown}"
            self._pass(1.0)

    def _pass(self, seconds: float) -> None:
        self.cluster.clock.run_until(self.cluster.clock.now + seconds)

    def _masked(self, text: str) -> str:
        text = text.replace(NAMESPACE, "$NS")
        for replica_set in self.cluster.list("replicasets", NAMESPACE):
            image = replica_set["spec"]["template"]["spec"]["containers"][0]["image"]
            ours = replica_set["metadata"]["labels"].get("pod-template-hash")
            if ours and image in HASHES:
                self.hashes[ours] = HASHES[image]
        for ours, theirs in self.hashes.items():
            text = text.replace(ours, theirs)
        for pattern, there in _OTHERWISE:
            text = re.sub(pattern, there, text)
        return marked(text)

    def _compare(self, name: str, recorded: str, here: str, *, columns: bool) -> list[str]:
        recorded = marked(recorded)
        wanted, shown = bare(recorded, columns=columns), bare(here, columns=columns)
        if wanted != shown:
            return [f"{name}:", *(f"  - {line}" for line in wanted.split("\n")), *(f"  + {line}" for line in shown.split("\n"))]
        return [] if self.values.agree(recorded, here) else [f"{name}: other values than before in {here!r}"]
