"""A chart: loaded from a folder or an archive, with the charts in it.

Source: helm ``pkg/chart/v2/loader``. A file that belongs to none of the known places is one of ``.Files``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.errors import BadInput
from gitops_sim.manifests.directory import Files
from gitops_sim.manifests.helm.archive import MOST_BYTES, MOST_BYTES_OF_A_FILE, unpack
from gitops_sim.manifests.helm.go_yaml import yaml_words
from gitops_sim.manifests.helm.ignore import IgnoreRules
from gitops_sim.manifests.helm.metadata import Metadata, read_metadata
from gitops_sim.manifests.helm.values import Values, load_values
from gitops_sim.yaml_in import load_document

_DEEPEST = 20
"""Charts in charts in charts: no real one goes beyond four."""
_MANIFESTS = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as it was loaded; nothing of it is changed later.

    ``templates`` and ``files`` are by their path in the chart (``templates/web.yaml``), ``values`` the defaults with Go's floats,
    ``schema`` the text of ``values.schema.json``, ``lock`` what ``Chart.lock`` says. ``where`` leads to the chart's files in
    errors: ``charts/web/`` or empty. ``names`` are all its files, subcharts included, as a package would hold them.
    """

    metadata: Metadata
    templates: Mapping[str, bytes] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    schema: bytes | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    dependencies: tuple[Chart, ...] = ()
    lock: Any = None
    where: str = ""
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.metadata.name

    def crds(self, full_path: str = "") -> list[tuple[str, bytes]]:
        """The files of ``crds/``, of this chart and of those in it, with the path that ``# Source:`` shows."""
        path = full_path or self.name
        found = [(f"{path}/{name}", content) for name, content in self.files.items() if _is_crd(name)]
        for dependency in self.dependencies:
            found += dependency.crds(f"{path}/charts/{dependency.name}")
        return found


def _is_crd(name: str) -> bool:
    return name.startswith("crds/") and name.endswith(_MANIFESTS)


def load_chart(files: Files, path: str = "", *, where: str = "") -> Chart:
    """The chart in a folder, without what its ``.helmignore`` leaves out.

    ``where`` is put before paths in errors. Raises BadInput, in helm's words where it has some.
    """
    prefix = "" if path.strip("/") in ("", ".") else path.strip("/").removeprefix("./") + "/"
    where = where + prefix
    names = [name.removeprefix(prefix) for name in files.files() if name.startswith(prefix)]
    if "Chart.yaml" not in names:
        raise BadInput("Chart.yaml file is missing", where=where or ".", mend="name the folder that holds Chart.yaml")
    ignored = files.read(prefix + ".helmignore").decode("utf-8", "replace") if ".helmignore" in names else ""
    rules = IgnoreRules(ignored, where=where + ".helmignore")
    content: dict[str, bytes] = {}
    total = 0
    for name in names:
        if rules.leaves_out(name):
            continue
        size = files.size(prefix + name)
        total += size
        if size > MOST_BYTES_OF_A_FILE:
            what = f'chart file "{name.rpartition("/")[2]}" is larger than the maximum file size {MOST_BYTES_OF_A_FILE}'
            raise BadInput(what, where=where + name, mend="move it out of the chart, or name it in .helmignore")
        if total > MOST_BYTES:
            what = f"the chart is larger than {MOST_BYTES} bytes"
            raise BadInput(what, where=where or ".", mend="name in .helmignore what is not part of it")
        content[name] = files.read(prefix + name).removeprefix(b"\xef\xbb\xbf")
    return _chart(content, where, 0)


def load_archive(content: bytes, *, where: str = "chart.tgz") -> Chart:
    """The chart in a ``.tgz``. Raises BadInput, for archives that could do harm as well."""
    return _chart(unpack(content, where=where), f"{where}:", 0)


def _chart(files: Mapping[str, bytes], where: str, depth: int) -> Chart:
    if depth > _DEEPEST:
        raise BadInput("charts are nested too deep", where=where, mend="flatten them")
    if "Chart.yaml" not in files and "requirements.yaml" not in files:
        raise BadInput(
            "Chart.yaml file is missing", where=where or ".", mend="add a Chart.yaml with apiVersion, name and version"
        )
    metadata = _metadata(files, where)
    old = metadata.texts["apiVersion"] == "v1"
    templates: dict[str, bytes] = {}
    others: dict[str, bytes] = {}
    inner: dict[str, dict[str, bytes]] = {}
    for name, content in sorted(files.items()):
        if name.startswith("templates/"):
            templates[name] = content
        elif name.startswith("charts/") and not name.endswith(".prov"):
            folder, slash, rest = name.removeprefix("charts/").partition("/")
            inner.setdefault(folder, {})[rest if slash else ""] = content
        elif name not in _READ and (old or name not in ("requirements.yaml", "requirements.lock")):
            others[name] = content
    lock = files.get("Chart.lock") or files.get("requirements.lock")
    return Chart(
        metadata,
        templates,
        load_values(files["values.yaml"], where=where + "values.yaml", doing="cannot load values.yaml: ")
        if "values.yaml" in files
        else {},
        files.get("values.schema.json"),
        others,
        _subcharts(inner, where, depth),
        load_document(lock, where=where + "Chart.lock", last_wins=True) if lock else None,
        where,
        tuple(sorted(files)),
    )


_READ = frozenset({"Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"})


def _metadata(files: Mapping[str, bytes], where: str) -> Metadata:
    value = _document(files, "Chart.yaml", where)
    older = _document(files, "requirements.yaml", where)
    if isinstance(value, dict) and isinstance(older, dict):
        value = {**value, **older}
    return read_metadata(value if value is not None else {}, where=where + "Chart.yaml")


def _document(files: Mapping[str, bytes], name: str, where: str) -> Any:
    try:
        return load_document(files.get(name, b""), where=where + name, last_wins=True)
    except BadInput as error:
        raise BadInput(f"cannot load {name}: {yaml_words(error)}", where=error.where, mend=error.mend) from None


def _subcharts(inner: Mapping[str, Mapping[str, bytes]], where: str, depth: int) -> tuple[Chart, ...]:
    found = []
    for name, files in inner.items():
        at = f"{where}charts/{name}"
        if name[0] in "_.":
            continue
        if name.endswith(".tgz"):
            if "" not in files:
                raise BadInput("error unpacking subchart tar: it is a folder", where=at, mend="rename the folder")
            found.append(_chart(unpack(files[""], where=at), f"{at}:", depth + 1))
        elif "" not in files:
            found.append(_chart(files, f"{at}/", depth + 1))
        else:  # a stray file: helm tries it as a chart as well
            raise BadInput("error unpacking subchart: Chart.yaml file is missing", where=at, mend="move the file out of charts/")
    return tuple(found)
