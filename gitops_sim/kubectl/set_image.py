"""``kubectl set image``, ``set resources``, ``set serviceaccount`` and ``set selector``.

Source: k8s.io/kubectl ``pkg/cmd/set``.
"""

from __future__ import annotations

import re
from typing import Any

from gitops_sim.cluster.quantity import QuantityError, canonical
from gitops_sim.cluster.selectors import label_selector
from gitops_sim.cluster.shapes import mapping, mappings, text
from gitops_sim.errors import ApiError, GitOpsSimError
from gitops_sim.kubectl import common_flags as flags
from gitops_sim.kubectl import requests, sources, templates
from gitops_sim.kubectl.changes import send
from gitops_sim.kubectl.flags import Flag
from gitops_sim.kubectl.info import Info
from gitops_sim.kubectl.invocation import Command, Invocation
from gitops_sim.kubectl.outputs import printer_for
from gitops_sim.kubectl.pairs import parse_pairs, split_pairs
from gitops_sim.kubectl.problems import KubectlError, raise_all
from gitops_sim.kubectl.resources import Query, look_up
from gitops_sim.objects import Object, with_path


def set_image(inv: Invocation) -> None:
    """Gives containers another image."""
    show = printer_for(inv, "image updated")
    resources, pairs = split_pairs(inv.args, "image")
    images, _ = parse_pairs(pairs, "image", removable=False)
    infos = templates.find(inv, resources)
    raise_all(_image_problems(inv, resources, images))
    errors: list[GitOpsSimError] = []

    def change(info: Info) -> Object:
        spec = mapping(info.object, *templates.place_of(info.kind))
        names = {text(item, "name") for field in templates.CONTAINERS for item in mappings(spec, field)}
        errors.extend(
            KubectlError(f'error: unable to find container named "{name}"')
            for name in images
            if name not in names and not (name == "*" and names)
        )

        def with_image(container: templates.Container) -> templates.Container:
            image = images.get(text(container, "name"), images.get("*"))
            return container if image is None else {**container, "image": image}

        return templates.with_spec(info, lambda spec: templates.with_containers(spec, "*", with_image))

    sending = templates.Sending(show, "failed to patch image update to pod template:")
    failed = sending.run(inv, infos, change)
    raise_all([*errors, *failed])


def _image_problems(inv: Invocation, resources: list[str], images: dict[str, str]) -> list[GitOpsSimError]:
    problems = []
    if inv["all"] and inv["selector"]:
        problems.append("cannot set --all and --selector at the same time")
    if not resources and not sources.given(inv):
        problems.append("one or more resources must be specified as <resource> <name> or <resource>/<name>")
    if not images:
        problems.append("at least one image update is required")
    elif len(images) > 1 and "*" in images:
        problems.append("all containers are already specified by *, but saw more than one container_name=container_image pairs")
    return [KubectlError(problem) for problem in problems]


def set_resources(inv: Invocation) -> None:
    """Gives containers other requests and limits."""
    show = printer_for(inv, "resource requirements updated")
    infos = templates.find(inv, inv.args)
    if inv["all"] and inv["selector"]:
        raise KubectlError("cannot set --all and --selector at the same time")
    if not inv["limits"] and not inv["requests"]:
        raise KubectlError("you must specify an update to requests or limits (in the form of --requests/--limits)")
    wanted = {field: _amounts(inv[field]) for field in ("limits", "requests")}
    errors: list[GitOpsSimError] = []

    def with_amounts(container: templates.Container) -> templates.Container:
        resources = mapping(container, "resources")
        merged: dict[str, Any] = {field: {**mapping(resources, field), **new} for field, new in wanted.items() if new}
        return {**container, "resources": {**resources, **merged}}

    def change(info: Info) -> Object | None:
        new = templates.with_spec(info, lambda spec: templates.with_containers(spec, inv["containers"], with_amounts))
        if new == info.object and not templates.chosen(info, inv["containers"]):
            errors.append(KubectlError(f"error: unable to find container named {inv['containers']}"))
            return None
        return new

    sending = templates.Sending(show, "failed to patch resources update to pod template")
    failed = sending.run(inv, infos, change)
    raise_all([*errors, *failed])


def _amounts(spec: str) -> dict[str, str]:
    """``cpu=200m,memory=64Mi``. Raises KubectlError."""
    found = {}
    for statement in spec.split(",") if spec else ():
        name, _, value = statement.partition("=")
        if statement.count("=") != 1:
            raise KubectlError(f"invalid argument syntax {statement}, expected <resource>=<value>")
        try:
            found[name] = canonical(value)
        except QuantityError as error:
            raise KubectlError(str(error)) from None
    return found


def set_service_account(inv: Invocation) -> None:
    """Lets Pods run as another service account."""
    show = printer_for(inv, "serviceaccount updated")
    if not inv.args:
        raise KubectlError("serviceaccount is required")
    infos = templates.find(inv, inv.args[:-1])

    def change(info: Info) -> Object:
        return templates.with_spec(info, lambda spec: {**spec, "serviceAccountName": inv.args[-1]})

    raise_all(templates.Sending(show, "failed to patch ServiceAccountName", always=True).run(inv, infos, change))


def set_selector(inv: Invocation) -> None:
    """Lets a Service select other Pods."""
    selector = inv.args[-1] if inv.args else ""
    labels, expressions = _parsed(selector)
    show = printer_for(inv, "selector updated")
    if not inv.args:
        raise KubectlError("one selector is required")
    found = look_up(inv, Query(inv.args[:-1], everything=inv["all"]))
    for info in found.infos:
        if info.kind.qualified != "service":
            raise KubectlError("setting a selector is only supported for Services")
        if expressions:
            raise KubectlError(f"match expression [{' '.join(expressions)}] not supported on this object")
        new = requests.recorded(inv, with_path(info.object, ("spec", "selector"), labels))
        show(new if inv.dry_run == "client" else send(inv, info, new))
    raise_all(found.errors)


_OPERATORS = {"in": "In", "notin": "NotIn", "exists": "Exists", "absent": "DoesNotExist", "gt": "Gt", "lt": "Lt"}


def _parsed(selector: str) -> tuple[dict[str, str], list[str]]:
    """The labels of a selector, and what it asks for besides, as Go prints it. Raises KubectlError."""
    try:
        requirements = label_selector(selector).requirements
    except ApiError as error:
        raise KubectlError(f'couldn\'t parse the selector string "{selector}": {error.message}') from None
    labels, expressions = {}, []
    for term in requirements:
        if term.operator == "in" and not re.search(rf"(^|,)\s*{re.escape(term.key)}\s+in\b", selector):
            labels[term.key] = next(iter(term.values))
        else:
            expressions.append(f"{{{term.key} {_OPERATORS[term.operator]} [{' '.join(sorted(term.values))}]}}")
    return labels, expressions


COMMANDS = (
    Command(
        "set image",
        set_image,
        "Give containers another image",
        "(TYPE NAME | TYPE/NAME | -f FILE) CONTAINER=IMAGE ...",
        (*templates.FLAGS, flags.RECORD),
        example="kubectl set image deployment/web nginx=nginx:1.29",
    ),
    Command(
        "set resources",
        set_resources,
        "Give containers other requests and limits",
        "(TYPE NAME | TYPE/NAME | -f FILE) [--limits=LIMITS] [--requests=REQUESTS]",
        (
            *templates.FLAGS,
            flags.RECORD,
            templates.CHOICE,
            Flag("limits", about="cpu=200m,memory=64Mi"),
            Flag("requests", about="cpu=100m,memory=32Mi"),
        ),
        example="kubectl set resources deployment web --limits=cpu=200m,memory=64Mi",
    ),
    Command(
        "set serviceaccount",
        set_service_account,
        "Let Pods run as another service account",
        "(TYPE NAME | TYPE/NAME | -f FILE) SERVICE_ACCOUNT",
        (*(flag for flag in templates.FLAGS if flag is not flags.SELECTOR), flags.RECORD),
        aliases=("sa",),
        example="kubectl set serviceaccount deployment web robot",
    ),
    Command(
        "set selector",
        set_selector,
        "Let a Service select other Pods",
        "(TYPE NAME | TYPE/NAME | -f FILE) LABELS",
        (
            *(flag for flag in templates.FLAGS if flag is not flags.SELECTOR),
            flags.RECORD,
            Flag("resource-version"),
        ),
        example="kubectl set selector service web app=web",
    ),
)
