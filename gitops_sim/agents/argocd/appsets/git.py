"""The Git generator: a set of parameters for every folder, or for every file with its contents.

Source: ``applicationset/generators/git.go``, ``reposerver/repository/repository.go`` (GetGitDirectories, GetGitFiles).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from gitops_sim.agents.argocd.appsets.params import GenerationError, Params, flattened, json_word, sanitized
from gitops_sim.agents.argocd.glob import matches, matches_path
from gitops_sim.errors import BadInput
from gitops_sim.forge import Forge, Tree
from gitops_sim.yaml_in import load_document


def directories(raw: Mapping[str, Any], forge: Forge, *, go: bool) -> list[Params]:
    """Those of the folders that fit; one that is excluded stays so. Hidden folders are none. Raises GenerationError."""
    try:
        tree = _tree(raw, forge)
    except GenerationError as error:
        raise GenerationError(f"error getting directories from repo: error retrieving Git Directories: {error}") from None
    wanted = [item for item in raw.get("directories") or [] if isinstance(item, Mapping)]
    found = []
    for folder in _folders(tree):
        fitting = [item for item in wanted if matches_path(str(item.get("path") or ""), folder)]
        if fitting and not any(item.get("exclude") is True for item in fitting):
            found.append(_about(folder, "", raw, go=go))
    return found


def files(raw: Mapping[str, Any], forge: Forge, *, go: bool) -> list[Params]:
    """The contents of the files that fit, an array as one set for each of its elements. Raises GenerationError."""
    try:
        tree = _tree(raw, forge)
    except GenerationError as error:
        raise GenerationError(f"error retrieving Git files: {error}") from None
    wanted = [item for item in raw.get("files") or [] if isinstance(item, Mapping)]
    include = [str(item.get("path") or "") for item in wanted if item.get("exclude") is not True]
    exclude = [str(item.get("path") or "") for item in wanted if item.get("exclude") is True]
    found: list[Params] = []
    for file in tree.files():
        if not _listed(file, include) or _listed(file, exclude):
            continue
        for content in _contents(tree, file, str(raw.get("repoURL") or "")):
            about = _about(posixpath.dirname(file) or ".", posixpath.basename(file), raw, go=go)
            found.append({**(content if go else flattened(content) if content else {}), **about})
    return found


def _tree(raw: Mapping[str, Any], forge: Forge) -> Tree:
    revision = str(raw.get("revision") or "HEAD")
    try:
        repository = forge.repository(str(raw.get("repoURL") or ""))
    except BadInput as error:
        raise GenerationError(f"rpc error: code = Internal desc = failed to list refs: {error.what}") from None
    try:
        return repository.tree(repository.resolve(revision), "")
    except BadInput:
        why = f"unable to resolve '{revision}' to a commit SHA"
        raise GenerationError(f"rpc error: code = Internal desc = unable to resolve git revision {revision}: {why}") from None


def _folders(tree: Tree) -> list[str]:
    found: dict[tuple[str, ...], None] = {}
    for file in tree.files():
        parts = file.split("/")[:-1]
        for size in range(1, len(parts) + 1):
            if any(part.startswith(".") for part in parts[:size]):
                break
            found[tuple(parts[:size])] = None
    return ["/".join(parts) for parts in sorted(found)]


def _listed(file: str, patterns: list[str]) -> bool:
    """As ``git ls-files`` takes them: a ``*`` fits slashes too, and a folder all that is in it."""
    return any(matches(pattern, file) or file.startswith(f"{pattern.rstrip('/')}/") for pattern in patterns if pattern)


def _contents(tree: Tree, file: str, url: str) -> Iterator[dict[str, Any]]:
    begin = f"unable to process file '{file}' from repository '{url}': unable to parse file: "
    try:
        found = load_document(tree.read(file), where=file)
    except BadInput as error:
        raise GenerationError(f"{begin}{error.what}") from None
    items = found if isinstance(found, list) else [found or {}]
    for item in items:
        if not isinstance(item, Mapping):
            why = f"json: cannot unmarshal {json_word(item)} into Go value of type map[string]interface {{}}"
            raise GenerationError(begin + why)
        yield dict(item)


def _about(folder: str, file: str, raw: Mapping[str, Any], *, go: bool) -> Params:
    """``path`` and what belongs to it, behind ``pathParamPrefix`` where there is one."""
    prefix, base = str(raw.get("pathParamPrefix") or ""), posixpath.basename(folder)
    parts: dict[str, Any] = {"basename": base, "basenameNormalized": sanitized(base)}
    if file:
        parts |= {"filename": file, "filenameNormalized": sanitized(file)}
    segments = folder.split("/")
    if go:
        about = {"path": {"path": folder, **parts, "segments": segments}}
        return {prefix: about} if prefix else about
    name = f"{prefix}.path" if prefix else "path"
    numbered = {f"{name}[{number}]": part for number, part in enumerate(segments) if part}
    return {name: folder, **{f"{name}.{part}": text for part, text in parts.items()}, **numbered}
