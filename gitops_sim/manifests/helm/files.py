"""``.Files``: what a chart holds beside templates and values, for its templates to read. Source: helm ``pkg/engine/files.go``."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from gitops_sim.manifests.globs import compiled
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
        """A broken pattern fits everything."""
        wanted = compiled(pattern, "/")
        return ChartFiles({name: content for name, content in self.items() if wanted is None or wanted.fullmatch(name)})

    def _lines(self, name: str) -> list[str]:
        text = self.get(name, b"").decode("utf-8", "replace")
        return text.removesuffix("\n").split("\n") if text else []


def _base(path: str) -> str:
    return path.rpartition("/")[2]
