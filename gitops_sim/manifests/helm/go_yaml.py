"""YAML and JSON as Go writes and reads them for a template: ``toYaml``, ``fromYaml``, ``toJson`` and their kin.

Source: helm ``pkg/engine/funcs.go`` over sigs.k8s.io/yaml: through JSON, keys in natural order, a failure is an empty text or a
map with ``Error``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.calls import Function
from gitops_sim.manifests.helm.go import NO_VALUE, Struct, float_text
from gitops_sim.manifests.helm.numbers import floats, plain, whole
from gitops_sim.yaml_in import load_document
from gitops_sim.yaml_out import dump_yaml

_RUN = re.compile(r"\d+|\D+")


def yaml_text(value: Any, *, pretty: bool = False) -> str:
    """A value as YAML, without a line end. ``pretty`` indents lists."""
    text = dump_yaml(_ordered(plain(jsonable(value)))).removesuffix("\n")
    return _with_indented_lists(text) if pretty else text


def jsonable(value: Any) -> Any:
    """What encoding/json makes of a value: structs become maps, bytes base64. Raises ValueError for what has no JSON."""
    if isinstance(value, Struct):
        return [*value] if hasattr(value, "__iter__") else jsonable(getattr(value, "go_json", value.go_fields))
    if isinstance(value, dict):
        return {str(key): jsonable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or value is NO_VALUE:
        return None
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"json: unsupported type: {type(value).__name__}")


def json_text(value: Any, *, indent: str = "", safe: bool = True) -> str:
    """A value as JSON; ``safe`` escapes what HTML would read."""
    text = _json(jsonable(value), indent, "")
    if not safe:
        return text
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def conversions() -> dict[str, Function]:
    """The functions of helm that convert, by name."""
    return {
        "toYaml": Function(_quiet(yaml_text), ("any",)),
        "mustToYaml": Function(yaml_text, ("any",)),
        "toYamlPretty": Function(_quiet(lambda value: yaml_text(value, pretty=True)), ("any",)),
        "fromYaml": Function(lambda text: _map(_read_yaml, text), ("string",)),
        "fromYamlArray": Function(lambda text: _list(_read_yaml, text), ("string",)),
        "toJson": Function(_quiet(json_text), ("any",)),
        "mustToJson": Function(json_text, ("any",)),
        "toPrettyJson": Function(_quiet(lambda value: json_text(value, indent="  ")), ("any",)),
        "mustToPrettyJson": Function(lambda value: json_text(value, indent="  "), ("any",)),
        "toRawJson": Function(_quiet(lambda value: json_text(value, safe=False)), ("any",)),
        "mustToRawJson": Function(lambda value: json_text(value, safe=False), ("any",)),
        "fromJson": Function(lambda text: _map(_read_json, text), ("string",)),
        "mustFromJson": Function(lambda text: floats(_read_json(text)), ("string",)),
        "fromJsonArray": Function(lambda text: _list(_read_json, text), ("string",)),
    }


def natural(key: str) -> list[tuple[bool, int, str]]:
    """The order of go-yaml: digits by their number, ``a2`` before ``a10``."""
    return [(not run.isdigit(), int(run) if run.isdigit() else 0, run) for run in _RUN.findall(key)]


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=natural)}
    return [_ordered(inner) for inner in value] if isinstance(value, list) else value


def _with_indented_lists(text: str) -> str:
    """Lists that start at their key's column, two further in, as go-yaml v3 puts them."""
    out: list[str] = []
    open_lists: list[int] = []
    for line in text.split("\n"):
        column = len(line) - len(line.lstrip(" "))
        is_item = line.lstrip(" ").startswith("- ") or line.strip() == "-"
        while open_lists and (column < open_lists[-1] or (column == open_lists[-1] and not is_item)):
            open_lists.pop()
        previous = out[-1].rstrip() if out else ""
        if is_item and previous.endswith(":") and (not open_lists or open_lists[-1] != column):
            open_lists.append(column)
        out.append("  " * len(open_lists) + line if line else line)
    return "\n".join(out)


def _json(value: Any, indent: str, at: str) -> str:
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("json: unsupported value")
        return _json_float(value)
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return json.dumps(value if isinstance(value, bool) or value is None else int(value))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    inner = at + indent
    open_, close = "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict):
        colon = ": " if indent else ":"
        parts = [json.dumps(key, ensure_ascii=False) + colon + _json(value[key], indent, inner) for key in sorted(value)]
    else:
        parts = [_json(item, indent, inner) for item in value]
    if not parts:
        return open_ + close
    if not indent:
        return open_ + ",".join(parts) + close
    return f"{open_}\n{inner}" + f",\n{inner}".join(parts) + f"\n{at}{close}"


def _json_float(number: float) -> str:
    """No exponent between 1e-6 and 1e21."""
    if number.is_integer() and abs(number) < 1e21:
        return str(whole(number)) if number or str(number)[0] != "-" else "-0"
    text = float_text(number, plain_below=21)
    if 1e-6 <= abs(number) < 1e-4:
        digits, _, exponent = text.partition("e")
        figures = digits.replace(".", "").replace("-", "")
        return ("-" if number < 0 else "") + "0." + "0" * (-int(exponent) - 1) + figures
    return re.sub(r"e([-+])0(\d)\Z", r"e\1\2", text)


def _quiet(write: Callable[[Any], str]) -> Callable[[Any], str]:
    def quiet(value: Any) -> str:
        try:
            return write(value)
        except ValueError:
            return ""

    return quiet


def _read_yaml(text: str) -> Any:
    try:
        return load_document(text, where="yaml", last_wins=True)
    except BadInput as error:
        raise ValueError(yaml_words(error)) from None


NOT_YAML = "not valid YAML: "
"""How our reader begins when it refuses a text."""


def yaml_words(error: BadInput) -> str:
    """What sigs.k8s.io/yaml says of a text that our reader refuses. Its lines count from 0 when the parser, not the scanner, is
    at a loss."""
    place = error.where.rsplit(":", 2)[1:]
    line = int(place[0]) if len(place) == 2 and place[0].isdigit() else 1
    problem, parsing, _ = error.what.removeprefix(NOT_YAML).partition(" while parsing")
    problem = problem.partition(" while scanning")[0]
    counted = line - 1 if parsing else line
    return f"error converting YAML to JSON: yaml: {f'line {counted}: ' if counted else ''}{problem}"


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("exceeded max depth") from None


def _map(read: Callable[[str], Any], text: str) -> dict[str, Any]:
    try:
        value = read(text)
    except ValueError as error:
        return {"Error": str(error)}
    if value is None or isinstance(value, dict):
        return floats(value or {})  # type: ignore[no-any-return]
    return {"Error": _cannot(read, value, "map[string]interface {}")}


def _list(read: Callable[[str], Any], text: str) -> list[Any]:
    try:
        value = read(text)
    except ValueError as error:
        return [str(error)]
    if value is None or isinstance(value, list):
        return floats(value or [])  # type: ignore[no-any-return]
    return [_cannot(read, value, "[]interface {}")]


def _cannot(read: Callable[[str], Any], value: Any, wanted: str) -> str:
    kind = {dict: "object", list: "array", str: "string", bool: "bool"}.get(type(value), "number")
    text = f"json: cannot unmarshal {kind} into Go value of type {wanted}"
    return text if read is _read_json else f"error unmarshaling JSON: while decoding JSON: {text}"
