"""The usual triggers and templates, as data of ``argocd-notifications-cm``: what most people install.

Names, conditions and what counts as once are those of argo-cd ``notifications_catalog``; the texts are ours. ``on-deployed``
leaves out what the real one says of the time between health and sync.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.agents.argocd.application import NAMESPACE
from gitops_sim.objects import Object

CONFIG = "argocd-notifications-cm"
_REVISION = "app.status.operationState?.syncResult?.revision"
_NAME = "app.metadata.name"
_STATE = "app.status.operationState != nil and app.status.operationState.phase in"
_LINK = "{{.context.argocdUrl}}/applications/{{.app.metadata.name}}"
_TRIGGERS = {
    "on-created": ("true", _NAME, "app-created"),
    "on-deleted": ("app.metadata.deletionTimestamp != nil", _NAME, "app-deleted"),
    "on-deployed": (f"{_STATE} ['Succeeded'] and app.status.health.status == 'Healthy'", _REVISION, "app-deployed"),
    "on-health-degraded": ("app.status.health.status == 'Degraded'", _REVISION, "app-health-degraded"),
    "on-sync-failed": (f"{_STATE} ['Error', 'Failed']", _REVISION, "app-sync-failed"),
    "on-sync-running": (f"{_STATE} ['Running']", _REVISION, "app-sync-running"),
    "on-sync-status-unknown": ("app.status.sync.status == 'Unknown'", _REVISION, "app-sync-status-unknown"),
    "on-sync-succeeded": (f"{_STATE} ['Succeeded']", _REVISION, "app-sync-succeeded"),
}
_TEMPLATES = {
    "app-created": "Application {{.app.metadata.name}} is there.",
    "app-deleted": "Application {{.app.metadata.name}} is being deleted.",
    "app-deployed": f"Application {{{{.app.metadata.name}}}} runs a new version: {_LINK}",
    "app-health-degraded": f"Application {{{{.app.metadata.name}}}} is degraded: {_LINK}",
    "app-sync-failed": (
        "Application {{.app.metadata.name}} could not be synced at {{.app.status.operationState.finishedAt}}: "
        "{{.app.status.operationState.message}}"
    ),
    "app-sync-running": "Application {{.app.metadata.name}} is being synced since {{.app.status.operationState.startedAt}}.",
    "app-sync-status-unknown": (
        "The sync status of Application {{.app.metadata.name}} is Unknown.{{range .app.status.conditions}} {{.message}}{{end}}"
    ),
    "app-sync-succeeded": "Application {{.app.metadata.name}} was synced at {{.app.status.operationState.finishedAt}}.",
}


def catalog(**more: str) -> Object:
    """The ConfigMap with all of them; ``more`` are further entries, such as ``{"service.slack": "token: $slack-token"}``."""
    data: dict[str, Any] = {
        f"trigger.{name}": f'- when: "{when}"\n  oncePer: {once}\n  send: [{template}]\n'
        for name, (when, once, template) in _TRIGGERS.items()
    }
    data |= {f"template.{name}": f"message: |\n  {text}\n" for name, text in _TEMPLATES.items()}
    data["context"] = "argocdUrl: https://argocd.example\n"
    meta = {"name": CONFIG, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {**data, **more}}
