"""Looks for kustomizations that we build otherwise than the real tool: ``python -m tests.manifests.kustomize.fuzz --minutes 5``.

Every failure is shrunk, printed as a tree of files with both answers, and ends the run with exit code 1. ``--seed``
starts elsewhere.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.manifests.kustomize.generated import trees
from tests.manifests.kustomize.referee import ours, real
from tests.manifests.kustomize.trees import Case
from tests.server.tools import OWN

PHASES = (Phase.generate, Phase.target, Phase.shrink)


def check(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "tree"
        root.mkdir()
        case.write(root)
        theirs, own = real(str(OWN), root, case.path), ours(root, case.path)
    if "panic: " in theirs.stderr:
        return  # the real tool crashed: nothing to equal
    assert (own.stdout, own.stderr, own.exit) == (theirs.stdout, theirs.stderr, theirs.exit), shown(case, theirs, own)


def shown(case: Case, theirs: object, own: object) -> str:
    files = "".join(f"=== {name}\n{text}\n" for name, text in case.files.items())
    return f"\n{files}=== built: {case.path}\n=== real\n{theirs}\n=== ours\n{own}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    end, round_, count = time.monotonic() + asked.minutes * 60, asked.seed, 0

    def counted(case: Case) -> None:
        nonlocal count
        count += 1
        check(case)

    while time.monotonic() < end:
        relaxed = settings(max_examples=100, deadline=None, database=None, phases=PHASES, suppress_health_check=list(HealthCheck))
        try:
            seed(round_)(relaxed(given(trees())(counted)))()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            print(f"seed {round_}, after {count} trees: {error}")
            return 1
        round_ += 1
    print(f"{count} trees, all equal; the next seed is {round_}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
