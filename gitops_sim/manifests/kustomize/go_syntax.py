"""Objects as Go prints them with ``%#v``: what the real tool puts before an error that it meets while it writes its output.

Source: Go's ``fmt`` (``print.go``, ``fmtsort``), ``strconv.Quote``; kustomize ``api/resmap/reswrangler.go`` (``AsYaml``).
"""

from __future__ import annotations

from typing import Any

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.nodes import MAPPING, SCALAR, SEQUENCE, Node, value_of, walk
from gitops_sim.manifests.kustomize.scalars import NULL, STR, TIME, resolve

_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\"}
_MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June", "July")
_MONTHS += ("August", "September", "October", "November", "December")
_NOTHING = "map[string]interface {}(nil)"


def go_syntax(node: Node) -> str:
    """The object as a Go map; a nil map when it cannot be decoded at all."""
    try:
        return _shown(node)
    except KustomizeError:
        return _NOTHING


def in_key_order(node: Node) -> Node:
    """A copy whose keys are sorted."""
    new = node.copy()
    for inner in walk(new):
        if inner.kind == MAPPING:
            inner.fields = dict(sorted(inner.fields.items()))
    return new


def go_quoted(text: str) -> str:
    """Go's ``%q``."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _shown(node: Node) -> str:
    if node.flaw:
        raise KustomizeError(node.flaw)
    if node.kind == MAPPING and not node.odd:
        inner = ", ".join(f"{go_quoted(key)}:{_shown(node.fields[key])}" for key in sorted(node.fields))
        return f"map[string]interface {{}}{{{inner}}}"
    if node.kind == MAPPING:
        keys = sorted(((*_key(name, node.odd or {}), value) for name, value in node.fields.items()), key=lambda entry: entry[:2])
        return f"map[interface {{}}]interface {{}}{{{', '.join(f'{text}:{_shown(value)}' for _, _, text, value in keys)}}}"
    if node.kind == SEQUENCE:
        return f"[]interface {{}}{{{', '.join(map(_shown, node.items))}}}"
    if node.kind != SCALAR or node.tag == NULL:
        return "interface {}(nil)"
    value = value_of(node)
    return _moment(value) if node.tag == TIME and resolve(node.text)[0] == TIME else _plain(value)


def _key(name: str, odd: dict[str, str]) -> tuple[int, Any, str]:
    """Where a key stands among others, by its type first, and how it is shown."""
    tag, value = resolve(name) if name in odd else (STR, name)
    if value is None:
        return 0, 0, "interface {}(nil)"
    if tag == TIME:
        return 6, value, _moment(value)
    if isinstance(value, str):
        return 1, value, _plain(value)
    rank = 5 if isinstance(value, bool) else 4 if isinstance(value, float) else 2 if value >= 2**63 else 3
    return rank, value, _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return hex(value) if value >= 2**63 else str(value)
    return _float(value) if isinstance(value, float) else go_quoted(str(value))


def _float(value: float) -> str:
    """``%g`` with as many digits as it needs; an exponent from a seventh digit before the point on."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    shortest = repr(value)
    digits, _, exponent = shortest.partition("e")
    if not exponent:
        if not value or 1e-4 <= abs(value) < 1e6:
            return shortest.removesuffix(".0")
        digits, exponent = _mantissa(shortest), f"{value:e}".partition("e")[2]
    return f"{digits.removesuffix('.0')}e{exponent}"


def _mantissa(shortest: str) -> str:
    """``-12345678.5`` as ``-1.23456785``."""
    sign = "-" if shortest.startswith("-") else ""
    digits = shortest.lstrip("-").removesuffix(".0").replace(".", "").strip("0")
    return sign + digits[0] + (f".{digits[1:]}" if digits[1:] else "")


def _moment(text: str) -> str:
    """A time, from its text in RFC 3339."""
    date, _, clock = text.partition("T")
    zulu = clock.endswith("Z")
    clock = clock[:-1] if zulu else clock[:-6]
    second, _, fraction = clock.partition(".")
    year, month, day = map(int, date.split("-"))
    numbers = [int(part) for part in second.split(":")]
    zone = "time.UTC" if zulu else 'time.Location("")'
    inner = [str(year), f"time.{_MONTHS[month - 1]}", str(day), *map(str, numbers), str(int(fraction.ljust(9, "0"))), zone]
    return f"time.Date({', '.join(inner)})"
