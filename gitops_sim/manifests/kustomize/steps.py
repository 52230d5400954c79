"""The transformers of one kustomization, in kustomize's fixed order, whatever the order of the file is.

Source: kustomize ``api/internal/target/kusttarget_configplugin.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from gitops_sim.manifests.kustomize import transformers
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import FieldSpec, Specs, merge_specs
from gitops_sim.manifests.kustomize.identity import Gvk
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.patches import JsonPatch, Patch, load_merges, merge_all
from gitops_sim.manifests.kustomize.replacements import load_replacements, replace
from gitops_sim.manifests.kustomize.resmap import ResMap
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.session import Session
from gitops_sim.yaml_sorted import to_yaml

_T = TypeVar("_T")
Run = Callable[[ResMap], None]


class Step(NamedTuple):
    """One transformer: the field of the file, the name of kustomize's plugin, and what it does to all objects."""

    field: str
    plugin: str
    run: Run


def steps(settings: Mapping[str, Any], loader: Loader, session: Session, specs: Mapping[str, Specs]) -> Iterator[Step]:
    """Every transformer that the file asks for. Patches and replacements are read, and refused, when it is asked for."""
    yield from _early_patches(settings, loader, session)
    namespace = settings.get("namespace")
    if namespace:
        yield Step(
            "namespace", "NamespaceTransformer", partial(on_all, transformers.set_namespace, namespace, specs["namespace"])
        )
    for field, plugin, run in (
        ("namePrefix", "PrefixTransformer", transformers.add_prefix),
        ("nameSuffix", "SuffixTransformer", transformers.add_suffix),
    ):
        if settings.get(field):
            yield Step(field, plugin, partial(on_all, run, settings[field], specs[field]))
    yield from _texts(settings, specs)
    for entry in settings.get("patchesJson6902") or ():
        config = {"target": entry.get("target"), "path": entry.get("path"), "jsonOp": entry.get("patch")}
        patch = _configured("PatchJson6902Transformer", config, partial(JsonPatch, loader, entry))
        yield Step(f"patchesJson6902 ({patch.shown})", "PatchJson6902Transformer", patch.apply)
    for entry in settings.get("replicas") or ():
        arguments = (entry.get("name", ""), entry.get("count", 0), specs["replicas"])
        yield Step("replicas", "ReplicaCountTransformer", partial(on_all, transformers.set_replicas, *arguments))
    images = settings.get("images")
    if images:
        yield Step("images", "ImageTagTransformer", partial(on_all, transformers.set_images, images, specs["images"]))
    entries = settings.get("replacements")
    if entries:
        config = {"Replacements": entries}
        every = _configured("ReplacementTransformer", config, partial(load_replacements, loader, entries))
        yield Step("replacements", "ReplacementTransformer", partial(replace_each, every))


def _early_patches(settings: Mapping[str, Any], loader: Loader, session: Session) -> Iterator[Step]:
    texts = settings.get("patchesStrategicMerge")
    if texts:
        plugin = "PatchStrategicMergeTransformer"
        patches = _configured(plugin, {"paths": texts}, partial(load_merges, loader, texts))
        yield Step("patchesStrategicMerge", plugin, partial(merge_each, patches, session))
    for entry in settings.get("patches") or ():
        patch = _configured("PatchTransformer", entry, partial(Patch, loader, entry))
        yield Step(f"patches ({patch.shown})", "PatchTransformer", partial(_apply, patch, session))


def _texts(settings: Mapping[str, Any], specs: Mapping[str, Specs]) -> Iterator[Step]:
    for label in settings.get("labels") or ():
        arguments = (label.get("pairs") or {}, _label_specs(label, specs))
        yield Step("labels", "LabelTransformer", partial(on_all, transformers.set_texts, *arguments))
    common = settings.get("commonLabels") or {}
    if common or settings.get("labels"):
        run = partial(on_all, transformers.set_texts, common, specs["commonLabels"])
        yield Step("commonLabels", "LabelTransformer", run)
    annotations = settings.get("commonAnnotations")
    if annotations:
        run = partial(on_all, transformers.set_texts, annotations, specs["commonAnnotations"])
        yield Step("commonAnnotations", "AnnotationsTransformer", run)


def on_all(run: Callable[..., None], *arguments: Any) -> None:
    *arguments_of_run, objects = arguments
    run(objects.all, *arguments_of_run)


def _apply(patch: Patch, session: Session, objects: ResMap) -> None:
    patch.apply(objects, session.rules)


def merge_each(patches: Sequence[Resource], session: Session, objects: ResMap) -> None:
    for patch in patches:
        for target in objects.targets(patch.original):
            merge_all(objects, {target.id}, patch, session.rules)


def replace_each(entries: Sequence[Mapping[str, Any]], objects: ResMap) -> None:
    for entry in entries:
        replace(objects.all, entry)


def _label_specs(label: Mapping[str, Any], specs: Mapping[str, Specs]) -> Specs:
    own = tuple(
        FieldSpec(
            field.get("path", ""),
            Gvk(field.get("group", ""), field.get("version", ""), field.get("kind", "")),
            field.get("create", False),
        )
        for field in label.get("fields") or ()
    )
    try:
        fields = merge_specs(own, specs["labels"])
        if label.get("includeSelectors"):
            return merge_specs(fields, specs["commonLabels"])
        if label.get("includeTemplates"):
            fields = merge_specs(fields, specs["templateLabels"])
        return merge_specs(fields, [FieldSpec("metadata/labels", create=True)])
    except KustomizeError as error:
        raise error.within("failed to merge labels") from None


def _configured(plugin: str, config: Mapping[str, Any], make: Callable[[], _T]) -> _T:
    """Reads what a transformer needs; what is wrong with it is told with its configuration."""
    try:
        return make()
    except KustomizeError as error:
        text = to_yaml({key: value for key, value in config.items() if value})
        raise error.within(f"trouble configuring builtin {plugin} with config: `\n{text}`") from None
