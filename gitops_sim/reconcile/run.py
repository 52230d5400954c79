"""One run: which agent, where it begins, what it may find, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gitops_sim.forge import Repository
from gitops_sim.reconcile.addresses import own_addresses
from gitops_sim.reconcile.argo import overall, run_argo
from gitops_sim.reconcile.attention import Attention, flattened, from_trace, unhealthy
from gitops_sim.reconcile.bootstraps import flux_bootstrap
from gitops_sim.reconcile.catalog import application_of, catalog, chosen
from gitops_sim.reconcile.clusters import LabelledCluster
from gitops_sim.reconcile.finding import Findings, Found, find
from gitops_sim.reconcile.flux import run_flux
from gitops_sim.reconcile.kustomizations import Kustomizations
from gitops_sim.reconcile.plain import run_plain
from gitops_sim.reconcile.provisions import Provisions
from gitops_sim.reconcile.result import AgentObject, Reconciled
from gitops_sim.reconcile.roots import Roots, argo_roots
from gitops_sim.reconcile.standins import StandIns
from gitops_sim.views.tree import Node
from gitops_sim.world import World

AgentName = Literal["argocd", "flux", "push"]


@dataclass(frozen=True, slots=True)
class _Job:
    """What is asked for."""

    world: World
    repository: Repository
    name: str
    path: str
    minutes: float
    kustomizations: Kustomizations


def reconcile(
    source: Path,
    *,
    path: str = "",
    revision: str = "HEAD",
    agent: AgentName | None = None,
    minutes: float = 10,
    seed: int = 0,
) -> Reconciled:
    """Reads ``path`` of ``source`` (a work tree or a bare repository) at ``revision`` and lets the agent work for
    ``minutes`` (simulated).

    Without ``agent`` it is the one whose objects the repository holds: Argo CD for Applications, Flux for Kustomizations; and
    Argo CD, with one Application for all manifests, where there are neither.

    Raises BadInput before anything is done when the repository, the revision, the path or a manifest cannot be used.
    """
    world = World(seed)
    name = source.resolve().name.removesuffix(".git") or "repository"
    repository = world.git.adopt(safe_name(source), source, revision)
    kustomizations = Kustomizations(repository.tree(), f"{folder}/" if (folder := path.strip("/.")) else "")
    findings = find(repository.tree(), path, kustomizations) if agent != "push" else Findings()
    job = _Job(world, repository, name, path, minutes, kustomizations)
    if agent == "flux" or (agent is None and findings.flux and not findings.applications and not findings.charts):
        return _flux(job, findings, asked=agent is not None)
    if findings.applications or findings.charts:
        return _argo(job, findings, asked=agent is not None)
    return _plain(job, agent or "argocd", asked=agent is not None)


def safe_name(source: Path) -> str:
    """A directory's name as a name that a repository and an Application may have."""
    name = source.resolve().name.removesuffix(".git")
    kept = "".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in name.lower()).strip("-")
    return kept[:50].strip("-") or "repository"


def _plain(job: _Job, agent: str, *, asked: bool) -> Reconciled:
    why = (
        []
        if asked
        else ["no Application of Argo CD and no Kustomization of Flux is in it, so one Application takes all manifests"]
    )
    commit = job.repository.tip()
    folders = catalog(job.repository.tree(), job.kustomizations) if agent == "argocd" and not job.path.strip("/") else []
    if len(folders) > 1:
        return _catalog(job, folders)
    tree, attention = run_plain(job.world, job.repository, job.name, job.path, agent, job.minutes)
    attention = flattened([attention, from_trace(job.world), unhealthy(tree)])
    return Reconciled(job.world, job.name, job.path, commit, agent, tree, tree.sync, tree.health, attention, why)


def _catalog(job: _Job, folders: list[str]) -> Reconciled:
    stand_ins = _stand_ins(job, [])
    folders, left = chosen(job.world, job.repository.tree(), folders)
    why = [
        f"Argo CD: no agent's objects are in it, so each kustomization that no other builds upon, and each chart, got an"
        f" Application of its own: {_some(folders)}",
        "of overlays side by side one was taken, and manifests outside of all these folders were not: --path FOLDER tries them",
    ]
    apps = tuple(Found(application_of(folder, job.repository), folder) for folder in folders)
    objects, attention = run_argo(job.world, job.repository, Roots(apps), stand_ins, job.minutes, helm=_inflates(job, why))
    return _argo_result(job, objects, [*attention, *left], stand_ins, why, Findings())


def _argo(job: _Job, findings: Findings, *, asked: bool) -> Reconciled:
    whole = job.repository.tree()
    own = own_addresses(findings, whole, origin=job.repository.origin, folder=job.name)
    roots = argo_roots(findings, whole, own.urls, job.kustomizations, job.path)
    count = len(findings.applications)
    why = (
        []
        if asked
        else [f"Argo CD, for it holds {_count(count, 'Application')} or ApplicationSets" + _in_charts(findings.charts)]
    )
    why.append(f"begins with what no other Application deploys: {_some(roots.titles)}")
    if roots.beside:
        why.append(f"there are others beside it: try {_tried(roots.beside)}")
    why.append(f"of the addresses in it, {own.why}")
    stand_ins = _stand_ins(job, own.urls)
    objects, attention = run_argo(job.world, job.repository, roots, stand_ins, job.minutes, helm=_inflates(job, why))
    return _argo_result(job, objects, attention, stand_ins, why, findings)


def _argo_result(
    job: _Job,
    objects: list[AgentObject],
    attention: list[Attention],
    stand_ins: StandIns,
    why: list[str],
    findings: Findings,
) -> Reconciled:
    tree = Node("Repository", job.name, children=[obj.tree for obj in objects])
    sync, health = overall(objects)
    found = flattened([stand_ins.attention(), attention, _unwell(objects, stand_ins), _aside(findings)])
    commit = job.repository.tip()
    return Reconciled(job.world, job.name, job.path, commit, "argocd", tree, sync, health, found, why, objects, stand_ins.made)


def _flux(job: _Job, findings: Findings, *, asked: bool) -> Reconciled:
    whole = job.repository.tree()
    whole.folder(job.path.strip("/"))
    own = own_addresses(findings, whole, origin=job.repository.origin, folder=job.name)
    start = flux_bootstrap(findings, whole, job.kustomizations)
    folders = start.paths or ("",)
    if job.path.strip("/"):
        folders, start = (job.path.strip("/"),), replace(start, why="as was asked")
    why = [] if asked else [f"Flux, for it holds {_count(len(findings.of('Kustomization')), 'Kustomization')} of Flux"]
    why.append(f"bootstrapped at {folders[0] or 'the top folder'}, {start.why}")
    if len(folders) > 1:
        why.append(f"there are other clusters in it: try {_tried(folders[1:])}")
    why.append(f"of the addresses in it, {own.why}")
    stand_ins = _stand_ins(job, own.urls)
    operated = bool(findings.syncs) or any(found.name.startswith("flux-operator") for found in findings.flux)
    objects, attention = run_flux(
        job.world, job.repository, folders[0], stand_ins, job.minutes, source=start.source, operated=operated
    )
    tree = Node("Repository", job.name, children=[obj.tree for obj in objects])
    found = flattened([stand_ins.attention(), attention, _unwell(objects, stand_ins), _encrypted(findings), _aside(findings)])
    return Reconciled(
        job.world, job.name, job.path, job.repository.tip(), "flux", tree, "", "", found, why, objects, stand_ins.made
    )


def _stand_ins(job: _Job, ours: Sequence[str]) -> StandIns:
    """With what is there from the beginning."""
    stand_ins = StandIns(job.world, job.repository, ours)
    stand_ins.meet_kustomizations(job.kustomizations)
    Provisions(job.world, job.repository.tree(), stand_ins.provided)
    LabelledCluster(job.world, job.repository, stand_ins.provided)
    return stand_ins


def _inflates(job: _Job, why: list[str]) -> bool:
    """Whether kustomizations inflate charts; that is said in ``why``."""
    charts = len(list(job.kustomizations.charts()))
    if charts:
        why.append(f"kustomize runs with --enable-helm, for kustomizations inflate {_count(charts, 'chart')}")
    return charts > 0


def _unwell(objects: Sequence[AgentObject], stand_ins: StandIns) -> Iterator[Attention]:
    """Of the agent's own objects, their own state tells."""
    keys = frozenset(node.key for node in (obj.tree for obj in objects) if node.key is not None)
    foreign = frozenset(name.partition(".")[0] for name in stand_ins.kinds)
    for obj in objects:
        yield from unhealthy(obj.tree, keys, foreign)


def _aside(findings: Findings) -> list[Attention]:
    cause = "is in a folder of tests or in a hidden one, and was left out: name it with --path to try it"
    return [Attention(file, "is left out", cause=cause, sort="note") for file in findings.aside]


def _encrypted(findings: Findings) -> list[Attention]:
    cause = "is encrypted with SOPS and no key is here, so that texts such as stand-in-password stand in for its values"
    return [Attention(file, cause, cause=cause, sort="stand-in") for file in findings.encrypted]


def _in_charts(charts: list[str]) -> str:
    return f", and charts that make some: {_some(charts)}" if charts else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _tried(folders: Sequence[str], most: int = 5) -> str:
    return ", ".join(f"--path {folder}" for folder in folders[:most]) + (", ..." if len(folders) > most else "")


def _some(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
