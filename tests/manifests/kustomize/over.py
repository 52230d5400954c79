"""Every kustomization of a checkout, by the real kubectl and by ours: ``python -m tests.manifests.kustomize.over CHECKOUT ...``.

Counts, for each checkout: folders; ``equal`` to the byte; ``refused`` by both with the same words, or with ``other`` words;
``differ``; and ``remote``, which need the network and are left out. ``--show N`` prints the first N differences of each checkout
with the first line that differs. Nothing is downloaded.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

from gitops_sim.manifests import KUSTOMIZATION_NAMES
from gitops_sim.output import Output
from tests.manifests.kustomize.referee import ours, real
from tests.server.tools import OWN

REMOTE = re.compile(r"no 'git' program on path|127\.0\.0\.1:9|HTTP Error|unable to load helm|URL is a git repository")
KINDS = ("equal", "refused", "other", "differ", "remote")


def folders(checkout: Path) -> Iterator[str]:
    """The folders with a kustomization in them, relative to the checkout, in order."""
    found = []
    for folder, below, names in os.walk(checkout):
        below[:] = [name for name in below if name != ".git"]
        if set(names).intersection(KUSTOMIZATION_NAMES):
            found.append(os.path.relpath(folder, checkout))
    yield from sorted(found)


def compare(theirs: Output, own: Output) -> str:
    if REMOTE.search(theirs.stderr):
        return "remote"
    if theirs.exit and own.exit:
        return "refused" if theirs.stderr == own.stderr else "other"
    return "equal" if (theirs.stdout, theirs.stderr, theirs.exit) == (own.stdout, own.stderr, own.exit) else "differ"


def first_difference(theirs: Output, own: Output) -> str:
    """The line of either side where they part."""
    pairs = zip_longest((theirs.stderr + theirs.stdout).splitlines(), (own.stderr + own.stdout).splitlines(), fillvalue="(ends)")
    for number, (left, right) in enumerate(pairs, 1):
        if left != right:
            return f"    line {number}\n      real {left[:600]}\n      ours {right[:600]}"
    return "    only in the end of the text"


def guarded(checkout: Path, folder: str) -> Output:
    """A crash of ours is a difference, not the end of the run."""
    try:
        return ours(checkout, folder)
    except Exception as error:
        return Output("", f"CRASH {type(error).__name__}: {error}\n", 3)


def walk(checkout: Path, kubectl: str, show: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    every = list(folders(checkout))
    taken = 0.0
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda folder: real(kubectl, checkout, folder, seconds=300), every)
        for folder, theirs in zip(every, answers, strict=True):
            began = time.perf_counter()
            own = guarded(checkout, folder)
            taken += time.perf_counter() - began
            kind = compare(theirs, own)
            counts[kind] += 1
            if kind in ("other", "differ") and counts["other"] + counts["differ"] <= show:
                print(f"  {kind}: {folder}\n{first_difference(theirs, own)}", flush=True)
    counts["folders"] = len(every)
    counts["ms"] = round(taken * 1000)
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--kubectl", default=str(OWN))
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    print(f"{'checkout':45}{'folders':>9}" + "".join(f"{kind:>9}" for kind in KINDS))
    for checkout in asked.checkouts:
        counts = walk(checkout.resolve(), asked.kubectl, asked.show)
        total += counts
        print(row(checkout.name, counts), flush=True)
    print(row("all", total))
    return 1 if total["other"] or total["differ"] else 0


def row(name: str, counts: Counter[str]) -> str:
    cells = "".join(f"{counts[kind]:>9}" for kind in KINDS)
    return f"{name:45}{counts['folders']:>9}{cells}   ours took {counts['ms'] / 1000:.1f} s"


if __name__ == "__main__":
    sys.exit(main())
