"""Images in a kustomization, set as ``kustomize edit set image`` sets them, and every other byte of the file kept.

Source: argocd-image-updater ``pkg/argocd/git.go`` (updateKustomizeFile, parseImageOverride): an entry of the same name is
replaced as a whole, a new one comes last.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gitops_sim.agents.image_updater.image import parse_image
from gitops_sim.errors import BadInput
from gitops_sim.manifests.in_place import Scalar, scalars, with_values
from gitops_sim.yaml_in import load_documents
from gitops_sim.yaml_out import dump_yaml

Entry = Mapping[str, str]
_DASH = re.compile(r"([ ]*)-[ ]+(?=[\w\"'])")
_EMPTY = re.compile(r"^images:[ ]*(?:\[[ ]*\]|null|~)?((?:[ ]+#.*)?)[ ]*$(?!\n[ ]*-)", re.MULTILINE)
_LISTED = re.compile(r"""^["']?images["']?[ ]*:|^[ ]*\{""", re.MULTILINE)


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
    if known is not None and known.keys() == entry.keys():
        return with_values(text, [(known[key], value) for key, value in entry.items() if known[key].text != value])
    made = _replaced(text, entry, known) if known is not None else _appended(text, entry, entries)
    return _written_anew(text, entry, where) if made is None else made


def _replaced(text: str, entry: Entry, known: Mapping[str, Scalar]) -> str | None:
    """An entry with other keys than before: lines are changed, added and left out. None where it is not written in lines."""
    first, last = next(iter(known.values())), list(known.values())[-1]
    if "{" in _lead(text, first):
        start, end = text.rfind("{", 0, first.start), text.find("}", last.end) + 1
        return f"{text[:start]}{_in_braces(entry)}{text[end:]}" if end else None
    dash = _DASH.match(_lead(text, first))
    if dash is None:
        return None
    changed = with_values(text, [(known[key], value) for key, value in entry.items() if key in known])
    grown = len(changed) - len(text)
    begin, end = _line_start(text, first), _line_end(text, last) + grown
    indent = " " * len(dash[0])
    lines = (indent + changed[begin:end].removeprefix(dash[0])).split("\n")
    kept = [line for line in lines if not _states(line, known.keys() - entry.keys())]
    kept += [f"{indent}{row}" for row in _rows({key: value for key, value in entry.items() if key not in known})]
    return changed[:begin] + dash[0] + "\n".join(kept)[len(indent) :] + changed[end:]


def _appended(text: str, entry: Entry, entries: Mapping[int, Mapping[str, Scalar]]) -> str | None:
    """One more entry at the end of the list, or of the file. None where the list is not written as they mostly are."""
    empty = _EMPTY.search(text)
    if empty is not None:
        return f"{text[: empty.start()]}images:{empty[1]}\n{_item(entry, '')}{text[empty.end() :]}"
    if not entries:
        newline = "" if text.endswith("\n") else "\n"
        return None if _LISTED.search(text) else f"{text}{newline}images:\n{_item(entry, '')}\n"
    every = [scalar for fields in entries.values() for scalar in fields.values()]
    first, last = every[0], every[-1]
    if "{" in _lead(text, last):
        end = text.find("}", last.end) + 1
        return f"{text[:end]}, {_in_braces(entry)}{text[end:]}" if end and "[" in _lead(text, first) else None
    dash = _DASH.match(_lead(text, first))
    end = _line_end(text, last)
    return f"{text[:end]}\n{_item(entry, dash[1])}{text[end:]}" if dash else None


def _written_anew(text: str, entry: Entry, where: str) -> str:
    """The whole file, where a change in place would not do; its comments are lost."""
    value: dict[str, Any] = dict(load_documents(text, where=where)[0].value)
    images = [dict(entry) if known.get("name") == entry["name"] else known for known in value.get("images") or ()]
    value["images"] = images if dict(entry) in images else [*images, dict(entry)]
    return dump_yaml(value)


def _states(line: str, keys: Collection[str]) -> bool:
    return line.strip().partition(":")[0].strip("\"'") in keys


def _rows(entry: Entry) -> list[str]:
    return [dump_yaml({key: value}).rstrip("\n") for key, value in entry.items()]


def _in_braces(entry: Entry) -> str:
    return "{" + ", ".join(_rows(entry)) + "}"


def _item(entry: Entry, indent: str) -> str:
    first, *rest = _rows(entry)
    return "\n".join([f"{indent}- {first}", *(f"{indent}  {row}" for row in rest)])


def _lead(text: str, scalar: Scalar) -> str:
    """What stands before a value on its line."""
    return text[_line_start(text, scalar) : scalar.start]


def _line_start(text: str, scalar: Scalar) -> int:
    return text.rfind("\n", 0, scalar.start) + 1


def _line_end(text: str, scalar: Scalar) -> int:
    end = text.find("\n", scalar.end)
    return len(text) if end < 0 else end
