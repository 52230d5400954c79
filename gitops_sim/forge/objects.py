"""The object store of one bare repository: blobs, trees and commits by their hash."""

from __future__ import annotations

import hashlib
import os
from io import BytesIO
from pathlib import Path

from gitdb import IStream
from gitdb.db import LooseObjectDB
from gitdb.exc import BadObject

from gitops_sim.errors import GitFailed
from gitops_sim.forge.catfile import CatFile
from gitops_sim.forge.raw import (
    EMPTY_TREE,
    SUBMODULE,
    Entries,
    Entry,
    RawCommit,
    decode_commit,
    decode_tree,
    encode_commit,
    encode_tree,
)

_CACHED_BLOB = 1 << 20
_CACHED_BYTES = 64 << 20


class Cache:
    """Objects already read. An object never changes, so the copies of a repository share one cache."""

    def __init__(self) -> None:
        self.trees: dict[str, Entries] = {EMPTY_TREE: {}}
        self.commits: dict[str, RawCommit] = {}
        self.blobs: dict[str, bytes] = {}
        self.listings: dict[str, tuple[str, ...]] = {}
        self._bytes = 0

    def keep(self, sha: str, data: bytes) -> bytes:
        if len(data) <= _CACHED_BLOB and sha not in self.blobs:
            if self._bytes + len(data) > _CACHED_BYTES:
                self.blobs.clear()
                self._bytes = 0
            self.blobs[sha] = data
            self._bytes += len(data)
        return data


class ObjectStore:
    """Writes loose objects and reads them, in process. What came in packs, or lies in another repository's store, is read through
    ``git cat-file``.

    Shas are hex strings. ``shallow`` holds commits whose parents are not there (a shallow clone's edge).
    """

    def __init__(self, git_dir: Path, cache: Cache | None = None) -> None:
        self.git_dir = git_dir
        self._loose = LooseObjectDB(str(git_dir / "objects"))
        self._cache = cache or Cache()
        self._kinds: dict[str, str] = {}
        """Of the objects that were found here; the cache knows those of other copies too."""
        self._elsewhere = CatFile(git_dir)
        edge = git_dir / "shallow"
        self._shallow = frozenset(edge.read_text().split()) if edge.exists() else frozenset()

    def twin(self, git_dir: Path) -> ObjectStore:
        """The store of a copy of the repository; what was read once is shared."""
        return ObjectStore(git_dir, self._cache)

    def close(self) -> None:
        """Ends the ``git cat-file`` processes, if there are any."""
        self._elsewhere.close()

    # ------------------------------------------------------------------ write

    def write(self, kind: str, data: bytes) -> str:
        sha = hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data, usedforsecurity=False).hexdigest()
        if not os.path.exists(self._path(sha)):
            self._loose.store(IStream(kind.encode(), len(data), BytesIO(data)))
        return sha

    def write_blob(self, data: bytes) -> str:
        sha = self.write("blob", data)
        self._cache.keep(sha, data)
        return sha

    def write_tree(self, entries: Entries) -> str:
        sha = self.write("tree", encode_tree(entries))
        self._cache.trees[sha] = dict(entries)
        return sha

    def write_commit(self, commit: RawCommit) -> str:
        data = encode_commit(commit)
        sha = self.write("commit", data)
        self._cache.commits[sha] = decode_commit(data)
        return sha

    # ------------------------------------------------------------------ read

    def read(self, sha: str) -> tuple[str, bytes]:
        """``(kind, content)``. Raises GitFailed when there is no such object."""
        try:
            stream = self._loose.stream(bytes.fromhex(sha))
            return stream.type.decode(), stream.read()
        except BadObject:
            pass
        found = self._elsewhere.content(sha)
        if found is None:
            raise _missing(sha)
        return found

    def size(self, sha: str) -> int:
        """Bytes of an object, without reading it."""
        if sha in self._cache.blobs:
            return len(self._cache.blobs[sha])
        try:
            return int(self._loose.info(bytes.fromhex(sha)).size)
        except BadObject:
            pass
        found = self._elsewhere.header(sha)
        if found is None:
            raise _missing(sha)
        return found[1]

    def kind(self, sha: str) -> str:
        """``commit``, ``tree``, ``blob`` or ``tag``; empty when there is no such object."""
        known = self._kinds.get(sha)
        if known is None:
            known = self._kind(sha)
            if known:
                self._kinds[sha] = known
        return known

    def _kind(self, sha: str) -> str:
        try:
            return str(self._loose.info(bytes.fromhex(sha)).type.decode())
        except BadObject:
            pass
        found = self._elsewhere.header(sha)
        return found[0] if found else ""

    def blob(self, sha: str) -> bytes:
        known = self._cache.blobs.get(sha)
        return known if known is not None else self._cache.keep(sha, self.read(sha)[1])

    def tree(self, sha: str) -> Entries:
        known = self._cache.trees.get(sha)
        if known is None:
            known = self._cache.trees[sha] = decode_tree(self.read(sha)[1])
        return known

    def commit(self, sha: str) -> RawCommit:
        known = self._cache.commits.get(sha)
        if known is None:
            known = self._cache.commits[sha] = decode_commit(self.read(sha)[1])
        return known

    def parents(self, sha: str) -> tuple[str, ...]:
        return () if sha in self._shallow else self.commit(sha).parents

    def listing(self, sha: str) -> tuple[str, ...]:
        """The paths of all files and symbolic links below a tree, sorted; submodules are left out."""
        known = self._cache.listings.get(sha)
        if known is None:
            known = self._cache.listings[sha] = tuple(sorted(self._walk(sha, "")))
        return known

    def _walk(self, sha: str, prefix: str) -> list[str]:
        found: list[str] = []
        for name, entry in self.tree(sha).items():
            if entry.is_tree:
                found += self._walk(entry.sha, f"{prefix}{name}/")
            elif entry.mode != SUBMODULE:
                found.append(prefix + name)
        return found

    def entry(self, tree: str, path: str) -> Entry | None:
        """What lies at ``path`` (no leading slash, symlinks not followed); None when nothing does."""
        entry: Entry | None = Entry(0o040000, tree)
        for part in path.split("/") if path else ():
            if entry is None or not entry.is_tree:
                return None
            entry = self.tree(entry.sha).get(part)
        return entry

    def starting_with(self, prefix: str) -> list[str]:
        """The shas of loose objects that start with ``prefix`` (at least two digits), sorted."""
        folder = self.git_dir / "objects" / prefix[:2]
        return sorted(prefix[:2] + rest for rest in os.listdir(folder) if rest.startswith(prefix[2:])) if folder.is_dir() else []

    def _path(self, sha: str) -> str:
        return f"{self.git_dir}/objects/{sha[:2]}/{sha[2:]}"


def _missing(sha: str) -> GitFailed:
    mend = "if it is a partial or damaged clone, clone it again in full"
    return GitFailed(f"object {sha} is not in the repository", mend=mend)
