"""Images in a kustomization, set as ``kustomize edit set image`` sets them, and every other byte of the file kept.

Source: argocd-image-updater ``pkg/argocd/git.go`` (updateKustomizeFile, parseImageOverride): an entry of the same name is
replaced as a whole, a new one comes last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitops_sim.agents.image_updater.image import parse_image
from gitops_sim.errors import BadInput
from gitops_sim.manifests.in_place import Scalar, scalars, with_values
from gitops_sim.yaml_in import load_documents
from gitops_sim.yaml_out import dump_yaml

Entry = Mapping[str, str]


def kustomization_text(text: str, images: Sequence[str], *, where: str) -> str:
    """The text of a kustomization with these images set. Raises BadInput when it is none."""
    documents = [document for document in load_documents(text, where=where) if document.value is not None]
    if len(documents) != 1:
        what = "target parameter file should contain a single YAML document"
        raise BadInput(what, where=where, mend="keep one kustomization in the file")
    for image in images:
        text = _with_entry(text, entry_of(image), where)
    return text


def entry_of(text: str) -> Entry:
    """``web=shop/web:1.5`` as an entry of ``images:``."""
    image = parse_image(text)
    tag = image.tag
    fields = {
        "name": image.alias or image.repository,
        "newName": image.repository if image.alias else "",
        "newTag": tag.name if tag else "",
        "digest": tag.digest if tag else "",
    }
    return {key: value for key, value in fields.items() if value}


def _with_entry(text: str, entry: Entry, where: str) -> str:
    entries: dict[int, dict[str, Scalar]] = {}
    for scalar in scalars(text, where=where):
        match scalar.path:
            case ("images", int(number), str(key)):
                entries.setdefault(number, {})[key] = scalar
    known = next((fields for fields in entries.values() if "name" in fields and fields["name"].text == entry["name"]), None)
    made = _appended(text, entry, entries, where) if known is None else _changed(text, entry, known)
    return _written_anew(text, entry, where) if made is None else made


def _changed(text: str, entry: Entry, known: Mapping[str, Scalar]) -> str | None:
    """With other values in an entry that is there; None where that takes more than changing values and adding lines."""
    last = max(known.values(), key=lambda scalar: scalar.end)
    missing = {key: value for key, value in entry.items() if key not in known}
    key = re.match(r"\s*(?:-\s+)?(?=[\w\"'])", _lead(text, last))
    if known.keys() - entry.keys() or (missing and key is None):
        return None
    changed = with_values(text, [(scalar, entry[name]) for name, scalar in known.items() if scalar.text != entry[name]])
    added = "".join(f"\n{' ' * key.end()}{row}" for row in _rows(missing)) if key else ""
    at = _line_end(text, last) + len(changed) - len(text)
    return changed[:at] + added + changed[at:]


def _appended(text: str, entry: Entry, entries: Mapping[int, Mapping[str, Scalar]], where: str) -> str | None:
    """With one more entry at the end of the list, or of the file."""
    if not entries:
        if "images" in (load_documents(text, where=where)[0].value or {}) or text.lstrip().startswith("{"):
            return None
        newline = "" if text.endswith("\n") or not text else "\n"
        return f"{text}{newline}images:\n{_item(entry, '')}\n"
    every = [scalar for fields in entries.values() for scalar in fields.values()]
    first, last = min(every, key=lambda scalar: scalar.start), max(every, key=lambda scalar: scalar.end)
    dash = re.match(r"(\s*)-\s", _lead(text, first))
    if dash is None:
        return None
    end = _line_end(text, last)
    return f"{text[:end]}\n{_item(entry, dash[1])}{text[end:]}"


def _written_anew(text: str, entry: Entry, where: str) -> str:
    """The whole file, where a change in place would not do; its comments are lost."""
    value: dict[str, Any] = dict(load_documents(text, where=where)[0].value)
    images = [dict(entry) if known.get("name") == entry["name"] else known for known in value.get("images") or ()]
    value["images"] = images if dict(entry) in images else [*images, dict(entry)]
    return dump_yaml(value)


def _rows(entry: Entry) -> list[str]:
    return [dump_yaml({key: value}).rstrip("\n") for key, value in entry.items()]


def _item(entry: Entry, indent: str) -> str:
    first, *rest = _rows(entry)
    return "\n".join([f"{indent}- {first}", *(f"{indent}  {row}" for row in rest)])


def _lead(text: str, scalar: Scalar) -> str:
    """What stands before a value on its line."""
    return text[text.rfind("\n", 0, scalar.start) + 1 : scalar.start]


def _line_end(text: str, scalar: Scalar) -> int:
    end = text.find("\n", scalar.end)
    return len(text) if end < 0 else end
