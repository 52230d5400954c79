"""``generators``, ``transformers`` and ``validators``: kustomize's own plugins, each configured by an object of its own.

Plugins that are programs are refused, as ``kubectl`` refuses them.
Source: kustomize ``api/internal/plugins/loader/loader.go``, ``api/internal/builtins``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gitops_sim.manifests.kustomize import transformers
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import Specs, specs_from
from gitops_sim.manifests.kustomize.generators import add_hashes, generate
from gitops_sim.manifests.kustomize.inflation import inflate
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.nodes import from_data, to_data
from gitops_sim.manifests.kustomize.origins import Origin
from gitops_sim.manifests.kustomize.patches import JsonPatch, Patch, load_merges, merges_of
from gitops_sim.manifests.kustomize.replacements import load_replacements
from gitops_sim.manifests.kustomize.resmap import ResMap
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.session import Session
from gitops_sim.manifests.kustomize.steps import Run, merge_each, on_all, replace_each

Config = Mapping[str, Any]


def plugin_name(resource: Resource) -> str:
    """Which of kustomize's plugins an object configures. Raises KustomizeError for a plugin that is a program."""
    if resource.api_version == "builtin":
        return resource.kind
    raise KustomizeError(
        f"external plugins disabled; unable to load external plugin '{resource.kind}'", mend="use apiVersion: builtin, or fields"
    )


def generator(resource: Resource, loader: Loader) -> list[Resource]:
    """What a generator makes."""
    name, config = plugin_name(resource), to_data(resource.node)
    if name in ("ConfigMapGenerator", "SecretGenerator"):
        meta = config.get("metadata") or {}
        entry = {"name": meta.get("name"), "namespace": meta.get("namespace"), **config}
        return [generate(name.removesuffix("Generator"), entry, None, loader)]
    if name == "IAMPolicyGenerator":
        return [_account(config)]
    if name == "HelmChartInflationGenerator":
        return inflate(config, loader)
    raise _unknown(resource)


def _account(config: Config) -> Resource:
    service, account = config.get("kubernetesService") or {}, config.get("serviceAccount") or {}
    email = f"{account.get('name', '')}@{account.get('projectId', '')}.iam.gserviceaccount.com"
    meta = {"annotations": {"iam.gke.io/gcp-service-account": email}, "name": service.get("name", "")}
    if service.get("namespace"):
        meta["namespace"] = service["namespace"]
    return Resource(from_data({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}))


def _unknown(resource: Resource) -> KustomizeError:
    return KustomizeError(f"unable to load builtin {resource.gvk}", mend="look up the names of kustomize's own plugins")


def transformer(resource: Resource, loader: Loader, session: Session) -> Run:
    """What a transformer does to all objects."""
    name, config = plugin_name(resource), to_data(resource.node)
    make = _TRANSFORMERS.get(name)
    if make is None:
        raise _unknown(resource)
    try:
        return make(config, loader, session)
    except KustomizeError as error:
        raise error.within(f"plugin {resource.original} fails configuration") from None


def _specs(config: Config) -> Specs:
    return specs_from(config.get("fieldSpecs") or ())


def _prefix(config: Config, _: Loader, __: Session) -> Run:
    return partial(on_all, transformers.add_prefix, str(config.get("prefix") or ""), _named(config))


def _suffix(config: Config, _: Loader, __: Session) -> Run:
    return partial(on_all, transformers.add_suffix, str(config.get("suffix") or ""), _named(config))


def _named(config: Config) -> Specs:
    if config.get("fieldSpecs") is None:
        raise KustomizeError("fieldSpecs is not expected to be nil", mend="add fieldSpecs: [{path: metadata/name}]")
    return _specs(config)


def _prefix_suffix(config: Config, loader: Loader, session: Session) -> Run:
    def run(objects: ResMap) -> None:
        _prefix(config, loader, session)(objects)
        _suffix(config, loader, session)(objects)

    _named(config)
    return run


def _namespace(config: Config, _: Loader, __: Session) -> Run:
    namespace = str((config.get("metadata") or {}).get("namespace") or "")
    mode = str(config.get("setRoleBindingSubjects") or "defaultOnly")
    if mode not in ("allServiceAccounts", "defaultOnly", "none"):
        choices = 'must be one of "defaultOnly", "none" or "allServiceAccounts"'
        raise KustomizeError(f'invalid value "{mode}" for setRoleBindingSubjects: {choices}')
    if not namespace:
        return lambda objects: None
    run = partial(transformers.set_namespace, subjects=mode, unset_only=bool(config.get("unsetOnly")))
    return partial(on_all, run, namespace, _specs(config))


def _texts(field: str, config: Config, _: Loader, __: Session) -> Run:
    values = {str(key): str(value) for key, value in (config.get(field) or {}).items()}
    return partial(on_all, transformers.set_texts, values, _specs(config))


def _replicas(config: Config, _: Loader, __: Session) -> Run:
    replica = config.get("replica") or {}
    arguments = (str(replica.get("name") or ""), int(replica.get("count") or 0), _specs(config))
    return partial(on_all, transformers.set_replicas, *arguments)


def _images(config: Config, _: Loader, __: Session) -> Run:
    image = {key: str(value) for key, value in (config.get("imageTag") or {}).items()}
    return partial(on_all, transformers.set_images, [image], _specs(config))


def _patch(config: Config, loader: Loader, session: Session) -> Run:
    patch = Patch(loader, config)
    return lambda objects: patch.apply(objects, session.rules)


def _json_patch(config: Config, loader: Loader, _: Session) -> Run:
    return JsonPatch(loader, {**config, "patch": config.get("jsonOp")}).apply


def _merges(config: Config, loader: Loader, session: Session) -> Run:
    paths, text = config.get("paths") or [], config.get("patches") or ""
    if not paths and not text:
        raise KustomizeError("empty file path and empty patch content", mend="add paths or patches")
    patches = [*(load_merges(loader, paths) if paths else ()), *(merges_of(text) if text else ())]
    return partial(merge_each, patches, session)


def _replacements(config: Config, loader: Loader, _: Session) -> Run:
    return partial(replace_each, load_replacements(loader, config.get("replacements") or ()))


def _hash(_: Config, __: Loader, ___: Session) -> Run:
    return partial(on_all, add_hashes)


_TRANSFORMERS: Mapping[str, Callable[[Config, Loader, Session], Run]] = {
    "AnnotationsTransformer": partial(_texts, "annotations"),
    "HashTransformer": _hash,
    "ImageTagTransformer": _images,
    "LabelTransformer": partial(_texts, "labels"),
    "NamespaceTransformer": _namespace,
    "PatchJson6902Transformer": _json_patch,
    "PatchStrategicMergeTransformer": _merges,
    "PatchTransformer": _patch,
    "PrefixSuffixTransformer": _prefix_suffix,
    "PrefixTransformer": _prefix,
    "ReplacementTransformer": _replacements,
    "ReplicaCountTransformer": _replicas,
    "SuffixTransformer": _suffix,
}


def origin_of(resource: Resource) -> Origin | None:
    """Who a plugin is, for ``buildMetadata``."""
    said = Origin.read(resource.annotations)
    if said is None:
        return None
    return Origin("", said.path, resource.kind, resource.api_version, resource.name, resource.namespace)


def validate(objects: ResMap, run: Run) -> None:
    """Runs a validator. Raises KustomizeError when it changes anything."""
    before = [(resource.id, to_data(resource.node)) for resource in objects.all]
    run(objects)
    after = {resource.id: to_data(resource.node) for resource in objects.all}
    for identity, data in before:
        if identity not in after:
            what = f"id in self missing from other; id: {identity}"
        elif after[identity] != data:
            what = f"nodes unequal: \n -- {identity}"
        else:
            continue
        raise KustomizeError(f"validator shouldn't modify the resource map: {what}", mend="list it under transformers")
