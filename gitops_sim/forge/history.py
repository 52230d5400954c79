"""Walking the graph of commits: log order, common ancestors, what a commit changed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from gitops_sim.forge.objects import ObjectStore
from gitops_sim.forge.raw import TREE, Entry


def walk(store: ObjectStore, start: str, path: str = "") -> Iterator[str]:
    """Commits in the order of ``git log``: newest first by committer date, first come first served among equals.

    With a ``path``, those that changed it, with Git's default history simplification: of a merge that took one side's version,
    only that side is followed.
    """
    heap = [(-store.commit(start).committer.unix, 0, start)]
    seen, serial = {start}, 0
    while heap:
        _, _, sha = heapq.heappop(heap)
        parents = store.parents(sha)
        shown = True
        if path:
            mine = store.entry(store.commit(sha).tree, path)
            theirs = [store.entry(store.commit(parent).tree, path) for parent in parents]
            same = [parent for parent, entry in zip(parents, theirs, strict=True) if entry == mine]
            shown = not same if parents else mine is not None
            parents = tuple(same[:1]) or parents
        if shown:
            yield sha
        for parent in parents:
            if parent not in seen:
                seen.add(parent)
                serial += 1
                heapq.heappush(heap, (-store.commit(parent).committer.unix, serial, parent))


def ancestors(store: ObjectStore, start: str) -> set[str]:
    """All commits that can be reached, ``start`` included."""
    seen, waiting = {start}, [start]
    while waiting:
        for parent in store.parents(waiting.pop()):
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return seen


def merge_bases(store: ObjectStore, one: str, other: str) -> list[str]:
    """The best common ancestors, newest first: common ones that no other common one descends from."""
    if one == other:
        return [one]
    left, right, stale = 1, 2, 4
    flags = {one: left, other: right}
    heap = [(-store.commit(sha).committer.unix, n, sha) for n, sha in enumerate((one, other))]
    heapq.heapify(heap)
    serial, found = 2, []
    while any(not flags[sha] & stale for _, _, sha in heap):
        _, _, sha = heapq.heappop(heap)
        flag = flags[sha]
        if flag & (left | right) == left | right:
            if not flag & stale and sha not in found:
                found.append(sha)
            flag |= stale
        for parent in store.parents(sha):
            if flags.get(parent, 0) | flag != flags.get(parent, 0):
                flags[parent] = flags.get(parent, 0) | flag
                heapq.heappush(heap, (-store.commit(parent).committer.unix, serial, parent))
                serial += 1
    best = [sha for sha in found if not any(other != sha and sha in ancestors(store, other) for other in found)]
    return sorted(best, key=lambda sha: -store.commit(sha).committer.unix)


def only_in(store: ObjectStore, one: str, other: str) -> list[str]:
    """The commits that can be reached from ``one`` and not from ``other``, in the order of the log."""
    known = ancestors(store, other)
    return [sha for sha in walk(store, one) if sha not in known]


def is_ancestor(store: ObjectStore, old: str, new: str) -> bool:
    """Whether ``old`` can be reached from ``new``: moving a branch from one to the other is a fast-forward."""
    return merge_bases(store, old, new) == [old]


def changed_paths(store: ObjectStore, old: str | None, new: str | None, prefix: str = "") -> list[str]:
    """The paths of files that differ between two trees (None: the empty one), sorted. Renames count as two."""
    if old == new:
        return []
    before = store.tree(old) if old else {}
    after = store.tree(new) if new else {}
    paths: list[str] = []
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if (one and one.is_tree) or (other and other.is_tree):
            paths += changed_paths(store, _tree(one), _tree(other), f"{prefix}{name}/")
            if not (one is None or one.is_tree) or not (other is None or other.is_tree):
                paths.append(prefix + name)
        else:
            paths.append(prefix + name)
    return sorted(paths)


def _tree(entry: Entry | None) -> str | None:
    return entry.sha if entry and entry.mode == TREE else None
