"""Patterns as Argo CD reads them in projects and policies: ``*``, ``?``, ``[a-z]``, ``{a,b}``.

A ``*`` stops at a separator where there is one, ``**`` never does. Source of the rules: github.com/gobwas/glob; kinds and groups
are matched by Go's ``filepath.Match`` instead, which knows neither ``**`` nor ``{a,b}``.
"""

from __future__ import annotations

from gitops_sim.manifests.globs import compiled


def matches(pattern: str, text: str, *, separator: str = "") -> bool:
    """Whether the whole text fits. A pattern that cannot be read fits nothing, as in the real one, which only logs it."""
    found = compiled(pattern, separator)
    return found is not None and found.fullmatch(text) is not None


def matches_or_denies(pattern: str, text: str, *, separator: str = "") -> bool:
    """A pattern with ``!`` in front fits everything else."""
    if denies(pattern):
        return not matches(pattern[1:], text, separator=separator)
    return pattern == "*" or matches(pattern, text, separator=separator)


def denies(pattern: str) -> bool:
    return pattern.startswith("!")


def matches_path(pattern: str, text: str) -> bool:
    """Go's ``filepath.Match``, for groups and kinds."""
    return matches(pattern.replace("{", r"\{").replace("**", "*"), text, separator="/")
