"""Which files of a repository never get into an artifact: some always, others because ``.sourceignore`` or ``spec.ignore`` says.

Source: fluxcd/pkg ``sourceignore`` (the lists, and that a file in a subfolder speaks of that subfolder only); the patterns are
those of gitignore(5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

IGNORE_FILE = ".sourceignore"
_ALWAYS = (
    *(".git/", ".gitignore", ".gitmodules", ".gitattributes"),
    *("*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"),
    *(".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"),
    *("codeship-services.yml", "codeship-steps.yml"),
    *("**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"),
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of an ignore file: ``expression`` matches paths from the root; ``keeps`` is one that begins with ``!``."""

    expression: re.Pattern[str]
    keeps: bool


def always() -> list[Pattern]:
    return list(read("\n".join(_ALWAYS)))


def read(text: str, folder: str = "") -> Iterator[Pattern]:
    """The patterns of an ignore file that stands in ``folder``."""
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield _pattern(line, folder)


def kept(files: Iterable[str], patterns: Sequence[Pattern]) -> Iterator[str]:
    """The files that no pattern excludes; of several that match the last one counts."""
    newest_first = patterns[::-1]
    for file in files:
        found = next((pattern for pattern in newest_first if pattern.expression.match(file)), None)
        if found is None or found.keeps:
            yield file


@lru_cache(maxsize=1024)
def _pattern(line: str, folder: str) -> Pattern:
    keeps = line.startswith("!")
    text = line[1:] if keeps else line
    text = text.rstrip() if not text.endswith("\\ ") else text
    only_folders = text.endswith("/")
    text = text.rstrip("/")
    anchored = "/" in text
    parts = text.lstrip("/").split("/")
    made = "" if anchored else "(?:.*/)?"
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            made += ".+" if last else "(?:.*/)?"
        else:
            made += _glob(part) + ("" if last else "/")
    below = "/.*" if only_folders else "(?:/.*)?"
    prefix = re.escape(f"{folder}/") if folder else ""
    return Pattern(re.compile(f"{prefix}{made}{below}\\Z", re.DOTALL), keeps)


def _glob(part: str) -> str:
    """Of one name: ``*`` and ``?`` do not match ``/``."""
    out, at = "", 0
    while at < len(part):
        char = part[at]
        close = part.find("]", at + 2) if char == "[" else -1
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif close > 0:
            inner = part[at + 1 : close]
            out += "[" + ("^" if inner[0] in "!^" else "") + re.escape(inner.lstrip("!^")).replace("\\-", "-") + "]"
            at = close
        elif char == "\\" and at + 1 < len(part):
            at += 1
            out += re.escape(part[at])
        else:
            out += re.escape(char)
        at += 1
    return out
