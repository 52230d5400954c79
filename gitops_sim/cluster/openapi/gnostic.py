"""A Swagger document in protobuf, the one form in which kubectl takes it.

Source of the numbers of fields: ``openapiv2/OpenAPIv2.proto`` of google/gnostic. Only what our documents hold is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.cluster.go_text import json_text

ASKED_FOR = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
MEDIA_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
"""What is answered differs from what is asked for: Go refuses the at sign."""

# Where each keyword of a schema that holds text stands.
_TEXTS = {"$ref": 1, "format": 2, "title": 3, "description": 4, "pattern": 13}


def encoded(document: Mapping[str, Any]) -> bytes:
    info = _text(1, document["info"]["title"]) + _text(2, document["info"]["version"])
    definitions = _named(document["definitions"])
    return _text(1, document["swagger"]) + _bytes(2, info) + _bytes(8, b"") + _bytes(9, definitions)


def _named(schemas: Mapping[str, Any]) -> bytes:
    """A message of named schemas, all in its first field."""
    return b"".join(_bytes(1, _text(1, name) + _bytes(2, _schema(schema))) for name, schema in schemas.items())


def _schema(schema: Mapping[str, Any]) -> bytes:
    parts = [_text(number, schema[word]) for word, number in _TEXTS.items() if isinstance(schema.get(word), str)]
    parts += [_text(19, name) for name in _listed(schema.get("required"))]
    parts += [_bytes(20, _any(value)) for value in _listed(schema.get("enum"))]
    inner = schema.get("additionalProperties")
    if isinstance(inner, Mapping):
        parts.append(_bytes(21, _bytes(1, _schema(inner))))
    elif isinstance(inner, bool):
        parts.append(_bytes(21, _truth(2, inner)))
    if isinstance(schema.get("type"), str):
        parts.append(_bytes(22, _text(1, schema["type"])))
    if isinstance(schema.get("items"), Mapping):
        parts.append(_bytes(23, _bytes(1, _schema(schema["items"]))))
    if isinstance(schema.get("properties"), Mapping):
        parts.append(_bytes(25, _named({k: v for k, v in schema["properties"].items() if isinstance(v, Mapping)})))
    parts += [
        _bytes(31, _text(1, word) + _bytes(2, _any(value))) for word, value in schema.items() if word.startswith("x-kubernetes-")
    ]
    return b"".join(parts)


def _any(value: Any) -> bytes:
    """A value as YAML text; JSON is YAML."""
    return _text(2, json_text(value) + "\n")


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _text(number: int, text: str) -> bytes:
    return _bytes(number, text.encode("utf-8", "replace"))


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _truth(number: int, value: bool) -> bytes:
    return _varint(number << 3) + _varint(int(value))


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)
