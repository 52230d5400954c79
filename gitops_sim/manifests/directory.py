"""Reading a folder of plain manifests, as the Directory source of Argo CD reads it.

Source of the rules: argo-cd ``reposerver/repository/repository.go`` (which files, in which order, the limit on their total size,
the marker that excludes a file) and ``util/app/discovery`` (what makes a folder a chart or a kustomization).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, Protocol

from gitops_sim.errors import BadInput
from gitops_sim.manifests.globs import compiled
from gitops_sim.manifests.manifest import Manifest, manifests_of
from gitops_sim.objects import Key
from gitops_sim.yaml_in import DEFAULT_LIMITS, Limits, load_documents

SourceType = Literal["directory", "kustomize", "helm"]

KUSTOMIZATION_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_SKIP_MARKER = b"+argocd:skip-file-rendering"
_MARKS = frozenset({"apiVersion", "kind", "metadata"})
_MANIFEST = re.compile(r".*\.(yaml|yml|json)\Z", re.DOTALL)


class Files(Protocol):
    """A read-only tree of files by relative path, with ``/``: a revision in Git, or a folder on disk.

    Offer ``blob_id(path) -> str`` as well where equal ids mean equal content: such files are parsed once.
    """

    def files(self) -> list[str]: ...

    def read(self, path: str) -> bytes: ...

    def size(self, path: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was passed over, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All documents of a folder, in the order of its files, and the files that were passed over."""

    manifests: list[Manifest]
    skipped: list[Skipped]

    def counted(self, namespace: str = "") -> Survey:
        """Each identity once: of documents with the same one the last counts. Those without a namespace count as in
        ``namespace``."""
        every: dict[Key | int, Manifest] = {}
        places: dict[Key, list[str]] = {}
        for manifest in self.manifests:
            if not manifest.object["metadata"].get("name"):
                every[len(every)] = manifest
                continue
            key = manifest.key if manifest.key.namespace else manifest.key._replace(namespace=namespace)
            places.setdefault(key, []).append(manifest.where)
            every.pop(key, None)
            every[key] = manifest
        repeated = {key: found for key, found in places.items() if len(found) > 1}
        return Survey(list(every.values()), self.skipped, repeated)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds. ``repeated`` are identities that more than one document has, each with all its places; the last place
    is the one in ``manifests``."""

    manifests: list[Manifest]
    skipped: list[Skipped]
    repeated: dict[Key, list[str]]


def source_type(files: Files, path: str = "") -> SourceType:
    """What a folder is to Argo CD: a ``kustomization.yaml`` makes it ``kustomize``, a ``Chart.yaml`` ``helm``, in this order."""
    prefix = _prefix(path)
    look: Callable[[str], str] | None = getattr(files, "look", None)  # one need not list a whole disk for four names
    listed = frozenset(files.files()) if look is None else frozenset()

    def there(name: str) -> bool:
        return look(prefix + name) in ("file", "link") if look is not None else prefix + name in listed

    if any(map(there, KUSTOMIZATION_NAMES)):
        return "kustomize"
    return "helm" if there("Chart.yaml") else "directory"


def read_directory(
    files: Files,
    path: str = "",
    *,
    recurse: bool = False,
    include: str = "",
    exclude: str = "",
    where: str = "",
    namespace: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> list[Manifest]:
    """The manifests of a folder: its ``.yaml``, ``.yml`` and ``.json`` files in order of their names, with ``recurse`` those of
    the folders in it too. A file without any ``apiVersion``, ``kind`` or ``metadata`` is something else and passed over.

    ``include`` and ``exclude`` are globs over the path within the folder (``*`` also matches ``/``, ``{a,b}`` either). ``where``
    is put before the file in errors. Objects without a namespace count as in ``namespace`` when identities are compared.

    Raises BadInput for a folder that is not there, for a chart or a kustomization, for too many bytes (before reading them), for
    what :func:`load_manifests` refuses (Argo CD ignores a broken file that does not look like a manifest; silence teaches
    nothing), and for two documents with one identity.
    """
    read = parse_directory(files, path, recurse=recurse, include=include, exclude=exclude, where=where, limits=limits)
    found = read.counted(namespace)
    for key, places in found.repeated.items():
        mend = "remove one of the two, or give it another name"
        raise BadInput(f"{key} is there twice: in {places[0]} and in {places[1]}", where=places[1], mend=mend)
    return found.manifests


def parse_directory(
    files: Files,
    path: str = "",
    *,
    recurse: bool = False,
    include: str = "",
    exclude: str = "",
    where: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Reading:
    """Like :func:`read_directory`, but documents may share an identity: for Argo CD the last one counts."""
    kind = source_type(files, path)
    if kind != "directory":
        tool = "a kustomization" if kind == "kustomize" else "a Helm chart"
        mend = "name a folder of plain manifests, or see what it stands for: gitops-sim render FOLDER"
        raise BadInput(f"is {tool}, no folder of plain manifests", where=where + (path or "."), mend=mend)
    manifests: list[Manifest] = []
    skipped: list[Skipped] = []
    total = 0
    for file in _candidates(files, path, where, recurse, include, exclude):
        size = files.size(file)
        total += size
        if total > limits.bytes:
            raise BadInput(
                f"the manifests exceed {limits.bytes / 1e6:g} MB together; {size / 1e6:.1f} MB of it are in this file",
                where=where + file,
                mend="move what is no manifest out of the folder, or exclude it",
            )
        read = _read_file(files, file, where + file, limits)
        if isinstance(read, Skipped):
            skipped.append(read)
        else:
            manifests += read
    return Reading(manifests, skipped)


def _candidates(files: Files, path: str, where: str, recurse: bool, include: str, exclude: str) -> Iterator[str]:
    prefix = _prefix(path)
    inside = [name for name in files.files() if name.startswith(prefix)]
    if prefix and not inside:
        if prefix.rstrip("/") in files.files():
            raise BadInput(
                f"{path!r} is a file or a link, not a folder", where=where, mend="name the folder that holds the manifests"
            )
        folders = sorted({name.rpartition("/")[0] for name in files.files() if "/" in name})
        near = get_close_matches(prefix.rstrip("/"), folders, n=1)
        mend = f"did you mean {near[0]!r}?" if near else "name a folder that holds manifests, relative to the repository"
        raise BadInput(f"no folder {path!r}", where=where, mend=mend)
    for name in sorted(inside, key=lambda name: name.split("/")):
        relative = name.removeprefix(prefix)
        if not _MANIFEST.match(relative) or ("/" in relative and not recurse):
            continue
        if exclude and _glob(exclude).fullmatch(relative):
            continue
        if not include or _glob(include).fullmatch(relative):
            yield name


class _Parsed:
    """The files parsed last, by content: what a file says depends on nothing else."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._files: OrderedDict[tuple[str, str], list[Manifest] | Skipped] = OrderedDict()

    def get(self, key: tuple[str, str]) -> list[Manifest] | Skipped | None:
        found = self._files.get(key)
        if found is not None:
            self._files.move_to_end(key)
        return found

    def keep(self, key: tuple[str, str], value: list[Manifest] | Skipped) -> None:
        self._files[key] = value
        if len(self._files) > self._most:
            self._files.popitem(last=False)


_PARSED = _Parsed(4096)


def _read_file(files: Files, file: str, where: str, limits: Limits) -> list[Manifest] | Skipped:
    blob_id = getattr(files, "blob_id", None)
    if blob_id is None:
        return _parse(files.read(file), where, limits)
    key = (str(blob_id(file)), where)
    known = _PARSED.get(key)
    if known is None:
        known = _parse(files.read(file), where, limits)
        _PARSED.keep(key, known)
    return known


def _parse(content: bytes, where: str, limits: Limits) -> list[Manifest] | Skipped:
    if _SKIP_MARKER in content:
        return Skipped(where, f"it says {_SKIP_MARKER.decode()}")
    documents = load_documents(content, where=where, limits=limits)
    present = [d.value for d in documents if d.value is not None]
    if not any(isinstance(value, dict) and _MARKS.intersection(value) for value in present):
        return Skipped(where, "it has neither apiVersion nor kind" if present else "it is empty")
    return manifests_of(documents, where=where)


def _prefix(path: str) -> str:
    path = path.strip("/")
    return "" if path in ("", ".") else path.removeprefix("./") + "/"


def _glob(pattern: str) -> re.Pattern[str]:
    found = compiled(pattern)
    if found is None:
        raise BadInput(f"the glob {pattern!r} opens a bracket that it does not close", mend="write {a,b}, or [ab]")
    return found
