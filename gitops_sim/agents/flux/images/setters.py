"""Setting the values that are marked for it: ``image: shop/web:1.5.0 # {"$imagepolicy": "flux-system:web"}``.

What carries no marker, or the marker of a policy that is not there, stays as it is; so does every file that cannot be read as
YAML. Source: image-automation-controller ``internal/update``, kustomize ``kyaml/fieldmeta``. The real one writes each file that
it changes anew, in a layout of its own; here all other bytes stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.agents.flux.images.changes import Change, ObjectIdentifier
from gitops_sim.agents.flux.images.imagepolicy import image_text
from gitops_sim.errors import BadInput
from gitops_sim.forge.tree import Tree
from gitops_sim.manifests.in_place import Scalar, scalars, with_values
from gitops_sim.objects import get_path
from gitops_sim.yaml_in import load_documents

MARKER = "$imagepolicy"
_TOKEN = f'"{MARKER}"'.encode()


@dataclass(slots=True)
class Edits:
    """What a run makes of the files: their new ``contents``, every :class:`Change` in the order of the files, the markers of
    which nothing is known (``setter, file, line``), the files that cannot be read (and why), and how many markers there are."""

    contents: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    unknown: list[tuple[str, str, int]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    markers: int = 0


def setters(refs: Mapping[str, Mapping[str, str]], namespace: str) -> dict[str, str]:
    """What each marker stands for; ``refs`` are the ``latestRef`` of policies by name."""
    found: dict[str, str] = {}
    for name, ref in refs.items():
        own = f"{namespace}:{name}"
        found |= {own: image_text(ref), f"{own}:tag": ref["tag"], f"{own}:name": ref["name"]}
        found[f"{own}:digest"] = ref.get("digest", "")
    return found


def edited(tree: Tree, values: Mapping[str, str], folder: str = "", *, only: str = "") -> Edits:
    """Sets what is marked in the files of a tree, or in ``only`` one of them. The tree is that of ``folder``, which messages of
    commits do not name."""
    edits = Edits()
    for path in sorted(_candidates(tree), key=lambda path: path.split("/")):
        if only not in ("", path):
            continue
        content = tree.read(path)
        if _TOKEN not in content:
            continue
        try:
            _edit(edits, path, f"{folder}/{path}".lstrip("/"), content.decode("utf-8"), values)
        except (BadInput, UnicodeDecodeError) as error:
            edits.problems.append((path, error.what if isinstance(error, BadInput) else "not UTF-8"))
    return edits


def marked_values(tree: Tree) -> list[tuple[str, str]]:
    """Every marker in a tree and the value that it stands behind, of the files that can be read."""
    found: list[tuple[Scalar, str]] = []
    for path in _candidates(tree):
        content = tree.read(path)
        with suppress(BadInput, UnicodeDecodeError):
            if _TOKEN in content:
                found += _marked(path, content.decode("utf-8"))
    return [(setter, scalar.text) for scalar, setter in found]


def _candidates(tree: Tree) -> Iterator[str]:
    for path in tree.files():
        name = path.rpartition("/")[2]
        if (name.endswith((".yaml", ".yml")) or name == "Kustomization") and tree.look(path) == "file":
            yield path


def _edit(edits: Edits, path: str, full: str, text: str, values: Mapping[str, str]) -> None:
    marked = _marked(path, text)
    owners = [_identifier(document.value) for document in load_documents(text, where=path)]
    replaced: list[tuple[Scalar, str]] = []
    for scalar, setter in marked:
        edits.markers += 1
        if setter not in values:
            edits.unknown.append((setter, full, scalar.line))
        elif values[setter] != scalar.text:
            replaced.append((scalar, values[setter]))
            owner = owners[scalar.document]
            edits.changes.append(Change(scalar.text, values[setter], setter, path, full, scalar.line, owner))
    if replaced:
        edits.contents[full] = with_values(text, replaced)


def _marked(path: str, text: str) -> list[tuple[Scalar, str]]:
    return [(scalar, setter) for scalar in scalars(text, where=path) if (setter := _setter(scalar.comment))]


def _setter(comment: str) -> str:
    """The setter that a comment names: it holds one JSON object of texts, and nothing else."""
    try:
        found: Any = json.loads(comment.lstrip("#"))
    except ValueError:
        return ""
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        return ""
    return str(found.get(MARKER, ""))


def _identifier(obj: Any) -> ObjectIdentifier:
    def text(*path: str) -> str:
        found = get_path(obj, path) if isinstance(obj, Mapping) else None
        return found if isinstance(found, str) else ""

    return ObjectIdentifier(text("apiVersion"), text("kind"), text("metadata", "name"), text("metadata", "namespace"))
