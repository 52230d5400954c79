"""Whether the cluster still is as the release says, and how it is put right.

Every object of the manifest is applied for a trial; what that would change is drift. It is put right with a patch of just those
fields. Source: helm-controller ``internal/action/diff.go`` and ``internal/diff/summarize.go``, fluxcd/pkg ``ssa/jsondiff``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.differences import Difference, hidden
from gitops_sim.agents.flux.apply import Seen
from gitops_sim.agents.flux.helm.helmrelease import GROUP
from gitops_sim.agents.flux.helm.release import Release
from gitops_sim.agents.flux.helm.rendering import objects_in
from gitops_sim.agents.flux.helm.resources import MANAGER, Placed, Resources
from gitops_sim.agents.flux.ignore import ignored_paths, without_ignored
from gitops_sim.agents.flux.kustomization import IgnoreRule
from gitops_sim.agents.flux.normalize import normalized
from gitops_sim.agents.flux.order import rank
from gitops_sim.agents.flux.trial import dry_run_text, says
from gitops_sim.errors import ApiError
from gitops_sim.objects import Key, Object, Path, annotations_of, changes, dotted, labels_of

_SWITCH = f"{GROUP}/driftDetection"


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that is not as wanted. ``patch`` is what mends it, ``fields`` the same for people; an object that is
    ``removed`` has neither, ``excluded`` says that it is left to others."""

    placed: Placed
    what: Literal["removed", "changed", "excluded"]
    patch: tuple[dict[str, Any], ...] = ()
    fields: tuple[Difference, ...] = ()

    @property
    def key(self) -> Key:
        return self.placed.key

    def __str__(self) -> str:
        """``Deployment/default/web changed (0 additions, 1 changes, 0 removals)``."""
        if self.what != "changed":
            return f"{self.key} {self.what}"
        counts = [sum(1 for step in self.patch if step["op"] == op) for op in ("add", "replace", "remove")]
        return f"{self.key} changed ({counts[0]} additions, {counts[1]} changes, {counts[2]} removals)"


class DriftError(Exception):
    """What could not be found out. ``message`` as Flux reports it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def detect(resources: Resources, release: Release, ignore: Sequence[IgnoreRule], seen: Seen) -> list[Drift]:
    """Everything that drifted, and what is excluded; without drift it may be nothing but the latter. What agreed the last time,
    and is as it was, is not looked at again. Raises DriftError."""
    found, errors = [], []
    for placed in resources.known(objects_in(release.manifest)):
        try:
            drift = _look(resources, placed, ignore, seen)
        except ApiError as error:
            errors.append(dry_run_text(placed.key, error))
            continue
        if drift is not None:
            found.append(drift)
    if errors and not has_changes(found):
        raise DriftError(f"unable to determine cluster state: {', '.join(errors)}")
    return found


def has_changes(found: Sequence[Drift]) -> bool:
    return any(drift.what != "excluded" for drift in found)


def correct(resources: Resources, found: Sequence[Drift]) -> tuple[list[tuple[Key, str]], list[str]]:
    """Makes what was removed, then patches what changed: what was done, and what went wrong."""
    done: list[tuple[Key, str]] = []
    errors: list[str] = []
    for wanted, verb in (("removed", "created"), ("changed", "configured")):
        for drift in sorted((d for d in found if d.what == wanted), key=lambda d: rank(d.key)):
            try:
                _mend(resources, drift)
            except ApiError as error:
                what = "creation" if wanted == "removed" else "patch"
                errors.append(f"{drift.key} {what} failure: {error.message}")
                continue
            done.append((drift.key, verb))
    return done, errors


# ---------------------------------------------------------------------- inside


def _look(resources: Resources, placed: Placed, ignore: Sequence[IgnoreRule], seen: Seen) -> Drift | None:
    live = resources.cluster.find(placed.kind, placed.key.name, placed.key.namespace)
    if live is not None and seen.get(placed.key) == (placed.object, live["metadata"]["resourceVersion"]):
        return None
    wanted = resources.owned(normalized(placed.object))
    owned = Placed(placed.kind, placed.key, wanted)
    paths = ignored_paths(ignore, wanted)
    if any(says(obj, _SWITCH, "disabled") for obj in (wanted, live) if obj is not None) or _ignores_all(ignore, wanted):
        return Drift(owned, "excluded")
    tried = resources.cluster.apply(
        placed.kind, placed.key.name, placed.key.namespace, wanted, manager=MANAGER, force=True, dry_run=True
    )
    if live is None:
        return Drift(owned, "removed")
    found = list(_changed(without_ignored(live, paths), without_ignored(tried, paths)))
    if not found:
        seen[placed.key] = (placed.object, live["metadata"]["resourceVersion"])
        return None
    patch = tuple(_step(path, old, new) for path, old, new in found)
    fields = tuple(Difference(dotted(path), new, old) for path, old, new in found)
    return Drift(owned, "changed", patch, tuple(map(hidden, fields)) if placed.key.kind == "Secret" else fields)


def _ignores_all(ignore: Sequence[IgnoreRule], obj: Object) -> bool:
    whole = [IgnoreRule(("/kind",), rule.target) for rule in ignore if "" in rule.paths]
    return bool(ignored_paths(whole, obj))


def _changed(live: Object, tried: Object) -> Iterator[tuple[Path, Any, Any]]:
    """The leaves that differ: in labels and annotations only what is added or changed counts."""
    for name, held in (("annotations", annotations_of), ("labels", labels_of)):
        for path, old, new in changes(dict(held(live)), dict(held(tried))):
            if new is not None:
                yield ("metadata", name, *path), old, new
    for path, old, new in changes(_content(live), _content(tried)):
        yield path, old, new


def _content(obj: Object) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name not in ("metadata", "status")}


def _step(path: Path, old: Any, new: Any) -> dict[str, Any]:
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
    if new is None:
        return {"op": "remove", "path": pointer}
    return {"op": "add" if old is None else "replace", "path": pointer, "value": new}


def _mend(resources: Resources, drift: Drift) -> None:
    placed = drift.placed
    if drift.what == "removed":
        resources.cluster.create(placed.object, manager=MANAGER)
        return
    resources.cluster.patch(placed.kind, placed.key.name, placed.key.namespace, list(drift.patch), type="json", manager=MANAGER)
