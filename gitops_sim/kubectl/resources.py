"""What a command is about: kinds, names, ``TYPE/NAME`` pairs, selectors and files, turned into objects.

Source of rules and error texts: k8s.io/cli-runtime ``pkg/resource`` (Builder).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.warnings import deprecation
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import sources
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Invocation
from gitops_sim.kubectl.problems import KubectlError, raise_all

MISSING = """You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and how.

    ``everything``: a type alone means all of its objects. ``fetch``: ``live`` looks every object up, also those read from files,
    ``lazy`` only those that no file told about, ``no`` none.
    """

    args: Sequence[str]
    selector: str = ""
    fields: str = ""
    all: bool = False
    all_namespaces: bool = False
    everything: bool = False
    fetch: Literal["live", "lazy", "no"] = "live"
    files: bool = True
    single_type: bool = False


@dataclass(slots=True)
class Found:
    """``errors``: what could not be found beside ``infos``. ``single``: one object was asked for by name, or one file given."""

    infos: list[Info] = field(default_factory=list)
    errors: list[GitOpsSimError] = field(default_factory=list)
    single: bool = False
    kinds: list[Kind] = field(default_factory=list)
    """The types of a bulk query."""

    def all(self) -> list[Info]:
        """The objects; raises the errors if there are any."""
        raise_all(self.errors)
        return self.infos


def look_up(inv: Invocation, query: Query) -> Found:
    """Raises what makes the question itself impossible: nothing named, an unknown type, a selector together with names."""
    found = _look_up(inv, query)
    if query.fetch != "no":
        inv.warn_of(deprecation(kind) for kind in [*(info.kind for info in found.infos), *found.kinds])
    return found


def _look_up(inv: Invocation, query: Query) -> Found:
    args = _multiplied(list(query.args))
    selector, fields = query.selector.strip(), query.fields.strip()
    if query.all and (selector or fields):
        raise KubectlError("setting 'all' parameter but found a non empty selector. ")
    pairs = _pairs(args)
    types = [] if pairs or not args else _expanded(inv, args[0])
    names = [] if pairs else args[1:]
    if query.files and sources.given(inv):
        return _from_files(inv, query, selector, types, names, pairs)
    if selector or fields or query.all or (query.everything and len(args) == 1 and types):
        return _by_selector(inv, query, selector, fields, types, names, pairs)
    if pairs:
        return _by_pairs(inv, query, pairs)
    if names:
        return _by_names(inv, query, types, names)
    if types:
        for name in types:
            kind_named(inv, name)
        raise KubectlError("resource(s) were provided, but no name was specified")
    raise KubectlError(MISSING)


def kind_named(inv: Invocation, name: str) -> Kind:
    found = inv.cluster.kinds.find(name)
    plain, _, group = name.partition(".")
    version = group.partition(".")[0]
    if found is None or (group not in ("", found.group) and version != found.version):
        place = f' in group "{group}"' if group else ""
        raise KubectlError(f'the server doesn\'t have a resource type "{plain}"{place}')
    return found


# ---------------------------------------------------------------------- arguments

_CATEGORIES = {
    "all": "pods,replicationcontrollers,services,daemonsets.apps,deployments.apps,replicasets.apps,statefulsets.apps,"
    "horizontalpodautoscalers.autoscaling,cronjobs.batch,jobs.batch"
}


def _expanded(inv: Invocation, types: str) -> list[str]:
    """The types in ``a,b``, each once, with categories such as ``all`` spelled out."""
    spelled = ",".join(_in_category(inv, name) for name in types.split(","))
    return list(dict.fromkeys(spelled.split(",")))


def _in_category(inv: Invocation, name: str) -> str:
    """The types of a category, also those that definitions add to it; the name itself for what is none."""
    custom = sorted(kind.resource for kind in inv.cluster.kinds if kind.custom and name in kind.categories)
    if not custom or inv.cluster.kinds.find(name) is not None:
        return _CATEGORIES.get(name, name)
    return ",".join([*_CATEGORIES.get(name, "").split(","), *custom]).lstrip(",")


def _multiplied(args: list[str]) -> list[str]:
    """``a,b x y`` as ``a/x a/y b/x b/y``."""
    types = list(dict.fromkeys(args[0].split(","))) if len(args) > 1 else []
    return [f"{kind}/{name}" for kind in types for name in args[1:]] if len(types) > 1 else args


def _pairs(args: Sequence[str]) -> list[tuple[str, str]]:
    """``TYPE/NAME`` arguments; all of them or none."""
    slashed = [arg for arg in args if "/" in arg]
    if not slashed:
        return []
    if len(slashed) != len(args):
        raise KubectlError(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form "
            "(e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'"
        )
    return [_pair(arg) for arg in args]


def _pair(arg: str) -> tuple[str, str]:
    if arg.count("/") != 1:
        raise KubectlError("arguments in resource/name form may not have more than one slash")
    kind, _, name = arg.partition("/")
    if not kind or not name or "," in kind:
        raise KubectlError("arguments in resource/name form must have a single resource and name")
    return kind, name


# ---------------------------------------------------------------------- the four ways to find objects


def _from_files(
    inv: Invocation, query: Query, selector: str, types: list[str], names: list[str], pairs: list[tuple[str, str]]
) -> Found:
    if types:
        raise KubectlError("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well")
    if pairs:
        raise KubectlError("resource/name arguments cannot be provided when a path is specified")
    files = sources.paths(inv)
    found = Found(single=len(files) == 1 and files[0] != "-")
    for item in sources.read_infos(inv, selector=selector):
        if isinstance(item, GitOpsSimError):
            found.errors.append(item)
        else:
            _add(inv, found, item, fetch=query.fetch == "live")
    return found


def _by_selector(
    inv: Invocation,
    query: Query,
    selector: str,
    fields: str,
    types: list[str],
    names: list[str],
    pairs: list[tuple[str, str]],
) -> Found:
    if names:
        raise KubectlError("name cannot be provided when a selector is specified")
    if pairs:
        raise KubectlError("selectors and the all flag cannot be used when passing resource/name arguments")
    if not types:
        raise KubectlError("at least one resource must be specified to use a selector")
    if query.single_type and len(types) > 1:
        raise KubectlError("you may only specify a single resource type")
    found = Found(kinds=list(dict.fromkeys(kind_named(inv, name) for name in types)))
    for kind in found.kinds:
        namespace = "" if query.all_namespaces or not kind.namespaced else inv.namespace
        try:
            objects = inv.cluster.list(kind, namespace, labels=selector, fields=fields)
        except ApiError as error:
            found.errors.append(_of_list(error, kind, selector, fields))
            continue
        for obj in objects:
            meta = obj["metadata"]
            found.infos.append(Info(kind, meta.get("namespace") or "", meta["name"], obj))
    return found


def _of_list(error: ApiError, kind: Kind, selector: str, fields: str) -> ApiError:
    """The client adds what it asked for to a refusal of its question."""
    if error.reason not in ("BadRequest", "NotFound"):
        return error
    asked = f'Unable to find "{kind.group}/{kind.version}, Resource={kind.plural}" that match label selector "{selector}", '
    return ApiError(error.code, error.reason, f'{asked}field selector "{fields}": {error.message}', details=error.details)


def _by_pairs(inv: Invocation, query: Query, pairs: list[tuple[str, str]]) -> Found:
    kinds = {name: kind_named(inv, name) for name, _ in pairs}
    if query.single_type and len(set(kinds.values())) > 1:
        raise KubectlError("you may only specify a single resource type")
    found = Found(single=len(pairs) == 1)
    for kind, name in pairs:
        _add_named(inv, query, found, kinds[kind], name)
    return found


def _by_names(inv: Invocation, query: Query, types: list[str], names: list[str]) -> Found:
    if len(types) > 1:
        raise KubectlError("you must specify only one resource")
    kind = kind_named(inv, types[0])
    found = Found(single=len(names) == 1)
    for name in names:
        _add_named(inv, query, found, kind, name)
    return found


def _add_named(inv: Invocation, query: Query, found: Found, kind: Kind, name: str) -> None:
    if kind.namespaced and query.all_namespaces:
        raise KubectlError("a resource cannot be retrieved by name across all namespaces")
    if not name:
        raise KubectlError("resource name may not be empty")
    info = Info(kind, inv.namespace if kind.namespaced else "", name)
    _add(inv, found, info, fetch=query.fetch != "no")


def _add(inv: Invocation, found: Found, info: Info, *, fetch: bool) -> None:
    if fetch and info.name:
        try:
            info.fetch(inv.cluster)
        except ApiError as error:
            found.errors.append(error)
            return
    found.infos.append(info)
