"""Tables from the server, laid out for a terminal.

Source: k8s.io/cli-runtime ``pkg/printers/tableprinter.go``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.shapes import mapping
from gitops_sim.cluster.shapes import text as text_at
from gitops_sim.cluster.tables import Column, Row, Table, format_labels
from gitops_sim.kubectl.tabwriter import align


@dataclass(frozen=True, slots=True)
class Layout:
    """What is shown beside the server's columns. ``kind`` (``deployment.apps``) goes in front of every name."""

    wide: bool = False
    headers: bool = True
    namespace: bool = False
    kind: str = ""
    labels: tuple[str, ...] = ()
    all_labels: bool = False


def lay_out(tables: Sequence[Table], layout: Layout) -> str:
    """The rows of some tables with the same columns below one header, aligned; empty without any row."""
    rows = [row for table in tables for row in table.rows]
    if not rows:
        return ""
    columns = tables[0].columns
    shown = [index for index, column in enumerate(columns) if layout.wide or not column.priority]
    lines = [_header([columns[index].name for index in shown], layout)] if layout.headers else []
    lines += [_line(row, columns, shown, layout) for row in rows]
    return align("".join("\t".join(cells) + "\n" for cells in lines), minwidth=6, padding=3)


def _header(names: Sequence[str], layout: Layout) -> list[str]:
    extra = [label.rpartition("/")[2] for label in layout.labels] + (["Labels"] if layout.all_labels else [])
    return [name.upper() for name in ([*(["Namespace"] if layout.namespace else []), *names, *extra])]


def _line(row: Row, columns: Sequence[Column], shown: Sequence[int], layout: Layout) -> list[str]:
    cells = [_cell(row.cells[index]) for index in shown]
    for place, index in enumerate(shown):
        if layout.kind and columns[index].format == "name":
            cells[place] = f"{layout.kind}/{cells[place]}"
            break
    labels = mapping(row.object, "metadata", "labels")
    extra = [str(labels.get(label, "")) for label in layout.labels] + ([format_labels(labels)] if layout.all_labels else [])
    return [*([text_at(row.object, "metadata", "namespace")] if layout.namespace else []), *cells, *extra]


def _cell(value: Any) -> str:
    """Only the first line of a text."""
    if value is None:
        return ""
    shown = value if isinstance(value, str) else plain(value)
    first = re.split("[\f\n\r]", shown, maxsplit=1)[0]
    return terminal_safe(first) + ("..." if first != shown else "")


def terminal_safe(text: str) -> str:
    """The text without what would move the cursor of a terminal."""
    return text.replace("\x1b", "^[").replace("\r", "\\r")
