"""The transformers that the fields of a kustomization stand for, but for patches and replacements.

Source: kustomize ``api/internal/builtins/*Transformer.go`` and ``api/filters``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import FieldSpec, Selected, Specs, Visit, set_entry, visit, visit_selected
from gitops_sim.manifests.kustomize.identity import Gvk, Id
from gitops_sim.manifests.kustomize.nodes import (
    MAPPING,
    SCALAR,
    SEQUENCE,
    Node,
    WrongKindError,
    lookup_create,
    require,
    set_value,
)
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.scalars import INT, STR

_UNNAMED = (Gvk(kind="CustomResourceDefinition"), Gvk("apiregistration.k8s.io", "", "APIService"), Gvk(kind="Namespace"))
"""Kinds whose names get no prefix or suffix."""


def add_prefix(resources: Iterable[Resource], prefix: str, specs: Specs) -> None:
    _rename(resources, prefix, "", specs)


def add_suffix(resources: Iterable[Resource], suffix: str, specs: Specs) -> None:
    _rename(resources, "", suffix, specs)


def _rename(resources: Iterable[Resource], prefix: str, suffix: str, specs: Specs) -> None:
    doing = Visit(lambda node: set_value(node, Node(SCALAR, prefix + node.text + suffix)), SCALAR, STR)
    for resource in resources:
        first = resource.original
        if any(gvk.selects(*first[:3]) for gvk in _UNNAMED):
            continue
        for spec in specs:
            if not spec.gvk.selects(*first[:3]):
                continue
            if spec.path == "metadata/name":
                resource.add_prefix(prefix)
                resource.add_suffix(suffix)
                resource.remember()
            visit(resource.node, spec, doing)


def set_texts(resources: Iterable[Resource], values: Mapping[str, str], specs: Specs) -> None:
    """Labels or annotations. What is made anew in several places of an object is one node, as in the real one."""
    selected = Selected(specs)
    for resource in resources:
        for key in sorted(values):
            value = Node(SCALAR, values[key], STR)

            def change(owner: Node, key: str = key, value: Node = value) -> None:
                set_entry(owner, key, value)

            doing = Visit(change, MAPPING, "!!map")
            for spec in selected.of(resource.node):
                visit_selected(resource.node, spec, doing)


def set_namespace(
    resources: Sequence[Resource], namespace: str, specs: Specs, *, subjects: str = "defaultOnly", unset_only: bool = False
) -> None:
    """``subjects`` says which subjects of a (Cluster)RoleBinding follow: ``defaultOnly``, ``allServiceAccounts`` or ``none``.
    With ``unset_only`` a namespace that is there stays."""
    taken = Counter(_place(resource.id) for resource in resources)
    for resource in resources:
        taken[_place(resource.id)] -= 1
        resource.remember()
        _move(resource, namespace, specs, subjects, unset_only)
        now = resource.id
        taken[_place(now)] += 1
        if taken[_place(now)] != 1:
            raise KustomizeError(
                f"namespace transformation produces ID conflict: {_texts(other for other in resources if now.same(other.id))}",
                mend=f"two objects become {now.kind}/{now.name} in one namespace: rename one",
            )


def _place(identity: Id) -> tuple[str, ...]:
    return (*identity[:4], identity.effective_namespace)


def _texts(resources: Iterable[Resource]) -> str:
    from gitops_sim.manifests.kustomize.output import as_json

    return "[" + " ".join(as_json(resource.node) for resource in resources) + "]"


def _move(resource: Resource, namespace: str, specs: Specs, subjects: str, unset_only: bool) -> None:
    node = resource.node

    def change(field: Node) -> None:
        if not (unset_only and field.kind == SCALAR and field.text and not field.null):
            set_value(field, Node(SCALAR, namespace, STR))

    doing = Visit(change, SCALAR, STR)
    if not resource.id.cluster:
        visit(node, FieldSpec("metadata/namespace", create=True), doing)
    binding = resource.kind in ("RoleBinding", "ClusterRoleBinding")
    if binding:
        _move_subjects(node, change, subjects)
    for spec in specs:
        if spec.path == "metadata/namespace" or (spec.path == "metadata/name" and resource.api_version != "v1"):
            continue
        if binding and spec.path == "subjects/namespace" and spec.gvk.kind in ("RoleBinding", "ClusterRoleBinding"):
            continue
        try:
            visit(node, spec, doing)
        except WrongKindError as error:
            wrong = error.kind != SCALAR
            raise error.within(
                "namespace field specs must target scalar nodes" if wrong else "namespace transformation failed"
            ) from None
        except KustomizeError as error:
            raise error.within("namespace transformation failed") from None


def _move_subjects(node: Node, change: Callable[[Node], None], which: str) -> None:
    """By default only subjects named ``default`` follow; the others name accounts of other namespaces, for all that is known."""
    subjects = node.at("subjects")
    if subjects is None or which == "none":
        return
    field_of, wanted = ("kind", "ServiceAccount") if which == "allServiceAccounts" else ("name", "default")
    try:
        require(subjects, SEQUENCE)
        for subject in subjects.items:
            require(subject, MAPPING)
            if subject.text_at(field_of) == wanted:
                field = lookup_create(subject, ("namespace",), SCALAR)
                if field is not None:
                    change(field)
    except KustomizeError as error:
        raise error.within("setting namespace on (cluster)role binding subjects") from None


def set_replicas(resources: Sequence[Resource], name: str, count: int, specs: Specs) -> None:
    found = False
    doing = Visit(lambda node: set_value(node, Node(SCALAR, str(count), INT)), SCALAR, INT)
    named = [(resource, [one for one in resource.ids if one.name == name]) for resource in resources]
    for spec in specs:
        for resource, ids in named:
            if any(spec.gvk.selects(*one[:3]) for one in ids):
                found = True
                visit(resource.node, spec, doing)
    if not found:
        known = " ".join(str(spec.gvk) for spec in specs)
        raise KustomizeError(
            f"resource with name {name} does not match a config with the following GVK [{known}]",
            mend=f"name an object of one of these kinds under replicas; there is no {name!r}",
        )


# ---------------------------------------------------------------------- images


def set_images(resources: Iterable[Resource], images: Sequence[Mapping[str, str]], specs: Specs) -> None:
    """All entries of ``images``, one after the other. The fields are looked for once: setting an image moves none."""
    selected = Selected(specs)
    for resource in resources:
        if resource.kind == "CustomResourceDefinition":
            continue
        found: list[Node] = []
        for field in _containers(resource.node):
            _collect(field, found)
        doing = Visit(found.append)
        for spec in selected.of(resource.node):
            visit_selected(resource.node, spec, doing)
        for image in images:
            for node in found:
                _set_image(node, image)


def _containers(node: Node) -> Iterator[Node]:
    """Every field ``containers`` or ``initContainers``, wherever it is."""
    if node.kind == MAPPING:
        for key, value in node.fields.items():
            if value.kind == MAPPING or value.kind == SEQUENCE:
                yield from _containers(value)
                if key in ("containers", "initContainers"):
                    yield value
    else:
        for item in node.items:
            if item.kind != SCALAR:
                yield from _containers(item)


def _collect(field: Node, found: list[Node]) -> None:
    if field.kind == SEQUENCE:
        for item in field.items:
            require(item, MAPPING)
            image = item.get("image")
            if image is not None:
                found.append(image)


def _set_image(node: Node, image: Mapping[str, str]) -> None:
    require(node, SCALAR)
    text = node.text
    matcher = _image_pattern(image.get("name", ""))
    if matcher is None or not matcher.match(text):
        return
    name, tag, digest = split_image(text)
    name = image.get("newName") or name
    new_tag, new_digest, suffix = image.get("newTag"), image.get("digest"), image.get("tagSuffix")
    if new_tag or new_digest:
        tag, digest = new_tag or "", new_digest or ""
    elif suffix:
        tag, digest = tag + suffix, ""
    set_value(node, Node(SCALAR, name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")))


@lru_cache(maxsize=1024)
def _image_pattern(name: str) -> re.Pattern[str] | None:
    try:
        return re.compile(rf"^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?\Z")
    except re.error:
        return None


def split_image(text: str) -> tuple[str, str, str]:
    """Name, tag and digest; a port behind the host is no tag."""
    slash = max(text.find("/"), 0)
    at, colon = text.find("@", slash), text.find(":", slash)
    if at < 0 and colon < 0:
        return text, "", ""
    if at >= 0 and (at < colon or colon < 0):
        return text[:at], "", text[at + 1 :]
    if at >= 0:
        return text[:colon], text[colon + 1 : at], text[at + 1 :]
    return text[:colon], text[colon + 1 :], ""
