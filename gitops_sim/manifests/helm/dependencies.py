"""Which subcharts take part, under which name, and what a parent imports of their values.

Source: helm ``pkg/chart/v2/util/dependencies.go``: aliases first, then tags, then conditions (a condition beats tags), then
import-values from the innermost chart outwards.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.chart import Chart
from gitops_sim.manifests.helm.metadata import Dependency
from gitops_sim.manifests.helm.values import Values, coalesce_values, merge_tables, merge_values, table
from gitops_sim.manifests.versions import satisfies


def process_dependencies(chart: Chart, values: Values) -> Chart:
    """The chart with only the subcharts that ``values`` enable, and with imported values among its defaults.

    Raises BadInput when a dependency of ``Chart.yaml`` is not in ``charts/``.
    """
    there = {dependency.name for dependency in chart.dependencies}
    missing = [wanted.name for wanted in chart.metadata.dependencies if wanted.name not in there]
    if missing:
        raise BadInput(
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch "
            f"missing dependencies: found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}",
            where=chart.where + "Chart.yaml",
            mend="put them into charts/, unpacked or as .tgz",
        )
    return _import_values(_enabled(chart, values, ""))


def _enabled(chart: Chart, values: Values, path: str) -> Chart:
    wanted = chart.metadata.dependencies
    if not wanted:
        return chart
    charts = [c for c in chart.dependencies if not any(_is(c, dependency) for dependency in wanted)]
    renamed: list[Dependency] = []
    for dependency in wanted:
        found = next((c for c in chart.dependencies if _is(c, dependency)), None)
        if found is not None:
            charts.append(_named(found, dependency.alias) if dependency.alias else found)
        renamed.append(replace(dependency, name=dependency.alias or dependency.name, enabled=True))
    chart = replace(chart, dependencies=tuple(charts))
    merged = coalesce_values(chart, values)
    judged = [replace(d, enabled=_switch(d, merged, path)) for d in renamed]
    off = {dependency.name for dependency in judged if not dependency.enabled}
    kept = [_enabled(c, merged, f"{path}{c.name}.") for c in charts if c.name not in off]
    metadata = replace(chart.metadata, dependencies=tuple(d for d in judged if d.enabled))
    return replace(chart, metadata=metadata, dependencies=tuple(kept))


def _is(chart: Chart, dependency: Dependency) -> bool:
    return chart.name == dependency.name and satisfies(dependency.version, chart.metadata.version)


def _named(chart: Chart, alias: str) -> Chart:
    return replace(chart, metadata=replace(chart.metadata, texts={**chart.metadata.texts, "name": alias}))


def _switch(dependency: Dependency, values: Values, path: str) -> bool:
    """Whether a dependency is on: the first condition that is a boolean decides, else the tags, else it is."""
    for condition in dependency.condition.strip().split(","):
        found = _value_at(values, path + condition) if condition else None
        if isinstance(found, bool):
            return found
    tags = values.get("tags")
    said = [tags[tag] for tag in dependency.tags if isinstance(tags.get(tag), bool)] if isinstance(tags, dict) else []
    return any(said) or not said


def _value_at(values: Values, path: str) -> Any:
    parent, _, key = path.rpartition(".")
    holder = table(values, parent) if parent else values
    return None if holder is None else holder.get(key)


def _import_values(chart: Chart) -> Chart:
    chart = replace(chart, dependencies=tuple(_import_values(dependency) for dependency in chart.dependencies))
    if not chart.metadata.dependencies:
        return chart
    merged = merge_values(chart, {})
    imported: Values = {}
    noted: list[Dependency] = []
    for dependency in chart.metadata.dependencies:
        pairs = [_pair(entry) for entry in dependency.import_values]
        for child, parent in filter(None, pairs):
            found = table(merged, f"{dependency.name}.{child}")
            if found is not None:
                merge_tables(imported, _nested(parent, found), keep_nulls=True)  # shares maps with merged, as helm's does
        shown = tuple({"child": pair[0], "parent": pair[1]} for pair in pairs if pair)
        noted.append(replace(dependency, import_values=shown))
    metadata = replace(chart.metadata, dependencies=tuple(noted))
    return replace(chart, metadata=metadata, values=merge_tables(deepcopy(merged), imported, keep_nulls=True))


def _pair(entry: Any) -> tuple[str, str] | None:
    """From which path in the child to which in the parent; a lone name is one of the child's ``exports``."""
    if isinstance(entry, str):
        return f"exports.{entry}", "."
    if isinstance(entry, dict):
        return str(entry.get("child", "<nil>")), str(entry.get("parent", "<nil>"))
    return None


def _nested(path: str, content: Values) -> Values:
    if path == ".":
        return content
    for step in reversed(path.split(".")):
        content = {step: content}
    return content
