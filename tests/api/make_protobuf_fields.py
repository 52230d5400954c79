"""Writes ``gitops_sim/api/protobuf_fields.txt`` from the sources of k8s.io/api and k8s.io/apimachinery.

``python -m tests.api.make_protobuf_fields API APIMACHINERY``: both are folders with checked-out files, of which
``*/generated.proto`` and ``types*.go`` are read. Only facts are taken: names, numbers and types of fields, and which of them Go
writes inline.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from gitops_sim.api.protobuf import FIELDS, ROOTS

_MESSAGE = re.compile(r"^message (\w+) \{\n(.*?)^\}", re.M | re.S)
_FIELD = re.compile(r"^\s*(optional|repeated|map<string, ([\w.]+)>) ?([\w.]*) (\w+) = (\d+);", re.M)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.M | re.S)
_INLINE = re.compile(r'json:"(?:,inline)?" protobuf:"bytes,\d+,opt,name=(\w+)"')
_SCALARS = ("string", "bool", "int32", "int64", "double", "bytes")


def main(api: Path, machinery: Path) -> None:
    messages: dict[str, list[str]] = {}
    inline: set[tuple[str, str]] = set()
    for root in (api, machinery):
        for file in sorted(root.rglob("types*.go")):
            package = ".".join(file.parent.parts[-2:])
            for name, body in _STRUCT.findall(file.read_text()):
                inline |= {(f"{package}.{name}", field) for field in _INLINE.findall(body)}
    for root in (api, machinery):
        for file in sorted(root.rglob("generated.proto")):
            package = ".".join(file.parent.parts[-2:])
            for name, body in _MESSAGE.findall(file.read_text()):
                full = f"{package}.{name}"
                messages[full] = [_field(full, package, match, inline) for match in _FIELD.finditer(body)]
    wanted, waiting = set[str](), [root for root in ROOTS if root in messages]
    while waiting:
        name = waiting.pop()
        if name not in wanted and name in messages:
            wanted.add(name)
            waiting += [re.sub(r"[*~{}]", "", field.split(":")[1]) for field in messages[name]]
    lines = [f"{name} {' '.join(messages[name])}" for name in sorted(wanted)]
    FIELDS.write_text(_HEADER + "\n".join(lines) + "\n")


def _field(message: str, package: str, match: re.Match[str], inline: set[tuple[str, str]]) -> str:
    label, value, type_, name, number = match.groups()
    full = _full(value or type_, package)
    mark = "{}" if value else "*" if label == "repeated" else "~" if (message, name) in inline else ""
    return f"{number}:{full}{mark}:{name}"


def _full(name: str, package: str) -> str:
    if name in _SCALARS:
        return name
    return ".".join(name.split(".")[-3:]) if name.startswith(".") else f"{package}.{name}"


_HEADER = """\
# Field numbers of the messages that Kubernetes clients send: one message a line, then NUMBER:TYPE:NAME of every field.
# A type with * is a list, with {} a map with strings as keys, with ~ a message whose fields are those of its parent.
# Source: generated.proto and types.go of k8s.io/api and k8s.io/apimachinery (Apache-2.0), July 2026.
"""

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
