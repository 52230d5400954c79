"""Three-way merge of trees: in process where only one side touched a path, by the real git where both did."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from gitdb import IStream
from gitdb.db import LooseObjectDB

from gitops_sim.forge.edits import edit_tree
from gitops_sim.forge.history import changed_paths
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.process import run_git
from gitops_sim.forge.raw import EMPTY_TREE, EXECUTABLE, FILE, Entry, RawCommit, Signature, encode_commit


class MergeConflict(Exception):
    """Both sides changed the same lines, or one deleted what the other changed. ``paths`` are the files, sorted."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(", ".join(paths))
        self.paths = paths


class _GitTooOldError(Exception):
    """This machine's git has no ``merge-tree --write-tree``: it is older than 2.38."""


@dataclass
class _Touched:
    """Paths that both sides touched.

    ``contents``: three versions of a file. ``shapes``: added, deleted or moved on a side, so that git must look for renames.
    ``gone``: deleted on both sides, a conflict only where one of them moved it.
    """

    contents: dict[str, tuple[Entry, Entry, Entry]] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def merge_trees(store: ObjectStore, base: str, ours: str, theirs: str, *, labels: tuple[str, str] = ("ours", "theirs")) -> str:
    """The id of the merged tree. Raises :class:`MergeConflict`; nothing is written to any branch.

    Lines are merged by ``git merge-file``. Where a side deleted, renamed or added what the other one touched, ``git merge-tree``
    decides (git 2.38 and newer; before, that is a conflict).
    """
    touched = _Touched()
    merged = _merge(store, base, ours, theirs, "", touched)
    if touched.shapes or touched.gone:
        suspects = sorted([*touched.shapes, *touched.gone, *touched.contents])
        try:
            return _merge_by_git(store, base, ours, theirs, suspects)
        except _GitTooOldError:
            if touched.shapes:
                raise MergeConflict(suspects) from None
    if not touched.contents:
        return merged
    results: dict[str, Entry | None] = {}
    conflicts: list[str] = []
    for path, (old, mine, other) in touched.contents.items():
        content = _merge_lines(*(store.blob(entry.sha) for entry in (mine, old, other)), labels=labels)
        mode = mine.mode if other.mode == old.mode else other.mode
        if content is None:
            conflicts.append(path)
        else:
            results[path] = Entry(mode, store.write_blob(content))
    if conflicts:
        raise MergeConflict(sorted(conflicts))
    return edit_tree(store, merged, results)


def _merge(store: ObjectStore, base: str, ours: str, theirs: str, prefix: str, touched: _Touched) -> str:
    if ours == theirs or base == theirs:
        return ours
    if base == ours:
        return theirs
    old, mine, other = store.tree(base), store.tree(ours), store.tree(theirs)
    merged: dict[str, Entry] = {}
    for name in sorted({*old, *mine, *other}):
        path = prefix + name
        was, here, there = old.get(name), mine.get(name), other.get(name)
        if here == there or was == there:
            result = here
            if here == there and was is not None and was != here:
                touched.gone += _deleted(store, was, here, path)
        elif was == here:
            result = there
        elif was and here and there and was.is_tree and here.is_tree and there.is_tree:
            sha = _merge(store, was.sha, here.sha, there.sha, path + "/", touched)
            result = Entry(here.mode, sha) if store.tree(sha) else None
        elif was is None and here and there and here.is_tree and there.is_tree:
            sha = _merge(store, store.write_tree({}), here.sha, there.sha, path + "/", touched)
            result = Entry(here.mode, sha)
        else:
            plain = (FILE, EXECUTABLE)
            if was and here and there and was.mode in plain and here.mode in plain and there.mode in plain:
                touched.contents[path] = (was, here, there)
            else:
                touched.shapes.append(path)
            result = here
        if result is not None:
            merged[name] = result
    return store.write_tree(merged)


def _deleted(store: ObjectStore, was: Entry, now: Entry | None, path: str) -> list[str]:
    """The files at or below ``path`` that are not there any more."""
    if not was.is_tree:
        return [path] if now is None else []
    after = now.sha if now is not None and now.is_tree else EMPTY_TREE
    changed = changed_paths(store, was.sha, after)
    return [f"{path}/{file}" for file in changed if store.entry(after, file) is None]


def _merge_lines(ours: bytes, base: bytes, theirs: bytes, *, labels: tuple[str, str]) -> bytes | None:
    """The merged content; None for a conflict or for binary files."""
    if base == theirs or ours == theirs:
        return ours
    if base == ours:
        return theirs
    with tempfile.TemporaryDirectory(prefix="gitops-sim-merge-") as folder:
        at = Path(folder)
        for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
            (at / name).write_bytes(content)
        names = ("-L", labels[0], "-L", "base", "-L", labels[1], "ours", "base", "theirs")
        done = run_git("merge-file", "-p", "-q", *names, cwd=at, env={"GIT_CEILING_DIRECTORIES": folder})
    return done.stdout if done.returncode == 0 else None


def merge_commits(store: ObjectStore, ours: str, theirs: str) -> str:
    """The id of the tree that ``git merge-tree`` makes of two commits: for histories that crossed, with several merge bases."""
    suspects = ["files that both sides changed, in histories that crossed"]
    with tempfile.TemporaryDirectory(prefix="gitops-sim-merge-") as folder:
        try:
            return _ask_git(store, Path(folder), ours, theirs, suspects)
        except _GitTooOldError:
            raise MergeConflict(suspects) from None


def _merge_by_git(store: ObjectStore, base: str, ours: str, theirs: str, suspects: list[str]) -> str:
    """Merges three trees as two commits with a common parent."""
    with tempfile.TemporaryDirectory(prefix="gitops-sim-merge-") as folder:
        scratch = LooseObjectDB(folder)
        nobody = Signature("merge", "merge", 0)

        def commit(tree: str, *parents: str) -> str:
            data = encode_commit(RawCommit(tree, parents, nobody, nobody, "side\n"))
            return str(scratch.store(IStream(b"commit", len(data), BytesIO(data))).hexsha.decode())

        root = commit(base)
        return _ask_git(store, Path(folder), commit(ours, root), commit(theirs, root), suspects)


def _ask_git(store: ObjectStore, scratch: Path, ours: str, theirs: str, suspects: list[str]) -> str:
    """Lets git merge two commits into a scratch object store, and takes over the trees and files that it wrote."""
    env = {
        "GIT_DIR": str(store.git_dir),
        "GIT_OBJECT_DIRECTORY": str(scratch),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(store.git_dir / "objects"),
    }
    options = ("--write-tree", "-z", "--name-only", "--no-messages")
    done = run_git("merge-tree", *options, ours, theirs, cwd=scratch, env=env)
    answer = [part.decode("utf-8", "surrogateescape") for part in done.stdout.split(b"\0") if part]
    if done.returncode == 1:
        raise MergeConflict(sorted(set(answer[1:])) or suspects)
    if done.returncode != 0:
        raise _GitTooOldError
    written = LooseObjectDB(str(scratch))
    for file in sorted(scratch.glob("??/*")):
        stream = written.stream(bytes.fromhex(file.parent.name + file.name))
        content = stream.read()
        if f"<<<<<<< {ours}:".encode() in content:  # git 2.39 calls two nested conflicts a clean merge
            raise MergeConflict(suspects)
        if stream.type != b"commit":
            store.write(stream.type.decode(), content)
    return answer[0]
