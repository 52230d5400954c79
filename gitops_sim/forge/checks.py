"""What the forge looks at by itself in a pull request: does the YAML parse, and are the manifests whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.errors import BadInput
from gitops_sim.manifests import KUSTOMIZATION_NAMES, load_manifests
from gitops_sim.yaml_in import load_documents

Files = Mapping[str, bytes]
"""The files that a pull request adds or changes, by path, as its branch has them."""
_ENDINGS = (".yaml", ".yml", ".json")
_MARKS = frozenset({"apiVersion", "kind", "metadata"})


@dataclass(frozen=True, slots=True)
class Check:
    """``look`` says what is wrong, empty when nothing is. It takes ``seconds`` of simulated time."""

    seconds: float
    look: Callable[[Files], str]
    about: str


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check of one commit; ``reason`` says what is wrong when it failed."""

    name: str
    status: Literal["running", "passed", "failed"] = "running"
    reason: str = ""


def yaml_parses(files: Files) -> str:
    """Every YAML and JSON file can be read."""
    return _first_problem(files, _read)


def manifests_are_whole(files: Files) -> str:
    """Whatever looks like a manifest has ``apiVersion``, ``kind`` and a name."""
    return _first_problem(files, _read_manifests)


def _first_problem(files: Files, read: Callable[[str, bytes], object]) -> str:
    for path, content in sorted(files.items()):
        if path.endswith(_ENDINGS):
            try:
                read(path, content)
            except BadInput as error:
                return f"{error.where}: {error.what}" if error.where else error.what
    return ""


def _read(path: str, content: bytes) -> list[Any]:
    return load_documents(content, where=path)


def _read_manifests(path: str, content: bytes) -> None:
    """A file without any mark of a manifest is something else, such as values of a chart; a kustomization has no name."""
    values = [document.value for document in load_documents(content, where=path)]
    if path.rpartition("/")[2] not in KUSTOMIZATION_NAMES and any(isinstance(v, dict) and _MARKS & v.keys() for v in values):
        load_manifests(content, where=path)


CHECKS: dict[str, Check] = {
    "yaml": Check(20.0, yaml_parses, "every YAML file parses"),
    "manifests": Check(40.0, manifests_are_whole, "every manifest has apiVersion, kind and name"),
}
"""By name. They begin when a pull request is opened, and at every push to its branch."""
