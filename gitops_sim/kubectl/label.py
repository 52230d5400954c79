"""``kubectl label`` and ``kubectl annotate``.

Source: k8s.io/kubectl ``pkg/cmd/label`` and ``pkg/cmd/annotate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_sim.cluster.names import label_value_problems
from gitops_sim.cluster.shapes import mapping
from gitops_sim.errors import GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, sources
from gitops_sim.kubectl.changes import each, send
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.pairs import parse_pairs, split_pairs
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Found, Query, look_up
from gitops_sim.objects import Object, with_path, without_path

_CHANGE_CAUSE = "kubernetes.io/change-cause"


@dataclass(frozen=True, slots=True)
class _Edit:
    """``field`` is ``labels`` or ``annotations``; ``word`` one of them."""

    field: str
    word: str
    new: Mapping[str, str]
    remove: Sequence[str]

    def of(self, obj: Object) -> dict[str, str]:
        return dict(mapping(obj, "metadata", self.field))

    def overwritten(self, obj: Object) -> list[tuple[str, str]]:
        """Keys that have another value now, with that value."""
        known = self.of(obj)
        return [(key, known[key]) for key, value in self.new.items() if key in known and known[key] != value]

    def apply(self, obj: Object) -> tuple[Object, bool, bool]:
        """The object with the change made, whether anything was set, and whether anything was removed."""
        before = self.of(obj)
        after = {key: value for key, value in {**before, **self.new}.items() if key not in self.remove}
        path = ("metadata", self.field)
        changed = with_path(obj, path, after) if after else without_path(obj, path)
        added = any(before.get(key) != value for key, value in self.new.items())
        return changed, added, any(key in before for key in self.remove)


def label(inv: Invocation) -> None:
    """Sets and removes labels."""
    resources, pairs = split_pairs(inv.args, "label")
    new, remove = _parse_labels(pairs)
    _check(inv, resources, bool(new or remove), "label")
    edit = _Edit("labels", "label", new, remove)
    found = _find(inv, resources)

    def change(info: Info) -> None:
        if not inv["overwrite"]:
            raise_all(
                KubectlError(f"'{key}' already has a value ({value}), and --overwrite is false")
                for key, value in edit.overwritten(info.object)
            )
        if inv.dry_run != "client" and not inv["list"]:
            for key in remove:
                if key not in edit.of(info.object):
                    inv.say(f'label "{key}" not found.\n')
        changed, added, removed = edit.apply(info.object)
        if inv["list"]:
            _list(inv, edit, info, changed, found)
            return
        if (added or removed) and inv.dry_run != "client":
            _send(inv, info, requests.recorded(inv, changed))
        verb = {(True, True): "modified", (True, False): "labeled", (False, True): "unlabeled"}.get(
            (added, removed), "not labeled"
        )
        printer_for(inv, verb)(changed)

    errors: list[GitOpsSimError] = list(found.errors)
    each(found.infos, errors, change)
    raise_all(errors)


def annotate(inv: Invocation) -> None:
    """Sets and removes annotations."""
    resources, pairs = split_pairs(inv.args, "annotation")
    new, remove = parse_pairs(pairs, "annotation", removable=True)
    _check(inv, resources, bool(new or remove), "annotation")
    both = [key for key in remove if key in new]
    if both:
        raise KubectlError(f"can not both modify and remove the following annotation(s) in the same command: {', '.join(both)}")
    edit = _Edit("annotations", "annotation", new, remove)
    show = printer_for(inv, "annotated")
    found = _find(inv, resources)

    def change(info: Info) -> None:
        taken = [(key, value) for key, value in edit.overwritten(info.object) if key != _CHANGE_CAUSE]
        if taken and not inv["overwrite"]:
            listed = "; ".join(f"'{key}' already has a value ({value})" for key, value in taken)
            raise KubectlError(f"--overwrite is false but found the following declared annotation(s): {listed}")
        changed, added, removed = edit.apply(info.object)
        if inv["list"]:
            _list(inv, edit, info, changed, found)
            return
        if inv.dry_run != "client" and (added or removed or inv["resource-version"]):
            changed = _send(inv, info, requests.recorded(inv, changed))
        show(changed)

    errors: list[GitOpsSimError] = list(found.errors)
    each(found.infos, errors, change)
    raise_all(errors)


def _parse_labels(pairs: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    new: dict[str, str] = {}
    remove: list[str] = []
    for pair in pairs:
        if "=" in pair:
            if pair.count("=") > 1:
                raise KubectlError(f"invalid label spec: {pair}")
            key, _, value = pair.partition("=")
            problems = label_value_problems(value)
            if problems:
                raise KubectlError(f'invalid label value: "{pair}": {";".join(problems)}')
            new[key] = value
        else:
            remove.append(pair[:-1])
    if any(key in new for key in remove):
        raise KubectlError("can not both modify and remove a label in the same command")
    return new, remove


def _check(inv: Invocation, resources: Sequence[str], changes: bool, word: str) -> None:
    if inv["list"] and inv["output"]:
        raise KubectlError("--list and --output may not be specified together")
    for flag in ("selector", "field-selector"):
        if inv["all"] and inv[flag]:
            raise KubectlError(f"cannot set --all and --{flag} at the same time")
    if inv["local"]:
        raise KubectlError("--local is not built in: use --dry-run=client")
    if not resources and not sources.given(inv):
        raise KubectlError("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    if not changes and not inv["list"]:
        raise KubectlError(f"at least one {word} update is required")


def _find(inv: Invocation, resources: Sequence[str]) -> Found:
    query = Query(
        resources,
        selector=inv["selector"],
        fields=inv["field-selector"],
        all_namespaces=inv["all-namespaces"],
        everything=inv["all"],
    )
    found = look_up(inv, query)
    if inv["resource-version"] and not found.single:
        raise KubectlError("--resource-version may only be used with a single resource")
    return found


def _send(inv: Invocation, info: Info, changed: Object) -> Object:
    version = inv["resource-version"]
    if version:
        info.object = without_path(info.object, ("metadata", "resourceVersion"))
        changed = with_path(changed, ("metadata", "resourceVersion"), version)
    return send(inv, info, changed)


def _list(inv: Invocation, edit: _Edit, info: Info, changed: Object, found: Found) -> None:
    indent = ""
    if not found.single:
        indent = " "
        inv.say(f"Listing {edit.field} for {info.kind.kind}.{info.kind.group}/{info.name}:\n")
    pairs = edit.of(changed)
    for key in sorted(pairs):
        inv.say(f"{indent}{key}={pairs[key]}\n")


_FLAGS = (
    *flags.PRINT,
    *flags.FILENAME,
    flags.SELECTOR,
    flags.FIELD_SELECTOR,
    flags.ALL,
    flags.ALL_NAMESPACES,
    flags.DRY_RUN,
    flags.FIELD_MANAGER,
    flags.LOCAL,
    flags.RECORD,
    Flag("overwrite", "bool", about="also replace what has another value"),
    Flag("list", "bool", about="show them"),
    Flag("resource-version", about="only if the object has this version"),
)
COMMANDS = (
    Command(
        "label",
        label,
        "Set or remove labels",
        "(TYPE NAME ... | TYPE/NAME ... | -f FILE) KEY=VALUE ... KEY- ...",
        _FLAGS,
        example="kubectl label deployment web tier=front",
    ),
    Command(
        "annotate",
        annotate,
        "Set or remove annotations",
        "(TYPE NAME ... | TYPE/NAME ... | -f FILE) KEY=VALUE ... KEY- ...",
        _FLAGS,
        example="kubectl annotate deployment web kubernetes.io/change-cause='new logo'",
    ),
)
