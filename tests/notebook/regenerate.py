"""Runs the course's notebooks and stores their outputs, equal to the byte on every machine.

    python tests/notebook/regenerate.py              all notebooks
    python tests/notebook/regenerate.py 01-what...   those whose names begin so
    python tests/notebook/regenerate.py --check      writes nothing; exit 1 where the stored outputs are not what a run gives

What differs from machine to machine is left out of the file: widget ids (the static twin in the same output stays), times of
execution, and the version of Python.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed(path: Path) -> str:
    """The notebook's text after a run in a fresh kernel. Raises CellExecutionError where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    return as_stored(notebook, path.stem)


def as_stored(notebook: Any, stem: str) -> str:
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"{re.sub(r'[^a-z0-9]+', '-', stem.lower())[:48]}-{number:02}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET_MIME, None)
            output.get("metadata", {}).clear()
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    prefixes = tuple(a for a in arguments if not a.startswith("-")) or ("",)
    stale = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not path.stem.startswith(prefixes):
            continue
        text = executed(path)
        same = text == path.read_text(encoding="utf-8")
        if not same and not check:
            path.write_text(text, encoding="utf-8")
        if not same:
            stale.append(path.name)
        print(f"{path.name}: {'unchanged' if same else 'out of date' if check else 'stored'}, {len(text) // 1024} KB")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
