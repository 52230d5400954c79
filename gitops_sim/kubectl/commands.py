"""Every command there is, and those of the real kubectl that are left out."""

from __future__ import annotations

from gitops_sim.kubectl import (
    apply,
    auth,
    autoscale,
    create,
    delete,
    describe,
    diff,
    drain,
    events,
    explain,
    expose,
    generate,
    generate_access,
    generate_limits,
    generate_services,
    get,
    kustomize,
    label,
    logs,
    patch,
    rollout,
    run,
    scale,
    server,
    set_env,
    set_image,
    taint,
    top,
    waiting,
)

COMMANDS = tuple(
    command
    for module in (
        *(
            apply,
            auth,
            autoscale,
            create,
            generate,
            generate_access,
            generate_limits,
            generate_services,
            delete,
            describe,
            diff,
            drain,
            events,
            explain,
            expose,
            get,
            kustomize,
            label,
            logs,
            patch,
            rollout,
            run,
            scale,
        ),
        *(server, set_env, set_image, taint, top, waiting),
    )
    for command in module.COMMANDS
)
GROUPS = ("auth", "config", "create secret", "create service", "rollout", "set", "top")
"""Words that only introduce other commands."""

_NO_SHELL = "nothing runs inside the simulated Pods"
NOT_BUILT_IN = {
    "edit": "there is no editor here; change the manifest and use 'kubectl apply', or use 'kubectl patch'",
    **dict.fromkeys(("attach", "cp", "debug", "exec", "port-forward", "proxy"), _NO_SHELL),
    "certificate": "nobody signs certificates here",
    **dict.fromkeys(
        ("alpha", "api-versions", "cluster-info", "completion", "options", "plugin"), "it has nothing to do with the cluster"
    ),
}
"""Commands of the real kubectl that are left out, and why."""

_REAL = """
create expose run set explain get edit delete rollout scale autoscale certificate cluster-info top cordon uncordon drain taint
describe logs attach exec port-forward proxy cp auth debug events diff apply patch replace wait kustomize label annotate
completion alpha plugin api-resources api-versions config options version
"""
REAL_ORDER = tuple(_REAL.split())
"""All commands of the real kubectl, in the order in which it suggests them."""
