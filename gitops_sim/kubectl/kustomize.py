"""``kubectl kustomize``, and what ``-k`` reads.

Source: k8s.io/kubectl ``pkg/cmd/kustomize``, k8s.io/cli-runtime ``pkg/resource`` (KustomizeVisitor).
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_sim.errors import BadInput
from gitops_sim.kubectl.files import Files, is_file, normal
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.manifests.kustomize import KustomizeError, build


class _Tree:
    """The working folder as a tree to build from; ``..`` does not lead out of it."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def files(self) -> list[str]:
        return list(self._below(""))

    def _below(self, folder: str) -> list[str]:
        found: list[str] = []
        for name in self._files.list(folder or ".") or ():
            path = f"{folder}{name}"
            found += self._below(path) if name.endswith("/") else [path]
        return found

    def look(self, path: str) -> str:
        return "file" if is_file(self._files, path) else "folder" if self._files.list(path or ".") is not None else ""

    def read(self, path: str) -> bytes:
        content = self._files.read(path)
        return content.encode() if isinstance(content, str) else content

    def size(self, path: str) -> int:
        return len(self.read(path))


def built(inv: Invocation, folder: str) -> str:
    """What the kustomization of a folder stands for, as YAML; what it warns of goes to standard error. Raises KubectlError."""
    if folder.startswith(("http://", "https://")):
        raise KubectlError(f'unable to read URL "{folder}": there is no network here; copy the folder and name it')
    try:
        done = build(_Tree(inv.files), normal(folder.strip("/") or "."))
    except KustomizeError as error:
        _warn(inv, error.warnings)
        raise KubectlError(error.what) from None
    except BadInput as error:
        raise KubectlError(str(error)) from None
    _warn(inv, done.warnings)
    return done.text


def _warn(inv: Invocation, warnings: Sequence[str]) -> None:
    for warning in warnings:
        inv.warn(f"{warning}\n")


def kustomize(inv: Invocation) -> None:
    """Prints what a folder with a kustomization stands for."""
    if len(inv.args) > 1:
        raise KubectlError("specify one path to kustomization.yaml")
    for flag in ("output", "enable-helm"):
        if inv[flag]:
            raise KubectlError(f"--{flag} is not built in")
    inv.say(built(inv, inv.args[0] if inv.args else "."))


COMMANDS = (
    Command(
        "kustomize",
        kustomize,
        "Print what a folder with a kustomization stands for",
        "DIR",
        (Flag("output", short="o"), Flag("enable-helm", "bool")),
        example="kubectl kustomize overlays/production",
    ),
)
