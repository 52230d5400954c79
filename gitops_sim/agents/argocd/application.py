"""What an Application asks for: its ``spec``, read once, with the real defaults.

Source: ``pkg/apis/application/v1alpha1/{types,application_defaults}.go``. Unset ``prune``, ``selfHeal`` and ``allowEmpty``
are false; ``automated: {}`` switches auto-sync on; ``automated.enabled: false`` switches it off whatever else it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitops_sim.agents.argocd import options as sync_options
from gitops_sim.agents.argocd.ignoring import NOTHING, Ignored, IgnoreRule, read_rule, together
from gitops_sim.agents.frozen import Frozen
from gitops_sim.clock import parse_duration
from gitops_sim.errors import BadInput
from gitops_sim.objects import Key, Object, annotations_of

NAMESPACE = "argocd"
IN_CLUSTER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"
KIND = "applications.argoproj.io"
MIGRATED_MANAGER = "argocd.argoproj.io/client-side-apply-migration-manager"
SKIP_RECONCILE = "argocd.argoproj.io/skip-reconcile"


@dataclass(frozen=True, slots=True)
class Source(Frozen):
    """Where the desired state is. ``raw`` is the section as written: two sources are the same when their ``raw`` are equal.
    ``ref``: the name under which others may use its files; ``parts``: the sources that this one stands for, if several."""

    repo_url: str
    path: str
    chart: str
    target_revision: str
    recurse: bool
    include: str
    exclude: str
    raw: Mapping[str, Any]
    ref: str = ""
    parts: tuple[Source, ...] = ()

    @property
    def entry(self) -> dict[str, Any]:
        """How statuses, operations and histories name it."""
        return {"sources": [part.raw for part in self.parts]} if self.parts else {"source": self.raw}

    def at(self, revision: str) -> dict[str, Any]:
        """How they name a revision of it; those of several sources are one text here, with commas between."""
        return {"revisions": revision.split(",") if revision else []} if self.parts else {"revision": revision}


def read_source(raw: Mapping[str, Any]) -> Source:
    directory = raw.get("directory")
    folder: Mapping[str, Any] = directory if isinstance(directory, Mapping) else {}
    return Source(
        repo_url=str(raw.get("repoURL") or ""),
        path=str(raw.get("path") or ""),
        chart=str(raw.get("chart") or ""),
        target_revision=str(raw.get("targetRevision") or ""),
        recurse=folder.get("recurse") is True,
        include=str(folder.get("include") or ""),
        exclude=str(folder.get("exclude") or ""),
        raw=raw,
        ref=str(raw.get("ref") or ""),
    )


def read_sources(raws: Sequence[Any]) -> Source:
    """Several sources as one, which looks like the first of them, as the real one has it (``GetSource``)."""
    parts = tuple(read_source(raw) for raw in raws if isinstance(raw, Mapping))
    return replace(parts[0], parts=parts) if parts else read_source({})


@dataclass(frozen=True, slots=True)
class Destination(Frozen):
    server: str
    name: str
    namespace: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Automated:
    """Auto-sync is on. ``prune``: it also deletes; ``self_heal``: it also undoes drift; ``allow_empty``: it may delete
    everything."""

    prune: bool = False
    self_heal: bool = False
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a failed operation is tried again, and how long it waits (seconds). ``limit`` -1 means for ever."""

    limit: int = 0
    duration: float = 5.0
    factor: float = 2.0
    max_duration: float = 180.0
    refresh: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)

    def wait(self, count: int) -> float:
        waited = self.duration * self.factor**count if count < 64 else float("inf")
        return max(0.0, min(self.max_duration, waited) if self.max_duration > 0 else waited)

    def allows(self, count: int) -> bool:
        return self.limit < 0 or count < self.limit


@dataclass(frozen=True, slots=True)
class Application(Frozen):
    """An Application's wishes. ``problems`` are texts for InvalidSpecError; ``unsupported`` names what is written but not
    honoured here."""

    name: str
    namespace: str
    project: str
    source: Source
    destination: Destination
    automated: Automated | None
    sync_options: tuple[str, ...]
    namespace_metadata: Mapping[str, Any] | None
    retry: Retry | None
    server_side_diff: bool
    migrated_manager: str
    ignore: tuple[IgnoreRule, ...]
    ignore_raw: tuple[Mapping[str, Any], ...]
    history_limit: int
    problems: tuple[str, ...]
    unsupported: tuple[str, ...]
    skipped: bool

    @property
    def instance(self) -> str:
        """The name in tracking ids: with its namespace in front when that is not Argo CD's own."""
        return self.name if self.namespace == NAMESPACE else f"{self.namespace}_{self.name}"

    @property
    def key(self) -> Key:
        return Key("argoproj.io", "Application", self.namespace, self.name)

    @property
    def comparing(self) -> tuple[object, ...]:
        """All that decides how an object is compared."""
        return self.ignore, self.sync_options, self.server_side_diff

    def compares_on_server(self, target: Object) -> bool:
        """Whether the server is asked what would become of an object, rather than the difference worked out here."""
        option = "ServerSideApply=true"
        return self.server_side_diff or option in self.sync_options or option in sync_options.options_of(target)

    def ignored(self, key: Key) -> Ignored:
        """What does not count as a difference in an object."""
        return together(self.ignore, key) if self.ignore else NOTHING


def read_application(obj: Object) -> Application:
    """Never raises: what is wrong or missing goes to ``problems``."""
    meta = obj["metadata"]
    problems: list[str] = []
    unsupported: list[str] = []
    spec = _mapping(obj.get("spec"), "spec", problems)
    destination = _destination(_mapping(spec.get("destination"), "spec.destination", problems))
    source = _source(spec, problems, unsupported)
    policy = _mapping(spec.get("syncPolicy"), "spec.syncPolicy", problems)
    options = tuple(str(o) for o in _items(policy.get("syncOptions"), "spec.syncPolicy.syncOptions", problems))
    unsupported += [f"syncOptions {option}" for option in sync_options.unknown(options)]
    metadata = policy.get("managedNamespaceMetadata")
    rules = tuple(
        rule for rule in _items(spec.get("ignoreDifferences"), "spec.ignoreDifferences", problems) if isinstance(rule, Mapping)
    )
    limit, compared = spec.get("revisionHistoryLimit"), sync_options.words(obj, sync_options.COMPARE_OPTIONS)
    return Application(
        name=meta["name"],
        namespace=meta.get("namespace") or NAMESPACE,
        project=str(spec.get("project") or "default"),
        source=source,
        destination=destination,
        automated=_automated(policy.get("automated"), problems),
        sync_options=options,
        namespace_metadata=None if metadata is None else _mapping(metadata, "spec.syncPolicy.managedNamespaceMetadata", problems),
        server_side_diff="ServerSideDiff=true" in compared and "ServerSideDiff=false" not in compared,
        migrated_manager=annotations_of(obj).get(MIGRATED_MANAGER) or "kubectl-client-side-apply",
        retry=None if policy.get("retry") is None else read_retry(policy["retry"], problems),
        ignore=tuple(read_rule(rule, problems) for rule in rules),
        ignore_raw=rules,
        history_limit=limit if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0 else 10,
        problems=tuple(problems),
        unsupported=tuple(unsupported),
        skipped=str(annotations_of(obj).get(SKIP_RECONCILE, "")).lower() in ("true", "1", "t"),
    )


def read_retry(value: Any, problems: list[str] | None = None) -> Retry:
    """The retry strategy of a sync policy or of an operation; missing parts have the real defaults."""
    found: list[str] = [] if problems is None else problems
    retry = _mapping(value, "spec.syncPolicy.retry", found)
    backoff = _mapping(retry.get("backoff"), "spec.syncPolicy.retry.backoff", found)
    limit, factor = retry.get("limit", 0), backoff.get("factor", 2)
    return Retry(
        limit=limit if isinstance(limit, int) else 0,
        duration=_seconds(backoff.get("duration"), 5.0, "duration", found),
        factor=float(factor) if isinstance(factor, int | float) else 2.0,
        max_duration=_seconds(backoff.get("maxDuration"), 180.0, "maxDuration", found),
        refresh=retry.get("refresh") is True,
        raw=retry,
    )


def _source(spec: Mapping[str, Any], problems: list[str], unsupported: list[str]) -> Source:
    raw = _mapping(spec.get("source"), "spec.source", problems)
    sources = _items(spec.get("sources"), "spec.sources", problems)
    if sources:
        for number, one in enumerate(sources, 1):
            _mapping(one, f"spec.sources[{number - 1}]", problems)
            named = isinstance(one, Mapping) and one.get("repoURL") and (one.get("path") or one.get("chart") or one.get("ref"))
            if not named:
                problems.append(
                    f"spec.source.repoURL and either source.path, source.chart, or source.ref are required for source {number}"
                )
            _note_tools(one if isinstance(one, Mapping) else {}, problems, unsupported)
        return read_sources(sources)
    if "sourceHydrator" in spec:
        unsupported.append("spec.sourceHydrator")
        problems.append("the source hydrator is not supported by this simulator yet: use spec.source")
    elif (raw or "source" not in spec) and (not raw.get("repoURL") or not (raw.get("path") or raw.get("chart"))):
        problems.append("spec.source.repoURL and either spec.source.path or spec.source.chart are required")
    _note_tools(raw, problems, unsupported)
    return read_source(raw)


def _note_tools(raw: Mapping[str, Any], problems: list[str], unsupported: list[str]) -> None:
    directory = _mapping(raw.get("directory"), "spec.source.directory", problems)
    unsupported += [f"source.{part}" for part in ("plugin", "tagPrefix") if raw.get(part)]
    unsupported += ["source.directory.jsonnet"] if directory.get("jsonnet") else []


def _destination(raw: Mapping[str, Any]) -> Destination:
    return Destination(str(raw.get("server") or "").rstrip("/"), str(raw.get("name") or ""), str(raw.get("namespace") or ""), raw)


def _automated(value: Any, problems: list[str]) -> Automated | None:
    if value is None:
        return None
    raw = _mapping(value, "spec.syncPolicy.automated", problems)
    if raw.get("enabled") is False:
        return None
    return Automated(raw.get("prune") is True, raw.get("selfHeal") is True, raw.get("allowEmpty") is True)


def _mapping(value: Any, where: str, problems: list[str]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if value is not None:
        problems.append(f"{where} must be a mapping, not {value!r}")
    return {}


def _items(value: Any, where: str, problems: list[str]) -> Sequence[Any]:
    if isinstance(value, list):
        return value
    if value is not None:
        problems.append(f"{where} must be a list, not {value!r}")
    return ()


def _seconds(value: Any, default: float, part: str, problems: list[str]) -> float:
    if value is None or value == "":
        return default
    try:
        return parse_duration(value)
    except BadInput:
        problems.append(f"spec.syncPolicy.retry.backoff.{part}: invalid duration {value!r}")
        return default
