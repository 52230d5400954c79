"""A Kustomization's wishes, read from its object. The API server has checked their form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.agents.flux import cel
from gitops_sim.agents.flux.durations import seconds_of
from gitops_sim.objects import Key, Object, group_of, key_of

GROUP, KIND = "kustomize.toolkit.fluxcd.io", "kustomizations.kustomize.toolkit.fluxcd.io"
_SOURCE_GROUP = "source.toolkit.fluxcd.io"
_LEAST_TIMEOUT = 30.0
_GENERATED = ("targetNamespace", "namePrefix", "nameSuffix", "patches", "images", "components", "buildMetadata")
_NOT_SIMULATED = ("decryption", "kubeConfig")


@dataclass(frozen=True, slots=True)
class ValuesFrom:
    """A ConfigMap or Secret that holds values of variables."""

    kind: str
    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Decryption:
    """The Secret with the keys (empty for none: keys of a cloud), and the ServiceAccount that may get those of a cloud."""

    secret: str
    account: str


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Fields that are left to others: JSON pointers, and the selector of the objects (empty for all)."""

    paths: tuple[str, ...]
    target: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kustomization:
    """Times are in seconds. ``decryption`` says how objects that SOPS has encrypted are read; None: not at all. ``ready_exprs``
    has an expression, or nothing, for each that it depends on. ``generated`` are the parts of the spec that go into the
    kustomization file that Flux writes; ``unsupported`` the fields that are not honoured here."""

    key: Key
    source: Key
    path: str
    interval: float
    retry_interval: float
    timeout: float
    prune: bool
    wait: bool
    force: bool
    suspended: bool
    health_checks: tuple[Key, ...]
    health_exprs: cel.HealthCheckExpressions
    depends_on: tuple[Key, ...]
    ready_exprs: tuple[str, ...]
    generated: Mapping[str, Any]
    ignore_missing_components: bool
    values: Mapping[str, str] | None
    values_from: tuple[ValuesFrom, ...]
    always_substitute: bool
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    service_account: str
    deletion_policy: str
    ignore: tuple[IgnoreRule, ...]
    decryption: Decryption | None
    unsupported: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.key.name

    @property
    def configuration(self) -> set[tuple[str, str]]:
        """The ConfigMaps and Secrets that it reads, by kind and name."""
        keys = {("Secret", self.decryption.secret)} if self.decryption else set()
        return keys | {(source.kind, source.name) for source in self.values_from}

    @property
    def deletes(self) -> bool:
        """Whether what it applied goes when it is deleted."""
        return self.prune if self.deletion_policy == "MirrorPrune" else self.deletion_policy != "Orphan"


def read_kustomization(obj: Object) -> Kustomization:
    spec: Mapping[str, Any] = obj.get("spec") or {}
    key, ref, build = key_of(obj), spec["sourceRef"], spec.get("postBuild")
    interval, common = seconds_of(spec.get("interval")), spec.get("commonMetadata") or {}
    timeout = seconds_of(spec["timeout"]) if spec.get("timeout") else interval - 30
    dependencies: Sequence[Mapping[str, str]] = spec.get("dependsOn") or ()
    return Kustomization(
        key=key,
        source=Key(_SOURCE_GROUP, ref["kind"], ref.get("namespace") or key.namespace, ref["name"]),
        path=spec.get("path") or "",
        interval=interval,
        retry_interval=seconds_of(spec.get("retryInterval")) or interval,
        timeout=max(timeout, _LEAST_TIMEOUT),
        prune=spec["prune"],
        wait=spec.get("wait") is True,
        force=spec.get("force") is True,
        suspended=spec.get("suspend") is True,
        health_checks=tuple(map(_checked, spec.get("healthChecks") or ())),
        health_exprs=cel.health_check_expressions(spec, jobs=False),
        depends_on=tuple(Key(GROUP, "Kustomization", d.get("namespace") or key.namespace, d["name"]) for d in dependencies),
        ready_exprs=cel.ready_expressions(dependencies),
        generated={name: spec[name] for name in _GENERATED if spec.get(name)},
        ignore_missing_components=spec.get("ignoreMissingComponents") is True,
        values=None if build is None else build.get("substitute") or {},
        values_from=tuple(_values_from(ref) for ref in (build or {}).get("substituteFrom") or ()),
        always_substitute=(build or {}).get("substituteStrategy") == "Always",
        labels=common.get("labels") or {},
        annotations=common.get("annotations") or {},
        service_account=spec.get("serviceAccountName") or "",
        deletion_policy=spec.get("deletionPolicy") or "MirrorPrune",
        ignore=tuple(IgnoreRule(tuple(rule["paths"]), rule.get("target") or {}) for rule in spec.get("ignore") or ()),
        decryption=_decryption(spec["decryption"]) if (spec.get("decryption") or {}).get("provider") else None,
        unsupported=tuple(_unsupported(spec, dependencies)),
    )


def _checked(reference: Mapping[str, str]) -> Key:
    group = group_of(reference.get("apiVersion") or "apps/v1")
    return Key(group, reference["kind"], reference.get("namespace") or "", reference["name"])


def _values_from(reference: Mapping[str, Any]) -> ValuesFrom:
    return ValuesFrom(reference["kind"], reference["name"], reference.get("optional") is True)


def _decryption(wanted: Mapping[str, Any]) -> Decryption:
    return Decryption((wanted.get("secretRef") or {}).get("name") or "", wanted.get("serviceAccountName") or "")


def _unsupported(spec: Mapping[str, Any], dependencies: Sequence[Mapping[str, str]]) -> list[str]:
    return [f"spec.{name}" for name in _NOT_SIMULATED if spec.get(name)] + cel.unreadable(spec, dependencies)
