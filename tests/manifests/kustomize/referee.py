"""Kustomize by the real tool and by ours, each as what a terminal would show: the referee of all tests in this folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gitops_sim.manifests import Folder
from gitops_sim.manifests.kustomize import KustomizeError, build
from gitops_sim.output import Output

NOWHERE = {
    "HOME": "/nonexistent",
    "KUBECONFIG": "/nonexistent/config",
    "PATH": "/nonexistent",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "LC_ALL": "C",
    "TZ": "UTC",
}
"""An environment that holds nothing which a build could pick up: no git for remote bases, and no way to the network."""

LOGGED = re.compile(r'^E\d{4} [^\n]*\] "command failed" err=(?:<\n(.*)\n >|("(?:[^"\\\n]|\\.)*"))\n\Z', re.DOTALL | re.MULTILINE)
"""An error as a log line: over several lines, or quoted."""


def real(kubectl: str, root: Path, path: str = ".", *, seconds: float = 60) -> Output:
    """What ``kubectl kustomize`` says of a folder below ``root``."""
    done = subprocess.run(
        [kubectl, "kustomize", os.path.normpath(root / path)],
        env=NOWHERE,
        cwd=root,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Output(done.stdout.decode(), without(root, unlogged(done.stderr.decode())), done.returncode)


def ours(root: Path, path: str = ".") -> Output:
    """What our build says of the same folder, in the words of a terminal."""
    try:
        built = build(Folder(root), path, shown=str(root))
    except KustomizeError as error:
        return Output("", without(root, said((*error.warnings, f"error: {error.what}"))), 1)
    return Output(built.text, without(root, said(built.warnings)), 0)


def said(warnings: Sequence[str]) -> str:
    """Each on a line of its own; kubectl ends a text that has its line end already with no other."""
    return "".join(warning if warning.endswith("\n") else f"{warning}\n" for warning in warnings)


def unlogged(text: str) -> str:
    """The kubectl of some packagers logs its error instead of printing it: the same words in another form."""
    found = LOGGED.search(text)
    if found is None:
        return text
    lines, quoted = found.groups()
    said = json.loads(quoted) if quoted else lines.replace("\n\t", "\n").removeprefix("\t")
    return f"{text[: found.start()]}error: {said}\n"


def without(root: Path, text: str) -> str:
    """Takes out what differs from run to run: the path of the tree, addresses in memory, when a line was logged, and the order
    of names that the real tool keeps in a map of Go."""
    text = re.sub(rf"(?:{re.escape(str(root.resolve()))}|{re.escape(str(root))})(?=(/?))", lambda at: "" if at[1] else "/", text)
    text = re.sub(r"&\{0x[0-9a-f]+ (<nil>|0x[0-9a-f]+)\}", "&{0x0 <nil>}", text)
    text = re.sub(r"(?m)^I\d{4} \S+ +\d+ log\.go:\d+\] ", "", text)
    return re.sub(r"(?m)(?<=that were never replaced: )\S+$", lambda names: ",".join(sorted(names[0].split(","))), text)
