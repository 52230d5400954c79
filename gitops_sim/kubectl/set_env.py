"""``kubectl set env``.

Source: k8s.io/kubectl ``pkg/cmd/set/set_env.go`` and ``pkg/cmd/set/env``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitops_sim.cluster.go_text import quoted
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.kubectl import templates
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.kubectl.values import check_variable
from gitops_sim.objects import Object

Variable = Mapping[str, Any]


@dataclass(slots=True)
class _Change:
    new: list[Variable] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)

    def apply(self, variables: Sequence[Variable]) -> list[Variable]:
        """The variables with the change made; one that is set again keeps its place."""
        done = set(self.remove)
        changed: list[Variable] = []
        for variable in variables:
            name = text(variable, "name")
            newer = next((item for item in self.new if item["name"] == name), None)
            if name not in done:
                changed.append(newer or variable)
                done |= {name} if newer else set()
        for variable in self.new:
            if variable["name"] not in done:
                changed.append(variable)
                done.add(variable["name"])
        return changed


def set_env(inv: Invocation) -> None:
    """Sets, removes and lists environment variables of containers."""
    if inv["all"] and inv["selector"]:
        raise KubectlError("cannot set --all and --selector at the same time")
    resources, words = _split(inv.args)
    show = printer_for(inv, "env updated")
    _check(inv, resources)
    change = _parse([*inv["env"], *words], inv.stdin)
    if inv["from"]:
        change.new += _imported(inv)
    if inv["prefix"]:
        change.new = [{**item, "name": f"{inv['prefix']}{item['name']}"} for item in change.new]
    infos = templates.find(inv, resources)

    def changed(info: Info) -> Object:
        containers = templates.chosen(info, inv["containers"])
        if not containers:
            inv.warn(f"Warning: {info.kind.kind}/{info.name} does not have any containers matching {quoted(inv['containers'])}\n")
        if not inv["overwrite"]:
            _refuse_overwrites(containers, change)
        return templates.with_spec(
            info, lambda spec: templates.with_containers(spec, inv["containers"], lambda item: _with_env(item, change))
        )

    if inv["list"]:
        for info in infos:
            _list(inv, info, changed(info))
        return
    raise_all(templates.Sending(show, "failed to patch env update to pod template:").run(inv, infos, changed))


def _split(args: Sequence[str]) -> tuple[list[str], list[str]]:
    resources: list[str] = []
    words: list[str] = []
    for arg in args:
        if arg.endswith("-") or arg.find("=") > 0:
            words.append(arg)
        elif words:
            raise KubectlError(f"all resources must be specified before environment changes: {' '.join(args)}")
        else:
            resources.append(arg)
    return resources, words


def _check(inv: Invocation, resources: Sequence[str]) -> None:
    if not resources and not inv["filename"]:
        raise KubectlError("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    if inv["list"] and inv["output"]:
        raise KubectlError("--list and --output may not be specified together")
    if inv["keys"] and not inv["from"]:
        raise KubectlError("when specifying --keys, a configmap or secret must be provided with --from")
    if inv["resolve"]:
        raise KubectlError("--resolve is not built in: look at the ConfigMap or the Secret itself")


def _parse(words: Sequence[str], stdin: str) -> _Change:
    change = _Change()
    for word in words:
        name, equals, value = word.partition("=")
        if word == "-":
            lines = [line.partition("#")[0] for line in stdin.splitlines()]
            change.new += [_variable(*line.split("=", 1)) for line in lines if "=" in line]
        elif equals:
            check_variable(name)
            change.new.append(_variable(name, value))
        elif word.endswith("-"):
            change.remove.append(word[:-1])
        else:
            raise KubectlError(f"unknown environment variable: {word}")
    if any(item["name"] in change.remove for item in change.new):
        raise KubectlError("can not both modify and remove the same environment variable in the same command")
    return change


def _variable(name: str, value: str) -> Variable:
    return {"name": name, "value": value} if value else {"name": name}


def _imported(inv: Invocation) -> list[Variable]:
    """References to the keys of a ConfigMap or a Secret."""
    found: list[Variable] = []
    for info in look_up(inv, Query([inv["from"]], selector=inv["selector"], everything=inv["all"], files=False)).all():
        fields = {"secret": "secretKeyRef", "configmap": "configMapKeyRef"}
        if info.kind.qualified not in fields:
            raise KubectlError("unsupported resource specified in --from")
        for key in sorted(mapping(info.object, "data")):
            if inv["keys"] and key not in inv["keys"]:
                continue
            name = re.sub(r"[^a-zA-Z0-9_]", "_", key).upper()
            if name != key:
                inv.warn(f"Warning: key {key} transferred to {name}\n")
            reference = {fields[info.kind.qualified]: {"key": key, "name": info.name}}
            found.append({"name": name, "valueFrom": reference})
    return found


def _refuse_overwrites(containers: Sequence[templates.Container], change: _Change) -> None:
    for container in containers:
        for new in change.new:
            for old in mappings(container, "env"):
                if old.get("name") == new["name"] and text(old, "value") != text(new, "value"):
                    value = text(old, "value")
                    raise KubectlError(f"'{new['name']}' already has a value ({value}), and --overwrite is false")


def _with_env(container: templates.Container, change: _Change) -> templates.Container:
    variables = change.apply(mappings(container, "env"))
    if variables:
        return {**container, "env": variables}
    return {name: value for name, value in container.items() if name != "env"}


def _list(inv: Invocation, info: Info, changed: Object) -> None:
    after = Info(info.kind, info.namespace, info.name, changed)
    for container in templates.chosen(after, inv["containers"]):
        inv.say(f"# {info.kind.kind} {info.name}, container {text(container, 'name')}\n")
        for variable in mappings(container, "env"):
            name = text(variable, "name")
            source = mapping(variable, "valueFrom")
            inv.say(f"# {name} from {_reference(source)}\n" if source else f"{name}={text(variable, 'value')}\n")


def _reference(source: Mapping[str, Any]) -> str:
    for kind, word in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        if kind in source:
            return f"{word} {text(source, kind, 'name')}, key {text(source, kind, 'key')}"
    if "fieldRef" in source:
        return f"field path {text(source, 'fieldRef', 'fieldPath')}"
    if "resourceFieldRef" in source:
        container = text(source, "resourceFieldRef", "containerName")
        return f"resource field {container + '/' if container else ''}{text(source, 'resourceFieldRef', 'resource')}"
    return "invalid valueFrom"


COMMANDS = (
    Command(
        "set env",
        set_env,
        "Set, remove or list environment variables",
        "(TYPE NAME | TYPE/NAME | -f FILE) NAME=VALUE ... NAME- ...",
        (
            *templates.FLAGS,
            templates.CHOICE,
            Flag("env", "array", short="e", about="NAME=VALUE"),
            Flag("from", about="configmap/NAME or secret/NAME: a variable for each of its keys"),
            Flag("prefix", about="put before every name"),
            Flag("keys", "list", about="only these keys"),
            Flag("list", "bool", about="show the variables"),
            Flag("resolve", "bool"),
            Flag("overwrite", "bool", default=True, about="also replace what has another value"),
        ),
        example="kubectl set env deployment/web COLOR=blue OLD-",
    ),
)
