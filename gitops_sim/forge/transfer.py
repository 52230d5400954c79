"""Commits as data: what a real ``git push`` brought, written into an action log and made again with the same ids."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.errors import GitFailed
from gitops_sim.forge import history
from gitops_sim.forge.edits import check_path, edit_tree
from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.raw import (
    EMPTY_TREE,
    EXECUTABLE,
    FILE,
    SUBMODULE,
    SYMLINK,
    Entry,
    RawCommit,
    decode_commit,
    encode_commit,
    parse_signature,
)

_SHA = re.compile("[0-9a-f]{40}")
_MODES = {f"{mode:o}": mode for mode in (FILE, EXECUTABLE, SYMLINK, SUBMODULE)}


def export_commits(store: ObjectStore, new: str, known: Sequence[str]) -> list[dict[str, Any]]:
    """The commits that can be reached from ``new`` and from none of ``known``, parents first.

    Each is ``{id, parents, author, committer, message, files}``: files by path with their text, null where one was deleted,
    against the first parent; ``{mode, base64}`` for what is not plain text or not a plain file. A commit with further headers (a
    signature) is ``{id, raw, files}``.
    """
    old: set[str] = set()
    for sha in known:
        old |= history.ancestors(store, sha)
    order: list[str] = []
    waiting = [(new, False)]
    while waiting:
        sha, ready = waiting.pop()
        if ready:
            order.append(sha)
        elif sha not in old:
            old.add(sha)
            waiting.append((sha, True))
            waiting += [(parent, False) for parent in reversed(store.parents(sha))]
    return [_export(store, sha) for sha in order]


def receive_commit(store: ObjectStore, data: Mapping[str, Any], *, where: str) -> str:
    """Writes a commit that :func:`export_commits` described and returns its id. Raises GitFailed when it does not come out as
    described; no branch is touched."""
    try:
        wanted, files = str(data["id"]), dict(data["files"])
        if "raw" in data:
            content = base64.b64decode(data["raw"], validate=True)
            commit = decode_commit(content)
        else:
            author = parse_signature(data["author"])
            committer = parse_signature(data.get("committer", data["author"]))
            commit = RawCommit("", tuple(map(str, data["parents"])), author, committer, str(data["message"]))
            content = b""
        if not all(_SHA.fullmatch(sha) for sha in (wanted, *commit.parents)):
            raise ValueError("ids have 40 digits")
        before = store.commit(commit.parents[0]).tree if commit.parents else EMPTY_TREE
        entries = {check_path(path, where=where): _entry(store, value) for path, value in files.items()}
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        mend = "record the push again: commits are written down by the simulator"
        raise GitFailed(f"not the description of a commit: {error!r}", where=where, mend=mend) from None
    tree = edit_tree(store, before, entries)
    if not content:
        content = encode_commit(RawCommit(tree, commit.parents, commit.author, commit.committer, commit.message))
    for parent in commit.parents:
        store.commit(parent)
    sha = store.write("commit", content)
    if sha != wanted or decode_commit(content).tree != tree:
        mend = "its content was changed after it was recorded: record the push again"
        raise GitFailed(f"commit {wanted[:7]} does not come out as recorded", where=where, mend=mend)
    return sha


def _export(store: ObjectStore, sha: str) -> dict[str, Any]:
    commit = store.commit(sha)
    before = store.commit(commit.parents[0]).tree if commit.parents else EMPTY_TREE
    paths = history.changed_paths(store, before, commit.tree)
    files = {path: _content(store, store.entry(commit.tree, path)) for path in paths}
    content = store.read(sha)[1]
    if encode_commit(commit) != content:
        return {"id": sha, "raw": base64.b64encode(content).decode(), "files": files}
    data: dict[str, Any] = {"id": sha, "parents": list(commit.parents), "author": commit.author.encode()}
    if commit.committer != commit.author:
        data["committer"] = commit.committer.encode()
    return {**data, "message": commit.message, "files": files}


def _content(store: ObjectStore, entry: Entry | None) -> str | dict[str, str] | None:
    if entry is None or entry.is_tree:
        return None
    if entry.mode == SUBMODULE:
        return {"mode": f"{entry.mode:o}", "commit": entry.sha}
    data = store.blob(entry.sha)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if entry.mode == FILE and "\0" not in text:
        return text
    return {"mode": f"{entry.mode:o}", "base64": base64.b64encode(data).decode()}


def _entry(store: ObjectStore, value: Any) -> Entry | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Entry(FILE, store.write_blob(value.encode()))
    mode = _MODES[value["mode"]]
    if mode == SUBMODULE:
        return Entry(mode, bytes.fromhex(value["commit"]).hex())
    return Entry(mode, store.write_blob(base64.b64decode(value["base64"], validate=True)))
