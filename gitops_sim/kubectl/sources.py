"""What ``-f`` and ``-k`` name: files, folders, patterns and standard input, down to the objects in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.selectors import label_selector
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.errors import ApiError, BadInput, GitOpsSimError
from gitops_sim.kubectl.documents import read_documents
from gitops_sim.kubectl.files import EXTENSIONS, glob, is_file, walk
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.kustomize import built
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.objects import Object, group_of, with_path, without_path

STDIN = "STDIN"


def given(inv: Invocation) -> bool:
    """Whether the command line names any source."""
    return bool(inv["filename"] or inv["kustomize"])


def require(inv: Invocation) -> None:
    if not given(inv):
        raise KubectlError("must specify one of -f and -k")


def paths(inv: Invocation) -> list[str]:
    """Every file that is to be read, ``-`` for standard input; none for ``-k``. Raises all that is wrong with them at once."""
    if inv["kustomize"]:
        if inv["filename"]:
            raise KubectlError("only one of -f or -k can be specified")
        return []
    found: list[str] = []
    errors: list[GitOpsSimError] = []
    for name in inv["filename"]:
        try:
            found += _expanded(inv, name)
        except KubectlError as error:
            errors.append(error)
    if found.count("-") > 1:
        errors.append(KubectlError("standard input cannot be used for multiple arguments"))
    raise_all(errors)
    return found


def _expanded(inv: Invocation, name: str) -> list[str]:
    if name == "-":
        return ["-"]
    if name.startswith(("http://", "https://")):
        raise KubectlError(f'unable to read URL "{name}": there is no network here; save the file and name it')
    matches = [name] if _exists(inv, name) else glob(inv.files, name) if name else []
    if not matches:
        raise KubectlError(f'the path "{name}" does not exist')
    found = [path for match in matches for path in _files_at(inv, match)]
    if not found:
        raise KubectlError(f"error reading [{name}]: recognized file extensions are [{' '.join(EXTENSIONS)}]")
    return found


def _exists(inv: Invocation, path: str) -> bool:
    return bool(path) and (is_file(inv.files, path) or inv.files.list(path) is not None)


def _files_at(inv: Invocation, path: str) -> list[str]:
    return [path] if is_file(inv.files, path) else walk(inv.files, path, recursive=inv["recursive"])


def read_infos(inv: Invocation, *, validate: bool = False, selector: str = "") -> Iterator[Info | GitOpsSimError]:
    """What the sources say, object by object, each in its namespace; an error stands where an object could not be read."""
    files = paths(inv)
    try:
        wanted = label_selector(selector)
    except ApiError as error:
        raise KubectlError(f"the provided selector {quoted(selector)} is not valid: {error.message}") from None
    found = _kustomized(inv, validate=validate) if inv["kustomize"] else _read(inv, files, validate=validate)
    for item in found:
        if isinstance(item, GitOpsSimError) or wanted.matches(mapping(item.object, "metadata", "labels")):
            yield item


def _read(inv: Invocation, files: Iterable[str], *, validate: bool) -> Iterator[Info | GitOpsSimError]:
    for path in files:
        source = STDIN if path == "-" else path
        try:
            content = inv.stdin if path == "-" else inv.files.read(path)
        except FileNotFoundError:
            yield KubectlError(f'the path "{path}" does not exist')
            continue
        except BadInput as error:
            yield error
            continue
        yield from _infos(inv, content, source, validate=validate)


def _kustomized(inv: Invocation, *, validate: bool) -> Iterator[Info | GitOpsSimError]:
    """The objects of ``-k FOLDER``. A folder that cannot be built is one error."""
    try:
        content = built(inv, inv["kustomize"])
    except KubectlError as error:
        yield error
        return
    yield from _infos(inv, content, inv["kustomize"], validate=validate)


def _infos(inv: Invocation, content: str | bytes, source: str, *, validate: bool) -> Iterator[Info | GitOpsSimError]:
    for found in read_documents(content, source, validate=validate):
        if isinstance(found, GitOpsSimError):
            yield found
            continue
        try:
            yield _info(inv, found, source)
        except KubectlError as error:
            yield error


def _info(inv: Invocation, obj: Object, source: str) -> Info:
    name, namespace = text(obj, "metadata", "name"), text(obj, "metadata", "namespace")
    kind = known_kind(inv, obj)
    if kind is None:
        raise KubectlError(
            f'resource mapping not found for name: "{name}" namespace: "{namespace}" from "{source}": no matches for kind '
            f'"{obj["kind"]}" in version "{obj.get("apiVersion") or ""}"\nensure CRDs are installed first'
        )
    if not kind.namespaced:
        return Info(kind, "", name, without_path(obj, ("metadata", "namespace")), source)
    if not namespace:
        return Info(kind, inv.namespace, name, with_path(obj, ("metadata", "namespace"), inv.namespace), source)
    if inv.namespace_given and namespace != inv.namespace:
        raise KubectlError(
            f'the namespace from the provided object "{namespace}" does not match the namespace "{inv.namespace}". '
            f"You must pass '--namespace={namespace}' to perform this operation."
        )
    return Info(kind, namespace, name, obj, source)


def known_kind(inv: Invocation, obj: Object) -> Kind | None:
    """The kind of a manifest in the version it names; None when the cluster does not serve it."""
    version = str(obj.get("apiVersion") or "")
    named = str(obj["kind"])
    kind = inv.cluster.kinds.of(group_of(version), named)
    if kind is None:
        kind = next((k for k in inv.cluster.kinds if k.group == group_of(version) and k.singular == named), None)
    if kind is None or not version:
        return None
    if kind.api_version == version:
        return kind
    definition = inv.cluster.find("customresourcedefinitions", kind.resource) if kind.custom else None
    served = {text(v, "name") for v in mappings(definition, "spec", "versions") if v.get("served", True)}
    return kind if version.rpartition("/")[2] in served else None
