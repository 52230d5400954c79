"""Stored notebooks: equal to the byte wherever they were run, and nothing in them that only one machine knows.

How that goes together with live widgets: what a cell shows has three parts, the page (text/html) and the words (text/plain),
which depend on the world alone, and the live widget, which is known by a random id. nbval compares the first two strictly and
never the third; the script that stores outputs leaves the third out, so that a stored notebook shows the page until it is run.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbval.plugin import IPyNbFile

from tests.notebook.regenerate import NOTEBOOKS, WIDGET_MIME, as_stored, executed

ALL = sorted(NOTEBOOKS.glob("*.ipynb"))


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def lines_besides_imports(source: str) -> int:
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return len(source.splitlines()) - sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in imports)


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
class TestStored:
    def test_a_run_gives_the_stored_bytes(self, path: Path) -> None:
        assert executed(path) == path.read_text(encoding="utf-8"), (
            f"store it again: python tests/notebook/regenerate.py {path.stem}"
        )

    def test_nothing_of_one_machine_is_in_it(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert WIDGET_MIME not in text
        assert "model_id" not in text
        assert not re.search(r"0x[0-9a-f]{6,}", text)
        assert not re.search(r"/(home|root|Users|var)/|/gitops-sim-", text)  # kubectl diff's /tmp/LIVE-1 is the same everywhere
        assert str(NOTEBOOKS.parent) not in text
        notebook = json.loads(text)
        assert "widgets" not in notebook["metadata"]
        assert list(notebook["metadata"]["language_info"]) == ["name"]

    def test_every_cell_ran_in_order_without_an_error(self, path: Path) -> None:
        cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
        for cell in cells:
            for output in cell.outputs:
                assert output.output_type != "error"
                assert output.get("name") != "stderr"

    def test_it_has_one_title_says_what_it_is_for_and_how_long_it_takes(self, path: Path) -> None:
        first = read(path).cells[0].source
        titles = [
            line
            for cell in read(path).cells
            if cell.cell_type == "markdown"
            for line in cell.source.splitlines()
            if line.startswith("# ")
        ]
        assert titles == [first.splitlines()[0]]
        assert "you can" in first
        assert re.search(r"\d+ minutes", first)

    def test_cells_are_short_and_every_picture_has_its_words(self, path: Path) -> None:
        for cell in read(path).cells:
            if cell.cell_type != "code":
                continue
            assert lines_besides_imports(cell.source) <= 30
            for output in cell.outputs:
                if "text/html" in output.get("data", {}):
                    assert len(output.data["text/plain"]) > 40

    def test_pages_run_no_scripts(self, path: Path) -> None:
        for cell in read(path).cells:
            for output in cell.get("outputs", ()):
                page = output.get("data", {}).get("text/html", "")
                assert "<script" not in page
                assert not re.search(r"<[^>]+\son\w+=", page)


def test_nbval_skips_exactly_the_part_that_we_leave_out() -> None:
    source = Path(IPyNbFile.__init__.__code__.co_filename).read_text(encoding="utf-8")
    skipped = source[source.index("self.skip_compare = (") :]
    skipped = skipped[: skipped.index(")")]
    assert WIDGET_MIME in skipped
    assert "'text/html'" not in skipped
    assert "'text/plain'" not in skipped


def test_storing_leaves_out_ids_times_and_versions() -> None:
    notebook = nbformat.v4.new_notebook(
        metadata={"widgets": {"state": 1}, "language_info": {"name": "python", "version": "3.11.7"}},
        cells=[
            nbformat.v4.new_code_cell(
                "play(world)",
                id="random-1",
                metadata={"execution": {"iopub.status.busy": "2026"}},
                outputs=[
                    nbformat.v4.new_output(
                        "display_data",
                        {"text/plain": "words", WIDGET_MIME: {"model_id": "4711", "version_major": 2}},
                        metadata={"x": 1},
                    )
                ],
            )
        ],
    )
    text = as_stored(notebook, "09 Odd name")
    for gone in ("4711", "3.11.7", "iopub", "random-1", "state"):
        assert gone not in text
    assert '"id": "09-odd-name-01"' in text
    assert '"words"' in text
