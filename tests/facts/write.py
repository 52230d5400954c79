"""Writes the facts about the types of Kubernetes that we ship, from the schemas in the PyPI package ``kubernetes-validate``.

    python -m tests.facts.write              writes gitops_sim/cluster/schema/facts.txt
    python -m tests.facts.write --check      writes nothing; exit 1 where the file is not what the package gives

The package (108 MB installed) is for tests alone. Only facts are taken over: names of types and fields, types, what is required,
and the marks of lists, maps and patches; no descriptions. Alpha and beta versions are left out, but for types that others use: a
stock server does not serve them.
:mod:`gitops_sim.cluster.schema.facts` describes the notation.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from gitops_sim.cluster.schema.facts import FACTS, short_name

VERSION = "1.37.0"
HEADER = f"""\
# Facts about the types of the Kubernetes API, as data: written by tests/facts/write.py, not by hand.
# Source: the OpenAPI document of Kubernetes {VERSION} (Apache-2.0), as packed by kubernetes-validate {VERSION} (Apache-2.0).
"""
_PLAIN = {"string": "string", "boolean": "boolean", "number": "double", "object": "any"}
_WHOLE = {"int32": "int32", "int64": "int64"}
_REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')
_UNSTABLE = re.compile(r"\.v\d+(alpha|beta)\d+\.")


def definitions() -> dict[str, Any]:
    """The schemas by their full names."""
    folder = files("kubernetes_validate") / "kubernetes-json-schema" / f"v{VERSION}-local-strict"
    found: dict[str, Any] = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
    return found


def text() -> str:
    found = definitions()
    names = {name for name in found if not _UNSTABLE.search(name)}
    reached: set[str] = set()
    while names:
        reached |= names
        names = {used for name in names for used in _REFERENCE.findall(json.dumps(found[name]))} - reached
    lines = [_line(name, found[name]) for name in sorted(reached)]
    return HEADER + "\n".join(line for line in lines if line) + "\n"


def _line(name: str, schema: Mapping[str, Any]) -> str:
    short = short_name(name)
    if "." not in short:
        return ""
    marks = [f"{item['group']}/{item['version']}" for item in schema.get("x-kubernetes-group-version-kind") or ()]
    head = [short, *(marks if len(marks) == 1 else [])]
    if "x-kubernetes-map-type" in schema:
        head.append(f"map={schema['x-kubernetes-map-type']}")
    return f"{' '.join(head)}: {', '.join(_fields(schema))}".rstrip()


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    fields, required = schema.get("properties") or {}, schema.get("required") or ()
    meta = [name for name in ("apiVersion", "kind") if name in fields and "enum" in fields[name]]
    if len(meta) == 2:
        yield "TypeMeta"
    for name, field in fields.items():
        if len(meta) < 2 or name not in meta:
            yield " ".join((name + "!" * (name in required), _type(field), *_marks(field)))


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return short_name(schema["$ref"].removeprefix("#/$defs/"))
    given = schema["type"]
    kind = given if isinstance(given, str) else given[0]
    if kind == "array":
        return "[]" + _type(schema["items"])
    if kind == "object" and "additionalProperties" in schema:
        return "{}" + _type(schema["additionalProperties"])
    if schema.get("format") == "byte":
        return "bytes"
    return _WHOLE[schema["format"]] if kind == "integer" else _PLAIN[kind]


def _marks(field: Mapping[str, Any]) -> Iterator[str]:
    keys = field.get("x-kubernetes-list-map-keys")
    if "x-kubernetes-list-type" in field:
        yield f"list={field['x-kubernetes-list-type']}" + (f":{'/'.join(keys)}" if keys else "")
    if "x-kubernetes-map-type" in field:
        yield f"map={field['x-kubernetes-map-type']}"
    if "x-kubernetes-patch-strategy" in field:
        strategy, key = field["x-kubernetes-patch-strategy"].replace(",", "+"), field.get("x-kubernetes-patch-merge-key")
        yield f"patch={strategy}" + (f":{key}" if key else "")


def main(arguments: list[str]) -> int:
    wanted = text()
    if "--check" not in arguments:
        FACTS.write_text(wanted, encoding="utf-8")
    elif FACTS.read_text(encoding="utf-8") != wanted:
        print(f"{FACTS.name} is not what kubernetes-validate {VERSION} gives: run python -m tests.facts.write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
