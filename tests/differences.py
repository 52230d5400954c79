"""Every known difference from a real cluster, as one table: gathered from the lists by which the tests judge.

    python -m tests.differences        writes tests/DIFFERENCES.md

The test run holds the file to the lists; nothing that the tests leave out is missing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitops_sim.manifests.helm.functions import REFUSED
from tests.api import test_discovery, test_recorded
from tests.api.golden import cases
from tests.kubectl import test_transcripts as built_in
from tests.manifests.helm.test_like_helm import DIGRESSING
from tests.server import test_transcripts as real

FILE = Path(__file__).with_name("DIFFERENCES.md")
_HEAD = """\
# Known differences from a real cluster

Compared with recordings of a Kubernetes 1.36 control plane and with real kubectls. Ids, times, addresses, template hashes and
other chance are masked by rule. Written by `python -m tests.differences`, and held to the tests by them.

| where | what | why |
|---|---|---|
"""


def table() -> str:
    return _HEAD + "".join(f"| {where} | {what} | {why} |\n" for where, what, why in _rows())


def _rows() -> Iterator[tuple[str, str, str]]:
    recordings = {case["name"]: name for name in test_recorded.RECORDINGS for case in cases(name)}
    for case, (paths, why) in test_recorded.APART.items():
        yield f"API, {recordings[case]}: {case}", ", ".join(f"`{path}`" for path in paths), why
    for recording, (paths, why) in test_recorded.APART_IN.items():
        yield f"API, {recording}: all cases", ", ".join(f"`{path}`" for path in paths), why
    for case, why in test_recorded.OPEN.items():
        yield f"API, {recordings[case]}: {case}", "not there yet", why
    for subresource, why in test_discovery.NOT_SERVED.items():
        yield f"API, `{subresource}`", "not served", why
    for (name, number), why in built_in.SKIPPED.items():
        yield f"built-in kubectl, {name}, step {number}", "not played", why
    for (name, number, version), why in real.SKIPPED.items():
        of = " (kubectl 1.32)" if version else ""
        yield f"kubectl on a served cluster{of}, {name}, step {number}", "not compared", why
    for chart, words in DIGRESSING.items():
        yield f"charts, `{chart}`", "an error told once", f"helm tells it a thousand times; both end with `{words}`"
    for why, names in REFUSED.items():
        yield f"charts, {', '.join(f'`{name}`' for name in names)}", "refused", why


if __name__ == "__main__":
    FILE.write_text(table(), encoding="utf-8")
