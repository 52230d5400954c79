"""``.Files``: what a chart holds beside templates and values, for its templates to read. Source: helm ``pkg/engine/files.go``."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import lru_cache

from gitops_sim.manifests.helm.calls import Function
from gitops_sim.manifests.helm.go_yaml import yaml_text


class ChartFiles(dict[str, bytes]):
    """The files by path, with the methods that templates call."""

    go_type = "engine.files"

    @property
    def go_methods(self) -> Mapping[str, Function]:
        return {
            "Get": Function(lambda name: self.get(name, b"").decode("utf-8", "replace"), ("string",)),
            "GetBytes": Function(lambda name: self.get(name, b""), ("string",)),
            "Glob": Function(self._glob, ("string",)),
            "AsConfig": Function(lambda: yaml_text({_base(k): v.decode("utf-8", "replace") for k, v in sorted(self.items())})),
            "AsSecrets": Function(lambda: yaml_text({_base(k): base64.b64encode(v).decode() for k, v in sorted(self.items())})),
            "Lines": Function(self._lines, ("string",)),
        }

    def _glob(self, pattern: str) -> ChartFiles:
        compiled = _glob(pattern)
        return ChartFiles({name: content for name, content in self.items() if compiled.fullmatch(name)})

    def _lines(self, name: str) -> list[str]:
        text = self.get(name, b"").decode("utf-8", "replace")
        return text.removesuffix("\n").split("\n") if text else []


def _base(path: str) -> str:
    return path.rpartition("/")[2]


@lru_cache(maxsize=64)
def _glob(pattern: str) -> re.Pattern[str]:
    """A glob of ``gobwas/glob`` with ``/`` as separator: ``*`` stops there, ``**`` does not; a broken one matches everything."""
    out, depth, at = "", 0, 0
    while at < len(pattern):
        char = pattern[at]
        close = pattern.find("]", at + 2) if char == "[" else -1
        if pattern.startswith("**", at):
            out, at = out + ".*", at + 1
        elif char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif close > 0:
            inner = pattern[at + 1 : close]
            out += "[" + ("^" if inner[0] == "!" else "") + re.escape(inner.removeprefix("!")).replace("\\-", "-") + "]"
            at = close
        elif char == "{":
            out, depth = out + "(?:", depth + 1
        elif char == "}" and depth:
            out, depth = out + ")", depth - 1
        elif char == "," and depth:
            out += "|"
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            out += re.escape(pattern[at])
        else:
            out += re.escape(char)
        at += 1
    return re.compile(".*" if depth else out, re.DOTALL)
