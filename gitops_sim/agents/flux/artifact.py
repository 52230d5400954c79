"""Artifacts: the files of one revision, as source-controller keeps them for others.

What the real one packs into an archive is here a commit and a choice of its files: Git keeps the content.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.flux import sourceignore
from gitops_sim.agents.frozen import Frozen
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Tree
from gitops_sim.objects import Key

_SYMLINK = 0o120000
HOST = "http://source-controller.flux-system.svc.cluster.local."


@dataclass(frozen=True, slots=True)
class Artifact(Frozen):
    """``files`` are the paths that are in it; ``digest`` is the checksum of their paths and contents."""

    repository: str
    commit: str
    revision: str
    files: frozenset[str]
    digest: str
    size: int
    path: str

    def status(self, now: str) -> Mapping[str, Any]:
        """``status.artifact``."""
        return {
            "digest": self.digest,
            "lastUpdateTime": now,
            "path": self.path,
            "revision": self.revision,
            "size": self.size,
            "url": f"{HOST}/{self.path}",
        }


def pack(tree: Tree, key: Key, repository: str, commit: str, revision: str, ignore: str | None) -> Artifact:
    """The artifact of a commit's files. ``ignore`` is the spec's; links are left out, as in the real archive."""
    listing = tree.files()
    patterns = sourceignore.always()
    for file in sorted((f for f in listing if posixpath.basename(f) == sourceignore.IGNORE_FILE), key=_depth):
        patterns += sourceignore.read(tree.read(file).decode("utf-8", "replace"), posixpath.dirname(file))
    patterns += sourceignore.read(ignore or "")
    files = [file for file in sourceignore.kept(listing, patterns) if tree.mode(file) != _SYMLINK]
    content = "".join(f"{file}\0{tree.blob_id(file)}\n" for file in files)
    digest = f"sha256:{hashlib.sha256(content.encode('utf-8', 'surrogateescape')).hexdigest()}"
    path = f"{key.kind.lower()}/{key.namespace}/{key.name}/{commit}.tar.gz"
    return Artifact(repository, commit, revision, frozenset(files), digest, sum(map(tree.size, files)), path)


class Storage:
    """The artifacts that can be fetched, by the source that they are of: the last one of each."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._kept: dict[Key, Artifact] = {}

    def put(self, key: Key, artifact: Artifact) -> None:
        self._kept[key] = artifact

    def get(self, key: Key) -> Artifact | None:
        return self._kept.get(key)

    def drop(self, key: Key) -> None:
        self._kept.pop(key, None)

    def open(self, artifact: Artifact) -> ArtifactFiles:
        """Its files, to be read."""
        return ArtifactFiles(self._forge.repository(artifact.repository).tree(artifact.commit), artifact)


class ArtifactFiles:
    """The files of an artifact, for all who read folders of manifests. What it leaves out is not there."""

    def __init__(self, tree: Tree, artifact: Artifact) -> None:
        self._tree, self._files = tree, artifact.files

    def files(self) -> list[str]:
        return sorted(self._files)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def read(self, path: str) -> bytes:
        return self._tree.read(self._checked(path))

    def size(self, path: str) -> int:
        return self._tree.size(self._checked(path))

    def blob_id(self, path: str) -> str:
        return self._tree.blob_id(self._checked(path))

    def is_folder(self, path: str) -> bool:
        """Whether there is a file in or below it; the root is always there."""
        prefix = f"{path}/" if path else ""
        return any(file.startswith(prefix) for file in self._files) or not path

    def _checked(self, path: str) -> str:
        plain = posixpath.normpath(path)
        if plain not in self._files:
            raise BadInput(f"no file {path!r}", mend="name a file that is in the artifact")
        return plain


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
