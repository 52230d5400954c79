"""Artifacts: the files of one revision, as source-controller keeps them for others.

What the real one packs into an archive is here a commit and a choice of its files, with those of other artifacts put among
them: Git keeps the content.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gitops_sim.agents.flux import sourceignore
from gitops_sim.agents.frozen import Frozen
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Tree
from gitops_sim.objects import Key

_SYMLINK = 0o120000
HOST = "http://source-controller.flux-system.svc.cluster.local."


@dataclass(frozen=True, slots=True)
class Artifact(Frozen):
    """``files`` are the paths that are in it, also those of what is ``included``; ``digest`` is the checksum of their paths and
    contents."""

    repository: str
    commit: str
    revision: str
    files: frozenset[str]
    digest: str
    size: int
    path: str
    included: tuple[Included, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Included(Frozen):
    """What another artifact lends: its file or folder ``source`` (empty for all of it), which is put at ``place``."""

    artifact: Artifact
    source: str
    place: str

    def paths(self) -> dict[str, str]:
        """The paths in the other artifact, by those at which they are put."""
        if self.source in self.artifact.files:
            return {self.place: self.source}
        below = f"{self.source}/" if self.source else ""
        found = sorted(file for file in self.artifact.files if file.startswith(below))
        return {f"{self.place}/{file.removeprefix(below)}": file for file in found}


class Folder(Protocol):
    """Files by their paths, as an artifact is made of them."""

    def files(self) -> list[str]: ...
    def read(self, path: str) -> bytes: ...
    def size(self, path: str) -> int: ...
    def blob_id(self, path: str) -> str: ...
    def mode(self, path: str) -> int: ...


def pack(
    folder: Folder, key: Key, repository: str, commit: str, revision: str, ignore: str | None, included: Sequence[Included] = ()
) -> Artifact:
    """The artifact of a commit's files; the ``folder`` has those of what is ``included``, too. ``ignore`` is the spec's; links
    are left out, as in the real archive."""
    listing = folder.files()
    patterns = sourceignore.always()
    for file in sorted((f for f in listing if posixpath.basename(f) == sourceignore.IGNORE_FILE), key=_depth):
        patterns += sourceignore.read(folder.read(file).decode("utf-8", "replace"), posixpath.dirname(file))
    patterns += sourceignore.read(ignore or "")
    files = [file for file in sourceignore.kept(listing, patterns) if folder.mode(file) != _SYMLINK]
    content = "".join(f"{file}\0{folder.blob_id(file)}\n" for file in files)
    digest = f"sha256:{hashlib.sha256(content.encode('utf-8', 'surrogateescape')).hexdigest()}"
    path = f"{key.kind.lower()}/{key.namespace}/{key.name}/{commit}.tar.gz"
    size = sum(map(folder.size, files))
    return Artifact(repository, commit, revision, frozenset(files), digest, size, path, tuple(included))


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
        return ArtifactFiles(self.composed(artifact.repository, artifact.commit, artifact.included), artifact)

    def composed(self, repository: str, commit: str, included: Sequence[Included], folders: Sequence[str] = ()) -> Folder:
        """A commit's files, those in some ``folders`` if any are named, and those of other artifacts where they are put."""
        tree = self._forge.repository(repository).tree(commit)
        if not included and not folders:
            return tree
        return _Composed(tree, folders, [(each, self.open(each.artifact)) for each in included])


class ArtifactFiles:
    """The files of an artifact, for all who read folders of manifests. What it leaves out is not there."""

    def __init__(self, folder: Folder, artifact: Artifact) -> None:
        self._folder, self._files = folder, artifact.files

    def files(self) -> list[str]:
        return sorted(self._files)

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def read(self, path: str) -> bytes:
        return self._folder.read(self._checked(path))

    def size(self, path: str) -> int:
        return self._folder.size(self._checked(path))

    def blob_id(self, path: str) -> str:
        return self._folder.blob_id(self._checked(path))

    def mode(self, path: str) -> int:
        return self._folder.mode(self._checked(path))

    def is_folder(self, path: str) -> bool:
        """Whether there is a file in or below it; the root is always there."""
        prefix = f"{path}/" if path else ""
        return any(file.startswith(prefix) for file in self._files) or not path

    def _checked(self, path: str) -> str:
        plain = posixpath.normpath(path)
        if plain not in self._files:
            raise BadInput(f"no file {path!r}", mend="name a file that is in the artifact")
        return plain


class _Composed:
    """A commit's files with others put among them; of two at one path the other artifact's is there. Of the commit's only those
    are there whose paths begin as one of ``folders`` does. Source: go-git ``plumbing/format/index`` (SkipUnless)."""

    def __init__(self, tree: Tree, folders: Sequence[str], included: Sequence[tuple[Included, ArtifactFiles]]) -> None:
        self._tree, self._starts = tree, tuple(folder.removeprefix("./") for folder in folders)
        self._lent = {place: (files, path) for each, files in included for place, path in each.paths().items()}

    def files(self) -> list[str]:
        own = (file for file in self._tree.files() if not self._starts or file.startswith(self._starts))
        return sorted({*own, *self._lent})

    def read(self, path: str) -> bytes:
        folder, inside = self._origin(path)
        return folder.read(inside)

    def size(self, path: str) -> int:
        folder, inside = self._origin(path)
        return folder.size(inside)

    def blob_id(self, path: str) -> str:
        folder, inside = self._origin(path)
        return folder.blob_id(inside)

    def mode(self, path: str) -> int:
        folder, inside = self._origin(path)
        return folder.mode(inside)

    def _origin(self, path: str) -> tuple[Folder, str]:
        return self._lent.get(path) or (self._tree, path)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path
