"""``-o custom-columns=NAME:.metadata.name,...``.

Source: k8s.io/kubectl ``pkg/cmd/get/customcolumn.go``.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_sim.cluster.go_text import plain
from gitops_sim.cluster.jsonpath import JSONPath, JSONPathError
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.outputs import read_text
from gitops_sim.kubectl.problems import KubectlError
from gitops_sim.kubectl.sorting import relaxed
from gitops_sim.kubectl.table_printer import terminal_safe
from gitops_sim.kubectl.tabwriter import align
from gitops_sim.objects import Object

FORMATS = ("custom-columns", "custom-columns-file")


def custom_columns(inv: Invocation, kind: str, spec: str) -> Callable[[Object], None]:
    """A printer of the columns that ``spec`` names, or the file that it is. Raises KubectlError when it names none."""
    if not spec:
        raise KubectlError("custom-columns format specified but no custom columns given")
    headers = not inv["no-headers"]
    if kind == "custom-columns-file":
        pairs = _from_file(read_text(inv, spec, f"error reading template {spec}, "))
        headers = True
    else:
        pairs = [_pair(part) for part in spec.split(",")]
    specs = [(header, relaxed(path)) for header, path in pairs]

    def show(obj: Object) -> None:
        items = obj.get("items")
        lines = [[header for header, _ in specs]] if headers else []
        try:
            paths = [_path(spec) for _, spec in specs]
            for item in items if isinstance(items, list) else [obj]:
                lines.append([_cell(path, item) for path in paths])
        finally:
            inv.say(align("".join("\t".join(cells) + "\n" for cells in lines), minwidth=6, padding=3))

    return show


def _pair(part: str) -> tuple[str, str]:
    header, colon, path = part.partition(":")
    if not colon:
        raise KubectlError(f"unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>")
    return header, path


def _from_file(text: str) -> list[tuple[str, str]]:
    expected = "Expected format is one line of space separated headers, one line of space separated column specs."
    lines = text.splitlines()
    for number, what in enumerate(("header", "spec")):
        if len(lines) <= number:
            raise KubectlError(f"invalid template, missing {what} line. {expected}")
    headers, paths = lines[0].split(), lines[1].split()
    if len(headers) != len(paths):
        raise KubectlError(f"number of headers ({len(headers)}) and field specifications ({len(paths)}) don't match")
    return list(zip(headers, paths, strict=True))


def _path(expression: str) -> JSONPath:
    try:
        return JSONPath(expression)
    except JSONPathError as error:
        raise KubectlError(str(error)) from None


def _cell(path: JSONPath, obj: Object) -> str:
    try:
        found = path.find(obj)
    except JSONPathError as error:
        raise KubectlError(str(error)) from None
    none = ["<none>"] if not found or not found[0] else []
    return ",".join([*none, *(terminal_safe(plain(value)) for piece in found for value in piece)])
