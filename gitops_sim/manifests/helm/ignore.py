"""``.helmignore``: which files of an unpacked chart are left out.

Source: helm ``pkg/ignore``. As there, ``**`` is refused, a rule with ``!`` leaves out everything that does not match it, and the
first rule that decides wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gitops_sim.errors import BadInput


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    whole_path: bool
    folders_only: bool
    negated: bool

    def matches(self, path: str) -> bool:
        return bool(self.pattern.fullmatch(path if self.whole_path else path.rpartition("/")[2]))


class IgnoreRules:
    """The rules of a ``.helmignore`` (its text may be empty), and helm's own: no dotfiles in ``templates/``.

    Raises BadInput for a rule that helm refuses.
    """

    def __init__(self, text: str = "", *, where: str = ".helmignore") -> None:
        lines = text.removeprefix("\ufeff").splitlines()
        read = [_rule(line.strip(), f"{where}:{number}") for number, line in enumerate(lines, 1)]
        self._rules = [rule for rule in read if rule] + [_Rule(glob("templates/.?*"), True, False, False)]

    def leaves_out(self, path: str) -> bool:
        """Whether a file is left out, for its own name or for that of a folder that it is in."""
        parts = path.split("/")
        folders = ("/".join(parts[:count]) for count in range(1, len(parts)))
        return any(self._matches(folder, is_folder=True) for folder in folders) or self._matches(path, is_folder=False)

    def _matches(self, path: str, *, is_folder: bool) -> bool:
        for rule in self._rules:
            if rule.negated:
                if (rule.folders_only and not is_folder) or not rule.matches(path):
                    return True
            elif (is_folder or not rule.folders_only) and rule.matches(path):
                return True
        return False


def _rule(line: str, where: str) -> _Rule | None:
    if not line or line.startswith("#"):
        return None
    if "**" in line:
        raise BadInput("double-star (**) syntax is not supported", where=where, mend="name the folder, or one level of it with *")
    negated = line.startswith("!")
    rest = line[1:] if negated else line
    folders_only = rest.endswith("/")
    rest = rest.removesuffix("/")
    pattern = glob(rest.removeprefix("/"), where=where)
    return _Rule(pattern, "/" in rest, folders_only, negated)


def glob(pattern: str, *, where: str = "") -> re.Pattern[str]:
    """A pattern of Go's ``filepath.Match``: ``*`` and ``?`` stop at ``/``, ``[a-z]`` and ``[^a]`` are classes."""
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[":
            close = pattern.find("]", at + 2)
            if close < 0:
                raise BadInput("syntax error in pattern", where=where, mend="close the [")
            inner = pattern[at + 1 : close]
            out += "[" + ("^" if inner[0] == "^" else "") + re.escape(inner.removeprefix("^")).replace("\\-", "-") + "]"
            at = close
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            out += re.escape(pattern[at])
        else:
            out += re.escape(char)
        at += 1
    try:
        return re.compile(out, re.DOTALL)
    except re.error:
        raise BadInput("syntax error in pattern", where=where, mend="mend the [class]") from None
