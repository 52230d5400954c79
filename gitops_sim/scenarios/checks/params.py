"""What parameters of checks may be: objects, fields, times, patterns, events, actions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from gitops_sim.objects import Path
from gitops_sim.scenarios.checks.vocabulary import Param
from gitops_sim.scenarios.evidence import ObjectRef
from gitops_sim.scenarios.reading import Reader

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[([^\[\]]+)\]")


def read_object(value: Reader) -> ObjectRef:
    """``Deployment/web`` (namespace default), ``Deployment/shop/web``, ``Namespace/shop``, ``staging:Deployment/web``."""
    text = value.text()
    cluster, colon, rest = text.partition(":")
    parts = (rest if colon else text).split("/")
    if len(parts) not in (2, 3) or not all(parts):
        value.fail(f"not an object: {text!r}", "write Kind/name or Kind/namespace/name")
    return ObjectRef(parts[0], parts[1] if len(parts) == 3 else "", parts[-1], cluster if colon else "")


def read_field(value: Reader) -> Path:
    """``.spec.replicas``, ``.spec.template.spec.containers[0].image``, ``.metadata.labels[app.kubernetes.io/name]``."""
    text = value.text()
    dotted = text if text.startswith((".", "[")) else f".{text}"
    steps: list[str | int] = []
    position = 0
    for match in _STEP.finditer(dotted):
        if match.start() != position:
            break
        position = match.end()
        name, index, key = match.groups()
        steps.append(int(index) if index is not None else name or key)
    if not steps or position != len(dotted):
        value.fail(f"not a field: {text!r}", "write .spec.replicas or .spec.template.spec.containers[0].image")
    return tuple(steps)


def read_pattern(value: Reader) -> re.Pattern[str]:
    """A regular expression, searched for anywhere in the text."""
    try:
        return re.compile(value.text(), re.MULTILINE)
    except re.error as error:
        value.fail(f"not a regular expression: {error}", "escape . ( ) [ ] * + ? with a backslash")


def one_of(options: tuple[str, ...]) -> Callable[[Reader], str]:
    """Reads one of a few words."""
    return partial(Reader.choice, options=options)


def read_names(value: Reader) -> tuple[str, ...]:
    """One name, or a list of them."""
    return value.texts() if value.is_list else (value.text(),)


def read_which_action(value: Reader) -> int | str:
    """The number of an action, counted from 1, or ``last`` or ``any``."""
    plain = value.plain()
    return plain if plain in ("last", "any") else value.whole(least=1)


def glob(text: str, pattern: str) -> bool:
    """``Deployment/*/web`` against ``Deployment/default/web``; an empty pattern fits all."""
    return not pattern or fnmatchcase(text, pattern)


def shown(value: Any) -> str:
    """A value in a sentence: text bare, nothing as ``nothing``, the rest as JSON writes it."""
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


OBJECT = Param("an object: Kind/name or Kind/namespace/name", read_object, required=True)
FIELD = Param("a field of it: .spec.replicas", read_field, required=True)
ANY_VALUE = Param("the value", Reader.plain, required=True)
AT = Param("a time of the world; the end when left out", Reader.duration)
TEXT = Param("the text", Reader.text, required=True)
PATTERN = Param("a regular expression", read_pattern, required=True)
REPO = Param("the repository", Reader.text, required=True)
BRANCH = Param("the branch; the default branch when left out", Reader.text)
ACTION = Param("the number of the action, from 1, or last, or any", read_which_action, required=True)
CLUSTER = Param("the cluster; the first one when left out", Reader.text)


def optional(param: Param) -> Param:
    return Param(param.doc, param.read)
