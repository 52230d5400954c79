"""``status.history``: what a HelmRelease remembers of its releases, the newest first.

Source: helm-controller ``api/v2/snapshot_types.go`` and ``internal/reconcile/release.go`` (recordOnObject).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.flux.helm import values
from gitops_sim.agents.flux.helm.helmrelease import TestFilters
from gitops_sim.agents.flux.helm.operation import Operation
from gitops_sim.agents.flux.helm.release import Release
from gitops_sim.objects import Object, get_path, with_path

Snapshot = Mapping[str, Any]
_MOST = 5
_GOOD = ("deployed", "superseded")


def history_of(obj: Object) -> list[Snapshot]:
    found = get_path(obj, ("status", "history")) or []
    return sorted(found, key=lambda snapshot: -int(snapshot["version"]))


def with_history(obj: Object, history: Sequence[Snapshot]) -> Object:
    copy: Object = with_path(obj, ("status", "history"), list(history))
    return copy


def latest(obj: Object) -> Snapshot | None:
    return next(iter(history_of(obj)), None)


def previous(obj: Object, *, ignore_tests: bool) -> Snapshot | None:
    """The newest before the latest that worked; one with a failed test did not, unless those are ignored."""
    return next((s for s in history_of(obj)[1:] if _worked(s, ignore_tests)), None)


def truncated(obj: Object, *, ignore_tests: bool, keep_failures: bool) -> Object:
    """A copy without what is not needed any more: up to the one that one would roll back to."""
    history = history_of(obj)
    if not keep_failures:
        for index, snapshot in enumerate(history[1:], 1):
            if _worked(snapshot, ignore_tests):
                return with_history(obj, history[: index + 1])
    return with_history(obj, history[:_MOST]) if len(history) > _MOST else obj


def observed(obj: Object, operation: Operation) -> Object:
    """A copy that has seen what an action wrote: known revisions are updated, a new one comes first."""
    history = history_of(obj)
    for version in sorted(operation.recorded):
        release = operation.recorded[version]
        new = snapshot(release, _action(operation, release, history))
        for index, old in enumerate(history):
            if _targets(old, release):
                history[index] = {**new, **({"testHooks": old["testHooks"]} if "testHooks" in old else {})}
                break
        else:
            if operation.action in ("install", "upgrade", "rollback") and release.version == operation.about.version:
                history.insert(0, new)
    return with_history(obj, history)


def tested(obj: Object, release: Release, filters: TestFilters) -> Object:
    """A copy that has seen the tests of its latest release that were selected."""
    history = history_of(obj)
    if not history or not _targets(history[0], release):
        return obj
    hooks = {
        str(hook["name"]): {
            name: value
            for name, value in (
                ("lastStarted", hook["last_run"].get("started_at")),
                ("lastCompleted", hook["last_run"].get("completed_at")),
                ("phase", hook["last_run"].get("phase")),
            )
            if value
        }
        for hook in release.hooks
        if "test" in hook["events"] and filters.selects(hook["name"])
    }
    made = snapshot(release, str(history[0].get("action") or ""))
    return with_history(obj, [{**made, "testHooks": hooks}, *history[1:]])


def snapshot(release: Release, action: str) -> dict[str, Any]:
    info = release.info
    made = {
        "action": action,
        "apiVersion": "v2",
        "appVersion": release.chart.get("appVersion", ""),
        "chartName": release.chart_name,
        "chartVersion": release.chart_version,
        "configDigest": values.digest(release.config),
        "deleted": _seconds(info.get("deleted")),
        "digest": release.digest(),
        "firstDeployed": _seconds(info.get("first_deployed")),
        "lastDeployed": _seconds(info.get("last_deployed")),
        "name": release.name,
        "namespace": release.namespace,
        "status": release.status,
        "version": release.version,
    }
    return {name: value for name, value in made.items() if value not in ("", None)}


def full_name(snapshot: Snapshot) -> str:
    """``default/web.v1``."""
    return f"{snapshot['namespace']}/{snapshot['name']}.v{snapshot['version']}"


def chart_name(snapshot: Snapshot) -> str:
    """``web@1.0.0``."""
    return f"{snapshot['chartName']}@{snapshot['chartVersion']}"


def has_been_tested(snapshot: Snapshot) -> bool:
    hooks = snapshot.get("testHooks")
    if hooks is None:
        return False
    phases = [hook.get("phase") for hook in hooks.values()]
    return "Failed" in phases or all(phase == "Succeeded" for phase in phases)


def has_failed_test(snapshot: Snapshot) -> bool:
    return any(hook.get("phase") == "Failed" for hook in (snapshot.get("testHooks") or {}).values())


def _worked(snapshot: Snapshot, ignore_tests: bool) -> bool:
    return snapshot["status"] in _GOOD and (ignore_tests or not has_failed_test(snapshot))


def _targets(snapshot: Snapshot, release: Release) -> bool:
    wanted = (release.name, release.namespace, release.version)
    return (snapshot["name"], snapshot["namespace"], snapshot["version"]) == wanted


def _action(operation: Operation, release: Release, history: Sequence[Snapshot]) -> str:
    """An install or an upgrade is noted at its own revision alone."""
    if operation.action in ("install", "upgrade") and release.version != operation.about.version:
        return ""
    if operation.action == "test":
        return next((str(s.get("action") or "") for s in history if _targets(s, release)), "")
    return operation.action


def _seconds(moment: Any) -> str:
    """A time to the second, as the API keeps it: Helm writes parts of seconds and other zones."""
    text = str(moment or "")
    return f"{text[:19]}Z" if len(text) > 20 and text[19] == "." else text
