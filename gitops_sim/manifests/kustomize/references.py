"""Names that other objects hold: they follow when a prefix, a suffix or a hash changes the name that they mean.

Source: kustomize ``api/filters/nameref/nameref.go``, ``api/internal/accumulator/namereferencetransformer.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import FieldSpec, References, Visit, visit_selected
from gitops_sim.manifests.kustomize.identity import Gvk, joined
from gitops_sim.manifests.kustomize.nodes import MAPPING, SCALAR, SEQUENCE, Node, set_field, set_value, to_data
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.scalars import NULL
from gitops_sim.yaml_sorted import to_yaml


class _Known:
    """An object, and what it is asked for again and again; nothing of it changes while references are mended."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.previous = resource.previous
        self.id = resource.id
        self.original = self.previous[0] if self.previous else self.id

    @cached_property
    def prefixes(self) -> list[str]:
        return self.resource.prefixes

    @cached_property
    def suffixes(self) -> list[str]:
        return self.resource.suffixes


def fix_references(resources: Sequence[Resource], references: References) -> None:
    """Changes every name that a field of ``references`` holds to what the object that it meant is called now."""
    known = [_Known(resource) for resource in resources]
    by_name: dict[str, list[_Known]] = {}
    for one in known:
        for name in dict.fromkeys(previous.name for previous in one.previous):
            by_name.setdefault(name, []).append(one)
    fields: dict[Gvk, _Paths] = {}
    for referrer in known:
        gvk = referrer.original.gvk
        if gvk not in fields:
            fields[gvk] = _Paths((target, spec) for target, specs in references for spec in specs if spec.gvk.selects(*gvk))
        mender = _Mender(referrer, by_name)
        mender.check()
        try:
            for node, target, spec in fields[gvk].places(referrer.resource.node):
                mender.mend(node, target, spec)
        except _InTheWayError as error:
            mender.visit(*error.field)
        for target, spec in fields[gvk].unruly:
            mender.visit(target, spec)


class _Paths:
    """The fields of one kind that hold names, as a tree of steps: an object is walked once for all of them."""

    def __init__(self, fields: Iterable[tuple[Gvk, FieldSpec]]) -> None:
        self.unruly: list[tuple[Gvk, FieldSpec]] = []
        self._ends: list[tuple[Gvk, FieldSpec]] = []
        self._next: dict[str, _Paths] = {}
        for target, spec in fields:
            if any(step.endswith("[]") or not step for step in spec.steps) or spec.create:
                self.unruly.append((target, spec))
                continue
            at = self
            for step in spec.steps:
                at = at._next.setdefault(step, _Paths(()))
            at._ends.append((target, spec))

    def places(self, node: Node) -> Iterator[tuple[Node, Gvk, FieldSpec]]:
        """Every node of an object that a field names, with the field."""
        for target, spec in self._ends:
            yield node, target, spec
        if not self._next or node.tag == NULL:
            return
        if node.kind == SEQUENCE:
            for item in node.items:
                yield from self._below(item)
        else:
            yield from self._below(node)

    def _below(self, node: Node) -> Iterator[tuple[Node, Gvk, FieldSpec]]:
        if node.kind == MAPPING and node.tag != NULL:
            for step, paths in self._next.items():
                inner = node.fields.get(step)
                if inner is not None:
                    yield from paths.places(inner)
        elif node.tag != NULL:
            if node.kind == SEQUENCE:
                for item in node.items:
                    yield from self._below(item)
                return
            first = next(self._all())
            raise _InTheWayError(first)

    def _all(self) -> Iterator[tuple[Gvk, FieldSpec]]:
        yield from self._ends
        for paths in self._next.values():
            yield from paths._all()


class _InTheWayError(Exception):
    """A field whose path leads through something that holds no fields."""

    def __init__(self, field: tuple[Gvk, FieldSpec]) -> None:
        super().__init__()
        self.field = field


class _Mender:
    """The references of one object."""

    def __init__(self, referrer: _Known, by_name: dict[str, list[_Known]]) -> None:
        self._referrer = referrer
        self._by_name = by_name
        self._target = Gvk()
        self._spec = FieldSpec("")

    def check(self) -> None:
        """Raises KustomizeError for an account whose namespace is no text."""
        _ = self._account_namespaces

    def mend(self, node: Node, target: Gvk, spec: FieldSpec) -> None:
        """Changes the name at one node. What is wrong with it is told as if the field had been visited alone."""
        self._target, self._spec = target, spec
        try:
            self._change(node)
        except KustomizeError:
            self.visit(target, spec)
            raise

    def visit(self, target: Gvk, spec: FieldSpec) -> None:
        """Looks for one field alone."""
        self._target, self._spec = target, spec
        node = self._referrer.resource.node
        try:
            visit_selected(node, spec, Visit(self._change))
        except KustomizeError as error:
            raise error.within(f"updating name reference in '{spec.path}' field of '{self._referrer.id}'") from None

    def _change(self, node: Node) -> None:
        if node.tag == NULL:
            return
        if node.kind == SCALAR:
            self._scalar(node)
        elif node.kind == MAPPING:
            self._mapping(node)
        else:
            for item in node.items:
                if item.tag != NULL:
                    (self._scalar if item.kind == SCALAR else self._mapping)(item)

    def _scalar(self, node: Node) -> None:
        found = self._referral(node.text, lambda _: True, lambda one: one.id.name)
        if found is not None and found.id.name != node.text:
            set_value(node, Node(SCALAR, found.id.name))

    def _mapping(self, node: Node) -> None:
        if node.kind != MAPPING:
            raise KustomizeError("expect a mapping node")
        name = node.get("name")
        if name is None:
            raise KustomizeError("path config error; no 'name' field in node", mend="give it a name")
        found = self._referral(name.text, self._in_namespace_of(node), lambda one: (one.id.name, one.id.namespace))
        if found is None or (found.id.name == name.text and not found.id.namespace):
            return
        set_field(node, "name", Node(SCALAR, found.id.name))
        if found.id.namespace:
            set_field(node, "namespace", Node(SCALAR, found.id.namespace))

    def _in_namespace_of(self, node: Node) -> Callable[[_Known], bool]:
        """The objects of the namespace that the reference names: by what it was called first, else by what it is called now."""
        field = node.get("namespace")
        if field is None:
            return lambda _: True
        namespace = field.text
        reachable = [one for every in self._by_name.values() for one in every if self._reaches(one)]
        first = any(one.original.effective_namespace == namespace for one in reachable)
        if first:
            return lambda one: one.original.effective_namespace == namespace
        return lambda one: one.id.effective_namespace == namespace

    def _reaches(self, one: _Known) -> bool:
        """Whether the referrer could mean it at all: anything for what is cluster-scoped, else its own namespace."""
        referrer = self._referrer.id
        if referrer.cluster or one.id.cluster or one.id.effective_namespace == referrer.effective_namespace:
            return True
        return one.id.namespace in self._account_namespaces

    @cached_property
    def _account_namespaces(self) -> frozenset[str]:
        """Namespaces of the accounts that a RoleBinding names."""
        if self._referrer.id.kind != "RoleBinding":
            return frozenset()
        subjects = self._referrer.resource.node.get("subjects")
        items = subjects.items if subjects is not None else []
        for item in items:
            namespace = item.get("namespace")
            if namespace is not None and item.text_at("kind") == "ServiceAccount" and not isinstance(to_data(namespace), str):
                what = f'Invalid Input: namespace is blank for resource "{self._referrer.id}"\n'
                raise KustomizeError(what, mend="name the namespace of the account, or leave it out")
        return frozenset(item.text_at("namespace") for item in items if item.text_at("kind") == "ServiceAccount")

    def _referral(self, old: str, test: Callable[[_Known], bool], same: Callable[[_Known], object]) -> _Known | None:
        """The one object that the name means; None when there is none."""
        found: Iterable[_Known] = self._by_name.get(old, ())
        if not found:
            return None
        found = [one for one in found if self._reaches(one) and test(one)]
        found = [one for one in found if any(self._target.selects(*previous[:3]) for previous in one.previous)]
        found = self._of_role(found)
        found = [one for one in found if self._neighbour(one)]
        if len(found) == 1:
            return found[0]
        found = [one for one in found if self._in_step(one, lenient=True)]
        if len(found) > 1:
            found = [one for one in found if self._in_step(one, lenient=False)]
        if not found:
            return None
        if len(found) > 1 and len({same(one) for one in found}) > 1:
            raise KustomizeError(
                f"found multiple possible referrals: {joined(one.id for one in found)}\n{self._details(found)}",
                mend="give the objects different names before the prefix or suffix is added",
            )
        return found[0]

    def _of_role(self, found: list[_Known]) -> list[_Known]:
        if not self._spec.path.endswith("roleRef/name"):
            return found
        role = self._referrer.resource.node.at("roleRef")
        group, kind = (role.get("apiGroup"), role.get("kind")) if role is not None else (None, None)
        if group is None or kind is None:
            return found
        gvk = Gvk(group.text, "", kind.text)
        return [one for one in found if any(gvk.selects(*previous[:3]) for previous in one.previous)]

    def _neighbour(self, one: _Known) -> bool:
        referrer = self._referrer.id
        if referrer.cluster or one.id.cluster or one.id.kind == "ServiceAccount":
            return True
        return one.id.effective_namespace == referrer.effective_namespace

    def _in_step(self, one: _Known, *, lenient: bool) -> bool:
        """Whether both got the same prefixes and suffixes, so come from one layer."""
        mine = self._referrer
        return _same_end(one.prefixes, mine.prefixes, lenient) and _same_end(one.suffixes, mine.suffixes, lenient)

    def _details(self, found: list[_Known]) -> str:
        text = f"\n**** Too many possible referral targets to referrer:\n{to_yaml(to_data(self._referrer.resource.node))}\n"
        for at, one in enumerate(found):
            text += f"--- possible referral {at}:\n{to_yaml(to_data(one.resource.node))}\n"
        return text


def _same_end(one: list[str], other: list[str], lenient: bool) -> bool:
    if lenient and (not one or not other):
        return True
    short, long = sorted((one, other), key=len)
    return short == long if not short else long[-len(short) :] == short
