"""Changing files in a tree: the content of the next commit."""

from __future__ import annotations

from collections.abc import Mapping

from gitops_sim.errors import GitFailed
from gitops_sim.forge.commit import Contents
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.raw import EXECUTABLE, FILE, Entry


def commit_files(store: ObjectStore, tree: str, files: Contents, *, branch: str, where: str) -> str:
    """The id of the tree that ``tree`` becomes with new contents of files; None deletes one, modes stay.

    Raises GitFailed when nothing changes, and for a path that Git would refuse.
    """
    entries: dict[str, Entry | None] = {}
    for path, content in files.items():
        old = store.entry(tree, check_path(path, where=where))
        if content is not None:
            mode = EXECUTABLE if old is not None and old.mode == EXECUTABLE else FILE
            entries[path] = Entry(mode, store.write_blob(_bytes(path, content, where)))
        elif old is None:
            mend = "only a file that is there can be deleted"
            raise GitFailed(f"pathspec '{path}' did not match any files", where=where, mend=mend)
        elif old.is_tree:
            raise GitFailed(f"not removing '{path}' recursively", where=where, mend="name each of its files")
        else:
            entries[path] = None
    edited = edit_tree(store, tree, entries)
    if edited == tree:
        mend = "the branch already holds exactly this content: change something first"
        raise GitFailed(f"On branch {branch}: nothing to commit, working tree clean", where=where, mend=mend)
    return edited


def check_path(path: str, *, where: str) -> str:
    """``path`` itself. Raises GitFailed for one that Git would not check out: source ``verify_path`` in ``read-cache.c``."""
    parts = [part.lower().rstrip(" .") if part.strip(".") else part for part in path.split("/")]
    if "\0" in path or not is_text(path) or any(part in ("", ".", "..", ".git", "git~1") for part in parts):
        mend = "write it relative to the repository, with '/', without '..' and '.git'"
        raise GitFailed(f"invalid path {path!r}", where=where, mend=mend)
    return path


def is_text(text: str) -> bool:
    """Whether a string can be written as UTF-8: half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bytes(path: str, content: str | bytes, where: str) -> bytes:
    if isinstance(content, str) and not is_text(content):
        raise GitFailed(f"the content of '{path}' is not valid text", where=where, mend="give it as bytes")
    return content if isinstance(content, bytes) else content.encode()


def edit_tree(store: ObjectStore, tree: str, changes: Mapping[str, Entry | None]) -> str:
    """The id of the tree that ``tree`` becomes when every path of ``changes`` holds the new entry, or nothing for None.

    Folders come and go with their files. Raises GitFailed where a file would have to be a folder, or the other way round.
    """
    return _edit(store, tree, {tuple(path.split("/")): entry for path, entry in changes.items()}, "") or store.write_tree({})


def _edit(store: ObjectStore, tree: str | None, changes: Mapping[tuple[str, ...], Entry | None], at: str) -> str | None:
    entries = dict(store.tree(tree)) if tree else {}
    below: dict[str, dict[tuple[str, ...], Entry | None]] = {}
    here: dict[str, Entry] = {}
    for path, entry in changes.items():
        if len(path) > 1:
            below.setdefault(path[0], {})[path[1:]] = entry
        elif entry is None:
            entries.pop(path[0], None)
        else:
            here[path[0]] = entry
    for name, inner in below.items():
        old = entries.get(name)
        if old is not None and not old.is_tree:
            mend = f"delete '{at}{name}' in the same commit"
            raise GitFailed(f"'{at}{name}' is a file, so nothing can be put below it", mend=mend)
        sha = _edit(store, old.sha if old else None, inner, f"{at}{name}/")
        if sha is None:
            entries.pop(name, None)
        else:
            entries[name] = Entry(0o040000, sha)
    for name, entry in here.items():
        if name in entries and entries[name].is_tree and not entry.is_tree:
            mend = "delete the files in it in the same commit"
            raise GitFailed(f"'{at}{name}' is a folder, so it cannot become a file", mend=mend)
        entries[name] = entry
    return store.write_tree(entries) if entries else None
