"""Generators: where the parameters come from.

Source: ``applicationset/generators/*.go``, whose messages these are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import IN_CLUSTER, IN_CLUSTER_NAME
from gitops_sim.agents.argocd.appsets.checking import nested_problem, selector_problem
from gitops_sim.agents.argocd.appsets.git import directories, files
from gitops_sim.agents.argocd.appsets.params import GenerationError, Params, combined, flattened, json_word, merged, sanitized
from gitops_sim.agents.argocd.appsets.pulls import pull_requests
from gitops_sim.agents.argocd.appsets.rendering import Renderer
from gitops_sim.agents.argocd.clusters import Clusters
from gitops_sim.clock import parse_duration
from gitops_sim.cluster import selectors
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.yaml_in import load_document

KINDS = ("list", "clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix", "merge", "plugin")
_UNAVAILABLE = {
    "scmProvider": "there is no Git host that lists repositories",
    "clusterDecisionResource": "there is no controller that decides about clusters",
    "plugin": "there is no service that answers with parameters",
}
_AGAIN = {"git": 180.0, "pullRequest": 1800.0}
"""Seconds after which they are asked again."""
_EMPTY = "ApplicationSet is empty"
_NOT_UNIQUE = "the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique"


@dataclass(frozen=True, slots=True)
class Workbench:
    """What generators work with. ``project_problem`` says what is wrong with the template's project, for those that read Git."""

    renderer: Renderer
    forge: Forge
    clusters: Clusters
    project_problem: str = ""


@dataclass(frozen=True, slots=True)
class Generated:
    """The parameters of one generator, and the template that it brings along."""

    params: list[Params]
    template: Mapping[str, Any]


def generate(raw: Mapping[str, Any], bench: Workbench, given: Params | None = None) -> list[Generated]:
    """What one entry of ``spec.generators`` makes; ``given`` are the parameters of the generator before it in a matrix. Raises
    GenerationError."""
    selector = raw.get("selector")
    problem = selector_problem(selector or {})
    if problem:
        raise GenerationError(f"error parsing label selector: {problem}")
    found = []
    for kind in KINDS:
        if raw.get(kind) is None:
            continue
        part = bench.renderer.generator(raw[kind], given) if given else raw[kind]
        if kind in _UNAVAILABLE:
            raise GenerationError(f"the generator {kind} is not available in this simulator: {_UNAVAILABLE[kind]}")
        params = _MAKERS[kind](part if isinstance(part, Mapping) else {}, bench)
        if selector is not None:
            params = [one for one in params if selectors.matches(selector, flattened(one))]
        template = part.get("template") if isinstance(part, Mapping) else None
        found.append(Generated(params, template if isinstance(template, Mapping) else {}))
    return found


def parts(generators: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every generator, however deep it is: its kind, and what it says."""
    for raw in generators if isinstance(generators, list) else ():
        for kind in KINDS if isinstance(raw, Mapping) else ():
            part = raw.get(kind)
            if isinstance(part, Mapping):
                yield kind, part
                if kind in ("matrix", "merge"):
                    yield from parts(part.get("generators"))


def again_after(generators: Any) -> float:
    """Seconds until the first of the generators wants to be asked again by itself; 0 when none ever does."""
    found = []
    for kind, part in parts(generators):
        stated, standard = part.get("requeueAfterSeconds"), _AGAIN.get(kind, 0.0)
        found.append(parse_duration(stated) if standard and isinstance(stated, int) and stated > 0 else standard)
    return min(filter(None, found), default=0.0)


def mentions(generators: Any, kind: str) -> bool:
    return any(kind == found for found, _ in parts(generators))


def repositories(generators: Any) -> list[str]:
    return [str(part.get("repoURL") or "") for kind, part in parts(generators) if kind == "git"]


# ---------------------------------------------------------------------- the generators


def _list(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    found: list[Params] = []
    for element in raw.get("elements") or []:
        if element is None:
            element = {}
        if not isinstance(element, Mapping):
            why = f"json: cannot unmarshal {json_word(element)} into Go value of type map[string]interface {{}}"
            raise GenerationError(f"error unmarshling list element {why}")
        if bench.renderer.go:
            found.append(dict(element))
            continue
        params: Params = {}
        for key, value in element.items():
            if key != "values":
                params[key] = _plain(value)
            elif isinstance(value, Mapping):
                params |= {f"values.{name}": _plain(inner) for name, inner in value.items()}
            else:
                raise GenerationError("error parsing values map")
        found.append(params)
    if raw.get("elementsYaml"):
        found += _from_yaml(str(raw["elementsYaml"]))
    return found


def _from_yaml(text: str) -> list[Params]:
    begin, decoding = (
        "error unmarshling decoded ElementsYaml",
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal",
    )
    try:
        elements = load_document(text, where="elementsYaml") or []
    except BadInput as error:
        raise GenerationError(f"{begin} {str(error).partition(chr(10))[0]}") from None
    if not isinstance(elements, list):
        raise GenerationError(f"{begin} {decoding} {json_word(elements)} into Go value of type []map[string]interface {{}}")
    for element in elements:
        if not isinstance(element, Mapping | None):
            raise GenerationError(f"{begin} {decoding} {json_word(element)} into Go value of type map[string]interface {{}}")
    return [dict(element or {}) for element in elements]


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        raise GenerationError("error parsing value as string %!w(<nil>)")  # so the real one prints it
    return value


def _clusters(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    selector = raw.get("selector") or {}
    chosen = bool(selector.get("matchLabels") or selector.get("matchExpressions"))
    problem = selector_problem(selector).replace("pod selector", "label selector")
    if problem:
        raise GenerationError(f"error getting cluster secrets: error converting label selector: {problem}")
    found: list[Params] = []
    for known in bench.clusters.all():
        if chosen and not (known.secret and selectors.matches(selector, known.labels)):
            continue  # Argo CD's own cluster has no Secret, and so no labels
        params: Params = {"name": known.name, "server": known.server, "project": known.project}
        params["nameNormalized"] = IN_CLUSTER_NAME if known.server == IN_CLUSTER else sanitized(known.name)
        parts = {"annotations": dict(known.annotations), "labels": dict(known.labels)}
        if not bench.renderer.go:
            params |= {f"metadata.{part}.{key}": value for part, values in parts.items() for key, value in values.items()}
        elif known.secret:
            params["metadata"] = {part: values for part, values in parts.items() if values}
        found.append(_with_values(raw, params, bench, "error appending templated values for cluster"))
    return [{"clusters": found}] if raw.get("flatList") is True else found


def _git(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    if bench.project_problem:
        raise GenerationError(bench.project_problem)
    read = directories if raw.get("directories") else files if raw.get("files") else None
    if read is None:
        raise GenerationError(_EMPTY)
    try:
        return [
            _with_values(raw, params, bench, "failed to append templated values")
            for params in read(raw, bench.forge, go=bench.renderer.go)
        ]
    except GenerationError as error:
        raise GenerationError(f"error generating params from git: {error}") from None


def _pulls(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    found = pull_requests(raw, bench.forge, go=bench.renderer.go)
    return [_with_values(raw, params, bench, "failed to append templated values") for params in found]


def _children(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = raw.get("generators")
    return [child for child in found if isinstance(child, Mapping)] if isinstance(found, list) else []


def _matrix(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    children = _children(raw)
    if len(children) != 2:
        words = "less" if len(children) < 2 else "more"
        raise GenerationError(f"found {words} than two generators, Matrix support only two")
    found: list[Params] = []
    try:
        firsts = _child(children[0], bench)
    except GenerationError as error:
        raise GenerationError(f"error failed to get params for first generator in matrix generator: {error}") from None
    for first in firsts:
        try:
            seconds = _child(children[1], bench, first)
        except GenerationError as error:
            raise GenerationError(f"failed to get params for second generator in the matrix generator: {error}") from None
        found += [merged(second, first) if bench.renderer.go else combined(first, second) for second in seconds]
    return found


def _merge(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    children = _children(raw)
    if len(children) < 2:
        raise GenerationError("found less than two generators, Merge requires two or more")
    sets = []
    for number, child in enumerate(children, 1):
        try:
            sets.append(_child(child, bench))
        except GenerationError as error:
            which = f"error getting params from generator {number} of {len(children)}"
            raise GenerationError(f"error getting param sets from generators: {which}: {error}") from None
    keys = [str(key) for key in raw.get("mergeKeys") or ()]
    base = _by_key(keys, sets[0])
    for over in sets[1:]:
        for key, params in _by_key(keys, over).items():
            if key in base:
                base[key] = merged(base[key], params) if bench.renderer.go else {**base[key], **params}
    return list(base.values())


def _by_key(keys: list[str], sets: list[Params]) -> dict[str, Params]:
    begin = "error getting param sets by merge key: "
    if not keys:
        raise GenerationError(f"{begin}no merge keys were specified, Merge requires at least one")
    found: dict[str, Params] = {}
    for params in sets:
        key = json.dumps({name: params.get(name) for name in sorted(set(keys))}, separators=(",", ":"), ensure_ascii=False)
        if key in found:
            raise GenerationError(f"{begin}{_NOT_UNIQUE}. Duplicate key was {key}")
        found[key] = params
    return found


def _child(raw: Mapping[str, Any], bench: Workbench, given: Params | None = None) -> list[Params]:
    for kind in ("matrix", "merge"):
        problem = nested_problem(kind, raw[kind]) if raw.get(kind) is not None else ""
        if problem:
            raise GenerationError(problem)
    try:
        made = generate(raw, bench, given)
    except GenerationError as error:
        raise GenerationError(f"child generator returned an error on parameter generation: {error}") from None
    if not made:
        raise GenerationError("child generator generated no parameters")
    if len(made) > 1:
        raise GenerationError("found more than one generator in matrix.Generators")
    return made[0].params


def _with_values(raw: Mapping[str, Any], params: Params, bench: Workbench, failing: str) -> Params:
    try:
        return bench.renderer.values(raw.get("values"), params)
    except GenerationError as error:
        raise GenerationError(f"{failing}: {error}") from None


_MAKERS: dict[str, Callable[[Mapping[str, Any], Workbench], list[Params]]] = {
    "list": _list,
    "clusters": _clusters,
    "git": _git,
    "pullRequest": _pulls,
    "matrix": _matrix,
    "merge": _merge,
}
