"""Three-way merge of trees: in process where only one side touched a path, by the real git where both did."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from gitdb.db import LooseObjectDB

from gitops_sim.forge.edits import edit_tree
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.process import run_git
from gitops_sim.forge.raw import EXECUTABLE, FILE, Entry


class MergeConflict(Exception):  # noqa: N818, the word people know
    """Both sides changed the same lines, or one deleted what the other changed. ``paths`` are the files, sorted."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(", ".join(paths))
        self.paths = paths


@dataclass
class _Touched:
    """Paths that both sides touched: those with three file contents, and those where git must look for renames."""

    contents: dict[str, tuple[Entry, Entry, Entry]] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)


def merge_trees(store: ObjectStore, base: str, ours: str, theirs: str, *, labels: tuple[str, str] = ("ours", "theirs")) -> str:
    """The id of the merged tree. Raises :class:`MergeConflict`; nothing is written to any branch.

    Lines are merged by ``git merge-file``. Where a side deleted, renamed or added what the other one touched, ``git merge-tree``
    decides (git 2.38 and newer; before, that is a conflict).
    """
    touched = _Touched()
    merged = _merge(store, base, ours, theirs, "", touched)
    if touched.shapes:
        return _merge_by_git(store, base, ours, theirs, sorted([*touched.shapes, *touched.contents]))
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
    with tempfile.TemporaryDirectory(prefix="gitops-sim-merge-") as folder:
        return _ask_git(store, Path(folder), ours, theirs, ["(histories that crossed)"])


def _merge_by_git(store: ObjectStore, base: str, ours: str, theirs: str, suspects: list[str]) -> str:
    """Merges three trees as two commits with a common parent."""
    with tempfile.TemporaryDirectory(prefix="gitops-sim-merge-") as folder:
        scratch = Path(folder)

        def commit(tree: str, *parents: str) -> str:
            options = [option for parent in parents for option in ("-p", parent)]
            done = run_git("commit-tree", tree, *options, cwd=scratch, env=_scratch(store, scratch), input=b"side\n")
            return done.stdout.decode().strip()

        root = commit(base)
        return _ask_git(store, scratch, commit(ours, root), commit(theirs, root), suspects)


def _ask_git(store: ObjectStore, scratch: Path, ours: str, theirs: str, suspects: list[str]) -> str:
    """Lets git merge two commits into a scratch object store, and takes over the trees and files that it wrote."""
    options = ("--write-tree", "-z", "--name-only", "--no-messages")
    done = run_git("merge-tree", *options, ours, theirs, cwd=scratch, env=_scratch(store, scratch))
    answer = [part.decode("utf-8", "surrogateescape") for part in done.stdout.split(b"\0") if part]
    if done.returncode != 0:  # 1: a conflict; anything else: a git too old for merge-tree
        raise MergeConflict(sorted(set(answer[1:])) or suspects)
    written = LooseObjectDB(str(scratch))
    for file in sorted(scratch.glob("??/*")):
        stream = written.stream(bytes.fromhex(file.parent.name + file.name))
        if stream.type != b"commit":
            store.write(stream.type.decode(), stream.read())
    return answer[0]


def _scratch(store: ObjectStore, scratch: Path) -> dict[str, str]:
    people = {f"GIT_{who}_{what}": "merge" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return people | {
        "GIT_AUTHOR_DATE": "0 +0000",
        "GIT_COMMITTER_DATE": "0 +0000",
        "GIT_DIR": str(store.git_dir),
        "GIT_OBJECT_DIRECTORY": str(scratch),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(store.git_dir / "objects"),
    }
