"""``kubectl create role``, ``create rolebinding`` and the like, and ``create token``.

Source: k8s.io/kubectl ``pkg/cmd/create/create_role.go``, ``create_rolebinding.go``, ``create_token.go``.
"""

from __future__ import annotations

from typing import Any

from gitops_sim.cluster.access.authorizer import GROUP
from gitops_sim.cluster.access.tokens import request_token
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.generate import FLAGS, command
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import BareError, KubectlError, usage
from gitops_sim.objects import Object

_API = f"{GROUP}/v1"


def _rules(inv: Invocation) -> list[dict[str, Any]]:
    verbs = list(dict.fromkeys(inv["verb"]))
    if not verbs:
        raise KubectlError("at least one verb must be specified")
    if "*" in verbs:
        verbs = ["*"]
    if not inv["resource"]:
        raise KubectlError("at least one resource must be specified")
    names = {"resourceNames": list(dict.fromkeys(inv["resource-name"]))} if inv["resource-name"] else {}
    groups: dict[str, list[str]] = {}
    for text in inv["resource"]:
        plain, _, sub = text.partition("/")
        if plain == "*":
            found, group = "*", "*"
        else:
            kind = inv.cluster.kinds.find(plain)
            if kind is None:
                raise BareError(f'the server doesn\'t have a resource type "{plain.partition(".")[0]}"')
            found, group = kind.plural, kind.group
        resource = f"{found}/{sub}" if sub else found
        listed = groups.setdefault(group, [])
        if resource not in listed:
            listed.append(resource)
    return [{"apiGroups": [group], "resources": listed, **names, "verbs": verbs} for group, listed in groups.items()]


def _role(inv: Invocation) -> Object:
    return {"apiVersion": _API, "kind": "Role", "metadata": {"name": inv.args[0]}, "rules": _rules(inv)}


def _cluster_role(inv: Invocation) -> Object:
    role: dict[str, Any] = {"apiVersion": _API, "kind": "ClusterRole", "metadata": {"name": inv.args[0]}}
    if inv["aggregation-rule"]:
        if inv["verb"] or inv["resource"] or inv["non-resource-url"]:
            raise KubectlError("aggregation rule must be specified without nonResourceURLs, resources or resourceNames")
        labels = dict(pair.partition("=")[::2] for pair in inv["aggregation-rule"])
        return {**role, "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]}, "rules": []}
    urls = inv["non-resource-url"]
    if urls:
        if not inv["verb"]:
            raise KubectlError("at least one verb must be specified")
        rules: list[dict[str, Any]] = [{"nonResourceURLs": list(urls), "verbs": list(inv["verb"])}]
        return {**role, "rules": [*(_rules(inv) if inv["resource"] else []), *rules]}
    return {**role, "rules": _rules(inv)}


def _role_binding(inv: Invocation) -> Object:
    if bool(inv["clusterrole"]) == bool(inv["role"]):
        raise KubectlError("exactly one of clusterrole or role must be specified")
    return _binding(inv, "RoleBinding", "Role" if inv["role"] else "ClusterRole", inv["role"] or inv["clusterrole"])


def _cluster_role_binding(inv: Invocation) -> Object:
    return _binding(inv, "ClusterRoleBinding", "ClusterRole", inv["clusterrole"])


def _binding(inv: Invocation, kind: str, role_kind: str, role: str) -> Object:
    subjects: list[dict[str, Any]] = [{"apiGroup": GROUP, "kind": "User", "name": name} for name in inv["user"]]
    subjects += [{"apiGroup": GROUP, "kind": "Group", "name": name} for name in inv["group"]]
    for text in inv["serviceaccount"]:
        namespace, colon, name = text.partition(":")
        if not colon or not namespace or not name or ":" in name:
            raise KubectlError("serviceaccount must be <namespace>:<name>")
        subjects.append({"kind": "ServiceAccount", "name": name, "namespace": namespace})
    made: dict[str, Any] = {
        "apiVersion": _API,
        "kind": kind,
        "metadata": {"name": inv.args[0]},
        "roleRef": {"apiGroup": GROUP, "kind": role_kind, "name": role},
    }
    return {**made, "subjects": subjects} if subjects else made


def token(inv: Invocation) -> None:
    """Asks for a token of a ServiceAccount and prints it."""
    if len(inv.args) != 1:
        raise usage(inv.command, f"exactly one NAME is required, got {len(inv.args)}")
    spec: dict[str, Any] = {"audiences": list(inv["audience"])}
    if inv["duration"]:
        spec["expirationSeconds"] = int(inv["duration"])
    kind = inv.cluster.kind("serviceaccounts")
    inv.cluster.authorize("create", kind, inv.args[0], inv.namespace, "token")
    answer = request_token(inv.cluster, inv.namespace, inv.args[0], {"spec": spec})
    if inv["output"]:
        printer_for(inv)(answer)
    else:
        inv.say(f"{answer['status']['token']}\n")


_RULE_FLAGS = (
    Flag("verb", "list", about="what may be done"),
    Flag("resource", "list", about="types of objects, with a subresource: pods/log"),
    Flag("resource-name", "array", about="only objects with this name"),
)
_SUBJECT_FLAGS = (
    Flag("user", "array", about="a user"),
    Flag("group", "array", about="a group"),
    Flag("serviceaccount", "array", about="NAMESPACE:NAME"),
)
COMMANDS = (
    Command(
        "create role",
        command(_role, "role:"),
        "Create a role",
        "NAME --verb=VERB --resource=TYPE",
        (*FLAGS, *_RULE_FLAGS),
        example="kubectl create role reader --verb=get,list --resource=pods",
    ),
    Command(
        "create clusterrole",
        command(_cluster_role, "clusterrole:"),
        "Create a role of the whole cluster",
        "NAME --verb=VERB --resource=TYPE",
        (*FLAGS, *_RULE_FLAGS, Flag("non-resource-url", "list", about="a path"), Flag("aggregation-rule", "list")),
        example="kubectl create clusterrole reader --verb=get,list --resource=nodes",
    ),
    Command(
        "create rolebinding",
        command(_role_binding, "rolebinding:"),
        "Bind a role in a namespace",
        "NAME --role=NAME|--clusterrole=NAME [--user=NAME] [--group=NAME] [--serviceaccount=NAMESPACE:NAME]",
        (*FLAGS, Flag("role", about="the role"), Flag("clusterrole", about="the role of the cluster"), *_SUBJECT_FLAGS),
        example="kubectl create rolebinding readers --role=reader --serviceaccount=ci:deployer",
    ),
    Command(
        "create clusterrolebinding",
        command(_cluster_role_binding, "clusterrolebinding:"),
        "Bind a role everywhere",
        "NAME --clusterrole=NAME [--user=NAME] [--group=NAME] [--serviceaccount=NAMESPACE:NAME]",
        (*FLAGS, Flag("clusterrole", required=True, about="the role of the cluster"), *_SUBJECT_FLAGS),
        example="kubectl create clusterrolebinding admins --clusterrole=cluster-admin --user=ana",
    ),
    Command(
        "create token",
        token,
        "Ask for a token of a service account",
        "NAME",
        (
            Flag("output", short="o"),
            Flag("template"),
            Flag("show-managed-fields", "bool"),
            Flag("allow-missing-template-keys", "bool", default=True),
            Flag("audience", "list", about="for whom it is meant"),
            Flag("duration", "duration", about="how long it holds: 1h"),
        ),
        example="kubectl create token deployer --duration=1h",
    ),
)
