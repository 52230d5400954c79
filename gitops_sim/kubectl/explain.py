"""``kubectl explain``: which fields a kind has, from the cluster's OpenAPI documents.

Source: k8s.io/kubectl ``pkg/cmd/explain`` and ``pkg/explain/v2``; compared with the real kubectl in tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitops_sim.cluster import openapi
from gitops_sim.cluster.kinds import Kind
from gitops_sim.kubectl.common_flags import LIST_TYPES
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.problems import BareError, KubectlError
from gitops_sim.kubectl.schema_text import SchemaText

_OTHER_FORMAT = "plaintext-openapiv2"


def explain(inv: Invocation) -> None:
    """Describes a kind, or a field of it: ``deployment.spec.strategy``."""
    if not inv.args:
        raise KubectlError(f"You must specify the type of resource to explain. {LIST_TYPES}\n")
    if len(inv.args) > 1:
        raise KubectlError("We accept only this format: explain RESOURCE\n")
    kind, path = _asked(inv, inv.args[0])
    if inv["output"] == _OTHER_FORMAT:
        raise KubectlError(f"this kubectl has no format {_OTHER_FORMAT}; leave --output away")
    group, version = _version(inv["api-version"]) if inv["api-version"] else (kind.group, kind.version)
    place = f"{group}/{version}, Resource={kind.plural}"
    if (f"apis/{group}/{version}" if group else f"api/{version}") not in openapi.names(inv.cluster):
        raise KubectlError(f'couldn\'t find resource for "{place}"')
    document = openapi.document(inv.cluster, group, version)
    if inv["output"] != "plaintext":
        raise KubectlError(f"unrecognized format: {inv['output']}")
    identity = _identity(document, group, version, kind.plural)
    if identity is None:
        raise KubectlError(f"GVR ({place}) not found in OpenAPI schema")
    inv.say(f"GROUP:      {group}\n" if group else "")
    inv.say(f"KIND:       {identity['kind']}\nVERSION:    {identity['version']}\n\n")
    schemas = document["components"]["schemas"].values()
    schema = next(schema for schema in schemas if identity in (schema.get("x-kubernetes-group-version-kind") or ()))
    text = SchemaText(document, recursive=inv["recursive"]).of(schema, path)
    if not text:
        raise KubectlError(f'field "{path[-1]}" does not exist')
    inv.say(text + "\n")


def _asked(inv: Invocation, argument: str) -> tuple[Kind, list[str]]:
    """The kind and the path below it, from ``deployments.apps.spec`` or ``deploy.spec``. A group is only looked for behind the
    full plural."""
    wanted = argument.removesuffix(".")
    name, _, rest = wanted.partition(".")
    found = inv.cluster.kinds.find(name)
    if found is None:
        raise BareError(f'the server doesn\'t have a resource type "{name}"')
    if wanted.startswith(found.resource) and not inv["api-version"]:
        rest = wanted.removeprefix(found.resource).lstrip(".")
    return found, rest.split(".") if rest else []


def _version(text: str) -> tuple[str, str]:
    if text.count("/") > 1:
        raise KubectlError(f"unexpected GroupVersion string: {text}")
    group, _, version = text.rpartition("/")
    return group, version


def _identity(document: Mapping[str, Any], group: str, version: str, plural: str) -> Mapping[str, str] | None:
    """Group, version and kind of what the paths of the document call by this plural."""
    base = f"/apis/{group}/{version}" if group else f"/api/{version}"
    for place in (base, f"{base}/namespaces/{{namespace}}"):
        for operation in (document["paths"].get(f"{place}/{plural}") or {}).values():
            if isinstance(operation, Mapping):
                identity: Mapping[str, str] = operation["x-kubernetes-group-version-kind"]
                return identity
    return None


COMMANDS = (
    Command(
        "explain",
        explain,
        "Say which fields a kind has, and what they mean",
        "TYPE[.FIELD[.FIELD]]",
        (
            Flag("recursive", "bool", about="the names of all fields, without descriptions"),
            Flag("api-version", about="the version to look at: autoscaling/v1"),
            Flag("output", default="plaintext"),
        ),
        example="kubectl explain deployment.spec.strategy",
    ),
)
