"""What the ConfigMap ``argocd-cm`` says about polling and about kustomize, and ``argocd-cmd-params-cm`` about progressive syncs.

The real controllers read them when they start; here a change counts at once, as if whoever makes it restarted them.
Source: argo-cd ``docs/operator-manual/argocd-cm.yaml`` (``timeout.reconciliation``, ``timeout.reconciliation.jitter``,
``kustomize.buildOptions``) and ``argocd-cmd-params-cm.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass

from gitops_sim.clock import format_duration, parse_duration
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, get_path

CONFIG_MAP = "argocd-cm"
CMD_PARAMS = "argocd-cmd-params-cm"
PROGRESSIVE_SYNCS = "applicationsetcontroller.enable.progressive.syncs"
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("", "0", "f", "F", "FALSE", "false", "False")
"""What Go takes for one."""


@dataclass(frozen=True, slots=True)
class Polling:
    """Git is asked for a revision every ``resync`` seconds and up to ``jitter`` more, by chance; never when ``resync`` is 0."""

    resync: float = 120.0
    jitter: float = 60.0

    @property
    def words(self) -> str:
        """``every 2 minutes, and up to 1 more by chance``."""
        if not self.jitter:
            return f"every {_span(self.resync)}"
        more = f"{self.jitter / 60:g}" if _minutes(self.resync) and _minutes(self.jitter) else _span(self.jitter)
        return f"every {_span(self.resync)}, and up to {more} more by chance"

    def changed(self, config_map: Object | None) -> tuple[Polling, list[str]]:
        """These settings with what ``argocd-cm`` states in their place, and what is wrong with that."""
        data = (config_map or {}).get("data") or {}
        found, problems = {"resync": self.resync, "jitter": self.jitter}, []
        for key, name in (("timeout.reconciliation", "resync"), ("timeout.reconciliation.jitter", "jitter")):
            if key not in data:
                continue
            try:
                found[name] = parse_duration(data[key], where=f"{CONFIG_MAP}: {key}")
            except BadInput as error:
                problems.append(str(error).partition("\n")[0])
        return Polling(**found), problems


def progressive_syncs(config_map: Object | None) -> tuple[bool, list[str]]:
    """Whether ``argocd-cmd-params-cm`` switches progressive syncs on, and what is wrong with what it says."""
    stated = ((config_map or {}).get("data") or {}).get(PROGRESSIVE_SYNCS, "")
    wrong = stated not in _TRUE + _FALSE
    return stated in _TRUE, [f"{CMD_PARAMS}: {PROGRESSIVE_SYNCS}: {stated!r} is neither true nor false"] if wrong else []


def build_options(config_map: Object | None) -> str:
    """With what ``kustomize build`` is called; of its options ``--enable-helm`` counts here."""
    return str(get_path(config_map, ("data", "kustomize.buildOptions")) or "")


def _minutes(seconds: float) -> bool:
    return seconds > 0 and seconds % 60 == 0


def _span(seconds: float) -> str:
    if not _minutes(seconds):
        return format_duration(seconds)
    return f"{seconds / 60:g} minute{'s' * (seconds != 60)}"
