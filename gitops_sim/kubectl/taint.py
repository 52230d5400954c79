"""``kubectl taint``.

Source: k8s.io/kubectl ``pkg/cmd/taint`` (taint.go, utils.go).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitops_sim.cluster.names import label_key_problems, label_value_problems
from gitops_sim.cluster.shapes import mappings
from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.changes import each, send
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all, usage
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object, with_path, without_path

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@dataclass(frozen=True, slots=True)
class _Taint:
    key: str
    value: str = ""
    effect: str = ""

    def is_of(self, taint: Object) -> bool:
        """Whether this one, to be removed or replaced, means a node's taint; without an effect it means all of its key."""
        return taint.get("key") == self.key and self.effect in ("", taint.get("effect"))

    def manifest(self) -> Object:
        return {"key": self.key, **({"value": self.value} if self.value else {}), "effect": self.effect}


def taint(inv: Invocation) -> None:
    """Sets and removes taints of nodes."""
    resources, specs = _split(inv.args)
    if not resources:
        raise KubectlError("one or more resources must be specified as <resource> <name>")
    if not specs:
        raise KubectlError("at least one taint update is required")
    add, remove = _parsed(inv, specs)
    _check(resources, add, remove)
    found = look_up(inv, Query(resources, selector=inv["selector"], everything=inv["all"], files=False))

    def change(info: Info) -> None:
        old = list(mappings(info.object, "spec", "taints"))
        if not inv["overwrite"]:
            taken = [new.key for new in add if any(new.is_of(taint) for taint in old)]
            if taken:
                why = f"already has {','.join(taken)} taint(s) with same effect(s) and --overwrite is false"
                raise KubectlError(f"node {info.name} {why}")
        added = [new.manifest() for new in add]
        taints = [*added, *(taint for taint in old if not any(new.is_of(taint) for new in add))]
        grew, removed = len(taints) != len(old), False
        for gone in remove:
            kept = [taint for taint in taints if not gone.is_of(taint)]
            if len(kept) == len(taints):
                name = gone.key + (f":{gone.effect}" if gone.effect else "")
                raise KubectlError(f'taint "{name}" not found')
            taints, removed = kept, True
        path = ("spec", "taints")
        changed = with_path(info.object, path, taints) if taints else without_path(info.object, path)
        if inv.dry_run != "client":
            changed = send(inv, info, changed)
        word = "modified" if (grew and removed) or inv["overwrite"] else "tainted" if grew else "untainted"
        printer_for(inv, word, note=False)(changed)

    errors: list[GitOpsSimError] = list(found.errors)
    each(found.infos, errors, change)
    raise_all(errors)


def _split(args: Sequence[str]) -> tuple[list[str], list[str]]:
    resources: list[str] = []
    specs: list[str] = []
    for arg in args:
        if "=" in arg or ":" in arg or arg.endswith("-"):
            specs.append(arg)
        elif specs:
            raise KubectlError(f"all resources must be specified before taint changes: {arg}")
        else:
            resources.append(arg)
    return resources, specs


def _parsed(inv: Invocation, specs: Sequence[str]) -> tuple[list[_Taint], list[_Taint]]:
    """What is to be set, and what is to be removed."""
    add: list[_Taint] = []
    remove: list[_Taint] = []
    for spec in specs:
        if spec.endswith("-"):
            remove.append(_one(inv, spec.removesuffix("-")))
            continue
        new = _one(inv, spec)
        if not new.effect:
            raise usage(inv.command, f"invalid taint spec: {spec}")
        if any((known.key, known.effect) == (new.key, new.effect) for known in add):
            shown = f"{{{new.key} {new.value} {new.effect} <nil>}}"
            raise usage(inv.command, f"duplicated taints with the same key and effect: {shown}")
        add.append(new)
    return add, remove


def _one(inv: Invocation, spec: str) -> _Taint:
    front, *effects = spec.split(":")
    key, *values = front.split("=") if effects else [front]
    if len(effects) > 1 or len(values) > 1:
        raise usage(inv.command, f"invalid taint spec: {spec}")
    if effects and effects[0] not in _EFFECTS:
        raise usage(inv.command, f"invalid taint effect: {effects[0]}, unsupported taint effect")
    value = values[0] if values else ""
    problems = label_value_problems(value) or label_key_problems(key)
    if problems:
        raise usage(inv.command, f"invalid taint spec: {spec}, {'; '.join(problems)}")
    return _Taint(key, value, effects[0] if effects else "")


def _check(resources: Sequence[str], add: Sequence[_Taint], remove: Sequence[_Taint]) -> None:
    kind = resources[0].partition("/")[0].lower()
    if kind not in ("node", "nodes", "no"):
        raise KubectlError(f"invalid resource type {resources[0]}, only node types are supported")
    both = [
        f"{gone.key}={gone.effect}" for new in add for gone in remove if new.key == gone.key and gone.effect in ("", new.effect)
    ]
    if both:
        raise KubectlError(f"can not both modify and remove the following taint(s) in the same command: {', '.join(both)}")


COMMANDS = (
    Command(
        "taint",
        taint,
        "Set or remove the taints of nodes",
        "NODE NAME ... KEY=VALUE:EFFECT ... KEY:EFFECT- ...",
        (
            *flags.PRINT,
            flags.SELECTOR,
            flags.ALL,
            flags.DRY_RUN,
            flags.FIELD_MANAGER,
            flags.VALIDATE,
            Flag("overwrite", "bool", about="also replace what has another value"),
        ),
        example="kubectl taint node node-1 dedicated=gpu:NoSchedule",
    ),
)
