"""Which of the addresses in a repository's manifests is that of the repository itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gitops_sim.forge import Tree
from gitops_sim.forge.addresses import normal
from gitops_sim.objects import get_path
from gitops_sim.reconcile.finding import Findings, Found
from gitops_sim.reconcile.needs import Need, of_argo


@dataclass(frozen=True, slots=True)
class Own:
    """The addresses that mean this repository, and why they are thought to."""

    urls: tuple[str, ...]
    why: str


def own_addresses(findings: Findings, tree: Tree, *, origin: str, folder: str) -> Own:
    """``origin`` is where the repository was cloned from, ``folder`` the name of its folder on this machine.

    In this order: the origin, if a manifest names it; the addresses that end in the folder's name; the one address whose folders
    are in this repository most often.
    """
    needs = _needs(findings, tree)
    urls = list(dict.fromkeys(need.url for need in needs if "{{" not in need.url))
    if origin and any(normal(url) == normal(origin) for url in urls):
        return Own((origin,), f"{origin} is where it was cloned from")
    name = folder.removesuffix(".git").lower()
    named = [url for url in urls if normal(url).rpartition("/")[2] in (name, name.rpartition("+")[2])]
    if named:
        return Own((*named, *([origin] if origin else [])), f"{named[0]} has the name of its folder")
    folders = {"", *tree.folders()}
    fits = Counter(normal(need.url) for need in needs if _folder(need.path) and _folder(need.path) in folders and not need.chart)
    best = next((url for url in urls if fits[normal(url)] == max(fits.values(), default=0)), "") if fits else ""
    if best:
        count = fits[normal(best)]
        return Own((best, *([origin] if origin else [])), f"{count} folder{'s' * (count > 1)} named of {best} are in it")
    return Own((origin,) if origin else (), "no manifest names it")


def _needs(findings: Findings, tree: Tree) -> list[Need]:
    found = [need for item in findings.argo for need in of_argo(item.object)]
    found += [_need(item, findings.flux) for item in findings.of("GitRepository")]
    for chart in findings.charts:
        found += _of_chart(tree, chart)
    return [need for need in found if isinstance(need.url, str)]


def _need(source: Found, others: Sequence[Found]) -> Need:
    users = (other for other in others if get_path(other.object, ("spec", "sourceRef", "name")) == source.name)
    path = next((str(get_path(user.object, ("spec", "path")) or "") for user in users), "")
    return Need(str(get_path(source.object, ("spec", "url")) or ""), path)


def _of_chart(tree: Tree, chart: str) -> Iterable[Need]:
    """The addresses in the values of a chart whose templates make Applications: they are texts like all others there."""
    file = f"{chart}/values.yaml" if chart else "values.yaml"
    if not tree.look(file):
        return
    for word in tree.read(file).decode("utf-8", "replace").split():
        url = word.strip("\"',")
        if url.startswith(("https://", "git@", "ssh://")):
            yield Need(url)


def _folder(path: str) -> str:
    return path.strip("/").removeprefix("./").rstrip("/").removesuffix("/.").strip(".")
