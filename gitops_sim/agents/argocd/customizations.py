"""What the ConfigMap ``argocd-cm`` says about kinds: whether Applications have a health, and which differences never count.

Health checks there are Lua. That of Applications is known by its presence: it is always the one of the documentation, which
passes on ``status.health``, and without which Applications have no health since 1.8. No other script is run. Source:
docs/operator-manual/health.md, docs/operator-manual/upgrading/1.7-1.8.md and docs/user-guide/diffing.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.ignoring import Ignored, IgnoreRule, read_rule, together
from gitops_sim.agents.frozen import Frozen
from gitops_sim.agents.health import Health, argocd_health
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, get_path, group_of
from gitops_sim.yaml_in import load_documents

_HEALTH, _IGNORED, _ALL = (
    "resource.customizations.health.",
    "resource.customizations.ignoreDifferences.",
    "resource.customizations",
)
_APPLICATION = "argoproj.io/Application"


@dataclass(frozen=True, slots=True)
class Customizations(Frozen):
    """``applications``: whether Applications have a health; ``ignore``: differences that never count; ``problems``: what is
    written and not honoured."""

    applications: bool = False
    ignore: tuple[IgnoreRule, ...] = ()
    problems: tuple[str, ...] = ()

    def health(self, obj: Object) -> Health | None:
        """``(status, message)`` of a live object; None for the kinds that have no health."""
        if not self.applications or obj["kind"] != "Application" or group_of(obj["apiVersion"]) != "argoproj.io":
            return argocd_health(obj)
        if obj["metadata"].get("deletionTimestamp"):
            return argocd_health(obj)
        found = get_path(obj, ("status", "health")) or {}
        return found.get("status") or "Progressing", found.get("message") or ""

    def ignored(self, app: Application, key: Key) -> Ignored:
        """What does not count as a difference in an object of an Application."""
        return together((*self.ignore, *app.ignore), key) if self.ignore else app.ignored(key)


def read_customizations(config_map: Object | None) -> Customizations:
    """Never raises: what cannot be read goes to ``problems``."""
    data: Mapping[str, Any] = (config_map or {}).get("data") or {}
    applications, rules = False, []
    problems: list[str] = []
    for kind, part, value in _parts(data, problems):
        if part == "health.lua":
            applications |= kind == _APPLICATION
            if kind != _APPLICATION:
                problems.append(f"the health check of {kind} is Lua: it is not run here")
        elif part == "ignoreDifferences":
            group, _, name = kind.rpartition("/")
            everything = kind == "all"
            found = _mapping(value, f"ignoreDifferences of {kind}", problems)
            rules.append(
                read_rule({**found, "group": "*" if everything else group, "kind": "*" if everything else name}, problems)
            )
    return Customizations(applications, tuple(rules), tuple(problems))


def _parts(data: Mapping[str, Any], problems: list[str]) -> Iterator[tuple[str, str, Any]]:
    """``(group/Kind, what it is about, value)``, in both ways in which it can be written."""
    for key, value in sorted(data.items()):
        if key.startswith(_HEALTH):
            yield key.removeprefix(_HEALTH).replace("_", "/"), "health.lua", value
        elif key.startswith(_IGNORED):
            yield key.removeprefix(_IGNORED).replace("_", "/"), "ignoreDifferences", value
    for kind, parts in _mapping(data.get(_ALL), _ALL, problems).items():
        for part, value in parts.items() if isinstance(parts, Mapping) else ():
            yield kind, part, value


def _mapping(text: Any, where: str, problems: list[str]) -> Mapping[str, Any]:
    """A text of YAML in the ConfigMap."""
    if text is None:
        return {}
    try:
        documents = load_documents(str(text), where=where)
    except BadInput as error:
        problems.append(str(error).partition("\n")[0])
        return {}
    value = documents[0].value if documents else {}
    if not isinstance(value, Mapping):
        problems.append(f"{where}: must be a mapping")
        return {}
    return value
