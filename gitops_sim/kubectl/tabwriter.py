"""Columns of text, aligned as Go's ``text/tabwriter`` aligns them.

A cell ends with a tab; what follows the last tab of a line belongs to no column. A column is a block of adjacent lines that have
a cell at the same place, so that a line without tabs ends the columns above it.
"""

from __future__ import annotations


def align(text: str, *, minwidth: int = 0, padding: int = 2) -> str:
    """The text with every tab replaced by blanks. ``minwidth`` counts the padding in."""
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[0] * (len(cells) - 1) for cells in lines]
    for start, column, end in _blocks(lines):
        widest = max(len(lines[row][column]) for row in range(start, end))
        for row in range(start, end):
            widths[row][column] = max(minwidth, widest + padding)
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(cells, row, strict=False)) + cells[-1]
        for cells, row in zip(lines, widths, strict=True)
    )


def _blocks(lines: list[list[str]]) -> list[tuple[int, int, int]]:
    """``(first line, column, line after the last)`` of every block."""
    found = []
    for column in range(max(map(len, lines)) - 1):
        start = None
        for row, cells in enumerate([*lines, [""]]):
            inside = len(cells) - 1 > column
            if inside and start is None:
                start = row
            elif not inside and start is not None:
                found.append((start, column, row))
                start = None
    return found
