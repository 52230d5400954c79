"""One kustomization: its file, what it accumulates, and the fixed order in which it is customised.

Source: kustomize ``api/internal/target/kusttarget.go`` and ``kusttarget_configplugin.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gitops_sim.manifests.directory import KUSTOMIZATION_NAMES
from gitops_sim.manifests.kustomize import fieldspecs
from gitops_sim.manifests.kustomize.crds import config_of_crds
from gitops_sim.manifests.kustomize.edits import edited
from gitops_sim.manifests.kustomize.errors import KustomizeError
from gitops_sim.manifests.kustomize.fieldspecs import Config, config_from
from gitops_sim.manifests.kustomize.generators import generate
from gitops_sim.manifests.kustomize.inflation import inflate
from gitops_sim.manifests.kustomize.loading import Loader
from gitops_sim.manifests.kustomize.origins import Origin
from gitops_sim.manifests.kustomize.plugins import generator, origin_of, transformer, validate
from gitops_sim.manifests.kustomize.reading import resources_of
from gitops_sim.manifests.kustomize.resmap import ResMap
from gitops_sim.manifests.kustomize.resource import Resource
from gitops_sim.manifests.kustomize.session import Session
from gitops_sim.manifests.kustomize.settings import helm_entries, load_settings, load_yaml
from gitops_sim.manifests.kustomize.steps import Step, steps
from gitops_sim.manifests.kustomize.variables import Variables, add_variables, merge_variables
from gitops_sim.yaml_sorted import to_yaml

_FIX = "Run 'kustomize edit fix' to update your Kustomization automatically."
_DEPRECATED = {
    "bases": ("resources", _FIX),
    "commonLabels": ("labels", _FIX),
    "imageTags": ("images", _FIX),
    "patchesJson6902": ("patches", _FIX),
    "patchesStrategicMerge": ("patches", _FIX),
    "vars": ("replacements", f"[EXPERIMENTAL] {_FIX}"),
}
_VERSIONS = {"Kustomization": "kustomize.config.k8s.io/v1beta1", "Component": "kustomize.config.k8s.io/v1alpha1"}


class Accumulated:
    """What a kustomization has gathered: objects, the fields to customise, and variables."""

    def __init__(self) -> None:
        self.objects = ResMap()
        self.config: Config = fieldspecs.EMPTY
        self.variables: Variables = {}

    def configure(self, config: Config) -> None:
        self.config = self.config.merged(config)

    def merge(self, other: Accumulated) -> None:
        self.objects.extend(other.objects.all)
        self.configure(other.config)
        merge_variables(self.variables, other.variables)


class Target:
    """A kustomization at one directory."""

    def __init__(
        self, loader: Loader, session: Session, origin: Origin | None = None, wishes: Mapping[str, Any] | None = None
    ) -> None:
        self._loader, self._session = loader, session
        self.file, content = _find(loader)
        try:
            settings = load_settings(content)
        except KustomizeError as error:
            raise KustomizeError(error.what, where=loader.where(self.file), mend=error.mend) from None
        self.settings = edited(settings, wishes or {})
        self.origin = origin
        self._check()

    def _check(self) -> None:
        settings = self.settings
        for field, (instead, fix) in _DEPRECATED.items():
            if field in settings:
                self._session.warnings.append(f"# Warning: '{field}' is deprecated. Please use '{instead}' instead. {fix}")
        for old, new in (("bases", "resources"), ("imageTags", "images")):
            if old in settings:
                settings[new] = [*settings.get(new, ()), *settings.pop(old)]
        if not set(settings) - {"kind", "apiVersion"}:
            raise KustomizeError("kustomization.yaml is empty", where=self._loader.where(self.file), mend="give it resources")
        kind = settings.get("kind") or "Kustomization"
        settings["kind"] = kind
        wrong = []
        if kind not in _VERSIONS:
            wrong.append("kind should be Kustomization or Component")
        wanted = _VERSIONS.get(kind, _VERSIONS["Kustomization"])
        if (settings.get("apiVersion") or wanted) != wanted:
            wrong.append(f"apiVersion for {kind} should be {wanted}")
        if wrong:
            what = f"Failed to read kustomization file under {self._loader.shown}:\n" + "\n".join(wrong)
            raise KustomizeError(what, where=self._loader.where(self.file), mend="mend kind and apiVersion, or drop them")

    def schema(self) -> tuple[Mapping[str, str], bytes | None]:
        """What ``openapi`` says, and the content of the file that it names."""
        said = self.settings.get("openapi") or {}
        return said, self._loader.load(said["path"]) if "path" in said else None

    # ------------------------------------------------------------------ accumulation

    def accumulate(self, into: Accumulated | None = None) -> Accumulated:
        """Everything that this kustomization makes; a component adds to what its parent has."""
        found = into or Accumulated()
        settings = self.settings
        try:
            self._resources(found, settings.get("resources") or ())
        except KustomizeError as error:
            raise error.within("accumulating resources") from None
        found.configure(self._config())
        found.configure(config_of_crds(self._loader, settings.get("crds") or ()))
        self._generate(found)
        try:
            found = self._components(found, settings.get("components") or ())
        except KustomizeError as error:
            raise error.within("accumulating components") from None
        self._transform(found)
        self._validate(found)
        add_variables(found.variables, settings.get("vars") or (), found.objects)
        return found

    def _config(self) -> Config:
        paths = self.settings.get("configurations") or ()
        config = fieldspecs.defaults()
        if paths:
            own = fieldspecs.EMPTY
            for path in paths:
                own = own.merged(config_from(load_yaml(self._loader.load(path))))
            config = config.merged(own)
        return config

    def _resources(self, found: Accumulated, paths: Iterable[str]) -> None:
        for path in paths:
            try:
                self._file(found, path)
            except KustomizeError as error:
                try:
                    loader = self._loader.new(path)
                except KustomizeError as no_folder:
                    if error.malformed:
                        raise error from None
                    raise _both(no_folder, error, where=self._loader.where(path) if not no_folder.where else "") from None
                try:
                    self._folder(found, loader, path)
                except KustomizeError as inner:
                    raise _both(inner, error) from None

    def _file(self, found: Accumulated, path: str) -> None:
        where = f"accumulating resources from '{path}'"
        try:
            content = self._loader.load(path)
            try:
                resources = resources_of(content, self._loader.blob_id(path))
            except KustomizeError as error:
                text = f"{error.what} in File: {path}" if error.malformed else error.what
                raise KustomizeError(text, where=self._loader.where(path), mend=error.mend, malformed=error.malformed) from None
            alone = ResMap()
            alone.extend(resources)
        except KustomizeError as error:
            raise error.within(where) from None
        for resource in resources:
            resource.scoped = self._session.scoped
            if self.origin is not None:
                resource.set_annotations({**resource.annotations, **self.origin.append(path).as_annotation()})
        try:
            found.objects.extend(resources)
        except KustomizeError as error:
            raise error.within(f"merging resources from '{path}'") from None
        self._session.note(f"{self._loader.where(path)}", resources)

    def _folder(self, found: Accumulated, loader: Loader, path: str, *, component: bool = False) -> Accumulated:
        origin = self.origin.append(path) if self.origin is not None else None
        try:
            target = Target(loader, self._session, origin)
        except KustomizeError as error:
            raise error.within(f"couldn't make target for path '{loader.shown}'") from None
        self._session.set_schema(*target.schema(), reset=False)
        kind = target.settings["kind"]
        if component and kind != "Component":
            raise KustomizeError(
                f"expected kind 'Component' for path '{loader.shown}' but got '{kind}'", mend="list it under resources"
            )
        if not component and kind == "Component":
            raise KustomizeError(f"expected kind != 'Component' for path '{loader.shown}'", mend="list it under components")
        try:
            inner = target.accumulate(found if component else None)
        except KustomizeError as error:
            raise error.within(f"recursed accumulation of path '{loader.shown}'") from None
        if component:
            return inner
        try:
            found.merge(inner)
        except KustomizeError as error:
            raise error.within(f"recursed merging from path '{loader.shown}'") from None
        return found

    def _components(self, found: Accumulated, paths: Iterable[str]) -> Accumulated:
        for path in paths:
            try:
                loader = self._loader.new(path)
            except KustomizeError as error:
                raise error.reworded(f"loader.New {json.dumps(error.what, ensure_ascii=False)}") from None
            try:
                found = self._folder(found, loader, path, component=True)
            except KustomizeError as error:
                raise error.reworded(f"accumulateDirectory: {json.dumps(error.what, ensure_ascii=False)}") from None
        return found

    # ------------------------------------------------------------------ generators and transformers

    def _where(self, field: str) -> str:
        return f"{field} of {self._loader.where(self.file)}"

    def _generate(self, found: Accumulated) -> None:
        settings = self.settings
        general = settings.get("generatorOptions")
        for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry in settings.get(field) or ():
                resource = generate(kind, entry, general, self._loader)
                if self.origin is not None:
                    made = self.origin.configured(self.file, f"{kind}Generator")
                    resource.set_annotations({**resource.annotations, **made.as_annotation()})
                try:
                    found.objects.absorb(resource)
                except KustomizeError as error:
                    raise error.within("merging from generator &{0xc000000000 <nil>}") from None
                self._session.note(self._where(field), found.objects.all)
        for entry in helm_entries(settings):
            self._inflate(found, entry)
        try:
            plugins = self._plugins(settings.get("generators") or (), "generator")
            try:
                generated = [(plugin, generator(plugin, self._loader)) for plugin in plugins]
            except KustomizeError as error:
                raise error.within("failed to load generator") from None
        except KustomizeError as error:
            raise error.within("loading generator plugins") from None
        for plugin, resources in generated:
            for resource in resources:
                origin = origin_of(plugin)
                if origin is not None:
                    resource.set_annotations({**resource.annotations, **origin.as_annotation()})
                try:
                    found.objects.absorb(resource)
                except KustomizeError as error:
                    raise error.within("merging from generator &{0xc000000000 <nil>}") from None
            self._session.note(self._where("generators"), found.objects.all)

    def _inflate(self, found: Accumulated, entry: Mapping[str, Any]) -> None:
        if self._loader.charts is None:
            config = f"trouble configuring builtin HelmChartInflationGenerator with config: `\n{to_yaml(entry)}`"
            raise KustomizeError(f"{config}: must specify --enable-helm", mend="render charts with a source of their own")
        for resource in inflate(entry, self._loader):
            if self.origin is not None:
                made = self.origin.configured(self.file, "HelmChartInflationGenerator")
                resource.set_annotations({**resource.annotations, **made.as_annotation()})
            found.objects.absorb(resource)
        self._session.note(self._where("helmCharts"), found.objects.all)

    def _plugins(self, entries: Iterable[str], what: str) -> list[Resource]:
        """The objects that configure plugins: written in the list itself, or in files and folders that it names."""
        found = Accumulated()
        paths: list[str] = []
        for entry in entries:
            try:
                inline = resources_of(entry.encode())
            except KustomizeError:
                paths.append(entry)
                continue
            origin = self.origin.append(self.file).as_annotation() if self.origin is not None else {}
            for resource in inline if origin else ():
                resource.set_annotations({**resource.annotations, **origin})
            try:
                found.objects.extend(inline)
            except KustomizeError as error:
                raise error.within(f"configuring external {what}") from None
        self._resources(found, paths)
        return found.objects.all

    def _transform(self, found: Accumulated) -> None:
        for step, origin in self._steps(found.config):
            step.run(found.objects)
            if origin is not None:
                origin.note(found.objects.all)
            found.objects.changed()
            self._session.note(self._where(step.field), found.objects.all)

    def _validate(self, found: Accumulated) -> None:
        for plugin in self._plugins(self.settings.get("validators") or (), "transformer"):
            validate(found.objects, transformer(plugin, self._loader, self._session))

    def _steps(self, config: Config) -> list[tuple[Step, Origin | None]]:
        """The transformers of the file's own fields, then those that are plugins; all are read before one runs."""
        own = list(steps(self.settings, self._loader, self._session, config.specs))
        found = [(step, self.origin.configured(self.file, step.plugin) if self.origin is not None else None) for step in own]
        for plugin in self._plugins(self.settings.get("transformers") or (), "transformer"):
            run = transformer(plugin, self._loader, self._session)
            found.append((Step(f"transformers ({plugin.kind})", plugin.kind, run), origin_of(plugin)))
        return found


def _both(error: KustomizeError, first: KustomizeError, where: str = "") -> KustomizeError:
    found = error.within(f"accumulation err='{first.what}'")
    is_folder = first.what.endswith("must resolve to a file")
    mend = (found.mend or first.mend) if is_folder else (first.mend or found.mend)
    return KustomizeError(found.what, where=found.where or first.where or where, mend=mend)


def _find(loader: Loader) -> tuple[str, bytes]:
    found: list[tuple[str, bytes]] = []
    for name in KUSTOMIZATION_NAMES:
        try:
            found.append((name, loader.load(name)))
        except KustomizeError:
            continue
    if not found:
        names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
        raise KustomizeError(
            f"unable to find one of {names} in directory '{loader.shown}'",
            where=loader.where("."),
            mend="name a folder with a kustomization",
        )
    if len(found) > 1:
        raise KustomizeError(f"Found multiple kustomization files under: {loader.shown}\n", mend="keep one of them")
    return found[0]
