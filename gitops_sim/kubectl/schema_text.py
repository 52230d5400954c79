"""An OpenAPI schema as ``kubectl explain`` prints it.

Source: the template ``plaintext.tmpl`` of k8s.io/kubectl ``pkg/explain/v2``, and the line breaks of mitchellh/go-wordwrap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_Schema = Mapping[str, Any]
_MOST = 4
"""How many values of an enumeration stand in a list of fields."""


class SchemaText:
    """``document`` is where references lead; ``recursive``: only names, but of the fields of fields as well."""

    def __init__(self, document: Mapping[str, Any], *, recursive: bool) -> None:
        self._document, self._recursive = document, recursive

    def of(self, schema: _Schema, path: Sequence[str], seen: frozenset[str] = frozenset()) -> str:
        """What is at ``path`` below the schema; empty when nothing is there."""
        named = schema.get("$ref") or ""
        resolved = self._resolved(schema)
        if not path:
            return self._described(resolved)
        if named and named in seen:
            return ""
        field = (resolved.get("properties") or {}).get(path[0])
        if field:
            title = f"FIELD: {path[0]} <{self._type(field)}>\n{_long_enum(field)}\n\n" if len(path) == 1 else ""
            text = self.of(field, path[1:])
            return title + text if text or title else ""
        seen = seen | {named}
        for inner in self._inner(resolved):
            text = self.of(inner, path, seen)
            if text:
                return text
        return ""

    def _described(self, schema: _Schema) -> str:
        about = "".join(self._descriptions(schema)) or "<empty>"
        fields = "".join(self._fields(schema, 1, frozenset()))
        return f"DESCRIPTION:\n{_indented(wrapped(about, 76), 4)}\n{_documents(schema, 0)}" + (
            f"FIELDS:\n{fields}" if fields else ""
        )

    def _descriptions(self, schema: _Schema) -> Iterator[str]:
        resolved = self._resolved(schema)
        if resolved.get("description"):
            yield f"{resolved['description']}\n"
        yield from (text for inner in resolved.get("allOf") or () for text in self._descriptions(inner))
        for inner in (resolved.get("items"), _values(resolved)):
            if inner:
                yield from self._descriptions(inner)

    def _fields(self, schema: _Schema, level: int, seen: frozenset[str]) -> Iterator[str]:
        named = schema.get("$ref") or ""
        if named and named in seen:
            return
        seen = seen | {named}
        resolved = self._resolved(schema)
        properties = resolved.get("properties") or {}
        for name in sorted(properties):
            yield self._field(name, properties[name], name in (resolved.get("required") or ()), 2 * level)
            if self._recursive:
                yield from self._fields(properties[name], level + 1, seen)
        inner = [*(resolved.get("allOf") or ()), resolved.get("items"), _values(resolved)]
        for part in inner:
            if part:
                yield from self._fields(part, level, seen)

    def _field(self, name: str, schema: _Schema, required: bool, indent: int) -> str:
        line = f"{' ' * indent}{name}\t<{self._type(schema)}>{' -required-' * required}{_short_enum(schema, indent)}\n"
        if self._recursive:
            return line
        about = wrapped(schema.get("description") or "<no description>", 78 - indent)
        return f"{line}{_indented(about, indent + 2)}\n{_documents(schema, indent + 2)}\n"

    def _type(self, schema: _Schema) -> str:
        """``[]Object``, ``map[string]string``, ``PodSpec``."""
        if schema.get("items"):
            return "[]" + self._type(schema["items"])
        values = _values(schema)
        parts: Sequence[_Schema] = schema.get("allOf") or []
        if values:
            return "map[string]" + self._type(values)
        if len(parts) == 1 and not schema.get("properties"):
            return self._type(parts[0])
        if "$ref" in schema:
            target = self._resolved(schema)
            if target is schema or target.get("type") in (None, "", "object"):
                return str(schema["$ref"]).rpartition("/")[2].rpartition(".")[2] or "Object"
            return str(target["type"])
        return "Object" if schema.get("type") in (None, "", "object") else str(schema["type"])

    def _inner(self, resolved: _Schema) -> Sequence[_Schema]:
        """Where a path goes on that is no field here: into the items of a list, the values of a map, or the parts of a whole."""
        if resolved.get("items"):
            return [resolved["items"]]
        values = _values(resolved)
        return [values] if values else list(resolved.get("allOf") or ())

    def _resolved(self, schema: _Schema) -> _Schema:
        name = str(schema.get("$ref") or "")
        found: Any = self._document if name.startswith("#/") else None
        for step in name[2:].split("/") if found is not None else ():
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else schema


def _values(schema: _Schema) -> _Schema | None:
    inner = schema.get("additionalProperties")
    return inner if isinstance(inner, Mapping) and inner else None


def _documents(schema: _Schema, indent: int) -> str:
    found = schema.get("externalDocs")
    if not found:
        return ""
    about, url = found.get("description"), found.get("url")
    text = _indented(wrapped(about, 76 - max(indent - 2, 0)), indent + (2 if indent else 4)) + "\n" if about else ""
    place = " " * (indent + (2 if indent else 4)) + f"URL: {url}\n" if url else ""
    return f"\n{' ' * indent}EXTERNAL DOCS:\n{text}{place}"


def _long_enum(schema: _Schema) -> str:
    values = schema.get("enum")
    return "ENUM:" + "".join(f"\n    {_value(value)}" for value in values) if values else ""


def _short_enum(schema: _Schema, indent: int) -> str:
    values = schema.get("enum")
    if not values:
        return ""
    shown = ", ".join(_value(value) for value in values[:_MOST]) + (", ...." if len(values) > _MOST else "")
    return f"\n{' ' * indent}enum: {shown}"


def _value(value: Any) -> str:
    return '""' if value == "" else str(value).lower() if isinstance(value, bool) else str(value)


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.split("\n"))


def wrapped(text: str, width: int) -> str:
    """Breaks lines between words; a word that is longer than a line stays whole."""
    return "\n".join(_broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    lines, current, blanks = [], "", ""
    for word, space in _words(line):
        before = len(current) + len(blanks)
        if word and before > 1 and before + len(word) > width:
            lines.append(current)
            current, blanks = "", ""
        current += blanks + word
        blanks = space
    return "\n".join([*lines, current + (blanks if len(current) + len(blanks) <= width else "")])


def _words(line: str) -> Iterator[tuple[str, str]]:
    """Each word with the blanks behind it; an empty word in front of blanks that begin the line."""
    word = space = ""
    for letter in line:
        if letter.isspace() and letter != "\u00a0":
            space += letter
        else:
            if space:
                yield word, space
                word = space = ""
            word += letter
    yield word, space
