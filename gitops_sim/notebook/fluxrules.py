"""What Flux's documentation says that a GitRepository and a Kustomization do: rules that are worked out, for no Flux runs here.

Rules: Flux documentation, GitRepository and Kustomization (source.toolkit.fluxcd.io/v1, kustomize.toolkit.fluxcd.io/v1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gitops_sim.clock import format_duration, parse_duration
from gitops_sim.errors import BadInput, GitOpsSimError
from gitops_sim.notebook.facts import Rows, facts_html, facts_text
from gitops_sim.notebook.live import Card, indent
from gitops_sim.objects import get_path
from gitops_sim.world import World
from gitops_sim.yaml_in import load_documents

_VERSIONS = {"GitRepository": "source.toolkit.fluxcd.io/v1", "Kustomization": "kustomize.toolkit.fluxcd.io/v1"}
_NEEDED = {"GitRepository": ("interval", "url"), "Kustomization": ("interval", "prune", "sourceRef")}
_REFS = ("commit", "name", "semver", "tag", "branch")
"""In the order in which they count."""


@dataclass(frozen=True, slots=True, repr=False)
class FluxRules(Card):
    """What one GitRepository and the Kustomization on it would do, as a table.

    ``commit_within`` and ``drift_within``: seconds until a commit is applied, and until drift is undone, at most (None: never,
    for it is suspended); both may be 5 % more or less, so that not everything runs at once. ``prunes``: whether what has left
    Git is deleted.
    """

    commit_within: float | None
    drift_within: float | None
    prunes: bool

    @property
    def commit_is_applied(self) -> str:
        """In words: ``within 1m``."""
        return _within(self.commit_within)

    @property
    def drift_is_undone(self) -> str:
        """In words: ``within 5m``."""
        return _within(self.drift_within)

    def reconciled(self, fetched: str, newest: str, *, with_source: bool) -> str:
        """Which of two revisions ``flux reconcile kustomization`` applies, ``newest`` not being fetched yet. Raises BadInput for
        a suspended one."""
        if self.drift_within is None:
            raise BadInput("resource is suspended", where="Kustomization", mend="take suspend out of it")
        return newest if with_source else fetched


def flux_rules(text: str) -> FluxRules:
    """Reads a GitRepository and a Kustomization. Raises BadInput where Flux's API would refuse them, or the one does not name
    the other."""
    source, applied = (_only(kind, text) for kind in _VERSIONS)
    name, wanted = get_path(source, ("metadata", "name")), get_path(applied, ("spec", "sourceRef", "name"))
    if not name or name != wanted:
        raise BadInput(f"sourceRef names {wanted!r}, and the GitRepository is called {name!r}", where="Kustomization")
    stopped = applied["spec"].get("suspend") is True
    commit = None if stopped or source["spec"].get("suspend") is True else _interval(source)
    drift = None if stopped else _interval(applied)
    rows: Rows = [("", ("by rule", "says who")), *_rows(source, applied, commit, drift)]
    html = f'<div class="gn-box"><div class="gn-kind">Flux, by rule: no Flux runs here</div>{facts_html(rows)}</div>'
    words = f"FLUX, BY RULE: NO FLUX RUNS HERE\n{indent(facts_text(rows))}"
    return FluxRules(html, words, commit, drift, applied["spec"]["prune"] and not stopped)


def beside(incidents: Mapping[str, Callable[[World], object]], worlds: Mapping[str, World], rules: Mapping[str, str]) -> Card:
    """A table: each incident, played in a copy of each world, and beside what was measured the rule of another tool.

    ``rules`` names its tool under ``""``, and for every incident what that tool's documentation says. Raises BadInput for an
    incident without a rule.
    """
    missing = [name for name in ("", *incidents) if name not in rules]
    if missing:
        raise BadInput(f"no rule for {missing[0]!r}", mend="add it to the rules, in words")
    rows: list[tuple[str, list[str]]] = [("", [*(f"{name} (run)" for name in worlds), f"{rules['']} (by rule)"])]
    for name, story in incidents.items():
        rows.append((name, [*(_played(story, world) for world in worlds.values()), rules[name]]))
    html = f'<div class="gn-box"><div class="gn-kind">Runs, and a rule beside them</div>{facts_html(rows)}</div>'
    return Card(html, f"RUNS, AND A RULE BESIDE THEM\n{indent(facts_text(rows))}")


def _rows(source: Any, applied: Any, commit: float | None, drift: float | None) -> Rows:
    spec, ref = applied["spec"], source["spec"].get("ref")
    said = [f"{key} {ref[key]}" for key in _REFS if key in ref] if isinstance(ref, Mapping) else []
    follows = said[0] if said else "branch master"
    gone = "is deleted" if spec["prune"] else "stays, and nobody looks after it any more"
    if drift is None:
        gone = "stays while it is suspended"
    asked = "what healthChecks name is healthy" if spec.get("healthChecks") else "it is applied, healthy or not"
    ready = "all that was applied is healthy" if spec.get("wait") is True else asked
    return [
        ("follows", (follows, "GitRepository .spec.ref")),
        ("a commit is applied", (_within(commit), "GitRepository .spec.interval")),
        ("what is applied", (f"{spec.get('path', './')} and its subfolders", "Kustomization .spec.path")),
        ("drift is undone", (_within(drift), "Kustomization .spec.interval")),
        ("what has left Git", (gone, "Kustomization .spec.prune")),
        ("Ready as soon as", (ready, "Kustomization .spec.wait")),
    ]


def _within(seconds: float | None) -> str:
    return "not while it is suspended" if seconds is None else f"within {format_duration(seconds)}"


def _only(kind: str, text: str) -> Any:
    """The one object of a kind in a text, with the fields that it cannot do without."""
    found = [d.value for d in load_documents(text, where="your YAML") if get_path(d.value, ("kind",)) == kind]
    if len(found) != 1:
        raise BadInput(
            f"{len(found)} objects of kind {kind}", where="your YAML", mend="write one GitRepository and one Kustomization"
        )
    (obj,) = found
    if obj.get("apiVersion") != _VERSIONS[kind]:
        said = f'no matches for kind "{kind}" in version "{obj.get("apiVersion")}"'
        raise BadInput(said, where="your YAML", mend=f"today it is {_VERSIONS[kind]}")
    for field in _NEEDED[kind]:
        if get_path(obj, ("spec", field)) is None:
            raise BadInput(f"spec.{field}: Required value", where=kind, mend="it has no default: say what you mean")
    if kind == "Kustomization" and not isinstance(obj["spec"]["prune"], bool):
        raise BadInput("spec.prune: must be true or false", where=kind)
    _interval(obj)
    return obj


def _interval(obj: Any) -> float:
    """Seconds. The API wants units: ``5m``, and no bare number."""
    value = obj["spec"]["interval"]
    if not isinstance(value, str) or not value[-1:].isalpha():
        raise BadInput(f"spec.interval: Invalid value: {value!r}", where=obj["kind"], mend="write it with a unit: 90s, 5m, 1h")
    return parse_duration(value, where=f"{obj['kind']} spec.interval")


def _played(story: Callable[[World], object], world: World) -> str:
    try:
        value = story(world.fork())
    except GitOpsSimError as error:
        return f"refused: {str(error).partition(chr(10))[0]}"
    except Exception as error:  # the learner may have changed the story: say what is wrong with it, lose nothing
        return f"failed: {type(error).__name__}: {error}"
    return format_duration(round(value)) if isinstance(value, float) else str(value)
