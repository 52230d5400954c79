"""A build: from a folder of a tree of files to the objects that it stands for.

Source: kustomize ``api/krusty/kustomizer.go``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gitops_sim.manifests.directory import Files
from gitops_sim.manifests.kustomize import transformers
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import FieldSpec
from gitops_sim.manifests.kustomize.generators import add_hashes
from gitops_sim.manifests.kustomize.go_syntax import go_syntax, in_key_order
from gitops_sim.manifests.kustomize.loading import Loader, Remotes, root_loader
from gitops_sim.manifests.kustomize.nodes import Node, to_data
from gitops_sim.manifests.kustomize.origins import Origin
from gitops_sim.manifests.kustomize.output import documents
from gitops_sim.manifests.kustomize.places import Place
from gitops_sim.manifests.kustomize.references import fix_references
from gitops_sim.manifests.kustomize.resource import ORIGIN, TRANSFORMATIONS, Resource
from gitops_sim.manifests.kustomize.session import Change, Session
from gitops_sim.manifests.kustomize.sorting import in_order
from gitops_sim.manifests.kustomize.target import Target
from gitops_sim.manifests.kustomize.variables import resolve_variables

VERSION = "v5.8.1"
_LOCAL = "config.kubernetes.io/local-config"
_MOST_KEPT = 256


@dataclass(frozen=True)
class Build:
    """What came of it. ``objects`` are plain data in the order of the output; ``origins`` say, for each of them and only when
    asked for, which step gave a field which value."""

    objects: Sequence[Mapping[str, Any]]
    warnings: Sequence[str] = ()
    origins: Sequence[Sequence[Change]] = field(default=())

    @cached_property
    def text(self) -> str:
        """What ``kubectl kustomize`` prints."""
        return documents(list(self.objects))


_KEPT: OrderedDict[tuple[str, str, str], Build] = OrderedDict()
"""Builds of trees whose content has an id."""


def build(
    files: Files,
    path: str = "",
    *,
    remotes: Remotes | None = None,
    shown: str = "",
    explain: bool = False,
    wishes: Mapping[str, Any] | None = None,
    anywhere: bool = False,
) -> Build:
    """Renders the kustomization at ``path`` of a tree. Other folders of the tree are read where it names them.

    ``shown`` is how the top of the tree is called in messages, ``/home/ana/shop``. ``wishes`` is the section ``kustomize`` of an
    Argo CD source, laid over the kustomization. ``anywhere`` lets a kustomization read files of other folders, as Flux does:
    ``--load-restrictor LoadRestrictionsNone``. A tree that has an id (``sha``) is built once per path; what comes of remotes is
    not kept. Raises KustomizeError with the text of the real tool.
    """
    tree = getattr(files, "sha", "") if remotes is None and not explain and not wishes and not anywhere else ""
    key = (str(tree), path, shown)
    if tree and key in _KEPT:
        _KEPT.move_to_end(key)
        return _KEPT[key]
    made = _build(Place(files, shown, anywhere), path, remotes, explain, wishes)
    if tree:
        _KEPT[key] = made
        if len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return made


def _build(place: Place, path: str, remotes: Remotes | None, explain: bool, wishes: Mapping[str, Any] | None) -> Build:
    session = Session(record=explain)
    try:
        return _built(session, root_loader(place, path, remotes), wishes)
    except KustomizeError as error:
        error.warnings = tuple(session.warnings)
        raise


def _built(session: Session, loader: Loader, wishes: Mapping[str, Any] | None) -> Build:
    target = Target(loader, session, wishes=wishes)
    session.set_schema(*target.schema(), reset=True)
    metadata = target.settings.get("buildMetadata") or []
    target.origin = Origin() if metadata else None
    found = target.accumulate()
    resources = found.objects.all
    add_hashes(resources)
    session.note("the hash of its content", resources)
    fix_references(resources, found.config.references)
    session.note("a reference that follows the name it means", resources)
    unused = resolve_variables(resources, found.variables, found.config.specs["varReference"])
    if unused:
        session.warnings.append("well-defined vars that were never replaced: " + ",".join(unused))
    session.note("vars", resources)
    resources = [resource for resource in resources if resource.annotations.get(_LOCAL, "false") == "false"]
    resources = in_order(resources, target.settings.get("sortOptions"))
    if "managedByLabel" in metadata:
        label = {"app.kubernetes.io/managed-by": f"kustomize-{VERSION}"}
        transformers.set_texts(resources, label, (FieldSpec("metadata/labels", create=True),))
    for resource in resources:
        _tidy(resource, metadata)
    return Build(
        [_data(resource.node) for resource in resources],
        tuple(session.warnings),
        tuple(session.changes_of(resource) for resource in resources) if session.records else (),
    )


def _data(node: Node) -> Any:
    try:
        return to_data(node)
    except KustomizeError:
        try:
            to_data(in_key_order(node))  # the first that Go meets, who sorts the keys of what it writes
        except KustomizeError as error:
            raise error.within(go_syntax(node)) from None
        raise


def _tidy(resource: Resource, metadata: Sequence[str]) -> None:
    resource.drop_build_notes()
    hidden = [] if "originAnnotations" in metadata else [ORIGIN]
    hidden += [] if "transformerAnnotations" in metadata else [TRANSFORMATIONS]
    if hidden:
        resource.set_annotations({key: value for key, value in resource.annotations.items() if key not in hidden})
