"""Words about files in Git, whether an agent reads them or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.forge import Tree
from gitops_sim.objects import Path, dotted, get_path
from gitops_sim.scenarios.checks.params import ANY_VALUE, BRANCH, FIELD, PATTERN, REPO, glob, shown
from gitops_sim.scenarios.checks.vocabulary import Param, Verdict, check
from gitops_sim.scenarios.checks.when import When, read_when
from gitops_sim.scenarios.evidence import Evidence
from gitops_sim.scenarios.reading import Reader
from gitops_sim.yaml_in import load_documents

_PATH = Param("a file's path in the repository", Reader.text, required=True)
_WHEN = Param("when: a time, {action: n} or {event: ...}; the end when left out", read_when)


_WORDS = Param("what the pattern stands for, in words", Reader.text)


@check(repo=REPO, path=_PATH, pattern=PATTERN, words=_WORDS, branch=BRANCH, at=_WHEN)
def file_matches(
    evidence: Evidence,
    *,
    repo: str,
    path: str,
    pattern: re.Pattern[str],
    words: str = "",
    branch: str = "",
    at: When | None = None,
) -> Verdict:
    """A file of a branch holds text that matches, whoever reads it."""
    time = at.find(evidence) if at else evidence.end
    expected = f"{path} in {repo} with {words or pattern.pattern}"
    if time is None:
        return Verdict(False, expected, f"never: {at}")
    content = _file(evidence, repo, path, branch, time)
    if content is None:
        return Verdict(False, expected, f"no file {path}", time)
    found = pattern.search(content)
    return Verdict(found is not None, expected, found[0].strip() if found else f"{path} without it", time)


@check(repo=REPO, path=_PATH, branch=BRANCH, at=_WHEN)
def file_absent(evidence: Evidence, *, repo: str, path: str, branch: str = "", at: When | None = None) -> Verdict:
    """A branch holds no file of this path."""
    time = at.find(evidence) if at else evidence.end
    if time is None:
        return Verdict(False, f"no {path} in {repo}", f"never: {at}")
    missing = _file(evidence, repo, path, branch, time) is None
    return Verdict(missing, f"no {path} in {repo}", f"no file {path}" if missing else f"{path} is there", time)


def _file(evidence: Evidence, repo: str, path: str, branch: str, time: float) -> str | None:
    tree = _tree(evidence, repo, branch, time)
    return tree.read(path).decode("utf-8", "replace") if tree and path in tree.files() else None


def _tree(evidence: Evidence, repo: str, branch: str, time: float) -> Tree | None:
    """The files of a branch at a time; None when there was no such branch."""
    repository = evidence.world.git.repository(repo)
    tip = repository.branches_at(time).get(branch or repository.default_branch)
    return repository.tree(tip) if tip else None


_KIND = Param("the kind of the document, as Kustomization.kustomize.toolkit.fluxcd.io; any when left out", Reader.text)
_ANY_PATH = Param("a file's path in the repository, in which * stands for anything", Reader.text, required=True)


@check(repo=REPO, path=_ANY_PATH, kind=_KIND, field=FIELD, value=ANY_VALUE, branch=BRANCH, at=_WHEN)
def file_field_equals(
    evidence: Evidence,
    *,
    repo: str,
    path: str,
    kind: str = "",
    field: Path,
    value: Any,
    branch: str = "",
    at: When | None = None,
) -> Verdict:
    """A document in a file of a branch states this value, whether anybody reads it or not; null means that it states none."""
    return _stated(evidence, _Place(repo, path, kind, field, branch, at), shown(value), lambda found: _same(found, value))


@check(repo=REPO, path=_ANY_PATH, kind=_KIND, field=FIELD, pattern=PATTERN, words=_WORDS, branch=BRANCH, at=_WHEN)
def file_field_matches(
    evidence: Evidence,
    *,
    repo: str,
    path: str,
    kind: str = "",
    field: Path,
    pattern: re.Pattern[str],
    words: str = "",
    branch: str = "",
    at: When | None = None,
) -> Verdict:
    """A document in a file of a branch states text here that matches."""
    wanted = words or f"like {pattern.pattern}"
    return _stated(evidence, _Place(repo, path, kind, field, branch, at), wanted, _matcher(pattern))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a repository a value is looked for."""

    repo: str
    path: str
    kind: str
    field: Path
    branch: str
    at: When | None


def _same(found: Any, value: Any) -> bool:
    """To Python 1 and true are equal; to an API they are not."""
    return bool(found == value) and isinstance(found, bool) is isinstance(value, bool)


def _matcher(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda found: isinstance(found, str) and pattern.search(found) is not None


def _stated(evidence: Evidence, place: _Place, wanted: str, fits: Callable[[Any], bool]) -> Verdict:
    """All documents of the kind must fit: a second one that says otherwise is a mistake, too."""
    named = place.kind.partition(".")[0] or "document"
    expected = f"{place.path}: {named} {dotted(place.field)} = {wanted}"
    time = place.at.find(evidence) if place.at else evidence.end
    if time is None:
        return Verdict(False, expected, f"never: {place.at}")
    tree = _tree(evidence, place.repo, place.branch, time)
    files = [name for name in tree.files() if glob(name, place.path)] if tree else []
    if tree is None or not files:
        return Verdict(False, expected, f"no file {place.path}", time)
    values = []
    for name in files:
        try:
            documents = load_documents(tree.read(name), where=name)
        except BadInput as error:
            return Verdict(False, expected, f"{error.where}: {error.what}", time)
        values += [get_path(d.value, place.field) for d in documents if _is_kind(d.value, place.kind)]
    if not values:
        return Verdict(False, expected, f"no {place.kind or 'document'} in {', '.join(files)}", time)
    wrong = [value for value in values if not fits(value)]
    return Verdict(not wrong, expected, shown((wrong or values)[0]), time)


def _is_kind(document: Any, kind: str) -> bool:
    if not isinstance(document, dict):
        return False
    name, _, group = kind.partition(".")
    own = str(document.get("apiVersion", "")).rpartition("/")[0]
    return kind == "" or (document.get("kind") == name and group in ("", own))
