"""Chart archives (``.tgz``): read into memory, never onto disk, with the limits and the refusals of helm.

Source: helm ``pkg/chart/loader/archive``. Links in an archive are skipped; nothing is followed out of it.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping

from gitops_sim.errors import BadInput

MOST_BYTES = 100 * 1024 * 1024
"""Of all files of a chart, unpacked."""
MOST_BYTES_OF_A_FILE = 5 * 1024 * 1024
MOST_FILES = 20_000
"""Helm has no such limit; a hundred megabytes of headers are a bomb too."""
_BOM = b"\xef\xbb\xbf"


def unpack(content: bytes, *, where: str) -> dict[str, bytes]:
    """The files of an archive, by their path below its one folder. Raises BadInput for what helm refuses, in its words."""
    if content[:3] != b"\x1f\x8b\x08":
        hint = "helm package makes one of a folder"
        raise BadInput("does not appear to be a gzipped archive", where=where, mend=hint)
    files: dict[str, bytes] = {}
    left, count = MOST_BYTES, 0
    try:
        with tarfile.open(fileobj=_Bounded(content), mode="r|") as archive:
            for member in archive:
                count += 1
                if count > MOST_FILES:
                    raise _refused(f"chart archive holds more than {MOST_FILES} entries", where)
                if member.isdir():
                    continue
                name = _name(member.name, where)
                if member.size > left:
                    raise _refused(f"decompressed chart is larger than the maximum size {MOST_BYTES}", where)
                if member.size > MOST_BYTES_OF_A_FILE:
                    what = f'decompressed chart file "{member.name}" is larger than the maximum file size {MOST_BYTES_OF_A_FILE}'
                    raise _refused(what, where)
                if not member.isfile():
                    continue
                opened = archive.extractfile(member)
                files[name] = (opened.read() if opened else b"").removeprefix(_BOM)
                left -= member.size
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInput(f"cannot be unpacked: {error}", where=where, mend="package the chart anew") from None
    if not files:
        raise _refused("no files in chart archive", where)
    return files


def pack(files: Mapping[str, bytes], folder: str) -> bytes:
    """An archive of files below one folder: the same bytes for the same files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode = len(files[name]), 0o644
            archive.addfile(entry, io.BytesIO(files[name]))
    return gzip.compress(raw.getvalue(), mtime=0)


def _name(name: str, where: str) -> str:
    """The path below the archive's folder."""
    folder, _, rest = name.replace("\\", "/").partition("/")
    if folder == "Chart.yaml" and not rest:
        raise _refused("chart yaml not in base directory", where)
    if rest.startswith("/"):
        raise _refused("chart illegally contains absolute paths", where)
    steps: list[str] = []
    for step in rest.split("/"):
        if step == "..":
            if not steps:
                raise _refused("chart illegally references parent directory", where)
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    if not steps:
        raise _refused(f'chart illegally contains content outside the base directory: "{name}"', where)
    if len(steps[0]) == 2 and steps[0][1] == ":" and len(steps) > 1:
        raise _refused("chart contains illegally named files", where)
    return "/".join(steps)


def _refused(what: str, where: str) -> BadInput:
    return BadInput(what, where=where, mend="take no chart from where this one came from, or package it anew")


class _Bounded(io.RawIOBase):
    """A gzip stream that ends in an error, not in all the memory there is."""

    def __init__(self, content: bytes) -> None:
        self._stream = gzip.GzipFile(fileobj=io.BytesIO(content))
        self._left = MOST_BYTES + MOST_FILES * 1024

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._left + 1 if size is None or size < 0 else size
        got = self._stream.read(min(wanted, self._left + 1))
        self._left -= len(got)
        if self._left < 0:
            raise ValueError(f"decompressed chart is larger than the maximum size {MOST_BYTES}")
        return got
