"""One object while it is customised, with its memory: the names, namespaces and kinds that it had before.

kustomize keeps that memory in annotations of the object itself, and patches can see them there (a JSON patch may add to
``metadata.annotations`` although the file has none); so they are kept there here, too, and taken out at the end.

Source: kustomize ``api/resource/resource.go``, ``api/internal/utils/annotations.go``.
"""

from __future__ import annotations

from gitops_sim.manifests.kustomize import nodes
from gitops_sim.manifests.kustomize.identity import CLUSTER_SCOPED, Gvk, Id, split_version
from gitops_sim.manifests.kustomize.nodes import MAPPING, Node, lookup_create, set_field, string

_DOMAIN = "internal.config.kubernetes.io/"
_NAMES = _DOMAIN + "previousNames"
_NAMESPACES = _DOMAIN + "previousNamespaces"
_KINDS = _DOMAIN + "previousKinds"
_PREFIXES = _DOMAIN + "prefixes"
_SUFFIXES = _DOMAIN + "suffixes"
_BEHAVIOR = _DOMAIN + "generatorBehavior"
_HASHED = _DOMAIN + "needsHashSuffix"
_ALLOW_NAME = _DOMAIN + "allowNameChange"
_ALLOW_KIND = _DOMAIN + "allowKindChange"
STAND_IN = "gitops-sim/stand-in"
"""The label of an object that stands in for what cannot be fetched: others that are not here would come with it."""
ORIGIN = "config.kubernetes.io/origin"
TRANSFORMATIONS = "alpha.config.kubernetes.io/transformations"
_LEGACY = ("config.kubernetes.io/path", "config.kubernetes.io/index", "config.k8s.io/id")
BUILD = frozenset(
    {
        _NAMES, _NAMESPACES, _KINDS, _PREFIXES, _SUFFIXES, _BEHAVIOR, _HASHED, _ALLOW_NAME, _ALLOW_KIND,
        _DOMAIN + "refBy", _DOMAIN + "path", _DOMAIN + "index", _DOMAIN + "seqindent", _DOMAIN + "id",
        _DOMAIN + "annotations-migration-resource-id", *_LEGACY, "internal.config.kubernetes.io/helm-generated",
    }
)  # fmt: skip
"""Annotations of the build, which no output has."""


class Resource:
    """An object and its memory. ``node`` is replaced as a whole by patches; ``vars`` are names of variables that read it."""

    __slots__ = ("deleted", "node", "scoped", "vars")

    def __init__(self, node: Node, scoped: frozenset[tuple[str, str]] = CLUSTER_SCOPED) -> None:
        self.node = node
        self.scoped = scoped
        self.vars: list[str] = []
        self.deleted = False

    # ------------------------------------------------------------------ identity

    @property
    def kind(self) -> str:
        node = self.node.fields.get("kind")
        return node.text if node is not None else ""

    @property
    def api_version(self) -> str:
        node = self.node.fields.get("apiVersion")
        return node.text if node is not None else ""

    @property
    def name(self) -> str:
        return self._meta("name")

    @property
    def namespace(self) -> str:
        return self._meta("namespace")

    def _meta(self, field: str) -> str:
        meta = self.node.fields.get("metadata")
        found = meta.fields.get(field) if meta is not None and meta.kind == MAPPING else None
        return found.text if found is not None and not found.empty else ""

    @property
    def gvk(self) -> Gvk:
        return Gvk(*split_version(self.api_version), self.kind)

    @property
    def id(self) -> Id:
        """What it is now."""
        fields = self.node.fields
        version, kinds, meta = fields.get("apiVersion"), fields.get("kind"), fields.get("metadata")
        api_version = version.text if version is not None else ""
        kind = kinds.text if kinds is not None else ""
        said = meta.fields if meta is not None else fields
        name, namespace = (said.get("name"), said.get("namespace")) if meta is not None else (None, None)
        return Id(
            *split_version(api_version),
            kind,
            name.text if name is not None and not name.empty else "",
            namespace.text if namespace is not None and not namespace.empty else "",
            (api_version, kind) in self.scoped,
        )

    @property
    def previous(self) -> list[Id]:
        """What it was, the oldest first; empty when nothing changed yet."""
        noted = self._noted()
        names = noted.get(_NAMES)
        if names is None:
            return []
        group, version = split_version(self.api_version)
        parts = zip(names.text.split(","), self._csv(noted, _NAMESPACES), self._csv(noted, _KINDS), strict=False)
        return [Id(group, version, kind, name, namespace) for name, namespace, kind in parts]

    @property
    def original(self) -> Id:
        previous = self.previous
        return previous[0] if previous else self.id

    @property
    def ids(self) -> list[Id]:
        """What it was and what it is."""
        return [*self.previous, self.id]

    def remember(self) -> None:
        """Keeps the present identity, for somebody will change it."""
        present = self.id
        values = ((_NAMES, present.name), (_NAMESPACES, present.effective_namespace), (_KINDS, present.kind))
        noted = self._noted()
        for key, value in values:
            old = noted.get(key)
            if old is not None and value:
                old.become(string(f"{old.text},{value}", quoted=True))
            else:
                self._append(key, value)

    def rename(self, name: str) -> None:
        meta = lookup_create(self.node, ("metadata",))
        if meta is not None:
            set_field(meta, "name", Node(nodes.SCALAR, name))

    def move(self, namespace: str) -> None:
        """Sets the namespace; an empty one is cleared."""
        if namespace:
            meta = lookup_create(self.node, ("metadata",))
            if meta is not None:
                set_field(meta, "namespace", Node(nodes.SCALAR, namespace))
        elif (meta := self.node.get("metadata")) is not None:
            meta.clear("namespace")

    def set_kind(self, kind: str) -> None:
        set_field(self.node, "kind", Node(nodes.SCALAR, kind))

    def set_gvk(self, gvk: Gvk) -> None:
        self.set_kind(gvk.kind)
        set_field(self.node, "apiVersion", Node(nodes.SCALAR, gvk.api_version))

    # ------------------------------------------------------------------ notes

    def _noted(self) -> dict[str, Node]:
        meta = self.node.fields.get("metadata")
        found = meta.fields.get("annotations") if meta is not None else None
        return found.fields if found is not None and found.kind == MAPPING else {}

    @staticmethod
    def _csv(noted: dict[str, Node], key: str) -> list[str]:
        found = noted.get(key)
        return found.text.split(",") if found is not None else []

    def _append(self, key: str, value: str) -> None:
        if value:
            present = self._noted().get(key)
            self.annotate(key, f"{present.text},{value}" if present is not None else value)

    def annotate(self, key: str, value: str) -> None:
        """Sets one annotation; an empty or null ``annotations`` is made anew."""
        meta = self.node.get("metadata")
        if meta is not None:
            present = meta.get("annotations")
            if present is not None and not present.fields and not present.items:
                meta.clear("annotations")
        owner = lookup_create(self.node, ("metadata", "annotations"))
        if owner is not None:
            set_field(owner, key, string(value, quoted=True))

    @property
    def annotations(self) -> dict[str, str]:
        return nodes.annotations_of(self.node)

    @property
    def labels(self) -> dict[str, str]:
        return nodes.labels_of(self.node)

    def set_annotations(self, values: dict[str, str]) -> None:
        nodes.set_texts(self.node, "annotations", values)

    def _enable(self, key: str) -> None:
        self.set_annotations({**self.annotations, key: "enabled"})

    def _enabled(self, key: str) -> bool:
        found = self._noted().get(key)
        return found is not None and found.text == "enabled"

    @property
    def prefixes(self) -> list[str]:
        return self._csv(self._noted(), _PREFIXES)

    @property
    def suffixes(self) -> list[str]:
        return self._csv(self._noted(), _SUFFIXES)

    def add_prefix(self, prefix: str) -> None:
        self._append(_PREFIXES, prefix)

    def add_suffix(self, suffix: str) -> None:
        self._append(_SUFFIXES, suffix)

    @property
    def hashed(self) -> bool:
        """Whether the name is to end with a hash of the content."""
        return self._enabled(_HASHED)

    def hash_name(self) -> None:
        self._enable(_HASHED)

    @property
    def behavior(self) -> str:
        found = self._noted().get(_BEHAVIOR)
        return found.text if found is not None and found.text in ("create", "replace", "merge") else "unspecified"

    def behave(self, behavior: str) -> None:
        known = behavior if behavior in ("create", "replace", "merge") else "unspecified"
        self.set_annotations({**self.annotations, _BEHAVIOR: known})

    @property
    def may_rename(self) -> bool:
        return self._enabled(_ALLOW_NAME)

    @property
    def may_change_kind(self) -> bool:
        return self._enabled(_ALLOW_KIND)

    def allow(self, *, name: bool, kind: bool) -> None:
        if name:
            self._enable(_ALLOW_NAME)
        if kind:
            self._enable(_ALLOW_KIND)

    def drop_build_notes(self) -> None:
        """Takes the memory out; whatever annotations stay are strings from here on."""
        present = self.annotations
        if present:
            self.set_annotations({key: value for key, value in present.items() if key not in BUILD})

    def internal_annotations(self) -> dict[str, str]:
        return {key: value for key, value in self.annotations.items() if key.startswith(_DOMAIN) or key in _LEGACY}

    # ------------------------------------------------------------------ merging and copies

    def delete(self) -> None:
        self.deleted = True

    def copy(self) -> Resource:
        new = Resource(self.node.copy(), self.scoped)
        new.vars = list(self.vars)
        return new

    def take_metadata(self, other: Resource) -> None:
        """Labels, annotations, name and namespace of the other, where it has them; the memory is the other's alone."""
        nodes.set_texts(self.node, "labels", {**other.labels, **self.labels})
        mine = self.annotations
        merged = {**other.annotations, **mine}
        theirs = other.annotations
        merged = {key: value for key, value in merged.items() if key not in BUILD} | {
            key: value for key, value in theirs.items() if key in BUILD
        }
        if _HASHED not in mine:
            merged.pop(_HASHED, None)
        self.set_annotations(merged)
        self.rename(other.name)
        self.move(other.namespace)
        self.vars = list(other.vars)

    def merge_data(self, other: Resource, field: str) -> None:
        """``data`` or ``binaryData`` of both, this one's first."""
        values = {**_data(other.node, field), **_data(self.node, field)}
        self.node.clear(field)
        load_data(self.node, field, values)


def _data(node: Node, field: str) -> dict[str, str]:
    found = node.get(field)
    if found is None or found.kind != MAPPING:
        return {}
    return {key: value.text if not value.null else "" for key, value in found.fields.items()}


def load_data(node: Node, field: str, values: dict[str, str]) -> None:
    """Adds entries to ``data`` or ``binaryData``, in the order of the alphabet."""
    if values:
        owner = lookup_create(node, (field,))
        if owner is not None:
            for key in sorted(values):
                set_field(owner, key, string(values[key], quoted=True))
