"""Reading YAML and JSON that we did not write: bounded, strict, and with the meaning that Kubernetes gives it.

That meaning is YAML 1.1 as ``sigs.k8s.io/yaml`` turns it into JSON: ``y`` and ``on`` are booleans, ``0644`` is octal, ``1:30``
and dates are strings, keys become strings, ``1.0`` is the integer 1. Anchors and merge keys work. Unlike there, a key given
twice is an error. Limits are checked before memory is spent on what they forbid.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.yaml_in.json_text import load_json
from gitops_sim.yaml_in.reading import Reader
from gitops_sim.yaml_in.scalars import resolve
from gitops_sim.yaml_in.text import DEFAULT_LIMITS, Document, Limits, check_size, decode

__all__ = ["DEFAULT_LIMITS", "Document", "Limits", "check_size", "decode", "load_document", "load_documents", "resolve"]


def load_documents(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS, last_wins: bool = False) -> list[Document]:
    """Every document of a YAML or JSON text; an empty document has the value None.

    ``last_wins``: of a key given twice the last value counts, as in sigs.k8s.io/yaml; it is an error otherwise.
    Values are dicts with string keys, lists, strings, numbers, booleans and None; aliases share their value. Raises BadInput with
    file, line and column, and the way to mend it.
    """
    content = decode(text, where=where, limits=limits)
    try:
        return list(Reader(content, where, limits, last_wins).documents())
    except BadInput:
        if content.lstrip()[:1] in ("{", "["):  # JSON allows a little that YAML does not: escaped surrogate pairs, tabs
            parsed = load_json(content, limits)
            if parsed is not None:
                return parsed
        raise


def load_document(text: str | bytes, *, where: str, limits: Limits = DEFAULT_LIMITS, last_wins: bool = False) -> Any:
    """The content of a text that holds one document; None when it is empty. Raises BadInput when there are more."""
    documents = [d for d in load_documents(text, where=where, limits=limits, last_wins=last_wins) if d.value is not None]
    if len(documents) > 1:
        at = f"{where}:{documents[1].line}"
        raise BadInput("holds more than one document", where=at, mend="make it two files, or drop what follows '---'")
    return documents[0].value if documents else None
