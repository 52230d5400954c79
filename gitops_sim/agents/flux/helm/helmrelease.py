"""A HelmRelease's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops_sim.agents.flux import cel
from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.agents.flux.helm.sources import GROUP as SOURCE_GROUP
from gitops_sim.agents.flux.kustomization import IgnoreRule
from gitops_sim.objects import Key, Object, key_of

GROUP, KIND = "helm.toolkit.fluxcd.io", "helmreleases.helm.toolkit.fluxcd.io"
ActionName = Literal["install", "upgrade", "rollback", "uninstall", "test"]

_TIMEOUT, _MAX_HISTORY, _RETRY_INTERVAL = 300.0, 5, 300.0
_LONGEST, _HASH = 53, 12
_NOT_SIMULATED = ("kubeConfig", "waitStrategy")
_NOT_SIMULATED_INSIDE = {
    "install": ("serverSideApply",),
    "upgrade": ("serverSideApply",),
    "rollback": ("serverSideApply",),
}


@dataclass(frozen=True, slots=True)
class ValuesFrom:
    """A ConfigMap or Secret with values: all of them, or one for ``path``."""

    kind: str
    name: str
    key: str
    path: str
    optional: bool
    literal: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """How one action goes about it. ``timeout`` is in seconds, for each step of its own."""

    timeout: float
    waits: bool
    waits_for_jobs: bool
    hooks: bool
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TestFilters:
    """The tests that are run: those that are ``named``, or all, but none of those that are ``excluded``."""

    named: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()

    def selects(self, name: str) -> bool:
        return name not in self.excluded and (not self.named or name in self.named)


@dataclass(frozen=True, slots=True)
class Remediation:
    """What a failed install or upgrade leads to. Of ``retries`` a negative number has no end."""

    retries: int
    ignores_tests: bool
    cleans_up_last: bool
    strategy: Literal["rollback", "uninstall"]

    def is_exhausted(self, failures: int) -> bool:
        return 0 <= self.retries < failures


@dataclass(frozen=True, slots=True)
class HelmRelease:
    """Times are in seconds. ``chart_source`` is the HelmChart that is installed, ``template`` what it is made of if it is its
    own; ``ready_exprs`` has an expression, or nothing, for each that it depends on; ``unsupported`` are the fields that are not
    honoured here."""

    key: Key
    chart_source: Key
    template: Mapping[str, Any] | None
    interval: float
    timeout: float
    release_name: str
    namespace: str
    storage_namespace: str
    max_history: int
    values: Mapping[str, Any]
    values_from: tuple[ValuesFrom, ...]
    health_exprs: cel.HealthCheckExpressions
    depends_on: tuple[Key, ...]
    ready_exprs: tuple[str, ...]
    suspended: bool
    service_account: str
    drift_mode: Literal["enabled", "warn", "disabled"]
    drift_ignore: tuple[IgnoreRule, ...]
    post_renderers: Sequence[Mapping[str, Any]]
    hooks_unchanged: bool
    common: Mapping[str, Mapping[str, str]]
    spec: Mapping[str, Any]
    unsupported: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def tests(self) -> bool:
        return self._section("test").get("enable") is True

    @property
    def ignores_test_failures(self) -> bool:
        return self._section("test").get("ignoreFailures") is True

    @property
    def reinstalls_for_another_chart(self) -> bool:
        return self._section("upgrade").get("chartNameChangeStrategy") != "InPlaceUpdate"

    @property
    def test_filters(self) -> TestFilters:
        filters: Sequence[Mapping[str, Any]] = self._section("test").get("filters") or ()
        excluded = frozenset(found["name"] for found in filters if found.get("exclude"))
        return TestFilters(frozenset(found["name"] for found in filters) - excluded, excluded)

    def settings(self, action: ActionName) -> Settings:
        raw = self._section(action)
        return Settings(
            timeout=seconds_of(raw.get("timeout")) or self.timeout,
            waits=raw.get("disableWait") is not True,
            waits_for_jobs=raw.get("disableWaitForJobs") is not True,
            hooks=raw.get("disableHooks") is not True,
            raw=raw,
        )

    def remediation(self, action: str) -> Remediation | None:
        """Of the action that was tried last; None when none was."""
        if action not in ("install", "upgrade"):
            return None
        raw: Mapping[str, Any] = self._section(action).get("remediation") or {}
        retries: int = raw.get("retries") or 0
        default = action == "upgrade" and retries > 0
        last, tests = raw.get("remediateLastFailure"), raw.get("ignoreTestFailures")
        return Remediation(
            retries,
            self.ignores_test_failures if tests is None else tests,
            default if last is None else last,
            "uninstall" if action == "install" else raw.get("strategy") or "rollback",
        )

    def retry_interval(self, action: str) -> float | None:
        """Seconds after which a failed action is tried again, where that is what a failure leads to; None where it is cleaned
        up."""
        strategy: Mapping[str, Any] = (self._section(action) if action in ("install", "upgrade") else {}).get("strategy") or {}
        if strategy.get("name") != "RetryOnFailure":
            return None
        return seconds_of(strategy.get("retryInterval")) or _RETRY_INTERVAL

    def _section(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.spec.get(name) or {}
        return found


def read_helm_release(obj: Object) -> HelmRelease:
    spec: Mapping[str, Any] = obj["spec"]
    key, target = key_of(obj), spec.get("targetNamespace") or ""
    drift: Mapping[str, Any] = spec.get("driftDetection") or {}
    dependencies: Sequence[Mapping[str, str]] = spec.get("dependsOn") or ()
    maximum = spec.get("maxHistory")
    return HelmRelease(
        key=key,
        chart_source=_chart_source(key, spec),
        template=spec.get("chart"),
        interval=seconds_of(spec.get("interval")),
        timeout=seconds_of(spec.get("timeout")) or _TIMEOUT,
        release_name=_shortened(spec.get("releaseName") or (f"{target}-{key.name}" if target else key.name)),
        namespace=target or key.namespace,
        storage_namespace=spec.get("storageNamespace") or key.namespace,
        max_history=_MAX_HISTORY if maximum is None else maximum,
        values=spec.get("values") or {},
        values_from=tuple(_values_from(ref) for ref in spec.get("valuesFrom") or ()),
        health_exprs=cel.health_check_expressions(spec, jobs=True),
        depends_on=tuple(Key(GROUP, "HelmRelease", d.get("namespace") or key.namespace, d["name"]) for d in dependencies),
        ready_exprs=cel.ready_expressions(dependencies),
        suspended=spec.get("suspend") is True,
        service_account=spec.get("serviceAccountName") or "",
        drift_mode=drift.get("mode") or "disabled",
        drift_ignore=tuple(IgnoreRule(tuple(rule["paths"]), rule.get("target") or {}) for rule in drift.get("ignore") or ()),
        post_renderers=tuple(spec.get("postRenderers") or ()),
        hooks_unchanged=spec.get("postRenderStrategy") == "nohooks",
        common=spec.get("commonMetadata") or {},
        spec=spec,
        unsupported=tuple(_unsupported(spec, dependencies)),
    )


def _chart_source(key: Key, spec: Mapping[str, Any]) -> Key:
    """The HelmChart called ``<namespace>-<name>`` beside its source, or the one that is named."""
    if spec.get("chartRef"):
        ref = spec["chartRef"]
        return Key(SOURCE_GROUP, ref["kind"], ref.get("namespace") or key.namespace, ref["name"])
    ref = ((spec.get("chart") or {}).get("spec") or {}).get("sourceRef") or {}
    return Key(SOURCE_GROUP, "HelmChart", ref.get("namespace") or key.namespace, f"{key.namespace}-{key.name}")


def _values_from(ref: Mapping[str, Any]) -> ValuesFrom:
    return ValuesFrom(
        ref["kind"],
        ref["name"],
        ref.get("valuesKey") or "values.yaml",
        ref.get("targetPath") or "",
        ref.get("optional") is True,
        ref.get("literal") is True,
    )


def _shortened(name: str) -> str:
    """Source: helm-controller ``internal/release/name.go``."""
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - _HASH - 1]}-{hashlib.sha256(name.encode()).hexdigest()[:_HASH]}"


def _unsupported(spec: Mapping[str, Any], dependencies: Sequence[Mapping[str, str]]) -> list[str]:
    found = [f"spec.{name}" for name in _NOT_SIMULATED if spec.get(name)]
    for section, names in _NOT_SIMULATED_INSIDE.items():
        found += [f"spec.{section}.{name}" for name in names if (spec.get(section) or {}).get(name) is not None]
    return found + cel.unreadable(spec, dependencies)
