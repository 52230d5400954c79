"""What applying a local folder would change: ``flux diff kustomization``. Source: flux2 ``internal/build/diff.go``."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.flux import inventory
from gitops_sim.agents.flux.kustomization import read_kustomization
from gitops_sim.agents.flux.kustomize_controller import KustomizeController
from gitops_sim.agents.flux.order import rank
from gitops_sim.agents.flux.trial import ApplyError, Tester
from gitops_sim.cluster.protocol import ClusterAPI
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object


@dataclass(frozen=True, slots=True)
class Previewed:
    """One object that would change. ``live`` and ``merged`` are its two versions, when it drifted."""

    key: Key
    what: Literal["created", "drifted", "skipped", "deleted"]
    live: Any = None
    merged: Any = None


@dataclass(frozen=True, slots=True)
class Preview:
    changes: Sequence[Previewed]
    errors: Sequence[str]


class LocalFiles:
    """The files of a working folder, given as text."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = {posixpath.normpath(path): text.encode() for path, text in files.items()}

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def files(self) -> list[str]:
        return sorted(self._files)

    def read(self, path: str) -> bytes:
        return self._files[posixpath.normpath(path)]

    def size(self, path: str) -> int:
        return len(self.read(path))

    def blob_id(self, path: str) -> str:
        return hashlib.sha256(self.read(path)).hexdigest()

    def is_folder(self, path: str) -> bool:
        return not path or any(file.startswith(f"{path}/") for file in self._files)


def preview(controller: KustomizeController, cluster: ClusterAPI, obj: Object, path: str, files: Mapping[str, str]) -> Preview:
    """Builds the folder ``path`` of ``files`` as the Kustomization says, and tries it out as the user of ``cluster``. Raises
    BadInput for a folder that is not there, and BuildError."""
    app, local = read_kustomization(obj), LocalFiles(files)
    folder = posixpath.normpath(path).lstrip("/") if path else ""
    folder = "" if folder == "." else folder
    if not path or not local.files() or not local.is_folder(folder):
        raise BadInput(f"no folder {path!r}", mend="name a folder of manifests: --path ./manifests")
    built = controller.builder.preview(app, local, folder)
    tester = Tester(cluster, app.force, app.ignore)
    changes: list[Previewed] = []
    errors: list[str] = []
    there: set[Key] = set()
    for target in built.targets:
        try:
            trial = tester.trial(target)
        except ApplyError as error:
            errors.append(error.message)
            continue
        there.add(trial.key)
        if trial.action == "configured":
            changes.append(Previewed(trial.key, "drifted", trial.live, trial.tried))
        elif trial.action in ("created", "skipped"):
            changes.append(Previewed(trial.key, "created" if trial.action == "created" else "skipped"))
    if app.prune and not errors:
        stale = sorted((key for key in inventory.read(obj) if key not in there), key=rank)
        changes += [Previewed(key, "deleted") for key in stale]
    return Preview(changes, errors)
