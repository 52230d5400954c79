"""Values as Go prints them: the texts of JSONPath results, of error messages and of JSON bodies.

Source: the verbs of Go's ``fmt`` (``%v``, ``%#v``, ``%q``), its ``encoding/json``, and go-yaml v2.
"""

from __future__ import annotations

import re
from decimal import Decimal
from json import JSONDecodeError
from json.encoder import encode_basestring
from typing import Any

import yaml

from gitops_sim.errors import BadInput

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def plain(value: Any) -> str:
    """``%v``: ``map[a:1 b:[x y]]``."""
    if value is None:
        return "<nil>"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(plain(item) for item in value) + "]"
    return _scalar(value)


def syntax(value: Any) -> str:
    """``%#v``: the value as Go source."""
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "map[string]interface {}{" + ", ".join(f"{quoted(key)}:{syntax(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[]interface {}{" + ", ".join(syntax(item) for item in value) + "}"
    return _scalar(value)


def type_name(value: Any) -> str:
    """The Go type that a decoded JSON value has."""
    if isinstance(value, dict):
        return "map[string]interface {}"
    if isinstance(value, list | tuple):
        return "[]interface {}"
    return {bool: "bool", str: "string", int: "int64", float: "float64"}.get(type(value), "interface {}")


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _float(value, 1e-4, 1e6) if isinstance(value, float) else str(value)


def _float(value: float, smallest: float, largest: float) -> str:
    """The shortest text of a float, with an exponent outside of the two bounds."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}[str(value)]
    if value == 0 or smallest <= abs(value) < largest:
        return f"{Decimal(repr(value)):f}".removesuffix(".0")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    point = len(digits) + exponent - 1
    mantissa = "".join(map(str, digits))
    fraction = "." + mantissa[1:] if mantissa[1:] else ""
    return f"{'-' if sign else ''}{mantissa[0]}{fraction}e{'-' if point < 0 else '+'}{abs(point):02d}"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def quoted(text: str) -> str:
    """``%q``: a double-quoted Go string."""
    return '"' + "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code(char)) for char in text) + '"'


def _code(char: str) -> str:
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_HTML_SPECIAL = re.compile("[<>&\u2028\u2029]").search


def json_text(value: Any, *, indent: str = "") -> str:
    """JSON as Go marshals it: sorted keys, ``<``, ``>`` and ``&`` escaped, no blanks unless an ``indent`` is given."""
    text = _indented(value, indent, "") if indent else _compact(value)
    return text.translate(_HTML) if _HTML_SPECIAL(text) else text


def _compact(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{encode_basestring(str(key))}:{_compact(value[key])}" for key in sorted(value)]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_compact, value)) + "]"
    if isinstance(value, float):
        return _float(value, 1e-6, 1e21).replace("e-0", "e-")
    return "null" if value is None else _scalar(value)


def _indented(value: Any, indent: str, level: str) -> str:
    inner = level + indent
    if isinstance(value, dict) and value:
        parts = [f"{encode_basestring(str(key))}: {_indented(value[key], indent, inner)}" for key in sorted(value)]
        start, end = "{}"
    elif isinstance(value, (list, tuple)) and value:
        parts = [_indented(item, indent, inner) for item in value]
        start, end = "[]"
    else:
        return _compact(value)
    return f"{start}\n" + ",\n".join(f"{inner}{part}" for part in parts) + f"\n{level}{end}"


def json_problem(text: str, error: JSONDecodeError) -> str:
    """What Go's ``encoding/json`` says about a text that is no JSON; ``error`` is what Python found."""
    found = text[error.pos : error.pos + 1]
    where = {
        "Expecting property name": "looking for beginning of object key string",
        "Expecting ':'": "after object key",
        "Expecting ','": f"after {'array element' if _in_array(text[: error.pos]) else 'object key:value pair'}",
        "Expecting value": "looking for beginning of value",
        "Extra data": "after top-level value",
        "Invalid control character": "in string literal",
    }
    place = next((words for start, words in where.items() if error.msg.startswith(start)), "")
    return f"invalid character {quoted_rune(found)} {place}" if found and place else "unexpected end of JSON input"


def quoted_rune(character: str) -> str:
    """``'a'``, with Go's escapes."""
    inner = quoted(character)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def _in_array(text: str) -> bool:
    """Whether the innermost bracket that is open at the end is a square one."""
    opened = []
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[][{}]', text):
        if token in "[{":
            opened.append(token)
        elif token in "]}" and opened:
            opened.pop()
    return opened[-1:] == ["["]


def yaml_problem(text: str, error: BadInput) -> str:
    """What Go's YAML parser says about a text that is no YAML; ``error`` is what ours found."""
    try:
        for _ in yaml.parse(text, Loader=_Loader):
            pass
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line if problem.problem_mark else 0
        if line and isinstance(problem, yaml.scanner.ScannerError):
            line += 1
        elif not line and problem.context_mark:
            line = problem.context_mark.line
        place = f"line {line}: " if line else ""
        return f"yaml: {place}{problem.problem or 'unknown problem parsing YAML content'}"
    except yaml.YAMLError:
        pass
    alias = re.match(r"unknown alias \*(\S+)", error.what)
    if alias:
        return f"yaml: unknown anchor '{alias[1]}' referenced"
    return f"yaml: {error.where.partition(':')[2]}: {error.what} ({error.mend})"
