"""How the ``argocd`` CLI prints AppProjects and their sync windows.

Source: ``cmd/argocd/commands/{project,projectwindows}.go``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.argocd.cli.printing import table
from gitops_sim.agents.argocd.windows import WindowError, read_window
from gitops_sim.objects import Object

_HEADERS = (
    "NAME",
    "DESCRIPTION",
    "DESTINATIONS",
    "SOURCES",
    "CLUSTER-RESOURCE-WHITELIST",
    "NAMESPACE-RESOURCE-BLACKLIST",
    "SIGNATURE-KEYS",
    "ORPHANED-RESOURCES",
    "DESTINATION-SERVICE-ACCOUNTS",
)
_WINDOW_HEADERS = (
    "ID",
    "STATUS",
    "KIND",
    "SCHEDULE",
    "DURATION",
    "APPLICATIONS",
    "NAMESPACES",
    "CLUSTERS",
    "MANUALSYNC",
    "SYNCOVERRUN",
    "TIMEZONE",
    "USEANDOPERATOR",
)


def projects_table(found: Sequence[Object]) -> str:
    return table([list(_HEADERS), *(_row(obj) for obj in found)])


def project_page(obj: Object, clusters: Sequence[str]) -> str:
    """``clusters``: the addresses of those that are for this project alone."""
    spec = obj.get("spec") or {}
    keys = ", ".join(str(key.get("keyID", "")) for key in spec.get("signatureKeys") or ())
    return (
        _line("Name:", obj["metadata"]["name"])
        + _line("Description:", spec.get("description", ""))
        + _lines("Destinations:", [_destination(d) for d in spec.get("destinations") or ()])
        + _lines("Repositories:", list(spec.get("sourceRepos") or ()))
        + _lines("Source Namespaces:", list(spec.get("sourceNamespaces") or ()))
        + _lines("Scoped Repositories:", [])
        + _lines("Allowed Cluster Resources:", [_kind(k) for k in spec.get("clusterResourceWhitelist") or ()])
        + _lines("Scoped Clusters:", list(clusters))
        + _lines("Denied Namespaced Resources:", [_kind(k) for k in spec.get("namespaceResourceBlacklist") or ()])
        + _line("Signature keys:", keys or "<none>")
        + _line("Orphaned Resources:", _orphans(spec))
    )


def windows_table(obj: Object, now: float) -> str:
    """``now`` in simulated seconds. Every cell is padded, the last as well."""
    rows = [[*_WINDOW_HEADERS, ""]]
    for number, raw in enumerate((obj.get("spec") or {}).get("syncWindows") or ()):
        window = read_window(raw)
        try:
            active = window.open_at(now)
        except WindowError:
            active = False
        lists = (window.applications, window.namespaces, window.clusters)
        rows.append(
            [
                str(number),
                "Active" if active else "Inactive",
                window.kind,
                window.schedule,
                window.duration,
                *(",".join(names) or "-" for names in lists),
                _switch(window.manual_sync),
                _switch(window.overrun),
                str(raw.get("timeZone") or ""),
                _switch(window.use_and),
                "",
            ]
        )
    return table(rows)


def _row(obj: Object) -> list[str]:
    spec: Mapping[str, Any] = obj.get("spec") or {}
    accounts = [
        f"{a.get('server', '')},{a.get('namespace', '')},{a.get('defaultServiceAccount', '')}"
        for a in spec.get("destinationServiceAccounts") or ()
    ]
    denied, keys = len(spec.get("namespaceResourceBlacklist") or ()), len(spec.get("signatureKeys") or ())
    return [
        obj["metadata"]["name"],
        str(spec.get("description") or ""),
        _some([_destination(d) for d in spec.get("destinations") or ()], "destinations"),
        _some(list(spec.get("sourceRepos") or ()), "repos"),
        _some([_kind(k) for k in spec.get("clusterResourceWhitelist") or ()], "resources"),
        f"{denied} resources" if denied else "<none>",
        f"{keys} key(s)" if keys else "<none>",
        _orphans(spec),
        _some(accounts, "destinationServiceAccounts"),
    ]


def _some(found: Sequence[str], what: str) -> str:
    return f"{len(found)} {what}" if len(found) > 1 else found[0] if found else "<none>"


def _line(title: str, value: Any) -> str:
    return f"{title:<29}{value}\n"


def _lines(title: str, values: Sequence[Any]) -> str:
    first, *rest = values or ["<none>"]
    return _line(title, first) + "".join(_line("", value) for value in rest)


def _destination(raw: Mapping[str, Any]) -> str:
    return f"{raw.get('server', '')},{raw.get('namespace', '')}"


def _kind(raw: Mapping[str, Any]) -> str:
    return f"{raw.get('group', '')}/{raw.get('kind', '')}"


def _orphans(spec: Mapping[str, Any]) -> str:
    orphans = spec.get("orphanedResources")
    if not isinstance(orphans, Mapping):
        return "disabled"
    details = f"warn={str(orphans.get('warn') is not False).lower()}"
    ignored = len(orphans.get("ignore") or ())
    return f"enabled ({details}{f', ignored {ignored}' if ignored else ''})"


def _switch(on: bool) -> str:
    return "Enabled" if on else "Disabled"
