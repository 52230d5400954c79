"""``helm template`` in process: a chart, values and a release in; manifests, hooks, CRDs and notes out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.helm.capabilities import Capabilities
from gitops_sim.manifests.helm.chart import Chart
from gitops_sim.manifests.helm.dependencies import process_dependencies
from gitops_sim.manifests.helm.schema import check_values
from gitops_sim.manifests.helm.sorting import Hook, RenderedManifest, sort_manifests
from gitops_sim.manifests.helm.values import Values, coalesce_values
from gitops_sim.manifests.manifest import Manifest, manifests_of
from gitops_sim.manifests.versions import satisfies
from gitops_sim.yaml_in import load_documents

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_RULE = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When a world starts: what ``now`` is outside of one."""


Lookup = Callable[[str, str, str, str], dict[str, Any]]
"""``apiVersion, kind, namespace, name`` to the object; to a list of them without a name; to an empty map when there is none."""


@dataclass(frozen=True, slots=True)
class Release:
    """The release that a chart is rendered for. Helm's names: at most 53 characters, as DNS has them."""

    name: str = "release-name"
    namespace: str = "default"
    revision: int = 1
    is_upgrade: bool = False


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """What a chart makes of values.

    ``chart`` is the one that was rendered, without subcharts that are off; ``config`` what the user gave, ``values`` what the
    templates saw; ``manifests`` are in install order, ``crds`` texts by their path; ``notes`` the text of NOTES.txt.
    """

    chart: Chart
    release: Release
    config: Values
    values: Values
    manifests: list[RenderedManifest]
    hooks: list[Hook]
    crds: list[tuple[str, bytes]]
    notes: str

    @property
    def manifest(self) -> str:
        """The manifests as a release keeps them, without hooks and CRDs."""
        return "".join(f"---\n# Source: {m.file}\n{m.text}\n" for m in self.manifests)

    def text(self, *, include_crds: bool = False, hooks: bool = True, tests: bool = True) -> str:
        """What ``helm template`` prints."""
        crds = "".join(f"---\n# Source: {path}\n{content.decode('utf-8', 'replace')}\n" for path, content in self.crds)
        body = ((crds if include_crds else "") + self.manifest).strip()
        ends = [
            f"---\n# Source: {h.manifest.file}\n{h.manifest.text}\n"
            for h in self.hooks
            if hooks and (tests or "test" not in h.events)
        ]
        return f"{body}\n" + "".join(ends)

    def objects(self, *, include_crds: bool = True, hooks: bool = True, tests: bool = True, folder: str = "") -> list[Manifest]:
        """The same as objects, each with the file in the chart that it comes from, in ``folder``.

        The line is the one in what the template wrote. Raises BadInput for what is no Kubernetes object.
        """
        texts = [(path, content.decode("utf-8", "replace")) for path, content in self.crds if include_crds]
        texts += [(manifest.file, manifest.text) for manifest in self.manifests]
        texts += [
            (hook.manifest.file, hook.manifest.text) for hook in self.hooks if hooks and (tests or "test" not in hook.events)
        ]
        found: list[Manifest] = []
        for file, text in texts:
            where = f"{folder}/{file.partition('/')[2]}".lstrip("/")
            found += manifests_of([one for one in load_documents(text, where=where, last_wins=True) if one.value], where=where)
        return found


def render_chart(
    chart: Chart,
    release: Release | None = None,
    values: Values | None = None,
    capabilities: Capabilities | None = None,
    *,
    lookup: Lookup | None = None,
    now: datetime = START,
    chance: random.Random | None = None,
    validate: bool = True,
) -> RenderedChart:
    """Renders a chart as ``helm template`` does.

    ``values`` are the user's, numbers as floats (:func:`load_values`). ``lookup`` answers for the cluster; without it nothing is
    found. ``now`` and ``chance`` are what templates see of time and luck. ``validate`` holds values against the schemas.
    Raises BadInput in helm's words.
    """
    from gitops_sim.manifests.helm.engine import render_templates  # late: gotpl takes 0.2 s

    release, config = release or Release(), values or {}
    capabilities = capabilities or Capabilities()
    _check_release(release)
    if chart.metadata.is_library:
        raise BadInput(
            "library charts are not installable", where=chart.where + "Chart.yaml", mend="name it as a dependency of another"
        )
    chart = process_dependencies(chart, config)
    merged = coalesce_values(chart, config)
    if validate:
        check_values(chart, merged)
    _check_kubernetes(chart, capabilities)
    shown = {
        "Name": release.name,
        "Namespace": release.namespace,
        "Revision": release.revision,
        "IsUpgrade": release.is_upgrade,
        "IsInstall": not release.is_upgrade,
        "Service": "Helm",
    }
    files = render_templates(
        chart,
        merged,
        shown,
        capabilities.seen_by_templates(),
        now=now,
        random=chance or random.Random(f"gitops-sim/helm/{release.namespace}/{release.name}"),
        lookup=lookup,
    )
    notes = files.get(f"{chart.name}/templates/NOTES.txt", "")
    manifests, hooks = sort_manifests({name: text for name, text in files.items() if not name.endswith("NOTES.txt")})
    return RenderedChart(chart, release, config, merged, manifests, hooks, chart.crds(), notes)


def _check_release(release: Release) -> None:
    if len(release.name) > 53 or not _NAME.match(release.name):
        what = f"invalid release name, must match regex {_RULE} and the length must not be longer than 53"
        what = f'release name check failed: release name "{release.name}": {what if release.name else "no name provided"}'
        raise BadInput(what, mend="choose a name of lower-case letters, digits and dashes")


def _check_kubernetes(chart: Chart, capabilities: Capabilities) -> None:
    wanted = chart.metadata.texts.get("kubeVersion", "")
    version = capabilities.plain_version
    if wanted and not satisfies(wanted, version):
        shown = f"v{capabilities.kube_version.removeprefix('v')}"
        what = f"chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {shown}"
        raise BadInput(
            what, where=chart.where + "Chart.yaml", mend="render with --kube-version, or take another version of the chart"
        )
