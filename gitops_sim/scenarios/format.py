"""The format of a scenario: one YAML file with a world, what people do in it, and what is expected to come of it.

::

    id: drift                       # what 'gitops-sim demo' calls it
    title: Somebody scales by hand
    summary: One or two sentences.
    minutes: 4                      # to read it
    concepts: [drift, self-heal]
    shows_output: true              # the story shows what commands print
    world:
      seed: 0
      people: {ana: Ana Silva}
      images: {shop/web:1.5.0: {never_ready: true}}
      clusters: [production]
      nodes: {node-1: {cpu: "4", memory: 8Gi, pods: 110, labels: {disk: ssd}, taints: ["dedicated=gpu:NoSchedule"]}}
      without: [ingress, loadbalancer]                                           # what gives Ingresses and Services addresses
      repos:
        shop: {by: ana, message: First, files: {web/deployment.yaml: ...}}       # or commits: [{by, message, files}, ...]
        docs: {files: ..., rules: {main: {approvals: 1, checks: [yaml, manifests]}}, reviewers: {ana: 5m}}   # pull requests only
        fleet: {kit: monorepo}                                                   # gitops_sim.scenarios.kit; files: changes some
        site: {files: ..., webhooks: [https://argocd.production.example/api/webhook]}                    # tells it of pushes
      applications: {web: {apiVersion: argoproj.io/v1alpha1, kind: Application, ...}}
      imageUpdaters: {shop: {apiVersion: argocd-image-updater.argoproj.io/v1alpha1, kind: ImageUpdater, ...}}
      flux:                         # {} for Flux alone
        GitRepository/shop: {apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, ...}        # or staging:Git...
      pipelines: {deploy: {repo: shop, path: web}}                               # role: edit binds another ClusterRole to it
      access:                       # who may do what; without it all people are administrators
        groups: {developers: [ben]} # ben has what is bound to this group, and nothing else
        objects: [{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, ...}]
    actions:                        # see gitops_sim.actions
    - {at: 10m, do: kubectl, by: ben, args: scale deployment web --replicas=10}
    ends: 1h
    expectations:
    - {name: in words, check: replicas_ready, object: Deployment/web, count: 3}
    runs:                           # the same story in several ways: what stands here is merged into, or added to, the above
      self-heal: {title: with selfHeal, world: {...}, actions: [...], expectations: [...]}
    measures:                       # found in every run and shown side by side
    - {name: in words, measure: drift_seconds}
    lesson: What to take home, in a sentence or two.

``gitops-sim scenarios --words`` lists what checks and measures there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitops_sim.actions import Action, check_action
from gitops_sim.nearest import nearest
from gitops_sim.scenarios.checks import CHECKS, MEASURES, Call, Word, read_call
from gitops_sim.scenarios.reading import Reader, merged
from gitops_sim.scenarios.worlds import WorldSpec, read_world

_REQUIRED = ("id", "title", "summary", "minutes", "world", "ends")
_OPTIONAL = ("concepts", "shows_output", "actions", "expectations", "runs", "measures", "lesson")
_LONGEST = 30 * 86400.0
_RUN = ("title", "world", "actions", "ends", "expectations")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should come of a run, in words, and the check that finds out."""

    name: str
    call: Call


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One way to play the story. ``title`` is what is special about it."""

    id: str
    title: str
    world: WorldSpec
    actions: Sequence[Action]
    ends: float
    expectations: Sequence[Expectation]


@dataclass(frozen=True, slots=True)
class ScenarioSpec:
    """A story: one run, or several that differ in one thing. ``measures`` are found in every run and shown side by
    side; ``source`` is the name of the file."""

    id: str
    title: str
    summary: str
    minutes: int
    concepts: tuple[str, ...]
    shows_output: bool
    runs: Sequence[RunSpec]
    measures: Sequence[Expectation]
    lesson: str
    source: str = ""


def read_scenario(value: Reader) -> ScenarioSpec:
    """Raises BadInput, with file, line and field, for whatever is unknown, missing or of the wrong type."""
    entries = value.mapping(_REQUIRED, _OPTIONAL)
    measures = _calls(entries["measures"], "measure", MEASURES) if "measures" in entries else ()
    return ScenarioSpec(
        id=entries["id"].text(),
        title=entries["title"].text(),
        summary=" ".join(entries["summary"].text().split()),
        minutes=entries["minutes"].whole(least=1),
        concepts=entries["concepts"].texts() if "concepts" in entries else (),
        shows_output=entries["shows_output"].flag() if "shows_output" in entries else False,
        runs=_runs(entries),
        measures=measures,
        lesson=" ".join(entries["lesson"].text().split()) if "lesson" in entries else "",
        source=value.source,
    )


def _runs(entries: Mapping[str, Reader]) -> Sequence[RunSpec]:
    if "runs" not in entries:
        return (_run("", entries["title"].text(), entries, {}),)
    runs = [
        _run(id, given["title"].text(), entries, given)
        for id, given in ((id, inner.mapping(("title",), _RUN[1:])) for id, inner in entries["runs"].entries().items())
    ]
    return runs or entries["runs"].fail("must hold one run or more", "write 'name: {title: ...}'")


def _run(id: str, title: str, shared: Mapping[str, Reader], own: Mapping[str, Reader]) -> RunSpec:
    """A run is what all runs share and its own parts: its world is merged in, its actions and expectations are added."""
    both = [section for section in (shared, own) if section]
    world = read_world(merged(shared["world"], own["world"]) if "world" in own else shared["world"])
    actions = [action for section in both if "actions" in section for action in read_actions(section["actions"], world)]
    actions.sort(key=lambda action: action.at)
    ends_at = own.get("ends", shared["ends"])
    ends = ends_at.duration()
    if ends > _LONGEST:
        ends_at.fail(f"ends after {ends / 86400:g} days; a story lasts 30 at most", "write 1h, or 2d")
    if actions and ends < actions[-1].at:
        ends_at.fail(f"ends at {ends:g} s, before its last action at {actions[-1].at:g} s", f"end at {actions[-1].at:g} or later")
    expected = [
        e for section in reversed(both) if "expectations" in section for e in _calls(section["expectations"], "check", CHECKS)
    ]
    if not expected:
        (own or shared).get("expectations", shared["world"]).fail("nothing is expected of this run", "add 'expectations:'")
    names = [expectation.name for expectation in expected]
    for expectation in expected:
        if names.count(expectation.name) > 1:
            shared["id"].fail(f"two expectations are called {expectation.name!r}", "give each its own name")
    return RunSpec(id, title, world, actions, ends, expected)


def read_actions(value: Reader, world: WorldSpec) -> list[Action]:
    """A list of actions in order of time, done by people of this world on its repositories and clusters."""
    actions: list[Action] = []
    for item in value.items():
        entries = item.entries()
        for key in ("at", "do"):
            if key not in entries:
                item.fail(f"an action without {key!r}", "write {at: 90s, do: kubectl, args: ...}")
        at, do = entries["at"].duration(), entries["do"].text()
        fields = {key: inner.plain() for key, inner in entries.items() if key not in ("at", "do")}
        check_action(do, fields, where=item.where)
        for key, known in (("by", world.people), ("repo", world.repos), ("cluster", world.clusters)):
            if known and key in fields and fields[key] not in known:
                entries[key].fail(f"no {fields[key]!r} in this world", nearest(fields[key], known))
        if actions and at < actions[-1].at:
            item.fail(f"at {at:g} s comes after an action at {actions[-1].at:g} s", "put the actions in the order of time")
        actions.append(Action(at, do, fields, item.line))
    return actions


def _calls(value: Reader, key: str, words: Mapping[str, Word]) -> Sequence[Expectation]:
    found: list[Expectation] = []
    for item in value.items():
        entries = item.entries()
        for needed in ("name", key):
            if needed not in entries:
                item.fail(f"{needed!r} is missing", f"write {{name: ..., {key}: ..., ...}}")
        rest = {k: v for k, v in entries.items() if k != "name"}
        found.append(Expectation(entries["name"].text(), read_call(rest, key, words)))
    return found
