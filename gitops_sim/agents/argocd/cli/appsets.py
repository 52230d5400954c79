"""How the ``argocd`` CLI prints ApplicationSets. Source: ``cmd/argocd/commands/applicationset.go``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.application import read_source
from gitops_sim.agents.argocd.cli.printing import go_time, line, qualified, source_lines, table
from gitops_sim.objects import Object, get_path

_HEADERS = ("NAME", "PROJECT", "SYNCPOLICY", "HEALTH", "CONDITIONS", "REPO", "PATH", "TARGET")
_SPEC = ("spec", "template", "spec")


def appsets_table(found: Sequence[Object]) -> str:
    """The table of ``appset list``, which shows what Go makes of its structs."""
    rows = [list(_HEADERS)]
    for obj in found:
        spec = get_path(obj, _SPEC) or {}
        source = (spec.get("sources") or [spec.get("source") or {}])[0]
        rows.append(
            [
                qualified(obj),
                str(spec.get("project") or ""),
                _policy(get_path(obj, ("spec", "syncPolicy"))),
                str(get_path(obj, ("status", "health", "status")) or ""),
                f"[{' '.join(_struct(c) for c in _conditions(obj) if c['status'] == 'True')}]",
                *(str(source.get(part) or "") for part in ("repoURL", "path", "targetRevision")),
            ]
        )
    return table(rows)


def appset_page(obj: Object) -> str:
    """The block of ``appset get``."""
    spec: Mapping[str, Any] = get_path(obj, _SPEC) or {}
    destination, automated = spec.get("destination") or {}, get_path(spec, ("syncPolicy", "automated"))
    policy = "<none>"
    if isinstance(automated, Mapping) and automated.get("enabled") is not False:
        policy = "Automated (Prune)" if automated.get("prune") is True else "Automated"
    sources = spec.get("sources") or [spec.get("source") or {}]
    text = (
        line("Name:", qualified(obj))
        + line("Project:", spec.get("project") or "default")
        + line("Server:", destination.get("server") or destination.get("name") or "")
        + line("Namespace:", destination.get("namespace") or "")
        + line("Health Status:", get_path(obj, ("status", "health", "status")) or "")
        + ("Sources:\n" if spec.get("sources") else "Source:\n")
        + "".join(source_lines(read_source(source)) for source in sources)
        + line("SyncPolicy:", policy)
    )
    found = _conditions(obj)
    if not found:
        return text
    rows = [["CONDITION", "STATUS", "MESSAGE", "LAST TRANSITION"]]
    rows += [[c["type"], c["status"], c["message"], go_time(c["lastTransitionTime"])] for c in found]
    return f"{text}\n{table(rows)}\n"


def _conditions(obj: Object) -> list[Mapping[str, Any]]:
    return get_path(obj, ("status", "conditions")) or []


def _policy(policy: Any) -> str:
    if not isinstance(policy, Mapping):
        return "nil"
    keeps = str(policy.get("preserveResourcesOnDeletion") is True).lower()
    word = policy.get("applicationsSync")
    shown = "nil" if word is None else f"*{word}"
    return f"&ApplicationSetSyncPolicy{{PreserveResourcesOnDeletion:{keeps},ApplicationsSync:{shown},}}"


def _struct(condition: Mapping[str, Any]) -> str:
    parts = (condition["type"], condition["message"], go_time(condition["lastTransitionTime"]))
    return f"{{{' '.join(parts)} {condition['status']} {condition['reason']}}}"
