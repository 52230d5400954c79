"""What a folder stands for, whatever kind it is: plain manifests as they are, a kustomization built, a chart rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from gitops_sim.manifests.directory import Files, SourceType, read_directory, source_type
from gitops_sim.manifests.helm import RenderedChart, load_chart, render_chart
from gitops_sim.manifests.kustomize import Change, Remotes, build
from gitops_sim.manifests.manifest import Manifest
from gitops_sim.yaml_sorted import to_yaml


@dataclass(frozen=True)
class Rendered:
    """``manifests`` in the order of the output, each with where it comes from; ``warnings`` are texts for standard error;
    ``origins``, when asked for, say of each which step gave a field which value; ``chart`` is there when it is one."""

    kind: SourceType
    manifests: Sequence[Manifest]
    warnings: Sequence[str] = ()
    origins: Sequence[Sequence[Change]] = ()
    chart: RenderedChart | None = None

    @cached_property
    def text(self) -> str:
        """All of them as YAML with sorted keys, ``---`` between them; of a chart what ``helm template`` prints."""
        if self.chart is not None:
            return self.chart.text()
        return "---\n".join(to_yaml(manifest.object) for manifest in self.manifests)


def render(files: Files, path: str = "", *, shown: str = "", remotes: Remotes | None = None, explain: bool = False) -> Rendered:
    """Renders the folder at ``path``. ``files`` are the whole tree, since a kustomization may use other folders of it.

    ``shown`` is how the top of the tree is called in messages. Raises BadInput, for a kustomization with the text of the real
    tool.
    """
    kind = source_type(files, path)
    if kind == "kustomize":
        built = build(files, path, remotes=remotes, shown=shown, explain=explain)
        where = f"{path}/" if path else ""
        manifests = [Manifest(obj, f"{where}kustomization.yaml", 1) for obj in built.objects]
        return Rendered(kind, manifests, built.warnings, built.origins)
    if kind == "helm":
        rendered = render_chart(load_chart(files, path, where=f"{shown}/" if shown else ""))
        return Rendered(kind, rendered.objects(include_crds=False, folder=path), chart=rendered)
    return Rendered(kind, read_directory(files, path, where=f"{shown}/" if shown else ""))
