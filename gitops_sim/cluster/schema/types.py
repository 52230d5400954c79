"""How one value of a type is read: checked, brought to the form in which the API server writes it, or refused in its words.

Source of the rules: Go's ``encoding/json`` and the (un)marshalling of k8s.io/apimachinery.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from gitops_sim.cluster.quantity import QuantityError, canonical

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class DecodeError(Exception):
    """A value that its type cannot hold. ``steps`` are the fields that lead to it, outermost first; ``struct`` is the type that
    has the last of them."""

    def __init__(self, what: str, wanted: str = "") -> None:
        super().__init__(what)
        self.what, self.wanted = what, wanted
        self.struct, self.steps = "", list[str]()

    def __str__(self) -> str:
        if not self.wanted:
            return self.what
        return (
            f"json: cannot unmarshal {self.what} into Go struct field {self.struct}.{'.'.join(self.steps)} of type {self.wanted}"
        )


class Type:
    """``name`` is the Go type's, as messages show it; ``zero`` is what is written for a value that was never set."""

    def __init__(self, name: str, zero: Any) -> None:
        self.name, self._zero = name, zero

    def zero(self) -> Any:
        return self._zero

    def read(self, value: Any, old: Any = None) -> Any:
        """The value as it is stored. ``old`` was read before: what the new value shares with it is not looked at again."""
        raise NotImplementedError

    def unknown(self, value: Any) -> Iterator[str]:
        """The paths in ``value``, each with its dot or brackets in front, of fields that the type does not have."""
        return iter(())

    def refuse(self, value: Any, *, literal: bool = False) -> DecodeError:
        return DecodeError(_json_type(value, literal), self.name)


class Text(Type):
    def read(self, value: Any, old: Any = None) -> Any:
        if type(value) is not str:
            raise self.refuse(value)
        return value


class Truth(Type):
    def read(self, value: Any, old: Any = None) -> Any:
        if type(value) is not bool:
            raise self.refuse(value)
        return value


class Whole(Type):
    def __init__(self, name: str, bits: int) -> None:
        super().__init__(name, 0)
        self._limit = 1 << (bits - 1)

    def read(self, value: Any, old: Any = None) -> Any:
        if type(value) is not int or not -self._limit <= value < self._limit:
            raise self.refuse(value, literal=True)
        return value


class Double(Type):
    def read(self, value: Any, old: Any = None) -> Any:
        if type(value) not in (int, float):
            raise self.refuse(value)
        return value


class IntOrString(Whole):
    def __init__(self) -> None:
        super().__init__("int32", 32)

    def read(self, value: Any, old: Any = None) -> Any:
        return value if type(value) is str else super().read(value)


class Quantity(Type):
    def read(self, value: Any, old: Any = None) -> Any:
        try:
            return canonical(value)
        except QuantityError as error:
            raise DecodeError(str(error)) from None


class Moment(Type):
    """``micro``: with six digits after the second. A time of another zone is told in UTC."""

    def __init__(self, *, micro: bool) -> None:
        super().__init__("string", None)
        self._micro = micro

    def read(self, value: Any, old: Any = None) -> Any:
        if type(value) is not str:
            raise self.refuse(value)
        if not _TIME.fullmatch(value):
            layout = "2006-01-02T15:04:05.000000Z07:00" if self._micro else "2006-01-02T15:04:05Z07:00"
            raise DecodeError(f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"')
        try:
            moment = datetime.fromisoformat(value)
            if len(value) == 20 and value[-1] == "Z" and not self._micro:
                return value
            moment -= moment.utcoffset() or moment - moment
        except (ValueError, OverflowError):
            raise DecodeError(f'parsing time "{value}": day out of range') from None
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if self._micro else "%Y-%m-%dT%H:%M:%SZ")


class Bytes(Type):
    def read(self, value: Any, old: Any = None) -> Any:
        if type(value) is not str:
            raise self.refuse(value)
        bare = value.replace("\n", "").replace("\r", "")
        try:
            base64.b64decode(bare.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            place = re.match(r"[A-Za-z0-9+/]*", bare)
            assert place is not None
            raise DecodeError(f"illegal base64 data at input byte {min(place.end(), len(bare) // 4 * 4)}") from None
        return bare


class Anything(Type):
    def read(self, value: Any, old: Any = None) -> Any:
        return value


class ListOf(Type):
    def __init__(self, item: Type) -> None:
        super().__init__(f"[]{item.name}", None)
        self._item = item

    def read(self, value: Any, old: Any = None) -> Any:
        if value is old:
            return value
        if type(value) is not list:
            raise self.refuse(value)
        read, zero = self._item.read, self._item.zero
        items = [zero() if item is None else read(item) for item in value]
        return (items if items != value else value) or None

    def unknown(self, value: Any) -> Iterator[str]:
        for index, item in enumerate(value if isinstance(value, list) else ()):
            for path in self._item.unknown(item):
                yield f"[{index}]{path}"


class MapOf(Type):
    def __init__(self, item: Type) -> None:
        super().__init__(f"map[string]{item.name}", None)
        self._item = item

    def read(self, value: Any, old: Any = None) -> Any:
        if value is old:
            return value
        if not isinstance(value, dict):
            raise self.refuse(value)
        read, zero = self._item.read, self._item.zero
        items = {_text_key(key): zero() if item is None else read(item) for key, item in value.items()}
        return (items if items != value else value) or None

    def unknown(self, value: Any) -> Iterator[str]:
        for key, item in value.items() if isinstance(value, dict) else ():
            for path in self._item.unknown(item):
                yield f".{key}{path}"


class Field:
    """``keeps_zero``: a zero that was given is written. ``always``: so is one that was not, as null when it is a ``pointer``."""

    __slots__ = ("always", "keeps_zero", "pointer", "type")

    def __init__(self, type_: Type, *, pointer: bool, always: bool) -> None:
        self.type, self.pointer, self.always = type_, pointer, always
        self.keeps_zero = pointer or always


class Struct(Type):
    """A type with named fields. Its fields are looked up when it is first used: types may hold themselves."""

    def __init__(self, name: str, package: str, look_up: Callable[[], dict[str, Field]]) -> None:
        super().__init__(f"{package}.{name}", None)
        self._short, self._look_up = name, look_up
        self._fields: dict[str, Field] | None = None
        self._always: tuple[str, ...] = ()

    @property
    def fields(self) -> dict[str, Field]:
        if self._fields is None:
            self._fields = self._look_up()
            self._always = tuple(name for name, field in self._fields.items() if field.always)
        return self._fields

    def zero(self) -> Any:
        return self.read({})

    def read(self, value: Any, old: Any = None) -> Any:
        if value is old:
            return value
        if not isinstance(value, dict):
            raise self.refuse(value)
        fields = self._fields or self.fields
        before = old if isinstance(old, dict) else _NOTHING
        read: dict[str, Any] = {}
        name = ""
        try:
            for name, item in value.items():
                field = fields.get(name)
                if field is None or item is None:
                    continue
                known = before.get(name)
                stored = item if item is known else field.type.read(item, known)
                if stored or field.keeps_zero:
                    read[name] = stored
        except DecodeError as error:
            error.steps.insert(0, name)
            error.struct = error.struct or self._short
            raise
        for name in self._always:
            if name not in read:
                field = fields[name]
                read[name] = None if field.pointer else field.type.zero()
        return value if len(read) == len(value) and read == value else read

    def unknown(self, value: Any) -> Iterator[str]:
        for name, item in value.items() if isinstance(value, dict) else ():
            field = self.fields.get(name)
            if field is None:
                yield f".{name}"
            else:
                for path in field.type.unknown(item):
                    yield f".{name}{path}"


PLAIN_TYPES: Mapping[str, Type] = {
    "any": Anything("interface {}", None),
    "bool": Truth("bool", False),
    "bytes": Bytes("[]uint8", ""),
    "double": Double("float64", 0),
    "int32": Whole("int32", 32),
    "int64": Whole("int64", 64),
    "string": Text("string", ""),
    "IntOrString": IntOrString(),
    "MicroTime": Moment(micro=True),
    "Quantity": Quantity("resource.Quantity", "0"),
    "Time": Moment(micro=False),
}


class SchemaOr(Type):
    """A schema within a schema, or what may stand in its place: true, false or a list."""

    def __init__(self, name: str, look_up: Callable[[], Type]) -> None:
        super().__init__(name, None)
        self._look_up, self._other = look_up, bool if name.endswith("Bool") else list

    def read(self, value: Any, old: Any = None) -> Any:
        if isinstance(value, self._other):
            return value
        return self._look_up().read(value, old)

    def unknown(self, value: Any) -> Iterator[str]:
        return self._look_up().unknown(value)


class Tables:
    """The types of some tables, made when they are asked for. Each table comes with the name of its Go package."""

    def __init__(self, *tables: tuple[str, str]) -> None:
        self._texts: dict[str, tuple[str, str]] = {}
        for package, table in tables:
            for entry in table.replace("\n  ", " ").strip().splitlines():
                name, _, fields = entry.partition(": ")
                self._texts[name] = (package, fields)
        self._types: dict[str, Type] = {**PLAIN_TYPES, "UID": Text("types.UID", "")}

    def struct(self, name: str) -> Struct | None:
        found = self._type(name, "") if name in self._texts else None
        return found if isinstance(found, Struct) else None

    def fields(self, name: str) -> dict[str, Field]:
        found: dict[str, Field] = {}
        package, entries = self._texts[name]
        for entry in entries.split(", "):
            if entry == "TypeMeta":
                found["apiVersion"] = found["kind"] = self._field("", "string", package)
                continue
            field, _, text = entry.partition(" ")
            found[field.rstrip("!?")] = self._field(field[-1], text, package)
        return found

    def _field(self, mark: str, text: str, package: str) -> Field:
        pointer = text.startswith("*")
        type_ = self._type(text.lstrip("*"), package)
        plain = not pointer and isinstance(type_, Struct | Moment | Quantity | IntOrString)
        always = mark == "!" or (plain and mark != "?")
        return Field(type_, pointer=pointer, always=always)

    def _type(self, text: str, package: str) -> Type:
        found = self._types.get(text)
        if found is None:
            if text.startswith("[]"):
                found = ListOf(self._type(text[2:], package))
            elif text.startswith("{}"):
                found = MapOf(self._type(text[2:], package))
            elif text.startswith("JSONSchemaPropsOr"):
                found = SchemaOr(f"{package}.{text}", partial(self._type, "JSONSchemaProps", package))
            elif text in self._texts:
                found = Struct(text, self._texts[text][0], partial(self.fields, text))
            else:
                found = Text(f"{package}.{text}", "")
            self._types[text] = found
        return found


_NOTHING: Mapping[str, Any] = {}


def _json_type(value: Any, literal: bool) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return f"number {value}" if literal else "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"


def _text_key(key: Any) -> str:
    return key if type(key) is str else str(key)
