"""How long the four stories take from a cold start, beside an empty Python and ``kubectl version --client``.

Prints medians and ratios; asserts nothing. Run it with ``make bench``.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 5


def seconds(command: list[str]) -> float:
    """Median wall time of the command over RUNS runs after one warm-up."""
    taken = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def main() -> None:
    tool = str(Path(sys.executable).with_name("gitops-sim"))
    commands = {
        "an empty Python": [sys.executable, "-c", "pass"],
        "gitops-sim --help": [tool, "--help"],
        "gitops-sim demo (four stories)": [tool, "demo"],
    }
    if shutil.which("kubectl"):
        commands["kubectl version --client"] = ["kubectl", "version", "--client"]
    else:
        print("kubectl is not on this machine: no comparison with it")
    figures = {name: seconds(command) for name, command in commands.items()}
    empty = figures["an empty Python"]
    for name, value in figures.items():
        print(f"{name:32} {value * 1000:7.0f} ms   {value / empty:6.1f} x an empty Python")


if __name__ == "__main__":
    main()
