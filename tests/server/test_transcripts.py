"""Transcripts of kubectl on a real cluster, played by the real kubectl against a served world and compared byte for byte.

The own kubectl speaks like the recorded 1.36.2; where that of the machine, 1.32, says it otherwise, the recording says how.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gitops_sim import World
from gitops_sim.output import Output
from tests.kubectl.transcripts import FOLDER, IMAGES, NAMESPACE, PAUSE, Player, load
from tests.server.tools import KUBECTLS, Shell

SPEED = 50.0
"""Simulated seconds in a real one: a Pod starts within the time of a command."""

_INGRESS = "the recorded cluster has no ingress controller: no address, no events"
_ANY_ORDER = "kubectl 1.32 prints the data of a ConfigMap in the random order of a Go map"
SKIPPED = {
    ("describe", 6, "machine"): _ANY_ORDER,
    ("describe", 9, "machine"): _ANY_ORDER,
    ("describe-more", 7, ""): _INGRESS,
    ("describe-more", 10, ""): _INGRESS,
    ("get-forms", 21, ""): "recorded with managedFields in another order: the server's is by time",
    ("get-forms", 28, ""): "the recording itself says that it may look otherwise",
}
"""Steps that are run but not compared: transcript, number from 0 and kubectl (empty: both), each with the reason."""

_OWN_MATTERS = (
    (r"(?m)^<klog> reflector\.go:.*\n", ""),
    (r"(?m)^Username( +)you$", r"Username\1kubernetes-admin"),
)
"""What kubectl 1.37 logs when its own time is over within a second of its watch, and how the learner is called."""


class RealPlayer(Player):
    """One transcript through a real kubectl. Where the recording waited for a state, the player turns the clock."""

    def __init__(self, transcript: dict[str, Any], world: World, shell: Shell) -> None:
        super().__init__(transcript, world.cluster())
        self.world, self.shell = world, shell
        for name, text in self.files.items():
            (shell.work / name).write_text(text, encoding="utf-8")

    def _run(self, step: dict[str, Any]) -> Output:
        with self.world.turn:
            if "untilStdout" in step:
                return super()._run(step)
            self._pass(PAUSE)
        return self.shell.run(step["cmd"].replace("$NS", NAMESPACE))

    def _masked(self, text: str) -> str:
        with self.world.turn:
            text = super()._masked(text)
        for pattern, there in _OWN_MATTERS:
            text = re.sub(pattern, there, text)
        return text


@pytest.mark.parametrize("version", KUBECTLS)
@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_transcript(name: str, version: str, tmp_path: Path) -> None:
    transcript, world, config = load(name), World(images=IMAGES), tmp_path / "kubeconfig"
    otherwise = transcript["otherVersions"]["v1.32.4-dispatcher"] if version == "machine" else {}
    with world.serve(speed=SPEED, kubeconfig=config):
        shell = Shell(tmp_path / "home", config, {"kubectl": KUBECTLS[version]})
        shell.use_namespace(NAMESPACE)
        player = RealPlayer(transcript, world, shell)
        for number, step in enumerate(transcript["steps"]):
            differences = player.play({**step, **otherwise.get(str(number), {})})
            skipped = {(name, number, ""), (name, number, version)} & SKIPPED.keys()
            assert skipped or not differences, "\n".join([f"{name}, step {number}: {step['cmd']}", *differences])


def test_every_skipped_step_exists() -> None:
    for name, number, _ in SKIPPED:
        assert number < len(load(name)["steps"])


def test_both_kubectls_are_there() -> None:
    """The older one may be missing on a laptop; ``.ci/run`` sees to it."""
    if "machine" not in KUBECTLS:
        pytest.skip("no kubectl 1.32 here: python -m tests.server.fetch")
    assert list(KUBECTLS) == ["own", "machine"]
