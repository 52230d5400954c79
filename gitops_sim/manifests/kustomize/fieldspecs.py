"""Which fields the transformers touch: the defaults of kustomize, and how ``configurations`` and ``crds`` add to them.

Source: kustomize ``api/types/fieldspec.go``, ``api/internal/plugins/builtinconfig``, ``api/filters/fieldspec``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.identity import Gvk, Id, split_version
from gitops_sim.manifests.kustomize.nodes import MAPPING, NONE, SEQUENCE, Node, require, set_field
from gitops_sim.manifests.kustomize.scalars import NULL
from gitops_sim.nearest import nearest

_FACTS = Path(__file__).with_name("fieldspecs.txt")
KEYS = (
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "commonAnnotations",
    "varReference",
    "images",
    "replicas",
)
ORDER_FIRST = [
    *("Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy"),
    *("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange"),
    *("PriorityClass", "PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob"),
    "PodDisruptionBudget",
]
"""Kinds that come first in the legacy order; those of ORDER_LAST come last."""
ORDER_LAST = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]


class FieldSpec(NamedTuple):
    """One field of the kinds that ``gvk`` selects; ``create``: it is made where it is missing."""

    path: str
    gvk: Gvk = Gvk()
    create: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        return split_path(self.path)


Specs = tuple[FieldSpec, ...]
References = tuple[tuple[Gvk, Specs], ...]
"""Kinds that may be referred to by name, each with the fields that do."""


@lru_cache(maxsize=4096)
def split_path(path: str, delimiter: str = "/") -> tuple[str, ...]:
    """The steps of a path; ``\\/`` is a slash within one."""
    parts = path.split(delimiter)
    if len(parts) > 1 and not parts[0]:
        parts = parts[1:]
    found = [parts[0]]
    for part in parts[1:]:
        if found[-1].endswith("\\"):
            found[-1] = found[-1][:-1] + delimiter + part
        else:
            found.append(part)
    return tuple(found)


class Config(NamedTuple):
    """The fields per transformer, and the references."""

    specs: Mapping[str, Specs]
    references: References = ()

    def merged(self, other: Config) -> Config:
        """Both, sorted. Raises KustomizeError when they disagree on whether a field is to be made."""
        specs = {}
        for key in KEYS:
            try:
                specs[key] = tuple(sorted(merge_specs(self.specs.get(key, ()), other.specs.get(key, ())), key=_spec_order))
            except KustomizeError as error:
                raise error.within(f"failed to merge {_GO_NAMES.get(key, key[0].upper() + key[1:])} fieldSpec") from None
        references = dict(self.references)
        for gvk, incoming in other.references:
            references[gvk] = merge_specs(references.get(gvk, ()), incoming)
        return Config(specs, tuple(sorted(references.items(), key=lambda item: _gvk_order(item[0]))))


_GO_NAMES = {"namespace": "NameSpace"}
EMPTY = Config({})


def merge_specs(present: Specs, incoming: Iterable[FieldSpec]) -> Specs:
    found = list(present)
    for spec in incoming:
        for old in found:
            if old.path == spec.path and spec.gvk.selects(*old.gvk):
                if old.create != spec.create:
                    raise KustomizeError("conflicting fieldspecs", mend="give both the same 'create'")
                break
        else:
            found.append(spec)
    return tuple(found)


def _gvk_order(gvk: Gvk) -> tuple[int, str]:
    if gvk.kind in ORDER_FIRST:
        return ORDER_FIRST.index(gvk.kind) - len(ORDER_FIRST), gvk.sort_text
    return (ORDER_LAST.index(gvk.kind) + 1 if gvk.kind in ORDER_LAST else 0), gvk.sort_text


def _spec_order(spec: FieldSpec) -> tuple[int, str]:
    return _gvk_order(spec.gvk)


@cache
def defaults() -> Config:
    """What kustomize knows without any configuration."""
    pods: dict[str, str] = {}
    specs: dict[str, list[FieldSpec]] = {}
    references: dict[Gvk, list[FieldSpec]] = {}
    present: list[FieldSpec] = []
    for line in _FACTS.read_text(encoding="utf-8").splitlines():
        head, *rest = line.split() or ["#"]
        if head == "#":
            continue
        if head == "%pod":
            pods |= dict.fromkeys(rest[1:], rest[0])
        elif head == "[nameReference":
            present = references.setdefault(_kind(rest[0].rstrip("]")), [])
        elif head.startswith("["):
            present = specs.setdefault(head.strip("[]"), [])
        else:
            create = rest[0] == "+"
            for kind in rest[create:]:
                gvk = _kind(kind)
                present.append(FieldSpec(head.replace("%pod", pods.get(gvk.kind, "")), gvk, create))
    plain = Config({key: tuple(found) for key, found in specs.items()}, tuple((g, tuple(f)) for g, f in references.items()))
    return EMPTY.merged(plain)


def _kind(text: str) -> Gvk:
    text, _, version = text.partition("@")
    kind, _, group = text.partition(".")
    return Gvk(group, version, "" if kind == "*" else kind)


def config_from(document: Any) -> Config:
    """A file of ``configurations``, as data."""
    if document is None:
        return EMPTY
    if not isinstance(document, dict):
        raise KustomizeError("json: cannot unmarshal into Go value of type builtinconfig.TransformerConfig")
    unknown = [key for key in document if key not in (*KEYS, "nameReference")]
    if unknown:
        what = f'error unmarshaling JSON: while decoding JSON: json: unknown field "{min(unknown)}"'
        raise KustomizeError(what, mend=nearest(min(unknown), (*KEYS, "nameReference")))
    specs = {key: tuple(map(_spec, document.get(key) or ())) for key in KEYS}
    references = tuple(
        (_gvk(entry), tuple(map(_spec, entry.get("fieldSpecs") or ()))) for entry in document.get("nameReference") or ()
    )
    return Config(specs, references)


def specs_from(entries: Iterable[Mapping[str, Any]]) -> Specs:
    return tuple(map(_spec, entries))


def _gvk(entry: Mapping[str, Any]) -> Gvk:
    return Gvk(str(entry.get("group") or ""), str(entry.get("version") or ""), str(entry.get("kind") or ""))


def _spec(entry: Mapping[str, Any]) -> FieldSpec:
    return FieldSpec(str(entry.get("path") or ""), _gvk(entry), bool(entry.get("create")))


# ---------------------------------------------------------------------- visiting fields


class Visit(NamedTuple):
    """What to do at a field: ``change`` it, and which node (``kind``, ``tag``) to make where it is missing and to be made."""

    change: Callable[[Node], None]
    kind: int = NONE
    tag: str = ""


class Selected:
    """Which of some fields an object may have, by its kind: worked out once for each kind."""

    def __init__(self, specs: Specs) -> None:
        self._specs = specs
        self._known: dict[tuple[str, str], list[FieldSpec]] = {}

    def of(self, root: Node) -> list[FieldSpec]:
        kind = (root.text_at("apiVersion"), root.text_at("kind"))
        found = self._known.get(kind)
        if found is None:
            gvk = (*split_version(kind[0]), kind[1])
            found = self._known[kind] = [spec for spec in self._specs if spec.gvk.selects(*gvk)]
        return found


def visit(root: Node, spec: FieldSpec, doing: Visit) -> None:
    """Goes to a field of an object, through every list on the way. Raises KustomizeError when something else is in the way."""
    group, version = split_version(root.text_at("apiVersion"))
    if spec.gvk.selects(group, version, root.text_at("kind")):
        visit_selected(root, spec, doing)


def visit_selected(root: Node, spec: FieldSpec, doing: Visit) -> None:
    """The same, for an object that is known to be of a kind that the spec selects."""
    try:
        _visit(root, spec.steps, spec.create, doing)
    except KustomizeError as error:
        meta = root.get("metadata")
        name, namespace = (meta.text_at("name"), meta.text_at("namespace")) if meta is not None else ("", "")
        who = Id(*split_version(root.text_at("apiVersion")), root.text_at("kind"), name, namespace)
        raise _within(error, f"considering field '{spec.path}' of object {who}") from None


def _within(error: KustomizeError, prefix: str) -> KustomizeError:
    error.what = f"{prefix}: {error.what}"
    error.args = (error.what,)
    return error


def _visit(node: Node, path: tuple[str, ...], create: bool, doing: Visit) -> None:
    if not path:
        doing.change(node)
        return
    if node.tag == NULL:
        return
    if node.kind == MAPPING:
        _visit_mapping(node, path, create, doing)
    elif node.kind == SEQUENCE:
        for item in node.items:
            try:
                _visit(item, path, create, doing)
            except KustomizeError as error:
                raise _within(error, f"visit traversal on path: [{' '.join(path)}]") from None
    else:
        raise KustomizeError("expected sequence or mapping node", mend="the path leads through something that holds no fields")


def _visit_mapping(node: Node, path: tuple[str, ...], create: bool, doing: Visit) -> None:
    name = path[0]
    listed = name.endswith("[]")
    name = name[:-2] if listed else name
    if not name:
        raise KustomizeError("cannot set or create an empty field name")
    found = node.fields.get(name)
    kind, tag = (SEQUENCE if listed else NONE), ""
    if create and doing.kind and not listed:
        kind, tag = (doing.kind, doing.tag) if len(path) == 1 else (MAPPING, "!!map")
        if found is None:
            found = Node(kind)
            set_field(node, name, found)
    if found is None:
        return
    if found.tag == NULL and kind:
        fresh = Node(kind, found.text, tag, found.style)
        found.become(fresh)
    _visit(found, path[1:], create, doing)


def set_entry(owner: Node, name: str, value: Node) -> None:
    require(owner, MAPPING)
    set_field(owner, name, value)
