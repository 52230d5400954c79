"""How the ``argocd`` CLI prints an Application. Source: ``cmd/argocd/commands/app.go``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE, Application, Source
from gitops_sim.agents.argocd.compare import Comparison
from gitops_sim.agents.argocd.history import revision_of
from gitops_sim.agents.argocd.windows import Window, WindowError, WindowState, state_of
from gitops_sim.clock import parse_timestamp
from gitops_sim.objects import Key, Object, get_path

_SHA = re.compile(r"[0-9a-f]{7,40}\Z")
_WAIT_WIDTHS = (0, 5, 10, 10, 20, 8, 7, 10, 0)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns two spaces apart, as Go's tabwriter; the last cell of a row is not padded, and stretches no column."""
    columns = max(map(len, rows)) - 1
    widths = [max(len(row[column]) for row in rows if len(row) > column + 1) + 2 for column in range(columns)]
    lines = ("".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)) + row[-1] for row in rows)
    return "".join(f"{line}\n" for line in lines)


def line(key: str, value: Any) -> str:
    return f"{key:<20}{value}\n"


def in_full(key: Key) -> str:
    """By which the real one sorts resources: the group comes first."""
    return f"{key.group}/{key.kind}/{key.namespace}/{key.name}"


def qualified(obj: Object) -> str:
    return f"{obj['metadata'].get('namespace') or NAMESPACE}/{obj['metadata']['name']}"


def summary(obj: Object, app: Application, windows: Sequence[Window], now: float) -> str:
    """The block of ``app get``. ``windows``: the sync windows that are about it."""
    source, revision = app.source, get_path(obj, ("status", "sync", "revision"), "")
    places = "".join(source_lines(part) for part in source.parts or (source,))
    sync, health = (get_path(obj, ("status", axis, "status"), "") for axis in ("sync", "health"))
    policy = "Manual" if app.automated is None else "Automated (Prune)" if app.automated.prune else "Automated"
    word = {"Synced": " to ", "OutOfSync": " from "}.get(sync)
    shown = sync + (word + source.target_revision if word else "")
    if not _SHA.match(source.target_revision) and len(revision) > 7:
        shown += f" ({revision[:7]})"
    return (
        line("Name:", qualified(obj))
        + line("Project:", app.project)
        + line("Server:", app.destination.server or app.destination.name)
        + line("Namespace:", app.destination.namespace)
        + line("URL:", f"https://argocd.example/applications/{app.name}")
        + ("Sources:\n" if source.parts else "Source:\n")
        + places
        + line("SyncWindow:", _window_state(windows, now))
        + (line("Assigned Windows:", ",".join(w.label for w in windows)) if windows else "")
        + line("Sync Policy:", policy)
        + line("Sync Status:", shown)
        + line("Health Status:", health)
    )


def source_lines(source: Source) -> str:
    """What ``app get`` says of a source."""
    values, prefix = (get_path(source.raw, path) for path in (("helm", "valueFiles"), ("kustomize", "namePrefix")))
    return (
        line("- Repo:", source.repo_url)
        + line("  Target:", source.target_revision)
        + (line("  Path:", source.path) if source.path else "")
        + (line("  Ref:", source.ref) if source.ref else "")
        + (line("  Helm Values:", ",".join(map(str, values))) if isinstance(values, list) and values else "")
        + (line("  Name Prefix:", prefix) if prefix else "")
    )


def _window_state(windows: Sequence[Window], now: float) -> WindowState:
    try:
        return state_of(windows, now)
    except WindowError:
        return "Sync Allowed"


def conditions(obj: Object) -> str:
    found = get_path(obj, ("status", "conditions")) or []
    if not found:
        return ""
    rows = [["CONDITION", "MESSAGE", "LAST TRANSITION"]]
    rows += [[c["type"], c["message"], go_time(c.get("lastTransitionTime"))] for c in found]
    return f"\n{table(rows)}\n"


def operation(obj: Object, now: float) -> str:
    """The block about the last operation."""
    state = get_path(obj, ("status", "operationState"))
    if not state:
        return ""
    text = ""
    if "syncResult" in state:
        text += line("Operation:", "Sync") + line("Sync Revision:", revision_of(state["syncResult"]).replace(",", ", "))
    started, finished = state["startedAt"], state.get("finishedAt")
    text += line("Phase:", state["phase"]) + line("Start:", go_time(started)) + line("Finished:", go_time(finished))
    lasted = int((parse_timestamp(finished) if finished else now) - parse_timestamp(started))
    text += line("Duration:", go_duration(lasted))
    return text + (line("Message:", state["message"]) if state.get("message") else "")


States = list[tuple[str, str, str, str, str, str, str, str]]


def resource_states(obj: Object, comparison: Comparison | None) -> States:
    """``(group, kind, namespace, name, status, health, hook, message)``: first what the last operation touched, in its order."""
    health = {r.key: r.health[0] for r in comparison.resources if r.health} if comparison else {}
    left = {_key_of(r): r for r in get_path(obj, ("status", "resources")) or []}
    rows: States = []
    for result in get_path(obj, ("status", "operationState", "syncResult", "resources")) or []:
        key = _key_of(result)
        known, hook = left.pop(key, None), result.get("hookType", "")
        if known is None or hook:
            status, shown = result.get("hookPhase", ""), result.get("status", "")
        else:
            status, shown = known.get("status", ""), health.get(key, "")
        rows.append((key.group, key.kind, key.namespace, key.name, status, shown, hook, result.get("message", "")))
    for key in sorted(left, key=in_full):
        rows.append((key.group, key.kind, key.namespace, key.name, left[key].get("status", ""), health.get(key, ""), "", ""))
    return rows


def resources(states: States) -> str:
    return (
        table([["GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH", "HOOK", "MESSAGE"], *map(list, states)])
        if states
        else ""
    )


def stream(rows: Sequence[Sequence[str]], *, head: bool) -> str:
    """What is printed while one waits: resources as they are now; every batch has columns of its own."""
    titles = [["TIMESTAMP", "GROUP", "KIND", "NAMESPACE", "NAME", "STATUS", "HEALTH", "HOOK", "MESSAGE"]] if head else []
    padded = [[cell.rjust(width) for cell, width in zip(row, _WAIT_WIDTHS, strict=True)] for row in [*titles, *rows]]
    return table(padded)


def stamp(now: str) -> str:
    """The time of the world as a terminal in UTC prints it."""
    return now.removesuffix("Z") + "+00:00"


def app_resources(resources: Sequence[Key], orphans: Sequence[Key]) -> str:
    """The table of ``app resources``: what the Application has, and what in its namespace belongs to none."""
    found = [(key, "No") for key in resources] + [(key, "Yes") for key in orphans]
    rows = ([key.group, key.kind, key.namespace, key.name, orphaned] for key, orphaned in found)
    return table([["GROUP", "KIND", "NAMESPACE", "NAME", "ORPHANED"], *rows])


def applications(found: Sequence[tuple[Object, Application]], *, wide: bool) -> str:
    """The table of ``app list``."""
    rows = [["NAME", "CLUSTER", "NAMESPACE", "PROJECT", "STATUS", "HEALTH", "SYNCPOLICY", "CONDITIONS"]]
    rows[0] += ["REPO", "PATH", "TARGET"] if wide else []
    for obj, app in found:
        policy = "Manual" if app.automated is None else "Auto-Prune" if app.automated.prune else "Auto"
        row = [qualified(obj), app.destination.server or app.destination.name, app.destination.namespace, app.project]
        row += [get_path(obj, ("status", axis, "status"), "") for axis in ("sync", "health")]
        row += [policy, _condition_types(obj)]
        rows.append(row + ([app.source.repo_url, app.source.path, app.source.target_revision] if wide else []))
    return table(rows)


def history(entries: Sequence[Mapping[str, Any]]) -> str:
    """The table of ``app history``, one part for every source that was ever deployed."""
    parts: dict[str, list[list[str]]] = {}
    for entry in entries:
        sources = entry.get("sources") or [entry["source"]]
        for source, commit in zip(sources, revision_of(entry).split(","), strict=False):
            revision = f"{source.get('targetRevision', '')} ({commit[:7]})"
            parts.setdefault(source.get("repoURL", ""), []).append([str(entry["id"]), go_time(entry["deployedAt"]), revision])
    return "\n".join(table([["SOURCE", url], ["ID", "DATE", "REVISION"], *rows]) for url, rows in parts.items())


def classic_diff(old: str, new: str) -> str:
    """The output of plain ``diff old new``."""
    before, after = old.splitlines(), new.splitlines()
    text = ""
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        letter = {"replace": "c", "delete": "d", "insert": "a"}[tag]
        text += f"{_range(a, b)}{letter}{_range(c, d)}\n"
        text += "".join(f"< {row}\n" for row in before[a:b])
        text += "---\n" if tag == "replace" else ""
        text += "".join(f"> {row}\n" for row in after[c:d])
    return text


def go_time(text: str | None) -> str:
    """``2026-01-05 09:02:31 +0000 UTC``, as Go prints a time; ``<nil>`` for none."""
    if not text:
        return "<nil>"
    return text.replace("T", " ").removesuffix("Z") + " +0000 UTC"


def go_duration(seconds: int) -> str:
    """``0s``, ``1m10s``, ``2h0m0s``."""
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + f"{rest}s"


def _range(start: int, end: int) -> str:
    """Lines of a file in ``diff``'s words; an empty range is the line before it."""
    if end - start <= 1:
        return str(end)
    return f"{start + 1},{end}"


def _condition_types(obj: Object) -> str:
    types = [c["type"] for c in get_path(obj, ("status", "conditions")) or []]
    counted = {type_: types.count(type_) for type_ in types}
    return ",".join(sorted(f"{type_}({n})" if n > 1 else type_ for type_, n in counted.items())) or "<none>"


def _key_of(resource: Mapping[str, Any]) -> Key:
    return Key(resource.get("group", ""), resource["kind"], resource.get("namespace", ""), resource["name"])
