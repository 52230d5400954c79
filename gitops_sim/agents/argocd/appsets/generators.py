"""Generators: where the parameters come from.

Source: ``applicationset/generators/*.go``, whose messages these are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.agents.argocd.application import IN_CLUSTER, IN_CLUSTER_NAME
from gitops_sim.agents.argocd.appsets.git import directories, files
from gitops_sim.agents.argocd.appsets.params import GenerationError, Params, combined, flattened, merged, sanitized, slug
from gitops_sim.agents.argocd.appsets.rendering import Renderer
from gitops_sim.agents.argocd.clusters import Clusters
from gitops_sim.clock import parse_duration
from gitops_sim.cluster import selectors
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge
from gitops_sim.yaml_in import load_document

KINDS = ("list", "clusters", "git", "scmProvider", "clusterDecisionResource", "pullRequest", "matrix", "merge", "plugin")
_UNSUPPORTED = ("scmProvider", "clusterDecisionResource", "plugin")
_PROVIDERS = {
    "github": ("owner", "repo"),
    "gitea": ("owner", "repo"),
    "gitlab": ("", "project"),
    "bitbucketServer": ("project", "repo"),
}
"""Where each names whose repository it is, and which."""
_GIT_AGAIN, _PULL_REQUESTS_AGAIN = 180.0, 1800.0
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
    found = []
    for kind in KINDS:
        if raw.get(kind) is None:
            continue
        part = bench.renderer.generator(raw[kind], given) if given else raw[kind]
        if kind in _UNSUPPORTED:
            raise GenerationError(f"the generator {kind} is not supported by this simulator yet")
        params = _MAKERS[kind](part if isinstance(part, Mapping) else {}, bench)
        if selector is not None:
            params = [one for one in params if selectors.matches(selector, flattened(one))]
        template = part.get("template") if isinstance(part, Mapping) else None
        found.append(Generated(params, template if isinstance(template, Mapping) else {}))
    return found


def again_after(raw: Mapping[str, Any]) -> float:
    """Seconds until an entry of ``spec.generators`` wants to be asked again by itself; 0 when it never does."""
    found = []
    for kind, standard in (("git", _GIT_AGAIN), ("pullRequest", _PULL_REQUESTS_AGAIN)):
        part = raw.get(kind)
        if isinstance(part, Mapping):
            stated = part.get("requeueAfterSeconds")
            found.append(parse_duration(stated) if isinstance(stated, int) and stated > 0 else standard)
    for kind in ("matrix", "merge"):
        inner = raw.get(kind)
        if isinstance(inner, Mapping):
            found += [again_after(child) for child in _children(inner)]
    return min(filter(None, found), default=0.0)


def _children(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = raw.get("generators")
    return [child for child in found if isinstance(child, Mapping)] if isinstance(found, list) else []


def mentions(value: Any, kind: str) -> bool:
    if isinstance(value, list):
        return any(mentions(item, kind) for item in value)
    if not isinstance(value, dict):
        return False
    return kind in value or any(mentions(value[part].get("generators"), kind) for part in ("matrix", "merge") if value.get(part))


def repositories(value: Any) -> list[str]:
    found: list[str] = []
    for raw in value if isinstance(value, list) else ():
        if isinstance(raw.get("git"), dict):
            found.append(str(raw["git"].get("repoURL") or ""))
        for part in ("matrix", "merge"):
            if isinstance(raw.get(part), dict):
                found += repositories(raw[part].get("generators"))
    return found


# ---------------------------------------------------------------------- the generators


def _list(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    found: list[Params] = []
    for element in raw.get("elements") or []:
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
        try:
            found += [dict(element) for element in load_document(raw["elementsYaml"], where="elementsYaml") or ()]
        except (BadInput, TypeError, ValueError) as error:
            raise GenerationError(f"error unmarshling decoded ElementsYaml {str(error).partition(chr(10))[0]}") from None
    return found


def _plain(value: Any) -> str:
    if not isinstance(value, str):
        raise GenerationError("error parsing value as string %!w(<nil>)")  # so the real one prints it
    return value


def _clusters(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    selector = raw.get("selector") or {}
    chosen = bool(selector.get("matchLabels") or selector.get("matchExpressions"))
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


def _pull_requests(raw: Mapping[str, Any], bench: Workbench) -> list[Params]:
    provider = next((name for name in _PROVIDERS if isinstance(raw.get(name), Mapping)), "")
    if not provider:
        raise GenerationError(
            "failed to select pull request service provider: no Pull Request provider implementation configured"
        )
    owner, name = (str(raw[provider].get(part) or "") if part else "" for part in _PROVIDERS[provider])
    repo = next((r.name for r in bench.forge.repositories if r.name in (name, f"{owner}/{name}")), "")
    if not repo:
        if raw.get("continueOnRepoNotFoundError") is True:
            return []
        shown = f"{owner}/{name}".strip("/")
        raise GenerationError(f"error listing repos: error listing pull requests for {shown}: 404 Not Found")
    if raw[provider].get("labels"):
        return []  # pull requests of the forge have no labels
    filters = [one for one in raw.get("filters") or [] if isinstance(one, Mapping)]
    found = []
    for pull in bench.forge.pull_requests.of(repo):
        texts = {"branchMatch": pull.head, "targetBranchMatch": pull.base, "titleMatch": pull.title}
        if pull.state != "open" or (filters and not any(_fits(one, texts) for one in filters)):
            continue
        params: Params = {
            "number": str(pull.number),
            "title": pull.title,
            "branch": pull.head,
            "branch_slug": slug(pull.head),
            "target_branch": pull.base,
            "target_branch_slug": slug(pull.base),
            "head_sha": pull.commit,
            "head_short_sha": pull.commit[:8],
            "head_short_sha_7": pull.commit[:7],
            "author": pull.author,
        }
        if bench.renderer.go:
            params["labels"] = []
        found.append(_with_values(raw, params, bench, "failed to append templated values"))
    return found


def _fits(one: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    for name, text in texts.items():
        try:
            if one.get(name) is not None and not re.search(str(one[name]), text):
                return False
        except re.error as error:
            shown = f"{name[0].upper()}{name[1:]}"
            raise GenerationError(f'error listing repos: error compiling {shown} regexp "{one[name]}": {error}') from None
    return True


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
    "pullRequest": _pull_requests,
    "matrix": _matrix,
    "merge": _merge,
}
