"""``kubectl create namespace``, ``create deployment`` and others that make one object from flags.

Source: k8s.io/kubectl ``pkg/cmd/create``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gitops_sim.cluster.shapes import mapping
from gitops_sim.errors import ApiError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, values
from gitops_sim.kubectl.create import with_config
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, usage
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object, with_path

Make = Callable[[Invocation], Object]
FLAGS = (*flags.PRINT, flags.DRY_RUN, flags.VALIDATE, flags.FIELD_MANAGER, flags.SAVE_CONFIG)


def command(make: Make, failed: str = "") -> Callable[[Invocation], None]:
    """A command that creates what ``make`` makes; ``failed`` comes before an error of the server."""

    def run(inv: Invocation) -> None:
        count = len(inv.args) if inv.flags.before_dash is None else inv.flags.before_dash
        if count != 1:
            raise usage(inv.command, f"exactly one NAME is required, got {count}")
        show = printer_for(inv, "created")
        requests.level(inv)
        made = make(inv)
        try:
            show(create_made(inv, made))
        except ApiError as error:
            raise KubectlError(f"failed to create {failed} {error}") if failed else error from None

    return run


def create_made(inv: Invocation, obj: Object) -> Object:
    """Creates an object that flags described; with ``--dry-run=client`` it is only shown."""
    kind = inv.cluster.kind_of(obj)
    if kind.namespaced and inv.namespace_given:
        obj = with_path(obj, ("metadata", "namespace"), inv.namespace)
    obj = with_config(inv, obj)
    if inv.dry_run == "client":
        return obj
    namespace = inv.namespace if kind.namespaced else ""
    return requests.create(inv, Info(kind, namespace, obj["metadata"]["name"]), obj)


def _namespace(inv: Invocation) -> Object:
    if not inv.args[0]:
        raise KubectlError("name must be specified")
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": inv.args[0]}, "spec": {}, "status": {}}


def _service_account(inv: Invocation) -> Object:
    if not inv.args[0]:
        raise KubectlError("name must be specified")
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": inv.args[0]}}


def _config_map(inv: Invocation) -> Object:
    values.check(inv)
    data, binary = values.config_map_data(inv)
    fields = {"data": data, "binaryData": binary}
    filled = {field: pairs for field, pairs in fields.items() if pairs}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": inv.args[0]}, **filled}


def _secret(inv: Invocation) -> Object:
    values.check(inv)
    data = values.secret_data(inv)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": inv.args[0]}, **({"data": data} if data else {})}
    return {**secret, "type": inv["type"]} if inv["type"] else secret


def _deployment(inv: Invocation) -> Object:
    name, command = inv.args[0], inv.args[1:]
    if len(inv["image"]) > 1 and command:
        raise KubectlError("cannot specify multiple --image options and command")
    containers = [_container(inv, image, command) for image in inv["image"]]
    if containers and inv["port"] >= 0:
        containers[0]["ports"] = [{"containerPort": inv["port"]}]
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"labels": labels, "name": name},
        "spec": {
            "replicas": inv["replicas"],
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    }


def _container(inv: Invocation, image: str, command: list[str]) -> dict[str, Any]:
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    if "_" in name or "." in name:
        suffix = inv.cluster.randomness.suffix("kubectl/names/Container")
        name = f"{name.replace('_', '-').replace('.', '-')}-{suffix}"
    return {"image": image, "name": name, "resources": {}, **({"command": command} if command else {})}


def _job(inv: Invocation) -> Object:
    if bool(inv["image"]) == bool(inv["from"]):
        raise KubectlError("either --image or --from must be specified")
    name, command = inv.args[0], inv.args[1:]
    if inv["from"]:
        if command:
            raise KubectlError("cannot specify --from and command")
        return _job_of(inv, name)
    container: Mapping[str, Any] = {"image": inv["image"], "name": name, "resources": {}}
    if command:
        container = {**container, "command": command}
    template = {"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": template},
        "status": {},
    }


def _job_of(inv: Invocation, name: str) -> Object:
    """A Job by hand as a CronJob would make it."""
    info = look_up(inv, Query([inv["from"]], files=False)).all()[0]
    if info.kind.kind != "CronJob":
        raise KubectlError(f"unknown object type *{info.kind.version}.{info.kind.kind}")
    made, meta = mapping(info.object, "spec", "jobTemplate"), info.object["metadata"]
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": meta["name"], "uid": meta["uid"], "controller": True}
    labels = mapping(made, "metadata", "labels")
    annotations = {**mapping(made, "metadata", "annotations"), "cronjob.kubernetes.io/instantiate": "manual"}
    more = {"labels": labels} if labels else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, **more, "annotations": annotations, "ownerReferences": [owner]},
        "spec": mapping(made, "spec"),
        "status": {},
    }


COMMANDS = (
    Command(
        "create namespace",
        command(_namespace),
        "Create a namespace",
        "NAME",
        FLAGS,
        aliases=("ns",),
        example="kubectl create namespace shop",
    ),
    Command(
        "create serviceaccount",
        command(_service_account, "serviceaccount:"),
        "Create a service account",
        "NAME",
        FLAGS,
        aliases=("sa",),
        example="kubectl create serviceaccount robot",
    ),
    Command(
        "create configmap",
        command(_config_map, "configmap:"),
        "Create a ConfigMap",
        "NAME [--from-literal=KEY=VALUE] [--from-file=[KEY=]FILE] [--from-env-file=FILE]",
        (*FLAGS, *values.FLAGS),
        aliases=("cm",),
        example="kubectl create configmap conf --from-literal=color=blue",
    ),
    Command(
        "create secret generic",
        command(_secret, "secret"),
        "Create a Secret",
        "NAME [--from-literal=KEY=VALUE] [--from-file=[KEY=]FILE] [--from-env-file=FILE]",
        (*FLAGS, *values.FLAGS, Flag("type", about="the type of the Secret")),
        example="kubectl create secret generic db --from-literal=password=hunter2",
    ),
    Command(
        "create deployment",
        command(_deployment, "deployment:"),
        "Create a Deployment",
        "NAME --image=IMAGE [-- COMMAND ARGS...]",
        (
            *FLAGS,
            Flag("image", "list", required=True, about="the image of a container; several make several containers"),
            Flag("port", "int", default=-1, about="the port of the first container"),
            Flag("replicas", "int", short="r", default=1, about="how many Pods"),
        ),
        aliases=("deploy",),
        example="kubectl create deployment web --image=nginx:1.29 --replicas=2",
    ),
    Command(
        "create job",
        command(_job, "job:"),
        "Create a Job",
        "NAME (--image=IMAGE [-- COMMAND ARGS...] | --from=cronjob/NAME)",
        (*FLAGS, Flag("image", about="the image of its container"), Flag("from", about="cronjob/NAME: as this one would")),
        example="kubectl create job hello --image=busybox -- echo hello",
    ),
)
