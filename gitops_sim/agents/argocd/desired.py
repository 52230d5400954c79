"""What Git wants: the objects of an Application, each where it belongs, or why they are not to be had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gitops_sim.agents.argocd import hooks
from gitops_sim.agents.argocd.application import Application
from gitops_sim.agents.argocd.tracking import tracked
from gitops_sim.agents.frozen import Frozen
from gitops_sim.cluster.apply import last_applied_text
from gitops_sim.cluster.decoding import unknown_fields
from gitops_sim.cluster.kinds import Kind
from gitops_sim.manifests import Manifest
from gitops_sim.objects import Key, Object, Path, with_path, without_path


class LoadFailedError(Exception):
    """The desired state cannot be loaded: ``message`` as Argo CD puts it, ``mend`` the way out, ``where`` the file and line."""

    def __init__(self, message: str, *, mend: str = "", where: str = "", number: int = 1, of: int = 1) -> None:
        super().__init__(message)
        self.why = f"rpc error: code = {message}"
        self.message = f"failed to generate manifest for source {number} of {of}: {self.why}"
        self.mend, self.where = mend, where

    def of(self, number: int, all: int) -> LoadFailedError:
        """The same, of one of several sources."""
        return LoadFailedError(str(self), mend=self.mend, where=self.where, number=number, of=all)


class RefsFailedError(LoadFailedError):
    """No source was even read: the names that they have for each other make no sense."""

    def __init__(self, message: str, *, mend: str) -> None:
        super().__init__(message, mend=mend)
        self.why = self.message = f"failed to get ref sources: {message}"


@dataclass(frozen=True)
class Target(Frozen):
    """One object as Git wants it, in its namespace and with its tracking id. ``where`` is the file and line it comes from."""

    key: Key
    kind: Kind
    object: Object
    where: str

    @property
    def version(self) -> str:
        return str(self.object["apiVersion"]).rpartition("/")[2]

    @cached_property
    def text(self) -> str:
        """What applying it leaves in the last-applied annotation."""
        return last_applied_text(self.object)

    @cached_property
    def unknown_fields(self) -> tuple[Path, ...]:
        """What the manifest states and the API server drops: misspelt fields, mostly."""
        return tuple(map(_steps, unknown_fields(self.kind, self.object)))


@dataclass(frozen=True, slots=True)
class DesiredState(Frozen):
    """Everything that a folder holds. ``repeated``: identities that appear more than once, with how often (the last one counts);
    ``problems``: what the manifests lack. ``hooks`` are run by a sync, ``last_hooks`` when the Application is deleted; neither is
    compared, and a name that is yet to be made up is empty there. ``tools``: what each source is to Argo CD."""

    targets: Mapping[Key, Target]
    repeated: Sequence[tuple[Key, int]] = ()
    problems: Sequence[str] = ()
    hooks: Sequence[Target] = ()
    last_hooks: Sequence[Target] = ()
    tools: tuple[str, ...] = ("Directory",)


def target_of(app: Application, manifest: Manifest, kind: Kind) -> Target:
    """What an Application makes of a manifest."""
    obj: Any = manifest.object
    if not kind.namespaced:
        obj = without_path(obj, ("metadata", "namespace"))
    elif not obj["metadata"].get("namespace") and app.destination.namespace:
        obj = with_path(obj, ("metadata", "namespace"), app.destination.namespace)
    key = Key(kind.group, kind.kind, obj["metadata"].get("namespace") or "", obj["metadata"].get("name") or "")
    return Target(key, kind, tracked(obj, app.instance, key, app.destination.namespace), manifest.where)


def joined(states: Sequence[DesiredState]) -> DesiredState:
    """What several sources hold together. An identity that more than one has is the last one's."""
    counts: Counter[Key] = Counter()
    targets: dict[Key, Target] = {}
    for state in states:
        again = dict(state.repeated)
        for key, target in state.targets.items():
            counts[key] += again.get(key, 1)
            targets[key] = target
    return DesiredState(
        targets,
        [(key, count) for key, count in counts.items() if count > 1],
        [problem for state in states for problem in state.problems],
        [hook for state in states for hook in state.hooks],
        [hook for state in states for hook in state.last_hooks],
        tuple(tool for state in states for tool in state.tools),
    )


def desired_state(found: Sequence[Target], repeated: Sequence[tuple[Key, int]], tool: str = "Directory") -> DesiredState:
    """Tells apart what is kept in sync and what is run. What has no name and is no hook gets one that nothing else has: it can
    never be found in the cluster."""
    targets: dict[Key, Target] = {}
    problems, run, last = [], [], []
    for number, target in enumerate(found):
        obj, key = target.object, target.key
        if target.kind.namespaced and not key.namespace:
            problems.append(f"Namespace for {key.name} {_group_version_kind(target.kind)} is missing.")
            continue
        deletes = any(hooks.of_deletion(obj, phase) for phase in ("PreDelete", "PostDelete"))
        last += [target] if deletes else []
        if hooks.is_hook(obj):
            run += [target] if hooks.phases(obj) else []
        else:
            named = key if key.name else key._replace(name=f"{obj['metadata'].get('generateName', '')}{number}")
            targets[named] = target if key.name else replace(target, key=named)
    return DesiredState(targets, repeated, tuple(problems), tuple(run), tuple(last), (tool,))


def _steps(path: str) -> Path:
    """``spec.containers[0].imagee`` as steps."""
    parts = path.replace("[", ".[").split(".")
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in parts)


def _group_version_kind(kind: Kind) -> str:
    return f"{kind.group}/{kind.version}, Kind={kind.kind}"
