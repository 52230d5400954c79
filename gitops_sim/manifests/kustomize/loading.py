"""Files as a kustomization sees them: from its own directory, with what it may not read, and circles it refuses.

Source: kustomize ``api/internal/loader``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Protocol

from gitops_sim.manifests.directory import Files
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.places import Place

_REMOTE = re.compile(
    r"(git::|gh:|[a-z+]+://|[^/@\s]+@[^/:\s]+[:/]|(www\.)?(github|gitlab|bitbucket)\.(com|org)[/:])", re.IGNORECASE
)
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_HOST = re.compile(r"(?:git::)?(?:[a-z+]+://)?[^/:]+(?::\d+)?[/:]", re.IGNORECASE)


class Remotes(Protocol):
    """Where addresses lead: a world's own forge answers for the repositories and the files that it has."""

    @property
    def charts(self) -> Callable[[str], bytes] | None:
        """What fetches of chart repositories (it raises BadInput); None where charts are not inflated, without
        ``--enable-helm``."""

    def open(self, url: str, ref: str) -> tuple[Files, str] | None:
        """The tree at ``ref`` (empty: the default branch) and its id; None for a repository that is not there."""

    def file(self, url: str) -> bytes | None:
        """The content of a single file; None when it is not there."""


def is_remote(name: str) -> bool:
    """Whether an entry of ``resources`` names something elsewhere."""
    return _REMOTE.match(name) is not None


def parted(address: str) -> tuple[str, str, str]:
    """A repository, the folder in it, and the revision that an address means. Where ``_git``, ``//`` or ``.git`` do not tell, the
    repository are two steps behind the host. Source: kustomize ``api/internal/git/repospec.go``."""
    url, _, query = address.removeprefix("git::").partition("?")
    wanted = dict(part.partition("=")[::2] for part in query.split("&") if part)
    ref = wanted.get("ref") or wanted.get("version") or ""
    host = _HOST.match(url)
    start = host.end() if host else 0
    rest = url[start:]
    if "_git/" in rest:
        before, _, behind = rest.partition("_git/")
        name, _, path = behind.partition("/")
        return f"{url[:start]}{before}_git/{name}", path, ref
    if "//" in rest:
        repository, _, path = rest.partition("//")
    elif ".git" in rest:
        repository, mark, path = rest.partition(".git")
        repository += mark
    elif url.startswith("file://"):
        repository, path = rest, ""
    else:
        steps = rest.split("/")
        repository, path = "/".join(steps[:2]), "/".join(steps[2:])
    return url[:start] + repository, path.lstrip("/"), ref


class Loader:
    """Reads files in or below one directory, and opens others next to it."""

    def __init__(self, place: Place, root: str, remotes: Remotes | None, referrer: Loader | None = None, url: str = "") -> None:
        self._place, self._remotes, self._referrer, self._url = place, remotes, referrer, url
        self.root = root

    @property
    def shown(self) -> str:
        """The directory, as messages name it."""
        return self._place.show(self.root)

    def load(self, path: str) -> bytes:
        """The content of a file. Raises KustomizeError when there is none, or when it lies outside of the directory."""
        if _HTTP.match(path):
            content = self._remotes.file(path) if self._remotes is not None else None
            if content is None:
                raise _offline(path)
            return content
        return self._place.files.read(self._file(path))

    def blob_id(self, path: str) -> str:
        """The id of a file's content where the tree has such ids, else nothing."""
        if _HTTP.match(path):
            return ""
        blob_id = getattr(self._place.files, "blob_id", None)
        return str(blob_id(self._file(path))) if blob_id is not None else ""

    def where(self, path: str) -> str:
        """A file of this directory, from the top of its tree."""
        return posixpath.normpath(posixpath.join(self.root, path))

    @property
    def charts(self) -> Callable[[str], bytes] | None:
        """What fetches of chart repositories; None where charts are not inflated."""
        return self._remotes.charts if self._remotes is not None else None

    def folder(self, path: str) -> tuple[Files, str] | None:
        """The tree of files that a folder named by this directory is in, and the folder; None when there is none."""
        full = self._joined(path)
        return (self._place.files, full) if self._place.look(full) == "folder" else None

    def _file(self, path: str) -> str:
        full = self._joined(path)
        real, kind = self._place.evaluate(full)
        if kind != "file":
            raise KustomizeError(f"'{self._place.show(full)}' must resolve to a file", mend="name a file, not a folder")
        if not self._place.anywhere and not _below(real.rpartition("/")[0], self.root):
            what = f"security; file '{self._place.show(full)}' is not in or below '{self.shown}'"
            raise KustomizeError(what, mend="move the file into the folder of the kustomization, or make its own folder one")
        return real

    def _joined(self, path: str) -> str:
        """The path from the top of the tree. One that leaves the tree keeps its ``..``."""
        if path.startswith("/"):
            inside = path.removeprefix(self._place.shown + "/") if self._place.shown else path.lstrip("/")
            if inside == path:
                what = f"evalsymlink failure on '{path}' : lstat /{path.split('/')[1]}: no such file or directory"
                raise KustomizeError(what, mend="name it relative to its folder")
            return posixpath.normpath(inside)
        full = posixpath.normpath(posixpath.join(self.root, path))
        if full == ".." or full.startswith("../"):
            shown = posixpath.normpath(posixpath.join(self.shown or "/", path))
            raise KustomizeError(f"security; file '{shown}' is not in or below '{self.shown}'", mend="keep to the repository")
        return "" if full == "." else full

    def new(self, path: str) -> Loader:
        """A directory named by this one: for a base, an overlay's, or a component."""
        if not path:
            raise KustomizeError("new root cannot be empty", mend="name a folder")
        if is_remote(path):
            return self._remote(path)
        if path.startswith("/"):
            raise KustomizeError(f"new root '{path}' cannot be absolute", mend="name it relative to this kustomization")
        for part in path.split("/"):
            if part not in (".", "..") and ".." in part:
                what = (
                    f'path "{path}" is ambiguous: resolves to "{posixpath.normpath(path)}" after normalization, which is likely '
                    "not the intended target; check for YAML indentation errors in your kustomization file"
                )
                raise KustomizeError(what, mend="look for two lines that became one")
        try:
            real, kind = self._place.evaluate(full := self._joined(path))
            if kind == "file":
                raise KustomizeError(f"'{self._place.show(full)}': file is not directory", mend="name the folder")
        except KustomizeError as error:
            inner = error if error.what.endswith("file is not directory") else error.within("not a valid directory")
            raise inner.within("must build at directory") from None
        self._refuse_circle(real)
        return Loader(self._place, real, self._remotes, self)

    def _refuse_circle(self, candidate: str) -> None:
        loader: Loader | None = self
        while loader is not None and loader._place is self._place:
            if _below(loader.root, candidate):
                what = f"cycle detected: candidate root '{self._place.show(candidate)}' contains visited root '{loader.shown}'"
                raise KustomizeError(what, mend="a kustomization cannot use itself, or a folder that it lies in")
            loader = loader._referrer

    def _remote(self, address: str) -> Loader:
        repository, path, ref = parted(address)
        loader: Loader | None = self
        while loader is not None:
            if loader._url and loader._url.startswith(address):
                raise KustomizeError(f"cycle detected: URI '{address}' referenced by previous URI '{loader._url}'")
            loader = loader._referrer
        opened = self._remotes.open(repository, ref) if self._remotes is not None else None
        if opened is None:
            raise _offline(address)
        place = Place(opened[0], repository)
        inside = "" if path in ("", ".") else posixpath.normpath(path)
        if place.look(inside) != "folder":
            raise KustomizeError(f"'{place.show(inside)}' is not a directory of that repository", mend="mend the path behind //")
        return Loader(place, inside, self._remotes, self, address)


def root_loader(place: Place, path: str, remotes: Remotes | None) -> Loader:
    """The directory that a build starts in."""
    inside = posixpath.normpath(path or ".").removeprefix("./")
    inside = "" if inside == "." else inside
    try:
        real, kind = place.evaluate(inside)
        if kind == "file":
            raise KustomizeError(f"'{place.show(inside)}': file is not directory", mend="name the folder")
    except KustomizeError as error:
        inner = error if error.what.endswith("file is not directory") else error.within("not a valid directory")
        raise inner.within("must build at directory") from None
    return Loader(place, real, remotes)


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def _offline(address: str) -> KustomizeError:
    return KustomizeError(
        f"remote resource '{address}' needs the network, which this simulator does not use",
        mend="copy it into the repository, or name a repository that the world's forge has",
    )
