"""Values of a chart: reading them, and laying what a user gives over what charts say.

Source of every rule: helm ``pkg/chart/common/util/coalesce.go`` and ``pkg/chart/v2/loader/load.go`` (4.x). In short: maps merge,
anything else is replaced, the outer chart wins over the inner one, and null takes a default away.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Protocol

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.go import text_of, type_name
from gitops_sim.manifests.helm.go_yaml import yaml_words
from gitops_sim.manifests.helm.numbers import floats
from gitops_sim.yaml_in import load_documents

Values = dict[str, Any]
GLOBAL = "global"


class HasValues(Protocol):
    """What merging asks of a chart."""

    @property
    def name(self) -> str: ...

    @property
    def values(self) -> Values: ...

    @property
    def dependencies(self) -> Sequence[HasValues]: ...


def load_values(text: str | bytes, *, where: str, doing: str = "") -> Values:
    """The values of a YAML text; several documents are merged, the later one wins.

    Raises BadInput in helm's words, after ``doing`` (``cannot load values.yaml: ``).
    """
    values: Values = {}
    try:
        documents = load_documents(text, where=where, last_wins=True)
    except BadInput as error:
        what = f"{doing}cannot unmarshal yaml document: {yaml_words(error)}"
        raise BadInput(what, where=error.where, mend=error.mend) from None
    for document in documents:
        if document.value is None:
            continue
        if not isinstance(document.value, dict):
            kind = "array" if isinstance(document.value, list) else "string" if isinstance(document.value, str) else "number"
            what = f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            what = f"{doing}cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: {what}"
            raise BadInput(what, where=f"{where}:{document.line}", mend="values are a mapping: write 'key: value' lines")
        values = merge_maps(values, floats(document.value))
    return values


def merge_maps(under: Values, over: Values) -> Values:
    """``over`` laid over ``under``, maps key by key; null stays null. Neither is changed."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge_maps(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def coalesce_values(chart: HasValues, values: Values) -> Values:
    """What templates of ``chart`` see as ``.Values``, with a table for each subchart in it; nulls take defaults away."""
    return _coalesce(chart, deepcopy(values), keep_nulls=False)


def merge_values(chart: HasValues, values: Values) -> Values:
    """Like :func:`coalesce_values`, but nulls stay, for a later pass to act on."""
    return _coalesce(chart, deepcopy(values), keep_nulls=True)


def merge_tables(over: Values, under: Values, *, keep_nulls: bool) -> Values:
    """``over``, filled in place with what only ``under`` has; ``under`` is used up."""
    stated = {key for key, value in under.items() if value is not None}
    for key, value in over.items():
        if value is None:
            under[key] = None
    for key, value in under.items():
        if key not in over:
            over[key] = value
        elif over[key] is None and not keep_nulls and key in stated:
            del over[key]
        elif isinstance(value, dict) and isinstance(over[key], dict):
            merge_tables(over[key], value, keep_nulls=keep_nulls)
    return over


def table(values: Values, path: str) -> Values | None:
    """The map at a dotted path; None when there is none."""
    found: Any = values
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _coalesce(chart: HasValues, dest: Values, *, keep_nulls: bool) -> Values:
    _own_defaults(chart, dest, keep_nulls)
    for dependency in chart.dependencies:
        inner = dest.setdefault(dependency.name, {})
        if not isinstance(inner, dict):
            shown = text_of(inner) if isinstance(inner, bool) else f"%!t({type_name(inner)}={text_of(inner)})"
            raise BadInput(
                f"type mismatch on {dependency.name}: {shown}",
                mend=f"{dependency.name} is a subchart: its values are a mapping",
            )
        _pass_globals(inner, dest)
        dest[dependency.name] = _coalesce(dependency, inner, keep_nulls=keep_nulls)
    return dest


def _own_defaults(chart: HasValues, given: Values, keep_nulls: bool) -> None:
    subcharts = {dependency.name for dependency in chart.dependencies}
    for key, default in deepcopy(chart.values).items():
        if key not in given:
            if keep_nulls or default is not None:
                given[key] = default if keep_nulls else _without_nulls(default)
        elif given[key] is None and not keep_nulls:
            del given[key]
        elif isinstance(given[key], dict) and isinstance(default, dict):
            keep = keep_nulls or key in subcharts
            merge_tables(given[key], default if keep else _without_nulls(default), keep_nulls=keep)


def _without_nulls(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}


def _pass_globals(inner: Values, outer: Values) -> None:
    """Lays the outer chart's ``global`` over the inner one's."""
    mine, theirs = inner.get(GLOBAL, {}), outer.get(GLOBAL, {})
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return
    for key, value in theirs.items():
        if not isinstance(value, dict):
            if not isinstance(mine.get(key), dict):
                mine[key] = value
        elif key not in mine:
            mine[key] = dict(value)
        elif isinstance(mine[key], dict):
            mine[key] = merge_tables(dict(value), mine[key], keep_nulls=True)
    inner[GLOBAL] = mine
