"""How long each notebook of the course takes in a fresh kernel, beside a notebook with one empty cell.

Prints the median time of each, and what it takes more than the empty one; asserts nothing.
Run it with ``make bench``, or with names (``python bench/notebooks.py 01 05``) for some of them. ``--runs N``: runs of each.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Modules are compiled once, as on a learner's machine."""


def seconds(notebook: nbformat.NotebookNode, folder: str, runs: int) -> float:
    """Median wall time from the start of a kernel to its end."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        NotebookClient(
            notebook, kernel_name="python3", timeout=300, store_widget_state=False, resources={"metadata": {"path": folder}}
        ).execute(stderr=subprocess.DEVNULL, env=COMPILED)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[""], help="beginnings of notebook names")
    parser.add_argument("--runs", type=int, default=1)
    chosen = parser.parse_args()
    blank = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    with tempfile.TemporaryDirectory() as folder:
        seconds(blank, folder, 1)  # warms the disk
        empty = seconds(blank, folder, max(3, chosen.runs))
        print(f"{'a notebook with an empty cell':32} {empty:6.2f} s")
        for path in sorted(NOTEBOOKS.glob("*.ipynb")):
            if path.stem.startswith(tuple(chosen.names)):
                taken = seconds(nbformat.read(path, as_version=4), folder, chosen.runs)
                print(f"{path.stem:32} {taken:6.2f} s   {taken / empty:5.1f} x, {taken - empty:5.2f} s more")


if __name__ == "__main__":
    main()
