"""The facts about all built-in types: their fields, and how lists and maps merge. Read from ``facts.txt`` when first asked for.

A line of the file is one type, ``NAME [GROUP/VERSION] [map=...]: FIELDS``; the group and version stand with kinds. A field is
``name type``, with ``!`` when it is required, and marks:

===================  =====================================================================================
``list=map:a/b``     items are told apart by the fields ``a`` and ``b``; also ``list=set``, ``list=atomic``
``map=atomic``       has one owner as a whole; ``granular``: each entry has its own
``patch=merge:a``    a strategic merge patch merges the items by ``a``; ``retainKeys``: it says which keys stay
===================  =====================================================================================

``TypeMeta`` stands for ``apiVersion`` and ``kind``. Names of types are cut to package and version (``apps.v1.Deployment``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

FACTS = Path(__file__).with_name("facts.txt")

_PACKAGES = {
    "meta.": "io.k8s.apimachinery.pkg.apis.meta.",
    "apiextensions.": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.",
    "apiregistration.": "io.k8s.kube-aggregator.pkg.apis.apiregistration.",
    "version.": "io.k8s.apimachinery.pkg.version.",
}
_SINGLE = {
    "Quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "IntOrString": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "RawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
    "Time": "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
    "MicroTime": "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
    "FieldsV1": "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
}
_SINGLE_NAMES = {full: short for short, full in _SINGLE.items()}


class Fact(NamedTuple):
    """One field. ``type`` is a plain name (``string``, ``int32``, ``Quantity``, ``any``), that of a type (it has a dot), or one
    of these behind ``[]`` (a list) or ``{}`` (a map with keys of one's own choice)."""

    name: str
    type: str
    required: bool = False
    list_type: str = ""
    list_keys: tuple[str, ...] = ()
    map_type: str = ""
    merge: bool = False
    merge_key: str = ""
    retain_keys: bool = False

    @property
    def bare(self) -> str:
        """The type without ``[]`` and ``{}``."""
        return self.type.lstrip("[]{}")


_TYPE_META = (Fact("apiVersion", "string"), Fact("kind", "string"))


def short_name(full: str) -> str:
    """``apps.v1.Deployment`` of ``io.k8s.api.apps.v1.Deployment``."""
    if full in _SINGLE_NAMES:
        return _SINGLE_NAMES[full]
    for short, package in _PACKAGES.items():
        if full.startswith(package):
            return short + full.removeprefix(package)
    return full.removeprefix("io.k8s.api.")


def full_name(short: str) -> str:
    if short in _SINGLE:
        return _SINGLE[short]
    first, _, rest = short.partition(".")
    return _PACKAGES.get(f"{first}.", f"io.k8s.api.{first}.") + rest


@cache
def fields(name: str) -> Mapping[str, Fact]:
    """The fields of a type in the order of the alphabet; none for a name that is no type of its own."""
    line = _lines().get(name, "").partition(":")[2].strip()
    found = [fact for entry in line.split(", ") if entry for fact in _read(entry)]
    return {fact.name: fact for fact in sorted(found)}


@cache
def type_of(group: str, version: str, kind: str) -> str:
    """The name of the type of a built-in kind (or list of one), empty when there is none."""
    return _kinds().get((f"{group}/{version}", kind), "")


def type_names() -> Iterable[str]:
    return _lines().keys()


def atomic(name: str) -> bool:
    """Whether a type has one owner as a whole."""
    return " map=atomic" in _lines().get(name, "").partition(":")[0]


def group_version(name: str) -> str:
    """``apps/v1`` of ``apps.v1.Deployment``, ``/v1`` in the core group; empty for a type that is no kind."""
    marks = _lines().get(name, "").partition(":")[0].split(" ")[1:]
    return next((mark for mark in marks if "/" in mark), "")


@cache
def _lines() -> Mapping[str, str]:
    """The type's name to its line without it."""
    found = {}
    for line in FACTS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            head = line.partition(":")[0].partition(" ")[0]
            found[head] = line.removeprefix(head)
    return found


@cache
def _kinds() -> Mapping[tuple[str, str], str]:
    return {(group_version(name), name.rpartition(".")[2]): name for name in _lines() if group_version(name)}


def _read(entry: str) -> Iterable[Fact]:
    if entry == "TypeMeta":
        return _TYPE_META
    name, type_, *marks = entry.split(" ")
    said = dict(mark.split("=", 1) for mark in marks)
    list_type, _, keys = said.get("list", "").partition(":")
    strategy, _, key = said.get("patch", "").partition(":")
    return (
        Fact(
            name.rstrip("!"),
            type_,
            name.endswith("!"),
            list_type,
            tuple(keys.split("/")) if keys else (),
            said.get("map", ""),
            "merge" in strategy,
            key,
            "retainKeys" in strategy,
        ),
    )
