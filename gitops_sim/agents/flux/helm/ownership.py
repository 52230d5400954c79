"""Whether an object that is there may become part of a release.

Flux takes it over unless that is switched off. Source: helm ``pkg/action/validate.go``.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitops_sim.agents.flux.helm.resources import Placed
from gitops_sim.objects import Object, annotations_of, labels_of

_LABEL = "app.kubernetes.io/managed-by"


def objection(placed: Placed, live: Object, name: str, namespace: str) -> str:
    """What Helm has against it, for the release ``name``; empty when it is of that release already."""
    faults = [
        *_faults("label", labels_of(live), {_LABEL: "Helm"}),
        *_faults(
            "annotation",
            annotations_of(live),
            {"meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace},
        ),
    ]
    if not faults:
        return ""
    what = f'{placed.key.kind} "{placed.key.name}" in namespace "{placed.key.namespace}"'
    return f"{what} exists and cannot be imported into the current release: invalid ownership metadata; {'; '.join(faults)}"


def _faults(what: str, held: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    found = []
    for key, value in wanted.items():
        if key not in held:
            found.append(f'{what} validation error: missing key "{key}": must be set to "{value}"')
        elif held[key] != value:
            found.append(f'{what} validation error: key "{key}" must equal "{value}": current value is "{held[key]}"')
    return found
