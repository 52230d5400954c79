"""``kubectl events``.

Source: k8s.io/kubectl ``pkg/cmd/events``.
"""

from __future__ import annotations

from gitops_sim.cluster.ages import moment
from gitops_sim.cluster.shapes import text
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl.describe.page import interval
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import BareError, KubectlError
from gitops_sim.kubectl.resources import kind_named
from gitops_sim.kubectl.table_printer import terminal_safe
from gitops_sim.kubectl.tabwriter import align
from gitops_sim.objects import Object


def events(inv: Invocation) -> None:
    """Lists what happened, oldest first."""
    wanted = _fields(inv)
    show = printer_for(inv) if inv["output"] else None
    types = {name.lower() for name in inv["types"]}
    if types - {"normal", "warning"}:
        raise KubectlError("valid --types are Normal or Warning")
    everywhere = inv["all-namespaces"]
    found = inv.cluster.list("events", "" if everywhere else inv.namespace, fields=wanted)
    found = [event for event in found if not types or text(event, "type").lower() in types]
    if not found:
        inv.warn("No events found.\n" if everywhere else f"No events found in {inv.namespace} namespace.\n")
        return
    found.sort(key=_time)
    if show is None:
        inv.say(_table(inv, found))
    elif inv["output"].lower() != "name":  # the real one has no names for its lists either, and says nothing
        show({"apiVersion": "v1", "items": found, "kind": "EventList", "metadata": {}})


def _fields(inv: Invocation) -> str:
    """The field selector for ``--for TYPE/NAME``."""
    about = inv["for"]
    if not about:
        return ""
    if "/" not in about:
        raise KubectlError("--for must be in resource/name form")
    if about.count("/") > 1:
        raise KubectlError("arguments in resource/name form may not have more than one slash")
    resource, _, name = about.partition("/")
    try:
        kind = kind_named(inv, resource)
    except KubectlError as error:
        raise BareError(str(error)) from None
    if not name:
        return ""
    terms = (("kind", kind.kind), ("apiVersion", kind.api_version), ("name", name))
    return ",".join(f"involvedObject.{field}={_escaped(value)}" for field, value in terms)


def _escaped(value: str) -> str:
    for sign in "\\,=":
        value = value.replace(sign, f"\\{sign}")
    return value


def _time(event: Object) -> float:
    last = text(event, "series", "lastObservedTime") or text(event, "lastTimestamp") or text(event, "eventTime")
    return moment(last) or 0.0


def _table(inv: Invocation, found: list[Object]) -> str:
    everywhere = inv["all-namespaces"]
    lines = [] if inv["no-headers"] else [["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]]
    if lines and everywhere:
        lines[0].insert(0, "NAMESPACE")
    for event in found:
        about = f"{text(event, 'involvedObject', 'kind')}/{text(event, 'involvedObject', 'name')}"
        cells = [text(event, "type"), text(event, "reason"), about, text(event, "message").strip()]
        line = [interval(event, inv.now), *map(terminal_safe, cells)]
        lines.append([text(event, "metadata", "namespace"), *line] if everywhere else line)
    return align("".join("\t".join(line) + "\n" for line in lines), minwidth=6, padding=3)


COMMANDS = (
    Command(
        "events",
        events,
        "List what happened",
        "[--for TYPE/NAME] [--types=Normal,Warning]",
        (
            *flags.PRINT,
            flags.ALL_NAMESPACES,
            flags.CHUNK_SIZE,
            Flag("for", about="only about this object: TYPE/NAME"),
            Flag("types", "list", about="Normal, Warning"),
            Flag("no-headers", "bool", about="without the line of headers"),
            Flag("watch", "bool", short="w"),
        ),
        example="kubectl events --for deployment/web",
    ),
)
