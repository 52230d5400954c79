"""``kubectl get``.

Source: k8s.io/kubectl ``pkg/cmd/get``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from gitops_sim.cluster import scale, versions
from gitops_sim.cluster.kinds import Kind
from gitops_sim.cluster.tables import Table, make_table, scale_table
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import custom_columns, sources
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import BareError, KubectlError, raise_all, usage
from gitops_sim.kubectl.resources import Found, Query, look_up
from gitops_sim.kubectl.sorting import UnsortableError, order
from gitops_sim.kubectl.table_printer import Layout, lay_out
from gitops_sim.objects import Object

_MORE_FORMATS = (*custom_columns.FORMATS, "wide")


def get(inv: Invocation) -> None:
    """Shows objects as a table, or in any form that ``-o`` names."""
    if inv["raw"]:
        raise KubectlError("--raw is not built in: name a resource type")
    if not inv.args and not sources.given(inv) and not (inv["watch"] or inv["watch-only"]):
        inv.warn(f"You must specify the type of resource to get. {flags.LIST_TYPES}\n\n")
        raise usage(
            inv.command,
            "Required resource not specified.\n"
            'Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
        )
    _check(inv)
    query = Query(
        inv.args,
        selector=inv["selector"],
        fields=inv["field-selector"],
        all_namespaces=inv["all-namespaces"],
        everything=True,
        single_type=inv["watch"] or inv["watch-only"],
    )
    found = look_up(inv, query)
    if inv["ignore-not-found"]:
        found.errors = [error for error in found.errors if not (isinstance(error, ApiError) and error.reason == "NotFound")]
    if inv["subresource"]:
        if found.kinds:
            raise KubectlError("subresource cannot be used when bulk resources are specified")
        found.infos = [_subresource(info, inv["subresource"]) for info in found.infos]
    if inv["output"] in ("", "wide") and not inv["template"]:
        _show_tables(inv, found)
    else:
        _show_generic(inv, found)


def _check(inv: Invocation) -> None:
    output = inv["output"]
    if inv["show-labels"] and output not in ("", "wide"):
        raise KubectlError(f"--show-labels option cannot be used with {output} printer")
    if inv["label-columns"] and output.startswith("custom-columns"):
        raise KubectlError(f"--label-columns option cannot be used with {output} printer")
    if inv["output-watch-events"] and not (inv["watch"] or inv["watch-only"]):
        raise KubectlError("--output-watch-events option can only be used with --watch or --watch-only")


def _subresource(info: Info, name: str) -> Info:
    """``status`` is the object itself; ``scale`` a Scale of it."""
    if name == "status" and info.kind.status:
        return info
    if name == "scale" and scale.has(info.kind):
        return Info(info.kind, info.namespace, info.name, scale.of(info.kind, info.object))
    raise ApiError(404, "NotFound", "the server could not find the requested resource")


# ---------------------------------------------------------------------- tables


def _show_tables(inv: Invocation, found: Found) -> None:
    errors = list(found.errors)
    kinds = {info.kind for info in found.infos} | set(found.kinds)
    several = len(kinds) > 1
    count = len(found.kinds or found.infos)
    blocks = []
    for kind, infos in groupby(found.infos, key=lambda info: info.kind):
        objects = [info.object for info in infos]
        layout = Layout(
            wide=inv["output"] == "wide",
            headers=not inv["no-headers"],
            namespace=inv["all-namespaces"] and kind.namespaced,
            kind=kind.qualified if several or inv["show-kind"] else "",
            labels=inv["label-columns"],
            all_labels=inv["show-labels"],
        )
        table = _sorted(inv, _table(inv, kind, objects), count, listed=bool(found.kinds))
        blocks.append(lay_out([table], layout) if table is not None else "")
    shown = ("\n" if not inv["no-headers"] else "").join(filter(None, blocks))
    inv.say(shown)
    if not shown and not errors and not inv["ignore-not-found"]:
        here = not inv["all-namespaces"] and all(kind.namespaced for kind in kinds)
        inv.warn(f"No resources found in {inv.namespace} namespace.\n" if here else "No resources found\n")
    raise_all(errors)


def _table(inv: Invocation, kind: Kind, objects: Sequence[Object]) -> Table:
    if inv["subresource"] == "scale":
        tables = [scale_table(obj, inv.now) for obj in objects]
        return Table(tables[0].columns, tuple(row for table in tables for row in table.rows))
    definition = inv.cluster.find("customresourcedefinitions", kind.resource) if kind.custom else None
    if kind.custom:
        return make_table(kind, objects, inv.now, definition)
    if kind.stored:
        objects = [versions.kept(kind, obj) for obj in objects]
    return make_table(kind.stored or kind, objects, inv.now, definition)


def _sorted(inv: Invocation, table: Table, count: int, *, listed: bool) -> Table | None:
    """None, and so no table at all, when the field to sort by is nowhere: kubectl swallows that error. What it cannot do either
    is sort the rows of several tables (``count``): it looks for the field in the tables themselves."""
    field = inv["sort-by"]
    if not field:
        return table
    if count > 1:
        order([{}], field)
    if not listed or len(table.rows) < 2:
        return table
    try:
        return Table(table.columns, tuple(table.rows[i] for i in order([row.object for row in table.rows], field)))
    except UnsortableError as error:
        raise BareError(error.line(inv, "sorter.go:375", "[][][]reflect.Value")) from None
    except KubectlError:
        return None


# ---------------------------------------------------------------------- everything else


def _show_generic(inv: Invocation, found: Found) -> None:
    errors: list[GitOpsSimError] = list(found.errors)
    if errors and found.single:
        raise_all(errors)
    if not found.infos and inv["ignore-not-found"]:
        raise_all(errors)
        return
    show = _printer(inv)
    if found.single and len(found.infos) == 1:
        obj: Object = found.infos[0].object
    else:
        objects = [info.object for info in found.infos]
        if inv["sort-by"]:
            objects = _ordered(inv, objects)
        obj = {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects}
    show(obj)
    raise_all(errors)


def _ordered(inv: Invocation, objects: list[Object]) -> list[Object]:
    try:
        return [objects[i] for i in order(objects, inv["sort-by"])]
    except UnsortableError as error:
        raise BareError(error.line(inv, "sorter.go:329", "*unstructured.Unstructured")) from None


def _printer(inv: Invocation) -> Callable[[Object], None]:
    kind, _, spec = inv["output"].partition("=")
    if kind in custom_columns.FORMATS:
        return custom_columns.custom_columns(inv, kind, inv["template"] or spec)
    return printer_for(inv, more=_MORE_FORMATS)


COMMANDS = (
    Command(
        "get",
        get,
        "Show one or many objects",
        "(TYPE [NAME ...] | TYPE/NAME ... | -f FILE) [-o wide|yaml|json|name|jsonpath=...|custom-columns=...]",
        (
            *flags.PRINT,
            *flags.FILENAME,
            flags.SELECTOR,
            flags.FIELD_SELECTOR,
            flags.ALL_NAMESPACES,
            flags.CHUNK_SIZE,
            flags.SUBRESOURCE,
            flags.IGNORE_NOT_FOUND,
            Flag("no-headers", "bool", about="no line with the names of the columns"),
            Flag("show-labels", "bool", about="a last column with all labels"),
            Flag("label-columns", "list", short="L", about="a column for each of these labels"),
            Flag("show-kind", "bool", about="the type in front of each name"),
            Flag("sort-by", about="the field to sort by: .metadata.name"),
            Flag("watch", "bool", short="w", about="shows what is there; there is no watching here"),
            Flag("watch-only", "bool"),
            Flag("output-watch-events", "bool"),
            Flag("raw"),
            Flag("server-print", "bool", default=True),
        ),
        example="kubectl get deploy,pods -l app=web -o wide",
    ),
)
