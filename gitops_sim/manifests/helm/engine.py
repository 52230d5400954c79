"""Rendering the templates of a chart and of the charts in it: what each file writes, before it is read as YAML.

Source: helm ``pkg/engine``. All files share one set of named templates; those of inner charts are read first, so that the outer
chart's win. Each file sees the values, files and metadata of its own chart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from gotpl.errors import TemplateSyntaxError
from gotpl.parse import nodes
from gotpl.parse.parser import parse_template

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.bounds import TooMuch
from gitops_sim.manifests.helm.calls import Function
from gitops_sim.manifests.helm.chart import Chart
from gitops_sim.manifests.helm.failures import exec_failure, in_chart, parse_failure, too_much
from gitops_sim.manifests.helm.files import ChartFiles
from gitops_sim.manifests.helm.functions import functions
from gitops_sim.manifests.helm.go import NO_VALUE, RootValues, quoted
from gitops_sim.manifests.helm.recursion import room
from gitops_sim.manifests.helm.template import Definition, ExecError, Machine
from gitops_sim.manifests.helm.values import Values


@dataclass(frozen=True, slots=True)
class _File:
    """A template with what it sees."""

    text: str
    scope: dict[str, Any]
    base: str


def render_templates(
    chart: Chart,
    values: Values,
    release: Mapping[str, Any],
    capabilities: Any,
    *,
    now: datetime,
    random: Random,
    lookup: Callable[..., Any] | None,
) -> dict[str, str]:
    """What each template file writes, by its full path (``shop/charts/db/templates/x.yaml``); files whose names start with ``_``
    write nothing. ``values`` are those of :func:`coalesce_values`. Raises BadInput in helm's words."""
    files: dict[str, _File] = {}
    _collect(chart, values, {"Release": dict(release), "Capabilities": capabilities}, chart.name, files, root=True)
    order = sorted(sorted(files, reverse=True), key=lambda name: -name.count("/"))
    known = functions(now, random, lookup)
    known["include"] = Function(_include, ("string", "any"), inside=True)
    known["tpl"] = Function(_tpl, ("string", "any"), inside=True)
    definitions: dict[str, Definition] = {}
    for name in order:
        try:
            _add(definitions, name, files[name].text, frozenset(known))
        except BadInput as error:
            raise BadInput(error.what, where=in_chart(chart.where, error.where), mend=error.mend) from None
    machine = Machine(definitions, known)
    rendered: dict[str, str] = {}
    for name in order:
        if name.rpartition("/")[2].startswith("_") or name not in definitions:
            continue
        scope = files[name].scope
        scope["Template"] = {"Name": name, "BasePath": files[name].base}
        try:
            with room():
                text = machine.run(definitions, name, scope)
        except ExecError as error:
            raise exec_failure(error, chart.where) from None
        except (TooMuch, RecursionError) as error:
            raise too_much(in_chart(chart.where, name), error) from None
        rendered[name] = text.replace("<no value>", "")
    return rendered


def _collect(
    chart: Chart, values: Values, above: Mapping[str, Any], path: str, files: dict[str, _File], *, root: bool
) -> dict[str, Any]:
    subcharts: dict[str, Any] = {}
    scope: dict[str, Any] = RootValues(
        Chart={**chart.metadata.seen_by_templates(), "IsRoot": root},
        Files=ChartFiles(chart.files),
        Release=above["Release"],
        Capabilities=above["Capabilities"],
        Values=RootValues(values),
        Subcharts=subcharts,
    )
    for inner in chart.dependencies:
        own = values.get(inner.name)
        subcharts[inner.name] = _collect(
            inner, own if isinstance(own, dict) else {}, scope, f"{path}/charts/{inner.name}", files, root=False
        )
    for name, content in chart.templates.items():
        if not chart.metadata.is_library or name.rpartition("/")[2].startswith("_"):
            files[f"{path}/{name}"] = _File(content.decode("utf-8", "replace"), scope, f"{path}/templates")
    return scope


def _add(definitions: dict[str, Definition], name: str, text: str, known: frozenset[str]) -> None:
    """Parses a text into the set: itself under its name, and what it defines. An empty template replaces none."""
    for definition in _parsed(name, text, known):
        if definition.name not in definitions or not _is_empty(definition.body):
            definitions[definition.name] = definition


@lru_cache(maxsize=1024)
def _parsed(name: str, text: str, known: frozenset[str]) -> tuple[Definition, ...]:
    try:
        tree = parse_template(text, name=name, functions=known)
    except TemplateSyntaxError as error:
        raise parse_failure(name, text, error) from None
    except RecursionError as error:
        raise too_much(name, error) from None
    source = text.encode()
    inner = [Definition(d.name, d.body, name, source) for d in tree.definitions]
    return (Definition(name, tree.root, name, source), *inner)


def _is_empty(body: nodes.ListNode) -> bool:
    return all(isinstance(node, nodes.TextNode) and not node.text.strip() for node in body.nodes)


def _include(walk: Any, name: str, data: Any) -> str:
    if name not in walk.definitions:
        raise LookupError(f'template: no template {quoted(name)} associated with template "gotpl"')
    return str(walk.machine.run(walk.definitions, name, NO_VALUE if data is None else data))


def _tpl(walk: Any, text: str, data: Any) -> str:
    definitions = dict(walk.definitions)
    try:
        _add(definitions, "gotpl", text, frozenset(walk.machine.functions))
    except BadInput as error:
        inner = re.sub(r"^parse error at \((.*?)\): ", r"template: \1: ", error.what)
        raise ValueError(f"cannot parse template {quoted(text)}: {inner}") from None
    try:
        out = walk.machine.run(definitions, "gotpl", NO_VALUE if data is None else data) if "gotpl" in definitions else ""
    except ExecError as error:
        raise TplError(f"error during tpl function execution for {quoted(text)}: {error}") from error
    return str(out).replace("<no value>", "")


class TplError(Exception):
    """A text that was given to ``tpl`` failed."""
