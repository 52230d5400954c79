"""Transcripts of kubectl 1.36.2 on a real cluster, played through the built-in kubectl and compared byte for byte."""

from __future__ import annotations

import pytest

from tests.kubectl.transcripts import FOLDER, Player, load

_INGRESS = "the recorded cluster has no ingress controller: no address, no events"
_NO_EDITOR = "kubectl edit is not built in"
_UNSTABLE = "the recording itself says that it may look otherwise"
SKIPPED = {
    ("describe-more", 7): _INGRESS,
    ("describe-more", 10): _INGRESS,
    ("get-forms", 21): "recorded with managedFields in another order: the server's is by time",
    ("get-forms", 28): _UNSTABLE,
    ("get-forms", 35): "kyaml is not built in",
    ("replace-edit", 1): "needs a shell; see test_create.py",
    ("replace-edit", 2): "needs the file of the step before",
    ("replace-edit", 5): _NO_EDITOR,
    ("replace-edit", 6): _NO_EDITOR,
    ("replace-edit", 7): "shows what the editor did",
    ("replace-edit", 8): _NO_EDITOR,
    ("replace-edit", 10): _NO_EDITOR,
}
"""Steps that are not played, by transcript and number from 0, each with the reason."""


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_transcript(name: str) -> None:
    transcript = load(name)
    player = Player(transcript)
    for number, step in enumerate(transcript["steps"]):
        if (name, number) in SKIPPED:
            continue
        differences = player.play(step)
        assert not differences, "\n".join([f"{name}, step {number}: {step['cmd']}", *differences])


def test_every_skipped_step_exists() -> None:
    for name, number in SKIPPED:
        assert number < len(load(name)["steps"])
