"""The real programs of people, as processes, against a served world."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import yaml

from gitops_sim.output import Output

FETCHED = Path(__file__).parents[2] / "out" / "tools"
"""Where ``python -m tests.server.fetch`` puts what the machine has not."""
OWN = Path(sys.executable).with_name("kubectl")
"""The kubectl of the test requirements."""


def _first(name: str, version: str, *ask: str) -> str:
    """The first program of this name, on the machine or fetched, that is of this version; empty when there is none."""
    for path in (shutil.which(name, path="/usr/local/bin:/usr/bin:/bin"), FETCHED / name):
        if path and Path(path).exists():
            said = subprocess.run([path, *ask], capture_output=True, text=True, timeout=60, check=False).stdout
            if version in said:
                return str(path)
    return ""


MACHINES = _first("kubectl", " v1.32.", "version", "--client")
"""An older one, of the version whose words the recordings know."""
HELM = _first("helm", "v4.", "version", "--short")
KUBECTLS = {name: str(path) for name, path in (("own", OWN), ("machine", MACHINES)) if path and Path(path).exists()}


@dataclass
class Shell:
    """A shell of somebody whose kubeconfig leads to a served world. ``programs`` are found under their names."""

    home: Path
    kubeconfig: Path
    programs: Mapping[str, str]
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tools = self.home / ".tools"
        tools.mkdir(parents=True)
        for name, program in self.programs.items():
            (tools / name).symlink_to(program)
        self.work = self.home / "work"
        self.work.mkdir()
        self.env = {
            "HOME": str(self.home),
            "KUBECONFIG": str(self.kubeconfig),
            "PATH": f"{tools}:{os.environ['PATH']}",
            "TMPDIR": str(self.home),
            "TERM": "dumb",
            "LC_ALL": "C",
            "TZ": "UTC",
            **self.env,
        }

    def run(self, line: str, *, stdin: str = "") -> Output:
        """One line of bash."""
        done = subprocess.run(
            ["bash", "-c", line],
            env=self.env,
            cwd=self.work,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Output(done.stdout, done.stderr, done.returncode)

    def use_namespace(self, namespace: str) -> None:
        """Makes it the one of commands that name none."""
        config = yaml.safe_load(self.kubeconfig.read_text(encoding="utf-8"))
        config["contexts"][0]["context"]["namespace"] = namespace
        self.kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")


class Terminal:
    """A bash that is given one line after the other, and remembers where it is."""

    def __init__(self, shell: Shell) -> None:
        pipe = subprocess.PIPE
        self._bash = subprocess.Popen(["bash"], env=shell.env, cwd=shell.home, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._bash.communicate()

    def __call__(self, lines: str) -> Output:
        """What one step prints. It must not read from standard input."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        assert self._bash.stderr is not None
        self._bash.stdin.write(f'{lines}\nprintf "\\n@$?\\n"; printf "\\n@\\n" >&2\n')
        self._bash.stdin.flush()
        out, code = _until_mark(self._bash.stdout)
        err, _ = _until_mark(self._bash.stderr)
        return Output(out, err, int(code))


def _until_mark(stream: IO[str]) -> tuple[str, str]:
    """What came before the mark, and what the mark says."""
    said = ""
    for line in stream:
        if line.startswith("@") and said.endswith("\n"):
            return said[:-1], line[1:].strip()
        said += line
    raise AssertionError(f"the shell is gone after {said!r}")


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[tuple[dict[str, Any], str]]:
    """``gitops-sim serve`` for the time of the block: what it says of itself, and the line to copy."""
    command = [sys.executable, "-m", "gitops_sim", "serve", *arguments, "--kubeconfig", str(home / "kubeconfig")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            yield ready, process.stdout.readline()
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0
