"""From an ApplicationSet to the Applications that it wants.

Source: ``applicationset/controllers/template/{template,patch}.go`` and ``applicationset/utils/utils.go`` (RenderTemplateParams).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.agents.argocd.appsets.checking import known_fields, spec_problem
from gitops_sim.agents.argocd.appsets.generators import Workbench, generate
from gitops_sim.agents.argocd.appsets.params import GenerationError, Params, merged
from gitops_sim.agents.argocd.finalizers import FINALIZER
from gitops_sim.errors import BadInput
from gitops_sim.objects import Object, get_path
from gitops_sim.yaml_in import load_document

Failure = tuple[str, str]
"""A reason and a message."""


def wanted(appset: Object, bench: Workbench) -> tuple[list[dict[str, Any]], Failure | None]:
    """The Applications, in the order of the generators, and the first thing that went wrong: the others are still made, but
    nobody acts on them then."""
    spec = appset["spec"]
    found: list[dict[str, Any]] = []
    failure: Failure | None = None
    for raw in spec.get("generators") or ():
        try:
            made = generate(raw, bench)
        except GenerationError as error:
            failure = failure or ("ApplicationGenerationFromParamsError", str(error))
            continue
        for part in made:
            template = merged(spec.get("template") or {}, part.template)
            for params in part.params:
                try:
                    found.append(_application(appset, template, params, bench))
                except GenerationError as error:
                    failure = failure or ("RenderTemplateParamsError", str(error))
    return found, failure


def _application(appset: Object, template: Mapping[str, Any], params: Params, bench: Workbench) -> dict[str, Any]:
    meta = {key: value for key, value in (template.get("metadata") or {}).items() if value}
    plain: Any = {"metadata": meta, "spec": template.get("spec") or {}}
    if params:
        plain = bench.renderer.deep(plain, params)
        keeps = get_path(appset, ("spec", "syncPolicy", "preserveResourcesOnDeletion")) is True
        if not keeps and not plain["metadata"].get("finalizers"):
            plain["metadata"]["finalizers"] = [FINALIZER]
    patch = appset["spec"].get("templatePatch")
    if isinstance(patch, str):
        plain = _patched(plain, patch, params, bench)
    named = {"name": "", **plain["metadata"], "namespace": appset["metadata"]["namespace"]}
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": named, "spec": plain["spec"]}


def _patched(plain: Any, patch: str, params: Params, bench: Workbench) -> Any:
    """The patch may change everything but the project."""
    try:
        text = bench.renderer.text(patch, params)
    except GenerationError as error:
        raise GenerationError(f"error replacing values in templatePatch: {error}") from None
    try:
        change = load_document(text, where="templatePatch")
    except BadInput as error:
        raise GenerationError(f'error while converting template to json "{text}": {error.what}') from None
    if change is None:
        return plain
    if not isinstance(change, Mapping):
        raise GenerationError(
            f'invalid templatePatch "{text}": json: cannot unmarshal into Go value of type v1alpha1.Application'
        )
    found = _merge_patched(plain, change)
    finalizers = get_path(change, ("metadata", "finalizers"))
    if finalizers:
        own = get_path(plain, ("metadata", "finalizers")) or []
        found["metadata"]["finalizers"] = list(dict.fromkeys([*finalizers, *own]))
    problem = spec_problem(found["spec"])
    if problem:
        raise GenerationError(f'invalid templatePatch "{text}": {problem}')
    found["spec"] = known_fields(found["spec"])
    project = get_path(plain, ("spec", "project"))
    return found if project is None else {**found, "spec": {**found["spec"], "project": project}}


def _merge_patched(value: Any, change: Any) -> Any:
    """Map by map; null takes away. Lists of an Application are replaced as a whole."""
    if not isinstance(change, Mapping):
        return change
    found = dict(value) if isinstance(value, Mapping) else {}
    for key, inner in change.items():
        if inner is None:
            found.pop(key, None)
        else:
            found[key] = _merge_patched(found.get(key), inner)
    return found
