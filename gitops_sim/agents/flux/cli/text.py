"""How the ``flux`` CLI prints tables and trees. Source: flux2 ``pkg/printers/table_printer.go`` and ``internal/tree/tree.go``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gitops_sim.objects import Key


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells as wide as the widest of their column, with tabs between them, and behind the last one of a row. Without
    ``headers`` there are rows alone."""
    split = [[cell.split("\n") for cell in row] for row in rows]
    columns = max(len(headers), max((len(row) for row in rows), default=0))
    widths = [0] * columns
    for index, name in enumerate(headers):
        widths[index] = len(name)
    for row in split:
        for index, lines in enumerate(row):
            widths[index] = max(widths[index], *map(len, lines))
    out = ["\t".join(name.upper().ljust(widths[i]) for i, name in enumerate(headers)) + "\n"] if headers else []
    for row in split:
        for line in range(max(map(len, row))):
            cells = [lines[line] if line < len(lines) else "" for lines in row]
            out.append("".join(f"{cell.ljust(widths[i])}\t" for i, cell in enumerate(cells)) + "\n")
    return "".join(out)


@dataclass(slots=True)
class Node:
    """One object of an inventory, and those of its own."""

    key: Key
    inner: list[Node] = field(default_factory=list)

    def printed(self) -> str:
        """The tree, and an empty line."""
        return "".join(f"{line}\n" for line in [str(self.key), *_branches(self.inner, "")]) + "\n"

    def as_json(self) -> dict[str, object]:
        made: dict[str, object] = {
            "resource": {
                "Namespace": self.key.namespace,
                "Name": self.key.name,
                "GroupKind": {"Group": self.key.group, "Kind": self.key.kind},
            }
        }
        return made | ({"resources": [node.as_json() for node in self.inner]} if self.inner else {})


def _branches(nodes: Sequence[Node], indent: str) -> Iterator[str]:
    for index, node in enumerate(nodes):
        last = index == len(nodes) - 1
        yield f"{indent}{'└── ' if last else '├── '}{node.key}"
        yield from _branches(node.inner, indent + ("    " if last else "│   "))
