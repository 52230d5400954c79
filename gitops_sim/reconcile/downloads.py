"""Stand-ins for what is downloaded: single manifests, and the charts of chart repositories and registries."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping

from gitops_sim.errors import BadInput
from gitops_sim.forge import Repository
from gitops_sim.forge.addresses import normal
from gitops_sim.manifests.helm import write_index
from gitops_sim.manifests.versions import Version, example
from gitops_sim.reconcile.needs import Need
from gitops_sim.reconcile.substitutes import config_map, packed, slug
from gitops_sim.world import World
from gitops_sim.yaml_out import dump_yaml

_AUTHOR, _DEFAULT, _INDEX = "platform", "default", "index.yaml"


class Downloads:
    """Each in a repository of its own, which the forge serves below the real address. ``made`` is told what stands in for what:
    ``chart podinfo 6.5.0``, and where the real one is."""

    def __init__(self, world: World, made: Callable[[str, str], None]) -> None:
        self._world, self._made = world, made
        self._served: dict[str, Repository] = {}
        self._charts: dict[str, dict[str, bytes]] = {}
        self._listed: dict[str, str] = {}

    def file(self, url: str) -> None:
        """A manifest."""
        base, _, name = url.rpartition("/")
        stand_in = config_map(f"stand-in-{slug(name)}", url, _DEFAULT)
        self._serve(base, {name: dump_yaml(stand_in)})
        self._made(f"file {name}", url)

    def index(self, url: str) -> bytes:
        """The index of a repository as it is now; the repository is there from now on."""
        url = url.rstrip("/")
        if url not in self._charts:
            self._charts[url] = {}
            self._serve(url, {_INDEX: self._index(url)})
        return self._index(url).encode()

    def chart(self, need: Need) -> bool:
        """A repository with a chart, in a version that fits; whether that is new."""
        url, version = need.url.rstrip("/"), example(need.version)
        packages = self._charts.setdefault(url, {})
        file = f"{slug(need.chart)}-{version}.tgz"
        if Version.parse(version) is None or file in packages:
            return False
        packages[file] = packed(need.chart, version, url)
        self._listed[file] = need.chart
        self._serve(url, {file: packages[file], _INDEX: self._index(url)})
        self._made(f"chart {need.chart} {version}", url)
        return True

    def _index(self, url: str) -> str:
        return write_index(self._charts[url], created=self._world.clock.timestamp(0.0), listed=self._listed)

    def _serve(self, url: str, files: Mapping[str, str | bytes]) -> None:
        name = f"stand-ins/downloads/{place_of(normal(url))}"
        repository = self._served.get(name)
        if repository is None:
            repository = self._served[name] = self._world.git.create(name, files, author=_AUTHOR)
        self._world.git.publish(repository, url)
        with contextlib.suppress(BadInput):  # a name that cannot be: who asks for it will say so
            repository.commit(files, "Stand in for more", author=_AUTHOR, story=False)


def place_of(address: str) -> str:
    """An address as the name of a repository."""
    steps = [re.sub(r"[^A-Za-z0-9_-]+", "-", step).strip("-") for step in address.split("/")]
    return "/".join(step or "-" for step in steps if step)
